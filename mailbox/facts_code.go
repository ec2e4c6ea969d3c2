package mailbox

import (
	"strings"
	"unicode/utf8"
)

// code is a serial or contract number and where it ends.
type code struct {
	value string
	to    int
}

// Limits of a code and of the words between a label and it.
const (
	codeMin, codeMax = 3, 40
	codeLong         = 5
	gapWords         = 6
	gapRunes         = 10
	gapBytes         = 60
)

// gap skips what may stand between a label and its value: punctuation, one line end, filler words.
func (s *factScan) gap(i int) int {
	lines, fillers := 0, 0
	for n := 0; n < 24 && i < len(s.low); n++ {
		switch c := s.low[i]; {
		case strings.IndexByte(" \t\r:#=\"'*|()[]<>._", c) >= 0:
			i++
			continue
		case c == '-' && i+1 < len(s.low) && s.low[i+1] == ' ':
			i++
			continue
		case c == '\n' && lines == 0:
			lines++
			i++
			continue
		}
		if strings.HasPrefix(s.low[i:], "【") || strings.HasPrefix(s.low[i:], "“") || strings.HasPrefix(s.low[i:], "「") || strings.HasPrefix(s.low[i:], "】") || strings.HasPrefix(s.low[i:], "”") {
			i += 3
			continue
		}
		f := s.p.filler.longest(s.low[i:])
		if fillers++; f == "" || fillers > 8 || !endsWord(s.low, i+len(f)) {
			break
		}
		i += len(f)
	}
	return i
}

// code reads the code behind a label. far lets some words stand between, as in "the serial number of the pump is ...";
// then the code must be a long one.
func (s *factScan) code(after int, far bool) (code, bool) {
	i := s.gap(after)
	if c, ok := s.codeAt(i, false); ok {
		return c, true
	}
	if !far || strings.IndexByte(s.low[after:i], '\n') >= 0 {
		return code{}, false
	}
	for words, runes := 0, 0; i < len(s.low) && i < after+gapBytes && words < gapWords && runes < gapRunes; {
		b := s.low[i]
		switch {
		case b == ' ' || b == ':' || b == '\'' || b == '"' || b == '(':
			i++
			continue
		case b == ',' && runes > 0 && runes < 6:
			// 编号在背面, 12470983
			if c, ok := s.codeAt(s.gap(i+1), true); ok {
				return c, true
			}
			return code{}, false
		case b < utf8.RuneSelf && !isWordByte(b):
			return code{}, false
		case i > after && s.p.label(s.low[i:]).kind != labelNone && s.p.filler.longest(s.low[i:]) == "":
			return code{}, false
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s.low[i:])
			if !isHanRune(r) {
				return code{}, false
			}
			runes++
			i += n
		default:
			if c, ok := s.codeAt(i, true); ok {
				return c, true
			}
			end := s.wordEnd(i)
			if hasDigit(s.low[i:end]) {
				return code{}, false
			}
			words++
			i = end
		}
	}
	return code{}, false
}

// codeAt reads a code that begins at i: letters and digits with dashes, dots, slashes and underscores inside, a digit
// among them. Letters may be set off by a space ("KX 2043 881"). long asks for five characters.
func (s *factScan) codeAt(i int, long bool) (code, bool) {
	end := s.group(i)
	if end == i {
		return code{}, false
	}
	if !hasDigit(s.low[i:end]) {
		if end-i > 6 || strings.ToUpper(s.text[i:end]) != s.text[i:end] {
			return code{}, false
		}
		end = s.spacedGroups(end)
	}
	v := strings.TrimRight(s.text[i:end], "-./_")
	end = i + len(v)
	if len(v) < codeMin || len(v) > codeMax || long && len(v) < codeLong || !hasDigit(v) || isDateCode(v) || s.measure(v, end) {
		return code{}, false
	}
	return code{v, end}, true
}

