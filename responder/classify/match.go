package classify

import (
	"slices"
	"strings"
)

// matcher finds all patterns of a set in one pass over the tokens.
type matcher struct {
	patterns []pattern
	places   []place         // of all patterns, one pattern's after the other's
	alts     [][]word        // what may stand in a place that is not one whole word
	filter   [1 << 10]uint64 // 65,536 bits: which keys may be in the slots
	slots    []slot          // open addressing by key; one without candidates is free
	list     []candidate     // of all keys, one key's after the other's
}

// slot is a key of the index and its candidates, list[from:to].
type slot struct {
	key      uint64
	from, to int32
}

// candidate is a pattern that may begin where its key was found.
type candidate struct {
	pattern int32
	concept int32  // -1: it is no concept
	known   int32  // elements that the key alone proves, or that and the stem
	whole   bool   // they are all there is
	stem    string // what the word must begin with; "": nothing more than the key says
}

// place is an element as a matcher keeps it. There are tens of thousands, most of them one whole word.
type place struct {
	hash uint64 // of the word
	alts int32  // or the number of its alternatives, from 1
	gap  bool
}

// keep adds the elements of a pattern to the places.
func (m *matcher) keep(els []element) (from, to int32) {
	from = int32(len(m.places))
	for _, e := range els {
		p := place{hash: e.hash, gap: e.gap}
		if len(e.more) > 0 || e.stem != "" {
			m.alts = append(m.alts, e.words())
			p.alts = int32(len(m.alts))
		}
		m.places = append(m.places, p)
	}
	return from, int32(len(m.places))
}

// of is the places of a pattern.
func (m *matcher) of(p *pattern) []place { return m.places[p.from:p.to] }

// stands says whether the token is what the place asks for.
func (m *matcher) stands(p *place, s *scan, t *token) bool {
	if p.alts == 0 {
		return t.hash == p.hash
	}
	return slices.ContainsFunc(m.alts[p.alts-1], func(w word) bool { return w.is(s, t) })
}

// Keys of the index: a whole first word, its first letters, or a pair of whole words that follow each other.
func wordKey(h uint64) uint64     { return mix(h) }
func prefixKeyOf(h uint64) uint64 { return mix(h ^ 0x9e3779b97f4a7c15) }
func pairKey(a, b uint64) uint64  { return mix(a*hashPrime ^ b) }

// index is the candidates by key while a matcher is made.
type index map[uint64][]candidate

// add notes the keys under which the pattern is looked for.
func (x index) add(id int32, p *pattern, els []element) {
	e := &els[0]
	for _, w := range e.words() {
		switch {
		case w.stem != "":
			c := newCandidate(id, p, 0)
			if e.begins(w.stem[:prefixKey]) == 1 { // of several the key does not tell which one it is
				c = newCandidate(id, p, 1)
				c.stem = w.stem
			}
			x.put(prefixKeyOf(hashBytes([]byte(w.stem[:prefixKey]))), c)
		case len(els) == 1 || els[1].gap || slices.ContainsFunc(els[1].words(), func(w word) bool { return w.stem != "" }):
			x.put(wordKey(w.hash), newCandidate(id, p, 1))
		default:
			for _, second := range els[1].words() {
				x.put(pairKey(w.hash, second.hash), newCandidate(id, p, 2))
			}
		}
	}
}

// begins counts the stems that begin with these letters.
func (e *element) begins(letters string) int {
	n := 0
	for _, w := range e.words() {
		if strings.HasPrefix(w.stem, letters) {
			n++
		}
	}
	return n
}

func (x index) put(key uint64, c candidate) {
	if !slices.Contains(x[key], c) {
		x[key] = append(x[key], c)
	}
}

func newCandidate(id int32, p *pattern, known int) candidate {
	c := candidate{pattern: id, concept: -1, known: int32(known), whole: known == int(p.to-p.from)}
	if p.class == patConcept {
		c.concept = int32(p.concept)
	}
	return c
}

