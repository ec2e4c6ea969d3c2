package classify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// gapTokens is how many tokens ".." may stand for.
const gapTokens = 4

// element is one word of a phrase: any of the alternatives, after an optional gap.
type element struct {
	words []string // lower-cased; in prefix form without the star
	stars []bool
	gap   bool
}

func (e element) matches(s *scan, t token) bool {
	b := s.bytes(t)
	for i, w := range e.words {
		if e.stars[i] {
			if len(b) >= len(w) && string(b[:len(w)]) == w {
				return true
			}
		} else if string(b) == w {
			return true
		}
	}
	return false
}

// compilePhrase reads the phrase language that Phrase describes. The error says what was expected.
func compilePhrase(text string) ([]element, error) {
	var out []element
	gap := false
	for field := range strings.FieldsSeq(text) {
		if field == ".." {
			if len(out) == 0 || gap {
				return nil, errors.New(`".." between two words`)
			}
			gap = true
			continue
		}
		els, err := compileField(field)
		if err != nil {
			return nil, err
		}
		els[0].gap = gap
		gap = false
		out = append(out, els...)
	}
	if len(out) == 0 || gap {
		return nil, errors.New("words, not only gaps")
	}
	if len(out) > 24 {
		return nil, errors.New("at most 24 words or characters")
	}
	return out, nil
}

// compileField turns one space-separated part into elements: a word, alternatives, or a run of Han characters.
func compileField(field string) ([]element, error) {
	if strings.Contains(field, "|") {
		var e element
		for alt := range strings.SplitSeq(field, "|") {
			els, err := compileField(alt)
			if err != nil {
				return nil, err
			}
			if len(els) != 1 {
				return nil, fmt.Errorf("single words or single characters around |, not %q", alt)
			}
			e.words = append(e.words, els[0].words...)
			e.stars = append(e.stars, els[0].stars...)
		}
		return []element{e}, nil
	}
	body, star := strings.CutSuffix(field, "*")
	var s scan
	s.read(body)
	if len(s.tokens) == 0 {
		return nil, fmt.Errorf("words, not %q", field)
	}
	var out []element
	for _, t := range s.tokens {
		out = append(out, element{words: []string{string(s.bytes(t))}, stars: []bool{false}})
	}
	if star {
		last := out[len(out)-1].words[0]
		if len(last) < prefixKey || s.tokens[len(s.tokens)-1].han {
			return nil, fmt.Errorf("at least %d letters before *, not %q", prefixKey, field)
		}
		out[len(out)-1].stars[0] = true
	}
	return out, nil
}

// prefixKey is how many letters of a starred first word the index looks at.
const prefixKey = 3

// pattern is a compiled phrase of one class, a negator, an exception to one, or a word of contrast.
type pattern struct {
	elements []element
	class    int // or patNegator, patExcept, patContrast
	weight   float64
	reach    int // of a negator
	concept  int // the number of the concept
	text     string
}

const (
	patNegator = -1 - iota
	patExcept
	patContrast
	patConcept
)

// matcher finds all patterns of a set in one pass over the tokens.
type matcher struct {
	patterns []pattern
	first    map[uint64][]int32 // by the first word, or the first two
	filter   [1 << 10]uint64    // 65,536 bits: which keys may be in first
}

func newMatcher(s *Set) (*matcher, error) {
	m := &matcher{first: make(map[uint64][]int32)}
	add := func(p pattern) error {
		els, err := compilePhrase(p.text)
		if err != nil {
			return fmt.Errorf("%q: expected %w", p.text, err)
		}
		p.elements = els
		m.add(p)
		return nil
	}
	var errs []error
	for i, c := range s.Classes {
		for _, lang := range sortedKeys(c.Phrases) {
			for _, p := range c.Phrases[lang] {
				if err := add(pattern{class: i, weight: p.Weight, text: p.Text}); err != nil {
					errs = append(errs, fmt.Errorf("class %s: phrase %w", c.Name, err))
				}
			}
		}
	}
	for _, n := range s.grammar.negators {
		errs = append(errs, add(pattern{class: patNegator, reach: n.reach, text: n.text}))
	}
	for _, t := range s.grammar.excepts {
		errs = append(errs, add(pattern{class: patExcept, text: t}))
	}
	for _, t := range s.grammar.contrast {
		errs = append(errs, add(pattern{class: patContrast, text: t}))
	}
	for i, c := range s.grammar.concepts {
		for _, t := range c.words {
			errs = append(errs, add(pattern{class: patConcept, concept: i, text: t}))
		}
	}
	return m, errors.Join(errs...)
}

