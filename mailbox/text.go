package mailbox

import (
	"bytes"
	"strings"
)

// cutBody takes the text of a mail apart: what its writer wrote now, and what was there before or was added by
// programs. It reads line by line, in time linear in the text.
//
// Quotes that stand between the writer's own words stay in New with their marks, since an answer between them cannot be
// read without; Body.ownWords leaves them out. A mail of nothing but marked quotes keeps them in New and in Quoted.
func cutBody(full string) Body {
	b := Body{Full: full}
	if strings.TrimSpace(full) == "" {
		return b
	}
	c := newCutter(full)
	c.marks()
	end, tail, block := c.end()
	if block.last >= 0 {
		b.Forward = c.forward(block, tail)
	}
	c.edges(end)
	c.assemble(&b, end)
	c.rest(&b, end, tail)
	c.release()
	return b
}

// before is the nearest line above i that is not empty, or -1; after is the nearest from i on, or len(lines).
func (c *cutter) before(i int) int {
	for i--; i >= 0 && (c.lines[i].kind == lineBlank || c.lines[i].kind == lineDrop); i-- {
	}
	return i
}

func (c *cutter) after(i int) int {
	for ; i < len(c.lines) && (c.lines[i].kind == lineBlank || c.lines[i].kind == lineDrop); i++ {
	}
	return i
}

// end finds where the older mail begins for good: the first line of a mark, a header block or an attribution whose mail
// is not marked line by line. tail is the first line of the older mail's text; block its header, with last -1 when
// there is none. Without such a place end is len(lines).
func (c *cutter) end() (end, tail int, block headerBlock) {
	block.last = -1
	tries := 0
	words, skip := -1, 0 // the first line of words; where to look for header blocks again
	lastQuote := len(c.lines) - 1
	for lastQuote >= 0 && c.lines[lastQuote].kind != lineQuote {
		lastQuote--
	}
	for i := 0; i < len(c.lines); i++ {
		l := &c.lines[i]
		switch l.kind {
		case lineMark, lineForward:
			b, _ := c.headerBlockAt(c.after(i+1), true)
			if b.last < 0 { // below a mark one field is enough
				b = headerBlock{first: i, last: -1}
			}
			b.forward = l.kind == lineForward
			next := c.after(max(i, b.last) + 1)
			if words < 0 && c.quoteAt(next) && l.kind == lineMark {
				c.setKind(i, next, lineAttrib)
				i = next - 1
				continue
			}
			return i, next, c.forwardMark(b, i)
		case lineAttrib:
			next := c.after(c.lastOf(i) + 1)
			if c.quoteAt(next) {
				i = next - 1
				continue
			}
			if words >= 0 || next > lastQuote {
				return i, next, block
			}
		case lineWords:
			if b, ok := c.lotusBlockAt(i); ok && tries < maxTries {
				return b.first, c.after(b.last + 1), b
			}
			if k, _ := c.field(i, false); k != fieldNone && i >= skip && tries < maxTries {
				tries++
				b, ok := c.headerBlockAt(i, c.announced(i))
				switch {
				case ok && words < 0 && c.memo(i):
					skip = b.last + 1
				case ok:
					first := c.withAnnouncement(i, &b)
					next := c.after(b.last + 1)
					if words < 0 && c.quoteAt(next) {
						c.setKind(first, next, lineAttrib)
						i = next - 1
						continue
					}
					return first, next, b
				}
			}
			if words < 0 {
				words = i
			}
		}
	}
	return len(c.lines), len(c.lines), block
}

// forwardMark keeps the forward mark of a block that could not be read as a header.
func (c *cutter) forwardMark(b headerBlock, mark int) headerBlock {
	if b.last < 0 && b.forward {
		b.first, b.last = mark, mark
	}
	return b
}

func (c *cutter) quoteAt(i int) bool { return i < len(c.lines) && c.lines[i].kind == lineQuote }

// memo tells whether the block at line i is the head of a letter ("To: ... From: ... Subject: ...") that the writer typed:
// mail programs put the sender or the date first.
func (c *cutter) memo(i int) bool {
	kind, _ := c.field(i, false)
	return kind == fieldTo && !c.announced(i)
}

// lastOf is the last line of the attribution that i belongs to.
func (c *cutter) lastOf(i int) int {
	for i+1 < len(c.lines) && c.lines[i+1].kind == lineAttrib {
		i++
	}
	return i
}

func (c *cutter) setKind(from, to int, k lineKind) {
	for i := from; i < to; i++ {
		c.lines[i].kind = k
	}
}

// announced tells whether the line above i says that an older mail follows, in words without dashes or as a rule.
func (c *cutter) announced(i int) bool {
	p := c.before(i)
	if p < 0 {
		return false
	}
	if c.lines[p].kind == lineRule && len(c.str(p)) >= 10 {
		return true
	}
	s := c.lowStr(p)
	if len(s) > 100 {
		return false
	}
	_, ok := c.w.marks[coreOf(s)]
	return ok
}

// withAnnouncement takes the line above a header block into it, where it only announces the block.
func (c *cutter) withAnnouncement(i int, b *headerBlock) int {
	if !c.announced(i) {
		return i
	}
	p := c.before(i)
	b.forward = c.w.marks[coreOf(c.lowStr(p))]
	return p
}

// forward describes the older mail below a header block.
func (c *cutter) forward(b headerBlock, tail int) *InlineForward {
	f := &InlineForward{From: parseInnerFrom(b.from), Subject: b.subject, Marked: b.forward}
	if tail < len(c.lines) {
		f.Text = innerText(c.text[c.startOf(tail):])
	}
	return f
}

