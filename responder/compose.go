package responder

import (
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"

	"aftercare/mailbox"
	"aftercare/sla"
	"aftercare/templates"
)

// letter is one mail before it has bytes.
type letter struct {
	account    Account
	to         mailbox.Address
	token      Token
	automatic  string // the Auto-Submitted value (RFC 3834, 5)
	answers    *mailbox.Message
	rendered   templates.Rendered
	now        time.Time
	plus       bool
	references []string
}

// compose writes the message as it will be sent. Its bytes depend on nothing but its arguments, so that composing it again
// gives the same mail. It returns the Message-ID without angle brackets.
func (e *Engine) compose(l letter) (raw []byte, id string, err error) {
	id = SignMessageID(e.Key, l.token, domainOf(l.account.Address))
	var h mail.Header
	h.SetDate(l.now.In(e.Zone))
	h.SetAddressList("From", []*mail.Address{{Name: l.account.FromName, Address: l.account.Address}})
	h.SetAddressList("To", []*mail.Address{{Name: headerWord(l.to.Name), Address: l.to.Addr}})
	h.SetSubject(l.rendered.Subject)
	h.SetMessageID(id)
	if l.plus {
		h.SetAddressList("Reply-To", []*mail.Address{{Name: l.account.FromName, Address: SignPlus(e.Key, l.token, l.account.Address)}})
	}
	// Our signed id stands first in References: it comes back in the answer even where a relay rewrites the Message-ID.
	refs := []string{id}
	if l.answers != nil {
		refs = append(refs, chain(l.answers)...)
		if l.answers.MessageID != "" {
			h.SetMsgIDList("In-Reply-To", []string{l.answers.MessageID})
		}
	}
	refs = append(refs, l.references...)
	h.SetMsgIDList("References", refs)
	h.Set("Auto-Submitted", l.automatic)
	h.Set("X-Auto-Response-Suppress", "All")
	h.Set("X-Loop", l.account.Address)
	h.Set(HeaderName, SignHeader(e.Key, l.token))
	if l.rendered.Language != "" {
		h.Set("Content-Language", l.rendered.Language)
	}
	h.Set("MIME-Version", "1.0")
	raw, err = writeMail(h.Header, &l.rendered, id)
	if err != nil {
		return nil, "", fmt.Errorf("composing a mail to %s: %w", l.to.Addr, err)
	}
	return raw, id, nil
}

// maxRefs bounds the References that we take over from a customer's mail.
const maxRefs = 20

// chain is the thread of a message as an answer to it continues it: its References and its own id.
func chain(m *mailbox.Message) []string {
	refs := m.References
	if len(refs) == 0 {
		refs = m.InReplyTo
	}
	if len(refs) > maxRefs {
		refs = append(refs[:1:1], refs[len(refs)-maxRefs+1:]...)
	}
	out := make([]string, 0, len(refs)+1)
	for _, id := range append(refs[:len(refs):len(refs)], m.MessageID) {
		if plainID(id) {
			out = append(out, id)
		}
	}
	return out
}

// plainID tells whether an id can stand in our header: a stranger's may hold anything.
func plainID(id string) bool {
	if id == "" || len(id) > 250 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == ',' {
			return false
		}
	}
	return true
}

// headerWord makes a stranger's name fit for an address field.
func headerWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 {
			return -1
		}
		return r
	}, s)
	return firstRunes(s, 60)
}

func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

// replyJob is all that a reply to a customer is made of.
type replyJob struct {
	c      *Case
	r      *Reading
	f      Facts
	outbox int64
	window sla.Window
	kind   string
	t      templates.Template
	now    time.Time
	visit  *sla.Visit
}

// reply composes an automatic reply to the message of j.r.
func (e *Engine) reply(j replyJob) (Mail, error) {
	out, err := e.Templates.Render(j.t, e.vars(j.c, j.now, j.window.Due, j.visit))
	if err != nil {
		return Mail{}, err
	}
	return e.toCustomer(customerMail{
		c: j.c, to: j.r.Verdict.ReplyTo, outbox: j.outbox, kind: j.kind, out: out, answers: j.r.Message, key: j.f.Key, deadline: j.window.Due, now: j.now,
	})
}

// customerMail is a rendered mail on its way to a customer.
type customerMail struct {
	c         *Case
	to        mailbox.Address
	outbox    int64
	kind      string
	out       templates.Rendered
	answers   *mailbox.Message
	refs      []string
	key       mailbox.Key
	deadline  time.Time
	now       time.Time
	automatic string // "" is auto-replied
}

func (e *Engine) toCustomer(j customerMail) (Mail, error) {
	a := e.account(j.c.Account)
	token := Token{Case: j.c.ID, Outbox: j.outbox}
	if j.automatic == "" {
		j.automatic = "auto-replied"
	}
	raw, id, err := e.compose(letter{account: a, to: j.to, token: token, automatic: j.automatic, answers: j.answers, references: j.refs,
		rendered: j.out, now: j.now, plus: a.Plus})
	if err != nil {
		return Mail{}, err
	}
	m := Mail{ID: j.outbox, Case: j.c.ID, Lane: LaneCustomer, Kind: j.kind, Account: a.Name, To: j.to.Addr, MessageID: id, Subject: j.out.Subject,
		Raw: raw, Template: j.out.Name, TemplateVersion: j.out.Version, Deadline: j.deadline, Answers: j.key}
	switch a.Envelope {
	case EnvelopeNull:
	case EnvelopeVERP:
		m.EnvelopeFrom = SignVERP(e.Key, token, a.Address)
	default:
		m.EnvelopeFrom = a.Address
	}
	if e.RedirectTo != "" {
		m.To = e.RedirectTo
	}
	return m, nil
}
