package classify

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// The second stage: two logistic machines over what the first one says of the text and of its parts when it has not seen
// them. One gives the leading class, which of several intents policy puts first; the other each intent by itself.

// second is the trained second stage.
type second struct {
	classes   int
	inputs    int
	lead      []float32 // [input*classes+class]
	flag      []float32
	claims    [2]float64 // probability from which a claim is a further intent, by the kind of the mail
	others    float64    // the same of other classes
	threshold float64    // probability of the leading class from which a result is certain; above 1: never
}

const inputBlocks = 7

// inputs is how many numbers the second stage sees: blocks by class, the concepts, the direction of the word vectors, the
// logarithm of the number of parts, and the bias.
func (s *Set) inputs() int {
	return inputBlocks*len(s.Classes) + len(s.grammar.concepts) + newLexicon(wordTable).dims + 2
}

// judge leaves the probabilities of the second stage in the readings. The vector is the direction of the text's words.
func (s *second) judge(r *readings, f *findings, sc *scan, vector []float32) {
	if len(r.input) != s.inputs {
		r.input = make([]float32, s.inputs)
	}
	rest := r.fill(func(k int) (float32, float32) { return squash(f.score[k]), squash(f.late[k]) }, vector)
	for _, m := range f.mentions {
		if !sc.tokens[m.at].muted {
			count(rest, m.concept)
		}
	}
	s.apply(r.input, r.lead, r.flag)
}

// count counts one mention of a concept; two are as good as many.
func count(concepts []float32, c int32) { concepts[c] = min(concepts[c]+0.5, 1) }

// fill lays out the input of the second stage and returns the room of the concepts, all zero. pool must have run.
func (r *readings) fill(phrase func(k int) (score, late float32), vector []float32) []float32 {
	k := len(r.whole)
	in := r.input
	copy(in, r.whole)
	for c := range k {
		best := r.parts[c]
		for p := 1; p < r.n; p++ {
			best = max(best, r.parts[p*k+c])
		}
		in[k+c] = best
		in[2*k+c] = r.mean[c]
		in[3*k+c] = r.parts[c]
		in[4*k+c] = r.parts[(r.n-1)*k+c]
		in[5*k+c], in[6*k+c] = phrase(c)
	}
	in = in[inputBlocks*k:]
	in[0], in[1] = float32(math.Log(float64(r.n))), 1
	in = in[2+copy(in[2:], vector):]
	clear(in)
	return in
}

// apply computes both machines.
func (s *second) apply(input []float32, lead, flag []float64) {
	n := s.classes
	clear(lead)
	clear(flag)
	for i, x := range input {
		if x == 0 {
			continue
		}
		a, b := s.lead[i*n:][:n], s.flag[i*n:][:n]
		for k := range a {
			lead[k] += float64(x * a[k])
			flag[k] += float64(x * b[k])
		}
	}
	top, sum := slices.Max(lead), 0.0
	for k := range lead {
		lead[k] = math.Exp(lead[k] - top)
		sum += lead[k]
	}
	for k := range lead {
		lead[k] /= sum
		flag[k] = 1 / (1 + math.Exp(-flag[k]))
	}
}

// Constants of the second stage's training.
const (
	secondSweeps = 16
	secondRate   = 0.05
	secondRidge  = 0.002 // pull towards the start, which believes the score of the whole text
	shortWeight  = 0.2   // of an example of one sentence
	claimRecall  = 0.985 // of the claims in held-out mails that must be found
	minLong      = 200   // mails of several sentences below which there is no second stage
	secondFolds  = 4
)

// sample is one example as the second stage sees it.
type sample struct {
	input       []float32
	doc         int
	long        bool
	whole, peak int // the classes that the text as a whole and its clearest sentence speak for
}

// learnSecond trains the second stage on the held-out scores of the first. It returns nil when mails of several sentences are
// too few.
func learnSecond(h heldOut, docs []document, label []int32, also [][]int32, temper float64, set *Set, opt Options) *second {
	k := len(set.Classes)
	r := newReadings(k)
	r.input = make([]float32, set.inputs())
	var list []sample
	long := 0
	for i := range docs {
		if label[i] == noClass {
			continue
		}
		d := &docs[i]
		r.n = len(d.ends)
		copy(r.whole, h.scores[i*k:][:k])
		copy(r.parts, h.parts[h.first[i]*k:h.first[i+1]*k])
		if r.n == 0 {
			r.n = 1
			copy(r.parts, r.whole)
		}
		r.pool(temper)
		concepts := r.fill(func(c int) (float32, float32) { return d.phrases[c], d.late[c] }, d.direction())
		for _, c := range d.concepts {
			count(concepts, c)
		}
		x := sample{input: slices.Clone(r.input), doc: i, long: r.n > 1, whole: argmax(r.whole), peak: argmax(r.peak)}
		if x.long {
			long++
		}
		list = append(list, x)
	}
	if long < minLong {
		return nil
	}
	truth := targets(label, also, k)
	var full *second
	lead, flag := make([]float64, len(docs)*k), make([]float64, len(docs)*k)
	abreast(secondFolds+1, func(f int) {
		if f == secondFolds {
			full = trainSecond(list, label, truth, k, temper, opt.Seed)
			return
		}
		var part []sample
		for j, x := range list {
			if j%secondFolds != f {
				part = append(part, x)
			}
		}
		s := trainSecond(part, label, truth, k, temper, opt.Seed)
		for j, x := range list {
			if j%secondFolds == f {
				s.apply(x.input, lead[x.doc*k:][:k], flag[x.doc*k:][:k])
			}
		}
	})
	full.choose(list, label, truth, lead, flag, set)
	var trials []trial
	for _, x := range list {
		q := lead[x.doc*k:][:k]
		best := argmax(q)
		if x.long && x.whole == best && x.peak == best && !set.outranked(flag[x.doc*k:][:k], best) { // what Model.certain asks
			trials = append(trials, trial{q[best], best == int(label[x.doc])})
		}
	}
	full.threshold = staircase(trials, opt.Precision)
	return full
}

