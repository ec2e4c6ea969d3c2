package classify

import (
	"cmp"
	"slices"
)

// How strong a class must be beside the best one. Claims and complaints must not be missed: less is enough for them.
const (
	alsoShare      = 0.22 // probability of a further intent
	alsoShareClaim = 0.04 // where phrases alone judge
	alsoRule       = 3.0  // phrase score of a further intent
	alsoRuleClaim  = 2.0
	alsoTrace      = 0.03 // what a claim must get from one sentence or the text as a whole, where no phrase speaks for it
	alsoFlag       = 0.15 // or from the second stage: less is what that says of any mail of a fault
	leadShare      = 0.48 // probability from which a class of higher priority leads
	leadRule       = 2.0  // or its phrase score, with leadRuleShare
	leadRuleShare  = 0.25 // that is not less than half of the best one's
	alsoPeak       = 0.5  // in one sentence, of a further intent
	likely         = 0.15 // probability by the second stage of an intent that makes a leading class of no higher priority uncertain
	lateRule       = 2.0  // phrase score of a claim after a word of contrast, from which it leads over what stood before
	firstShare     = 0.1  // probability of a class that takes the place of a denied one
	againstRule    = -1.0 // phrase score at which a class is no further intent
	maxAlso        = 4
	maxCandidates  = 5
)

// Levels at which phrases alone make a result certain.
const (
	certainRule       = 4.0
	certainRuleMargin = 2.0
)

// lead chooses the leading class and the further intents from the probabilities in s.scores.
func (m *Model) lead(s *scratch, v verdict) Result {
	p, rule := s.scores, s.rules(m.set)
	s.order = s.order[:0]
	for k := range p {
		s.order = append(s.order, k)
	}
	slices.SortFunc(s.order, func(a, b int) int { return cmp.Or(cmp.Compare(p[b], p[a]), cmp.Compare(a, b)) })
	var res Result
	for _, k := range s.order[:min(len(s.order), maxCandidates)] {
		if p[k] > 0.005 {
			res.Candidates = append(res.Candidates, Candidate{m.set.Classes[k].Name, p[k]})
		}
	}
	if m.unknown(s, v) {
		if f := m.set.Fallback(); f != "" {
			k := m.set.byName[f]
			res.Class, res.Confidence = f, p[k]
			return res
		}
	}
	best := m.first(s, rule)
	if !s.staged { // the second stage knows the order of the classes and has seen the turn
		best = m.overruled(s, rule, best)
	}
	res.Class, res.Confidence = m.set.Classes[best].Name, p[best]
	for _, k := range s.order {
		if k != best && len(res.Also) < maxAlso && m.further(s, k) {
			res.Also = append(res.Also, m.set.Classes[k].Name)
		}
	}
	res.Certain = m.certain(s, v, best, res.Also)
	return res
}

// clear is the probability that the clearest sentence gives a class; of phrases alone there is none.
func (m *Model) clear(s *scratch, k int) float64 {
	if m.learned == nil || !m.set.own {
		return 0
	}
	return s.read.peak[k]
}

// first is the most probable class that the text does not deny in so many words.
func (m *Model) first(s *scratch, rule []float64) int {
	for _, k := range s.order {
		if rule[k] > againstRule && s.scores[k] >= firstShare {
			return k
		}
	}
	return s.order[0]
}

// turned says that the text turns to a claim: its phrase follows a word of contrast, and none of the other class does. One
// claim yields to another only when no phrase at all speaks for it.
func (m *Model) turned(s *scratch, claim, other int) bool {
	if !m.set.own || !m.set.Classes[claim].Claim {
		return false
	}
	f := &s.findings
	return f.late[claim] >= lateRule && f.late[other] <= 0 && (!m.set.Classes[other].Claim || f.score[other] <= 0)
}

// overruled is the class that leads in the place of the most probable one: of a higher priority, or what the text turns to.
func (m *Model) overruled(s *scratch, rule []float64, best int) int {
	p := s.scores
	for _, k := range s.order {
		higher := m.set.Classes[k].Priority > m.set.Classes[best].Priority
		if higher && leads(p[k], p[best], rule[k]) || k != best && m.turned(s, k, best) {
			best = k
		}
	}
	return best
}

func leads(p, best, rule float64) bool {
	return rule > againstRule && (p >= leadShare || rule >= leadRule && p >= max(leadRuleShare, best/2))
}

