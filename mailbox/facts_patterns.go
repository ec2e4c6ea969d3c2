package mailbox

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// labelKind is what a phrase of data/facts.tsv says about the words near it.
type labelKind uint8

const (
	labelNone labelKind = iota
	labelSerial
	labelUnit
	labelFaulty
	labelContract
	labelPhone
	labelNumber
	labelCity
	labelProvince
	labelAddress
)

var labelKinds = map[string]labelKind{"serial": labelSerial, "unit": labelUnit, "faulty": labelFaulty, "contract": labelContract, "phone": labelPhone,
	"number": labelNumber, "city": labelCity, "province": labelProvince, "address": labelAddress}

// FactPatterns are the phrases that a FactFinder goes by. The zero value knows none; LoadFactPatterns reads those that
// ship with the program.
type FactPatterns struct {
	// OwnPhones are the company's own numbers in any spelling: they are never the customer's.
	OwnPhones []string
	// OwnPlaces are lines or parts of the company's own addresses: a line that holds one of them names no place of the
	// customer's.
	OwnPlaces []string

	labels map[uint32][]factLabel
	heads  *headFilter // of labels
	filler *phraseIndex
	near   map[string][]string // the kinds that are looked for around a place
}

type factLabel struct {
	text string
	kind labelKind
}

// LoadFactPatterns reads the phrases that ship with the program and, when extra is not nil, an admin's rows in the
// format of data/facts.tsv. Errors name line and value.
func LoadFactPatterns(extra io.Reader) (FactPatterns, error) {
	p := FactPatterns{labels: map[uint32][]factLabel{}, heads: &headFilter{}, filler: &phraseIndex{}, near: map[string][]string{}}
	readEmbedded("facts.tsv", 3, 3, p.row)
	if extra != nil {
		if err := readTable("facts", extra, 3, 3, p.row); err != nil {
			return FactPatterns{}, err
		}
	}
	for _, list := range p.labels {
		slices.SortStableFunc(list, func(a, b factLabel) int { return len(b.text) - len(a.text) })
	}
	return p, nil
}

func (p *FactPatterns) row(cells []string) error {
	kind, text := cells[0], lowerASCII(foldWidth(cells[2]))
	if text == "" {
		return fmt.Errorf("%s: the phrase is empty", kind)
	}
	if k, ok := labelKinds[kind]; ok {
		key := headKey(text, len(text))
		p.heads.add(text)
		p.labels[key] = append(p.labels[key], factLabel{text, k})
		return nil
	}
	switch kind {
	case "filler":
		p.filler.add(text)
	case "at", "site", "away", "behind", "our", "office", "street", "company":
		p.near[kind] = append(p.near[kind], text)
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
	return nil
}

// label returns the longest label that low, which is folded and lower case, begins with. A Latin label ends where its
// word ends.
func (p *FactPatterns) label(low string) factLabel {
	if p.heads == nil || !p.heads.may(low) {
		return factLabel{}
	}
	for k := min(3, len(low)); k > 1; k-- {
		if k < 3 && !endsWord(low, k) {
			break // only a label of that length would do
		}
		for _, l := range p.labels[headKey(low, k)] {
			if (k == 3 || len(l.text) == k) && strings.HasPrefix(low, l.text) && endsWord(low, len(l.text)) {
				return l
			}
		}
	}
	return factLabel{}
}

// endsWord tells whether no Latin word goes on at low[i].
func endsWord(low string, i int) bool {
	if i >= len(low) || i == 0 {
		return true
	}
	return !isWordByte(low[i-1]) || !isWordByte(low[i])
}

func isWordByte(b byte) bool { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'z' }

// foldWidth turns full-width letters, digits and punctuation into ASCII, and typographic apostrophes and dashes into
// the typewriter's.
func foldWidth(s string) string {
	i := narrow(s)
	if i == len(s) {
		return s
	}
	return string(appendWidth(append(make([]byte, 0, len(s)), s[:i]...), s[i:]))
}

// narrow is how many bytes at the begin of s foldWidth leaves as they are.
func narrow(s string) int {
	i := 0
	for i < len(s) && !widthLeads[s[i]] {
		i++
	}
	return i
}

// widthLeads has the bytes that a character begins with which foldWidth may change; it never changes.
var widthLeads = [256]bool{0xEF: true, 0xE2: true, 0xE3: true, 0xC2: true}

// appendWidth is foldWidth into dst.
func appendWidth(out []byte, s string) []byte {
	for s != "" {
		n := narrow(s)
		out = append(out, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case 0xFF01 <= r && r <= 0xFF5E:
			out = append(out, byte(r-0xFF01+'!'))
		case r == '’' || r == '‘':
			out = append(out, '\'')
		case r == '–' || r == '—' || r == '‐' || r == '‑' || r == '−':
			out = append(out, '-')
		case r == 0x3000 || r == 0xA0:
			out = append(out, ' ')
		default:
			out = append(out, s[:n]...)
		}
		s = s[n:]
	}
	return out
}

// lowerASCII lowers A to Z and leaves every other byte, so that offsets stay.
func lowerASCII(s string) string {
	i := firstCapital(s)
	if i == len(s) {
		return s
	}
	b := []byte(s)
	lowerIn(b[i:])
	return string(b)
}

// firstCapital is the place of the first capital ASCII letter, or the length of s.
func firstCapital(s string) int {
	i := 0
	for i < len(s) && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	return i
}

// lowerIn is lowerASCII in place.
func lowerIn(b []byte) {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
}