// trainSecond descends the gradient of both machines' losses, from a start that believes the score of the whole text.
func trainSecond(list []sample, label []int32, truth []int8, k int, temper float64, seed uint64) *second {
	n := len(list[0].input)
	s := &second{classes: k, inputs: n, lead: make([]float32, n*k), flag: make([]float32, n*k)}
	for c := range k {
		s.lead[c*k+c] = float32(temper)
		s.flag[c*k+c] = float32(temper)
	}
	prior := slices.Clone(s.lead)
	rng := rand.New(rand.NewPCG(seed, 0x2d))
	order := rng.Perm(len(list))
	lead, flag := make([]float64, k), make([]float64, k)
	step := 0
	half := secondSweeps / 2
	mean := &second{lead: make([]float32, len(s.lead)), flag: make([]float32, len(s.flag))}
	for sweep := range secondSweeps {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, j := range order {
			x := &list[j]
			rate := secondRate / (1 + 4*float64(step)/float64(len(list)*secondSweeps))
			step++
			weight := rate
			if !x.long {
				weight *= shortWeight
			}
			s.apply(x.input, lead, flag)
			for c := range k {
				y := 0.0
				if int(label[x.doc]) == c {
					y = 1
				}
				lead[c] = weight * (lead[c] - y)
				t := 0.0
				if truth[x.doc*k+c] > 0 {
					t = 1
				}
				flag[c] = weight * (flag[c] - t)
			}
			shrink := float32(rate * secondRidge)
			for i, v := range x.input {
				if v == 0 {
					continue
				}
				a, b, p := s.lead[i*k:][:k], s.flag[i*k:][:k], prior[i*k:][:k]
				for c := range a {
					a[c] -= v*float32(lead[c]) + shrink*(a[c]-p[c])
					b[c] -= v*float32(flag[c]) + shrink*(b[c]-p[c])
				}
			}
		}
		if sweep >= half {
			share := 1 / float32(secondSweeps-half)
			add(mean.lead, s.lead, share)
			add(mean.flag, s.flag, share)
		}
	}
	s.lead, s.flag = mean.lead, mean.flag
	return s
}

// seen is what the second stage said of one class of a held-out mail, and whether the mail expresses it.
type seen struct {
	p     float64
	right bool
}

// claimTally counts the claims of held-out mails: those that lead are found, the rest are found from some probability on.
type claimTally struct {
	found, wanted int
	rest          []seen
}

// choose sets the probabilities from which a class that does not lead is a further intent, on held-out mails. Claims have a
// level for mails of one sentence and one for those of several: a single one says much less beside its main matter.
func (s *second) choose(list []sample, label []int32, truth []int8, lead, flag []float64, set *Set) {
	k := s.classes
	var claims [2]claimTally
	var others []seen
	for _, x := range list {
		t := &claims[kind(x.long)]
		best := argmax(lead[x.doc*k:][:k])
		for c := range k {
			v := seen{flag[x.doc*k+c], truth[x.doc*k+c] > 0}
			switch {
			case set.Classes[c].Claim:
				t.count(v, c == best)
			case x.long && c != best && !set.Classes[c].Fallback:
				others = append(others, v)
			}
		}
	}
	for i := range claims {
		s.claims[i] = claims[i].level()
	}
	s.others = balance(others)
}

// kind numbers mails of one sentence and of several.
func kind(long bool) int {
	if long {
		return 1
	}
	return 0
}

func (t *claimTally) count(v seen, leads bool) {
	if v.right {
		t.wanted++
		if leads {
			t.found++
		}
	}
	if !leads {
		t.rest = append(t.rest, v)
	}
}

func likeliestFirst(a, b seen) int { return cmp.Compare(b.p, a.p) }

// level is the highest probability from which claimRecall of the claims are found.
func (t *claimTally) level() float64 {
	slices.SortStableFunc(t.rest, likeliestFirst)
	found := t.found
	for _, v := range t.rest {
		if v.right {
			found++
		}
		if float64(found) >= claimRecall*float64(t.wanted) {
			return v.p
		}
	}
	return 0
}

// balance is the probability with the best harmonic mean of precision and recall.
func balance(list []seen) float64 {
	slices.SortStableFunc(list, likeliestFirst)
	total := 0
	for _, v := range list {
		if v.right {
			total++
		}
	}
	right, bestF, level := 0, 0.0, 1.0
	for i, v := range list {
		if v.right {
			right++
		}
		if f := 2 * float64(right) / float64(i+1+total); f > bestF {
			bestF, level = f, v.p
		}
	}
	return level
}
