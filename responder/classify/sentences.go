package classify

import (
	"math"
	"slices"
)

// A mail of several sentences often asks for several things, and its first sentences may only tell what was bought and when.
// Therefore each sentence is judged by itself as well, and what one of them says clearly counts for the whole.

const (
	maxSentences   = 10   // that are judged by themselves
	sentenceTokens = 3    // a shorter one is not judged
	gateLevel      = -0.2 // score of the best class at which a sentence counts by half; a greeting has less
	gateSlope      = 8.0
	wholeShare     = 0.85 // of the probability of the whole text in the mixture with its sentences
)

// bySentence mixes the probabilities of the whole text in s.scores with the clearest verdicts on its sentences, and leaves
// the highest probability that one sentence gave to each class in s.peak.
func (m *Model) bySentence(s *scratch) {
	tokens := s.scan.tokens
	if len(tokens) == 0 || tokens[len(tokens)-1].sentence == 0 {
		return
	}
	clear(s.peak)
	judged := 0
	for from := 0; from < len(tokens) && judged < maxSentences; {
		to := from
		for to < len(tokens) && tokens[to].sentence == tokens[from].sentence {
			to++
		}
		if to-from >= sentenceTokens {
			judged++
			m.sentence(s, from, to)
		}
		from = to
	}
	if judged < 2 {
		copy(s.peak, s.scores)
		return
	}
	sum := 1e-9
	for _, p := range s.peak {
		sum += p * p
	}
	for k := range s.scores {
		s.scores[k] = wholeShare*s.scores[k] + (1-wholeShare)*s.peak[k]*s.peak[k]/sum
	}
}

// sentence judges the tokens [from, to) by themselves and raises s.peak to their probabilities.
func (m *Model) sentence(s *scratch, from, to int) {
	s.clear()
	clear(s.part)
	for _, h := range s.findings.hits {
		if int(h.from) >= from && int(h.to) <= to {
			if c := m.set.matcher.patterns[h.pattern].class; c >= 0 {
				s.part[c] += h.weight
			}
		}
	}
	s.extract(from, to)
	m.learned.score(s, s.part)
	softmax(s.acc, s.share, m.learned.temper)
	gate := 1 / (1 + math.Exp(-gateSlope*(float64(slices.Max(s.acc))-gateLevel)))
	for k, p := range s.share {
		s.peak[k] = max(s.peak[k], p*gate)
	}
}
