package mailbox

import (
	"slices"
	"strings"
)

// legalBytes bounds what is read of one paragraph.
const legalBytes = 8 << 10

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

// disclaimer marks the paragraph of lines from i to j as one, from its first legal words on: a notice may follow the
// writer's last line without an empty one between.
func (c *cutter) disclaimer(i, j int) {
	start := c.lines[i].from
	from, to := int(start), min(int(c.lines[j-1].to), int(start)+legalBytes)
	weak, secret, first := 0, false, -1
	var seen [4]string
	for at := from; at < to && !secret; at++ {
		if !c.w.notice.may(c.low[at:]) || at > 0 && isWordByte(c.low[at-1]) {
			continue
		}
		if p := c.w.secret.longest(c.low[at:]); p != "" {
			secret = true
		} else if p := c.w.legal.longest(c.low[at:]); p != "" && weak < len(seen) && !slices.Contains(seen[:weak], p) {
			seen[weak] = p
			weak++
		} else {
			continue
		}
		if first < 0 {
			first = at
		}
	}
	if !secret && weak < 3 || to-from < 30 {
		return
	}
	for i < j && int(c.lines[i].to) < first {
		i++
	}
	c.setKind(i, j, lineLegal)
}

// bannerLines marks the warning that a mail server puts above the first words of a mail from outside: one paragraph.
func (c *cutter) bannerLines(end int) {
	i := c.after(0)
	if i >= end || c.lines[i].kind != lineWords && c.lines[i].kind != lineRule {
		return
	}
	s := strings.TrimLeft(c.lowStr(i), "*_- ⚠️!")
	if c.w.banner.longest(s) == "" {
		return
	}
	for n := 0; i < end && c.lines[i].kind == lineWords && n < 4; i, n = i+1, n+1 {
		c.lines[i].kind = lineLegal
	}
}
