package bench

import (
	"testing"
	"time"
)

// TestLetters: the letters weigh what they should, and no two are alike.
func TestLetters(t *testing.T) {
	seen, total := map[string]bool{}, 0
	const n = 300
	for i := range n {
		l := letter(i, time.Unix(1770000000, 0))
		if len(l) < 6500 || len(l) > 10_500 {
			t.Errorf("letter %d has %d bytes", i, len(l))
		}
		seen[string(l)] = true
		total += len(l)
	}
	if len(seen) != n {
		t.Errorf("only %d of %d letters differ", len(seen), n)
	}
	if mean := total / n; mean < 7500 || mean > 8500 {
		t.Errorf("a letter has %d bytes on average", mean)
	}
}