// startOf is the offset of a line, its leading space included.
func (c *cutter) startOf(i int) int {
	return int(c.lines[i].to) - len(c.raw(i))
}

// innerText is what the writer of the older mail wrote: its text without the mails below it, one level deep.
func innerText(s string) string {
	if strings.HasPrefix(strings.TrimLeft(s, " \r\n"), ">") {
		s = plainQuote(s)
	}
	c := newCutter(s)
	c.marks()
	end, _, _ := c.end()
	c.edges(end)
	var b Body
	c.assemble(&b, end)
	c.release()
	if b.New == "" {
		return plainQuote(s)
	}
	if b.Signature != "" { // facts of the first writer live there
		return b.New + "\n\n" + b.Signature
	}
	return b.New
}

// plainQuote is a quoted text without its marks.
func plainQuote(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for line := range strings.SplitSeq(s, "\n") {
		b.WriteString(bareQuote(line))
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String())
}

// assemble fills New, Signature and Disclaimer from the lines before end.
func (c *cutter) assemble(b *Body, end int) {
	first, last, cited := c.ownLines(end)
	now, sig, legal := block{text: c.text, buf: c.block[:0]}, block{text: c.text}, block{text: c.text}
	for i := range end {
		inside := first >= 0 && i > first && i < last
		switch l := c.lines[i]; l.kind {
		case lineSig, lineDevice:
			sig.piece(int(l.from), int(l.to))
		case lineLegal:
			legal.piece(int(l.from), int(l.to))
		case lineWords:
			now.piece(c.startOf(i), int(l.to))
		case lineQuote:
			if cited && inside {
				now.piece(int(l.from), int(l.to))
			} else {
				now.blank()
			}
		case lineRule:
			if inside {
				now.piece(int(l.from), int(l.to))
			}
		case lineBlank:
			now.blank()
			sig.blank()
			legal.blank()
		}
	}
	b.New, b.Signature, b.Disclaimer = now.String(), sig.String(), legal.String()
	c.block = now.buf
	if first < 0 && end == len(c.lines) {
		b.New = c.onlyQuotes(end)
	}
}

// ownLines finds the first and the last line of words before end. cited tells that one marked passage stands between
// words above and below it: the writer cites it. Several are questions with answers between them.
func (c *cutter) ownLines(end int) (first, last int, cited bool) {
	first, last = -1, -1
	passages, open := 0, false
	for i := range end {
		switch c.lines[i].kind {
		case lineWords:
			if first < 0 {
				first = i
			}
			if open {
				passages++
			}
			last, open = i, false
		case lineQuote:
			open = first >= 0
		}
	}
	return first, last, passages == 1 && !c.quoteAbove(first)
}

func (c *cutter) quoteAbove(i int) bool {
	for i--; i >= 0; i-- {
		if c.lines[i].kind == lineQuote {
			return true
		}
	}
	return false
}

// onlyQuotes returns a mail that is nothing but marked quotes, as it stands; "" where an attribution or other words say
// that somebody quoted it.
func (c *cutter) onlyQuotes(end int) string {
	b := block{text: c.text}
	for i := range end {
		switch l := c.lines[i]; l.kind {
		case lineQuote:
			b.piece(int(l.from), int(l.to))
		case lineBlank:
			b.blank()
		default:
			return ""
		}
	}
	return b.String()
}

// rest fills Quoted: the marked quotes before end, and everything behind it.
func (c *cutter) rest(b *Body, end, tail int) {
	q := block{text: c.text, buf: c.block[:0]}
	for i := range end {
		switch l := c.lines[i]; l.kind {
		case lineQuote:
			q.piece(int(l.to)-len(bareQuote(c.str(i))), int(l.to))
		case lineBlank:
			q.blank()
		}
	}
	if tail < len(c.lines) {
		q.blank()
		for from := c.startOf(tail); from <= len(c.text); {
			to := len(c.text)
			if n := strings.IndexByte(c.text[from:], '\n'); n >= 0 {
				to = from + n
			}
			line := strings.TrimRight(c.text[from:to], " \r\t")
			if end := from + len(line); bareQuote(line) == "" {
				q.blank()
			} else {
				q.piece(end-len(bareQuote(line)), end)
			}
			from = to + 1
		}
	}
	b.Quoted = q.String()
	c.block = q.buf
}

// block collects lines; empty lines at its edges are dropped, and several in a row become one. As long as the lines follow
// each other in the text just so, a block is only a piece of it; from the first that does not, it is written into buf.
type block struct {
	text     string
	from, to int // the piece of text that the block is
	buf      []byte
	written  bool // buf holds the block
	gap      bool
}

// piece adds the line text[from:to], which is not empty.
func (t *block) piece(from, to int) {
	switch {
	case t.written:
	case t.to == 0:
		t.from, t.to, t.gap = from, to, false
		return
	case t.follows(from):
		t.to, t.gap = to, false
		return
	default:
		t.buf, t.written = append(t.buf, t.text[t.from:t.to]...), true
	}
	if t.gap {
		t.buf = append(t.buf, '\n')
	}
	t.gap = false
	t.buf = append(append(t.buf, '\n'), t.text[from:to]...)
}

// follows tells whether the text between the block and a line at from is what the block would write there.
func (t *block) follows(from int) bool {
	if t.gap {
		return from == t.to+2 && t.text[t.to:from] == "\n\n"
	}
	return from == t.to+1 && t.text[t.to] == '\n'
}

func (t *block) blank() { t.gap = true }

func (t *block) String() string {
	if t.written {
		return string(bytes.TrimSpace(t.buf))
	}
	return strings.TrimSpace(t.text[t.from:t.to])
}
