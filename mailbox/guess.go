package mailbox

import (
	"bytes"
	"unicode/utf8"
)

// guessBytes is how much of a text the statistics look at.
const guessBytes = 16 << 10

// guessCharset decodes bytes of which nothing reliable is known. Valid UTF-8 is UTF-8; then come the escape sequences of
// ISO 2022; then what the pairs of high bytes look like; at last windows-1252, in which every byte means something.
func guessCharset(b []byte) (name, text string) {
	if s := shiftedName(b); s != "" {
		t, _ := decodeAs(b, s)
		return s, t
	}
	if u := utf16Name(b); u != "" {
		t, _ := decodeAs(b, u)
		return u, t
	}
	if mostlyUTF8(b) {
		t, _ := decodeAs(b, "utf-8")
		return "utf-8", t
	}
	if g := asianOver(b); g != "" {
		t, _ := decodeAs(b, g)
		return g, t
	}
	name = oneByteName(b)
	t, _ := decodeAs(b, name)
	return name, t
}

// shiftedName names the charset whose escape sequences b carries, or "".
func shiftedName(b []byte) string {
	if bytes.IndexByte(b, 0x1b) < 0 {
		if looksHZ(b) {
			return "hz-gb-2312"
		}
		return ""
	}
	switch {
	case bytes.Contains(b, []byte("\x1b$)C")):
		return "iso-2022-kr"
	case bytes.Contains(b, []byte("\x1b$)A")):
		return "iso-2022-cn"
	case bytes.Contains(b, []byte("\x1b$B")), bytes.Contains(b, []byte("\x1b$@")), bytes.Contains(b, []byte("\x1b(J")):
		return "iso-2022-jp"
	}
	return ""
}

// looksHZ tells whether b holds runs of HZ (RFC 1843) that all decode to Han characters and their punctuation.
func looksHZ(b []byte) bool {
	b = b[:min(len(b), guessBytes)]
	for found := false; ; found = true {
		i := bytes.Index(b, []byte("~{"))
		if i < 0 {
			return found
		}
		b = b[i+2:]
		end := bytes.Index(b, []byte("~}"))
		if end < 2 || end%2 == 1 {
			return false
		}
		for j := 0; j < end; j += 2 {
			if b[j] < 0x21 || b[j] > 0x77 || b[j+1] < 0x21 || b[j+1] > 0x7e {
				return false
			}
		}
		b = b[end+2:]
	}
}

// utf16Name recognises UTF-16 by its mark, or by the zero bytes between ASCII.
func utf16Name(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return "utf-16le"
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return "utf-16be"
	}
	n := min(len(b), 512)
	even, odd := 0, 0
	for i := 0; i+1 < n; i += 2 {
		if b[i] == 0 {
			even++
		}
		if b[i+1] == 0 {
			odd++
		}
	}
	switch {
	case odd*5 > n*2 && even == 0:
		return "utf-16le"
	case even*5 > n*2 && odd == 0:
		return "utf-16be"
	}
	return ""
}

// mostlyUTF8 tells whether b is UTF-8, a few broken or cut sequences allowed.
func mostlyUTF8(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	b = b[:min(len(b), guessBytes)]
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > 10*bad
}

// pairs is what the runs of high bytes of a text look like when they are read as two-byte characters.
type pairs struct {
	high       int // high bytes
	n          int // pairs
	gbCommon   int // GB2312: level-one Han and full-width punctuation
	gbPunct    int
	hangul     int
	hanUpper   int // lead bytes C9..D7: Han in GB2312, and no hangul in EUC-KR
	big5Common int // Big5: lead A4..C6, or its punctuation
	big5Low    int // trail bytes 40..7E, which GB2312 and EUC do not have
	kanaEUC    int
	kanaSJIS   int
	sjisN      int
	lone       int // high bytes without a partner
	koi        int // both bytes are lower-case letters of KOI8
}

