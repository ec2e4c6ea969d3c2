package templates

import (
	"time"
)

// kind is what a variable holds, and so how it may be used.
type kind uint8

const (
	kindText  kind = iota // one line
	kindLines             // several lines, kept as lines
	kindTime              // a moment, shown in the customer's zone
	kindList              // names or lines: {{x}} joins them, {{list x}} makes a list
	kindPairs             // label and value: {{table x}}
	kindURL               // may stand in a link
)

func (k kind) String() string {
	return [...]string{"text", "lines", "time", "list", "pairs", "link"}[k]
}

// audience says who may see a variable.
type audience uint8

const (
	everyone audience = iota
	staffOnly
	layoutOnly
)

// variable is one row of the table that template authors see.
type variable struct {
	name   string
	kind   kind
	seenBy audience
	// stranger marks what a customer wrote: links in it are left out of mails to customers.
	stranger bool
	limit    int // characters
	about    string
	text     func(*scene) string
	moment   func(*Vars) time.Time
	list     func(*scene) []string
	pairs    func(*scene) [][2]string
}

// scene is what a variable's value is read from.
type scene struct {
	set  *Set
	lang *language
	vars *Vars
}

func field(f func(*Vars) string) func(*scene) string {
	return func(s *scene) string { return f(s.vars) }
}

func lines(f func(*Vars) []string) func(*scene) []string {
	return func(s *scene) []string { return f(s.vars) }
}

