package responder

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phraseSet finds any of many phrases in one pass over a text (Aho and Corasick, 1975), so that the cost of a mail does
// not grow with the number of phrases. It is built once and then only read. States with many ways on have a row of their
// own; the others, by far the most, a few edges, and go on from their longest suffix where none fits.
type phraseSet struct {
	class [256]uint8 // byte -> column, 0 for bytes that no phrase has
	width int
	nodes []phraseNode // by state; one more at the end
	dense []uint16     // rows of width states
	by    []uint8      // by edge: the column
	to    []uint16     // by edge: the state
	first [256]uint16  // by byte: the state that it leads to from the root, where most of a text is read
	ends  []int32      // by state: a phrase that ends there, -1 when none does
	same  []int32      // by phrase: another one that ends in the same state, -1
	size  []int        // by phrase: bytes
	open  []bool       // by phrase: it may go on as a longer word
}

// phraseNode is what is asked of a state with every byte; it lies together.
type phraseNode struct {
	row   int32  // its row in dense, -1 when it has none
	edge  uint32 // where its edges begin; they end where those of the next state do
	fail  uint16 // the state of its longest suffix that does not begin inside a word
	found uint16 // itself or its longest such suffix that ends a phrase, 0 when none does
}

// The bounds of a set: what a state number can count, and from how many edges on a state has a row.
const (
	maxStates = 1<<16 - 1
	denseFrom = 4
)

// newPhraseSet builds the set; phrases are folded already, and a star at the end lets a phrase go on as a longer word. ok
// is false when they are too many.
func newPhraseSet(phrases []string) (p *phraseSet, ok bool) {
	p = &phraseSet{width: 1}
	tree := map[uint32]uint16{} // state and column -> state; nothing leads back to the root
	p.ends = []int32{-1}
	for i, ph := range phrases {
		ph, open := strings.CutSuffix(ph, "*")
		p.size, p.open = append(p.size, len(ph)), append(p.open, open)
		s := uint16(0)
		for j := range len(ph) {
			c := &p.class[ph[j]]
			if *c == 0 {
				*c = uint8(p.width)
				p.width++
			}
			at := uint32(s)<<8 | uint32(*c)
			next, has := tree[at]
			if !has {
				if len(p.ends) == maxStates {
					return nil, false
				}
				next = uint16(len(p.ends))
				tree[at] = next
				p.ends = append(p.ends, -1)
			}
			s = next
		}
		p.same = append(p.same, p.ends[s])
		p.ends[s] = int32(i)
	}
	p.lay(tree)
	p.link()
	return p, true
}

// lay puts the tree into the arrays of edges, in the order of states and columns.
func (p *phraseSet) lay(tree map[uint32]uint16) {
	keys := slices.Sorted(maps.Keys(tree))
	p.nodes = make([]phraseNode, 0, len(p.ends)+1)
	p.by, p.to = make([]uint8, len(keys)), make([]uint16, len(keys))
	for i, k := range keys {
		for len(p.nodes) <= int(k>>8) {
			p.nodes = append(p.nodes, phraseNode{row: -1, edge: uint32(i)})
		}
		p.by[i], p.to[i] = uint8(k), tree[k]
	}
	for len(p.nodes) <= len(p.ends) {
		p.nodes = append(p.nodes, phraseNode{row: -1, edge: uint32(len(keys))})
	}
}

// link finds the longest suffix of every state, from the root outward, and writes the rows of the busy ones. A phrase inside
// a word does not count (wholeWord), so that no suffix that begins there is followed: most words are given up soon.
func (p *phraseSet) link() {
	var words [256]bool // by column: it is of a letter or digit
	for b, c := range p.class {
		words[c] = words[c] || c > 0 && isWordByte(byte(b))
	}
	last := make([]bool, len(p.ends)) // by state: a letter or digit leads to it
	queue := make([]uint16, 1, len(p.ends))
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		n := &p.nodes[s]
		if n.found = p.nodes[n.fail].found; p.ends[s] >= 0 {
			n.found = s
		}
		edges := p.nodes[s+1].edge
		for e := n.edge; e < edges; e++ {
			t, c := p.to[e], p.by[e]
			last[t] = words[c]
			if s != 0 {
				p.nodes[t].fail = p.step(n.fail, c, last[s] && words[c])
			}
			queue = append(queue, t)
		}
		if s == 0 || edges-n.edge >= denseFrom {
			row := make([]uint16, p.width)
			for c := range row {
				row[c] = p.step(s, uint8(c), last[s] && words[c])
			}
			n.row = int32(len(p.dense))
			p.dense = append(p.dense, row...)
		}
	}
	for b := range p.first {
		p.first[b] = p.step(0, p.class[b], false)
	}
}

// step is the state that column c leads to from s; inside tells that it goes on with a word.
func (p *phraseSet) step(s uint16, c uint8, inside bool) uint16 {
	for {
		if s == 0 && inside {
			return 0
		}
		n := &p.nodes[s]
		if n.row >= 0 {
			return p.dense[int(n.row)+int(c)]
		}
		for e, end := n.edge, p.nodes[s+1].edge; e < end; e++ {
			if p.by[e] == c {
				return p.to[e]
			}
		}
		if s == 0 {
			return 0
		}
		s = n.fail
	}
}

// each calls hit with the number, the start and the end of every phrase found in text, until hit returns false. A phrase
// that begins or ends with a letter or digit of an alphabet with spaces must not continue a word there.
func (p *phraseSet) each(text []byte, hit func(phrase, start, end int) bool) {
	s, word := uint16(0), false
	for i, b := range text {
		inside := word
		word = wordBytes[b]
		switch inside = inside && word; {
		case s != 0:
			s = p.step(s, p.class[b], inside)
		case inside:
			continue
		default:
			s = p.first[b]
		}
		if s == 0 {
			continue
		}
		for t := p.nodes[s].found; t != 0; t = p.nodes[p.nodes[t].fail].found {
			for n := p.ends[t]; n >= 0; n = p.same[n] {
				from := i + 1 - p.size[n]
				if wholeWord(text, from, i+1, p.open[n]) && !hit(int(n), from, i+1) {
					return
				}
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

// wordBytes has the bytes that isWordByte is true for; it is computed once and never changes.
var wordBytes = func() (t [256]bool) {
	for i := range t {
		t[i] = isWordByte(byte(i))
	}
	return t
}()

func isWordByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

// fold appends s to dst in the form that phrases are compared in and returns it, stopping at limit bytes: lower case,
// every run of white space one space, full-width punctuation and digits in their ASCII form, curly quotes straight,
// invisible characters gone.
func fold(dst []byte, s string, limit int) []byte {
	space := len(dst) == 0 || dst[len(dst)-1] == ' '
	for i := 0; i < len(s) && len(dst) < limit; {
		b := s[i]
		switch c := foldBytes[b]; {
		case c > ' ':
			dst = append(dst, c)
			space = false
			i++
			continue
		case c == ' ':
			if !space {
				dst = append(dst, ' ')
				space = true
			}
			i++
			continue
		case b >= 0xe4 && b <= 0xe9 && i+3 <= len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80: // Han, as it is
			dst = append(dst, s[i:i+3]...)
			space = false
			i += 3
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

// foldBytes is what fold makes of an ASCII byte, and 0 for what begins a character beyond; it never changes.
var foldBytes = func() (t [256]byte) {
	for i := range utf8.RuneSelf {
		t[i] = byte(max(i, ' '))
		if i >= 'A' && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

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
