package mailbox

import "strings"

// disclaimers marks the paragraphs before end that lawyers and mail servers add: banners at the top, confidentiality
// notices anywhere below the first words.
func (c *cutter) disclaimers(end int) {
	c.bannerLines(end)
	for i := 0; i < end; i++ {
		if c.lines[i].kind != lineWords {
			continue
		}
		j := i
		for j < end && c.lines[j].kind == lineWords {
			j++
		}
		c.disclaimer(i, j)
		i = j
	}
}

// disclaimer marks the paragraph of lines from i to j as one, from its first suspicious line on: a notice may follow
// the writer's last line without an empty one between.
func (c *cutter) disclaimer(i, j int) {
	for k := i; k < j; k++ {
		if s := c.str(k); len(s) < 12 || !c.legalStart(s) {
			continue
		}
		from, to := int(c.lines[k].from), int(c.lines[j-1].to)
		if to-from > 6000 {
			to = from + 6000
		}
		if low := c.lower(c.text[from:to]); to-from >= 30 && (hasPhrase(low, c.w.secret) || c.twoOf(low)) {
			// The words of the paragraph above the notice stay, unless the notice begins inside a sentence of it.
			c.setKind(k, j, lineLegal)
		}
		return
	}
}

// legalStart is the cheap test: the line holds a word of disclaimers.
func (c *cutter) legalStart(s string) bool {
	low := c.lower(s)
	return hasPhrase(low, c.w.secret) || hasPhrase(low, c.w.legal)
}

// twoOf tells whether three weak words of disclaimers stand in s.
func (c *cutter) twoOf(s string) bool {
	n := 0
	for _, p := range c.w.legal {
		if strings.Contains(s, p) {
			if n++; n == 3 {
				return true
			}
		}
	}
	return false
}

// bannerLines marks the warning that a mail server puts above the first words of a mail from outside: one paragraph.
func (c *cutter) bannerLines(end int) {
	i := c.after(0)
	if i >= end || c.lines[i].kind != lineWords && c.lines[i].kind != lineRule {
		return
	}
	s := strings.TrimLeft(c.lower(c.str(i)), "*_- ⚠️!")
	if c.w.banner.longest(s) == "" {
		return
	}
	for n := 0; i < end && c.lines[i].kind == lineWords && n < 4; i, n = i+1, n+1 {
		c.lines[i].kind = lineLegal
	}
}
