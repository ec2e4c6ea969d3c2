package mailbox

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// decodeUTF7 decodes UTF-7 (RFC 2152). What is no UTF-7 is kept as it stands and counted.
func decodeUTF7(b []byte) (string, int) {
	var out strings.Builder
	out.Grow(len(b))
	bad := 0
	for i := 0; i < len(b); {
		c := b[i]
		if c != '+' {
			if c >= 0x80 {
				bad++
				out.WriteRune('\uFFFD')
			} else {
				out.WriteByte(c)
			}
			i++
			continue
		}
		j := i + 1
		for j < len(b) && isBase64(b[j]) {
			j++
		}
		if j == i+1 {
			out.WriteByte('+')
		} else if s, ok := utf7Run(b[i+1 : j]); ok {
			out.WriteString(s)
		} else {
			bad++
			out.Write(b[i:j])
		}
		if j < len(b) && b[j] == '-' {
			j++
		}
		i = j
	}
	return out.String(), bad
}

func isBase64(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// utf7Run decodes the base64 between + and -: UTF-16BE without padding.
func utf7Run(b []byte) (string, bool) {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, _ := base64.RawStdEncoding.Decode(raw, b) // the unused bits at the end are not always zero
	if n < 2 {
		return "", false
	}
	u := make([]uint16, 0, n/2)
	for i := 0; i+1 < n; i += 2 {
		u = append(u, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(u)), true
}

// decodeHZ decodes HZ (RFC 1843): GB2312 pairs between ~{ and ~}. A line end closes a pair run that was left open.
func decodeHZ(b []byte) (string, int) {
	wide := make([]byte, 0, len(b))
	in := false
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '~' && i+1 < len(b) {
			switch n := b[i+1]; {
			case n == '{' && !in:
				in = true
				i++
				continue
			case n == '}' && in:
				in = false
				i++
				continue
			case n == '~' && !in:
				wide = append(wide, '~')
				i++
				continue
			case n == '\n' && !in: // a soft line break
				i++
				continue
			}
		}
		if c == '\n' {
			in = false
		}
		if in && c > 0x20 && c < 0x7f {
			c |= 0x80
		}
		wide = append(wide, c)
	}
	return decodeAs(wide, "gb18030")
}

// decodeShifted decodes the 7-bit charsets that shift with SO and SI (RFC 1557, RFC 1922): between them lie the bytes of
// the 8-bit charset called wide, less their high bits. The designation escapes are dropped.
func decodeShifted(b []byte, wide string) (string, int) {
	out := make([]byte, 0, len(b))
	in := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == 0x1b && i+3 < len(b) && b[i+1] == '$':
			i += 3
		case c == 0x0e:
			in = true
		case c == 0x0f:
			in = false
		case c == '\n':
			in = false
			out = append(out, c)
		case in && c > 0x20 && c < 0x7f:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return decodeAs(out, wide)
}
