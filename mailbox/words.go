package mailbox

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// decodeWords decodes the encoded words (RFC 2047) of s in every form that mail really has: words glued to text or to
// each other, spaces or raw 8-bit inside, a missing end mark, a multi-byte character cut in two by the word boundary.
// s is valid UTF-8, and so is the result; what does not decode is kept as it stands.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	d := wordDecoder{}
	for {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		w, n, ok := scanWord(s[i:])
		if !ok {
			d.plain(s[:i+2])
			s = s[i+2:]
			continue
		}
		d.plain(s[:i])
		d.word(w)
		s = s[i+n:]
	}
	d.plain(s)
	d.flush()
	return oneLine(d.out.String())
}

// maxWord bounds the payload of one encoded word: RFC 2047 allows 75 characters, real mail writes a few thousand.
const maxWord = 8 << 10

// encodedWord is one word taken apart; payload is not decoded yet.
type encodedWord struct {
	charset string
	b64     bool
	payload string
}

// scanWord reads the encoded word at the head of s, which begins with "=?", and tells how long it is.
func scanWord(s string) (w encodedWord, n int, ok bool) {
	rest := s[2:]
	q := strings.IndexByte(rest[:min(len(rest), 80)], '?')
	if q < 0 || q+2 >= len(rest) || rest[q+2] != '?' || strings.ContainsAny(rest[:q], " \t=<>\"") {
		return w, 0, false
	}
	w.charset = rest[:q]
	switch rest[q+1] {
	case 'B', 'b':
		w.b64 = true
	case 'Q', 'q':
	default:
		return w, 0, false
	}
	head := 2 + q + 3
	stop := min(len(s), head+maxWord)
	for stop < len(s) && !utf8.RuneStart(s[stop]) {
		stop-- // what follows is kept as it stands, and must begin with a whole character
	}
	body := s[head:stop]
	end := strings.Index(body, "?=")
	for end >= 0 && !w.b64 && qContinues(body, end) {
		more := strings.Index(body[end+1:], "?=")
		if more < 0 {
			break
		}
		end += 1 + more
	}
	next := strings.Index(body, "=?")
	switch {
	case end >= 0 && (next < 0 || next >= end || !startsWord(body[next:])):
		w.payload = body[:end]
		return w, head + end + 2, true
	case next >= 0 && startsWord(body[next:]): // no end mark before the next word
		w.payload = strings.TrimRight(body[:next], " \t?=")
		return w, head + next, true
	}
	w.payload, n = openPayload(body, w.b64)
	return w, head + n, w.payload != ""
}

// qContinues tells whether the ?= at body[end:] is not the end of a Q word but a literal question mark before an escape,
// as in "wie geht's?=20gut?=".
func qContinues(body string, end int) bool {
	after := body[end+2:]
	return len(after) >= 2 && unhex(after[0]) >= 0 && unhex(after[1]) >= 0 && strings.Contains(after, "?=")
}

// startsWord tells whether s begins with "=?charset?B?" or its like.
func startsWord(s string) bool {
	rest := s[2:]
	q := strings.IndexByte(rest[:min(len(rest), 80)], '?')
	return q > 0 && q+2 < len(rest) && rest[q+2] == '?' && strings.IndexByte("BbQq", rest[q+1]) >= 0
}

// openPayload takes what belongs to a word whose end mark is missing.
func openPayload(body string, b64 bool) (string, int) {
	n := 0
	for n < len(body) {
		c := body[n]
		if b64 && !isBase64(c) && c != '=' || !b64 && (c == ' ' || c == '\t' || c == '<' || c == '"' || c == ',') {
			break
		}
		n++
	}
	p := strings.TrimRight(body[:n], "?")
	return p, n
}

// wordDecoder joins the bytes of neighbouring words in one charset before it decodes them.
type wordDecoder struct {
	out     strings.Builder
	charset string
	bytes   []byte
	pending bool
}

func (d *wordDecoder) word(w encodedWord) {
	if d.pending && !strings.EqualFold(d.charset, w.charset) {
		d.flush()
	}
	d.charset, d.pending = w.charset, true
	if w.b64 {
		d.bytes = appendBase64(d.bytes, w.payload)
	} else {
		d.bytes = appendQ(d.bytes, w.payload)
	}
}

// plain takes text between words; white space alone between two words is no text (RFC 2047, 6.2).
func (d *wordDecoder) plain(s string) {
	if d.pending && strings.Trim(s, " \t") == "" { // at the end of a field it would be trimmed anyway
		return
	}
	d.flush()
	d.out.WriteString(s)
}

func (d *wordDecoder) flush() {
	if !d.pending {
		return
	}
	text, _, _ := toUTF8(d.bytes, d.charset)
	d.out.WriteString(text)
	d.bytes, d.pending = d.bytes[:0], false
}

// appendBase64 decodes what decodes of s, padding in the middle and foreign characters allowed.
func appendBase64(dst []byte, s string) []byte {
	if b, err := base64.StdEncoding.AppendDecode(dst, []byte(s)); err == nil {
		return b
	}
	var d base64Decoder
	dst = d.append(dst, []byte(s), 1<<20)
	return d.finish(dst, 1<<20)
}

// appendQ decodes the Q encoding (RFC 2047, 4.2); a = without two hex digits is kept.
func appendQ(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			dst = append(dst, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// oneLine replaces line breaks and other control characters, which an encoded word can smuggle in, by spaces.
func oneLine(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, s)
}

func isControl(r rune) bool {
	return r < 0x20 && r != '\t' || r == 0x7f || r == 0x2028 || r == 0x2029 || r == 0x85
}
