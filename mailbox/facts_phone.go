package mailbox

import "strings"

// phoneRun is a run of digits that may be a telephone number.
type phoneRun struct {
	from, to int
	digits   int
	mobile   bool
}

// phoneAt reads the run of digits at i. ok tells that it is a telephone number by its own form; behind the word for
// telephone a run of six digits and more is one, too.
func (s *factScan) phoneAt(i int) (n phoneRun, ok bool) {
	n = phoneRun{from: i, to: i}
	if i >= len(s.low) || i > 0 && isWordByte(s.low[i-1]) {
		return n, false
	}
	var d [16]byte
	seps, plus := 0, false
scan:
	for j := i; j < len(s.low) && j < i+30; j++ {
		switch c := s.low[j]; {
		case isDigit(c):
			if n.digits == len(d) {
				return phoneRun{from: i, to: i}, false
			}
			d[n.digits] = c
			n.digits++
			n.to = j + 1
		case c == '+' && n.digits == 0:
			plus = true
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '.':
			// A number that is complete ends at a space; another may follow.
			if c == ' ' && (whole(d[:n.digits], plus) || j+1 < len(s.low) && s.low[j+1] == ' ') {
				break scan
			}
			if c == '.' && (j+1 >= len(s.low) || !isDigit(s.low[j+1])) {
				break scan
			}
			if n.digits > 0 {
				seps++
			}
		case c == '/' && 3 <= n.digits && n.digits <= 5 && d[0] == '0':
		default:
			break scan
		}
	}
	if n.to < len(s.low) && isWordByte(s.low[n.to]) {
		return phoneRun{from: i, to: i}, false
	}
	if n.to == i {
		return n, false
	}
	num := d[:n.digits]
	if n.digits == 13 && num[0] == '8' && num[1] == '6' && num[2] == '1' && num[3] >= '3' {
		num = num[2:]
	}
	n.mobile = len(num) == 11 && num[0] == '1' && num[1] >= '3'
	switch {
	case n.mobile:
		return n, seps <= 4
	case plus:
		return n, n.digits >= 8
	case n.digits >= 12 && num[0] == '8' && num[1] == '6':
		return n, seps > 0 && n.digits <= 13
	case num[0] == '0':
		return n, seps > 0 && n.digits >= 10 && n.digits <= 12 || n.digits == 11 && s.low[i] == '('
	case n.digits == 10 && (strings.HasPrefix(string(num), "400") || strings.HasPrefix(string(num), "800")):
		return n, true
	case n.digits == 10 || n.digits == 11 && num[0] == '1':
		return n, americanForm(s.low[i:n.to])
	}
	return n, false
}

// whole tells whether the digits read so far are a complete Chinese number.
func whole(d []byte, plus bool) bool {
	switch {
	case plus:
		return len(d) >= 13
	case len(d) == 11:
		return d[0] == '1' || d[0] == '0'
	}
	return len(d) >= 12
}

// americanForm tells whether s is written in groups of three, three and four digits.
func americanForm(s string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if len(groups) == 4 && groups[0] == "1" {
		groups = groups[1:]
	}
	return len(groups) == 3 && len(groups[0]) == 3 && len(groups[1]) == 3 && len(groups[2]) == 4
}

// offerPhone takes a number unless it is the company's own.
func (s *factScan) offerPhone(n phoneRun, bonus int) {
	if n.to <= n.from || s.ours(n.from) {
		return
	}
	v := strings.TrimSpace(s.text[n.from:n.to])
	if strings.HasPrefix(v, "(") && !strings.Contains(v, ")") {
		v = v[1:]
	}
	d := digitsOf(v)
	for _, own := range s.f.phones {
		if strings.HasSuffix(own, d) || strings.HasSuffix(d, own) || len(d) > 8 && len(own) > 8 && own[len(own)-8:] == d[len(d)-8:] {
			return
		}
	}
	if n.mobile {
		bonus++
	}
	s.phone.offer(v, bonus+2*int(s.source))
}

// ours tells whether the words shortly before i speak of us: "your hotline 400-...".
func (s *factScan) ours(i int) bool {
	before := s.before(i, 30)
	for _, w := range s.p.near["our"] {
		if j := strings.LastIndex(before, w); j >= 0 && endsWord(before, j+len(w)) && (j == 0 || w[0] >= 0x80 || !isWordByte(before[j-1])) {
			return true
		}
	}
	return false
}

// before is up to n bytes of the same sentence in front of i.
func (s *factScan) before(i, n int) string {
	b := s.low[max(0, i-n):i]
	if j := strings.LastIndexAny(b, "\n.!?;。！？；"); j >= 0 {
		b = b[j+1:]
	}
	return b
}
