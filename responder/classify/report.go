package classify

import (
	"math"
	"time"
)

// Figures are the measures of one run, or the mean or standard deviation of several. Shares are 0 to 1.
type Figures struct {
	Test      float64  `json:"test"` // texts tested
	Accuracy  float64  `json:"accuracy"`
	MacroF1   float64  `json:"macro_f1"`
	Certain   float64  `json:"certain"`                // share of the texts
	Precision *float64 `json:"precision_when_certain"` // nil when nothing was certain
	TrainMS   float64  `json:"train_ms"`
	MicroText float64  `json:"us_per_message"`
}

// Report is what an evaluation found. Of several runs the figures are the means, and SD holds the standard deviations; the
// tables are over all runs together.
type Report struct {
	Figures
	SD          *Figures       `json:"sd,omitempty"`
	Runs        []Figures      `json:"runs,omitempty"`
	Classes     []ClassFigures `json:"classes"`
	Confusion   [][]int        `json:"confusion"` // [true][found], in the order of Classes
	Reliability []Bin          `json:"reliability"`
	Curve       []Point        `json:"learning_curve,omitempty"`
}

// ClassFigures are the measures of one class over all runs.
type ClassFigures struct {
	Class     string  `json:"class"`
	Tested    int     `json:"tested"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Bin is one row of the reliability table: of the texts whose confidence lay in [From, To), the mean confidence and the share
// that was right. A calibrated classifier has both alike.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"`
	Accuracy   float64 `json:"accuracy"`
}

const bins = 10

// tally gathers the verdicts of a run.
type tally struct {
	confusion         [][]int
	certain, right    int
	bin               [bins]Bin
	training, testing time.Duration
}

func newTally(set *Set) *tally {
	t := &tally{confusion: make([][]int, len(set.Classes))}
	for k := range t.confusion {
		t.confusion[k] = make([]int, len(set.Classes))
	}
	return t
}

func (t *tally) add(set *Set, truth int, r Result) {
	found := set.byName[r.Class]
	t.confusion[truth][found]++
	if r.Certain {
		t.certain++
		if found == truth {
			t.right++
		}
	}
	b := &t.bin[min(int(r.Confidence*bins), bins-1)]
	b.N++
	b.Confidence += r.Confidence
	if found == truth {
		b.Accuracy++
	}
}

// merge adds the verdicts of another run.
func (t *tally) merge(o *tally) {
	for i := range o.confusion {
		for j, n := range o.confusion[i] {
			t.confusion[i][j] += n
		}
	}
	for i, b := range o.bin {
		t.bin[i].N += b.N
		t.bin[i].Confidence += b.Confidence
		t.bin[i].Accuracy += b.Accuracy
	}
}

func (t *tally) figures() Figures {
	n, right := 0, 0
	for i, row := range t.confusion {
		for j, c := range row {
			n += c
			if i == j {
				right += c
			}
		}
	}
	f := Figures{Test: float64(n), TrainMS: float64(t.training.Microseconds()) / 1000}
	if n == 0 {
		return f
	}
	f.Accuracy = float64(right) / float64(n)
	f.Certain = float64(t.certain) / float64(n)
	f.MicroText = float64(t.testing.Nanoseconds()) / 1000 / float64(n)
	if t.certain > 0 {
		p := float64(t.right) / float64(t.certain)
		f.Precision = &p
	}
	k := 0
	for i := range t.confusion {
		if c := t.class(i); c.Tested > 0 {
			f.MacroF1 += c.F1
			k++
		}
	}
	f.MacroF1 /= float64(k)
	return f
}

func (t *tally) class(i int) ClassFigures {
	var c ClassFigures
	found := 0
	for j := range t.confusion {
		c.Tested += t.confusion[i][j]
		found += t.confusion[j][i]
	}
	hit := float64(t.confusion[i][i])
	if found > 0 {
		c.Precision = hit / float64(found)
	}
	if c.Tested > 0 {
		c.Recall = hit / float64(c.Tested)
	}
	if hit > 0 {
		c.F1 = 2 * c.Precision * c.Recall / (c.Precision + c.Recall)
	}
	return c
}

func newReport(set *Set, runs []*tally) *Report {
	r := &Report{}
	sum := newTally(set)
	var all []Figures
	for _, t := range runs {
		sum.merge(t)
		all = append(all, t.figures())
	}
	r.Figures = all[0]
	if len(all) > 1 {
		mean, sd := meanSD(all)
		r.Figures, r.SD, r.Runs = mean, &sd, all
	}
	r.Confusion = sum.confusion
	for i, c := range set.Classes {
		f := sum.class(i)
		f.Class = c.Name
		r.Classes = append(r.Classes, f)
	}
	for i, b := range sum.bin {
		b.From, b.To = float64(i)/bins, float64(i+1)/bins
		if b.N > 0 {
			b.Confidence /= float64(b.N)
			b.Accuracy /= float64(b.N)
		}
		r.Reliability = append(r.Reliability, b)
	}
	return r
}

// meanSD is the mean and the sample standard deviation of each figure; the precision over the runs that have one.
func meanSD(all []Figures) (mean, sd Figures) {
	of := func(get func(Figures) float64) (float64, float64) {
		var x []float64
		for _, f := range all {
			if v := get(f); !math.IsNaN(v) {
				x = append(x, v)
			}
		}
		return moments(x)
	}
	mean.Test, sd.Test = of(func(f Figures) float64 { return f.Test })
	mean.Accuracy, sd.Accuracy = of(func(f Figures) float64 { return f.Accuracy })
	mean.MacroF1, sd.MacroF1 = of(func(f Figures) float64 { return f.MacroF1 })
	mean.Certain, sd.Certain = of(func(f Figures) float64 { return f.Certain })
	mean.TrainMS, sd.TrainMS = of(func(f Figures) float64 { return f.TrainMS })
	mean.MicroText, sd.MicroText = of(func(f Figures) float64 { return f.MicroText })
	m, s := of(func(f Figures) float64 {
		if f.Precision == nil {
			return math.NaN()
		}
		return *f.Precision
	})
	if !math.IsNaN(m) {
		mean.Precision, sd.Precision = &m, &s
	}
	return mean, sd
}

func moments(x []float64) (mean, sd float64) {
	if len(x) == 0 {
		return math.NaN(), math.NaN()
	}
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	if len(x) > 1 {
		sd = math.Sqrt(sd / float64(len(x)-1))
	}
	return mean, sd
}
