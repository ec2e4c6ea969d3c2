package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

func dot(a, b []float64) float64 {
	sum := 0.0
	for k, x := range a {
		sum += x * b[k]
	}
	return sum
}

// unit returns the vector at length 1.
func unit(v []float64) []float64 {
	out := slices.Clone(v)
	if n := math.Sqrt(dot(v, v)); n > 0 {
		for k := range out {
			out[k] /= n
		}
	}
	return out
}

// plus adds x times b to a.
func plus(a, b []float64, x float64) {
	for k := range a {
		a[k] += x * b[k]
	}
}

// nearest is the highest cosine of a vector with any of the seeds, which have length 1.
func nearest(v []float64, seeds [][]float64) float64 {
	v = unit(v)
	top := 0.0
	for _, s := range seeds {
		top = max(top, dot(v, s))
	}
	return top
}

// principal returns a projection onto the directions in which the vectors differ most, the first skip ones left out.
func principal(vectors [][]float64, skip, keep int) func([]float64) []float64 {
	n := len(vectors[0])
	cov := make([][]float64, n)
	for a := range cov {
		cov[a] = make([]float64, n)
	}
	for _, v := range vectors {
		for a := range v {
			plus(cov[a], v, v[a])
		}
	}
	values, columns := eigen(cov)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	order = order[skip : skip+keep]
	return func(v []float64) []float64 {
		out := make([]float64, keep)
		for j, c := range order {
			for k, x := range v {
				out[j] += x * columns[k][c]
			}
		}
		return out
	}
}

// eigen returns the eigenvalues and eigenvectors (in columns) of a symmetric matrix, which it destroys, by Jacobi rotations.
func eigen(a [][]float64) ([]float64, [][]float64) {
	n := len(a)
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, n)
		v[i][i] = 1
	}
	for range 12 {
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, v, p, q)
			}
		}
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = a[i][i]
	}
	return values, v
}

// rotate makes a[p][q] zero.
func rotate(a, v [][]float64, p, q int) {
	if math.Abs(a[p][q]) < 1e-14 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := math.Copysign(1/(math.Abs(theta)+math.Sqrt(theta*theta+1)), theta)
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range a {
		a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
	}
	for k := range a {
		a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
	}
	for k := range v {
		v[k][p], v[k][q] = c*v[k][p]-s*v[k][q], s*v[k][p]+c*v[k][q]
	}
}

// group parts the words into groups of like vectors (k-means on the sphere) and numbers them.
func group(table []word, which, groups int) {
	const rounds = 12
	rng := rand.New(rand.NewPCG(1, 2))
	var centers [][]float64
	for _, i := range rng.Perm(len(table))[:groups] {
		centers = append(centers, table[i].vector)
	}
	for range rounds {
		sums := make([][]float64, groups)
		for i := range sums {
			sums[i] = make([]float64, dims)
		}
		for i := range table {
			top, at := math.Inf(-1), 0
			for c, center := range centers {
				if x := dot(table[i].vector, center); x > top {
					top, at = x, c
				}
			}
			table[i].groups[which] = at
			plus(sums[at], table[i].vector, 1)
		}
		for c := range centers {
			if dot(sums[c], sums[c]) > 0 {
				centers[c] = unit(sums[c])
			}
		}
	}
}
