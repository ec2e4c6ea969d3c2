package responder

import (
	_ "embed"
	"strings"
	"unicode"
)

//go:embed data/thanks.txt
var builtInThanks string

// Thanks is the words that a bare thanks is made of.
type Thanks struct{ phrases map[string]bool }

// NewThanks reads a list of phrases, one a line; lines with # are remarks. An empty list stands for the built-in one.
func NewThanks(list string) *Thanks {
	if list == "" {
		list = builtInThanks
	}
	t := &Thanks{phrases: map[string]bool{}}
	for line := range strings.Lines(list) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			t.phrases[strings.Join(splitWords(line), " ")] = true
		}
	}
	return t
}

// maxThanks is how long a bare thanks can be, in words.
const maxThanks = 24

// Only tells whether text holds thanks and nothing else. Han characters count as a word each.
func (t *Thanks) Only(text string) bool {
	words := splitWords(text)
	if len(words) == 0 || len(words) > maxThanks {
		return false
	}
	// reach[i]: the first i words are made of phrases.
	reach := make([]bool, len(words)+1)
	reach[0] = true
	for i := range words {
		if !reach[i] {
			continue
		}
		for j := i + 1; j <= min(i+8, len(words)); j++ {
			if t.phrases[strings.Join(words[i:j], " ")] {
				reach[j] = true
			}
		}
	}
	return reach[len(words)]
}

func splitWords(s string) []string {
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			flush()
			words = append(words, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’':
		default:
			flush()
		}
		if len(words) > maxThanks {
			return words
		}
	}
	flush()
	return words
}