// further says whether a class that does not lead is an intent of its own, beside the one that does.
func (m *Model) further(s *scratch, k int) bool {
	c, p, peak, rule := &m.set.Classes[k], s.scores[k], m.clear(s, k), s.rules(m.set)[k]
	if c.Fallback {
		return false
	}
	if s.staged {
		if c.Claim {
			if s.scan.long() && rule >= alsoRuleClaim { // amid a long text, where only phrases are looked for
				return true
			}
			flag := s.read.flag[k] // of the second stage, which has seen denials and what else leads
			traced := flag >= alsoFlag || rule > 0 || max(peak, s.read.first[k]) >= alsoTrace
			return traced && flag >= m.learned.second.claims[kind(s.read.n > 1)]
		}
		return s.read.flag[k] >= m.learned.second.others && rule > againstRule
	}
	if rule <= againstRule {
		return false
	}
	if c.Claim && m.learned != nil && m.set.own {
		return float64(s.read.whole[k])+claimPeak*peak+claimRule*float64(squash(rule)) >= claimLevel
	}
	if c.Claim {
		return p >= alsoShareClaim || rule >= alsoRuleClaim
	}
	return p >= alsoShare || peak >= alsoPeak || rule >= alsoRule
}

// unknown says that nothing in the text is known well enough to name a class.
func (m *Model) unknown(s *scratch, v verdict) bool {
	for _, x := range s.rules(m.set) {
		if x >= 1 {
			return false
		}
	}
	if m.learned == nil || !s.scan.lettered() {
		return true
	}
	return v.coverage < m.learned.coverage || !s.staged && v.level < m.learned.level
}

// certain says whether the leading class may be acted upon without a person, beside the further intents.
func (m *Model) certain(s *scratch, v verdict, best int, also []string) bool {
	rule := s.rules(m.set)
	second := s.order[0]
	if second == best && len(s.order) > 1 {
		second = s.order[1]
	}
	if m.learned == nil {
		return rule[best] >= certainRule && rule[best]-max(rule[second], 0) >= certainRuleMargin
	}
	l := m.learned
	if m.set.Classes[best].Fallback || second != best && s.scores[best]-s.scores[second] < l.margin {
		return false
	}
	if s.staged { // of many sentences one may lean elsewhere, but not the clearest one, nor the text as a whole
		agreed := argmax(s.read.first) == best && argmax(s.read.peak) == best && !m.set.outranked(s.read.flag, best)
		return agreed && s.scores[best] >= l.second.threshold && (l.examples[best] >= certainExamples || rule[best] >= certainRule)
	}
	if m.above(also, best) {
		return false
	}
	for k := range rule {
		if k != best && m.set.Classes[k].Claim && rule[k] >= alsoRuleClaim {
			return false
		}
	}
	if m.set.own && (s.contradicted(best) || m.twisted(s)) { // a denial is doubt
		return false
	}
	if v.level < l.sureLevel || v.coverage < l.sureCover || min(s.scores[best], s.read.first[best]) < l.threshold {
		return false
	}
	return l.examples[best] >= certainExamples || rule[best] >= certainRule
}

// outranked says that an intent of the same or a higher priority than the leading one is likely: which of the two leads is a
// matter of policy or of taste, and a slip there is the commonest error of a sure verdict.
func (s *Set) outranked(flag []float64, best int) bool {
	for k, p := range flag {
		if k != best && p >= likely && s.Classes[k].Priority >= s.Classes[best].Priority {
			return true
		}
	}
	return false
}

// above says that one of the further intents has a higher priority than the leading class.
func (m *Model) above(also []string, best int) bool {
	return slices.ContainsFunc(also, func(name string) bool {
		return m.set.Classes[m.set.byName[name]].Priority > m.set.Classes[best].Priority
	})
}

// contradicted says that one sentence speaks clearly for another class, or none clearly for the leading one.
func (s *scratch) contradicted(best int) bool {
	for k, p := range s.read.peak {
		if k != best && p > contraryPeak {
			return true
		}
	}
	return s.read.peak[best] < clearPeak
}

// twisted says that the text denies something or turns round: where one sentence is all there is, the words of denial decide
// and not the second stage, and that is too fine a point to be certain about.
func (m *Model) twisted(s *scratch) bool {
	for i := range s.findings.hits {
		h := &s.findings.hits[i]
		if h.denied || h.weight < 0 || m.set.matcher.patterns[h.pattern].class == patContrast {
			return true
		}
	}
	return false
}

const (
	contraryPeak = 0.1
	clearPeak    = 0.85
)

// certainExamples is how many examples a class needs before the learned part alone may be certain of it.
const certainExamples = 30

// A claim beside the leading class is judged by the machine of its own: its score for the whole text, lifted by its clearest
// sentence and by its phrases. Probabilities that share one whole among the classes would hide it behind a loud leading one.
const (
	claimPeak  = 0.6
	claimRule  = 0.3
	claimLevel = -0.7
)
