package classify

// The hashed feature space: every word, pair, in-word n-gram and Han n-gram falls into one of these buckets.
const (
	hashBits = 18
	buckets  = 1 << hashBits
)

// Sizes of the n-grams.
const (
	minGram, maxGram = 2, 5 // bytes of a word, its edges marked
	maxHanGram       = 3    // Han characters of a run
)

// scratch is the working memory of one text. A model keeps a pool of them.
type scratch struct {
	scan     scan
	findings findings
	counts   []uint8  // by bucket: how often in this text; zero between texts
	words    []uint32 // buckets touched by words, pairs and Han n-grams
	concepts []uint32 // buckets touched by concepts and pairs of them
	grams    []uint32 // buckets touched by in-word n-grams
	acc      []float32
	scores   []float64
	order    []int
	none     []float64 // phrase scores of classes that have no phrases
	part     []float64 // phrase scores of one sentence
	share    []float64 // probabilities of one sentence
	whole    []float64 // probabilities of the whole text
	level    []float64 // by class: the machine's score of the whole text
	peak     []float64 // by class: the highest probability in any sentence
}

func newScratch(classes int) *scratch {
	return &scratch{
		counts: make([]uint8, buckets),
		words:  make([]uint32, 0, 2048),
		grams:  make([]uint32, 0, 4096),
		acc:    make([]float32, classes),
		scores: make([]float64, classes),
		order:  make([]int, 0, classes),
		none:   make([]float64, classes),
		part:   make([]float64, classes),
		share:  make([]float64, classes),
		whole:  make([]float64, classes),
		level:  make([]float64, classes),
		peak:   make([]float64, classes),
	}
}

// rules is the phrase score of each class of the set.
func (s *scratch) rules(set *Set) []float64 {
	if set.own {
		return s.findings.score
	}
	return s.none
}

// clear forgets the text.
func (s *scratch) clear() {
	for _, b := range s.words {
		s.counts[b] = 0
	}
	for _, b := range s.grams {
		s.counts[b] = 0
	}
	for _, b := range s.concepts {
		s.counts[b] = 0
	}
	s.words, s.concepts, s.grams = s.words[:0], s.concepts[:0], s.grams[:0]
}

func bucket(h uint64) uint32 { return uint32(h * 0x9e3779b97f4a7c15 >> (64 - hashBits)) }

// count adds one occurrence of a feature and returns the list with its bucket when that is new.
func (s *scratch) count(h uint64, list []uint32) []uint32 {
	b := bucket(h)
	switch s.counts[b] {
	case 0:
		list = append(list, b)
		s.counts[b] = 1
	case 255:
	default:
		s.counts[b]++
	}
	return list
}

// Salts keep words, pairs and n-grams of the same letters apart.
const (
	saltPair = 0x517cc1b727220a95
	saltGram = 0x2545f4914f6cdd1d
	saltIdea = 0x9fb21c651e98df25
)

// extract counts the features of the tokens [from, to). Muted tokens are left out.
func (s *scratch) extract(from, to int) {
	s.extractConcepts(int32(from), int32(to))
	tokens := s.scan.tokens[:to]
	for i := from; i < to; i++ {
		t := &tokens[i]
		if t.muted {
			continue
		}
		if t.han {
			s.hanGrams(tokens, i)
			continue
		}
		s.words = s.count(t.hash, s.words)
		if i+1 < len(tokens) && !tokens[i+1].han && !tokens[i+1].muted {
			s.words = s.count((t.hash^saltPair)*hashPrime^tokens[i+1].hash, s.words)
		}
		s.wordGrams(s.scan.norm[t.from:t.to])
	}
}

// conceptReach is how far apart two concepts may begin and still make a pair.
const conceptReach = 10

// extractConcepts counts the mentions of concepts, and the pairs of different ones near each other, in their order.
func (s *scratch) extractConcepts(from, to int32) {
	ms := s.findings.mentions
	for i, a := range ms {
		if a.at < from || a.at >= to || s.scan.tokens[a.at].muted {
			continue
		}
		h := (saltIdea ^ uint64(a.concept+1)) * hashPrime
		s.concepts = s.count(h, s.concepts)
		for _, b := range ms[i+1:] {
			if b.at-a.at > conceptReach || b.at >= to {
				break
			}
			if b.concept != a.concept {
				s.concepts = s.count((h^uint64(b.concept+1))*hashPrime, s.concepts)
			}
		}
	}
}

// hanGrams counts the 1..3-grams of Han characters that begin at token i; a run does not cross the end of a clause.
func (s *scratch) hanGrams(tokens []token, i int) {
	h := tokens[i].hash
	s.words = s.count(h, s.words)
	for n := 1; n < maxHanGram && i+n < len(tokens); n++ {
		t := &tokens[i+n]
		if !t.han || t.muted || t.clause != tokens[i].clause {
			return
		}
		h = (h^saltPair)*hashPrime ^ t.hash
		s.words = s.count(h, s.words)
	}
}

// wordGrams counts the n-grams of one word with a blank at each edge.
func (s *scratch) wordGrams(w []byte) {
	for i := -1; i < len(w); i++ {
		h := uint64(saltGram)
		for n := 0; n < maxGram && i+n <= len(w); n++ {
			c := byte(' ')
			if k := i + n; k >= 0 && k < len(w) {
				c = w[k]
			}
			h = (h ^ uint64(c)) * hashPrime
			if n+1 >= minGram {
				s.grams = s.count(h, s.grams)
			}
		}
	}
}

// document is one text as training sees it: features once, in a fixed order.
type document struct {
	bucket  []uint32
	count   []uint8
	words   int // the first so many are words, pairs and Han n-grams,
	ideas   int // from there on to here concepts; the rest in-word n-grams
	phrases []float32
}

// document reads a text into a document of its own.
func (s *scratch) document(set *Set, text string) document {
	s.scan.read(text)
	set.judge(&s.scan, &s.findings)
	s.extract(0, len(s.scan.tokens))
	n := len(s.words) + len(s.concepts) + len(s.grams)
	d := document{bucket: make([]uint32, 0, n), count: make([]uint8, 0, n), words: len(s.words)}
	d.ideas = d.words + len(s.concepts)
	d.bucket = append(append(append(d.bucket, s.words...), s.concepts...), s.grams...)
	for _, b := range d.bucket {
		d.count = append(d.count, s.counts[b])
	}
	d.phrases = make([]float32, len(s.findings.score))
	for k, x := range s.findings.score {
		d.phrases[k] = squash(x)
	}
	s.clear()
	return d
}

// squash keeps a pile of phrases from outweighing everything: the sum of weights becomes a value between -1 and 1.
func squash(x float64) float32 {
	if x < 0 {
		return float32(x / (3 - x))
	}
	return float32(x / (3 + x))
}
