package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lowerSame lowers s and keeps every offset: a letter whose lower case has another length stays as it is. Text without
// capital letters comes back as it is.
func lowerSame(s string) string {
	i := sameRun(s)
	if i == len(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	out.WriteString(s[:i])
	for i < len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			out.WriteByte(c | 0x20)
			i++
		case c < 0xC3 || c > 0xDF: // only two-byte letters have a lower case that matters here
			n := sameRun(s[i:])
			out.WriteString(s[i : i+n])
			i += n
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if l := unicode.ToLower(r); l != r && utf8.RuneLen(l) == n {
				out.WriteRune(l)
			} else {
				out.WriteString(s[i : i+n])
			}
			i += n
		}
	}
	return out.String()
}

// sameRun is how many bytes at the begin of s lowerSame keeps without a second look.
func sameRun(s string) int {
	i := 0
	for i < len(s) && !('A' <= s[i] && s[i] <= 'Z' || 0xC3 <= s[i] && s[i] <= 0xDF) {
		i++
	}
	return i
}
