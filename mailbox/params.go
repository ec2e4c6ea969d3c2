package mailbox

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxParams bounds the parameters read of one field.
const maxParams = 64

// param is one parameter as it stands in a field, RFC 2231 marks still on its name.
type param struct {
	name, value string
	quoted      bool
}

// parseValue reads a field of the form `value; name=value; ...` (RFC 2045, 5.1) as tolerantly as it can: missing
// semicolons, unquoted spaces, raw 8-bit, encoded words where RFC 2231 wants its own form, and that form with gaps or
// out of order. Value and names come back in lower case. The map is nil when there are no parameters.
func parseValue(s string) (value string, params map[string]string) {
	s = strings.TrimLeft(s, " \t;,")
	end := strings.IndexAny(s, "; \t\"(,")
	head := s
	if end >= 0 {
		head = s[:end]
	}
	if i := strings.IndexByte(head, '='); i > 0 { // no value at all: filename="x"
		head, end = "", 0
	}
	value = strings.ToLower(head)
	if end < 0 {
		return value, nil
	}
	return value, joinParams(scanParams(s[end:]))
}

// scanParams splits the part behind the value.
func scanParams(s string) []param {
	ps := make([]param, 0, 4)
	for len(ps) < maxParams {
		s = strings.TrimLeft(s, "; \t,")
		if s == "" {
			break
		}
		if s[0] == '(' {
			s = s[commentLen(s):]
			continue
		}
		eq := strings.IndexAny(s, "=;")
		if eq < 0 {
			break
		}
		if s[eq] == ';' {
			s = s[eq:]
			continue
		}
		name := strings.TrimSpace(s[:eq])
		if i := strings.LastIndexAny(name, " \t"); i >= 0 { // words that belong to nothing
			name = name[i+1:]
		}
		p := param{name: strings.ToLower(name)}
		p.value, p.quoted, s = scanParamValue(strings.TrimLeft(s[eq+1:], " \t"))
		if i := strings.Index(p.value, " ("); i > 0 && !p.quoted && !strings.HasSuffix(p.name, "name") { // a comment
			p.value = p.value[:i]
		}
		if name != "" {
			ps = append(ps, p)
		}
	}
	return ps
}

