package classify

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of the evidence that a result carries.
const (
	maxPhrases  = 5  // phrases named
	maxWords    = 5  // words or runs of words named
	maxEvidence = 60 // bytes of one
)

// because names the phrases that spoke for the classes of the result, as they stand in the text, then the words that the
// learned part weighed most for the leading class.
func (m *Model) because(s *scratch, text string, res Result) []string {
	var out []string
	for _, h := range s.findings.hits {
		p := &m.set.matcher.patterns[h.pattern]
		if p.class < 0 || len(out) >= maxPhrases || !m.set.own {
			continue
		}
		name := m.set.Classes[p.class].Name
		against := h.denied || p.weight < 0
		if !against && !res.Has(name) {
			continue
		}
		line := name + ": " + s.quote(text, h.from, h.to)
		if against {
			line = "not " + line
		}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	if words := m.words(s, text, res.Class); words != "" {
		out = append(out, words)
	}
	return out
}

// quote is the tokens [from, to) as they stand in the text, cut to a bearable length, on one line.
func (s *scratch) quote(text string, from, to int32) string {
	q := text[s.scan.tokens[from].src:s.scan.tokens[to-1].end]
	if len(q) > maxEvidence {
		q = q[:maxEvidence]
		for len(q) > 0 && !utf8.ValidString(q[max(0, len(q)-utf8.UTFMax):]) && !utf8.RuneStart(q[len(q)-1]) {
			q = q[:len(q)-1]
		}
		q = strings.ToValidUTF8(q, "")
	}
	if strings.ContainsAny(q, "\r\n\t") {
		q = strings.Join(strings.Fields(q), " ")
	}
	return q
}

// weighed is a run of tokens and what it added to the score of a class.
type weighed struct {
	from, to int32
	weight   float32
}

// words names the words and runs of characters that added most to the score of the class, in the order of the text.
func (m *Model) words(s *scratch, text, class string) string {
	if m.learned == nil {
		return ""
	}
	k := m.set.byName[class]
	var top [maxWords]weighed
	n := 0
	for i := range s.scan.tokens {
		if t := &s.scan.tokens[i]; !t.han && t.known == 0 {
			continue
		}
		w := m.learned.tokenWeight(s, i, k)
		if w.weight <= 0 || n == maxWords && w.weight <= top[n-1].weight || repeated(s, top[:n], w) {
			continue
		}
		if n < maxWords {
			n++
		}
		j := n - 1
		for ; j > 0 && top[j-1].weight < w.weight; j-- {
			top[j] = top[j-1]
		}
		top[j] = w
	}
	if n == 0 {
		return ""
	}
	slices.SortFunc(top[:n], func(a, b weighed) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	b.WriteString("words: ")
	for i, w := range top[:n] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.quote(text, w.from, w.to))
	}
	return b.String()
}

// repeated says whether the same words, or overlapping characters of greater weight, are named already.
func repeated(s *scratch, top []weighed, w weighed) bool {
	a := s.scan.norm[s.scan.tokens[w.from].from:s.scan.tokens[w.to-1].to]
	for _, t := range top {
		b := s.scan.norm[s.scan.tokens[t.from].from:s.scan.tokens[t.to-1].to]
		if string(a) == string(b) || w.from < t.to && t.from < w.to && t.weight >= w.weight {
			return true
		}
	}
	return false
}

// tokenWeight is the best of what the word, or the Han n-grams that begin at token i, added to class k.
func (l *learned) tokenWeight(s *scratch, i, k int) weighed {
	tokens := s.scan.tokens
	t := &tokens[i]
	if t.muted {
		return weighed{}
	}
	if !t.han {
		return weighed{int32(i), int32(i + 1), l.wordWeight(t, k)}
	}
	best := weighed{int32(i), int32(i + 1), 0}
	h, sum := t.hash, float32(0)
	for n := 1; n < maxHanGram && i+n < len(tokens); n++ {
		u := &tokens[i+n]
		if !u.han || u.muted || u.clause != t.clause {
			break
		}
		h = (h^saltPair)*hashPrime ^ u.hash
		if sum += l.weightOf(h, k); sum > best.weight {
			best = weighed{int32(i), int32(i + n + 1), sum}
		}
	}
	return best
}

// wordWeight is what one occurrence of a word with its n-grams adds to class k, before the length of the text is taken out.
func (l *learned) wordWeight(t *token, k int) float32 {
	if t.known == 0 {
		return 0
	}
	return l.weights[(l.fold.base+int(t.known)-1)*stride(l.classes)+k].value()
}

// weightOf is what one occurrence of a feature adds to class k, before the length of the text is taken out.
func (l *learned) weightOf(h uint64, k int) float32 {
	r := l.rank.of(bucket(h))
	if r < 0 {
		return 0
	}
	return l.weights[r*stride(l.classes)+k].value()
}
