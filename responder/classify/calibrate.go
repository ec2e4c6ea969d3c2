package classify

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// heldOut is the scores of every example by a machine that was trained without it.
type heldOut struct {
	scores   []float32 // [row*classes+class]
	coverage []float64
	first    []int     // by example: its first part, where parts were wanted
	parts    []float32 // [part*classes+class]
	fold     []int
}

// crossValidate scores every text, and every part of it where the classes are the set's own, by machines that start from the
// full solution without the rows of their fold.
func crossValidate(full *solver, first []int, lay layout, docs []document, opt Options) heldOut {
	n, classes := len(docs), full.classes
	h := heldOut{scores: make([]float32, n*classes), coverage: make([]float64, n), fold: folds(full.label, classes, opt)}
	if lay.gains.own {
		h.first = first
		h.parts = make([]float32, full.m.rows()*classes)
	}
	df := lay.count(docs, nil)
	abreast(opt.Folds, func(f int) {
		out := make([]bool, full.m.rows())
		for i := range docs {
			out[i] = h.fold[i] == f
			if first != nil {
				for p := first[i]; p < first[i+1]; p++ {
					out[p] = out[i]
				}
			}
		}
		inside := lay.count(docs, out)
		part := full.without(out)
		part.run(opt.Seed+uint64(f)+1, foldSweeps, tolerance)
		for i := range docs {
			if !out[i] {
				continue
			}
			h.coverage[i] = part.held(i, lay.space, df, inside, h.scores[i*classes:][:classes])
			if first != nil {
				for p := h.first[i]; p < h.first[i+1]; p++ {
					part.held(p, lay.space, df, inside, h.parts[p*classes:][:classes])
				}
			}
		}
	})
	return h
}

// abreast calls work for each number below n, two at a time: the parts of a cross-validation know nothing of each other, and
// training is not to take all of a large machine.
func abreast(n int, work func(i int)) {
	var next atomic.Int32
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}

// count is the number of occurrences of each row of the space in the documents, or in some of them.
func (l layout) count(docs []document, some []bool) []int32 {
	n := make([]int32, len(l.space.idf))
	for i := range docs {
		if some == nil || some[i] {
			for _, f := range docs[i].feats {
				if r := l.space.row[f.id]; r >= 0 {
					n[r]++
				}
			}
		}
	}
	return n
}

// held scores a row that the solver was trained without, as Classify would: features that only the row's own fold has are
// unknown. It returns the share of known features.
func (s *solver) held(i int, sp *space, df, inside []int32, acc []float32) float64 {
	clear(acc)
	known, all := float32(0), float32(0)
	n, m := s.classes, s.m
	j := m.start[i]
	for ; j < m.start[i+1] && int(m.col[j]) < len(sp.idf); j++ {
		c, v := m.col[j], m.val[j]
		all += v * v
		if df[c] == inside[c] {
			continue
		}
		known += v * v
		add(acc, s.w[int(c)*n:], v)
	}
	for ; j < m.start[i+1]; j++ {
		add(acc, s.w[int(m.col[j])*n:], m.val[j])
	}
	add(acc, s.w[m.cols*n:], 1)
	if all == 0 {
		return 0
	}
	return float64(known / all * (1 - m.lost[i]))
}

// folds deals the rows of each class out in turn, after a shuffle.
func folds(label []int32, classes int, opt Options) []int {
	rng := rand.New(rand.NewPCG(opt.Seed, 0xf01d))
	next := make([]int, classes)
	for k := range next {
		next[k] = rng.IntN(opt.Folds)
	}
	fold := make([]int, len(label))
	for _, i := range rng.Perm(len(label)) {
		k := label[i]
		if k == noClass {
			fold[i] = noClass
			continue
		}
		fold[i] = next[k] % opt.Folds
		next[k]++
	}
	return fold
}

// trial is one held-out example as the choice of the threshold sees it.
type trial struct {
	confidence float64
	right      bool
}

// calibrate sets the temperature, the levels under which a text is unknown, and the threshold of certainty.
func (l *learned) calibrate(h heldOut, label []int32, opt Options) {
	p := make([]float64, l.classes)
	var levels, coverages []float64
	best := make([]int, len(label))
	for i, y := range label {
		if y == noClass {
			continue
		}
		scores := h.scores[i*l.classes:][:l.classes]
		best[i] = argmax(scores)
		if best[i] == int(y) {
			levels = append(levels, float64(scores[best[i]]))
			coverages = append(coverages, h.coverage[i])
		}
	}
	l.level, l.coverage = quantile(levels, knownQuantile), quantile(coverages, knownQuantile)
	l.sureLevel, l.sureCover = quantile(levels, sureQuantile), quantile(coverages, sureQuantile)
	var trials []trial
	for i, y := range label {
		scores := h.scores[i*l.classes:][:l.classes]
		if y == noClass || float64(scores[best[i]]) < l.sureLevel || h.coverage[i] < l.sureCover {
			continue
		}
		if l.second != nil && h.first[i+1]-h.first[i] > 1 {
			continue // the second stage judges these
		}
		softmax(scores, p, l.temper)
		trials = append(trials, trial{slices.Max(p), best[i] == int(y)})
	}
	l.threshold = threshold(trials, opt.Precision)
	l.margin = certainMargin
}

