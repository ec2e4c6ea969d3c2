package mailbox

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// htmlWriter lays words out in lines: white space is folded, line ends wait until the next word so that they can be
// merged, and every line starts with the quote marks of its depth.
type htmlWriter struct {
	out     []byte
	max     int
	full    bool   // max is reached
	depth   int    // quote depth of what is written next
	lastQ   int    // quote depth of the line before
	nl      int    // line ends waiting: 0, 1, or 2 for an empty line
	space   bool   // a space is waiting
	inLine  bool   // the current line has words
	touched bool   // the current line has only non-breaking spaces: an empty line on purpose
	sep     bool   // a cell border is waiting
	fresh   bool   // a cell has just started: its first block starts no line
	line    int    // lines ended so far
	item    string // the mark of a list item is waiting
}

func (w *htmlWriter) String() string {
	s := strings.TrimRight(string(w.out[:min(len(w.out), w.max)]), " \n")
	return strings.TrimLeft(strings.ToValidUTF8(s, ""), "\n")
}

// text writes folded text; in a pre element line ends and spaces stay.
func (w *htmlWriter) text(b []byte, pre bool) {
	for len(b) > 0 && !w.full {
		c := b[0]
		switch {
		case c == '\n' && pre:
			w.br()
			b = b[1:]
		case c == ' ' && pre && w.inLine && !w.space:
			w.space = true
			b = b[1:]
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			w.space = true
			b = b[1:]
		case c < 0x20 || c == 0x7f:
			b = b[1:]
		default:
			b = w.word(b)
		}
	}
}

// word writes the bytes up to the next white space and returns the rest.
func (w *htmlWriter) word(b []byte) []byte {
	i := 0
	for i < len(b) {
		c := b[i]
		if c <= 0x20 || c == 0x7f {
			break
		}
		if c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		switch r {
		case 0xA0, 0x3000, 0x2002, 0x2003, 0x2009, 0x202F:
			w.put(b[:i])
			if w.inLine {
				w.space = true
			} else {
				w.touched = true
			}
			return b[i+n:]
		case 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0x34F, 0x2028, 0x2029, 0x200E, 0x200F:
			w.put(b[:i])
			return b[i+n:]
		}
		i += n
	}
	w.put(b[:i])
	return b[i:]
}

// put writes one piece without white space, after whatever is waiting.
func (w *htmlWriter) put(b []byte) {
	if len(b) == 0 || w.full {
		return
	}
	w.flush()
	if len(w.out)+len(b) > w.max {
		b = b[:max(w.max-len(w.out), 0)]
		w.full = true
	}
	w.out = append(w.out, b...)
	w.inLine, w.touched, w.fresh = true, false, false
}

func (w *htmlWriter) flush() {
	if w.inLine && w.depth != w.lastQ {
		w.newline(1)
	}
	switch {
	case w.nl > 0 || len(w.out) == 0:
		if len(w.out) > 0 {
			w.out = append(w.out, '\n')
			w.line++
			if w.nl > 1 {
				w.out = append(w.out, quoteMarks(min(w.depth, w.lastQ))...)
				w.out = append(bytes.TrimRight(w.out, " "), '\n')
			}
		}
		w.out = append(w.out, quoteMarks(w.depth)...)
		w.lastQ = w.depth
	case w.sep:
		w.out = append(w.out, " | "...)
	case w.space && w.inLine:
		w.out = append(w.out, ' ')
	}
	w.out = append(w.out, w.item...)
	w.nl, w.space, w.sep, w.item = 0, false, false, ""
	if len(w.out) >= w.max {
		w.full = true
	}
}

func quoteMarks(depth int) string {
	const marks = ">>>>>>>> "
	if depth <= 0 {
		return ""
	}
	return marks[htmlQuotes-min(depth, htmlQuotes):]
}

// bullet sets the mark of a list item, which is written in front of the item's first word.
func (w *htmlWriter) bullet(s string) { w.item = s }

// newline ends the current line; n = 2 asks for an empty line, too.
func (w *htmlWriter) newline(n int) {
	if n == 0 || w.fresh {
		return
	}
	if w.touched {
		n = 2
	}
	w.nl = max(w.nl, n)
	w.inLine, w.space, w.touched, w.sep, w.item = false, false, false, false, ""
}

// br ends the current line, or adds an empty one when nothing stands in it.
func (w *htmlWriter) br() {
	if w.fresh {
		return
	}
	if w.inLine {
		w.newline(1)
		return
	}
	w.touched = false
	w.nl = min(w.nl+1, 2)
}

// mark writes a line of its own.
func (w *htmlWriter) mark(s string) {
	if bytes.HasSuffix(bytes.TrimRight(w.out, " \n"), []byte(strings.TrimSpace(s))) {
		return // the mail says it itself
	}
	w.fresh = false
	w.newline(1)
	w.put([]byte(s))
	w.newline(1)
}

// cell starts a table cell; next tells that another cell stands before it in the row.
func (w *htmlWriter) cell(next bool) {
	if next && w.inLine && w.nl == 0 {
		w.sep, w.space = true, false
		w.fresh = true
		return
	}
	w.fresh = false
}

// nextLine is the number of the line that the next word will stand on.
func (w *htmlWriter) nextLine() int {
	if w.nl > 0 && len(w.out) > 0 {
		return w.line + 1
	}
	return w.line
}

// endCell takes back the line end of a block that was alone in its cell, so that the next cell joins the line.
func (w *htmlWriter) endCell(line int) {
	w.fresh = false
	if w.line == line && w.nl > 0 && len(w.out) > 0 {
		w.nl, w.inLine = 0, true
	}
}
