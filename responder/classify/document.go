package classify

// document is one text as training sees it.
type document struct {
	feats    []feat
	ends     []int32   // of each part, in feats
	dense    []float32 // by part
	phrases  []float32 // by class: the phrase scores of the text, then those of each part
	late     []float32 // by class: what stands behind the last word of contrast
	words    []foldable
	concepts []int32 // mentioned
}

// foldable is a word of a text with all that belongs to it.
type foldable struct {
	hash uint64
	text string
}

// document reads a text into a document of its own.
func (s *scratch) document(set *Set, text string) document {
	s.scan.read(text)
	set.judge(&s.scan, &s.findings)
	s.extract(set.gains(), nil)
	d := document{feats: append([]feat(nil), s.feats...)}
	d.dense = append(d.dense, s.dense[:len(s.parts)*s.lex.dims]...)
	d.phrases = squashAll(d.phrases, s.findings.score)
	d.late = squashAll(nil, s.findings.late)
	part := make([]float64, len(s.findings.score))
	for _, p := range s.parts {
		d.ends = append(d.ends, int32(p.last))
		s.phrases(set, p, part)
		d.phrases = squashAll(d.phrases, part)
	}
	for _, m := range s.findings.mentions {
		if !s.scan.tokens[m.at].muted {
			d.concepts = append(d.concepts, m.concept)
		}
	}
	for i := range s.scan.tokens {
		if t := &s.scan.tokens[i]; !t.han && !t.muted {
			d.words = append(d.words, foldable{t.hash, string(s.scan.bytes(*t))})
		}
	}
	return d
}

// direction is the direction of the sum of all word vectors.
func (d *document) direction() []float32 {
	dims := len(d.dense) / max(len(d.ends), 1)
	sum := make([]float32, dims)
	for i, x := range d.dense {
		sum[i%dims] += x
	}
	direction(sum, sum, 1)
	return sum
}

// phrases sums up the phrases that stand within a part.
func (s *scratch) phrases(set *Set, p span, out []float64) {
	clear(out)
	for i := range s.findings.hits {
		h := &s.findings.hits[i]
		if int(h.from) >= p.from && int(h.to) <= p.to {
			if c := set.matcher.patterns[h.pattern].class; c >= 0 {
				out[c] += h.weight
			}
		}
	}
}

func squashAll(out []float32, x []float64) []float32 {
	for _, v := range x {
		out = append(out, squash(v))
	}
	return out
}

// squash keeps a pile of phrases from outweighing everything: the sum of weights becomes a value between -1 and 1.
func squash(x float64) float32 {
	if x < 0 {
		return float32(x / (3 - x))
	}
	return float32(x / (3 + x))
}
