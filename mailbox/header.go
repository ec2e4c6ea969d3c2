package mailbox

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// span is where a field lies in the bytes of its header block.
type span struct{ name0, name1, val0, val1 int }

// blocks is how many times the limits of one header block all blocks of a mail may hold together.
const blocks = 4

// headerReader collects header blocks. Its buffers are reused from block to block.
type headerReader struct {
	in     *lines
	lim    Limits
	faults *defects
	hint   string // charset of raw 8-bit values, when something is known of it

	buf    []byte
	spans  []span
	open   bool  // a field is being read
	cutAt  int   // where its middle was cut out, 0 when it was not
	kept   int64 // bytes of all blocks so far
	fields int   // of this block
	total  int   // fields of all blocks so far
	brief  bool  // only the MIME fields are wanted
	told   bool  // that a limit was passed
}

// read reads a header block up to its blank line, or up to what can be no header line. top says that it is the header of
// a message.
func (h *headerReader) read(top bool) Header {
	h.buf, h.spans, h.open, h.fields = h.buf[:0], h.spans[:0], false, 0
	first := true
	for h.in.next() {
		if !h.in.start {
			h.extend(h.in.line)
			continue
		}
		if h.line(top, first) {
			break
		}
		first = false
	}
	h.close()
	return h.build()
}

// line takes one line and reports whether the header has ended.
func (h *headerReader) line(top, first bool) bool {
	b := h.in.line
	switch {
	case len(b) == 0:
		return true
	case b[0] == ' ' || b[0] == '\t':
		return h.folded(b)
	case b[0] == '-' && len(b) > 2 && b[1] == '-':
		h.in.unread()
		h.faults.add("header: ends without a blank line")
		return true
	}
	if n, v, ok := splitField(b); ok {
		h.begin(b[:n], b[v:])
		return false
	}
	if first && top && (bytes.HasPrefix(b, []byte("From ")) || bytes.HasPrefix(b, []byte(">From "))) {
		h.faults.add("header: mbox From line at the head")
		return false
	}
	return h.noColon()
}

// noColon decides about a line that is no field: passed over when fields follow it, else the body has begun.
func (h *headerReader) noColon() bool {
	line := h.in.nth
	if knownField(h.in.peek(256)) {
		h.faults.addf("header: line %d has no colon", line)
		return false
	}
	h.in.unread()
	h.faults.addf("header: ends at line %d without a blank line", line)
	return true
}

// folded takes a line that begins with white space.
func (h *headerReader) folded(b []byte) bool {
	t := bytes.TrimLeft(b, " \t")
	if len(t) == 0 {
		return !headerGoesOn(h.in.peek(256))
	}
	if !h.open {
		if n, v, ok := splitField(t); ok {
			h.faults.add("header: white space before the first field")
			h.begin(t[:n], t[v:])
			return false
		}
		h.in.unread()
		h.faults.addf("header: ends at line %d without a blank line", h.in.nth+1)
		return true
	}
	h.extend([]byte{' '})
	h.extend(t)
	return false
}

// headerGoesOn tells whether what follows a line of white space is still header.
func headerGoesOn(next []byte) bool {
	if len(next) == 0 {
		return false
	}
	if next[0] == ' ' || next[0] == '\t' {
		return len(bytes.TrimLeft(next, " \t\r\n")) > 0 && knownFieldAfterFold(next)
	}
	return knownField(next)
}

func knownFieldAfterFold(next []byte) bool {
	i := bytes.IndexByte(next, '\n')
	return i >= 0 && knownField(next[i+1:])
}

// splitField finds the name and the start of the value of a header line. White space before the colon is tolerated,
// inside the name it is not.
func splitField(b []byte) (nameEnd, value int, ok bool) {
	i := bytes.IndexByte(b[:min(len(b), 256)], ':')
	if i <= 0 {
		return 0, 0, false
	}
	n := i
	for n > 0 && (b[n-1] == ' ' || b[n-1] == '\t') {
		n--
	}
	if n == 0 {
		return 0, 0, false
	}
	for _, c := range b[:n] {
		if c <= ' ' || c >= 0x7f {
			return 0, 0, false
		}
	}
	return n, i + 1, true
}

// knownField tells whether b begins with the name of a field that mail really has, and a colon.
func knownField(b []byte) bool {
	n, _, ok := splitField(b)
	if !ok {
		return false
	}
	var low [64]byte
	if n > len(low) {
		return false
	}
	name := low[:n]
	for i, c := range b[:n] {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		name[i] = c
	}
	switch string(name) {
	case "from", "to", "cc", "bcc", "subject", "date", "received", "sender", "references", "precedence", "message-id", "reply-to", "in-reply-to",
		"return-path", "mime-version", "user-agent", "delivered-to", "errors-to", "organization", "importance", "priority", "auto-submitted",
		"authentication-results", "dkim-signature", "domainkey-signature", "thread-topic", "thread-index", "accept-language", "envelope-to",
		"status", "comments", "keywords", "encoding", "disposition-notification-to", "feedback-id", "msip_labels":
		return true
	}
	for _, p := range []string{"content-", "x-", "list-", "resent-", "arc-", "received-", "original-", "final-", "reporting-", "autocrypt"} {
		if bytes.HasPrefix(name, []byte(p)) {
			return true
		}
	}
	return false
}