// table lists every variable. The index of a row is the variable's number in a compiled template. It never changes.
var table = []variable{
	{name: "case", limit: 40, about: "case number", text: field(func(v *Vars) string { return v.CaseRef })},
	{name: "subject", stranger: true, limit: 120, about: "the customer's subject, without Re: and our tag", text: func(s *scene) string { return bareSubject(s.vars.Subject, s.vars.CaseRef) }},
	{name: "name", stranger: true, limit: 60, about: "the customer's name", text: field(func(v *Vars) string { return v.CustomerName })},
	{name: "understood", stranger: true, limit: 300, about: "what we understood, in the mail's language", text: understood},
	{name: "product", stranger: true, limit: 80, about: "product or model", text: field(func(v *Vars) string { return v.Product })},
	{name: "serial", stranger: true, limit: 60, about: "serial number", text: field(func(v *Vars) string { return v.Serial })},
	{name: "contract", stranger: true, limit: 60, about: "contract number", text: field(func(v *Vars) string { return v.Contract })},
	{name: "phone", stranger: true, limit: 40, about: "the customer's telephone number", text: field(func(v *Vars) string { return v.Phone })},
	{name: "city", stranger: true, limit: 60, about: "city of the site", text: field(func(v *Vars) string { return v.City })},
	{name: "province", stranger: true, limit: 60, about: "province of the site", text: field(func(v *Vars) string { return v.Province })},
	{name: "facts", kind: kindPairs, stranger: true, limit: 80, about: "case number and every fact that is known, with labels", pairs: knownFacts},
	{name: "missing", kind: kindList, limit: 200, about: "facts that are missing", list: missingFacts},
	{name: "entitlement", limit: 100, about: "what the records say, in words", text: func(s *scene) string { return s.lang.Entitlements[s.vars.Entitlement] }},
	{name: "record", stranger: true, limit: 100, about: "the record that the entitlement rests on", text: field(func(v *Vars) string { return v.Record })},
	{name: "warranty_end", kind: kindTime, about: "last day of the warranty term", moment: func(v *Vars) time.Time { return v.WarrantyEnd }},
	{name: "office.name", limit: 100, about: "responsible office", text: field(func(v *Vars) string { return v.Office.Name })},
	{name: "office.phone", limit: 40, about: "telephone of the office", text: field(func(v *Vars) string { return v.Office.Phone })},
	{name: "office.city", limit: 60, about: "city of the office", text: field(func(v *Vars) string { return v.Office.City })},
	{name: "office.hours", limit: 100, about: "hours of the office", text: field(func(v *Vars) string { return v.Office.Hours })},
	{name: "company.name", limit: 100, about: "our company", text: field(func(v *Vars) string { return v.Company.Name })},
	{name: "company.url", kind: kindURL, limit: 300, about: "our web site", text: field(func(v *Vars) string { return v.Company.URL })},
	{name: "company.email", limit: 100, about: "our address", text: field(func(v *Vars) string { return v.Company.Email })},
	{name: "company.phone", limit: 40, about: "our telephone", text: field(func(v *Vars) string { return v.Company.Phone })},
	{name: "company.address", limit: 200, about: "our postal address", text: field(func(v *Vars) string { return v.Company.Address })},
	{name: "received", kind: kindTime, about: "when the message reached us", moment: func(v *Vars) time.Time { return v.Received }},
	{name: "due", kind: kindTime, about: "end of the reply window", moment: func(v *Vars) time.Time { return v.DueBy }},
	{name: "person_due", kind: kindTime, about: "when a person answers at the latest", moment: func(v *Vars) time.Time { return v.PersonDueBy }},
	{name: "visit.arrange_by", kind: kindTime, about: "visit: date and person are fixed by then", moment: func(v *Vars) time.Time { return v.Visit.ArrangeBy }},
	{name: "visit.on_site_by", kind: kindTime, about: "visit: our person is on site by then", moment: func(v *Vars) time.Time { return v.Visit.OnSiteBy }},
	{name: "visit.at", kind: kindTime, about: "visit: the time that was arranged", moment: func(v *Vars) time.Time { return v.Visit.At }},
	{name: "visit.person", limit: 80, about: "visit: who comes", text: field(func(v *Vars) string { return v.Visit.Person })},
	{name: "visit.site", stranger: true, limit: 120, about: "visit: where", text: field(func(v *Vars) string { return v.Visit.Site })},
	{name: "visit.plan", kind: kindPairs, stranger: true, limit: 120, about: "visit: when, who and where, with labels", pairs: visitPlan},
	{name: "now", kind: kindTime, about: "when this mail is written", moment: func(v *Vars) time.Time { return v.Now }},
	{name: "statutory", limit: 500, about: "line on statutory rights of the customer's country", text: func(s *scene) string { return s.set.statutoryLine(s.vars.Country, s.lang.Language) }},

	{name: "recipient", seenBy: staffOnly, limit: 80, about: "who gets this mail", text: field(func(v *Vars) string { return v.Staff.Recipient })},
	{name: "clock", seenBy: staffOnly, limit: 80, about: "which clock runs, in words", text: func(s *scene) string { return s.lang.Clocks[s.vars.Staff.Clock] }},
	{name: "share", seenBy: staffOnly, limit: 20, about: "share of the window that is used", text: field(func(v *Vars) string { return v.Staff.Share })},
	{name: "summary", seenBy: staffOnly, limit: 300, about: "the case in one line", text: field(func(v *Vars) string { return v.Staff.Summary })},
	{name: "customer", seenBy: staffOnly, limit: 200, about: "customer's name and address", text: field(func(v *Vars) string { return v.Staff.Customer })},
	{name: "excerpt", kind: kindLines, seenBy: staffOnly, limit: 2000, about: "the new words of the message", text: field(func(v *Vars) string { return v.Staff.Excerpt })},
	{name: "reason", seenBy: staffOnly, limit: 200, about: "reason of the decision", text: field(func(v *Vars) string { return v.Staff.Reason })},
	{name: "evidence", kind: kindList, seenBy: staffOnly, limit: 300, about: "what the reason rests on", list: lines(func(v *Vars) []string { return v.Staff.Evidence })},
	{name: "commands", kind: kindList, seenBy: staffOnly, limit: 200, about: "what to do: commands", list: lines(func(v *Vars) []string { return v.Staff.Commands })},
	{name: "failed_to", seenBy: staffOnly, limit: 120, about: "the address that a mail did not reach", text: field(func(v *Vars) string { return v.Staff.FailedTo })},
	{name: "check", seenBy: staffOnly, limit: 80, about: "health check of an alert", text: field(func(v *Vars) string { return v.Staff.Check })},
	{name: "detail", kind: kindLines, seenBy: staffOnly, limit: 2000, about: "error text or diagnostic", text: field(func(v *Vars) string { return v.Staff.Detail })},
	{name: "digest.windows", kind: kindList, seenBy: staffOnly, limit: 300, about: "digest: open windows", list: lines(func(v *Vars) []string { return v.Staff.Windows })},
	{name: "digest.visits", kind: kindList, seenBy: staffOnly, limit: 300, about: "digest: visits by due time", list: lines(func(v *Vars) []string { return v.Staff.Visits })},
	{name: "digest.held", kind: kindList, seenBy: staffOnly, limit: 300, about: "digest: held replies", list: lines(func(v *Vars) []string { return v.Staff.Held })},
	{name: "digest.junk", kind: kindList, seenBy: staffOnly, limit: 300, about: "digest: taken for machine mail", list: lines(func(v *Vars) []string { return v.Staff.Junk })},

	{name: "language", seenBy: layoutOnly, limit: 20, about: "tag of the mail's language", text: func(s *scene) string { return s.lang.Language }},
	{name: "direction", seenBy: layoutOnly, limit: 3, about: "ltr or rtl", text: func(s *scene) string { return s.lang.Direction }},
	{name: "title", seenBy: layoutOnly, stranger: true, limit: 200, about: "subject of the mail"},
	{name: "logo", kind: kindURL, seenBy: layoutOnly, limit: 80, about: "link to the inline logo, when layout/ has one", text: func(s *scene) string { return s.set.logoLink() }},
}

