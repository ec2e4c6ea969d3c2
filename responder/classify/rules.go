package classify

// findings is what the phrases of a set say about one text. It is reused between texts.
type findings struct {
	hits      []hit
	mentions  []mention
	score     []float64 // by class: sum of weights, denied phrases counted against
	late      []float64 // by class: the part of it that stands behind the last word of contrast
	seen      []int32   // patterns that have been counted
	negators  []hit     // of the hits
	contrasts []hit
}

// Weights of phrases that stand in a special place.
const (
	beforeContrast = 0.5 // "thanks for the training, BUT the pump leaks"
	deniedWeight   = -0.7
	repeatWeight   = 0.25 // of a phrase that stands there again
	contrastReach  = 2    // clauses before the word of contrast that it weakens
)

// judge finds the phrases in the scanned text, drops those inside longer ones, turns the denied ones, and sums up the
// weights by class. Tokens of denied phrases are muted, so that "this is no complaint" does not smell of complaint.
func (s *Set) judge(sc *scan, f *findings) {
	s.matcher.find(sc, f)
	f.seen = f.seen[:0]
	if len(f.score) != s.topics {
		f.score, f.late = make([]float64, s.topics), make([]float64, s.topics)
	}
	clear(f.score)
	clear(f.late)
	if len(f.hits) == 0 {
		return
	}
	s.dropContained(f)
	s.turning(f)
	turn := int32(-1) // the token of the last word of contrast
	if n := len(f.contrasts); n > 0 {
		turn = f.contrasts[n-1].from
	}
	for i := range f.hits {
		h := &f.hits[i]
		p := &s.matcher.patterns[h.pattern]
		if p.class < 0 {
			continue
		}
		w := p.weight
		if n, ok := s.negatorOf(sc, f, *h); ok && w > 0 {
			w *= deniedWeight
			h.denied = true
			for k := n.from; k < h.to; k++ {
				sc.tokens[k].muted = true
			}
		}
		if contrasted(sc, f, *h) {
			w *= beforeContrast
		}
		if counted(f.seen, h.pattern) {
			w *= repeatWeight
		}
		f.seen = append(f.seen, h.pattern)
		h.weight = w
		f.score[p.class] += w
		if turn >= 0 && h.from > turn {
			f.late[p.class] += w
		}
	}
}

// turning takes the words of negation and of contrast out of the hits, in their order.
func (s *Set) turning(f *findings) {
	f.negators, f.contrasts = f.negators[:0], f.contrasts[:0]
	for _, h := range f.hits {
		switch s.matcher.patterns[h.pattern].class {
		case patNegator:
			f.negators = append(f.negators, h)
		case patContrast:
			f.contrasts = append(f.contrasts, h)
		}
	}
}

func counted(seen []int32, id int32) bool {
	for _, x := range seen {
		if x == id {
			return true
		}
	}
	return false
}

// dropContained removes hits that lie inside a longer hit: of the same class always, of another class when that phrase has
// no gap, so that "training manual" is not about training. A negation inside an exception ("not only") goes as well.
func (s *Set) dropContained(f *findings) {
	kept := f.hits[:0:len(f.hits)]
	all := f.hits
	var drop [maxHits]bool
	for i, a := range all {
		for j := i - 1; j >= 0 && !drop[i]; j-- {
			if a.from-all[j].from > 40 {
				break
			}
			drop[i] = s.contains(all[j], a)
		}
		for j := i + 1; j < len(all) && all[j].from <= a.from && !drop[i]; j++ {
			drop[i] = s.contains(all[j], a)
		}
	}
	for i, a := range all {
		if !drop[i] {
			kept = append(kept, a)
		}
	}
	f.hits = kept
}

// contains says whether the longer hit a makes b count for nothing.
func (s *Set) contains(a, b hit) bool {
	if a.from > b.from || a.to < b.to || a.to-a.from == b.to-b.from {
		return false
	}
	pa, pb := &s.matcher.patterns[a.pattern], &s.matcher.patterns[b.pattern]
	switch {
	case pa.class == patExcept:
		return pb.class == patNegator
	case pa.class == patNegator:
		return pb.class == patNegator
	case pa.class < 0 || pb.class < 0:
		return false
	case pa.class == pb.class:
		return true
	}
	for _, p := range s.matcher.of(pa) {
		if p.gap {
			return false
		}
	}
	return true
}

// negatorOf finds a negation shortly before the hit in the same clause.
func (s *Set) negatorOf(sc *scan, f *findings, h hit) (hit, bool) {
	for _, n := range f.negators {
		if n.from >= h.from {
			break
		}
		if n.to > h.from || int(h.from-n.to) >= s.matcher.patterns[n.pattern].reach {
			continue
		}
		if sc.tokens[n.from].clause == sc.tokens[h.from].clause {
			return n, true
		}
	}
	return hit{}, false
}

// contrasted says whether a word of contrast follows within a few clauses.
func contrasted(sc *scan, f *findings, h hit) bool {
	for _, c := range f.contrasts {
		if c.from >= h.to {
			return sc.tokens[c.from].clause-sc.tokens[h.from].clause <= contrastReach
		}
	}
	return false
}
