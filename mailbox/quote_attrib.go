package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of an attribution: lines that it is wrapped over, and bytes.
const (
	attribLines = 5
	attribBytes = 500
)

// endsLikeAttribution is the cheap test that most lines fail: an attribution ends in a colon or a Chinese verb, or
// begins with a date.
func endsLikeAttribution(s string) bool {
	t := strings.TrimRight(s, " *_\t>")
	if t == "" {
		return false
	}
	switch t[len(t)-1] {
	case ':':
		return true
	case 0x9A: // ：
		if strings.HasSuffix(t, "：") {
			return true
		}
	case 0x93: // 写道 without a colon
		return strings.HasSuffix(t, "写道") || strings.HasSuffix(t, "寫道")
	}
	return startsWithDate(s)
}

// startsWithDate tells whether s begins with year, month and day.
func startsWithDate(s string) bool {
	return len(s) >= 8 && (s[4] == '-' || s[4] == '/' || s[4] == '.') && isYear(s[:4]) && isDigit(s[5])
}

func isYear(s string) bool {
	return len(s) >= 4 && (s[0] == '1' && s[1] == '9' || s[0] == '2' && s[1] == '0') && isDigit(s[2]) && isDigit(s[3])
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// attributions finds the attribution lines and marks them. An attribution may be wrapped over some lines; they are
// joined upward from the line that ends it.
func (c *cutter) attributions() {
	tries := 0
	for i := range c.lines {
		if !c.lines[i].tail {
			continue
		}
		if tries++; tries > maxTries {
			return
		}
		if first, ok := c.attribution(i); ok {
			for j := first; j <= i; j++ {
				c.lines[j].kind = lineAttrib
			}
		}
	}
}

// attribution returns the first line of the attribution that ends at line i.
func (c *cutter) attribution(i int) (first int, ok bool) {
	if c.lines[i].kind == lineQuote && !c.closesAddress(i) {
		return 0, false
	}
	joined, best := "", -1
	for k := 0; k < attribLines && i-k >= 0; k++ {
		j := i - k
		if k > 0 && c.lines[j].kind == lineBlank {
			// One empty line is bridged where an address follows, as some programs break before it.
			if strings.HasPrefix(joined, "<") {
				continue
			}
			break
		}
		if k > 0 && (c.lines[j].kind != lineWords || endsSentence(c.str(j))) {
			break
		}
		joined = strings.TrimSpace(c.str(j) + " " + joined)
		if len(joined) > attribBytes {
			break
		}
		switch c.attribForm(joined) {
		case attribSure:
			return j, true
		case attribMaybe:
			// Without an address only the quote below makes it more than a sentence.
			if best < 0 && (strings.IndexByte(joined, '@') >= 0 || c.quoteAt(c.after(i+1))) {
				best = j
			}
		}
	}
	return best, best >= 0
}

// closesAddress tells whether a line that begins with ">" is the end of an address that the line before it opened.
func (c *cutter) closesAddress(i int) bool {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		s := c.str(j)
		if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.IndexByte(s[open:], '>') < 0 {
			return c.lines[j].kind == lineWords
		}
	}
	return false
}

func endsSentence(s string) bool {
	switch r, n := utf8.DecodeLastRuneInString(s); r {
	case '.':
		r, _ = utf8.DecodeLastRuneInString(s[:len(s)-n])
		return !unicode.IsDigit(r) // "28." is a day
	case '?', '!', '。', '？', '！', ':', '：':
		return true
	}
	return false
}

type attribForm uint8

const (
	attribNo    attribForm = iota
	attribMaybe            // right as it is, but a line above may still belong to it
	attribSure
)

// attribForm judges the joined lines. Verb, and date or address, must be there; the start must look like one.
func (c *cutter) attribForm(s string) attribForm {
	low := lowerSame(s)
	body := strings.TrimRight(low, " *_:：>")
	colon := len(body) < len(low) && strings.ContainsAny(low[len(body):], ":：")
	verbAt, atEnd := c.verb(body)
	date, addr := hasDate(low), strings.IndexByte(low, '@') >= 0
	if verbAt < 0 {
		// "2013/7/20 Ann via Desk <desk@example.org>": Gmail of some languages writes no verb.
		if startsWithDate(s) && len(s) <= 200 && (addr && strings.HasSuffix(s, ">") || strings.Contains(low, " gmt")) {
			return attribSure
		}
		// So does Gmail in Russian and Japanese, but for the colon: "3 нояб. 2025 г. в 10:00, Ann <ann@example.org>:".
		if date && addr && colon && len(s) <= 200 && strings.HasSuffix(strings.TrimRight(low, " *_:："), ">") {
			if isDigit(low[0]) || startsWithWeekday(low) {
				return attribSure
			}
			return attribMaybe
		}
		return attribNo
	}
	if !date && !addr || !colon && !(atEnd && date && (addr || isHan(low[verbAt:]))) {
		return attribNo
	}
	if p := c.w.openers.longest(low); p != "" && hasDigit(low) && boundary(low, len(p)) {
		return attribSure
	}
	switch {
	case isDigit(low[0]):
		return attribSure
	case startsWithWeekday(low):
		return attribSure
	case isHan(low[verbAt:]) && len(s) <= 300, date && addr && colon && len(s) <= 200:
		return attribMaybe
	}
	// A name, and an address or a date behind it.
	name := low
	if i := strings.IndexByte(name, '<'); i >= 0 {
		name = name[:i]
	} else {
		name = name[:verbAt]
	}
	if len(name) <= 80 && strings.Count(strings.TrimSpace(name), " ") < 6 && (addr || date && !atEnd) {
		return attribMaybe
	}
	return attribNo
}

// verb finds a verb of writing: at the end of s, else anywhere as a word of its own.
func (c *cutter) verb(s string) (at int, atEnd bool) {
	at = -1
	for _, v := range c.w.wrote {
		if strings.HasSuffix(s, v) && boundaryBefore(s, len(s)-len(v)) {
			return len(s) - len(v), true
		}
		if at >= 0 {
			continue
		}
		if i := strings.Index(s, v); i >= 0 && boundaryBefore(s, i) && boundary(s, i+len(v)) {
			at = i
		}
	}
	return at, false
}

// boundary tells whether a Latin word may end before s[i]; Han needs no spaces.
func boundary(s string, i int) bool {
	if i >= len(s) || i <= 0 {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	return !unicode.IsLetter(r) || before >= 0x2E80 || r >= 0x2E80
}

func boundaryBefore(s string, i int) bool {
	if i <= 0 || i >= len(s) {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	return !unicode.IsLetter(r) || after >= 0x2E80
}

func isHan(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0x2E80
}

func hasDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// hasDate tells whether a clock time, a year, or three numbers between separators stand in s.
func hasDate(s string) bool {
	for i := 0; i+3 < len(s); i++ {
		if !isDigit(s[i]) || i > 0 && isDigit(s[i-1]) {
			continue
		}
		if isYear(s[i:]) && (i+4 == len(s) || !isDigit(s[i+4])) {
			return true
		}
		j := i + 1
		if j < len(s) && isDigit(s[j]) {
			j++
		}
		if j+2 < len(s) && (s[j] == ':' || s[j] == '.' || s[j] == '/') && isDigit(s[j+1]) && isDigit(s[j+2]) {
			return true
		}
	}
	return false
}

// startsWithWeekday tells whether s begins with a short word and a comma, then a number: "mon, 3 feb".
func startsWithWeekday(s string) bool {
	i := strings.IndexByte(s, ',')
	return i > 0 && i <= 12 && i+2 < len(s) && s[i+1] == ' ' && isDigit(s[i+2])
}
