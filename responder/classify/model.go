package classify

import (
	"math"
	"slices"
)

// Model classifies texts. It never changes and may be used from many goroutines at once.
type Model struct {
	set     *Set
	labels  []string // the languages that the examples are in; empty: any
	learned *learned // nil: phrases alone
	pool    chan *scratch
}

// learned is what training left: weights by bucket and class, and the calibration of their scores.
type learned struct {
	rank      rank    // of the features of the space: the rows that come first
	rarest    float32 // the inverse document frequency of a feature that training has not seen
	classes   int
	topics    int // phrase scores, of each class of the class file one
	gains     gains
	weights   []brief // rows of stride(classes): of the space, the phrase scores, the word vectors, the bias, the folded words
	fold      wordFold
	second    *second // nil: too few mails of several sentences to learn from
	temper    float64 // scores are multiplied by it before they become probabilities
	threshold float64 // confidence from which a result is certain; above 1: never
	margin    float64 // of probability over the second class, for certain
	coverage  float64 // share of known features under which a text is unknown
	sureCover float64 // and under which nothing is certain
	level     float64 // score of the best class under which a text is unknown
	sureLevel float64 // and under which nothing is certain
	examples  []int32 // by class
}

// PhraseModel returns the model that judges by the phrases of the set alone.
func PhraseModel(set *Set) *Model { return newModel(set, nil, nil) }

func newModel(set *Set, languages []string, l *learned) *Model {
	return &Model{set: set, labels: languages, learned: l, pool: make(chan *scratch, maxPool)}
}

// maxPool is how many scratches are kept between texts. Unlike those of a sync.Pool they outlive a garbage collection: a new
// one costs as much as a short text.
const maxPool = 2

func (m *Model) borrow() *scratch {
	select {
	case s := <-m.pool:
		return s
	default:
		return newScratch(len(m.set.Classes))
	}
}

func (m *Model) giveBack(s *scratch) {
	select {
	case m.pool <- s:
	default:
	}
}

// Set returns the classes that the model knows.
func (m *Model) Set() *Set { return m.set }

// Learned says whether the model was trained, or judges by phrases alone.
func (m *Model) Learned() bool { return m.learned != nil }

// Examples is how many texts the model has learned from; 0 for phrases alone.
func (m *Model) Examples() (n int) {
	if m.learned == nil {
		return 0
	}
	for _, k := range m.learned.examples {
		n += int(k)
	}
	return n
}

// Classify says what the text asks for. The language ("en", "zh", "" when unknown) only takes certainty away: from a text in
// a language that no example is in. At most the first 32 KB of the text are read; amid more than 500 words (or Chinese
// characters) only its phrases count.
func (m *Model) Classify(text, lang string) Result {
	s := m.borrow()
	defer m.giveBack(s)
	s.scan.read(text)
	m.set.judge(&s.scan, &s.findings)
	v := m.verdict(s)
	res := m.lead(s, v)
	if lang != "" && len(m.labels) > 0 && !slices.Contains(m.labels, lang) {
		res.Certain = false
	}
	res.Because = m.because(s, text, res)
	return res
}

// verdict is what the probabilities of a text rest on.
type verdict struct {
	coverage float64 // share of the features that were seen in training
	level    float64 // the highest score of the machine
}

// verdict leaves the probability of every class in s.scores.
func (m *Model) verdict(s *scratch) verdict {
	l := m.learned
	if l == nil {
		phraseShares(s.rules(m.set), s.scores)
		return verdict{}
	}
	s.extract(l.gains, l)
	v := l.readings(s, m.set)
	softmax(s.read.whole, s.scores, l.temper)
	copy(s.read.first, s.scores)
	s.staged = false
	if m.set.own {
		s.read.pool(l.temper)
		if s.staged = l.second != nil && (s.read.n > 1 || !m.twisted(s)); s.staged {
			l.second.judge(&s.read, &s.findings, &s.scan, s.unit[:s.lex.dims])
			copy(s.scores, s.read.lead)
		} else {
			s.read.mix(s.scores)
			lean(s.scores, s.findings.score)
		}
	}
	return v
}

