package responder

import (
	"strings"

	"aftercare/mailbox"
)

// route is how a mail came to us: through a trusted list or form or straight, and who stands at its other end.
type route struct {
	list     string // the trusted list, "" when none
	form     string // the trusted form, "" when none
	note     string // evidence for the route
	fromOwn  bool   // the author is one of our own addresses
	customer mailbox.Address
	replyTo  mailbox.Address
}

// route finds the customer and the address that an answer goes to. Straight mail is its author's; the answer goes to the
// first Reply-To that a person can be behind, else to the author. Through a trusted list or form that put its own address
// into From, the customer is Reply-To, X-Original-From or X-Original-Sender. No answer ever goes to an own address, a
// colleague's or a robot's.
func (g *Guard) route(m *mailbox.Message) route {
	from := m.Sender1()
	r := route{fromOwn: g.own[bareAddr(from.Addr)], customer: from}
	if r.list = g.trustedList(m); r.list != "" {
		r.note = "trusted list " + r.list
	}
	if r.form = g.trustedForm(m); r.form != "" {
		r.note = "trusted form " + r.form
	}
	if r.form != "" || r.list != "" && (r.fromOwn || g.isListAddr(from.Addr)) {
		r.customer = g.original(m)
		r.replyTo = r.customer
		if r.customer.Addr == "" && r.form != "" && g.answerable(from) {
			r.customer, r.replyTo = from, from
		}
		return r
	}
	for _, a := range m.ReplyTo {
		if g.answerable(a) {
			r.replyTo = a
			return r
		}
	}
	if g.answerable(from) {
		r.replyTo = from
	}
	return r
}

// original is who wrote a mail that a trusted list or form sent on as its own.
func (g *Guard) original(m *mailbox.Message) mailbox.Address {
	for _, a := range m.ReplyTo {
		if g.answerable(a) {
			return a
		}
	}
	for _, name := range [...]string{"X-Original-From", "X-Original-Sender"} {
		if a := oneAddress(m.Header.Get(name)); g.answerable(a) {
			return a
		}
	}
	return mailbox.Address{}
}

// trustedList returns the configured list that m came through, or "".
func (g *Guard) trustedList(m *mailbox.Message) string {
	if len(g.lists) == 0 {
		return ""
	}
	for i := range m.Header {
		f := &m.Header[i]
		if !isListField(f.Name) {
			continue
		}
		v := strings.ToLower(clip(f.Value, 512))
		for _, l := range g.lists {
			if containsWhole(v, l) {
				return l
			}
		}
	}
	return ""
}

// isListField tells whether a field of this name can name the list that a mail came through.
func isListField(name string) bool {
	for _, n := range [...]string{"List-Id", "List-Post", "X-BeenThere", "X-Mailing-List", "Mailing-List", "Sender"} {
		if strings.EqualFold(name, n) {
			return true
		}
	}
	return false
}

// containsWhole tells whether name stands in s and is no piece of a longer address or domain.
func containsWhole(s, name string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || !isAddrByte(s[i-1])) && (end == len(s) || !isAddrByte(s[end])) {
			return true
		}
		from = i + 1
	}
}

func isAddrByte(b byte) bool { return isIDByte(b) || b == '-' || b == '_' || b == '@' || b == '+' }

// trustedForm returns the configured form address that m came from, or "".
func (g *Guard) trustedForm(m *mailbox.Message) string {
	if len(g.forms) == 0 {
		return ""
	}
	for _, a := range [...]string{m.Sender1().Addr, m.Sender.Addr, m.ReturnPath} {
		k := bareAddr(a)
		if k == "" {
			continue
		}
		if g.forms[k] {
			return k
		}
		if i := strings.LastIndexByte(k, '@'); i >= 0 && g.forms[k[i:]] {
			return k
		}
	}
	return ""
}

func (g *Guard) isListAddr(addr string) bool {
	k := bareAddr(addr)
	id := strings.Replace(k, "@", ".", 1) // where only the List-Id is configured
	for _, l := range g.lists {
		if k == l || id == l {
			return true
		}
	}
	return false
}

func (g *Guard) isStaff(a mailbox.Address) bool {
	k := bareAddr(a.Addr)
	if k == "" || g.own[k] {
		return false
	}
	return g.staff[k] || g.staffDomains[a.Domain()]
}

// answerable tells whether an answer may go to a: a whole address that is not ours, no colleague's and no robot's.
func (g *Guard) answerable(a mailbox.Address) bool {
	return wholeAddr(a.Addr) && !g.own[bareAddr(a.Addr)] && !g.isStaff(a) && !g.isListAddr(a.Addr) && !g.robot(a)
}

// robot tells whether a is an address that never stands for a person.
func (g *Guard) robot(a mailbox.Address) bool {
	var s signals
	s.sender(g.rules, inFrom, "", mailbox.Address{Addr: a.Addr})
	for _, x := range s.list {
		if x.sure {
			return true
		}
	}
	return false
}

// wholeAddr tells whether s is local@domain with nothing in it that could break a header or an envelope.
func wholeAddr(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || at == len(s)-1 || len(s) > 254 {
		return false
	}
	for i := range len(s) {
		if b := s[i]; b <= ' ' || b == 0x7F || strings.IndexByte(`<>()[],;:\"`, b) >= 0 {
			return false
		}
	}
	return s[at+1] != '.' && !strings.Contains(s[at:], "..")
}

// oneAddress reads "Name <addr>" or a bare address.
func oneAddress(v string) mailbox.Address {
	v = strings.TrimSpace(clip(v, 512))
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		addr, _, _ := strings.Cut(v[i+1:], ">")
		return mailbox.Address{Name: strings.Trim(strings.TrimSpace(v[:i]), `"`), Addr: strings.TrimSpace(addr)}
	}
	return mailbox.Address{Addr: v}
}
