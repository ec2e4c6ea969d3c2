package classify

import (
	"unicode"
	"unicode/utf8"
)

// Limits on what a stranger sends: what lies beyond them is not read. A mail's request stands at its beginning.
const (
	maxTextBytes = 32 << 10
	maxTokens    = 6000
	maxWordBytes = 48
	maxClasses   = 200
)

// Of a text of more tokens only so many at its begin and at its end are features: what a writer wants stands there, and a
// long story in between says little about it and costs most of the time. Phrases are looked for everywhere.
const (
	featuresFirst = 400
	featuresLast  = 100
)

// token is one word, or one ideographic character.
type token struct {
	from, to int32 // in scan.norm: the lower-cased form
	src, end int32 // in the text
	hash     uint64
	clause   int32
	sentence int32
	known    int32 // the number of a folded word plus 1, once the features have been read
	han      bool
	muted    bool // part of a denied phrase, a serial number, or amid a long text: not a feature
}

// scan is the text as the matcher and the features see it. It is reused between texts.
type scan struct {
	norm     []byte
	tokens   []token
	clause   int32
	sentence int32
}

// read splits the text into tokens. Words are letters and digits, lower-cased, full-width forms folded, digits all made 0,
// apostrophes dropped; each Han or kana character is a token of its own, in its simplified form. Marks that end a clause start
// a new clause.
func (s *scan) read(text string) {
	s.norm, s.tokens, s.clause = s.norm[:0], s.tokens[:0], 0
	s.sentence = 0
	if len(text) > maxTextBytes {
		text = text[:maxTextBytes]
	}
	for i := 0; i < len(text) && len(s.tokens) < maxTokens; {
		if c := text[i]; c < utf8.RuneSelf {
			if asciiClass[c] == wordByte {
				i = s.word(text, i)
				continue
			}
			if asciiClass[c] == clauseByte || c == '\n' && blankLine(text[i+1:]) {
				s.endClause()
			}
			if sentenceEnd(c, text[i+1:]) {
				s.endSentence()
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		r = fold(r)
		switch {
		case ideographic(r):
			s.han(simplify(r), i, n)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			i = s.word(text, i)
			continue
		case endsClause(r):
			s.endClause()
			if r == '。' || r == '！' || r == '？' || r == '；' || r == '…' || r == '!' || r == '?' || r == ';' {
				s.endSentence()
			}
		}
		i += n
	}
	s.pass()
}

// pass mutes what stands between the first and the last features of a long text.
func (s *scan) pass() {
	for i := featuresFirst; i < len(s.tokens)-featuresLast; i++ {
		s.tokens[i].muted = true
	}
}

// long says that there is a muted middle.
func (s *scan) long() bool { return len(s.tokens) > featuresFirst+featuresLast }

// sentenceEnd says whether the byte ends a sentence: a full stop does before a blank, a slash between blanks parts a subject
// from a text.
func sentenceEnd(c byte, rest string) bool {
	switch c {
	case '!', '?', ';':
		return true
	case '.', '/':
		return rest == "" || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\r'
	case '\n':
		return blankLine(rest)
	}
	return false
}

func (s *scan) endSentence() {
	if k := len(s.tokens); k > 0 && s.tokens[k-1].sentence == s.sentence {
		s.sentence++
	}
}

// blankLine says whether the text goes on with an empty line: mails wrap their lines, so one line end alone ends nothing.
func blankLine(rest string) bool {
	return len(rest) > 0 && rest[0] == '\n' || len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n'
}

func (s *scan) endClause() {
	if k := len(s.tokens); k > 0 && s.tokens[k-1].clause == s.clause {
		s.clause++
	}
}

func (s *scan) han(r rune, at, n int) {
	from := int32(len(s.norm))
	s.norm = utf8.AppendRune(s.norm, r)
	s.tokens = append(s.tokens, token{
		from: from, to: int32(len(s.norm)), src: int32(at), end: int32(at + n),
		hash: hashBytes(s.norm[from:]), clause: s.clause, sentence: s.sentence, han: true,
	})
}

// word reads one word that starts at byte i and returns where it ends.
func (s *scan) word(text string, i int) int {
	norm, from, start := s.norm, len(s.norm), i
	h := uint64(hashSeed)
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if asciiClass[c] == wordByte {
				if len(norm)-from < maxWordBytes {
					b := asciiLower[c]
					norm = append(norm, b)
					h = (h ^ uint64(b)) * hashPrime
				}
				i++
				continue
			}
			if c == '\'' && i+1 < len(text) && (text[i+1] >= utf8.RuneSelf || asciiClass[text[i+1]] == wordByte) {
				i++
				continue
			}
			break
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		r = fold(r)
		if r == '’' || r == '\u00ad' || r == '\u200b' {
			i += n
			continue
		}
		if ideographic(r) || !(unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) {
			break
		}
		if len(norm)-from < maxWordBytes {
			k := len(norm)
			norm = utf8.AppendRune(norm, lower(r))
			for _, b := range norm[k:] {
				h = (h ^ uint64(b)) * hashPrime
			}
		}
		i += n
	}
	s.norm = norm
	s.tokens = append(s.tokens, token{
		from: int32(from), to: int32(len(norm)), src: int32(start), end: int32(i), hash: h, clause: s.clause, sentence: s.sentence,
		muted: numbered(norm[from:]),
	})
	return i
}

// serialDigits is from how many digits a word is taken for a number that names a thing: a serial, an order, a telephone.
const serialDigits = 3

// numbered says that a word is such a number; it says nothing about what the text asks for.
func numbered(word []byte) bool {
	n := 0
	for _, c := range word {
		if c == '0' {
			n++
		}
	}
	return n >= serialDigits
}

// lettered says whether there is anything but numbers.
func (s *scan) lettered() bool {
	for _, b := range s.norm {
		if b != '0' {
			return true
		}
	}
	return false
}

func (s *scan) bytes(t token) []byte { return s.norm[t.from:t.to] }

// fold maps full-width forms to the plain ones.
func fold(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		return r - 0xFEE0
	}
	return r
}

func lower(r rune) rune {
	if unicode.IsDigit(r) {
		return '0'
	}
	return unicode.ToLower(r)
}

func ideographic(r rune) bool {
	return r >= 0x2E80 && (r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x3041 && r <= 0x30FF ||
		r >= 0x20000 && r <= 0x3FFFF || r >= 0xF900 && r <= 0xFAFF)
}

func endsClause(r rune) bool {
	switch r {
	case '。', '，', '、', '；', '：', '！', '？', '…', '（', '）', '—', '–', ',', ';', ':', '!', '?', '.', '(', ')':
		return true
	}
	return false
}

const (
	otherByte = iota
	wordByte
	clauseByte
)

// asciiClass and asciiLower are fixed tables, written once by their initialisers.
var asciiClass = func() (t [128]uint8) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			t[c] = wordByte
		}
	}
	for _, c := range ",.;:!?()" {
		t[c] = clauseByte
	}
	return t
}()

var asciiLower = func() (t [128]byte) {
	for c := range t {
		t[c] = byte(c)
		switch {
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c) + 'a' - 'A'
		case c >= '0' && c <= '9':
			t[c] = '0'
		}
	}
	return t
}()

// FNV-1a over the bytes, and a finalizer that spreads the bits (as in splitmix64).
const (
	hashSeed  = 14695981039346656037
	hashPrime = 1099511628211
)

func hashBytes(b []byte) uint64 {
	h := uint64(hashSeed)
	for _, c := range b {
		h = (h ^ uint64(c)) * hashPrime
	}
	return h
}

func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}
