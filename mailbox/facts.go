package mailbox

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// Facts is what a customer's mail states about the case. Values stand as written, with full-width characters made
// ASCII; City and Province are the gazetteer's names in the language that the customer wrote them in. What is not
// stated is empty; the province of a stated city is filled in.
type Facts struct {
	Serial   string `json:"serial,omitempty"`
	Contract string `json:"contract,omitempty"`
	Phone    string `json:"phone,omitempty"`
	City     string `json:"city,omitempty"`
	Province string `json:"province,omitempty"`
}

// FactFinder finds facts in messages. It is immutable and may be used from any goroutine.
type FactFinder struct {
	places   *Gazetteer
	patterns FactPatterns
	phones   []string   // the company's own, digits only
	own      []string   // the company's own places, folded
	heads    headFilter // of labels and places
	spare    sync.Pool  // of *[]byte, to fold a text in
}

// NewFactFinder makes a finder of a gazetteer and patterns; neither may be changed afterwards.
func NewFactFinder(g *Gazetteer, p FactPatterns) *FactFinder {
	if p.filler == nil {
		p.filler = &phraseIndex{}
	}
	f := &FactFinder{places: g, patterns: p, heads: g.filter}
	if p.heads != nil {
		f.heads.join(p.heads)
	}
	for _, n := range p.OwnPhones {
		if d := digitsOf(n); len(d) >= 5 {
			f.phones = append(f.phones, d)
		}
	}
	for _, s := range p.OwnPlaces {
		if s = lowerASCII(foldWidth(strings.TrimSpace(s))); s != "" {
			f.own = append(f.own, s)
		}
	}
	return f
}

// Find returns the facts of a message: from its new words, its subject and its signature, in this order of trust, never
// from what it quotes.
func (f *FactFinder) Find(m *Message) Facts {
	return f.FindText(m.Body.ownWords(), m.Subject, m.Body.Signature)
}

// factText bounds what is read of one text, in bytes.
const factText = 64 << 10

// factSource tells where a text comes from; the higher, the more it counts.
type factSource int

const (
	fromSignature factSource = iota
	fromSubject
	fromWords
)

// FindText is Find for texts that come otherwise: the customer's mail inside one that a colleague passed on
// (InlineForward.Text), a note of a telephone call. Each may be empty.
func (f *FactFinder) FindText(words, subject, signature string) Facts {
	s := factScan{f: f, p: &f.patterns}
	s.scan(words, fromWords)
	s.scan(subject, fromSubject)
	s.scan(signature, fromSignature)
	out := Facts{Serial: s.serial.value, Contract: s.contract.value, Phone: s.phone.value}
	if out.Serial == "" {
		out.Serial = s.unit.value
	}
	s.place(&out)
	return out
}

// scored is the best value found so far.
type scored struct {
	value string
	score int
}

func (v *scored) offer(value string, score int) {
	if v.value == "" || score > v.score {
		v.value, v.score = value, score
	}
}

// factScan goes over the texts of one message, once each, from left to right. What a label claims is skipped, so that
// an order number is not read again as something else.
type factScan struct {
	f      *FactFinder
	p      *FactPatterns
	text   string // folded
	low    string // text in lower case, same offsets
	source factSource

	addressTo int    // the words up to here are an address
	cityTo    int    // the words up to here answer a form's "City:"
	form      string // what stood there
	bare      int    // where a contract was named without its number

	serial, unit, contract, phone scored
	hits                          []placeHit
}

func (s *factScan) scan(text string, source factSource) {
	if len(text) > factText {
		text = strings.ToValidUTF8(text[:factText], "")
	}
	s.fold(text)
	s.source, s.addressTo, s.cityTo, s.bare = source, 0, 0, -1
	for i := 0; i < len(s.low); {
		switch b := s.low[i]; {
		case isWordByte(b) || b == '+' || b == '(':
			i = s.latin(i)
		case b < utf8.RuneSelf:
			i++
		default:
			i = s.other(i)
		}
	}
}

// fold sets text and low.
func (s *factScan) fold(text string) {
	buf, _ := s.f.spare.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	s.text = text
	if i := narrow(text); i < len(text) {
		*buf = appendWidth(append((*buf)[:0], text[:i]...), text[i:])
		s.text = string(*buf)
	}
	s.low = s.text
	if i := firstCapital(s.text); i < len(s.text) {
		*buf = append((*buf)[:0], s.text...)
		lowerIn((*buf)[i:])
		s.low = string(*buf)
	}
	s.f.spare.Put(buf)
}

// latin reads what begins at a Latin letter, a digit, + or (, and returns where to go on.
func (s *factScan) latin(i int) int {
	b := s.low[i]
	if b == '+' || b == '(' || isDigit(b) {
		if n, ok := s.phoneAt(i); ok {
			s.offerPhone(n, 0)
			return n.to
		}
		if b == '+' || b == '(' {
			return i + 1
		}
		return s.wordEnd(i)
	}
	if !s.f.heads.may(s.low[i:]) {
		return s.wordEnd(i)
	}
	if l := s.p.label(s.low[i:]); l.kind != labelNone {
		return s.labelled(l, i)
	}
	if names := s.f.places.at(s.low[i:]); names != nil && endsWord(s.low, i+len(names[0].text)) && s.capital(names, i) {
		return s.hit(names, i)
	}
	return s.wordEnd(i)
}

