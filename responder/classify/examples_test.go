package classify

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

func builtInForTest(t testing.TB) (*Set, []Example) {
	t.Helper()
	set, err := DefaultClasses()
	if err != nil {
		t.Fatal(err)
	}
	examples, err := BuiltInExamples()
	if err != nil {
		t.Fatal(err)
	}
	return set, examples
}

func TestBuiltInExamplesAreEnough(t *testing.T) {
	set, examples := builtInForTest(t)
	for _, p := range set.Problems(examples) {
		t.Error(p)
	}
	if n := len(set.For(examples)); n != len(examples) {
		t.Errorf("%d of %d examples name a class of the set", n, len(examples))
	}
}

// Two examples that share a long run of words were written from one another and count as one.
func TestBuiltInExamplesShareNoLongRun(t *testing.T) {
	_, examples := builtInForTest(t)
	const words, characters = 6, 12
	owner := make(map[string]int)
	for i, e := range examples {
		for _, run := range runs(e.Text, words, characters) {
			if j, ok := owner[run]; ok && j != i {
				t.Errorf("%q stands in two examples:\n  %s\n  %s", run, examples[j].Text, e.Text)
			}
			owner[run] = i
		}
	}
}

func runs(text string, words, characters int) []string {
	var s scan
	s.read(text)
	var out []string
	for i := range s.tokens {
		n := words
		if s.tokens[i].han {
			n = characters
		}
		if i+n > len(s.tokens) {
			continue
		}
		var b strings.Builder
		for _, t := range s.tokens[i : i+n] {
			if t.han != s.tokens[i].han {
				break
			}
			b.Write(s.bytes(t))
			b.WriteByte(' ')
		}
		if strings.Count(b.String(), " ") == n {
			out = append(out, b.String())
		}
	}
	return out
}

// A kept model is recognized by the digest: with a wrong one an old model would stay in use.
func TestBuiltInDigest(t *testing.T) {
	files, err := builtIn.ReadDir("examples")
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, f := range files {
		data, err := builtIn.ReadFile("examples/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s %d\n%s", f.Name(), len(data), data)
	}
	if want := fmt.Sprintf("%x\n", h.Sum(nil)); builtInDigest != want {
		t.Errorf("examples/digest holds %q; of these examples it must hold %q", builtInDigest, want)
	}
}