const (
	// Of the held-out examples that were classified rightly, these shares fall below the levels of the unknown, and of what
	// may be certain.
	knownQuantile = 0.003
	sureQuantile  = 0.02
	certainMargin = 0.2
)

func argmax[T cmp.Ordered](x []T) int {
	best := 0
	for k := range x {
		if x[k] > x[best] {
			best = k
		}
	}
	return best
}

func quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return math.Inf(1)
	}
	slices.Sort(x)
	return x[int(q*float64(len(x)))]
}

// fitTemper finds the factor that makes the softmax of the scores most probable given the labels, by golden section.
func fitTemper(scores []float32, label []int32, classes int) float64 {
	p := make([]float64, classes)
	loss := func(logT float64) float64 {
		t, sum := math.Exp(logT), 0.0
		for i, y := range label {
			if y == noClass {
				continue
			}
			softmax(scores[i*classes:][:classes], p, t)
			sum -= math.Log(max(p[y], 1e-9))
		}
		return sum
	}
	const ratio = 0.6180339887498949
	lo, hi := math.Log(0.3), math.Log(30.0)
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := loss(a), loss(b)
	for range 18 {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = loss(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = loss(b)
		}
	}
	return math.Exp((lo + hi) / 2)
}

// shares are the parts of the held-out examples, the most confident first, that may become "certain". They are few and fixed
// beforehand, because each further one that is looked at costs certainty about all.
var shares = [...]float64{1, 0.97, 0.93, 0.85, 0.75, 0.68, 0.6, 0.52, 0.45, 0.38, 0.3, 0.22, 0.15}

// risk is the probability that the precision promised for "certain" is not kept, over all shares together.
const risk = 0.1

// threshold returns the lowest confidence from which the precision is at least the wanted one by its lower confidence bound
// (Clopper-Pearson, one-sided, Bonferroni over the shares), or 2, which nothing reaches.
func threshold(trials []trial, wanted float64) float64 {
	slices.SortStableFunc(trials, func(a, b trial) int { return cmp.Compare(b.confidence, a.confidence) })
	right := make([]int, len(trials)+1)
	for i, t := range trials {
		right[i+1] = right[i]
		if t.right {
			right[i+1]++
		}
	}
	for _, share := range shares {
		n := int(share * float64(len(trials)))
		if n == 0 {
			break
		}
		if lowerBound(right[n], n, risk/float64(len(shares))) >= wanted {
			return trials[n-1].confidence
		}
	}
	return 2
}

// staircase returns the lowest confidence from which a result of the second stage is certain, or 2. It tries the most
// confident twentieths of the mails, one more at each step, and stops at the first that fails: since nothing is tried behind a
// failure, each step may use the whole risk. A step holds when the lower bound of its precision is the wanted one, and
// when few enough of the errors that this allows were seen: mail to come is of other hands than the examples.
func staircase(trials []trial, wanted float64) float64 {
	slices.SortStableFunc(trials, func(a, b trial) int { return cmp.Compare(b.confidence, a.confidence) })
	const steps = 20
	reached, right, n := 2.0, 0, 0
	for step := range steps {
		for ; n < len(trials)*(step+1)/steps; n++ {
			if trials[n].right {
				right++
			}
		}
		if n < fewest {
			continue // they prove nothing
		}
		if 1-float64(right)/float64(n) > allowance*(1-wanted) || lowerBound(right, n, risk) < wanted {
			break
		}
		reached = trials[n-1].confidence
	}
	return reached
}

// allowance is the part of the allowed errors that may be seen in held-out mails.
const allowance = 0.45

// fewest is how many mails the first step of the staircase needs.
const fewest = 60

// lowerBound is the one-sided Clopper-Pearson bound: the smallest probability of success under which k or more of n successes
// still have probability alpha.
func lowerBound(k, n int, alpha float64) float64 {
	if k == 0 {
		return 0
	}
	lo, hi := 0.0, float64(k)/float64(n)
	for range 50 {
		p := (lo + hi) / 2
		if atLeast(k, n, p) < alpha {
			lo = p
		} else {
			hi = p
		}
	}
	return lo
}

// atLeast is the probability of k or more successes in n trials. It sums the smaller number of failures.
func atLeast(k, n int, p float64) float64 {
	if p <= 0 {
		return 0
	}
	logP, logQ := math.Log(p), math.Log1p(-p)
	lgN, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for failures := n - k; failures >= 0; failures-- {
		a, _ := math.Lgamma(float64(failures + 1))
		b, _ := math.Lgamma(float64(n - failures + 1))
		sum += math.Exp(lgN - a - b + float64(n-failures)*logP + float64(failures)*logQ)
	}
	return sum
}
