package mailbox

import "strings"

// headerBlock is what a mail program copied of an older mail's header.
type headerBlock struct {
	first, last int // lines
	forward     bool
	from        string
	subject     string
}

// Limits of a header block.
const (
	headerLines = 24
	headerWraps = 3 // lines in a row without a field name: a long list of recipients
)

// headerBlockAt reads a header block that begins at line i. marked tells that a line above announced it, so that two
// fields are enough; else it takes three kinds, the sender among them.
func (c *cutter) headerBlockAt(i int, marked bool) (headerBlock, bool) {
	b := headerBlock{first: i, last: -1}
	var seen [fieldOther + 1]bool
	kinds, wraps, blanks := 0, 0, 0
	for j := i; j < len(c.lines) && j < i+headerLines; j++ {
		if c.emptyAt(j, marked) {
			if blanks++; blanks > 1 {
				break
			}
			continue
		}
		kind, value := c.field(j, marked)
		if kind == fieldNone {
			if wraps++; blanks > 0 || wraps > headerWraps || c.lines[j].kind == lineQuote || !c.continues(j, kinds) {
				break
			}
			continue
		}
		if blanks > 0 && seen[kind] && kind != fieldOther {
			break
		}
		wraps, blanks = 0, 0
		if !seen[kind] && kind != fieldOther {
			kinds++
		}
		seen[kind] = true
		b.last = j
		switch {
		case kind == fieldFrom && b.from == "":
			b.from = value
		case kind == fieldSubject && b.subject == "":
			b.subject = value
		}
	}
	if b.last < 0 {
		return b, false
	}
	if !marked && !seen[fieldSubject] && strings.IndexByte(c.text[c.lines[i].from:c.lines[b.last].to], '@') < 0 {
		return b, false // "From: Hamburg, To: Berlin, Date: ..." of a transport
	}
	return b, kinds >= 3 && seen[fieldFrom] || kinds >= 2 && marked && (seen[fieldFrom] || seen[fieldSubject]) ||
		kinds >= 3 && seen[fieldSent] && seen[fieldSubject] && seen[fieldTo]
}

// field reads line j as a field; quoted also reads behind quote marks (Apple Mail marks a forward like a quote).
func (c *cutter) field(j int, quoted bool) (fieldKind, string) {
	switch c.lines[j].kind {
	case lineWords, lineBar, lineAttrib:
		return c.w.field(c.str(j))
	case lineQuote:
		if quoted {
			return c.w.field(bareQuote(c.str(j)))
		}
	}
	return fieldNone, ""
}

func (c *cutter) emptyAt(j int, quoted bool) bool {
	switch c.lines[j].kind {
	case lineBlank, lineDrop:
		return true
	case lineQuote:
		return quoted && bareQuote(c.str(j)) == ""
	}
	return false
}

// continues tells whether a line without a field name may go on a field above it: it holds addresses or names, not a
// sentence, and another field follows soon.
func (c *cutter) continues(j, kinds int) bool {
	if kinds == 0 {
		return false
	}
	for k := j + 1; k < len(c.lines) && k <= j+headerWraps; k++ {
		if c.lines[k].kind == lineBlank {
			return false
		}
		if kind, _ := c.field(k, false); kind != fieldNone {
			return true
		}
	}
	return false
}

// lotusBlockAt reads the header that Notes puts above an answered mail: sender and date, then the names of the fields on
// lines of their own, each above its value, or with a colon. Line i is the name of the To field.
func (c *cutter) lotusBlockAt(i int) (headerBlock, bool) {
	if kind, _ := c.field(i, false); kind != fieldTo && c.lone(i) != fieldTo {
		return headerBlock{}, false
	}
	b := headerBlock{first: i, last: -1}
	for j := i + 1; j < len(c.lines) && j <= i+12; j++ {
		if kind, value := c.field(j, false); kind == fieldSubject && value != "" {
			b.last, b.subject = j, value
			break
		}
		if c.lone(j) == fieldSubject {
			b.last = j
			if j+1 < len(c.lines) && c.lines[j+1].kind == lineWords {
				b.last, b.subject = j+1, c.str(j+1)
			}
			break
		}
	}
	if b.last < 0 {
		return b, false
	}
	for j, n := i-1, 0; j >= 0 && n < 4; j, n = j-1, n+1 {
		if c.lines[j].kind == lineBlank {
			continue
		}
		s := c.str(j)
		path := b.first == j+1 && strings.IndexByte(s, '/') > 0 // "Ann Lee/Sales/Example"
		if len(s) > 120 || c.lines[j].kind != lineWords || strings.IndexByte(s, '@') < 0 && !hasDate(s) && !path {
			break
		}
		if strings.IndexByte(s, '@') >= 0 || path {
			b.from = s
		}
		b.first = j
	}
	return b, b.first < i
}

// lone is the field that a line names when nothing else stands in it.
func (c *cutter) lone(i int) fieldKind {
	l := c.lines[i]
	if l.kind != lineWords || l.to-l.from > 20 {
		return fieldNone
	}
	return c.w.fields[strings.TrimRight(c.lowStr(i), ":：")]
}

// parseInnerFrom reads the value of a From line of a header block: `Ann <ann@example.org>`, "ann@example.org [mailto:..]",
// "张三<a@b>". What is no address is a name.
func parseInnerFrom(s string) Address {
	s = strings.Trim(s, " *;；|")
	if len(s) > 400 {
		s = s[:400]
	}
	at := strings.IndexByte(s, '@')
	if at < 0 {
		return Address{Name: cleanName(s)}
	}
	from := at
	for from > 0 && !strings.ContainsRune(" <>()[]\"':;,，；：", rune(s[from-1])) && s[from-1] < 0x80 {
		from--
	}
	to := at + 1
	for to < len(s) && !strings.ContainsRune(" <>()[]\"';,", rune(s[to])) && s[to] < 0x80 {
		to++
	}
	addr := s[from:to]
	if from == at || to == at+1 {
		return Address{Name: cleanName(s)}
	}
	name := s[:from]
	name = strings.TrimSuffix(strings.TrimRight(name, " <[(\""), "mailto:")
	return Address{Name: cleanName(name), Addr: addr}
}

func cleanName(s string) string {
	s = strings.ToValidUTF8(s, "")
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(s), "\"'“”<>[]()* "))
}
