package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a signature.
const (
	dashSigLines = 30  // below "-- "
	ruleSigLines = 8   // below another rule
	maxRules     = 100 // of one mail
	tailSigLines = 16  // looked at from the end of the words upward
)

// edges marks what is not the writer's words among the lines before end: disclaimers and banners, lines of phones, and
// signatures.
func (c *cutter) edges(end int) {
	c.disclaimers(end)
	c.devices(end)
	words, rules := false, 0
	for i := range end {
		switch c.lines[i].kind {
		case lineWords:
			words = true
		case lineDash:
			c.dashSignature(i, end)
		case lineRule:
			if rules++; words && rules <= maxRules {
				c.ruleSignature(i, end)
			}
		}
	}
	c.wrapped(end)
	// The words may end above a quote, and below it.
	quoted := false
	for i := end - 1; i >= 0; i-- {
		switch c.lines[i].kind {
		case lineWords:
			if !quoted {
				c.tailSignature(i)
			}
			quoted = true
		case lineQuote, lineAttrib:
			quoted = false
			if i > 0 && c.firstWords(i) < 0 {
				return
			}
			i = c.firstWords(i) + 1
		}
	}
}

// firstWords is the nearest line of words above i, or -1.
func (c *cutter) firstWords(i int) int {
	for i--; i >= 0 && c.lines[i].kind != lineWords; i-- {
	}
	return i
}

// wrapped gives back to a quote the ends of its lines that a relay broke off: a short line between two quoted ones, the
// upper of them long.
func (c *cutter) wrapped(end int) {
	for i := 1; i+1 < end; i++ {
		if c.lines[i].kind == lineWords && c.lines[i-1].kind == lineQuote && c.lines[i+1].kind == lineQuote &&
			len(c.str(i-1)) >= 68 && len(c.str(i)) <= 24 {
			c.lines[i].kind = lineQuote
		}
	}
}

// devices marks the lines that phones and mail programs add: each stands at the end of somebody's words.
func (c *cutter) devices(end int) {
	for i := range end {
		if c.lines[i].kind != lineWords || len(c.str(i)) > 160 {
			continue
		}
		s := strings.TrimLeft(c.lowStr(i), "[(*_ 　")
		p := c.w.devices.longest(s)
		if p == "" || strings.ContainsAny(s, "，。？?!！") && !strings.HasPrefix(s, "发自") && !strings.HasPrefix(s, "please") {
			continue
		}
		if next := i + 1; next < end && c.lines[next].kind == lineWords && !c.shortTail(next, end) {
			continue
		}
		c.lines[i].kind = lineDevice
	}
}

// shortTail tells whether the paragraph at line i is one line, or a device line again.
func (c *cutter) shortTail(i, end int) bool {
	if i+1 < end && c.lines[i+1].kind == lineWords {
		return false
	}
	s := strings.TrimLeft(c.lowStr(i), "[(*_ 　<")
	return c.w.devices.longest(s) != "" || strings.HasPrefix(s, "http") || strings.HasPrefix(s, "www.")
}

// dashSignature marks what stands below "-- ": all up to a quote or the end, unless it is too long to be a signature.
func (c *cutter) dashSignature(i, end int) {
	stop, n := c.paragraphsEnd(i+1, end)
	c.lines[i].kind = lineDrop
	if n > dashSigLines {
		return
	}
	c.markSignature(i, stop)
}

// paragraphsEnd is the line where the words below i end at a quote, an attribution or end, and how many they are.
func (c *cutter) paragraphsEnd(i, end int) (stop, n int) {
	for ; i < end; i++ {
		switch c.lines[i].kind {
		case lineQuote, lineAttrib:
			return i, n
		case lineWords:
			if n++; n > dashSigLines {
				return i, n
			}
		}
	}
	return end, n
}

func (c *cutter) markSignature(from, to int) {
	for i := from; i < to; i++ {
		switch c.lines[i].kind {
		case lineWords, lineRule, lineBar, lineDevice:
			c.lines[i].kind = lineSig
		case lineDash:
			c.lines[i].kind = lineDrop
		}
	}
}

// ruleSignature looks below a line of dashes or stars, which people use above a signature as well as below a heading.
func (c *cutter) ruleSignature(i, end int) {
	if i > 0 && c.lines[i-1].kind == lineWords && len(c.str(i)) < 4*len(c.str(i-1)) && c.str(i)[0] != '_' {
		return // underlines a heading
	}
	stop, n := c.paragraphsEnd(i+1, end)
	if n > ruleSigLines {
		return
	}
	contacts, short := 0, true
	for j := i + 1; j < stop; j++ {
		if c.lines[j].kind != lineWords {
			continue
		}
		switch k := c.signatureLine(j); k {
		case sigKeep:
			return
		case sigContact, sigCompany, sigTitle:
			contacts++
		}
		if s := c.str(j); len(s) > 60 || strings.ContainsAny(s, "?？") {
			short = false
		}
	}
	if contacts > 0 || n <= 2 && short && c.str(i)[0] == '_' {
		c.markSignature(i, stop)
	}
}

// sigLine is what a line may be in a signature.
type sigLine uint8

const (
	sigNo      sigLine = iota
	sigKeep            // speaks of a product, a contract or a fault: never a signature
	sigContact         // telephone, address, web page
	sigLabel           // a contact line that begins with its label
	sigCompany
	sigTitle
	sigName
	sigClosing
	sigDate
	sigShort // a short line that ends no sentence: part of a signature only below a closing formula
)

