package main

import (
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/store"
)

type caseOpenCmd struct {
	writeFlags
	Channel    string `required:"" help:"How the contact came: phone, in-person, mail (a letter) or email." placeholder:"CHANNEL"`
	At         string `help:"When it came; a letter: when it arrived. Default now, but for a letter." placeholder:"TIME"`
	AnsweredAt string `help:"When it was answered. Without it an answer is owed." placeholder:"TIME"`
	Class      string `help:"What it is about. Default: the class of messages that are none of the others." placeholder:"CLASS"`
	Subject    string `required:"" help:"One line for people." placeholder:"TEXT"`
	Note       string `help:"More words, for the history." placeholder:"TEXT"`
	Name       string `help:"The customer's name." placeholder:"TEXT"`
	Customer   string `help:"The customer's address." placeholder:"ADDR"`
	Language   string `help:"The customer's language. Default: the company's." placeholder:"TAG"`
	Serial     string `help:"Serial number." placeholder:"TEXT"`
	Contract   string `help:"Contract number." placeholder:"TEXT"`
	Phone      string `help:"Telephone." placeholder:"TEXT"`
	City       string `help:"City of the site." placeholder:"TEXT"`
	Province   string `help:"Province of the site." placeholder:"TEXT"`
	Office     string `help:"The responsible office. Default: by the site." placeholder:"NAME"`
	Visit      bool   `help:"A person on site is asked for."`
}

func (*caseOpenCmd) Help() string {
	return "Letters and mails have the reply window (policy 4.2: two hours), with the same reminders as a mail to a watched mailbox; the program cannot answer them, staff do. " +
		"Telephone and in person are answered at once: give --answered-at, or leave it out where a call back is owed, which then has the reply window. " +
		`Times: "2026-11-24 15:04" in the company's zone, or RFC 3339.`
}

var channels = []string{store.ChannelPhone, store.ChannelInPerson, store.ChannelMail, store.ChannelEmail}

func (o *caseOpenCmd) Run(env *environment) error {
	if err := oneOf("--channel", o.Channel, channels); err != nil {
		return err
	}
	if o.Customer != "" && !plainAddress(o.Customer) {
		return usagef("--customer %q: expected an address such as anna@example.com", o.Customer)
	}
	c, st, err := o.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	set, err := app.LoadClasses(c)
	if err != nil {
		return err
	}
	if err := knownOffice(c, o.Office); err != nil {
		return err
	}
	reg, err := o.byRecord(env, c, st)
	if err != nil {
		return err
	}
	n, err := o.newCase(c, set, env.now())
	if err != nil {
		return err
	}
	var g responder.Grant
	if reg.Known {
		g = responder.Vouched(reg, o.Serial, o.Contract, n.Case.Opened, env.now())
		n.Case.Entitlement, n.Case.Rung, n.Case.Record = g.Entitlement, g.Rung, g.Record
	}
	id, err := st.OpenCase(env.ctx, n, env.now())
	if err != nil {
		return err
	}
	if o.Note != "" {
		if err := st.NoteCase(env.ctx, id, o.who(), o.Note, env.now()); err != nil {
			return err
		}
	}
	env.printf("%s is open: %s, office %s\n", responder.FormatCase(id), n.Case.Class, or(n.Case.Office, "-"))
	switch {
	case g.Contract != nil:
		env.printf("  %s\n", oneLine(grantLine(g)))
	case len(reg.Near) > 0:
		env.printf("  on no contract; perhaps meant: %s\n", oneLine(strings.Join(reg.Near, "; ")))
	}
	for _, w := range n.Windows {
		if n.Answered.IsZero() {
			env.printf("  %s by %s\n", clockWords(w.Clock), shortTime(w.Due, c.Company.Location))
		}
	}
	for _, v := range n.Visits {
		env.printf("  visit (%s): to be arranged, and on site, by %s\n", v.Zone, shortTime(v.OnSiteDue, c.Company.Location))
	}
	return nil
}

func (o *caseOpenCmd) newCase(c *config.Config, set *classify.Set, now time.Time) (store.NewCase, error) {
	n := store.NewCase{Channel: o.Channel, Who: o.who()}
	at, err := o.times(c, now, &n)
	if err != nil {
		return n, err
	}
	name := or(o.Class, set.Fallback())
	class, ok := set.Class(name)
	if !ok {
		return n, oneOf("--class", name, set.Names())
	}
	office, _, err := officeFor(c, o.Office, o.City, o.Province)
	if err != nil {
		return n, err
	}
	n.Case = responder.Case{
		State: responder.CaseOpen, Account: c.Mailboxes[0].Name, Class: name, Subject: o.Subject, Language: or(o.Language, c.Company.Language),
		Customer: strings.ToLower(o.Customer), CustomerName: o.Name, Opened: at, Office: or(o.Office, office.Name), Entitlement: "unknown",
		Serial: o.Serial, Contract: o.Contract, Phone: o.Phone, City: o.City, Province: o.Province,
	}
	if o.Customer != "" {
		n.Case.Members = []string{strings.ToLower(o.Customer)}
	}
	plan, err := c.Plan()
	if err != nil {
		return n, err
	}
	// The program cannot answer a contact that came by another way: Unsure keeps it from trying at the margin.
	n.Windows = []sla.Window{{Clock: sla.ClockReply, Unsure: true, Class: name, Office: n.Case.Office, Opened: at, Due: plan.ReplyDue(at)}}
	if class.Window > 0 {
		n.Windows = append(n.Windows, sla.Window{Clock: sla.ClockPerson, Class: name, Office: n.Case.Office, Opened: at, Due: plan.PersonDue(at, class.Window, n.Case.Office)})
	}
	if o.Visit || class.OpensVisit {
		v, err := newVisit(c, sla.Visit{Requested: at, City: o.City, Province: o.Province, Office: o.Office})
		if err != nil {
			return n, err
		}
		n.Visits = []sla.Visit{v}
	}
	return n, nil
}

func (o *caseOpenCmd) times(c *config.Config, now time.Time, n *store.NewCase) (at time.Time, err error) {
	if o.Channel == store.ChannelMail && o.At == "" {
		return at, usagef("--at is missing: a letter's window begins with its arrival, so say when that was")
	}
	if at, err = parseTime("--at", o.At, c.Company.Location, now); err != nil {
		return at, err
	}
	if n.Answered, err = parseTime("--answered-at", o.AnsweredAt, c.Company.Location, time.Time{}); err != nil {
		return at, err
	}
	switch {
	case at.After(now):
		return at, usagef("--at %q lies in the future", o.At)
	case n.Answered.After(now):
		return at, usagef("--answered-at %q lies in the future", o.AnsweredAt)
	case !n.Answered.IsZero() && n.Answered.Before(at):
		return at, usagef("--answered-at %q lies before --at", o.AnsweredAt)
	}
	return at, nil
}

// clockWords says what a clock measures.
func clockWords(c sla.Clock) string {
	switch c {
	case sla.ClockReply:
		return "a reply is owed"
	case sla.ClockPerson:
		return "the answer of a person is owed"
	}
	return string(c)
}
