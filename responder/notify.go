package responder

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/sla"
	"aftercare/templates"
)

// notice is something that staff are told with a decision, at once.
type notice struct {
	kind     string // a staff template
	due      time.Time
	detail   string
	failedTo string
	except   string // an address that is not told
	once     string // told once for each of these
}

// notice composes the mail of a notice to the head of the chain and adds it to the decision.
func (d *deciding) notice(n notice) {
	c := d.f.Case
	if d.out.Effects.Open != nil {
		c = d.out.Effects.Open
	}
	if c == nil {
		c = &Case{Account: d.f.Key.Account, AuthFailed: true, Subject: d.r.Message.Subject}
		if a := d.f.About; a != nil {
			c.ID = a.Case
		}
	}
	class, office := c.Class, c.Office
	to := slices.DeleteFunc(slices.Clone(d.e.Plan.ChainAt(class, office, d.now)), func(a string) bool { return strings.EqualFold(a, n.except) })
	if len(to) == 0 || d.list(c, to[0], n.kind) {
		return
	}
	evidence := append(slices.Clone(d.out.Evidence), d.r.Verdict.Evidence...)
	v := d.e.staffVars(c, d.now, n.due)
	v.Staff.Reason, v.Staff.Detail, v.Staff.FailedTo = string(d.out.Reason), n.detail, n.failedTo
	v.Staff.Evidence = append(evidence, prefixed("class: ", d.r.Class.Because)...)
	v.Staff.Excerpt = excerpt(d.r.Message)
	v.Staff.Customer = addressLine(d.r.Verdict.Customer)
	if vs := d.visitOf(c); vs != nil {
		v.Visit = templates.Visit{ArrangeBy: vs.ArrangeDue, OnSiteBy: vs.OnSiteDue, At: vs.At, Person: vs.Person, Site: site(vs)}
	}
	m, err := d.e.toStaff(staffMail{kind: n.kind, to: to[0], account: c.Account, token: Token{Case: c.ID, Outbox: d.next()}, vars: v, now: d.now})
	if err != nil {
		d.because("the notice to staff could not be written: %v", err) // the window's own warnings still come
		return
	}
	m.Kind, m.Once = MailNotice, n.once
	d.out.Mails = append(d.out.Mails, m)
}

func prefixed(p string, ss []string) []string {
	out := make([]string, 0, len(ss))
	for _, s := range ss {
		out = append(out, p+s)
	}
	return out
}

// excerpt is the new words of a message for a mail to staff.
func excerpt(m *mailbox.Message) string {
	s, quoted := m.Body.ForClassifier()
	if quoted {
		s = m.Body.New + "\n" + s
	}
	if short := firstRunes(s, 1500); len(short) < len(s) {
		return short + " …"
	}
	return s
}

// firstRunes is the first n characters of s.
func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Notify composes the mail of one step of a tick. false means that there is nothing to send: a further acknowledgement
// that policy 4.2 or a cap does not allow, or a recipient who is no longer on the staff.
func (e *Engine) Notify(s sla.Step, f Facts, now time.Time) (Mail, bool) {
	switch {
	case s.Recipient == sla.Customer && s.Visit != 0:
		return e.visitNews(s, f, now)
	case s.Recipient == sla.Customer:
		return e.acknowledge(s, f, now)
	}
	c := f.Case
	if c == nil {
		c = &Case{}
	}
	v := e.staffVars(c, now, s.Due)
	v.Staff.Clock, v.Staff.Share = clockOf(s.Name), shareOf(s.Name)
	v.Staff.Reason = string(c.Reason)
	v.Staff.Evidence = prefixed("class: ", c.Because)
	v.Staff.Detail = f.Detail
	if f.About != nil {
		v.Staff.FailedTo = f.About.Recipient
	}
	for i := range c.Visits {
		if vs := &c.Visits[i]; vs.ID == s.Visit {
			v.Visit = templates.Visit{ArrangeBy: vs.ArrangeDue, OnSiteBy: vs.OnSiteDue, At: vs.At, Person: vs.Person, Site: site(vs)}
			if vs.State == sla.VisitArranged {
				v.Visit.ArrangeBy = time.Time{} // that clock is met
			}
			if s.Name == sla.StepVisitPlanned {
				v.Visit.At = vs.Planned
			}
			v.Staff.Commands = visitCommands(vs)
		}
	}
	kind := s.Name
	if w := f.Window; w != nil && w.Channel == sla.ChannelLetter {
		kind = letterKind(s.Name)
		v.Received = w.Opened
		v.Staff.Commands = append(v.Staff.Commands, "aftercare case answered "+FormatCase(c.ID)+" --at TIME")
	}
	m, err := e.toStaff(staffMail{kind: kind, to: s.Recipient, account: c.Account, token: Token{Case: c.ID, Outbox: f.NextOutbox}, vars: v, now: now})
	if err != nil {
		return Mail{}, false
	}
	m.Kind = s.Name
	m.Window, m.Visit = s.Window, s.Visit
	return m, true
}