// capital tells whether a Latin name of a place at i is written as one: with a capital, or at least behind "in".
func (s *factScan) capital(names []gazName, i int) bool {
	c := s.text[i]
	return 'A' <= c && c <= 'Z' || !names[0].weak && s.endsNear("at", s.before(i, 30))
}

// other reads what begins at a character that is not ASCII.
func (s *factScan) other(i int) int {
	if !s.f.heads.may(s.low[i:]) {
		_, n := utf8.DecodeRuneInString(s.low[i:])
		return i + n
	}
	if l := s.p.label(s.low[i:]); l.kind != labelNone {
		return s.labelled(l, i)
	}
	if names := s.f.places.at(s.low[i:]); names != nil {
		return s.hit(names, i)
	}
	_, n := utf8.DecodeRuneInString(s.low[i:])
	return i + n
}

// wordEnd is the end of the Latin word or code at i: letters and digits, and single dashes, dots and underscores inside.
func (s *factScan) wordEnd(i int) int {
	for i < len(s.low) {
		if !isWordByte(s.low[i]) {
			if c := s.low[i]; c != '-' && c != '.' && c != '_' || i+1 >= len(s.low) || !isWordByte(s.low[i+1]) {
				return i
			}
		}
		i++
	}
	return i
}

// labelled reads the value behind a label and returns where to go on.
func (s *factScan) labelled(l factLabel, i int) int {
	after := i + len(l.text)
	bonus := int(s.source)
	switch l.kind {
	case labelSerial:
		if c, ok := s.code(after, true); ok {
			s.serial.offer(c.value, bonus)
			return c.to
		}
	case labelFaulty:
		if c, ok := s.code(after, false); ok && len(c.value) >= codeLong {
			s.serial.offer(c.value, bonus+int(fromWords)+1)
			return c.to
		}
	case labelUnit:
		if c, ok := s.code(after, l.text[0] >= utf8.RuneSelf); ok && (l.text[0] >= utf8.RuneSelf || len(c.value) >= codeLong) {
			s.offerUnit(c.value, i, bonus)
			return c.to
		}
	case labelContract:
		if c, ok := s.contractAt(after); ok {
			s.contract.offer(c.value, bonus)
			return c.to
		}
		if v := s.codeBefore(i); v != "" && l.text[0] >= utf8.RuneSelf {
			s.contract.offer(v, bonus)
		} else {
			s.bare = after
		}
	case labelPhone:
		at := s.gap(after)
		if at < len(s.low) && s.low[at-1] == '(' && isDigit(s.low[at]) {
			at--
		}
		if n, ok := s.phoneAt(at); ok || n.digits >= 6 && n.digits <= 15 {
			s.offerPhone(n, 3)
			return n.to
		}
	case labelNumber:
		return s.claim(after)
	case labelCity, labelProvince, labelAddress:
		s.formField(l, after)
	}
	return after
}

// claim skips the number behind a label of no interest.
func (s *factScan) claim(after int) int {
	at := s.gap(after)
	if at < len(s.low) && (isDigit(s.low[at]) || s.low[at] == '+' || s.low[at] == '(') {
		// A long number in groups: a bank account, a fax.
		end, digits := at, 0
		for j := at; j < len(s.low) && j < at+40 && (isDigit(s.low[j]) || strings.IndexByte(" -()+", s.low[j]) >= 0); j++ {
			if isDigit(s.low[j]) {
				digits++
				end = j + 1
			}
		}
		if digits >= 7 && (end >= len(s.low) || !isWordByte(s.low[end])) {
			return end
		}
	}
	if c, ok := s.code(after, false); ok {
		return c.to
	}
	return after
}

// offerUnit takes a number that is only called a number: the contract's, when one was named shortly before without its
// own; else a machine's. A noun directly before (校准编号) makes it less likely.
func (s *factScan) offerUnit(v string, i, bonus int) {
	if s.bare >= 0 && i-s.bare <= 48 && !strings.ContainsAny(s.low[s.bare:i], "\n.。") {
		s.contract.offer(v, bonus)
		return
	}
	if r, _ := utf8.DecodeLastRuneInString(s.low[:i]); isHanRune(r) && !strings.ContainsRune("的机备泵器台仪炉床", r) {
		bonus--
	}
	s.unit.offer(v, bonus)
}

func isHanRune(r rune) bool { return 0x2E80 <= r && r <= 0x9FFF && (r < 0x3000 || r > 0x303F) }

// formField remembers how far the value of a form's place field reaches: to the end of the line, or of the next one
// where nothing stands behind the label.
func (s *factScan) formField(l factLabel, after int) {
	rest := strings.TrimLeft(s.low[after:], " \t*")
	colon := rest != "" && (rest[0] == ':' || rest[0] == '|' || rest[0] == '\n')
	if !colon && (l.kind != labelAddress || l.text[0] < 0x80 && !strings.Contains(l.text, " ")) {
		return
	}
	from := len(s.low) - len(strings.TrimLeft(rest, ":| \t*\n"))
	to := len(s.low)
	if i := strings.IndexByte(s.low[from:], '\n'); i >= 0 {
		to = from + i
	}
	if l.kind == labelAddress {
		s.addressTo = to
		return
	}
	s.addressTo, s.cityTo = to, to
	value := strings.TrimSpace(s.text[from:to])
	if i := strings.IndexAny(value, ",;|，；"); i >= 0 {
		value = strings.TrimSpace(value[:i])
	}
	if l.kind == labelCity && s.form == "" && value != "" && len(value) <= 40 && !hasDigit(value) {
		s.form = value
	}
}
