package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLines bounds the lines that are looked at one by one; what follows belongs to the last of them.
const maxLines = 20000

// maxTries bounds the places of one mail where an attribution or a header block is looked for.
const maxTries = 400

// lineKind is what one line of a mail is.
type lineKind uint8

const (
	lineBlank   lineKind = iota
	lineWords            // somebody's words
	lineQuote            // behind quote marks
	lineBar              // begins with "|": a quote below an attribution, else a table
	lineAttrib           // "On Monday Ann wrote:", or a header block that is followed by marked quotes
	lineHead             // of a header block
	lineMark             // "-----Original Message-----"
	lineForward          // "---------- Forwarded message ---------"
	lineRule             // a line of dashes
	lineDash             // "-- ", the signature mark of RFC 3676, 4.3
	lineDevice           // "Sent from my iPhone"
	lineSig              // of a signature
	lineLegal            // of a disclaimer
	lineDrop             // says nothing: a streak mark
)

// mailLine is one line as a piece of the text.
type mailLine struct {
	from, to int32 // without leading and trailing space
	kind     lineKind
	tail     bool // may end an attribution
}

// cutter takes one text apart. It lives for one call of cutBody; its slices are room that the next one uses again.
type cutter struct {
	w     *edgeWords
	text  string
	lines []mailLine
	low   string // text in lower case, same offsets
	block []byte // what a block collects
}

func newCutter(text string) *cutter {
	c := spareCutters.Get().(*cutter)
	c.w, c.text, c.low = phrases(), text, text
	if _, ok := lowered(text); !ok {
		c.block = appendLower(c.block[:0], text)
		c.low = string(c.block)
	}
	n := min(strings.Count(text, "\n")+1, maxLines)
	if c.lines = c.lines[:0]; cap(c.lines) < n {
		c.lines = make([]mailLine, 0, n)
	}
	for at := 0; at <= len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 || len(c.lines) == maxLines-1 {
			end = len(text)
		} else {
			end += at
		}
		c.lines = append(c.lines, c.line(at, end))
		at = end + 1
	}
	return c
}

// release gives the cutter back; nothing of it may be used afterwards.
func (c *cutter) release() {
	c.text, c.low = "", ""
	if 12*cap(c.lines)+cap(c.block) <= keptBuffer {
		spareCutters.Put(c)
	}
}

func (c *cutter) str(i int) string { return c.text[c.lines[i].from:c.lines[i].to] }

// raw is the line with its leading space.
func (c *cutter) raw(i int) string {
	l := c.lines[i]
	from := int(l.from)
	for from > 0 && c.text[from-1] != '\n' {
		from--
	}
	return c.text[from:l.to]
}

// lowStr is a line in lower case.
func (c *cutter) lowStr(i int) string { return c.low[c.lines[i].from:c.lines[i].to] }

// line looks at one line by itself.
func (c *cutter) line(from, to int) mailLine {
	for from < to {
		n := spaceAt(c.text[from:to])
		if n == 0 {
			break
		}
		from += n
	}
	for to > from && (c.text[to-1] <= ' ') {
		to--
	}
	for strings.HasSuffix(c.text[from:to], "\u00a0") || strings.HasSuffix(c.text[from:to], "\u3000") {
		to = from + len(strings.TrimRightFunc(c.text[from:to], unicode.IsSpace))
	}
	l := mailLine{from: int32(from), to: int32(to), kind: lineWords}
	s := c.text[from:to]
	if s == "" {
		l.kind = lineBlank
		return l
	}
	switch b := s[0]; {
	case b == '>':
		l.kind = lineQuote
		l.tail = len(s) <= 40 && endsLikeAttribution(s)
		return l
	case b == '|':
		l.kind = lineBar
		return l
	case len(s) <= 400 && isDecoration(s[0]):
		if k := c.decorated(s); k != lineWords {
			l.kind = k
			return l
		}
	case b < utf8.RuneSelf && superCited(s):
		l.kind = lineQuote
		return l
	}
	if len(s) <= 8 && strings.Trim(s, "ᐧ") == "" {
		l.kind = lineDrop
		return l
	}
	l.tail = endsLikeAttribution(s)
	if l.tail && len(s) <= 100 && s[len(s)-1] != '>' {
		if fwd, ok := c.w.marks[coreOf(c.low[from:to])]; ok && fwd {
			l.kind, l.tail = lineForward, false
		}
	}
	return l
}

// spaceAt is the length of the white space that s begins with, one rune of it.
func spaceAt(s string) int {
	switch {
	case s[0] == ' ' || s[0] == '\t' || s[0] == '\r' || s[0] == '\f' || s[0] == '\v':
		return 1
	case s[0] == 0xC2 && len(s) > 1 && s[1] == 0xA0:
		return 2
	case strings.HasPrefix(s, "\u3000") || strings.HasPrefix(s, "\ufeff") || strings.HasPrefix(s, "\u200b"):
		return 3
	}
	return 0
}

// isDecoration tells whether a line that begins with b may be a rule, a mark between dashes or a signature mark.
func isDecoration(b byte) bool {
	switch b {
	case '-', '_', '*', '=', '~', '#', '+', '.', 0xE2, '<', '[':
		return true
	}
	return false
}

const decorations = "-_*=~#+—–─━－<> \t[]【】"

// decorated tells what a line between dashes is.
func (c *cutter) decorated(s string) lineKind {
	if s == "--" || s == "—" || s == "––" || s == "— —" {
		return lineDash
	}
	core := coreOf(s)
	if core == "" {
		if utf8.RuneCountInString(s) >= 2 {
			return lineRule
		}
		return lineWords
	}
	if len(core) > 200 {
		return lineWords
	}
	low := lowerSame(core)
	if strings.Contains(low, "&nbsp;") { // QQ Mail leaves the entity in plain text
		low = coreOf(strings.ReplaceAll(low, "&nbsp;", " "))
	}
	if fwd, ok := c.w.marks[low]; ok {
		if fwd {
			return lineForward
		}
		return lineMark
	}
	if !strings.HasPrefix(s, "--") && !strings.HasPrefix(s, "##") && s[0] != 0xE2 {
		return lineWords
	}
	if hasPhrase(low, c.w.above) {
		return lineMark
	}
	// "----- Original Message from Ann on 3 May -----"
	if strings.HasPrefix(s, "---") && strings.HasSuffix(s, "-") {
		for m, fwd := range c.w.marks {
			if strings.HasPrefix(low, m) {
				if fwd {
					return lineForward
				}
				return lineMark
			}
		}
	}
	return lineWords
}

// coreOf is a line without the dashes, stars and colon around its words.
func coreOf(s string) string {
	s = strings.Trim(s, decorations)
	s = strings.TrimSuffix(strings.TrimSuffix(s, ":"), "：")
	return strings.Trim(s, decorations)
}

// superCited tells whether a line begins with a name or initials and a quote mark ("AB> text").
func superCited(s string) bool {
	for i := 0; i < len(s) && i <= 12; i++ {
		switch c := s[i]; {
		case c == '>':
			return i > 0 && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '>')
		case c|0x20 < 'a' || c|0x20 > 'z':
			return false
		}
	}
	return false
}

// bareQuote takes the quote marks from a line.
func bareQuote(s string) string {
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] != '>' && s[0] != '|' {
			return s
		}
		s = s[1:]
	}
}
