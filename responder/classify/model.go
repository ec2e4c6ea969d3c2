package classify

import (
	"math"
	"slices"
	"sync"
)

// Model classifies texts. It never changes and may be used from many goroutines at once.
type Model struct {
	set     *Set
	labels  []string // the languages that the examples are in; empty: any
	learned *learned // nil: phrases alone
	pool    *sync.Pool
}

// learned is what training left: weights by bucket and class, and the calibration of their scores.
type learned struct {
	space     *space
	classes   int
	gains     gains
	weights   []float32 // [row*classes+class]; rows of the space, one for each phrase score, the bias
	temper    float64   // scores are multiplied by it before they become probabilities
	threshold float64   // confidence from which a result is certain; above 1: never
	margin    float64   // of probability over the second class, for certain
	coverage  float64   // share of known features under which a text is unknown
	sureCover float64   // and under which nothing is certain
	level     float64   // score of the best class under which a text is unknown
	sureLevel float64   // and under which nothing is certain
	examples  []int32   // by class
}

// PhraseModel returns the model that judges by the phrases of the set alone.
func PhraseModel(set *Set) *Model { return newModel(set, nil, nil) }

func newModel(set *Set, languages []string, l *learned) *Model {
	n := len(set.Classes)
	return &Model{set: set, labels: languages, learned: l, pool: &sync.Pool{New: func() any { return newScratch(n) }}}
}

// Set returns the classes that the model knows.
func (m *Model) Set() *Set { return m.set }

// Learned says whether the model was trained, or judges by phrases alone.
func (m *Model) Learned() bool { return m.learned != nil }

// Classify says what the text asks for. The language ("en", "zh", "" when unknown) only takes certainty away: from a text in
// a language that no example is in. At most the first 32 KB of the text are read.
func (m *Model) Classify(text, lang string) Result {
	s := m.pool.Get().(*scratch)
	defer m.pool.Put(s)
	s.scan.read(text)
	m.set.judge(&s.scan, &s.findings)
	v := m.verdict(s)
	res := m.lead(s, v)
	if lang != "" && len(m.labels) > 0 && !slices.Contains(m.labels, lang) {
		res.Certain = false
	}
	res.Because = m.because(s, text, res)
	s.clear()
	return res
}

// verdict is what the probabilities of a text rest on.
type verdict struct {
	coverage float64 // share of the features that were seen in training
	level    float64 // the highest score of the machine
}

// verdict leaves the probability of every class in s.scores.
func (m *Model) verdict(s *scratch) verdict {
	if m.learned == nil {
		phraseShares(s.rules(m.set), s.scores)
		return verdict{}
	}
	s.extract(0, len(s.scan.tokens))
	coverage := m.learned.score(s, s.findings.score)
	softmax(s.acc, s.scores, m.learned.temper)
	for k, x := range s.acc {
		s.level[k] = float64(x)
	}
	copy(s.whole, s.scores)
	v := verdict{coverage: coverage, level: float64(slices.Max(s.acc))}
	copy(s.peak, s.scores)
	if m.set.own {
		m.bySentence(s)
	}
	return v
}

// phraseShares turns phrase scores into shares: a class with s points gets s of the sum of all points and one point of doubt.
func phraseShares(score, out []float64) {
	sum := phraseDoubt
	for _, x := range score {
		sum += max(x, 0)
	}
	for k, x := range score {
		out[k] = max(x, 0) / sum
	}
}

const phraseDoubt = 1.0

// score computes the machine's scores of the extracted features and the phrase scores into s.acc and returns the share of known features.
func (l *learned) score(s *scratch, phrases []float64) float64 {
	clear(s.acc)
	knownWords, newWords := l.accumulate(s, s.words, 1)
	knownGrams, newGrams := l.accumulate(s, s.grams, gramWeight)
	knownIdeas, newIdeas := l.accumulate(s, s.concepts, l.gains.concepts)
	known := knownWords + knownGrams + knownIdeas
	all := known + newWords + newGrams + newIdeas
	if all > 0 {
		scale := 1 / float32(math.Sqrt(float64(all)))
		for k := range s.acc {
			s.acc[k] *= scale
		}
	}
	n := l.classes
	rules := l.weights[len(l.space.idf)*n:]
	for j, x := range phrases {
		if x == 0 {
			continue
		}
		v := squash(x) * l.gains.phrases
		for k := range s.acc {
			s.acc[k] += v * rules[j*n+k]
		}
	}
	bias := rules[len(phrases)*n:]
	for k := range s.acc {
		s.acc[k] += bias[k]
	}
	if all == 0 {
		return 0
	}
	return float64(known / all)
}

// accumulate adds the weights of one list of buckets to s.acc and returns the sums of the squares of the known values and of
// those that training never saw, which count as the rarest.
func (l *learned) accumulate(s *scratch, list []uint32, weight float32) (known, unseen float32) {
	acc := s.acc
	rarest := l.space.rarest * weight
	for _, b := range list {
		tf := tfWeight[s.counts[b]]
		r := l.space.row[b]
		if r < 0 {
			unseen += tf * tf * rarest * rarest
			continue
		}
		v := tf * l.space.idf[r] * weight
		known += v * v
		row := l.weights[int(r)*l.classes:][:len(acc)]
		for k := range row {
			acc[k] += v * row[k]
		}
	}
	return known, unseen
}

// softmax turns scores into probabilities.
func softmax(scores []float32, out []float64, temper float64) {
	top := float32(math.Inf(-1))
	for _, x := range scores {
		top = max(top, x)
	}
	sum := 0.0
	for k, x := range scores {
		out[k] = math.Exp(temper * float64(x-top))
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
}