// lean shifts the probabilities towards the classes whose phrases stand in the text and away from those that are denied.
func lean(p, phrases []float64) {
	sum := 0.0
	for k := range p {
		p[k] *= math.Exp(phraseLean * float64(squash(phrases[k])))
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
}

// phraseLean is how far.
const phraseLean = 2.2

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

// readings computes the machine's scores of the text and of its parts from the extracted features and the phrases.
func (l *learned) readings(s *scratch, set *Set) verdict {
	n, dims := l.classes, s.lex.dims
	r := &s.read
	r.n = len(s.parts)
	clear(r.whole)
	dense := s.unit[dims : 2*dims]
	clear(dense)
	var known, all float32
	for i, p := range s.parts {
		acc := r.parts[i*n:][:n]
		steps, k, u := l.resolve(s.feats[p.first:p.last], s.steps[:0])
		gather(s.acc, l.weights, steps)
		s.steps = steps
		copy(acc, s.acc)
		known, all = known+k, all+k+u
		for c, x := range acc {
			r.whole[c] += x
		}
		vector := s.dense[i*dims:][:dims]
		for d, x := range vector {
			dense[d] += x
		}
		if r.n > 1 {
			s.phrases(set, p, s.part1)
			l.finish(s, acc, k+u, s.part1, vector)
		}
	}
	l.finish(s, r.whole, all, s.findings.score, dense)
	if r.n <= 1 {
		r.n = 1
		copy(r.parts, r.whole)
	}
	v := verdict{level: float64(slices.Max(r.whole))}
	if all > 0 {
		v.coverage = float64(known / all)
	}
	return v
}

// resolve lists the rows of the features and returns the sums of the squares of the known values and of those that training
// never saw, which count as the rarest.
func (l *learned) resolve(feats []feat, steps []step) (_ []step, known, unseen float32) {
	width, rare := stride(l.classes), l.rarest*l.rarest
	for _, f := range feats {
		square := f.weight * f.weight
		var row int
		if f.id >= folded {
			w := int(f.id &^ folded)
			unseen += square * l.fold.lost[w]
			row = l.fold.base + w
		} else if row = l.rank.of(f.id); row < 0 {
			unseen += square * rare
			continue
		}
		known += square * l.weights[row*width+width-1].value()
		steps = append(steps, step{int32(row * width), f.weight})
	}
	return steps, known, unseen
}

// finish takes the length out of a sum and adds what phrases, word vectors and the bias say.
func (l *learned) finish(s *scratch, acc []float32, square float32, phrases []float64, vector []float32) {
	if square > 0 {
		scale := 1 / float32(math.Sqrt(float64(square)))
		for k := range acc {
			acc[k] *= scale
		}
	}
	width, row := stride(l.classes), l.rank.n
	steps := s.steps[:0]
	for j, x := range phrases {
		if x != 0 {
			steps = append(steps, step{int32((row + j) * width), squash(x) * l.gains.phrases})
		}
	}
	row += l.topics
	direction(s.unit[:len(vector)], vector, l.gains.dense)
	for j, x := range s.unit[:len(vector)] {
		steps = append(steps, step{int32((row + j) * width), x})
	}
	steps = append(steps, step{int32((row + len(vector)) * width), 1})
	gather(s.acc, l.weights, steps)
	for k, x := range s.acc[:len(acc)] {
		acc[k] += x
	}
	s.steps = steps
}

// add adds x times the row to acc. It is where the time of training goes: four at once, without checks of bounds in between.
func add(acc, row []float32, x float32) {
	n := len(acc)
	row = row[:n]
	for ; n >= 4; n -= 4 {
		a, b := (*[4]float32)(acc), (*[4]float32)(row)
		a[0] += x * b[0]
		a[1] += x * b[1]
		a[2] += x * b[2]
		a[3] += x * b[3]
		acc, row = acc[4:], row[4:]
	}
	for k := range acc {
		acc[k] += x * row[k]
	}
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
