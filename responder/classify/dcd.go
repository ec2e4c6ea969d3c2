package classify

import "math/rand/v2"

// Training: one linear support vector machine with squared hinge loss for each class against the rest, by dual coordinate
// descent (Hsieh et al., ICML 2008). All classes are trained in one sweep over the examples, so that each example is read
// once a sweep whatever the number of classes.

// matrix is the examples in compressed rows: feature numbers and values, dense phrase features behind them.
type matrix struct {
	start []int32 // row i is [start[i], start[i+1])
	col   []int32
	val   []float32
	norm  []float32 // squared length of each row with the bias
	lost  []float32 // share of each row that features without a column had
	cols  int
}

func (m *matrix) rows() int { return len(m.start) - 1 }

// solver holds the dual variables and the weights of all classes: w[col*classes+class], the bias in the last row.
type solver struct {
	m       *matrix
	target  []int8 // [row*classes+class]: 1 speaks for the class, -1 does not, 0 says nothing about it
	label   []int32
	classes int
	alpha   []float32
	w       []float32
	acc     []float32
	moved   []int     // classes that a step moves
	skip    []bool    // rows left out (held out for validation)
	ease    []float32 // by row: 1/(2C), how easily it yields
}

func newSolver(m *matrix, label []int32, target []int8, classes int) *solver {
	s := &solver{
		m: m, label: label, target: target, classes: classes,
		alpha: make([]float32, m.rows()*classes),
		w:     make([]float32, (m.cols+1)*classes),
		acc:   make([]float32, classes),
		skip:  make([]bool, m.rows()),
		ease:  make([]float32, m.rows()),
	}
	for i := range s.ease {
		s.ease[i] = 0.5 / cost
	}
	return s
}

// without returns a solver that starts from this one's solution with some rows taken out.
func (s *solver) without(out []bool) *solver {
	t := newSolver(s.m, s.label, s.target, s.classes)
	t.ease = s.ease
	copy(t.alpha, s.alpha)
	copy(t.w, s.w)
	for i := range t.skip {
		t.skip[i] = out[i] || s.skip[i]
	}
	delta := make([]float32, s.classes)
	for i, o := range out {
		if !o || s.skip[i] {
			continue
		}
		for k := range delta {
			a := &t.alpha[i*s.classes+k]
			delta[k] = -*a * s.sign(i, k)
			*a = 0
		}
		t.add(i, delta)
	}
	return t
}

func (s *solver) sign(i, k int) float32 { return float32(s.target[i*s.classes+k]) }

// targets says for every row which classes it speaks for: the leading one and the further ones.
func targets(label []int32, also [][]int32, classes int) []int8 {
	t := make([]int8, len(label)*classes)
	for i := range t {
		t[i] = -1
	}
	for i, k := range label {
		if k != noClass {
			t[i*classes+int(k)] = 1
		}
		if i < len(also) {
			for _, a := range also[i] {
				t[i*classes+int(a)] = 1
			}
		}
	}
	return t
}

// run sweeps until no dual variable moves by much, at most max times, in an order drawn from the seed. Rows that were at
// rest in one sweep are left out of the next ones, until only such rows are left; then all are looked at once more.
func (s *solver) run(seed uint64, max int, tolerance float32) {
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	var all []int32
	for i := range s.m.rows() {
		if !s.skip[i] {
			all = append(all, int32(i))
		}
	}
	order := append([]int32(nil), all...)
	for range max {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		whole := len(order) == len(all)
		order = s.sweep(order, tolerance)
		if len(order) > 0 {
			continue
		}
		if whole {
			return
		}
		order = append(order, all...)
	}
}

