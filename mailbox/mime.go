package mailbox

import (
	"bytes"
	"strings"
)

// Limits that are of no interest to an admin.
const (
	reportBytes   = 256 << 10 // kept of the text of a report
	preambleBytes = 64 << 10  // kept of the text in front of the first part
	textBlocks    = 4         // times Limits.Text that all text of a mail may take
	maxRescans    = 3         // times that a part of the mail is read again for a boundary that was never declared
)

// walker reads the MIME tree of a mail in one pass, without recursion: the entities that are open lie on a stack.
type walker struct {
	in     *lines
	lim    Limits
	faults *defects
	head   headerReader
	open   frames
	leafOf sink
	pre    []byte // text in front of the first part of the innermost multipart

	parts   int     // recorded so far
	opened  int     // message/rfc822 parts opened so far
	budget  int64   // bytes of text that may still be kept
	hasText bool    // some text was kept
	told    [3]bool // limits that were named in the defects already
	rescans int
	level   int // messages inside encoded messages
}

// event is why a piece of a mail ended: its end, or the boundary of the multipart open.list[at].
type event struct {
	eof     bool
	at      int
	closing bool
}

// usualText is room for the text of most mails.
const usualText = 8 << 10

func newWalker(in *lines, b *buffers, lim Limits, faults *defects) *walker {
	return &walker{
		in: in, lim: lim, faults: faults, budget: textBlocks * lim.Text,
		head:   headerReader{in: in, lim: lim, faults: faults, buf: b.head, spans: b.spans},
		leafOf: sink{buf: room(b.leaf, int(min(in.size, usualText)))},
		pre:    b.pre[:0],
	}
}

// run reads the whole mail into m.
func (w *walker) run(m *Message) {
	ev := w.entity(m, 0, true, false)
	for !ev.eof {
		w.popTo(ev.at + 1)
		if w.parts >= w.lim.Parts && w.hasText {
			w.tell(1, "mime: more than %d parts", w.lim.Parts)
			break
		}
		f := &w.open.list[ev.at]
		if ev.closing {
			ev = w.skip()
			continue
		}
		f.children++
		ev = w.entity(f.msg, f.depth, false, f.digest)
	}
	if ev.eof && len(w.open.list) > 0 && w.unclosed(0) {
		w.faults.add("mime: closing boundary missing")
	}
	w.popTo(0)
	if w.in.err != nil {
		w.faults.addf("read: %v", w.in.err)
	}
}

// unclosed tells whether a multipart from frame at on waits for its closing boundary.
func (w *walker) unclosed(at int) bool {
	for _, f := range w.open.list[at:] {
		if f.boundary != "" && !f.closed {
			return true
		}
	}
	return false
}

// popTo closes the entities above the first n.
func (w *walker) popTo(n int) {
	for len(w.open.list) > n {
		f := w.open.pop()
		if f.inner != nil {
			f.msg.Parts[f.part].Size = max(w.in.offset()-f.from, 0)
			w.finish(f.inner)
		}
	}
}

// entity reads one entity from its header on, and returns why it ended. An entity that holds others ends where the first
// of them begins.
func (w *walker) entity(m *Message, depth int, top, digest bool) event {
	for {
		record := w.recordable()
		kept, total := w.head.kept, w.head.total
		w.head.brief = !record
		h := w.head.read(top)
		p := newPart(h, digest, w.faults)
		if top {
			m.Header = h
			if len(w.open.list) == 0 {
				w.head.hint = p.Params["charset"]
			}
		}
		p.Depth = depth
		if !record {
			w.head.kept, w.head.total = kept, total
		}
		switch {
		case p.multipart() && len(w.open.list) < maxStack:
			return w.multipart(m, p, record)
		case p.isMessage() && p.identity() && record && w.mayOpen():
			inner := w.message(m, p)
			m, depth, top, digest = inner, 0, true, false
			continue
		case p.isMessage() && p.identity() && !w.hasText: // too many of them: only its text is looked for
			w.add(m, p, record)
			depth, top, digest = depth+1, false, false
			continue
		}
		return w.leaf(m, p, record)
	}
}

// recordable tells whether one more part fits into the limits.
func (w *walker) recordable() bool {
	if len(w.open.list) >= w.lim.Depth {
		w.tell(0, "mime: nested deeper than %d", w.lim.Depth)
		return false
	}
	if w.parts >= w.lim.Parts {
		w.tell(1, "mime: more than %d parts", w.lim.Parts)
		return false
	}
	return true
}

// tell names a limit that was passed, once: a monster passes it a million times.
func (w *walker) tell(which int, format string, limit int) {
	if !w.told[which] {
		w.told[which] = true
		w.faults.addf(format, limit)
	}
}

func (w *walker) mayOpen() bool {
	if w.opened+w.level >= w.lim.Forwarded {
		w.tell(2, "mime: more than %d messages inside", w.lim.Forwarded)
		return false
	}
	return true
}

// add records p as a part of m and returns its index, or -1.
func (w *walker) add(m *Message, p Part, record bool) int {
	if !record {
		return -1
	}
	w.parts++
	m.Parts = append(m.Parts, p)
	return len(m.Parts) - 1
}

// message opens a message inside m.
func (w *walker) message(m *Message, p Part) *Message {
	w.opened++
	inner := &Message{}
	p.Attachment = true
	i := w.add(m, p, true)
	m.Forwarded = append(m.Forwarded, inner)
	w.open.push(frame{msg: m, part: i, inner: inner, from: w.in.here()})
	return inner
}

