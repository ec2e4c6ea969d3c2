package strictyaml

import (
	"strings"
	"unicode/utf8"
)

// plainReader reads the plain part of YAML that configuration and data files are written in: pairs and lists in blocks and in
// brackets, words, quoted words on one line, comments. It is about nine times as fast as the whole of YAML, and files that
// come with the program are read at each start. At anything else it gives up, faults included, and goccy/go-yaml reads the
// file. A fuzz test holds that what it accepts means the same to both.
type plainReader struct {
	src   string
	pos   int
	line  int // from 1
	begin int // offset of the line
	depth int
	// The column of the newest node, counted on from the one before it on the line.
	colPos, col int
}

const (
	maxPlainDepth = 40
	maxPlainPairs = 500 // of one block or bracket: each key is looked for among those before it
)

// readPlain returns the content of a file, or false where it is not plain.
func readPlain(src string) (node, bool) {
	if !plainText(src) {
		return node{}, false
	}
	r := &plainReader{src: src, line: 1}
	if _, more := r.next(); !more {
		return node{}, true
	}
	n, ok := r.block(0)
	if !ok {
		return node{}, false
	}
	_, more := r.next()
	return n, !more
}

// plainText says whether a file has only characters whose meaning is beyond doubt, and no marks of documents.
func plainText(src string) bool {
	if !utf8.ValidString(src) || strings.HasPrefix(src, "%") || strings.Contains(src, "\n%") {
		return false
	}
	for _, mark := range []string{"---", "..."} {
		if strings.HasPrefix(src, mark) || strings.Contains(src, "\n"+mark) {
			return false
		}
	}
	for _, c := range src {
		if c < ' ' && c != '\n' || c == 0x7f || c == 0x85 || c == 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff {
			return false
		}
	}
	return true
}

// next goes to the next content and returns how far it is indented.
func (r *plainReader) next() (indent int, more bool) {
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case c == ' ':
			r.pos++
		case c == '\n':
			r.newLine()
		case c == '#' && r.free():
			if end := strings.IndexByte(r.src[r.pos:], '\n'); end >= 0 {
				r.pos += end
			} else {
				r.pos = len(r.src)
			}
		default:
			return r.pos - r.begin, true
		}
	}
	return 0, false
}

func (r *plainReader) newLine() {
	r.pos++
	r.line++
	r.begin, r.colPos, r.col = r.pos, r.pos, 0
}

// free says whether nothing touches the place from the left: a comment may begin here.
func (r *plainReader) free() bool {
	return r.pos == r.begin || r.src[r.pos-1] == ' '
}

// here is a node that begins at the place.
func (r *plainReader) here(k kind) node {
	r.col += utf8.RuneCountInString(r.src[r.colPos:r.pos])
	r.colPos = r.pos
	return node{kind: k, line: r.line, col: r.col + 1}
}

// at gives the byte some way on, or a line break at the end.
func (r *plainReader) at(i int) byte {
	if r.pos+i < len(r.src) {
		return r.src[r.pos+i]
	}
	return '\n'
}

func space(c byte) bool { return c == ' ' || c == '\n' }

func (r *plainReader) dash() bool { return r.at(0) == '-' && space(r.at(1)) }

// block reads the list or pairs that begin at the place, which is content. outer is the indent it has to reach.
func (r *plainReader) block(outer int) (node, bool) {
	indent, more := r.next()
	if !more || indent < outer {
		return node{}, false
	}
	if r.depth++; r.depth > maxPlainDepth {
		return node{}, false
	}
	defer func() { r.depth-- }()
	if r.dash() {
		return r.blockList(indent)
	}
	return r.blockPairs(indent)
}

func (r *plainReader) blockList(indent int) (node, bool) {
	n := r.here(list)
	for {
		switch at, more := r.next(); {
		case !more || at < indent || at == indent && !r.dash():
			return n, true
		case at > indent:
			return n, false
		}
		dash := r.here(null)
		r.pos++
		item, ok := r.item(indent, dash)
		if !ok {
			return n, false
		}
		n.children = append(n.children, item)
	}
}

// item reads what follows a dash: a value, or a block on the same line or the lines below.
func (r *plainReader) item(indent int, dash node) (node, bool) {
	line := r.line
	at, more := r.next()
	switch {
	case !more || r.line != line && at <= indent:
		return dash, false // an empty item
	case r.line != line || r.dash() || r.isKey():
		return r.block(indent + 1)
	}
	return r.value(indent)
}

func (r *plainReader) blockPairs(indent int) (node, bool) {
	var n node
	for {
		switch at, more := r.next(); {
		case !more || at < indent:
			return n, true
		case at > indent || r.dash() || !r.isKey():
			return n, false
		}
		key, ok := r.key()
		if !ok || has(n.children, key.text) {
			return n, false
		}
		if n.children == nil {
			n = r.here(pairs)
		}
		r.pos++ // the colon
		value, ok := r.pairValue(indent, key)
		if !ok {
			return n, false
		}
		n.children = append(n.children, key, value)
	}
}

// has says whether pairs have a key already, or so many that none may be added.
func has(children []node, key string) bool {
	if len(children) >= 2*maxPlainPairs {
		return true
	}
	for i := 0; i < len(children); i += 2 {
		if children[i].text == key {
			return true
		}
	}
	return false
}

// pairValue reads what follows the colon of a key.
func (r *plainReader) pairValue(indent int, key node) (node, bool) {
	line := r.line
	at, more := r.next()
	switch {
	case more && r.line == line:
		return r.value(indent)
	case more && at > indent, more && at == indent && r.dash():
		return r.block(at)
	}
	return node{kind: null, line: key.line, col: key.col}, true
}

