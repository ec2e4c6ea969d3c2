package config

import (
	"fmt"
	"strings"
	"time"

	"aftercare/sla"
)

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// build turns the calendar of the file into the one that the windows are counted by.
func (c Calendar) build(zone *time.Location) (*sla.Calendar, error) {
	if c.TimeZone != "" {
		z, err := time.LoadLocation(c.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("expected a zone of the IANA database, not %q", c.TimeZone)
		}
		zone = z
	}
	out := &sla.Calendar{Zone: zone, Holidays: map[string]bool{}, MakeUp: map[string][]sla.Span{}}
	for day, hours := range c.Hours {
		i := weekday(day)
		if i < 0 {
			return nil, fmt.Errorf("expected days %s, not %q", strings.Join(weekdays, ", "), day)
		}
		spans, err := parseSpans(hours)
		if err != nil {
			return nil, err
		}
		out.Week[i] = spans
	}
	for _, d := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return nil, fmt.Errorf("expected holidays such as 2026-10-01, not %q", d)
		}
		out.Holidays[d] = true
	}
	for d, hours := range c.MakeUp {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return nil, fmt.Errorf("expected make-up days such as 2026-10-10, not %q", d)
		}
		spans, err := parseSpans(hours)
		if err != nil {
			return nil, err
		}
		out.MakeUp[d] = spans
	}
	return out, nil
}

func weekday(s string) int {
	for i, d := range weekdays {
		if strings.HasPrefix(strings.ToLower(s), d) {
			return i
		}
	}
	return -1
}

// parseSpans reads "09:00-12:30" pieces, which must follow one another.
func parseSpans(hours []string) ([]sla.Span, error) {
	var out []sla.Span
	end := 0
	for _, h := range hours {
		from, to, _ := strings.Cut(h, "-")
		var a, b ClockTime
		if a.UnmarshalText([]byte(from)) != nil || b.UnmarshalText([]byte(to)) != nil || int(a) < end || b <= a {
			return nil, fmt.Errorf(`expected hours such as "09:00-12:00", one after the other, not %q`, h)
		}
		end = int(b)
		out = append(out, sla.Span{From: int(a), To: int(b)})
	}
	return out, nil
}

// Plan is the promises, the chains and the office hours of the configuration.
func (c *Config) Plan() (sla.Plan, error) {
	p := sla.DefaultPlan()
	p.Reply, p.Margin = c.Reply.Window, c.Reply.Margin
	p.Warnings = nil
	for _, w := range c.Reply.Warnings {
		p.Warnings = append(p.Warnings, w/100)
	}
	p.City, p.Province, p.Else, p.Repeat = c.Visits.SameCity, c.Visits.SameProvince, c.Visits.Elsewhere, c.Visits.Repeat
	p.Morning = time.Duration(c.Visits.Morning) * time.Minute
	p.Zone = c.Company.Location
	if err := c.staffPlan(&p); err != nil {
		return p, err
	}
	for _, ch := range append(c.Chains[:len(c.Chains):len(c.Chains)], c.officeChains()...) {
		p.Chains = append(p.Chains, sla.Chain{Class: ch.Class, Office: ch.Office, To: c.addresses(ch.To), Steps: c.steps(ch.Steps)})
	}
	p.Chains = append(p.Chains, sla.Chain{To: c.addresses(c.Escalation), Steps: c.steps(c.Steps)})
	p.Hours = map[string]*sla.Calendar{}
	cals := map[string]*sla.Calendar{}
	for _, cal := range c.Calendars {
		b, err := cal.build(c.Company.Location)
		if err != nil {
			return p, fmt.Errorf("calendar %s: %w", cal.Name, err)
		}
		cals[cal.Name] = b
	}
	if b := cals[c.Person.Calendar]; b != nil {
		p.Hours[""] = b
	}
	for _, o := range c.Offices {
		if b := cals[o.Calendar]; b != nil {
			p.Hours[o.Name] = b
		}
	}
	return p, nil
}

// officeChains are the chains of visits: the staff of the office first, then the common order.
func (c *Config) officeChains() []Chain {
	var out []Chain
	for _, o := range c.Offices {
		if len(o.Staff) > 0 {
			to := append(o.Staff[:len(o.Staff):len(o.Staff)], c.Escalation...)
			out = append(out, Chain{Class: "visit", Office: o.Name, To: to})
		}
	}
	return out
}

func (c *Config) addresses(names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		if a, ok := c.Address(n); ok && !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}
