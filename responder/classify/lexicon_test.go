package classify

import "testing"

func wordVector(t *testing.T, word string) []float32 {
	t.Helper()
	x := newLexicon(wordTable)
	var s scan
	s.read(word)
	w, n := x.longest(s.tokens, 0)
	if w < 0 || n != len(s.tokens) {
		t.Fatalf("%q is not in the word table as a whole", word)
	}
	v, out := make([]float32, x.dims), make([]float32, x.dims)
	for k := range v {
		v[k] = float32(int8(x.vectors[w*x.dims+k]))
	}
	direction(out, v, 1)
	return out
}

func TestWordsThatMeanAlikeLieClose(t *testing.T) {
	for _, row := range []struct{ word, near, far string }{
		{"refund", "reimbursement", "furnace"},
		{"leak", "leaking", "invoice"},
		{"technician", "技术员", "退款"},
		{"退款", "refund", "机器"},
		{"漏水", "leak", "培训"},
	} {
		t.Run(row.word, func(t *testing.T) {
			cosine := func(other string) (sum float32) {
				a, b := wordVector(t, row.word), wordVector(t, other)
				for k := range a {
					sum += a[k] * b[k]
				}
				return sum
			}
			if near, far := cosine(row.near), cosine(row.far); near < 0.5 || near < far+0.3 {
				t.Errorf("%s lies at %.2f, %s at %.2f", row.near, near, row.far, far)
			}
		})
	}
}

func TestLexiconKnowsNoNonsense(t *testing.T) {
	x := newLexicon(wordTable)
	for _, w := range []string{"qzxvkj", "", "aaaaaaaa"} {
		if i := x.find(hashBytes([]byte(w))); i >= 0 {
			t.Errorf("%q is word %d", w, i)
		}
	}
}