// multipart opens a multipart and reads on to its first part.
func (w *walker) multipart(m *Message, p Part, record bool) event {
	b := p.boundary()
	if b == "" {
		w.faults.add("mime: multipart without a boundary")
	}
	f := frame{boundary: b, msg: m, depth: p.Depth + 1, digest: p.Type == "multipart/digest"}
	f.part = w.add(m, p, record)
	w.open.push(f)
	return w.preamble()
}

// preamble reads up to the first part of the innermost multipart. Where its boundary never comes, another one that
// stands in front of MIME fields is taken for it; where there is none, the text is the text.
func (w *walker) preamble() event {
	own := len(w.open.list) - 1
	w.pre = w.pre[:0]
	var other string
	var otherAt int64
	for w.in.next() {
		b := w.in.line
		if w.in.start && len(b) > 2 && b[0] == '-' && b[1] == '-' {
			if at, closing, ok := w.open.match(b); ok {
				if at < own || closing && at == own {
					w.textOfPreamble(own)
				}
				return event{at: at, closing: closing}
			}
			if other == "" && len(b) < maxBoundary && startsContent(w.in.peek(64)) {
				other, otherAt = string(bytes.TrimRight(w.in.line[2:], " \t")), w.in.offset()
				if w.open.list[own].boundary == "" {
					return w.adopt(other, own)
				}
			}
		}
		if len(w.pre) < preambleBytes {
			w.pre = append(append(w.pre, w.in.line...), '\n')
		}
	}
	if other != "" && w.rescans < maxRescans {
		w.rescans++
		w.in.seek(otherAt)
		w.in.next()
		return w.adopt(other, own)
	}
	w.textOfPreamble(own)
	return event{eof: true}
}

// adopt takes an undeclared boundary for that of the innermost multipart.
func (w *walker) adopt(boundary string, own int) event {
	w.faults.add("mime: parts under a boundary that was not declared")
	w.open.rename(boundary)
	return event{at: own}
}

// startsContent tells whether b begins with a MIME field.
func startsContent(b []byte) bool {
	return len(b) >= 8 && bytes.EqualFold(b[:8], []byte("content-"))
}

// textOfPreamble keeps the text of a multipart that has no parts.
func (w *walker) textOfPreamble(own int) {
	f := &w.open.list[own]
	if len(bytes.TrimSpace(w.pre)) == 0 { // a returned header, as a rule
		return
	}
	w.faults.add("mime: multipart without parts")
	raw := bytes.TrimSuffix(w.pre, nl)
	if f.part < 0 {
		w.keepText(f.msg, Part{Depth: f.depth, Type: "text/plain", Size: int64(len(raw))}, raw, false)
		return
	}
	p := &f.msg.Parts[f.part]
	text, used, fault := toUTF8(raw, p.Params["charset"])
	w.faults.add(fault)
	p.Text, p.Charset, p.Size = text, used, int64(len(raw))
	w.budget -= int64(len(text))
	w.hasText = true
}

// skip reads over what follows a closing boundary. Text there is kept when the mail has none besides.
func (w *walker) skip() event {
	at := len(w.open.list) - 1
	w.open.list[at].closed = true
	w.pre = w.pre[:0]
	for w.in.next() {
		b := w.in.line
		if w.in.start && len(b) > 2 && b[0] == '-' && b[1] == '-' {
			if at, closing, ok := w.open.match(b); ok {
				w.epilogue()
				return event{at: at, closing: closing}
			}
		}
		if len(w.pre) < preambleBytes {
			w.pre = append(append(w.pre, b...), '\n')
		}
	}
	w.epilogue()
	return event{eof: true}
}

func (w *walker) epilogue() {
	if len(bytes.TrimSpace(w.pre)) == 0 {
		return
	}
	w.faults.add("mime: text behind the closing boundary")
	if w.hasText {
		return
	}
	f := &w.open.list[len(w.open.list)-1]
	p := Part{Depth: f.depth, Type: "text/plain", Size: int64(len(w.pre))}
	w.keepText(f.msg, p, bytes.TrimSuffix(w.pre, nl), true)
}

// leaf reads the body of a part that holds no others.
func (w *walker) leaf(m *Message, p Part, record bool) event {
	p.Attachment = w.isAttachment(m, &p)
	keep := w.keepBytes(&p)
	if !record && (w.hasText || !textKind(&p)) {
		keep = 0
	}
	charset := canonicalCharset(p.Params["charset"])
	wide := strings.HasPrefix(charset, "utf-16") || strings.HasPrefix(charset, "utf-32")
	w.leafOf.reset(p.Encoding, keep, strings.HasPrefix(p.Type, "text/"), wide)
	ev := event{eof: true}
	for w.in.next() {
		b := w.in.line
		if len(b) > 2 && b[0] == '-' && b[1] == '-' && w.in.start && len(w.open.list) > 0 {
			if at, closing, ok := w.open.match(b); ok {
				ev = event{at: at, closing: closing}
				break
			}
		}
		w.leafOf.feed(w.in)
	}
	w.leafOf.finish(!ev.eof, w.faults)
	if w.leafOf.enc != p.Encoding {
		w.faults.add("base64: the text is not base64")
		p.Encoding = w.leafOf.enc
	}
	p.Size = w.leafOf.size
	if ev.eof && p.Size == 0 && len(p.Header) == 0 && len(w.open.list) > 0 {
		return ev // a boundary as the last line, not written as a closing one
	}
	w.content(m, p, record, wide)
	return ev
}
