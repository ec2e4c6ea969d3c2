package mailbox

import (
	"unicode"
	"unicode/utf8"
)

// lowerSame lowers s and keeps every offset: a letter whose lower case has another length stays as it is. Text without
// capital letters comes back as it is.
func lowerSame(s string) string {
	if s, ok := lowered(s); ok {
		return s
	}
	b := make([]byte, 0, 256) // on the stack, for a line
	return string(appendLower(b, s))
}

// lowered returns s and true when it holds nothing that could have a lower case.
func lowered(s string) (string, bool) {
	for i := range len(s) {
		if lowerBytes[s[i]] != s[i] {
			return "", false
		}
	}
	return s, true
}

// appendLower appends s in lower case to dst, byte for byte at the same distance.
func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := lowerBytes[s[i]]
		if c != 0 {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if l := unicode.ToLower(r); l != r && utf8.RuneLen(l) == n {
			dst = utf8.AppendRune(dst, l)
		} else {
			dst = append(dst, s[i:i+n]...)
		}
		i += n
	}
	return dst
}

// lowerBytes maps a byte to its lower case, and to 0 the bytes that begin a letter of two bytes: only those have another
// lower case that matters here. It is computed once and never changes.
var lowerBytes = func() (t [256]byte) {
	for i := range t {
		if c := byte(i); c < 0xC3 || c > 0xDF {
			t[i] = lowerByte(c)
		}
	}
	return t
}()
