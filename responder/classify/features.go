package classify

// The hashed feature space: every word, pair, in-word n-gram, Han n-gram, concept and group falls into one of these buckets.
const (
	hashBits = 18
	buckets  = 1 << hashBits
)

// Sizes of the n-grams.
const (
	minGram, maxGram = 2, 5 // bytes of a word, its edges marked
	maxHanGram       = 3    // Han characters of a run
)

// A text is read as parts: its sentences. What a part says is a sum over its features; what the text says is the sum of its
// parts, so one pass gives both.
const (
	maxParts   = 12 // the last one takes the rest of the text
	partTokens = 3  // a shorter sentence is read together with the next one
)

// feat is one occurrence of a feature: its bucket, or the number of a folded word, and its weight before the idf.
type feat struct {
	id     uint32
	weight float32
}

// folded marks the number of a word whose n-grams and groups are summed up beforehand.
const folded = 1 << 31

// span is one part of a text: tokens [from, to), features [first, last).
type span struct{ from, to, first, last int }

// scratch is the working memory of one text. A model keeps a pool of them.
type scratch struct {
	scan     scan
	findings findings
	lex      lexicon
	counts   []uint8  // by bucket: how often in this text; zero between texts
	touched  []uint32 // buckets that are not zero
	feats    []feat
	parts    []span
	dense    []float32 // by part: the sum of the vectors of its words
	unit     []float32 // two vectors of room
	sums     []uint64  // of the word vectors of one part, two values in each
	steps    []step
	acc      []float32 // one row of sums
	part1    []float64 // phrase scores of one part
	scores   []float64 // by class: the probabilities that decide
	order    []int
	none     []float64 // phrase scores of classes that have no phrases
	read     readings
	staged   bool // the second stage has judged
}

func newScratch(classes int) *scratch {
	lex := newLexicon(wordTable)
	return &scratch{
		lex:    lex,
		counts: make([]uint8, buckets),
		feats:  make([]feat, 0, 4096),
		dense:  make([]float32, maxParts*lex.dims),
		unit:   make([]float32, 2*lex.dims),
		sums:   make([]uint64, lex.dims/2),
		steps:  make([]step, 0, 1024),
		acc:    make([]float32, stride(classes)),
		part1:  make([]float64, maxClasses),
		scores: make([]float64, classes),
		order:  make([]int, 0, classes),
		none:   make([]float64, classes),
		read:   newReadings(classes),
	}
}

// rules is the phrase score of each class of the set.
func (s *scratch) rules(set *Set) []float64 {
	if set.own {
		return s.findings.score
	}
	return s.none
}

func bucket(h uint64) uint32 { return uint32(h * 0x9e3779b97f4a7c15 >> (64 - hashBits)) }

// again returns what one more occurrence of a feature weighs: all of them together weigh 1 + ln(n).
func (s *scratch) again(b uint32) float32 {
	n := s.counts[b]
	if n == 0 {
		s.touched = append(s.touched, b)
	}
	if int(n) == len(tfStep)-1 {
		return tfStep[n]
	}
	s.counts[b] = n + 1
	return tfStep[n]
}

// emit adds one occurrence of a feature and returns its weight.
func (s *scratch) emit(h uint64, weight float32) float32 {
	b := bucket(h)
	o := s.again(b)
	s.feats = append(s.feats, feat{b, o * weight})
	return o
}

// Salts keep words, pairs and n-grams of the same letters apart.
const (
	saltPair  = 0x517cc1b727220a95
	saltGram  = 0x2545f4914f6cdd1d
	saltIdea  = 0x9fb21c651e98df25
	saltGroup = 0xd1342543de82ef95
)

// extract reads the features of the scanned and judged text part by part. Words that the machine has folded (l may be nil)
// are given by their number. Muted tokens are left out.
func (s *scratch) extract(g gains, l *learned) {
	for _, b := range s.touched {
		s.counts[b] = 0
	}
	s.touched, s.feats, s.parts = s.touched[:0], s.feats[:0], s.parts[:0]
	tokens := s.scan.tokens
	for from := 0; from < len(tokens); {
		to := from + 1
		for to < len(tokens) && (tokens[to].sentence == tokens[to-1].sentence || to-from < partTokens || len(s.parts) == maxParts-1) {
			to++
		}
		if len(tokens)-to < partTokens {
			to = len(tokens)
		}
		first := len(s.feats)
		s.part(from, to, g, l)
		s.parts = append(s.parts, span{from, to, first, len(s.feats)})
		from = to
	}
}

// part reads the features of the tokens [from, to).
func (s *scratch) part(from, to int, g gains, l *learned) {
	s.concepts(int32(from), int32(to), g)
	s.meaning(from, to, len(s.parts), g)
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
		s.word(t, g, l)
		if i+1 < to && !tokens[i+1].han && !tokens[i+1].muted {
			s.emit((t.hash^saltPair)*hashPrime^tokens[i+1].hash, 1)
		}
	}
}

// word adds a word and its n-grams.
func (s *scratch) word(t *token, g gains, l *learned) {
	if l != nil {
		if k := l.fold.find(t.hash); k >= 0 {
			t.known = int32(k + 1)
			s.feats = append(s.feats, feat{folded | uint32(k), s.again(bucket(t.hash))})
			return
		}
	}
	o := s.emit(t.hash, 1)
	s.feats = appendGrams(s.feats, s.scan.norm[t.from:t.to], o*g.grams)
}

// conceptReach is how far apart two concepts may begin and still make a pair.
const conceptReach = 10

// concepts adds the mentions of concepts, and the pairs of different ones near each other, in their order.
func (s *scratch) concepts(from, to int32, g gains) {
	ms := s.findings.mentions
	for i, a := range ms {
		if a.at < from || a.at >= to || s.scan.tokens[a.at].muted {
			continue
		}
		h := (saltIdea ^ uint64(a.concept+1)) * hashPrime
		s.emit(h, g.concepts)
		for _, b := range ms[i+1:] {
			if b.at-a.at > conceptReach || b.at >= to {
				break
			}
			if b.concept != a.concept {
				s.emit((h^uint64(b.concept+1))*hashPrime, g.concepts)
			}
		}
	}
}

// hanGrams adds the 1..3-grams of Han characters that begin at token i; a run does not cross the end of a clause.
func (s *scratch) hanGrams(tokens []token, i int) {
	h := tokens[i].hash
	s.emit(h, 1)
	for n := 1; n < maxHanGram && i+n < len(tokens); n++ {
		t := &tokens[i+n]
		if !t.han || t.muted || t.clause != tokens[i].clause {
			return
		}
		h = (h^saltPair)*hashPrime ^ t.hash
		s.emit(h, 1)
	}
}

// appendGrams adds the n-grams of one word with a blank at each edge.
func appendGrams(list []feat, w []byte, weight float32) []feat {
	for i := -1; i < len(w); i++ {
		h := uint64(saltGram)
		for n := 0; n < maxGram && i+n <= len(w); n++ {
			c := byte(' ')
			if k := i + n; k >= 0 && k < len(w) {
				c = w[k]
			}
			h = (h ^ uint64(c)) * hashPrime
			if n+1 >= minGram {
				list = append(list, feat{bucket(h), weight})
			}
		}
	}
	return list
}
