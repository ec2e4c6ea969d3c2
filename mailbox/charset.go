package mailbox

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// toUTF8 decodes b, which says of itself that it is in the charset called declared ("" for nothing said). It returns
// valid UTF-8 without NUL, the charset that it was really decoded from, and what was wrong ("" for nothing).
//
// The order is: the declared charset; then whether the result is valid; then statistics over the bytes. The wide
// superset is always taken for a narrow name (GB18030 for gb2312, windows-1252 for iso-8859-1).
func toUTF8(b []byte, declared string) (text, used, fault string) {
	name := canonicalCharset(declared)
	if isASCII(b) && !sevenBit(name) {
		shifted := shiftedName(b)
		if shifted == "" {
			return wipe(string(b)), orStr(name, "us-ascii"), ""
		}
		text, _ = decodeAs(b, shifted)
		return clean(text), shifted, "charset: not declared as " + shifted
	}
	switch name {
	case "utf-8":
		if utf8.Valid(b) {
			return wipe(string(b)), name, ""
		}
		text, used, fault = decodeDeclared(b, name)
	case "", "us-ascii", "unknown":
		used, text = guessCharset(b)
		if name == "us-ascii" || declared == "" {
			fault = "charset: 8-bit text without a charset, read as " + used
		} else {
			fault = "charset: unknown name, read as " + used
		}
	default:
		text, used, fault = decodeDeclared(b, name)
	}
	return clean(text), used, fault
}

// decodeDeclared decodes b by its declared charset unless the bytes speak against it.
func decodeDeclared(b []byte, name string) (text, used, fault string) {
	if over := utf8Over(b, name); over {
		return string(b), "utf-8", "charset: declared " + name + " but is utf-8"
	}
	if singleByte(name) {
		if g := asianOver(b); g != "" {
			if t, bad := decodeAs(b, g); bad == 0 {
				return t, g, "charset: declared " + name + " but is " + g
			}
		}
	}
	text, bad := decodeAs(b, name)
	if bad == 0 {
		return text, name, ""
	}
	g, t := guessCharset(b)
	if b2 := strings.Count(t, "\uFFFD"); g != name && b2*2 < bad && !(bad <= 2 && len(b) > 200*bad) {
		return t, g, "charset: declared " + name + " but is " + g
	}
	return text, name, "charset: bytes that are not " + name
}

// utf8Over tells whether b is UTF-8 although it is declared as name. Accidents are excluded: two or three GBK characters
// can look like Greek or Cyrillic UTF-8, but not like CJK.
func utf8Over(b []byte, name string) bool {
	if name == "utf-8" || strings.HasPrefix(name, "utf-") || strings.HasPrefix(name, "iso-2022-") || name == "hz-gb-2312" || !utf8.Valid(b) {
		return false
	}
	if singleByte(name) {
		return !isASCII(b)
	}
	wide, narrow := 0, 0
	for _, r := range string(b) {
		switch {
		case r >= 0x2000:
			wide++
		case r >= 0x80:
			narrow++
		}
	}
	return wide > narrow
}

// decodeAs decodes b from the canonical charset name and counts what did not decode.
func decodeAs(b []byte, name string) (string, int) {
	switch name {
	case "utf-8":
		s := strings.ToValidUTF8(string(b), "\uFFFD")
		return s, strings.Count(s, "\uFFFD") - bytes.Count(b, []byte("\uFFFD"))
	case "utf-7":
		return decodeUTF7(b)
	case "hz-gb-2312":
		return decodeHZ(b)
	case "iso-2022-kr":
		return decodeShifted(b, "euc-kr")
	case "iso-2022-cn":
		return decodeShifted(b, "gb18030")
	}
	if strings.HasPrefix(name, "utf-16") && len(b)%2 == 1 { // the second half of a line end at the end of a part
		b = b[:len(b)-1]
	}
	e := encodingOf(name)
	if e == nil {
		s := strings.ToValidUTF8(string(b), "\uFFFD")
		return s, strings.Count(s, "\uFFFD")
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD"), len(b)
	}
	return string(out), bytes.Count(out, []byte("\uFFFD"))
}