func (h *headerReader) begin(name, value []byte) {
	h.close()
	if h.brief && !startsContent(name) || h.full() {
		return
	}
	h.fields++
	h.total++
	s := span{name0: len(h.buf)}
	h.buf = append(h.buf, name...)
	s.name1 = len(h.buf)
	s.val0 = s.name1
	h.spans = append(h.spans, s)
	h.open, h.cutAt = true, 0
	h.extend(bytes.TrimLeft(value, " \t"))
}

// full tells whether the limits leave no room for another field.
func (h *headerReader) full() bool {
	n := int64(len(h.buf))
	switch {
	case h.fields >= h.lim.Fields || h.total >= blocks*h.lim.Fields:
		if !h.told {
			h.faults.addf("header: more than %d fields", h.lim.Fields)
		}
	case n > h.lim.HeaderBytes || h.kept+n > blocks*h.lim.HeaderBytes:
		if !h.told {
			h.faults.addf("header: longer than %d bytes", h.lim.HeaderBytes)
		}
	default:
		return false
	}
	h.told = true
	return true
}

// extend appends to the field that is open. A field over the limit keeps its head and its newest end: the last of the
// References and the date of a Received field stand there.
func (h *headerReader) extend(b []byte) {
	if !h.open {
		return
	}
	s := &h.spans[len(h.spans)-1]
	limit := int(h.lim.FieldBytes)
	h.buf = append(h.buf, b...)
	if len(h.buf)-s.val0 > 2*limit+len(b) || len(h.buf)-s.val0 > 4*limit {
		h.cutMiddle(s, limit)
	}
}

// cutMiddle drops the middle of the open field so that limit bytes stay, cutting at white space.
func (h *headerReader) cutMiddle(s *span, limit int) {
	v := h.buf[s.val0:]
	head := h.cutAt
	if head == 0 {
		head = limit / 2
		if i := bytes.LastIndexAny(v[:head], " \t,;"); i > 0 {
			head = i + 1
		}
	}
	tail := len(v) - (limit - head)
	if i := bytes.IndexAny(v[tail:], " \t,;"); i >= 0 && i < 1000 {
		tail += i
	}
	n := copy(v[head:], v[tail:])
	h.buf = h.buf[:s.val0+head+n]
	h.cutAt = head
}

// close ends the open field.
func (h *headerReader) close() {
	if !h.open {
		return
	}
	s := &h.spans[len(h.spans)-1]
	if limit := int(h.lim.FieldBytes); len(h.buf)-s.val0 > limit {
		h.cutMiddle(s, limit)
	}
	if h.cutAt > 0 {
		h.faults.addf("header: field %s longer than %d bytes", printable(h.buf[s.name0:s.name1]), h.lim.FieldBytes)
	}
	for len(h.buf) > s.val0 && (h.buf[len(h.buf)-1] == ' ' || h.buf[len(h.buf)-1] == '\t') {
		h.buf = h.buf[:len(h.buf)-1]
	}
	s.val1 = len(h.buf)
	h.open = false
}

// printable is the head of a name that is safe to put into a defect.
func printable(b []byte) string {
	return strings.ToValidUTF8(string(b[:min(len(b), 40)]), "?")
}

// build turns the collected spans into fields. ASCII values share one string.
func (h *headerReader) build() Header {
	h.kept += int64(len(h.buf))
	if len(h.spans) == 0 {
		return nil
	}
	h.blankNUL()
	fs := make(Header, len(h.spans))
	if isASCII(h.buf) && bytes.IndexByte(h.buf, 0x1b) < 0 {
		all := string(h.buf)
		for i, s := range h.spans {
			fs[i] = Field{Name: all[s.name0:s.name1], Raw: all[s.val0:s.val1]}
		}
	} else {
		hint := h.hint
		if canonicalCharset(hint) == "" { // all fields together say more than each alone
			hint, _ = guessCharset(h.buf)
		}
		for i, s := range h.spans {
			fs[i] = Field{Name: string(h.buf[s.name0:s.name1]), Raw: h.raw8(h.buf[s.val0:s.val1], hint)}
		}
	}
	for i := range fs {
		fs[i].Value = decodeWords(fs[i].Raw)
	}
	return fs
}

// blankNUL replaces NUL and lone CR, which have no place in a header, by spaces.
func (h *headerReader) blankNUL() {
	if bytes.IndexByte(h.buf, 0) >= 0 {
		h.faults.add("header: NUL byte")
	}
	for i, c := range h.buf {
		if c == 0 || c == '\r' {
			h.buf[i] = ' '
		}
	}
}

// raw8 makes UTF-8 of a value that may hold raw 8-bit or shifted characters.
func (h *headerReader) raw8(b []byte, hint string) string {
	if isASCII(b) && bytes.IndexByte(b, 0x1b) < 0 {
		return string(b)
	}
	if utf8.Valid(b) && bytes.IndexByte(b, 0x1b) < 0 {
		return clean(string(b))
	}
	text, used, _ := toUTF8(b, hint)
	h.faults.add("header: raw bytes of " + used)
	return oneLine(text)
}