// isKey says whether the place begins a key of a block: a word with a colon behind it on the line.
func (r *plainReader) isKey() bool {
	rest := r.src[r.pos:]
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	if c := r.at(0); c == '"' || c == '\'' {
		end := strings.IndexByte(rest[1:], c)
		return end >= 0 && strings.HasPrefix(rest[end+2:], ":")
	}
	if strings.ContainsAny(rest[:1], "[{") {
		return false
	}
	colon := strings.Index(rest+" ", ": ")
	return colon > 0
}

// key reads a key up to its colon.
func (r *plainReader) key() (node, bool) {
	n := r.here(word)
	if c := r.at(0); c == '"' || c == '\'' {
		var ok bool
		n.text, ok = r.quoted(c)
		return n, ok && r.at(0) == ':' && space(r.at(1))
	}
	end := r.pos
	for end < len(r.src) && keyLetter(r.src[end]) {
		end++
	}
	n.text = strings.TrimRight(r.src[r.pos:end], " ")
	ok := n.text != "" && len(n.text) == end-r.pos && r.src[r.pos] != '-' && r.src[r.pos] != '.'
	r.pos = end
	return n, ok && r.at(0) == ':' && space(r.at(1))
}

func keyLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == ' ' || c >= 0x80
}

// value reads a value on the line of its key or dash, which lies at indent; only brackets may go on below.
func (r *plainReader) value(indent int) (node, bool) {
	n, ok := r.single(indent, false)
	if !ok {
		return n, false
	}
	line := r.line
	_, more := r.next()
	return n, !more || r.line != line
}

// single reads one value: in brackets, quoted, or a word.
func (r *plainReader) single(indent int, inBrackets bool) (node, bool) {
	switch c := r.at(0); c {
	case '[':
		return r.brackets(indent, r.here(list), ']')
	case '{':
		return r.brackets(indent, r.here(pairs), '}')
	case '"', '\'':
		n := r.here(word)
		var ok bool
		n.text, ok = r.quoted(c)
		return n, ok
	}
	return r.word(inBrackets)
}

// brackets reads a list or pairs in brackets, on one line or several.
func (r *plainReader) brackets(indent int, n node, end byte) (node, bool) {
	r.pos++
	if r.depth++; r.depth > maxPlainDepth {
		return n, false
	}
	defer func() { r.depth-- }()
	for {
		if !r.inside(indent) {
			return n, false
		}
		if r.at(0) == end && len(n.children) == 0 {
			r.pos++
			return n, true
		}
		if end == '}' {
			key, ok := r.key()
			if !ok || has(n.children, key.text) {
				return n, false
			}
			r.pos++
			n.children = append(n.children, key)
			if !r.inside(indent) || r.line != key.line {
				return n, false
			}
		}
		item, ok := r.single(indent, true)
		if !ok || !r.inside(indent) {
			return n, false
		}
		n.children = append(n.children, item)
		c := r.at(0)
		r.pos++
		if c == end {
			return n, true
		}
		if c != ',' {
			return n, false
		}
	}
}

// inside goes to the next content within brackets, which must be further in than what they belong to.
func (r *plainReader) inside(indent int) bool {
	line := r.line
	at, more := r.next()
	return more && (r.line == line || at > indent)
}

// word reads a value without quotes, which ends with its line, at a comment, or in brackets at what parts the values.
func (r *plainReader) word(inBrackets bool) (node, bool) {
	n := r.here(word)
	end := r.pos
	for end < len(r.src) && r.src[end] != '\n' {
		c := r.src[end]
		if c == '#' && (end == r.pos || r.src[end-1] == ' ') {
			break
		}
		if inBrackets && strings.IndexByte(",[]{}", c) >= 0 {
			break
		}
		if c == ':' && (inBrackets || end+1 == len(r.src) || space(r.src[end+1])) || strings.IndexByte("`\t", c) >= 0 {
			return n, false
		}
		end++
	}
	n.text = strings.TrimRight(r.src[r.pos:end], " ")
	r.pos = end
	if n.text == "" || strings.IndexByte("-?:,[]{}#&*!|>'\"%@`=<~.", n.text[0]) >= 0 && !number(n.text) {
		return n, false
	}
	switch n.text {
	case "null", "Null", "NULL":
		n.kind = null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		n.kind = boolean
	}
	return n, true
}

// number says whether a word that begins with a sign is a negative whole number.
func number(s string) bool {
	digits, ok := strings.CutPrefix(s, "-")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// quoted reads a word in quotes that ends on its line.
func (r *plainReader) quoted(quote byte) (string, bool) {
	start := r.pos + 1
	var b strings.Builder
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '\n':
			return "", false
		case c == '\'' && quote == '\'' && i+1 < len(r.src) && r.src[i+1] == '\'':
			i++
			b.WriteString(r.src[start:i])
			start = i + 1
		case c == '\\' && quote == '"':
			if i+1 == len(r.src) {
				return "", false
			}
			b.WriteString(r.src[start:i])
			i++
			switch e := r.src[i]; e {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case '"', '\\':
				b.WriteByte(e)
			default:
				return "", false
			}
			start = i + 1
		case c == quote:
			r.pos = i + 1
			if b.Len() == 0 {
				return r.src[start:i], true
			}
			b.WriteString(r.src[start:i])
			return b.String(), true
		}
	}
	return "", false
}