// encodingOf returns the decoder behind a canonical name, or nil.
func encodingOf(name string) encoding.Encoding {
	switch name {
	case "gb18030":
		return simplifiedchinese.GB18030
	case "big5":
		return traditionalchinese.Big5
	case "shift_jis":
		return japanese.ShiftJIS
	case "euc-jp":
		return japanese.EUCJP
	case "iso-2022-jp":
		return japanese.ISO2022JP
	case "euc-kr":
		return korean.EUCKR
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32", "utf-32be":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	}
	if c := charmapOf(name); c != nil {
		return c
	}
	return nil
}

// charmapOf returns the one-byte charset behind a canonical name, or nil.
func charmapOf(name string) *charmap.Charmap {
	switch name {
	case "windows-1250":
		return charmap.Windows1250
	case "windows-1251":
		return charmap.Windows1251
	case "windows-1252":
		return charmap.Windows1252
	case "windows-1253":
		return charmap.Windows1253
	case "windows-1254":
		return charmap.Windows1254
	case "windows-1255":
		return charmap.Windows1255
	case "windows-1256":
		return charmap.Windows1256
	case "windows-1257":
		return charmap.Windows1257
	case "windows-1258":
		return charmap.Windows1258
	case "windows-874":
		return charmap.Windows874
	case "koi8-r":
		return charmap.KOI8R
	case "koi8-u":
		return charmap.KOI8U
	case "macintosh":
		return charmap.Macintosh
	case "x-mac-cyrillic":
		return charmap.MacintoshCyrillic
	}
	if m := isoCharmap(name); m != nil {
		return m
	}
	return dosCharmap(name)
}

func isoCharmap(name string) *charmap.Charmap {
	switch name {
	case "iso-8859-2":
		return charmap.ISO8859_2
	case "iso-8859-3":
		return charmap.ISO8859_3
	case "iso-8859-4":
		return charmap.ISO8859_4
	case "iso-8859-5":
		return charmap.ISO8859_5
	case "iso-8859-6":
		return charmap.ISO8859_6
	case "iso-8859-7":
		return charmap.ISO8859_7
	case "iso-8859-8":
		return charmap.ISO8859_8
	case "iso-8859-10":
		return charmap.ISO8859_10
	case "iso-8859-13":
		return charmap.ISO8859_13
	case "iso-8859-14":
		return charmap.ISO8859_14
	case "iso-8859-15":
		return charmap.ISO8859_15
	case "iso-8859-16":
		return charmap.ISO8859_16
	}
	return nil
}

func dosCharmap(name string) *charmap.Charmap {
	switch name {
	case "ibm437":
		return charmap.CodePage437
	case "ibm850":
		return charmap.CodePage850
	case "ibm852":
		return charmap.CodePage852
	case "ibm855":
		return charmap.CodePage855
	case "ibm858":
		return charmap.CodePage858
	case "ibm860":
		return charmap.CodePage860
	case "ibm862":
		return charmap.CodePage862
	case "ibm863":
		return charmap.CodePage863
	case "ibm865":
		return charmap.CodePage865
	case "ibm866":
		return charmap.CodePage866
	}
	return nil
}

// singleByte tells whether name is a charset in which every byte is a character.
func singleByte(name string) bool { return charmapOf(name) != nil }

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// sevenBit tells whether ASCII bytes mean something else than ASCII in the charset called name.
func sevenBit(name string) bool {
	switch name {
	case "utf-7", "iso-2022-jp", "iso-2022-kr", "iso-2022-cn", "hz-gb-2312", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be":
		return true
	}
	return false
}

// wipe takes NUL and a byte order mark at the head out of s.
func wipe(s string) string {
	s = strings.TrimPrefix(s, "\uFEFF")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// clean is wipe for what may not be valid UTF-8.
func clean(s string) string {
	s = wipe(s)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

func orStr(v, def string) string {
	if v != "" {
		return v
	}
	return def
}
