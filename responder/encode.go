package responder

import (
	"encoding/base64"
	"math/bits"
	"strings"
)

// lineLimit is the longest line of an encoded body, without its CRLF (RFC 2045, 6.7 and 6.8).
const lineLimit = 76

// encodingFor picks base64 where much of the text is not ASCII: quoted-printable would treble Chinese.
func encodingFor(text string) (name string, encode func(out []byte, text string) []byte) {
	if high := highBytes(text); high*5 > len(text) {
		return "base64", appendBase64Text
	}
	return "quoted-printable", appendQuotedPrintable
}

func highBytes(text string) int {
	n := 0
	for len(text) >= 8 { // eight at a time: their high bits are counted in one word
		x := uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
			uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
		n += bits.OnesCount64(x & 0x8080808080808080)
		text = text[8:]
	}
	for i := range len(text) {
		n += int(text[i] >> 7)
	}
	return n
}

// encodedSize is about how many bytes a text takes once it is encoded.
func encodedSize(text string) int {
	high := highBytes(text)
	if high*5 > len(text) {
		return (len(text) + strings.Count(text, "\n")) / 57 * 79
	}
	return len(text) + len(text)/16 + 2*high
}

const upperHex = "0123456789ABCDEF"

// appendQuotedPrintable encodes text (RFC 2045, 6.7). "\n" is a line break; a "\r" that stands alone is data. "." at the
// begin of a line is encoded, too: some servers on the way lose it.
func appendQuotedPrintable(out []byte, text string) []byte {
	for i, col := 0, 0; i < len(text); {
		c := text[i]
		if c == '\n' {
			out = append(out, '\r', '\n')
			i, col = i+1, 0
			continue
		}
		if n := plainRun(text[i:], lineLimit-1-col); n > 0 && (c != '.' || col > 0) {
			out = append(out, text[i:i+n]...)
			i, col = i+n, col+n
			continue
		}
		last := i+1 == len(text) || text[i+1] == '\n'
		width := 3
		if literal(c) && !(last && blank(c)) {
			width = 1
		}
		if room := lineLimit - col; width > room || width == room && !last {
			out = append(out, '=', '\r', '\n')
			col = 0
		}
		if width == 1 && (c != '.' || col > 0) {
			out = append(out, c)
		} else {
			out = append(out, '=', upperHex[c>>4], upperHex[c&15])
			width = 3
		}
		i, col = i+1, col+width
	}
	return out
}

// plainRun is how many bytes at the begin of s, at most limit, stand for themselves.
func plainRun(s string, limit int) int {
	n := 0
	for n < len(s) && n < limit && literals[s[n]] {
		n++
	}
	if n > 0 && blank(s[n-1]) && (n == len(s) || s[n] == '\n') {
		n-- // at the end of a line it would get lost
	}
	return n
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// literal tells whether a byte stands for itself: printable ASCII, and white space that does not end its line.
func literal(c byte) bool { return c >= ' ' && c < 0x7f && c != '=' || c == '\t' }

// literals has the bytes that literal is true for; it is computed once and never changes.
var literals = func() (t [256]bool) {
	for i := range t {
		t[i] = literal(byte(i))
	}
	return t
}()

// appendBase64Text encodes text with its line breaks in the form of mail, CRLF (RFC 2045, 6.8).
func appendBase64Text(out []byte, text string) []byte {
	var data [lineLimit / 4 * 3]byte // of one encoded line
	n := 0
	put := func(s string) {
		for len(s) > 0 {
			if n == len(data) {
				out = append(base64.StdEncoding.AppendEncode(out, data[:]), '\r', '\n')
				n = 0
			}
			k := copy(data[n:], s)
			n, s = n+k, s[k:]
		}
	}
	for line := range strings.Lines(text) {
		bare := strings.TrimSuffix(line, "\n")
		put(bare)
		if len(bare) < len(line) {
			put("\r\n")
		}
	}
	return base64.StdEncoding.AppendEncode(out, data[:n])
}

// appendBase64 encodes data in lines.
func appendBase64(out []byte, data []byte) []byte {
	const line = lineLimit / 4 * 3
	for len(data) > line {
		out = base64.StdEncoding.AppendEncode(out, data[:line])
		out = append(out, '\r', '\n')
		data = data[line:]
	}
	return base64.StdEncoding.AppendEncode(out, data)
}
