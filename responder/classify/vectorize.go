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
var (
	ownGrams      float32 = 0.5 // of an in-word n-gram against a word or pair
	otherGrams    float32 = 0.7
	ownConcepts   float32 = 2.0  // of a concept against a word
	otherConcepts float32 = 1.0  // the same when the classes are other ones
	ownPhrases    float32 = 0.8  // of a phrase score against the length 1 of the text's vector
	otherPhrases  float32 = 0.3  // the same when the phrases speak of other classes than the labels
	idfPower              = 0.5  // few examples make a noisy document frequency
	cost                  = 1.0  // C of the support vector machine
	fullSweeps            = 60   // at most, of the full training
	foldSweeps            = 12   // at most, of a fold that starts from the full solution
	tolerance     float32 = 0.05 // projected gradient at which training stops
	ownDense      float32 = 1.0  // of the direction of a text's word vectors
	otherDense    float32 = 0.3
	ownGroups     float32 = 1.4 // of a group of the word table against a word
	otherGroups   float32 = 0
)

// space numbers the buckets that occur in the examples and keeps their inverse document frequencies.
type space struct {
	row    []int32   // by bucket; -1: not seen in training
	idf    []float32 // by row
	rarest float32   // the idf of a bucket that was never seen
}

// tfStep is what the nth occurrence of a feature adds to its sublinear frequency 1 + ln(n).
var tfStep = func() (t [64]float32) {
	t[0] = 1
	for n := 1; n < len(t); n++ {
		t[n] = float32(math.Log(float64(n+1)) - math.Log(float64(n)))
	}
	return t
}()

// newSpace numbers the buckets of the documents in order of appearance.
func newSpace(docs []document) *space {
	sp := &space{row: make([]int32, buckets)}
	for i := range sp.row {
		sp.row[i] = -1
	}
	var df, last []int32
	for i := range docs {
		for _, f := range docs[i].feats {
			r := sp.row[f.id]
			if r < 0 {
				r = int32(len(df))
				sp.row[f.id] = r
				df, last = append(df, 0), append(last, -1)
			}
			if last[r] != int32(i) {
				last[r] = int32(i)
				df[r]++
			}
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

// gains are the weights of what is known beforehand: more for the classes of the class file than for labels that it knows
// nothing of.
type gains struct {
	phrases, concepts, groups, dense, grams float32
	own                                     bool
}

func (s *Set) gains() gains {
	if s.own {
		return gains{ownPhrases, ownConcepts, ownGroups, ownDense, ownGrams, true}
	}
	return gains{otherPhrases, otherConcepts, otherGroups, otherDense, otherGrams, false}
}

// layout says which columns a matrix has: buckets, phrase scores by class, dimensions of the word vectors; the bias is last.
type layout struct {
	space  *space
	topics int
	dims   int
	gains  gains
}

func (l layout) columns() int { return len(l.space.idf) + l.topics + l.dims }

// texts lays whole documents out for training, one row each.
func (l layout) texts(docs []document) *matrix {
	m := &matrix{start: make([]int32, 1, len(docs)+1), cols: l.columns()}
	b := rowBuilder{layout: l, m: m, at: make([]int32, len(l.space.idf)), sum: make([]float32, l.dims), unit: make([]float32, l.dims)}
	for i := range docs {
		d := &docs[i]
		clear(b.sum)
		for j, x := range d.dense {
			b.sum[j%l.dims] += x
		}
		b.add(d.feats, d.phrases[:l.topics])
	}
	return m
}

// parts lays the parts of the documents out, one row each, in order, behind the rows of m.
func (l layout) parts(m *matrix, docs []document) {
	b := rowBuilder{layout: l, m: m, at: make([]int32, len(l.space.idf)), sum: make([]float32, l.dims), unit: make([]float32, l.dims)}
	for i := range docs {
		d := &docs[i]
		from := int32(0)
		for p, to := range d.ends {
			copy(b.sum, d.dense[p*l.dims:])
			b.add(d.feats[from:to], d.phrases[(p+1)*l.topics:][:l.topics])
			from = to
		}
	}
}

// rowBuilder appends rows to a matrix.
type rowBuilder struct {
	layout
	m         *matrix
	at        []int32 // by row of the space: where in the row under construction it stands, plus 1
	sum, unit []float32
}

// add appends one row. Its length is taken out as Classify does: the squares of all occurrences summed up.
func (b *rowBuilder) add(feats []feat, phrases []float32) {
	m := b.m
	from := len(m.val)
	length := float32(0)
	for _, f := range feats {
		r := b.space.row[f.id]
		if r < 0 {
			continue
		}
		v := f.weight * b.space.idf[r]
		length += v * v
		if k := b.at[r]; k > 0 {
			m.val[k-1] += v
			continue
		}
		m.col, m.val = append(m.col, r), append(m.val, v)
		b.at[r] = int32(len(m.val))
	}
	norm := float32(1) // the bias
	scale := float32(0)
	if length > 0 {
		scale = 1 / float32(math.Sqrt(float64(length)))
	}
	for j := from; j < len(m.val); j++ {
		b.at[m.col[j]] = 0
		m.val[j] *= scale
		norm += m.val[j] * m.val[j]
	}
	column := int32(len(b.space.idf))
	for k, x := range phrases {
		if v := x * b.gains.phrases; v != 0 {
			m.col, m.val = append(m.col, column+int32(k)), append(m.val, v)
			norm += v * v
		}
	}
	column += int32(b.topics)
	if b.gains.dense > 0 {
		direction(b.unit, b.sum, b.gains.dense)
		for k, v := range b.unit {
			if v != 0 {
				m.col, m.val = append(m.col, column+int32(k)), append(m.val, v)
				norm += v * v
			}
		}
	}
	m.norm = append(m.norm, norm)
	m.start = append(m.start, int32(len(m.val)))
}
