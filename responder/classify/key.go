package classify

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the digest
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"
)

// codeVersion changes whenever the features, the training or the form of a kept model do, so that a model kept by an older
// program is trained anew.
const codeVersion = 12

// builtInDigest stands for the built-in examples: a start reads and hashes none of them. A test keeps it true.
//
//go:embed examples/digest
var builtInDigest string

// Key names the model that Train makes of the built-in examples and these, as far as the set has their classes: a model kept
// under it need not be trained again. It changes with any class, phrase, example text or label, with the options and with
// the program's own version; the order of the examples, who gave them and when do not count.
func Key(set *Set, examples []Example, opt Options) string {
	opt = opt.withDefaults()
	h := sha256.New()
	fmt.Fprintf(h, "v%d %d %g %d %s\n", codeVersion, opt.Seed, opt.Precision, opt.Folds, strings.TrimSpace(builtInDigest))
	set.hash(h)
	examples = set.For(examples)
	sums := make([][sha256.Size]byte, len(examples))
	var line []byte
	for i, e := range examples {
		line = fmt.Appendf(line[:0], "%q %q %q %q\n", e.Class, e.Also, e.Language, e.Text)
		sums[i] = sha256.Sum256(line)
	}
	slices.SortFunc(sums, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	for i := range sums {
		h.Write(sums[i][:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (s *Set) hash(h hash.Hash) {
	fmt.Fprintf(h, "%q %q %q\n", s.Languages, s.grammar.excepts, s.grammar.contrast)
	fmt.Fprintf(h, "%q\n", s.grammar.concepts)
	for _, n := range s.grammar.negators {
		fmt.Fprintf(h, "%q %d\n", n.text, n.reach)
	}
	for _, c := range s.Classes {
		fmt.Fprintf(h, "%q %d %t %t %t %q %d %q\n", c.Name, c.Priority, c.Claim, c.OpensVisit, c.Fallback, c.Urgency, c.Window, c.Mode)
		for _, lang := range sortedKeys(c.Phrases) {
			for _, p := range c.Phrases[lang] {
				fmt.Fprintf(h, "%q %q %x\n", lang, p.Text, math.Float64bits(p.Weight))
			}
		}
	}
}

// sortExamples puts examples in the order that training takes them in, whatever order they came in.
func sortExamples(examples []Example) []Example {
	out := slices.Clone(examples)
	slices.SortFunc(out, func(a, b Example) int {
		if c := strings.Compare(a.Class, b.Class); c != 0 {
			return c
		}
		return strings.Compare(a.Text, b.Text)
	})
	return out
}
