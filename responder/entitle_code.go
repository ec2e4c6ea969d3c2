package responder

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// maxCode bounds the length of a serial or contract number that is compared, in bytes.
const maxCode = 128

// CodeKey is the form in which serial numbers and contract numbers are compared: upper case, full-width signs made ASCII,
// only letters and digits. It is "" for what is no number at all, or too long.
func CodeKey(s string) string {
	if len(s) > maxCode {
		return ""
	}
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		s = width.Fold.String(s)
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

// NearKey is CodeKey with the characters made one that people take for each other when they read a label: O and 0, I, L
// and 1, S and 5, Z and 2, B and 8.
func NearKey(key string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		case 'S':
			return '5'
		case 'Z':
			return '2'
		case 'B':
			return '8'
		}
		return r
	}, key)
}

// Lengths of a key, in characters, for which near ones are looked for. Of shorter ones too many are near.
const minNear, maxNear = 5, 24

// NearKeys lists the near keys of every number that a person may have meant who wrote key: with characters taken for each
// other, one character wrong or too many, two neighbours swapped. The first is the near key of key itself. A wrong digit is taken for another digit and
// a letter for a letter. It is empty for what is too short or too long to guess at. What is found by them is a suggestion
// to staff, never a match.
func NearKeys(key string) []string {
	k := []rune(NearKey(key))
	if len(k) < minNear || len(k) > maxNear {
		return nil
	}
	n := nearKeys{k: k, seen: map[string]bool{}}
	n.add(k)
	for i := range k {
		n.changed(i)
	}
	return n.out
}

type nearKeys struct {
	k    []rune
	seen map[string]bool
	out  []string
}

func (n *nearKeys) add(v []rune) {
	if s := string(v); !n.seen[s] {
		n.seen[s] = true
		n.out = append(n.out, s)
	}
}

// changed adds what key may be if its character at i is wrong, too many, or swapped with the next.
func (n *nearKeys) changed(i int) {
	v := make([]rune, len(n.k))
	copy(v, n.k)
	for _, r := range alike(n.k[i]) {
		v[i] = r
		n.add(v)
	}
	v[i] = n.k[i]
	if i+1 < len(v) {
		v[i], v[i+1] = v[i+1], v[i]
		n.add(v)
	}
	n.add(append(append([]rune{}, n.k[:i]...), n.k[i+1:]...))
}

// alike are the characters that may stand where r stands, as NearKey leaves them.
func alike(r rune) string {
	switch {
	case '0' <= r && r <= '9':
		return "0123456789"
	case 'A' <= r && r <= 'Z':
		return "ACDEFGHJKMNPQRTUVWXY"
	}
	return ""
}