// signatureLine judges one line by itself.
func (c *cutter) signatureLine(i int) sigLine {
	s, low := c.str(i), c.lowStr(i)
	if len(s) > 200 {
		return sigNo
	}
	bare := strings.Trim(low, " ,，.。!！~*-—_:：;；")
	switch {
	case c.w.closing[bare]:
		return sigClosing
	case hasPhrase(low, c.w.keep):
		return sigKeep
	case strings.ContainsAny(s, "?？"):
		return sigNo
	}
	if at := fieldSeparator(low); at > 0 && c.w.contact[strings.Join(strings.Fields(strings.Trim(low[:at], "*| .")), "")] {
		return sigLabel
	}
	if word, _, ok := strings.Cut(bare, " "); ok && len(bare) < 60 && c.w.contact[strings.TrimSuffix(word, ".")] && hasDigit(bare) {
		return sigLabel
	}
	if c.contactLine(bare) {
		return sigContact
	}
	if len(s) > 90 {
		return sigNo
	}
	for part := range strings.SplitSeq(bare, "|") {
		part = strings.TrimSpace(part)
		for _, e := range c.w.company {
			if strings.HasSuffix(part, e) && boundaryBefore(part, len(part)-len(e)) ||
				e[len(e)-1] == '.' && strings.HasSuffix(part+".", e) && boundaryBefore(part, len(part)+1-len(e)) {
				return sigCompany
			}
		}
		for _, e := range c.w.dept {
			if strings.HasSuffix(part, e) && len(part) <= 60 && !strings.ContainsAny(part, "，。,;；：:") {
				return sigTitle
			}
		}
	}
	if len(s) <= 60 && !strings.ContainsAny(s, "。，！!;；") && hasPhrase(low, c.w.title) && !endsSentence(s) {
		return sigTitle
	}
	switch {
	case isDateLine(bare):
		return sigDate
	case looksLikeName(s):
		return sigName
	case len(s) <= 70 && !strings.ContainsAny(s, "。，！!;；,：:") && !endsSentence(s):
		return sigShort
	}
	return sigNo
}

// contactLine tells whether a line is a mail address, a web address, or a telephone number and little else.
func (c *cutter) contactLine(s string) bool {
	if strings.HasPrefix(s, "http") || strings.HasPrefix(s, "www.") {
		return !strings.Contains(s, " ")
	}
	if strings.IndexByte(s, '@') > 0 && strings.Count(s, " ") <= 2 && len(s) < 80 {
		return true
	}
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return digits >= 7 && letters <= 6
}

// looksLikeName tells whether a line is two to four Han characters, or one to four capitalised words.
func looksLikeName(s string) bool {
	s = strings.Trim(s, " ,.*-—~")
	if s == "" || len(s) > 48 {
		return false
	}
	if isHan(s) {
		n := 0
		for _, r := range s {
			if !unicode.Is(unicode.Han, r) && r != ' ' {
				return false
			}
			n++
		}
		return n >= 2 && n <= 5
	}
	n := 0
	for word := range strings.FieldsSeq(s) {
		r, _ := utf8.DecodeRuneInString(word)
		if !unicode.IsUpper(r) && r != '(' || strings.ContainsAny(word, ":;!?/=") || hasDigit(word) {
			return false
		}
		n++
	}
	return n >= 1 && n <= 4
}

// isDateLine tells whether a line holds a date and nothing else: "2026年5月3日", "3 May 2026".
func isDateLine(s string) bool {
	return len(s) <= 40 && hasDigit(s) && (strings.Contains(s, "年") || hasDate(s)) && !strings.ContainsAny(s, "，。,;:：") && strings.Count(s, " ") <= 3
}

// tailSignature looks at the words that end at line i for a block that only says who writes: below a closing formula
// when there is one; else a paragraph of its own that begins with a name or a company and names telephone, company,
// department or address.
func (c *cutter) tailSignature(i int) {
	t := c.tail(i)
	switch {
	case t.closing >= 0 && t.facts > 0:
		if c.firstWords(t.closing) >= 0 {
			c.markSignature(c.firstClosing(t.closing), i+1)
		}
	case t.start <= 0 || c.lines[t.start-1].kind != lineBlank || c.firstWords(t.start) < 0:
	case t.top == sigName && t.facts > 0, t.facts > 1 && (t.top == sigCompany || t.top == sigTitle):
		c.markSignature(t.start, i+1)
	}
}

// sigTail is what was found going up from the last line of the words.
type sigTail struct {
	start   int     // first line of the run of signature lines, or -1
	top     sigLine // its kind
	closing int     // the closing formula above the run, or -1
	facts   int     // lines with telephone, company, department, address
}

func (c *cutter) tail(i int) sigTail {
	t := sigTail{start: -1, closing: -1}
	names, shorts, seen := 0, 0, 0
	for j := i; j >= 0 && seen < tailSigLines; j-- {
		switch c.lines[j].kind {
		case lineBlank, lineDrop, lineSig, lineDevice, lineLegal:
			continue
		case lineWords:
			seen++
		default:
			return t
		}
		k := c.signatureLine(j)
		switch k {
		case sigNo, sigKeep:
			return t
		case sigContact, sigLabel, sigCompany, sigTitle:
			t.facts++
		case sigName:
			if names++; names > 1 && t.facts > 0 {
				k = sigShort
			}
		case sigClosing:
			t.closing = j
			return t
		}
		if k == sigShort {
			if shorts++; shorts > 3 {
				return t
			}
		}
		if shorts == 0 {
			t.start, t.top = j, k
		}
	}
	return t
}

// firstClosing is the first of several closing formulas in a row ("Thanks!" above "Best regards,").
func (c *cutter) firstClosing(i int) int {
	for p := c.before(i); p >= 0 && c.lines[p].kind == lineWords && c.signatureLine(p) == sigClosing; p = c.before(p) {
		i = p
	}
	return i
}
