package responder

import (
	"time"

	"aftercare/mailbox"
	"aftercare/sla"
	"aftercare/templates"
)

// place moves the visits of a case whose place was unknown to where the customer says that they are, with the office and
// the ends of both clocks that follow (policy 4.3). A mail that may not be the customer's moves nothing: more time for us
// must not come from a stranger.
func (d *deciding) place(c *Case) {
	said := d.r.Facts
	if v := d.r.Verdict; v.Unsure || v.Auth == AuthFailed {
		return
	}
	if said.City+said.Province == "" {
		d.placeByContract(c)
		return
	}
	if c.City+c.Province == "" && d.out.Effects.Open == nil && d.out.Effects.Office == "" {
		office, _ := d.e.responsible(said.City, said.Province)
		d.out.Effects.Office = office.Name
	}
	for _, v := range c.Visits {
		if v.Zone != sla.ZoneUnknown {
			continue
		}
		was := v
		v.City, v.Province = d.e.joinPlace(v, said)
		office, zone := d.e.responsible(v.City, v.Province)
		v.Office, v.Zone = office.Name, zone
		v.ArrangeDue, v.OnSiteDue = d.e.Plan.VisitDues(v, zone)
		if v == was {
			continue
		}
		d.out.Effects.Placed = append(d.out.Effects.Placed, v)
		d.because("visit %d: the site is %s, %s from %s; due %s", v.ID, site(&v), v.Zone, v.Office, v.OnSiteDue.UTC().Format(time.RFC3339))
	}
}

// placeByContract moves visits of whose place nobody has said anything to the site of the contract that the sender is on.
// The customer hears of the place with the visit: where somebody else is on the contract, only the office follows.
func (d *deciding) placeByContract(c *Case) {
	if d.on == nil {
		return
	}
	for _, v := range c.Visits {
		if v.Zone != sla.ZoneUnknown || v.City+v.Province != "" {
			continue
		}
		was := v
		d.locate(&v, &Case{})
		v.ArrangeDue, v.OnSiteDue = d.e.Plan.VisitDues(v, v.Zone)
		if v == was {
			continue
		}
		d.out.Effects.Placed = append(d.out.Effects.Placed, v)
		d.because("visit %d: %s, %s from %s by contract %s; due %s", v.ID, site(&v), v.Zone, v.Office, d.on.Number, v.OnSiteDue.UTC().Format(time.RFC3339))
	}
}

// locate says where a visit is, which office goes there and how far it is: where the message says, else where the case
// does, else at the site of the contract that the sender is on.
func (d *deciding) locate(v *sla.Visit, c *Case) {
	said, k := d.r.Facts, d.on
	v.City, v.Province = c.City, c.Province
	if said.City+said.Province != "" {
		v.City, v.Province = said.City, said.Province
	}
	byContract := k != nil && (v.City+v.Province == "" || v.City == k.City && v.Province == k.Province)
	office, zone := d.e.responsible(v.City, v.Province)
	if byContract {
		office, zone = d.e.siteOf(k)
		v.City, v.Province = k.City, k.Province
		if !d.own {
			v.City, v.Province, zone = "", "", sla.ZoneUnknown
		}
	}
	v.Office, v.Zone = office.Name, zone
}

// joinPlace adds what a message says to what is known of a site. A city that the list of places knows brings its own
// province; any other one lies in the province that was named before.
func (e *Engine) joinPlace(v sla.Visit, said mailbox.Facts) (city, province string) {
	city, province = said.City, said.Province
	if city == "" {
		return v.City, province
	}
	if _, found := canonical(e.Places, city, province); found == "" {
		province = v.Province
	}
	return city, province
}

// visitNews composes the mail by which the customer hears that a visit was arranged, moved or cancelled: the template of
// the step's name. It is no automatic reply, so no cap counts it.
func (e *Engine) visitNews(s sla.Step, f Facts, now time.Time) (Mail, bool) {
	c, v := f.Case, f.Visit
	if c == nil || v == nil || f.Blocked || c.Customer == "" || c.AuthFailed {
		return Mail{}, false
	}
	t, _ := e.Templates.Choose(templates.Key{Class: s.Name, Language: c.Language})
	if t.Class != s.Name {
		return Mail{}, false // never the neutral acknowledgement instead
	}
	out, err := e.Templates.Render(t, e.vars(c, now, time.Time{}, v))
	if err != nil {
		return Mail{}, false
	}
	var answers *mailbox.Message
	if f.MessageID != "" {
		answers = &mailbox.Message{MessageID: f.MessageID}
	}
	m, err := e.toCustomer(customerMail{c: c, to: mailbox.Address{Name: c.CustomerName, Addr: c.Customer}, outbox: f.NextOutbox, kind: MailVisit,
		out: out, answers: answers, deadline: s.At.Add(e.Plan.Reply), now: now, automatic: "auto-generated"})
	if err != nil {
		return Mail{}, false
	}
	m.Shadow, m.Visit = e.Shadow, s.Visit
	return m, true
}

// The names of the steps by which the customer hears of a visit; they are those of the templates.
const (
	StepVisitArranged  = "visit-arranged"
	StepVisitMoved     = "visit-moved"
	StepVisitCancelled = "visit-cancelled"
)