// sweep visits every row once and returns those whose projected gradient exceeded the tolerance, in the room of the list.
func (s *solver) sweep(order []int32, tolerance float32) []int32 {
	moving := order[:0]
	delta := make([]float32, s.classes)
	for _, i := range order {
		s.scores(int(i), s.acc)
		diag := s.ease[i]
		q := 1 / (s.m.norm[i] + diag)
		moved, worst := false, float32(0)
		alpha := s.alpha[int(i)*s.classes:][:s.classes]
		for k := range alpha {
			y := s.sign(int(i), k)
			delta[k] = 0
			if y == 0 {
				continue
			}
			g := y*s.acc[k] - 1 + diag*alpha[k]
			if alpha[k] == 0 && g >= 0 {
				continue
			}
			if g > worst {
				worst = g
			} else if -g > worst {
				worst = -g
			}
			if g < 1e-4 && g > -1e-4 {
				continue
			}
			old := alpha[k]
			alpha[k] = max(old-g*q, 0)
			if delta[k] = (alpha[k] - old) * y; delta[k] != 0 {
				moved = true
			}
		}
		if moved {
			s.add(int(i), delta)
		}
		if worst >= tolerance {
			moving = append(moving, i)
		}
	}
	return moving
}

// scores computes the scores of row i for every class: lanes of them at a time, so that the sums stay in registers. The last
// lanes may overlap the ones before, which only computes the same sums again.
func (s *solver) scores(i int, acc []float32) {
	n := s.classes
	bias := s.w[s.m.cols*n:][:n]
	col, val := s.m.col[s.m.start[i]:s.m.start[i+1]], s.m.val[s.m.start[i]:s.m.start[i+1]]
	if n < lanes {
		copy(acc, bias)
		for j, x := range val {
			add(acc, s.w[int(col[j])*n:], x)
		}
		return
	}
	for from := 0; from < n; from += lanes {
		from = min(from, n-lanes)
		z := (*[lanes]float32)(bias[from:])
		a, b, c, d, e, f := z[0], z[1], z[2], z[3], z[4], z[5]
		for j, x := range val {
			w := (*[lanes]float32)(s.w[int(col[j])*n+from:])
			a += x * w[0]
			b += x * w[1]
			c += x * w[2]
			d += x * w[3]
			e += x * w[4]
			f += x * w[5]
		}
		*(*[lanes]float32)(acc[from:]) = [lanes]float32{a, b, c, d, e, f}
	}
}

// add adds delta times row i to the weights. Most classes do not move.
func (s *solver) add(i int, delta []float32) {
	n := s.classes
	bias := s.w[s.m.cols*n:]
	moved := s.moved[:0]
	for k, x := range delta {
		if x != 0 {
			bias[k] += x
			moved = append(moved, k)
		}
	}
	s.moved = moved
	for j := s.m.start[i]; j < s.m.start[i+1]; j++ {
		row, v := s.w[int(s.m.col[j])*n:][:n], s.m.val[j]
		for _, k := range moved {
			row[k] += v * delta[k]
		}
	}
}

// extend gives the solver the rows that its matrix has got since, all left out.
func (s *solver) extend() *solver {
	n := len(s.skip)
	t := newSolver(s.m, s.label, append(s.target, make([]int8, (s.m.rows()-n)*s.classes)...), s.classes)
	copy(t.alpha, s.alpha)
	t.w = s.w
	for i := range t.ease {
		t.ease[i] = 0.5 / partCost
	}
	copy(t.ease, s.ease)
	for i := n; i < len(t.skip); i++ {
		t.skip[i] = true
	}
	return t
}

// teachParts lets the parts of the documents teach as well. Which sentence of a mail carries its request nobody has said: it
// is taken to be the one that the machine finds clearest. A class that the mail does not express is in none of its parts;
// about the other parts of one that it does express nothing is known.
func (s *solver) teachParts(first []int) {
	k := s.classes
	best, top := make([]int, k), make([]float32, k)
	for i := range len(first) - 1 {
		if first[i+1]-first[i] < 2 {
			continue // the whole text is the part
		}
		for p := first[i]; p < first[i+1]; p++ {
			s.skip[p] = false
			s.scores(p, s.acc)
			for c, z := range s.acc {
				if p == first[i] || z > top[c] {
					best[c], top[c] = p, z
				}
			}
		}
		for p := first[i]; p < first[i+1]; p++ {
			for c := range k {
				t := s.target[i*k+c]
				if t > 0 && best[c] != p {
					t = 0
				}
				s.target[p*k+c] = t
			}
		}
	}
}
