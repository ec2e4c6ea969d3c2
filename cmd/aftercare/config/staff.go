package config

import (
	"fmt"
	"strings"
	"time"

	"aftercare/sla"
)

// Step is one step of an escalation order that says by itself when whom it tells: at a share of the window, or a time after
// its end.
type Step struct {
	Share float64       `yaml:"share"` // percent; 100 is the end
	After time.Duration `yaml:"after"`
	To    []string      `yaml:"to"`
}

// Missed is what follows when nobody takes up a window that was missed.
type Missed struct {
	Again   time.Duration `yaml:"again"`
	Summary time.Duration `yaml:"summary"`
	Manager string        `yaml:"manager"`
}

// Away is a time in which a member of staff is not there. From and To are days (To is the last one) or times of the
// company's zone, "2026-12-24" or "2026-12-24 13:00".
type Away struct {
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	Deputy string `yaml:"deputy"`
}

// ParseAway reads the two ends of an absence: days or times of the zone. The last day belongs to it. The end is exclusive.
func ParseAway(from, to string, zone *time.Location) (begin, end time.Time, err error) {
	begin, _, err = dayOrTime(from, zone)
	if err != nil {
		return begin, end, err
	}
	end, day, err := dayOrTime(to, zone)
	if err != nil {
		return begin, end, err
	}
	if day {
		y, m, d := end.Date()
		end = time.Date(y, m, d+1, 0, 0, 0, 0, zone)
	}
	if !begin.Before(end) {
		return begin, end, fmt.Errorf("expected an end after the begin, not %s to %s", from, to)
	}
	return begin, end, nil
}

func dayOrTime(s string, zone *time.Location) (t time.Time, day bool, err error) {
	s = strings.TrimSpace(s)
	if t, err = time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, true, nil
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err = time.ParseInLocation(form, s, zone); err == nil {
			return t, false, nil
		}
	}
	return t, false, fmt.Errorf(`expected a day or a time such as 2026-12-24 or "2026-12-24 13:00", not %q`, s)
}

// staffPlan adds the people to a plan: who is where by name, who is away, and what follows a missed window.
func (c *Config) staffPlan(p *sla.Plan) error {
	p.Before, p.Again, p.Summary = c.Visits.Before, c.Missed.Again, c.Missed.Summary
	p.Manager, _ = c.Address(c.Missed.Manager)
	p.People = map[string]string{}
	for _, s := range c.Staff {
		p.People[strings.ToLower(s.Name)] = s.Address
		for _, a := range s.Away {
			begin, end, err := ParseAway(a.From, a.To, c.Company.Location)
			if err != nil {
				return fmt.Errorf("staff %s: away: %w", s.Name, err)
			}
			deputy, _ := c.Address(a.Deputy)
			p.Away = append(p.Away, sla.Absence{Who: s.Address, From: begin, To: end, Deputy: deputy})
		}
	}
	return nil
}

// steps turns the steps of an order into those of a plan.
func (c *Config) steps(in []Step) []sla.Escalation {
	var out []sla.Escalation
	for _, s := range in {
		out = append(out, sla.Escalation{Share: s.Share / 100, After: s.After, To: c.addresses(s.To)})
	}
	return out
}

func (k *checker) steps(at string, steps []Step) {
	for i, s := range steps {
		key := fmt.Sprintf("%s[%d]", at, i)
		if (s.Share != 0) == (s.After != 0) || s.Share < 0 || s.Share > 100 || s.After < 0 {
			k.doc.Bad(key, "", "expected share (percent of the window, up to 100) or after (a time after its end), one of the two")
		}
		if len(s.To) == 0 {
			k.doc.Bad(key+".to", "", "expected at least one member of staff")
		}
		k.names(key+".to", s.To)
	}
}

// staffTimes checks the absences, and what follows a missed window.
func (k *checker) staffTimes() {
	for i, s := range k.c.Staff {
		for j, a := range s.Away {
			at := fmt.Sprintf("staff[%d].away[%d]", i, j)
			if _, _, err := ParseAway(a.From, a.To, k.c.Company.Location); err != nil {
				k.doc.Bad(at, "", err.Error())
			}
			if a.Deputy != "" {
				k.names(at+".deputy", []string{a.Deputy})
			}
			if a.Deputy == s.Name {
				k.doc.Bad(at+".deputy", a.Deputy, "expected somebody else")
			}
		}
	}
	m := k.c.Missed
	k.between("missed.again", m.Again, 0, 30*24*time.Hour)
	k.between("missed.summary", m.Summary, 0, 30*24*time.Hour)
	if m.Manager != "" {
		k.names("missed.manager", []string{m.Manager})
	}
}
