package classify

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Evaluation says how good a training on labelled texts is. Exactly one way of finding the test is used: Test given, and
// PerClass examples a class drawn from Train when that is not 0; PerClass alone, and the rest of Train is the test; Split
// alone, and the rest is the test; or none of them, and Train is cross-validated in five parts.
type Evaluation struct {
	Set      *Set      // the classes that the labels name; if they name others, its phrases serve as features only
	Train    []Example // required
	Test     []Example
	PerClass int
	Split    float64          // share of Train, drawn by class, to train on; 0: not used
	Seeds    []uint64         // one run each; none: seed 1
	Curve    bool             // measure the learning curve as well, with the first seed
	Options  Options          // of training; the seed is replaced by the run's
	Now      func() time.Time // for the times in the report; nil: they stay 0
}

// evaluator is an evaluation whose texts have been read.
type evaluator struct {
	Evaluation
	set    *Set
	docs   []document
	label  []int32
	texts  []Example // Train, then Test
	trains int
}

// crossFolds is how many parts an evaluation without a test is cross-validated in.
const crossFolds = 5

// Evaluate carries the evaluation out. The result depends on nothing but the arguments, times aside.
func Evaluate(e Evaluation) (*Report, error) {
	if e.Split < 0 || e.Split >= 1 {
		return nil, fmt.Errorf("evaluating: split %g: expected a share between 0 and 1", e.Split)
	}
	if e.PerClass < 0 || e.PerClass > 0 && e.Split > 0 || len(e.Test) > 0 && e.Split > 0 {
		return nil, errors.New("evaluating: expected a test set, a number a class, or a split, not several")
	}
	if e.Set == nil {
		return nil, errors.New("evaluating: expected a set of classes")
	}
	if len(e.Seeds) == 0 {
		e.Seeds = []uint64{1}
	}
	ev, err := prepare(e)
	if err != nil {
		return nil, err
	}
	var runs []*tally
	for _, seed := range e.Seeds {
		t, err := ev.run(seed)
		if err != nil {
			return nil, fmt.Errorf("evaluating with seed %d: %w", seed, err)
		}
		runs = append(runs, t)
	}
	rep := newReport(ev.set, runs)
	if e.Curve {
		if rep.Curve, err = ev.curve(e.Seeds[0]); err != nil {
			return nil, fmt.Errorf("evaluating the learning curve: %w", err)
		}
	}
	return rep, nil
}

func prepare(e Evaluation) (*evaluator, error) {
	ev := &evaluator{Evaluation: e, set: e.Set, texts: slices.Concat(e.Train, e.Test), trains: len(e.Train)}
	var names []string
	strange := false
	for _, x := range e.Train {
		names = append(names, x.Class)
		_, known := e.Set.byName[x.Class]
		strange = strange || !known
	}
	if strange {
		ev.set = e.Set.WithLabels(slices.Compact(slices.Sorted(slices.Values(names))))
	}
	s := newScratch(len(ev.set.Classes))
	for i, x := range ev.texts {
		k, ok := ev.set.byName[x.Class]
		if !ok {
			return nil, fmt.Errorf("evaluating: the class %q of a text is not known: %.60q", x.Class, x.Text)
		}
		ev.label = append(ev.label, int32(k))
		if i < ev.trains {
			ev.docs = append(ev.docs, s.document(ev.set, x.Text))
		}
	}
	return ev, nil
}

// run trains and tests once.
func (ev *evaluator) run(seed uint64) (*tally, error) {
	t := newTally(ev.set)
	if len(ev.Test) == 0 && ev.PerClass == 0 && ev.Split == 0 {
		fold := folds(ev.label, len(ev.set.Classes), Options{Seed: seed, Folds: crossFolds})
		for f := range crossFolds {
			var train, test []int
			for i := range fold {
				if fold[i] == f {
					test = append(test, i)
				} else {
					train = append(train, i)
				}
			}
			if err := ev.measure(t, train, test, seed); err != nil {
				return nil, err
			}
		}
		return t, nil
	}
	train, test := ev.draw(seed, ev.PerClass)
	return t, ev.measure(t, train, test, seed)
}

// draw chooses what to train on: so many a class (0: by the split, or all), and returns the test beside it.
func (ev *evaluator) draw(seed uint64, perClass int) (train, test []int) {
	size := make([]int, len(ev.set.Classes))
	for _, k := range ev.label[:ev.trains] {
		size[k]++
	}
	limit := slices.Clone(size)
	for k := range limit {
		switch {
		case perClass > 0:
			limit[k] = min(size[k], perClass)
		case ev.Split > 0:
			limit[k] = int(float64(size[k])*ev.Split + 0.5)
		}
	}
	taken := make([]int, len(size))
	for _, i := range rand.New(rand.NewPCG(seed, 0xd4a3)).Perm(ev.trains) {
		if k := ev.label[i]; taken[k] < limit[k] {
			taken[k]++
			train = append(train, i)
		} else if len(ev.Test) == 0 {
			test = append(test, i)
		}
	}
	for i := ev.trains; i < len(ev.texts); i++ {
		test = append(test, i)
	}
	return train, test
}

// measure trains on some texts and adds the verdicts on others to the tally.
func (ev *evaluator) measure(t *tally, train, test []int, seed uint64) error {
	docs, label := make([]document, len(train)), make([]int32, len(train))
	var languages []string
	for j, i := range train {
		docs[j], label[j] = ev.docs[i], ev.label[i]
		if l := ev.texts[i].Language; l != "" && !slices.Contains(languages, l) {
			languages = append(languages, l)
		}
	}
	opt := ev.Options.withDefaults()
	opt.Seed = seed
	start := ev.now()
	l, err := learn(ev.set, docs, label, nil, opt)
	if err != nil {
		return err
	}
	m := newModel(ev.set, languages, l)
	trained := ev.now()
	for _, i := range test {
		t.add(ev.set, int(ev.label[i]), m.Classify(ev.texts[i].Text, ev.texts[i].Language))
	}
	t.training += trained.Sub(start)
	t.testing += ev.now().Sub(trained)
	return nil
}

func (ev *evaluator) now() time.Time {
	if ev.Now == nil {
		return time.Time{}
	}
	return ev.Now()
}

// Point is one point of the learning curve.
type Point struct {
	PerClass int     `json:"per_class"` // at most so many examples a class
	Train    int     `json:"train"`
	Accuracy float64 `json:"accuracy"`
	Certain  float64 `json:"certain"`
}

// curve measures with 5, 10, 20 ... examples a class against one fifth of the texts, or the test set where there is one.
func (ev *evaluator) curve(seed uint64) ([]Point, error) {
	part := *ev
	if len(ev.Test) == 0 {
		part.Split = 0.8
	}
	pool, test := part.draw(seed, 0)
	var points []Point
	for n := 5; ; n *= 2 {
		var train []int
		taken := make([]int, len(ev.set.Classes))
		for _, i := range pool {
			if k := ev.label[i]; taken[k] < n {
				taken[k]++
				train = append(train, i)
			}
		}
		t := newTally(ev.set)
		if err := ev.measure(t, train, test, seed); err != nil {
			return nil, err
		}
		f := t.figures()
		points = append(points, Point{n, len(train), f.Accuracy, f.Certain})
		if len(train) == len(pool) {
			return points, nil
		}
	}
}
