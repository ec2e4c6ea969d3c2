package responder

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phraseSet finds any of many phrases in one pass over a text (Aho and Corasick, 1975), so that the cost of a mail does
// not grow with the number of phrases. It is built once and then only read.
type phraseSet struct {
	class [256]uint8 // byte -> column
	width int
	next  []uint16 // state*width+column -> state
	out   [][]int32
	size  []int  // length of each phrase in bytes
	open  []bool // the phrase may go on as a longer word
}

// maxStates is what a state number can count; beyond it the rules are refused.
const maxStates = 1 << 16

// newPhraseSet builds the set; phrases are folded already, and a star at the end lets a phrase go on as a longer word. ok
// is false when they are too many.
func newPhraseSet(phrases []string) (p *phraseSet, ok bool) {
	p = &phraseSet{size: make([]int, len(phrases)), open: make([]bool, len(phrases)), width: 1}
	phrases = slices.Clone(phrases)
	for i, ph := range phrases {
		ph, p.open[i] = strings.CutSuffix(ph, "*")
		phrases[i], p.size[i] = ph, len(ph)
		for j := range len(ph) {
			if p.class[ph[j]] == 0 {
				p.class[ph[j]] = uint8(p.width)
				p.width++
			}
		}
	}
	if !p.plant(phrases) {
		return nil, false
	}
	p.link()
	return p, true
}

// plant makes the tree of the phrases: a row of next a state, 0 where there is no way on (nothing leads back to the root).
// It is false when the states are too many.
func (p *phraseSet) plant(phrases []string) bool {
	total := 1
	for _, ph := range phrases {
		total += len(ph)
	}
	p.next = make([]uint16, p.width, total/2*p.width+p.width)
	p.out = [][]int32{nil}
	for i, ph := range phrases {
		s := 0
		for j := range len(ph) {
			at := s*p.width + int(p.class[ph[j]])
			if p.next[at] == 0 {
				if len(p.out) == maxStates {
					return false
				}
				p.next[at] = uint16(len(p.out))
				p.next = append(p.next, make([]uint16, p.width)...)
				p.out = append(p.out, nil)
			}
			s = int(p.next[at])
		}
		p.out[s] = append(p.out[s], int32(i))
	}
	p.next = slices.Clone(p.next) // without the room to grow
	return true
}

// link makes the tree a complete automaton: where there is no way on, it goes on from the longest suffix that is itself the
// beginning of a phrase.
func (p *phraseSet) link() {
	fail := make([]uint16, len(p.out))
	queue := make([]uint16, 1, len(p.out))
	for i := 0; i < len(queue); i++ {
		s := int(queue[i])
		row, back := p.next[s*p.width:(s+1)*p.width], p.next[int(fail[s])*p.width:]
		for c := range row {
			to := row[c]
			switch {
			case s == 0 && to != 0:
				queue = append(queue, to)
			case s != 0 && to == 0:
				row[c] = back[c]
			case s != 0:
				fail[to] = back[c]
				p.out[to] = append(p.out[to], p.out[back[c]]...)
				queue = append(queue, to)
			}
		}
	}
}

// each calls hit with the number and the start of every phrase found in text, until hit returns false. A phrase that
// begins or ends with a letter or digit of an alphabet with spaces must not continue a word there.
func (p *phraseSet) each(text []byte, hit func(phrase, start, end int) bool) {
	s := 0
	for i, b := range text {
		s = int(p.next[s*p.width+int(p.class[b])])
		for _, n := range p.out[s] {
			from := i + 1 - p.size[n]
			if !wholeWord(text, from, i+1, p.open[n]) {
				continue
			}
			if !hit(int(n), from, i+1) {
				return
			}
		}
	}
}

// wholeWord tells whether text[from:to] is not a piece of a longer ASCII word; open: it may be the beginning of one.
func wholeWord(text []byte, from, to int, open bool) bool {
	if from > 0 && isWordByte(text[from]) && isWordByte(text[from-1]) {
		return false
	}
	return open || to >= len(text) || !isWordByte(text[to-1]) || !isWordByte(text[to])
}

func isWordByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

// fold appends s to dst in the form that phrases are compared in and returns it, stopping at limit bytes: lower case,
// every run of white space one space, full-width punctuation and digits in their ASCII form, curly quotes straight,
// invisible characters gone.
func fold(dst []byte, s string, limit int) []byte {
	space := len(dst) == 0 || dst[len(dst)-1] == ' '
	for i := 0; i < len(s) && len(dst) < limit; {
		b := s[i]
		if b < utf8.RuneSelf {
			i++
			switch {
			case b <= ' ':
				if !space {
					dst = append(dst, ' ')
					space = true
				}
				continue
			case b >= 'A' && b <= 'Z':
				b += 'a' - 'A'
			}
			dst = append(dst, b)
			space = false
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		r = foldRune(r)
		switch r {
		case 0:
		case ' ':
			if !space {
				dst = append(dst, ' ')
				space = true
			}
		default:
			dst = utf8.AppendRune(dst, r)
			space = false
		}
	}
	return dst
}

// foldRune folds one character above ASCII; 0 means that it is dropped.
func foldRune(r rune) rune {
	switch {
	case r >= 0x4E00 && r <= 0x9FFF: // Han, the common case
		return r
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		return unicode.ToLower(r - 0xFEE0)
	case r == 0x3000 || r == 0xA0 || r == 0x202F || r >= 0x2000 && r <= 0x200A:
		return ' '
	case r == 0x2018 || r == 0x2019:
		return '\''
	case r == 0x201C || r == 0x201D:
		return '"'
	case r == '【' || r == '〔':
		return '['
	case r == '】' || r == '〕':
		return ']'
	case r == 0x2010 || r == 0x2011 || r == 0x2013 || r == 0x2014:
		return '-'
	case r == 0xAD || r >= 0x200B && r <= 0x200F || r == 0xFEFF || r >= 0x202A && r <= 0x202E:
		return 0
	case r < 0x600:
		return unicode.ToLower(r)
	}
	return r
}

// folded is fold for the phrases themselves, which are short.
func folded(s string) string {
	b := fold(nil, s, 1<<16)
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return string(b)
}
