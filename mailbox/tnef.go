package mailbox

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// TNEF attributes and MAPI properties (MS-OXTNEF, MS-OXPROPS) that are read.
const (
	tnefSignature   = 0x223E9F78
	tnefBody        = 0x0002800C
	tnefAttachTitle = 0x00018010
	tnefRendData    = 0x00069002
	tnefAttachData  = 0x0006800F
	tnefMessageProp = 0x00069003
	tnefAttachProp  = 0x00069005
	tnefCodepage    = 0x00069007

	propBody       = 0x1000
	propBodyHTML   = 0x1013
	propLongName   = 0x3707
	maxTNEFItems   = 200
	maxTNEFStrings = 64 << 10
)

// tnefFile is a file inside a winmail.dat.
type tnefFile struct {
	name string
	size int64
}

// tnefContent is what could be read of a winmail.dat.
type tnefContent struct {
	text  string
	html  string
	files []tnefFile
}

// openTNEF adds what is inside a winmail.dat: its body as text when the mail has none, and its files by name.
func (w *walker) openTNEF(m *Message, raw []byte, depth int) {
	w.faults.add("tnef: winmail.dat")
	t, ok := parseTNEF(raw)
	if !ok {
		w.faults.add("tnef: cut short or damaged")
	}
	if !w.hasText && (strings.TrimSpace(t.text) != "" || t.html != "") {
		p := Part{Depth: depth, Type: "text/plain", Charset: "utf-8", Text: t.text, Size: int64(len(t.text))}
		if strings.TrimSpace(t.text) == "" {
			p.Type, p.Text, p.Size = "text/html", t.html, int64(len(t.html))
		}
		w.hasText = true
		w.add(m, p, w.parts < w.lim.Parts)
	}
	for _, f := range t.files {
		if !w.recordable() {
			break
		}
		w.add(m, Part{Depth: depth, Type: "application/octet-stream", Name: safeFileName(f.name), Size: f.size, Attachment: true}, true)
	}
}

// parseTNEF walks the attributes of a TNEF stream. ok is false when it ends early or is none.
func parseTNEF(b []byte) (t tnefContent, ok bool) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature {
		return t, false
	}
	codepage := ""
	b = b[6:]
	for n := 0; len(b) >= 9 && n < maxTNEFItems; n++ {
		id := binary.LittleEndian.Uint32(b[1:])
		size := int64(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		short := size+2 > int64(len(b))
		data := b[:min(size, int64(len(b)))]
		t.attribute(id, data, size, &codepage)
		if short {
			return t, false
		}
		b = b[size+2:]
	}
	return t, len(b) < 9
}

func (t *tnefContent) attribute(id uint32, data []byte, size int64, codepage *string) {
	switch id {
	case tnefCodepage:
		if len(data) >= 4 {
			*codepage = tnefCharset(binary.LittleEndian.Uint32(data))
		}
	case tnefBody:
		t.text = tnefString(data, *codepage)
	case tnefMessageProp:
		mapiProps(data, func(id, kind uint32, v []byte) {
			switch id {
			case propBody:
				t.text = orStr(t.text, mapiString(kind, v, *codepage))
			case propBodyHTML:
				t.html = orStr(t.html, mapiString(kind, v, *codepage))
			}
		})
	case tnefRendData:
		t.files = append(t.files, tnefFile{})
	case tnefAttachTitle:
		if f := t.file(); f.name == "" {
			f.name = tnefString(data, *codepage)
		}
	case tnefAttachData:
		t.file().size = size
	case tnefAttachProp:
		f := t.file()
		mapiProps(data, func(id, kind uint32, v []byte) {
			if name := mapiString(kind, v, *codepage); id == propLongName && name != "" {
				f.name = name
			}
		})
	}
}

func (t *tnefContent) file() *tnefFile {
	if len(t.files) == 0 {
		t.files = append(t.files, tnefFile{})
	}
	return &t.files[len(t.files)-1]
}

func tnefCharset(cp uint32) string {
	switch cp {
	case 936, 54936:
		return "gb18030"
	case 950:
		return "big5"
	case 932:
		return "shift_jis"
	case 949:
		return "euc-kr"
	case 65001:
		return "utf-8"
	case 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258:
		return "windows-125" + string(rune('0'+cp-1250))
	}
	return ""
}

func tnefString(b []byte, charset string) string {
	text, _, _ := toUTF8(b, charset)
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// mapiString reads a string or binary property.
func mapiString(kind uint32, v []byte, charset string) string {
	if kind == 0x1f {
		u := make([]uint16, 0, len(v)/2)
		for ; len(v) >= 2; v = v[2:] {
			u = append(u, binary.LittleEndian.Uint16(v))
		}
		return clean(strings.ReplaceAll(string(utf16.Decode(u)), "\r\n", "\n"))
	}
	return tnefString(v, charset)
}

// mapiProps calls f with each string or binary property of a property list (MS-OXTNEF, 2.1.3.4), up to the first that it
// cannot read.
func mapiProps(b []byte, f func(id, kind uint32, v []byte)) {
	if len(b) < 4 {
		return
	}
	n := binary.LittleEndian.Uint32(b)
	b = b[4:]
	for ; n > 0 && len(b) >= 4; n-- {
		kind, id := uint32(binary.LittleEndian.Uint16(b)), uint32(binary.LittleEndian.Uint16(b[2:]))
		b = b[4:]
		if id >= 0x8000 {
			if b = skipPropName(b); b == nil {
				return
			}
		}
		if b = mapiValue(b, id, kind, f); b == nil {
			return
		}
	}
}

// skipPropName passes over the name of a named property.
func skipPropName(b []byte) []byte {
	if len(b) < 24 {
		return nil
	}
	kind, n := binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])
	b = b[24:]
	if kind == 0 {
		return b
	}
	return skipPadded(b, n)
}

func skipPadded(b []byte, n uint32) []byte {
	padded := (uint64(n) + 3) &^ 3
	if padded > uint64(len(b)) {
		return nil
	}
	return b[padded:]
}

// mapiValue reads one value and returns what is behind it, or nil.
func mapiValue(b []byte, id, kind uint32, f func(id, kind uint32, v []byte)) []byte {
	switch kind {
	case 0x02, 0x03, 0x04, 0x0a, 0x0b:
		return skipPadded(b, 4)
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return skipPadded(b, 8)
	case 0x48:
		return skipPadded(b, 16)
	case 0x0d, 0x1e, 0x1f, 0x102:
	default:
		return nil
	}
	if len(b) < 4 {
		return nil
	}
	count := binary.LittleEndian.Uint32(b)
	b = b[4:]
	for ; count > 0; count-- {
		if len(b) < 4 {
			return nil
		}
		size := binary.LittleEndian.Uint32(b)
		if b = b[4:]; uint64(size) > uint64(len(b)) {
			return nil
		}
		if size <= maxTNEFStrings || id == propBody || id == propBodyHTML {
			f(id, kind, b[:size])
		}
		if b = skipPadded(b, size); b == nil {
			return nil
		}
	}
	return b
}