// Keys of the index: a whole first word, its first letters, or a pair of whole words that follow each other.
func wordKey(h uint64) uint64     { return mix(h) }
func prefixKeyOf(h uint64) uint64 { return mix(h ^ 0x9e3779b97f4a7c15) }
func pairKey(a, b uint64) uint64  { return mix(a*hashPrime ^ b) }

func (m *matcher) add(p pattern) {
	id := int32(len(m.patterns))
	m.patterns = append(m.patterns, p)
	e := p.elements[0]
	for i, w := range e.words {
		h := hashBytes([]byte(w))
		if e.stars[i] {
			m.index(prefixKeyOf(hashBytes([]byte(w[:prefixKey]))), id)
			continue
		}
		if len(p.elements) == 1 || p.elements[1].gap || slices.Contains(p.elements[1].stars, true) {
			m.index(wordKey(h), id)
			continue
		}
		for _, second := range p.elements[1].words {
			m.index(pairKey(h, hashBytes([]byte(second))), id)
		}
	}
}

func (m *matcher) index(key uint64, id int32) {
	if !slices.Contains(m.first[key], id) {
		m.first[key] = append(m.first[key], id)
	}
	m.filter[key&0xffff>>6] |= 1 << (key & 63)
}

func (m *matcher) lookup(key uint64) []int32 {
	if m.filter[key&0xffff>>6]&(1<<(key&63)) == 0 {
		return nil
	}
	return m.first[key]
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
		t := s.tokens[i]
		m.try(s, i, m.lookup(wordKey(t.hash)), f)
		if b := s.bytes(t); !t.han && len(b) >= prefixKey {
			m.try(s, i, m.lookup(prefixKeyOf(hashBytes(b[:prefixKey]))), f)
		}
		if i+1 < len(s.tokens) {
			m.try(s, i, m.lookup(pairKey(t.hash, s.tokens[i+1].hash)), f)
		}
	}
}

// What a text made of nothing but phrases can cost.
const (
	maxHits     = 400
	maxMentions = 800
)

func (m *matcher) try(s *scan, at int, ids []int32, f *findings) {
	for _, id := range ids {
		p := &m.patterns[id]
		concept := p.class == patConcept
		if concept && (len(f.mentions) >= maxMentions || f.mentioned(p.concept, at)) || !concept && len(f.hits) >= maxHits {
			continue
		}
		to, ok := matchFrom(s, at, p.elements)
		switch {
		case !ok:
		case concept:
			f.mentions = append(f.mentions, mention{int32(p.concept), int32(at)})
		default:
			f.hits = append(f.hits, hit{pattern: id, from: int32(at), to: int32(to)})
		}
	}
}

// mentioned says whether the concept begins at this token already.
func (f *findings) mentioned(concept, at int) bool {
	for i := len(f.mentions) - 1; i >= 0 && f.mentions[i].at == int32(at); i-- {
		if f.mentions[i].concept == int32(concept) {
			return true
		}
	}
	return false
}

// matchFrom tries the elements at token at. Gaps take the nearest place and never cross the end of a clause.
func matchFrom(s *scan, at int, els []element) (int, bool) {
	pos := at
	for k, e := range els {
		limit := pos
		if e.gap {
			limit = pos + gapTokens
		}
		found := false
		for ; pos <= limit && pos < len(s.tokens); pos++ {
			if k > 0 && s.tokens[pos].clause != s.tokens[at].clause {
				return 0, false
			}
			if e.matches(s, s.tokens[pos]) {
				found = true
				break
			}
		}
		if !found {
			return 0, false
		}
		pos++
	}
	return pos, true
}

func sortPhrases(ps []Phrase) {
	slices.SortFunc(ps, func(a, b Phrase) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text))
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