// lookup finds a variable's number.
func lookup(name string) (int, bool) {
	for i := range table {
		if table[i].name == name {
			return i, true
		}
	}
	return 0, false
}

// namesFor lists the variables that a file of this audience may use.
func namesFor(a audience) []string {
	var names []string
	for _, v := range table {
		if v.seenBy == everyone || v.seenBy == a || a == staffOnly && v.seenBy == staffOnly {
			names = append(names, v.name)
		}
	}
	return names
}

func understood(s *scene) string {
	if s.vars.Understood != "" {
		return s.vars.Understood
	}
	words := s.lang.Classes[s.vars.Class]
	if words == "" {
		words = s.lang.Classes[ClassOther]
	}
	var also []string
	for _, c := range s.vars.Also {
		if w := s.lang.Classes[c]; w != "" && c != s.vars.Class && len(also) < 5 {
			also = append(also, w)
		}
	}
	if len(also) == 0 {
		return words
	}
	return words + s.lang.AlsoBefore + s.lang.join(also)
}

// missingFacts names them in the language; a fact that the language file does not know is left out rather than shown raw.
func missingFacts(s *scene) []string {
	var names []string
	for _, f := range s.vars.Missing {
		if n := s.lang.Missing[f]; n != "" {
			names = append(names, n)
		}
	}
	return names
}

// known keeps the pairs that have a value.
func known(pairs ...[2]string) [][2]string {
	var kept [][2]string
	for _, p := range pairs {
		if cleanLine(p[1], 20) != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

func visitPlan(s *scene) [][2]string {
	v, l, at := s.vars.Visit, s.lang.Facts, ""
	if !v.At.IsZero() {
		at = s.lang.moment(v.At, asIs, s.vars.Zone)
	}
	return known([2]string{l["when"], at}, [2]string{l["who"], v.Person}, [2]string{l["where"], v.Site})
}

func knownFacts(s *scene) [][2]string {
	v, l := s.vars, s.lang.Facts
	site := v.City
	switch {
	case site == "":
		site = v.Province
	case v.Province != "" && v.Province != v.City:
		site += s.lang.Separator + v.Province
	}
	return known([2]string{l["case"], v.CaseRef}, [2]string{l["product"], v.Product}, [2]string{l["serial"], v.Serial},
		[2]string{l["contract"], v.Contract}, [2]string{l["site"], site}, [2]string{l["phone"], v.Phone})
}