// acknowledge is the one short word to a customer whom nobody has answered by the margin (policy 4.2).
func (e *Engine) acknowledge(s sla.Step, f Facts, now time.Time) (Mail, bool) {
	c := f.Case
	switch {
	case c == nil || c.State != CaseOpen || f.Blocked || c.Customer == "":
		return Mail{}, false
	case s.Name == sla.StepAckFurther && now.Sub(c.LastAck) < 24*time.Hour:
		return Mail{}, false // at most one a case a day
	case now.Sub(s.Due) > e.MaxAge:
		return Mail{}, false
	case f.SenderReplies2h >= e.Caps.Sender2h || f.SenderReplies24h >= e.Caps.SenderDay || f.TotalReplies1h >= e.Caps.Total1h,
		f.DomainReplies1h >= e.Caps.Domain1h && !e.Caps.Freemail[domainOf(c.Customer)]:
		return Mail{}, false
	}
	kind, class := MailFurther, templates.ClassAckFurther
	if s.Name == sla.StepAckNeutral {
		kind, class = MailNeutral, templates.ClassOther
	}
	if c.AuthFailed {
		kind, class = MailBare, templates.ClassAckBare
	}
	t, _ := e.Templates.Choose(templates.Key{Class: class, Language: c.Language})
	out, err := e.Templates.Render(t, e.vars(c, now, s.Due, nil))
	if err != nil {
		return Mail{}, false
	}
	to := f.ReplyTo
	if to == "" {
		to = c.Customer
	}
	var answers *mailbox.Message
	if f.MessageID != "" {
		answers = &mailbox.Message{MessageID: f.MessageID}
	}
	m, err := e.toCustomer(customerMail{c: c, to: mailbox.Address{Name: c.CustomerName, Addr: to}, outbox: f.NextOutbox, kind: kind, out: out,
		answers: answers, key: f.Key, deadline: s.Due, now: now})
	if err != nil {
		return Mail{}, false
	}
	m.Shadow = e.Shadow
	m.Window = s.Window
	return m, true
}

// staffMail is a notice on its way to a colleague.
type staffMail struct {
	kind    string
	to      string
	account string
	token   Token
	vars    templates.Vars
	now     time.Time
}

func (e *Engine) toStaff(j staffMail) (Mail, error) {
	s := e.staff[strings.ToLower(j.to)]
	lang := s.Language
	if lang == "" {
		lang = e.Language
	}
	j.vars.Staff.Recipient = s.Name
	out, err := e.Templates.RenderStaff(j.kind, lang, j.vars)
	if err != nil {
		return Mail{}, err
	}
	a := e.account(j.account)
	l := letter{account: a, to: mailbox.Address{Name: s.Name, Addr: j.to}, token: j.token, automatic: "auto-generated", rendered: out, now: j.now}
	if j.token.Case != 0 {
		l.references = []string{fmt.Sprintf("case-%06d@%s", j.token.Case, domainOf(a.Address))} // one thread a case in a mail program
	}
	raw, id, err := e.compose(l)
	if err != nil {
		return Mail{}, err
	}
	return Mail{ID: j.token.Outbox, Case: j.token.Case, Lane: LaneStaff, Kind: MailNotice, Account: a.Name, EnvelopeFrom: a.Address, To: j.to,
		MessageID: id, Subject: out.Subject, Raw: raw, Template: out.Name, TemplateVersion: out.Version, Deadline: j.now}, nil
}

// Alert composes a mail about the program's own health to one colleague.
func (e *Engine) Alert(to, check, detail string, recovered bool, outbox int64, now time.Time) (Mail, error) {
	v := templates.Vars{Company: e.Company, Now: now, Zone: e.Zone}
	v.Staff.Check, v.Staff.Detail = check, detail
	kind := "alert"
	if recovered {
		kind = "recovered"
	}
	m, err := e.toStaff(staffMail{kind: kind, to: to, token: Token{Outbox: outbox}, vars: v, now: now})
	m.Kind = kind
	return m, err
}

func (e *Engine) staffVars(c *Case, now, due time.Time) templates.Vars {
	open := *c
	open.AuthFailed = false // staff may read what the sender may not
	v := e.vars(&open, now, due, nil)
	v.Entitlement, v.Rung, v.Record = c.Entitlement, c.Rung, c.Record
	if c.ID == 0 {
		v.CaseRef = ""
		return v
	}
	v.Staff.Customer = addressLine(mailbox.Address{Name: c.CustomerName, Addr: c.Customer})
	v.Staff.Summary = strings.TrimSpace(c.Class + ": " + c.Subject)
	if len(c.Also) > 0 {
		v.Staff.Summary += " (also " + strings.Join(c.Also, ", ") + ")"
	}
	ref := FormatCase(c.ID)
	v.Staff.Commands = []string{"aftercare case show " + ref, "aftercare why " + ref}
	return v
}

func visitCommands(v *sla.Visit) []string {
	id := strconv.FormatInt(v.ID, 10)
	if v.State == sla.VisitRequested {
		return []string{"aftercare visit arrange " + id + " --at TIME --person NAME", "aftercare visit list"}
	}
	return []string{"aftercare visit done " + id, "aftercare visit cancel " + id}
}

// clockOf names the clock of a step in the words of the templates.
func clockOf(step string) string {
	switch {
	case strings.HasPrefix(step, "reply-"):
		return "reply"
	case strings.HasPrefix(step, "person-"):
		return "person"
	case strings.HasPrefix(step, "visit-arrange-"), step == sla.StepVisitRequested, step == sla.StepVisitPlanned:
		return "arranged"
	case strings.HasPrefix(step, "visit-"):
		return "on site"
	}
	return ""
}

// letterKind is the template of a step about a letter: "letter-50" for "reply-50". No mail of the program answers it.
func letterKind(step string) string {
	clock, rest, _ := strings.Cut(step, "-")
	if c := sla.Clock(clock); c != sla.ClockReply && c != sla.ClockPerson {
		return step
	}
	return "letter-" + rest
}

// shareOf is the share in a warning's name, "75%" of "reply-75".
func shareOf(step string) string {
	_, s, ok := strings.Cut(step, "-")
	if _, err := strconv.Atoi(s); !ok || err != nil {
		return ""
	}
	return s + "%"
}
