package classify

import (
	"math"
	"testing"
)

// Rows and registers must give what adding class by class gives.
func TestRowsAddUpToTheWeights(t *testing.T) {
	idf, order := []float32{3, 2, 0.5}, []int32{1, 0, 2} // the first two change places
	for _, classes := range []int{1, 5, 6, 11, 12, 27} {
		w := make([]float32, 4*classes) // three rows of the space and one behind
		for i := range w {
			w[i] = float32(i%7) - 2.5
		}
		width := stride(classes)
		acc := make([]float32, width)
		packed := pack(w, idf, order, classes)
		gather(acc, packed, []step{{0, 1}, {int32(2 * width), 4}, {0, 0.5}, {int32(3 * width), -1}})
		for k := range classes {
			want := 1.5*idf[1]*w[classes+k] + 4*idf[2]*w[2*classes+k] - w[3*classes+k]
			if math.Abs(float64(acc[k]-want)) > 1e-5 {
				t.Errorf("class %d of %d: got %g, want %g", k, classes, acc[k], want)
			}
		}
		if got := packed[2*width-1].value(); got != 9 {
			t.Errorf("%d classes: the square of the second feature is %g, want 9", classes, got)
		}
	}
}

// Vectors that are added eight values at a time add up to the same as one by one, at the ends of the range, too.
func TestVectorsAddUpInIntegers(t *testing.T) {
	const dims = 16
	sums, want := make([]uint64, dims/2), make([]int, dims)
	total := 0
	for n := range 3000 {
		weight := byte(255 - n%3)
		vector := make([]byte, dims)
		for k := range vector {
			v := []int8{-128, 127, 0, -1, int8(n)}[(k+n/1000)%5]
			vector[k] = byte(v)
			want[k] += int(weight) * int(v)
		}
		addVector(sums, vector, weight)
		total += int(weight)
	}
	got := make([]float32, dims)
	vectorSums(got, sums, total)
	for k := range got {
		if got[k] != float32(want[k]) {
			t.Errorf("value %d: got %g, want %d", k, got[k], want[k])
		}
	}
}

// Of several alternatives that begin alike the index must find each, and a starred one no shorter word.
func TestAlternativesThatBeginAlike(t *testing.T) {
	set, err := LoadClasses([]byte("weights: {clear: 2}\nclasses:\n  - {name: a, mode: send, phrases: {en: {clear: ['trainer*|training', 'pump* leaks']}}}\n"), "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		text  string
		found bool
	}{
		{"trainers", true}, {"training", true}, {"trains", false}, {"train", false},
		{"pumps leaks", true}, {"pump leaks", true}, {"pum leaks", false}, {"pumps. leaks", false},
	} {
		var s scan
		var f findings
		s.read(row.text)
		set.judge(&s, &f)
		if (f.score[0] > 0) != row.found {
			t.Errorf("%q: got %g points, found: want %v", row.text, f.score[0], row.found)
		}
	}
}
