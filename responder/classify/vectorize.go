package classify

import "math"

// Options of training. The zero value stands for the defaults.
type Options struct {
	Seed      uint64  // of the order of training and the folds; the same seed gives the same model
	Precision float64 // that "certain" must have, by its lower confidence bound; default 0.95
	Folds     int     // of the cross-validation; default 8
}

func (o Options) withDefaults() Options {
	if o.Precision == 0 {
		o.Precision = 0.95
	}
	if o.Folds == 0 {
		o.Folds = 8
	}
	return o
}

// Constants of the features and the machine. They were chosen on several label sets at once and are not tuned to one.
const (
	gramWeight    = 0.7  // of an in-word n-gram against a word or pair
	ownConcepts   = 2.0  // of a concept against a word
	otherConcepts = 1.0  // the same when the classes are other ones
	ownPhrases    = 0.8  // of a phrase score against the length 1 of the text's vector
	otherPhrases  = 0.3  // the same when the phrases speak of other classes than the labels
	idfPower      = 0.5  // few examples make a noisy document frequency
	cost          = 1.0  // C of the support vector machine
	fullSweeps    = 60   // at most, of the full training
	foldSweeps    = 12   // at most, of a fold that starts from the full solution
	tolerance     = 0.05 // projected gradient at which training stops
)

// space numbers the buckets that occur in the examples and keeps their inverse document frequencies.
type space struct {
	row    []int32   // by bucket; -1: not seen in training
	idf    []float32 // by row
	rarest float32   // the idf of a bucket that was never seen
}

// tfWeight is the sublinear term frequency 1 + ln(n).
var tfWeight = func() (t [256]float32) {
	for n := 1; n < len(t); n++ {
		t[n] = float32(1 + math.Log(float64(n)))
	}
	return t
}()

// newSpace numbers the buckets of the documents in order of appearance.
func newSpace(docs []document) *space {
	sp := &space{row: make([]int32, buckets)}
	for i := range sp.row {
		sp.row[i] = -1
	}
	var df []int32
	for i := range docs {
		for _, b := range docs[i].bucket {
			if sp.row[b] < 0 {
				sp.row[b] = int32(len(df))
				df = append(df, 0)
			}
			df[sp.row[b]]++
		}
	}
	sp.idf = make([]float32, len(df))
	for r, n := range df {
		sp.idf[r] = inverse(len(docs), int(n))
	}
	sp.rarest = inverse(len(docs), 0)
	return sp
}

// inverse is the weight of a feature that n of the documents have.
func inverse(documents, n int) float32 {
	return float32(math.Pow(math.Log(float64(1+documents)/float64(1+n))+1, idfPower))
}

// matrix lays the documents out for training. Phrase scores are the columns behind the buckets.
func (sp *space) matrix(docs []document, set *Set) *matrix {
	phrases := set.topics
	g := set.gains()
	m := &matrix{start: make([]int32, 1, len(docs)+1), cols: len(sp.idf) + phrases}
	total := 0
	for i := range docs {
		total += len(docs[i].bucket) + phrases
	}
	m.col, m.val = make([]int32, 0, total), make([]float32, 0, total)
	for i := range docs {
		m.addRow(sp, &docs[i], g)
	}
	return m
}

// gains are the weights of what the class file says: more for its own classes than for labels that it knows nothing of.
type gains struct{ phrases, concepts float32 }

func (s *Set) gains() gains {
	if s.own {
		return gains{ownPhrases, ownConcepts}
	}
	return gains{otherPhrases, otherConcepts}
}

func (m *matrix) addRow(sp *space, d *document, g gains) {
	from := len(m.val)
	length := float32(0)
	for j, b := range d.bucket {
		r := sp.row[b]
		if r < 0 {
			continue
		}
		v := tfWeight[d.count[j]] * sp.idf[r]
		switch {
		case j >= d.ideas:
			v *= gramWeight
		case j >= d.words:
			v *= g.concepts
		}
		m.col, m.val = append(m.col, r), append(m.val, v)
		length += v * v
	}
	norm := float32(1) // the bias
	if length > 0 {
		scale := 1 / float32(math.Sqrt(float64(length)))
		for j := from; j < len(m.val); j++ {
			m.val[j] *= scale
		}
		norm++
	}
	for k := range d.phrases {
		if v := d.phrases[k] * g.phrases; v != 0 {
			m.col, m.val = append(m.col, int32(len(sp.idf)+k)), append(m.val, v)
			norm += v * v
		}
	}
	m.norm = append(m.norm, norm)
	m.start = append(m.start, int32(len(m.val)))
}