// group is the end of one run of code characters.
func (s *factScan) group(i int) int {
	for i < len(s.low) {
		c := s.low[i]
		if !isWordByte(c) {
			if strings.IndexByte("-._/#", c) < 0 || i+1 >= len(s.low) || !isWordByte(s.low[i+1]) {
				return i
			}
		}
		i++
	}
	return i
}

// spacedGroups goes on over groups that begin with a digit, one space or a dash between spaces before each.
func (s *factScan) spacedGroups(end int) int {
	for n := 0; n < 4; n++ {
		i := end
		if strings.HasPrefix(s.low[i:], " - ") {
			i += 3
		} else if strings.HasPrefix(s.low[i:], " ") {
			i++
		} else {
			return end
		}
		next := s.group(i)
		if next == i || !isDigit(s.low[i]) || next-i < 2 {
			return end
		}
		end = next
	}
	return end
}

// measure tells whether v is a year, or a number with a unit behind it.
func (s *factScan) measure(v string, end int) bool {
	if len(v) == 4 && isYear(v) {
		return true
	}
	rest := s.low[end:]
	for _, unit := range []string{"年", "月", "日", "天", "小时", "分钟", "元", "台", "个", "%", "件", "套", "周"} {
		if strings.HasPrefix(rest, unit) {
			return true
		}
	}
	return false
}

// isDateCode tells whether v is a date: 2026-11-03, 2026/11, 03.11.2026.
func isDateCode(v string) bool {
	parts := strings.FieldsFunc(v, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) != 3 && len(parts) != 2 {
		return false
	}
	years := 0
	for _, p := range parts {
		switch {
		case len(p) == 4 && isYear(p):
			years++
		case len(p) > 2 || len(digitsOf(p)) != len(p):
			return false
		}
	}
	return years == 1 || len(parts) == 3
}

// contractAt reads a contract number: a code, also one in quotation marks with spaces in it, or in the Chinese form
// 甲(2024)第036号.
func (s *factScan) contractAt(after int) (code, bool) {
	i := s.gap(after)
	if i > after && s.low[i-1] == '"' {
		if j := strings.IndexByte(s.low[i:], '"'); j >= codeMin && j <= codeMax && hasDigit(s.low[i:i+j]) && strings.IndexByte(s.low[i:i+j], '\n') < 0 {
			return code{strings.TrimSpace(s.text[i : i+j]), i + j + 1}, true
		}
	}
	if end := s.chineseNumber(i); end > i {
		return code{s.text[i:end], end}, true
	}
	return s.code(after, true)
}

// chineseNumber is the end of a number like KF(2024)第036号 at i, or i.
func (s *factScan) chineseNumber(i int) int {
	j := s.group(i)
	if j+6 > len(s.low) || (s.low[j] != '(' && s.low[j] != '[') || !isYear(s.low[j+1:]) || (s.low[j+5] != ')' && s.low[j+5] != ']') {
		return i
	}
	j += 6
	if strings.HasPrefix(s.low[j:], "第") {
		j += len("第")
	}
	end := s.group(j)
	if end == j {
		return i
	}
	if strings.HasPrefix(s.low[end:], "号") && strings.HasSuffix(s.low[:j], "第") {
		end += len("号")
	}
	return end
}

// codeBefore is the code that stands directly before a label, as in HT-2025-118号合同.
func (s *factScan) codeBefore(i int) string {
	head := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(s.text[:i], " "), "的"), "号"), " ")
	from := len(head)
	for from > 0 && from > len(head)-codeMax && (isWordByte(head[from-1]) || strings.IndexByte("-_/.", head[from-1]) >= 0) {
		from--
	}
	v := head[from:]
	if len(v) < codeLong || !hasDigit(v) || isDateCode(v) || !isWordByte(v[0]) {
		return ""
	}
	return v
}

func digitsOf(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			b = append(b, s[i])
		}
	}
	return string(b)
}
