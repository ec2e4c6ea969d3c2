package templates

import "time"

// Vars is everything that a template can say. All of it is plain values; text is taken as it came, and cleaned, cut and
// escaped when it is put in. Zero values count as "not known" in {{#if}}. Times may be in any zone: they are shown in Zone.
type Vars struct {
	CaseRef      string   // "AC-000123"
	Subject      string   // the customer's own subject, with or without Re: and our tag
	CustomerName string   // the display name the customer wrote
	Class        string   // the leading class; gives the words of {{understood}} in the template's language
	Also         []string // further classes
	Understood   string   // overrides the words that Class would give

	Product, Serial, Contract string   // what the customer stated, or the records when the sender is on that contract
	Phone, City, Province     string   // the same
	Missing                   []string // names of facts that are missing: serial, contract, phone, city, province, product, fault, proof

	Entitlement string    // InWarranty, OutOfWarranty, EntitlementUnknown; leave it unknown for a sender not on the contract
	Rung        string    // highest rung reached
	Record      string    // the record it rests on, for a sender on that contract
	WarrantyEnd time.Time // last day of the term
	Country     string    // ISO 3166 code of the customer's country, for the line on statutory rights; empty is allowed

	Office  Office
	Company Company

	Received    time.Time // when the message reached the company
	DueBy       time.Time // end of the reply window (4.2)
	PersonDueBy time.Time // when a person answers at the latest; zero for feedback
	Visit       Visit

	Now   time.Time      // when the mail is written
	Zone  *time.Location // zone that dates are shown in; nil is UTC
	Staff Staff          // only for mails to staff
}

// Office is the responsible office of a case.
type Office struct {
	Name, Phone, City, Hours string
}

// Company is who answers.
type Company struct {
	Name, URL, Email, Phone, Address string
}

// Visit is an on-site visit: the two due times (4.3), and once it is arranged the time and the person.
type Visit struct {
	ArrangeBy, OnSiteBy time.Time
	At                  time.Time
	Person              string
	Site                string
}

// Staff is what only staff may read. A template for customers that names one of these is refused.
type Staff struct {
	Recipient string   // name of the person the mail goes to
	Clock     string   // "reply", "person", "arranged", "on site": named in the reader's language
	Share     string   // "75%"
	Summary   string   // one line: customer, class, product
	Customer  string   // name and address
	Excerpt   string   // the new words of the message, several lines
	Reason    string   // the decision's constant reason
	Evidence  []string // what it rests on
	Commands  []string // "aftercare case show AC-000123"
	FailedTo  string   // the address that a mail did not reach
	Check     string   // the named health check of an alert
	Detail    string   // error text, diagnostic of a bounce, what an alert is about
	Windows   []string // digest: open windows
	Visits    []string // digest: visits by due time
	Held      []string // digest: replies held
	Junk      []string // digest: what was taken for machine mail
}
