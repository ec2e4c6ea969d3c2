package mailbox

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// languageBytes is how much of a text Language looks at.
const languageBytes = 2048

// languageWords is data/stopwords.tsv: frequent words, each with the languages that have it as bits.
type languageWords struct {
	codes []string
	words map[string]uint32
}

var stopWords = sync.OnceValue(func() *languageWords {
	l := &languageWords{words: map[string]uint32{}}
	readEmbedded("stopwords.tsv", 2, 2, func(cells []string) error {
		bit := uint32(1) << len(l.codes)
		l.codes = append(l.codes, cells[0])
		for w := range strings.FieldsSeq(cells[1]) {
			l.words[w] |= bit
		}
		return nil
	})
	return l
})

// Language returns the ISO 639-1 code of the language that s is written in, by its script first and, for Latin
// letters, by frequent words: "en" where those say nothing, "und" where there are no letters.
func Language(s string) string {
	if len(s) > languageBytes {
		s = s[:languageBytes]
	}
	n := countScripts(s)
	switch cjk := n.han + n.kana; {
	case n.kana > 0 && n.kana*8 >= cjk && cjk*3 >= n.latin:
		return "ja"
	case n.hangul > 0 && n.hangul*3 >= n.latin && n.hangul >= n.han:
		return "ko"
	// A Han character is about a word; serial numbers and names of products are Latin letters in a Chinese mail, too.
	case n.han > 0 && n.han*4 >= n.latin:
		return "zh"
	case n.other > n.latin:
		return n.otherCode
	case n.cyrillic > n.latin:
		if n.ukrainian > 0 {
			return "uk"
		}
		return "ru"
	case n.latin == 0:
		return "und"
	}
	return latinLanguage(s)
}

type scriptCount struct {
	latin, han, kana, hangul, cyrillic, ukrainian, other int
	otherCode                                            string
}

func countScripts(s string) (n scriptCount) {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'a' <= c|0x20 && c|0x20 <= 'z' {
				n.latin++
			}
			i++
			continue
		}
		r, w := utf8.DecodeRuneInString(s[i:])
		i += w
		switch {
		case r == utf8.RuneError:
		case r < 0x250:
			if unicode.IsLetter(r) {
				n.latin++
			}
		case 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || 0x20000 <= r && r <= 0x2FFFF:
			n.han++
		case 0x3041 <= r && r <= 0x30FA || 0xFF66 <= r && r <= 0xFF9D:
			n.kana++
		case 0xAC00 <= r && r <= 0xD7A3 || 0x1100 <= r && r <= 0x11FF:
			n.hangul++
		case 0x400 <= r && r <= 0x52F:
			n.cyrillic++
			if strings.ContainsRune("іїєґІЇЄҐ", r) {
				n.ukrainian++
			}
		case 0x370 <= r && r <= 0x3FF:
			n.add("el")
		case 0x590 <= r && r <= 0x5FF:
			n.add("he")
		case 0x600 <= r && r <= 0x6FF:
			n.add("ar")
		case 0xE00 <= r && r <= 0xE7F:
			n.add("th")
		case 0x900 <= r && r <= 0x97F:
			n.add("hi")
		case 0x1E00 <= r && r <= 0x1EFF:
			n.latin++
		}
	}
	return n
}

func (n *scriptCount) add(code string) {
	n.other++
	if n.otherCode == "" {
		n.otherCode = code
	}
}

// latinLanguage counts frequent words. Another language than English has to win by two words, since short English
// mails of product names and numbers have few of them.
func latinLanguage(s string) string {
	l := stopWords()
	var hits [32]int
	total := 0
	var buf [16]byte
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		if total++; total > 100 {
			break
		}
		var bits uint32
		if w, ok := shortLower(word, buf[:0]); ok {
			bits = l.words[string(w)]
		} else if len(word) <= 24 {
			bits = l.words[strings.ToLower(word)]
		}
		for i := 0; bits != 0; i++ {
			if bits&1 != 0 {
				hits[i]++
			}
			bits >>= 1
		}
	}
	best, english := 0, 0
	for i, code := range l.codes {
		if code == "en" {
			english = hits[i]
		}
		if hits[i] > hits[best] {
			best = i
		}
	}
	if hits[best] >= 2 && hits[best] >= english+2 || hits[best] >= 2 && english == 0 {
		return l.codes[best]
	}
	return "en"
}

// shortLower lowers a short ASCII word into buf.
func shortLower(word string, buf []byte) ([]byte, bool) {
	if len(word) > cap(buf) {
		return nil, false
	}
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c >= utf8.RuneSelf {
			return nil, false
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		buf = append(buf, c)
	}
	return buf, true
}
