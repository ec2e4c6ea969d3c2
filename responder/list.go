package responder

import (
	"cmp"
	"strconv"
	"time"

	"aftercare/templates"
)

// Listed is a case that a person must look at and that came together with many others: it is told as a line of one list.
type Listed struct {
	To      string // who is told
	Account string // the mailbox whose server sends it
	Case    int64
	Class   string
	Also    []string
	Reason  Reason
	Name    string // the customer's
	Address string
	Subject string
	Due     time.Time // by when a person answers; zero for never
}

// ListMax is how many cases one list names; more make another list.
const ListMax = 100

// list notes a case for the list in the place of a notice of its own, and tells whether it did: only where many messages
// are decided at once, and where nothing is lost but a mail a case, since windows are open that warn of each.
func (d *deciding) list(c *Case, to, kind string) bool {
	if !d.f.Crowd || kind != "answer-due" {
		return false
	}
	d.out.Listed = append(d.out.Listed, Listed{To: to, Account: c.Account, Case: c.ID, Class: c.Class, Also: c.Also, Reason: d.out.Reason,
		Name: c.CustomerName, Address: c.Customer, Subject: c.Subject, Due: d.e.personDue(c)})
	return true
}

// List composes the mail that names cases to one colleague, all of one recipient and account, at most ListMax.
func (e *Engine) List(cases []Listed, outbox int64, now time.Time) (Mail, error) {
	v := templates.Vars{Company: e.Company, Now: now, Zone: e.Zone}
	for _, c := range cases {
		v.Staff.Windows = append(v.Staff.Windows, e.line(c.Due, now, append([]string{FormatCase(c.Case), c.Class}, append(prefixed("+ ", c.Also), cmp.Or(c.Name, c.Address), c.Subject)...)...))
	}
	v.Staff.Detail = strconv.Itoa(len(cases))
	v.Staff.Commands = []string{"aftercare case list --waiting", "aftercare case show AC-…"}
	m, err := e.toStaff(staffMail{kind: MailList, to: cases[0].To, account: cases[0].Account, token: Token{Outbox: outbox}, vars: v, now: now})
	m.Kind = MailList
	return m, err
}