// asianOver names the two-byte charset that b looks like, or "" when it does not look like one.
func asianOver(b []byte) string {
	p := countPairs(b[:min(len(b), guessBytes)])
	if p.high < 2 || p.n == 0 || p.lone*8 > p.high {
		if p.sjisN > 2 && p.kanaSJIS*3 >= p.sjisN {
			return "shift_jis"
		}
		return ""
	}
	switch {
	case p.kanaSJIS*3 >= p.sjisN && p.kanaSJIS > 2 && p.kanaSJIS > p.kanaEUC:
		return "shift_jis"
	case p.kanaEUC*4 >= p.n && p.kanaEUC > 1:
		return "euc-jp"
	case p.big5Low*6 >= p.n && p.big5Common*10 >= p.n*8:
		return "big5"
	case p.hangul*10 >= p.n*9 && p.hanUpper == 0 && p.gbPunct == 0 && p.n >= 4:
		return "euc-kr"
	case p.koi*10 >= p.n*7 && p.n > 4:
		return ""
	case p.gbCommon*10 >= p.n*6:
		return "gb18030"
	case p.big5Common*10 >= p.n*8:
		return "big5"
	}
	return ""
}

func countPairs(b []byte) pairs {
	var p pairs
	for i := 0; i < len(b); {
		c := b[i]
		if c < 0x80 {
			i++
			continue
		}
		p.high++
		if i+1 >= len(b) {
			break // a pair that was cut in two says nothing
		}
		t := b[i+1]
		if c >= 0x81 && c <= 0x9f || c >= 0xe0 && c <= 0xef {
			p.sjisN++
		}
		if (c == 0x82 && t >= 0x9f && t <= 0xf1) || (c == 0x83 && t >= 0x40 && t <= 0x96) || (c == 0x81 && (t == 0x41 || t == 0x42)) {
			p.kanaSJIS++
		}
		if c < 0x81 || c == 0xff || t < 0x40 || t == 0x7f || t == 0xff {
			p.lone++
			i++
			continue
		}
		if t < 0x80 && isLetter(t) && !(i+2 < len(b) && b[i+2] >= 0x80) && !(i > 0 && b[i-1] >= 0x80) {
			p.lone++ // one high byte between ASCII: Latin text
			i++
			continue
		}
		p.count(c, t)
		if t >= 0x80 {
			p.high++
		}
		i += 2
	}
	return p
}

func (p *pairs) count(c, t byte) {
	p.n++
	gb := t >= 0xa1
	switch {
	case gb && c == 0xa1, gb && c == 0xa3:
		p.gbCommon++
		if c == 0xa3 || t <= 0xa3 {
			p.gbPunct++
		}
	case gb && c >= 0xb0 && c <= 0xd7:
		p.gbCommon++
	}
	if gb && c >= 0xb0 && c <= 0xc8 {
		p.hangul++
	}
	if gb && c >= 0xc9 && c <= 0xd7 {
		p.hanUpper++
	}
	if t <= 0x7e {
		p.big5Low++
	}
	if c >= 0xc0 && c <= 0xdf && t >= 0xc0 && t <= 0xdf {
		p.koi++
	}
	if (t <= 0x7e || t >= 0xa1) && (c >= 0xa4 && c <= 0xc6 || c == 0xa1) {
		p.big5Common++
	}
	if gb && (c == 0xa4 || c == 0xa5) {
		p.kanaEUC++
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// oneByteName tells Cyrillic from Western text by where its high bytes lie.
func oneByteName(b []byte) string {
	b = b[:min(len(b), guessBytes)]
	high, koiLower, winLower, runs, last := 0, 0, 0, 0, false
	for _, c := range b {
		h := c >= 0x80
		if h {
			high++
			switch {
			case c >= 0xe0:
				winLower++
			case c >= 0xc0:
				koiLower++
			}
		}
		if h && !last {
			runs++
		}
		last = h
	}
	switch {
	case high < 6 || high < 3*runs:
		return "windows-1252"
	case koiLower*10 >= high*7:
		return "koi8-r"
	case winLower*10 >= high*6:
		return "windows-1251"
	}
	return "windows-1252"
}
