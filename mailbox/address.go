package mailbox

import (
	"strings"
	"unicode/utf8"
)

// maxAddr bounds one address in bytes: RFC 5321 allows 64 + 1 + 255.
const maxAddr = 320

// parseAddresses reads an address field (RFC 5322, 3.4) as it really comes: groups, comments, routes, missing or stray
// brackets and quotes, several addresses with bad separators, encoded words anywhere, raw 8-bit (s is UTF-8 by now). It
// stops at limit addresses and tells whether there were more.
func parseAddresses(s string, limit int) (as []Address, over bool) {
	p := addressParser{s: s}
	for p.i < len(p.s) {
		if len(p.out) > limit {
			break
		}
		p.step()
	}
	p.end()
	if len(p.out) > limit {
		return p.out[:max(limit, 0)], true
	}
	return p.out, false
}

// addressParser holds the address that is being read.
type addressParser struct {
	s   string
	i   int
	out []Address

	words   []string // of the phrase, encoded words not decoded yet
	comment string
	addr    string
	angle   bool // an angle address was read
}

// step reads one token.
func (p *addressParser) step() {
	switch c := p.s[p.i]; c {
	case ' ', '\t':
		p.i++
	case '"':
		p.quoted()
	case '(':
		n := commentLen(p.s[p.i:])
		if t := strings.Trim(p.s[p.i:p.i+n], "() \t"); p.comment == "" && t != "" {
			p.comment = t
		}
		p.i += n
	case '<':
		if p.angle {
			p.end()
		}
		p.readAngle()
	case ',', ';':
		p.i++
		p.end()
	case ':':
		p.i++
		if !p.angle { // what stood before it is the name of a group, or "mailto"
			p.words = p.words[:0]
		}
	case '>':
		p.i++
	default:
		p.atom()
	}
}

// quoted reads a quoted string: a local part when an @ follows, else a word of the name. A quote that is never closed is
// passed over.
func (p *addressParser) quoted() {
	end := -1
	for j := p.i + 1; j < len(p.s); j++ {
		if p.s[j] == '\\' {
			j++
		} else if p.s[j] == '"' {
			end = j
			break
		}
	}
	if end < 0 {
		p.i++
		return
	}
	body := p.s[p.i+1 : end]
	if end+1 < len(p.s) && p.s[end+1] == '@' {
		stop := strings.IndexAny(p.s[end:], " \t,;<>()")
		if stop < 0 {
			stop = len(p.s) - end
		}
		p.words = append(p.words, p.s[p.i:end+stop])
		p.i = end + stop
		return
	}
	p.i = end + 1
	if t := strings.TrimSpace(unquoteAll(body)); t != "" {
		p.words = append(p.words, t)
	}
}

