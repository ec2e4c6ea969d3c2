package mailbox

import (
	"bytes"
	"strings"
)

// textKind tells whether the part can be words of a person. A multipart that turned out to hold no parts can.
func textKind(p *Part) bool {
	if p.multipart() {
		return p.Text != ""
	}
	if p.Attachment || !strings.HasPrefix(p.Type, "text/") {
		return false
	}
	switch p.Type {
	case "text/calendar", "text/rfc822-headers", "text/css", "text/javascript", "text/x-vcard", "text/vcard", "text/directory", "text/x-amp-html", "text/csv":
		return false
	}
	return true
}

// isAttachment tells whether a leaf is a file rather than text to read: whatever says so, whatever is no text, and text
// with a file name that is not the first text of the mail and not one of its alternatives.
func (w *walker) isAttachment(m *Message, p *Part) bool {
	alone := p.Depth == 0 && p.Name == ""
	if !strings.HasPrefix(p.Type, "text/") {
		return !p.reportText()
	}
	if p.Type == "text/rfc822-headers" || p.Type == "text/calendar" {
		return p.Disposition == "attachment"
	}
	if p.Disposition == "attachment" {
		return !alone
	}
	if p.Name == "" || w.inAlternative() {
		return false
	}
	for i := range m.Parts {
		if strings.HasPrefix(m.Parts[i].Type, "text/") && !m.Parts[i].Attachment {
			return true
		}
	}
	return p.Type != "text/plain" && p.Type != "text/html" && p.Disposition != "inline"
}

// inAlternative tells whether the part that is read next is one form of a text, whatever name it has.
func (w *walker) inAlternative() bool {
	n := len(w.open.list)
	if n == 0 || w.open.list[n-1].part < 0 {
		return false
	}
	f := &w.open.list[n-1]
	return f.inner == nil && f.msg.Parts[f.part].Type == "multipart/alternative"
}

// keepBytes is how many decoded bytes of a leaf are worth keeping.
func (w *walker) keepBytes(p *Part) int {
	limit := min(w.lim.Text, w.budget)
	switch {
	case p.reportText():
		limit = min(limit, reportBytes)
	case p.calendar(), p.tnef(), p.isMessage() && !p.identity(), strings.HasPrefix(p.Type, "text/") && p.Disposition != "attachment", strings.HasPrefix(p.Type, "text/") && !p.Attachment:
	default:
		limit = 0
	}
	return int(max(limit, 0))
}

// content does with the bytes of a leaf what its type asks for, and records it.
func (w *walker) content(m *Message, p Part, record, wide bool) {
	raw := w.leafOf.buf
	if w.leafOf.over && w.leafOf.max > 0 {
		w.faults.add("text: longer than is read")
	}
	switch {
	case w.leafOf.max == 0:
		if record {
			w.add(m, p, true)
		}
	case p.isMessage():
		w.add(m, p, record)
		w.budget -= int64(len(raw))
		w.encodedMessage(m, raw)
	case p.tnef():
		w.add(m, p, record)
		w.openTNEF(m, raw, p.Depth+1)
	default:
		if !wide {
			raw = foldEnds(raw)
		}
		w.keepText(m, p, raw, record)
	}
}

// keepText decodes the text of a part and records it. A part beyond the limits is recorded only as the one text that the
// mail has.
func (w *walker) keepText(m *Message, p Part, raw []byte, record bool) {
	text, used, fault := toUTF8(raw, w.charsetOf(&p, raw))
	if strings.IndexByte(text, '\r') >= 0 {
		text = string(foldEnds([]byte(text)))
	}
	if bytes.IndexByte(raw, 0) >= 0 && !strings.HasPrefix(used, "utf-16") && !strings.HasPrefix(used, "utf-32") {
		w.faults.add("text: NUL byte")
	}
	words := textKind(&p) && strings.TrimSpace(text) != ""
	if !record && (w.hasText || !words) {
		return
	}
	w.faults.add(fault)
	var files []uuFile
	if p.Type == "text/plain" && words {
		text, files = cutUU(text)
	}
	p.Text, p.Charset = text, used
	w.budget -= int64(len(text))
	w.hasText = w.hasText || words
	w.add(m, p, true)
	for _, f := range files {
		if w.recordable() {
			w.add(m, Part{Depth: p.Depth + 1, Type: "application/octet-stream", Encoding: "x-uuencode", Name: safeFileName(f.name), Size: f.size, Attachment: true}, true)
		}
	}
}

// charsetOf is the charset that a part says it is in. HTML may say so in its own head only.
func (w *walker) charsetOf(p *Part, raw []byte) string {
	if c := p.Params["charset"]; c != "" || p.Type != "text/html" {
		return c
	}
	head := bytes.ToLower(raw[:min(len(raw), 1024)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	c := bytes.TrimLeft(head[i+len("charset="):], `"' `)
	if j := bytes.IndexAny(c, "\"' />;"); j >= 0 {
		c = c[:j]
	}
	return string(c)
}

// encodedMessage reads a message that lies in the mail under a transfer encoding, which RFC 2046 forbids and Exchange
// writes.
func (w *walker) encodedMessage(m *Message, raw []byte) {
	w.faults.add("mime: message under a transfer encoding")
	if w.level >= 3 || !w.mayOpen() {
		return
	}
	w.opened++
	own := bytes.Clone(raw)
	b := spareBuffers.Get().(*buffers)
	in := newWalker(b.lines(bytes.NewReader(own), int64(len(own))), b, w.lim, w.faults)
	in.level, in.opened, in.parts, in.hasText = w.level+1, w.opened, w.parts, true
	in.budget, in.head.kept, in.head.total = w.budget, w.head.kept, w.head.total
	inner := &Message{}
	in.run(inner)
	in.finish(inner)
	w.opened, w.parts = in.opened, in.parts
	w.budget, w.head.kept, w.head.total = in.budget, in.head.kept, in.head.total
	m.Forwarded = append(m.Forwarded, inner)
	b.release(in)
}