// scanParamValue reads one value. An unquoted value may hold spaces (wrong, and common in file names): it ends at a
// semicolon, or before a word that is followed by an equals sign.
func scanParamValue(s string) (value string, quoted bool, rest string) {
	if strings.HasPrefix(s, `"`) {
		value, rest = quotedValue(s)
		return value, true, rest
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	v := s[:end]
	for from := 0; ; {
		i := strings.IndexAny(v[from:], " \t")
		if i < 0 {
			break
		}
		i += from
		if nextIsParam(v[i:]) {
			end, v = i, v[:i]
			break
		}
		from = i + 1
	}
	return strings.Trim(v, " \t\"'"), false, s[end:]
}

// nextIsParam tells whether white space is followed by name=.
func nextIsParam(s string) bool {
	s = strings.TrimLeft(s, " \t")
	i := strings.IndexByte(s[:min(len(s), 40)], '=')
	if i <= 0 {
		return false
	}
	for _, c := range []byte(s[:i]) {
		if !isLetter(c) && c != '-' && c != '*' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// quotedValue reads a quoted string. A backslash escapes only a quote or a backslash: Windows paths are common. A quote
// that is not followed by the end of the parameter belongs to the value.
func quotedValue(s string) (value, rest string) {
	i := 1
	for i < len(s) {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '"':
			after := strings.TrimLeft(s[i+1:], " \t")
			if after == "" || after[0] == ';' || after[0] == ',' || after[0] == '(' || nextIsParam(" "+after) || strings.IndexByte(after, '"') < 0 {
				return unquote(s[1:i]), s[i+1:]
			}
		}
		i++
	}
	if j := strings.IndexByte(s[1:], ';'); j >= 0 { // no closing quote
		return unquote(s[1 : 1+j]), s[1+j:]
	}
	return unquote(s[1:]), ""
}

func unquote(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// commentLen is the length of the comment (RFC 5322, 3.2.2) at the head of s, nested ones included.
func commentLen(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// segment is one piece of a continued parameter (RFC 2231, 3).
type segment struct {
	n       int
	value   string
	percent bool
}

// joinParams puts continued and extended parameters together. A plain parameter of the same name loses against its
// extended form; of two plain ones the first with a value wins. A line break behind percent signs is none in a value.
func joinParams(ps []param) map[string]string {
	if len(ps) == 0 {
		return nil
	}
	m := make(map[string]string, len(ps))
	var parts map[string][]segment
	for _, p := range ps {
		star := strings.IndexByte(p.name, '*')
		if star < 0 {
			if m[p.name] == "" {
				m[p.name] = plainParam(p.value)
			}
			continue
		}
		if parts == nil {
			parts = map[string][]segment{}
		}
		name, mark := p.name[:star], p.name[star+1:]
		seg := segment{value: p.value, percent: strings.HasSuffix(mark, "*") || mark == ""}
		seg.n, _ = strconv.Atoi(strings.TrimSuffix(mark, "*"))
		parts[name] = append(parts[name], seg)
	}
	for name, segs := range parts {
		if v := oneLine(joinSegments(segs)); v != "" {
			m[name] = v
		}
	}
	return m
}

// plainParam decodes what should not be in a plain parameter and is: encoded words, and percent signs of a half-made
// RFC 2231 value.
func plainParam(v string) string {
	if strings.Contains(v, "=?") {
		return decodeWords(v)
	}
	if i := strings.Index(v, "''"); i > 0 && canonicalCharset(v[:i]) != "unknown" {
		return oneLine(extended(v))
	}
	return v
}

// joinSegments decodes the pieces in the order of their numbers. The charset stands in the first; bytes are joined before
// they are decoded, since a character may lie in two pieces.
func joinSegments(segs []segment) string {
	sort.SliceStable(segs, func(i, j int) bool { return segs[i].n < segs[j].n })
	charset, marked := "", false
	var raw []byte
	for i, s := range segs {
		v := s.value
		if i == 0 && s.percent {
			if c, _, rest, ok := splitExtended(v); ok {
				charset, v, marked = c, rest, true
			}
		}
		if s.percent || marked && looksPercent(v) {
			raw = appendPercent(raw, v)
		} else {
			raw = append(raw, v...)
		}
	}
	if !marked && utf8.Valid(raw) {
		return plainParam(string(raw))
	}
	text, _, _ := toUTF8(raw, charset)
	if strings.Contains(text, "=?") {
		text = decodeWords(text)
	}
	return text
}

// extended decodes charset'language'percent-text.
func extended(v string) string {
	c, _, rest, ok := splitExtended(v)
	if !ok {
		return v
	}
	text, _, _ := toUTF8(appendPercent(nil, rest), c)
	return text
}

func splitExtended(v string) (charset, lang, rest string, ok bool) {
	charset, rest, ok = strings.Cut(v, "'")
	if !ok || len(charset) > 40 {
		return "", "", v, false
	}
	lang, rest, ok = strings.Cut(rest, "'")
	return charset, lang, rest, ok
}

// looksPercent tells whether every percent sign of v is followed by two hex digits and there is at least one.
func looksPercent(v string) bool {
	n := 0
	for i := 0; i < len(v); i++ {
		if v[i] != '%' {
			continue
		}
		if i+2 >= len(v) || unhex(v[i+1]) < 0 || unhex(v[i+2]) < 0 {
			return false
		}
		n++
	}
	return n > 0
}

func appendPercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			dst = append(dst, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
			continue
		}
		dst = append(dst, s[i])
	}
	return dst
}
