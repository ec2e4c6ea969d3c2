package mailbox

import (
	"unicode"
	"unicode/utf8"
)

// lowerSame lowers s and keeps every offset: a letter whose lower case has another length stays as it is. Text without
// capital letters comes back as it is.
func lowerSame(s string) string {
	i := 0
	for i < len(s) && !('A' <= s[i] && s[i] <= 'Z' || 0xC3 <= s[i] && s[i] <= 0xDF) {
		i++
	}
	if i == len(s) {
		return s
	}
	b := []byte(s)
	for i < len(b) {
		switch c := b[i]; {
		case 'A' <= c && c <= 'Z':
			b[i] |= 0x20
			i++
		case c < 0xC3 || c > 0xDF: // only two-byte letters have a lower case that matters here
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if l := unicode.ToLower(r); l != r && utf8.RuneLen(l) == n {
				utf8.EncodeRune(b[i:], l)
			}
			i += n
		}
	}
	return string(b)
}