// freeze lays the index out flat.
func (m *matcher) freeze(x index) {
	size := 16
	for size < len(x)*4/3 { // the filter keeps most that is not there from looking
		size *= 2
	}
	m.slots = make([]slot, size)
	for key, list := range x {
		at := int(key>>32) & (size - 1)
		for m.slots[at].to > 0 {
			at = (at + 1) & (size - 1)
		}
		from := len(m.list)
		m.list = append(m.list, list...)
		m.slots[at] = slot{key, int32(from), int32(len(m.list))}
		m.filter[key&0xffff>>6] |= 1 << (key & 63)
	}
}

func (m *matcher) lookup(key uint64) []candidate {
	if m.filter[key&0xffff>>6]&(1<<(key&63)) == 0 {
		return nil
	}
	return m.probe(key)
}

func (m *matcher) probe(key uint64) []candidate {
	mask := len(m.slots) - 1
	for at := int(key>>32) & mask; ; at = (at + 1) & mask {
		s := &m.slots[at]
		if s.key == key || s.to == 0 {
			return m.list[s.from:s.to]
		}
	}
}

// hit is one place where a pattern stands: tokens [from, to).
type hit struct {
	pattern  int32
	from, to int32
	weight   float64 // what it added to the score of its class
	denied   bool    // a negation turns it
}

// mention is one place where a concept stands: it begins at a token.
type mention struct {
	concept int32
	at      int32
}

// find lists every hit and every mention of a concept, in the order of their first token.
func (m *matcher) find(s *scan, f *findings) {
	f.hits, f.mentions = f.hits[:0], f.mentions[:0]
	for i := range s.tokens {
		t := &s.tokens[i]
		if list := m.lookup(wordKey(t.hash)); len(list) > 0 {
			m.try(s, i, list, f)
		}
		if !t.han && t.to-t.from >= prefixKey {
			if list := m.lookup(prefixKeyOf(hashBytes(s.norm[t.from:][:prefixKey]))); len(list) > 0 {
				m.try(s, i, list, f)
			}
		}
		if i+1 < len(s.tokens) && s.tokens[i+1].clause == t.clause {
			if list := m.lookup(pairKey(t.hash, s.tokens[i+1].hash)); len(list) > 0 {
				m.try(s, i, list, f)
			}
		}
	}
}

// What a text made of nothing but phrases can cost.
const (
	maxHits     = 400
	maxMentions = 800
)

func (m *matcher) try(s *scan, at int, list []candidate, f *findings) {
	word := s.norm[s.tokens[at].from:s.tokens[at].to]
	for i := range list {
		c := &list[i]
		if n := len(c.stem); n > 0 && (len(word) < n || string(word[:n]) != c.stem) {
			continue
		}
		if c.concept >= 0 {
			if len(f.mentions) >= maxMentions || f.mentioned(c.concept, at) {
				continue
			}
		} else if len(f.hits) >= maxHits {
			continue
		}
		to := at + int(c.known)
		if !c.whole {
			if to = m.matchFrom(s, at, int(c.known), m.of(&m.patterns[c.pattern])); to < 0 {
				continue
			}
		}
		if c.concept >= 0 {
			f.mentions = append(f.mentions, mention{c.concept, int32(at)})
		} else {
			f.hits = append(f.hits, hit{pattern: c.pattern, from: int32(at), to: int32(to)})
		}
	}
}

// mentioned says whether the concept begins at this token already.
func (f *findings) mentioned(concept int32, at int) bool {
	for i := len(f.mentions) - 1; i >= 0 && f.mentions[i].at == int32(at); i-- {
		if f.mentions[i].concept == concept {
			return true
		}
	}
	return false
}

// matchFrom tries the places of a pattern at token at, the first known of which stand there, and returns the token behind
// them, or -1. Gaps take the nearest place and never cross the end of a clause.
func (m *matcher) matchFrom(s *scan, at, known int, places []place) int {
	pos, clause := at+known, s.tokens[at].clause
	for k := known; k < len(places); k++ {
		p := &places[k]
		limit := pos
		if p.gap {
			limit = pos + gapTokens
		}
		found := false
		for ; !found && pos <= limit; pos++ {
			if pos >= len(s.tokens) || s.tokens[pos].clause != clause {
				return -1
			}
			found = m.stands(p, s, &s.tokens[pos])
		}
		if !found {
			return -1
		}
	}
	return pos
}
