package classify

import "math"

// Options of training. The zero value stands for the defaults.
type Options struct {
	Seed      uint64  // of the order of training and the folds; the same seed gives the same model
	Precision float64 // that "certain" must have, by its lower confidence bound; default 0.95
	Folds     int     // of the cross-validation; 0: 8, or 4 where the own examples are many
}

func (o Options) withDefaults() Options {
	if o.Precision == 0 {
		o.Precision = 0.95
	}
	return o
}

// folds is how many parts the cross-validation of so many examples has: with many each part is large all the same.
func (o Options) folds(examples int, own bool) int {
	switch {
	case o.Folds > 0:
		return o.Folds
	case own && examples >= 2*plenty:
		return 4
	}
	return 8
}

// Constants of the features and the machine. They were chosen on several label sets at once and are not tuned to one.
const (
	ownGrams      = 0.5 // of an in-word n-gram against a word or pair
	otherGrams    = 0.7 // the same when the classes are other ones
	ownConcepts   = 2.0 // of a concept
	otherConcepts = 1.0
	ownGroups     = 1.4 // of a group of the word table
	ownGroupPairs = 0.5 // of two groups that follow each other
	ownDense      = 1.0 // of the direction of a text's word vectors against the length 1 of its other features
	otherDense    = 0.3
	ownPhrases    = 1.1 // of a phrase score
	otherPhrases  = 0.3
	idfPower      = 0.5  // few examples make a noisy document frequency
	cost          = 1.0  // C of the support vector machine
	shortCost     = 0.6  // of an own example of one sentence: the mail that comes is longer
	partCost      = 0.5  // of a sentence of a longer one
	fullSweeps    = 60   // at most, of the full training
	partSweeps    = 8    // of the further training with the parts of the examples
	foldSweeps    = 6    // of a fold that starts from the full solution
	plenty        = 1000 // examples of the own classes from which a feature of a single one is left out; each five times as many leave out one more
	tolerance     = 0.05 // projected gradient at which a row is at rest
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

// newSpace numbers the buckets that at least so many of the documents have, in order of appearance.
func newSpace(docs []document, least int32) *space {
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
	renumber := make([]int32, len(df))
	for r, n := range df {
		renumber[r] = -1
		if n >= least {
			renumber[r] = int32(len(sp.idf))
			sp.idf = append(sp.idf, inverse(len(docs), int(n)))
		}
	}
	for b, r := range sp.row {
		if r >= 0 {
			sp.row[b] = renumber[r]
		}
	}
	sp.rarest = inverse(len(docs), 0)
	return sp
}

// ascending lists the buckets that have a row, in their order, and those rows.
func (sp *space) ascending() (seen []uint32, rows []int32) {
	for b, r := range sp.row {
		if r >= 0 {
			seen, rows = append(seen, uint32(b)), append(rows, r)
		}
	}
	return seen, rows
}

// inverse is the weight of a feature that n of the documents have.
func inverse(documents, n int) float32 {
	return float32(math.Pow(math.Log(float64(1+documents)/float64(1+n))+1, idfPower))
}

// gains are the weights of what is known beforehand: more for the classes of the class file than for labels that it knows
// nothing of.
type gains struct {
	phrases, concepts, grams, dense, groups, groupPairs float32
	own                                                 bool
}

func (s *Set) gains() gains {
	if s.own {
		return gains{ownPhrases, ownConcepts, ownGrams, ownDense, ownGroups, ownGroupPairs, true}
	}
	return gains{phrases: otherPhrases, concepts: otherConcepts, grams: otherGrams, dense: otherDense}
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
	b := newRowBuilder(l, m)
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

// parts appends the parts of the documents to m, one row each, and returns where those of each document begin; the last
// number is the end.
func (l layout) parts(m *matrix, docs []document) []int {
	b := newRowBuilder(l, m)
	first := make([]int, 0, len(docs)+1)
	for i := range docs {
		d := &docs[i]
		first = append(first, m.rows())
		from := int32(0)
		for p, to := range d.ends {
			copy(b.sum, d.dense[p*l.dims:])
			b.add(d.feats[from:to], d.phrases[(p+1)*l.topics:][:l.topics])
			from = to
		}
	}
	return append(first, m.rows())
}

func newRowBuilder(l layout, m *matrix) *rowBuilder {
	return &rowBuilder{layout: l, m: m, at: make([]int32, len(l.space.idf)), sum: make([]float32, l.dims), unit: make([]float32, l.dims)}
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
	length, lost := float32(0), float32(0)
	for _, f := range feats {
		r := b.space.row[f.id]
		if r < 0 {
			v := f.weight * b.space.rarest
			length, lost = length+v*v, lost+v*v
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
		lost /= length
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
	m.lost = append(m.lost, lost)
	m.start = append(m.start, int32(len(m.val)))
}
