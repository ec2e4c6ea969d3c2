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
	word
	more []word
	gap  bool
}

// word is a lower-cased word, or the letters before a star.
type word struct {
	hash uint64
	stem string // "" of a whole word
}

// is says whether the token is the word, or begins with its stem. Two words with the same hash are taken for the same.
func (w *word) is(s *scan, t *token) bool {
	if w.stem == "" {
		return t.hash == w.hash
	}
	b := s.norm[t.from:t.to]
	return len(b) >= len(w.stem) && string(b[:len(w.stem)]) == w.stem
}

// words is all alternatives.
func (e *element) words() []word { return append([]word{e.word}, e.more...) }

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
		var all []word
		for alt := range strings.SplitSeq(field, "|") {
			els, err := compileField(alt)
			if err != nil {
				return nil, err
			}
			if len(els) != 1 {
				return nil, fmt.Errorf("single words or single characters around |, not %q", alt)
			}
			all = append(all, els[0].word)
		}
		return []element{{word: all[0], more: slices.Clone(all[1:])}}, nil
	}
	body, star := strings.CutSuffix(field, "*")
	var s scan
	s.read(body)
	if len(s.tokens) == 0 {
		return nil, fmt.Errorf("words, not %q", field)
	}
	out := make([]element, len(s.tokens))
	for i, t := range s.tokens {
		out[i].hash = t.hash
	}
	if star {
		last := s.tokens[len(s.tokens)-1]
		stem := string(s.bytes(last))
		if len(stem) < prefixKey || last.han {
			return nil, fmt.Errorf("at least %d letters before *, not %q", prefixKey, field)
		}
		out[len(out)-1].stem = stem
	}
	return out, nil
}

// prefixKey is how many letters of a starred first word the index looks at.
const prefixKey = 3

// pattern is a compiled phrase of one class, a negator, an exception to one, or a word of contrast.
type pattern struct {
	text     string
	from, to int32 // its places in the matcher
	class    int   // or patNegator, patExcept, patContrast
	weight   float64
	reach    int // of a negator
	concept  int // the number of the concept
}

const (
	patNegator = -1 - iota
	patExcept
	patContrast
	patConcept
)

// key is the same for patterns of one class that match the same texts.
func (p *pattern) key(els []element) uint64 {
	h := mix(uint64(p.class)<<32 ^ uint64(p.concept))
	for _, e := range els {
		for _, w := range e.words() {
			h = mix(h*hashPrime ^ w.hash)
			if w.stem != "" {
				h++
			}
		}
		if h = mix(h); e.gap { // the next word is no alternative
			h++
		}
	}
	return h
}

func newMatcher(s *Set) (*matcher, error) {
	m, x, known := &matcher{}, make(index), make(map[uint64]bool)
	add := func(p pattern) error {
		els, err := compilePhrase(p.text)
		if err != nil {
			return fmt.Errorf("%q: expected %w", p.text, err)
		}
		key := p.key(els)
		if known[key] {
			return nil // the same in other characters: it counts once
		}
		known[key] = true
		p.from, p.to = m.keep(els)
		x.add(int32(len(m.patterns)), &p, els)
		m.patterns = append(m.patterns, p)
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
	m.freeze(x)
	m.patterns, m.places, m.alts = slices.Clone(m.patterns), slices.Clone(m.places), slices.Clone(m.alts)
	return m, errors.Join(errs...)
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
