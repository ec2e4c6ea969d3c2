package sla

import "time"

// Plan is the promises and the warnings as configured; its defaults are the policy's.
type Plan struct {
	Reply    time.Duration // the reply window, wall-clock (policy 4.2)
	Margin   time.Duration // before the end of the reply window: the last moment for an acknowledgement by the program
	Warnings []float64     // shares of a window at which staff are warned, ascending; 1 is the breach, which is told anyhow
	City     time.Duration // the two clocks of a visit by zone (policy 4.3)
	Province time.Duration
	Else     time.Duration
	Repeat   time.Duration // an overdue visit is told again this often, up the chain, until somebody takes it
	Morning  time.Duration // after local midnight: when "on the day" is said
	Before   time.Duration // before an arranged visit: when the person who goes is reminded
	Again    time.Duration // after a breach that nobody takes: the next of the chain, and so on with doubled pauses; 0: never
	Summary  time.Duration // after such a breach: one summary for the manager; 0: none
	Manager  string        // the staff address that gets it; "" is the last of the chain
	Zone     *time.Location
	Chains   []Chain // the first that fits is used; the last should fit everything
	Hours    map[string]*Calendar
	People   map[string]string // staff names in lower case to addresses: who goes on a visit is reminded
	Away     []Absence
}

// Chain is an escalation order for the cases that it fits. An empty Class or Office fits every one.
type Chain struct {
	Class  string
	Office string
	To     []string     // staff addresses, the first is told first
	Steps  []Escalation // who hears when, instead of the common warnings up the chain
}

// DefaultPlan is policy.md's numbers with no chain.
func DefaultPlan() Plan {
	return Plan{
		Reply: 2 * time.Hour, Margin: 30 * time.Minute, Warnings: []float64{0.5, 0.75, 1},
		City: 24 * time.Hour, Province: 48 * time.Hour, Else: 72 * time.Hour,
		Repeat: 4 * time.Hour, Morning: 7 * time.Hour, Before: 2 * time.Hour, Zone: time.UTC,
	}
}

// Chain returns the escalation order for a class and an office.
func (p *Plan) Chain(class, office string) []string { return p.chain(class, office).To }

func (p *Plan) chain(class, office string) Chain {
	for _, c := range p.Chains {
		if (c.Class == "" || c.Class == class) && (c.Office == "" || c.Office == office) {
			return c
		}
	}
	return Chain{}
}

// First returns who is told first of matters of a class and an office: the head of the chain, or nobody.
func (p *Plan) First(class, office string) []string {
	c := p.Chain(class, office)
	if len(c) > 1 {
		return c[:1]
	}
	return c
}

// ReplyDue is the end of the reply window of a message that reached the company at start.
func (p *Plan) ReplyDue(start time.Time) time.Time { return start.Add(p.Reply) }

// PersonDue is when a person owes an answer, d of office hours after start where the office has a calendar, else d of
// wall-clock time.
func (p *Plan) PersonDue(start time.Time, d time.Duration, office string) time.Time {
	return p.calendar(office).Add(start, d)
}

// Calendar is the hours that an office's people work by, nil where every minute counts.
func (p *Plan) Calendar(office string) *Calendar { return p.calendar(office) }

func (p *Plan) calendar(office string) *Calendar {
	if c, ok := p.Hours[office]; ok {
		return c
	}
	return p.Hours[""]
}

// VisitTime is what policy 4.3 allows for a zone; an unknown place gets the strictest.
func (p *Plan) VisitTime(z Zone) time.Duration {
	switch z {
	case ZoneProvince:
		return p.Province
	case ZoneElse:
		return p.Else
	}
	return p.City
}

// VisitDues are the ends of both clocks of a visit in a zone: when it has to be arranged, and begun. A planned visit has its
// day wherever it is, and is arranged by then at the latest.
func (p *Plan) VisitDues(v Visit, z Zone) (arrange, onSite time.Time) {
	arrange = v.Requested.Add(p.VisitTime(z))
	if v.Planned.IsZero() {
		return arrange, arrange
	}
	if v.OnSiteDue.Before(arrange) {
		arrange = v.OnSiteDue
	}
	return arrange, v.OnSiteDue
}

// Office is a place that sends people out.
type Office struct {
	Name     string
	City     string
	Province string
	Phone    string
	Staff    []string
	Centre   bool // the customer service center (policy 1.3)
}

// Responsible picks the office for a site: same city, else same province, else the center (policy 4.3), and the zone of
// the site as seen from it. Where the place does not say how far it is (nothing known, a province without the city, a
// city without its province that no office is in) the zone is ZoneUnknown. With no office at all it returns the zero
// Office.
func Responsible(offices []Office, city, province string) (Office, Zone) {
	var centre, inProvince *Office
	for i := range offices {
		o := &offices[i]
		if city != "" && o.City == city && (province == "" || o.Province == "" || o.Province == province) {
			return *o, ZoneCity
		}
		if province != "" && o.Province == province && inProvince == nil {
			inProvince = o
		}
		if o.Centre && centre == nil {
			centre = o
		}
	}
	if inProvince != nil {
		if city == "" {
			return *inProvince, ZoneUnknown // somewhere in the province: the city could be the office's own
		}
		return *inProvince, ZoneProvince
	}
	if centre == nil && len(offices) > 0 {
		centre = &offices[0]
	}
	var o Office
	if centre != nil {
		o = *centre
	}
	if province == "" {
		return o, ZoneUnknown
	}
	return o, ZoneElse
}