// unquoteAll undoes every quoted pair.
func unquoteAll(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// readAngle reads what stands in angle brackets. A missing end bracket ends at a separator.
func (p *addressParser) readAngle() {
	rest := p.s[p.i+1:]
	p.i++
	end, open := len(rest), true
	for j, inQuote := 0, false; j < len(rest); j++ {
		c := rest[j]
		if c == '"' && (inQuote || strings.IndexByte(rest[j+1:min(len(rest), j+maxAddr)], '"') >= 0) {
			inQuote = !inQuote
		}
		if inQuote {
			continue
		}
		if c == '>' || c == '<' {
			end, open = j, c == '<'
			break
		}
		if j > 2*maxAddr {
			break
		}
	}
	if i := strings.IndexAny(rest[:end], ",;"); open && i >= 0 && !strings.HasPrefix(rest, "@") {
		end = i
	}
	body := rest[:end]
	p.i += end
	if p.i < len(p.s) && p.s[p.i] == '>' {
		p.i++
	}
	if open && p.i < len(p.s) && p.s[p.i] == '<' { // name <junk <a@b>>: the inner one counts
		if !strings.Contains(body, "@") {
			p.words = append(p.words, body)
			return
		}
	}
	p.addr, p.angle = bareAddress(body), true
}

// bareAddress cleans what stood in brackets: route, comments and white space go.
func bareAddress(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "@") { // RFC 5322, 4.4: @relay,@relay:a@b
		if i := strings.IndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.Contains(s, "=?") {
		s = decodeWords(s)
	}
	for i := strings.IndexByte(s, '('); i >= 0 && s[0] != '"'; i = strings.IndexByte(s, '(') {
		s = s[:i] + s[i+commentLen(s[i:]):]
	}
	if strings.HasPrefix(s, `"`) && strings.IndexByte(s, '@') < 0 || strings.HasPrefix(s, "'") {
		s = strings.Trim(s, `"'`)
	}
	if strings.ContainsAny(s, " \t") && !strings.HasPrefix(s, `"`) {
		s = strings.Join(strings.Fields(s), "")
	}
	return s
}

// atom reads a word up to the next separator.
func (p *addressParser) atom() {
	rest := p.s[p.i:]
	n := strings.IndexAny(rest, " \t,;<>()\":")
	if strings.HasPrefix(rest, "=?") {
		if _, m, ok := scanWord(rest); ok { // an encoded word may hold separators
			n = m
		}
	}
	if n == 0 {
		n = 1
	}
	if n < 0 {
		n = len(rest)
	}
	if n < len(rest) && rest[n] == ':' && strings.Contains(rest[:n], "@[") { // user@[IPv6:...]
		if j := strings.IndexByte(rest[n:], ']'); j >= 0 {
			n += j + 1
		}
	}
	p.words = append(p.words, rest[:n])
	p.i += n
}

// end closes the address that is being read, and adds it when there is anything in it.
func (p *addressParser) end() {
	if p.angle {
		p.add(p.name(p.words), p.addr)
	} else {
		p.bare()
	}
	p.words, p.comment, p.addr, p.angle = p.words[:0], "", "", false
}

// bare reads words without brackets: each with an @ is an address, and those before it are its name.
func (p *addressParser) bare() {
	if len(p.words) == 1 && strings.Contains(p.words[0], "=?") || len(p.words) > 1 && strings.HasPrefix(p.words[0], "=?") {
		t := decodeWords(strings.Join(p.words, " "))
		if strings.IndexByte(t, '@') > 0 { // name and address encoded together
			p.words = strings.FieldsFunc(strings.NewReplacer("<", " ", ">", " ").Replace(t), func(r rune) bool { return r == ' ' || r == '"' })
		}
	}
	from := 0
	for i, w := range p.words {
		if at := strings.LastIndexByte(w, '@'); at > 0 && at < len(w)-1 || at == 0 && len(w) > 1 && i > 0 {
			name := p.words[from:i]
			if at == 0 { // user @host
				w, name = p.words[i-1]+w, p.words[from:max(from, i-1)]
			}
			p.add(p.name(name), bareAddress(w))
			from = i + 1
		}
	}
	if from == 0 {
		p.add(p.name(p.words), "")
	}
}

// name joins and decodes the words of a name; a comment stands in for a missing one.
func (p *addressParser) name(words []string) string {
	var s string
	switch len(words) {
	case 0:
		s = p.comment
	case 1:
		s = words[0]
	default:
		s = strings.Join(words, " ")
	}
	s = collapse(oneLine(decodeWords(s)))
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return shorten(s, 500)
}

func (p *addressParser) add(name, addr string) {
	if len(addr) > maxAddr || strings.IndexFunc(addr, isControl) >= 0 || !utf8.ValidString(addr) {
		addr = ""
	}
	if strings.IndexByte(addr, '@') < 0 && addr != "" { // <MAILER-DAEMON>: a name and no address
		if name == "" {
			name = addr
		}
		addr = ""
	}
	if name == "" && addr == "" {
		return
	}
	p.out = append(p.out, Address{Name: name, Addr: addr})
}
