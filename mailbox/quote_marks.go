package mailbox

import "strings"

// marks finds the attributions, and with their help the quotes whose marks are not ">".
func (c *cutter) marks() {
	c.bars()
	c.attributions()
	c.ownMarks()
}

// bars settles lines that begin with "|": a run of them below an attribution is a quote, else they are words.
func (c *cutter) bars() {
	for i := 0; i < len(c.lines); i++ {
		if c.lines[i].kind != lineBar {
			continue
		}
		prev := c.before(i)
		quote := prev >= 0 && c.lines[prev].tail && i+1 < len(c.lines) && c.lines[i+1].kind == lineBar
		for ; i < len(c.lines) && c.lines[i].kind == lineBar; i++ {
			if quote {
				c.lines[i].kind = lineQuote
			} else {
				c.lines[i].kind = lineWords
			}
		}
	}
}

// ownMarks finds quotes that somebody marks in a way of his own ("--]", "#", "=>"): a line below an attribution, or
// two in a row for a mark of one character. All lines that begin so are quotes then.
func (c *cutter) ownMarks() {
	for i := range c.lines {
		if c.lines[i].kind != lineAttrib || i+1 < len(c.lines) && c.lines[i+1].kind == lineAttrib {
			continue
		}
		first := c.after(i + 1)
		if first >= len(c.lines) || c.lines[first].kind != lineWords && c.lines[first].kind != lineRule {
			continue
		}
		mark := ownMark(c.str(first))
		if mark == "" || len(mark) < 2 && (first+1 >= len(c.lines) || ownMark(c.str(first+1)) != mark) {
			continue
		}
		for j := first; j < len(c.lines); j++ {
			if k := c.lines[j].kind; (k == lineWords || k == lineRule) && strings.HasPrefix(c.str(j), mark) {
				c.lines[j].kind = lineQuote
			}
		}
		return
	}
}

// ownMark is the punctuation that a line begins with, where it may mark a quote; the marks of lists do not.
func ownMark(s string) string {
	i := 0
	for i < len(s) && strings.IndexByte("#%:;=+]})>|-!&~", s[i]) >= 0 {
		i++
	}
	if i == 0 || i > 4 || s[:i] == "-" || s[:i] == "+" || i == len(s) && i > 3 {
		return ""
	}
	return s[:i]
}
