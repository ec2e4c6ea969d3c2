package main

import (
	"fmt"
	"strings"
	"time"

	"aftercare/sla"
)

// visit writes both clocks of a visit: what started them, each change on record, what was said, what stopped them.
func (p *clockPrinter) visit(v sla.Visit) {
	p.env.printf("visit %d, %s: to be arranged and to be on site within %v (policy 4.3)\n", v.ID, v.Zone, p.plan.VisitTime(v.Zone))
	p.at(v.Requested, "both clocks start: a visit is asked for; 1 day is 24 hours, day and night")
	p.changes(v)
	if !v.Taken.IsZero() {
		p.at(v.Taken, "somebody took it: it is not said again that it is overdue")
	}
	p.told(fmt.Sprintf("visit:%d", v.ID))
	if !v.Arranged.IsZero() {
		p.at(v.Arranged, "the first clock stops: a time and a person are on record (%s), %s", or(v.Person, "nobody named"), lateWords(v.Arranged, v.ArrangeDue, false))
	}
	if !v.At.IsZero() {
		p.at(v.At, "the arranged begin, %s", lateWords(v.At, v.OnSiteDue, v.Wish))
	}
	p.at(v.ArrangeDue, "the first clock ends (to be arranged)")
	p.at(v.OnSiteDue, "the second clock ends (to be on site)")
	if !v.Begun.IsZero() {
		p.at(v.Begun, "the second clock stops: the visit began, %s", lateWords(v.Begun, v.OnSiteDue, v.Wish))
	}
	if _, next := p.plan.VisitSteps(v, p.env.now()); !next.IsZero() {
		p.at(next, "to come: the next reminder")
	}
	p.flush()
	if !visitOpen(v) {
		p.env.printf("  it is %s\n", v.State)
	}
}

// changes writes what moved the clocks of a visit: its place became known, its time was moved, it was cancelled.
func (p *clockPrinter) changes(v sla.Visit) {
	name := fmt.Sprintf("visit %d", v.ID)
	for _, e := range p.events {
		rest, ok := strings.CutPrefix(e.Detail, name)
		if !ok || rest != "" && rest[0] != ' ' {
			continue
		}
		switch e.What {
		case "visit-placed":
			p.at(e.At, "its place is known:%s; both clocks have the time of that place", rest)
		case "visit-arranged":
			p.at(e.At, "on record%s", rest)
		case "visit-cancelled":
			p.at(e.At, "cancelled%s", rest)
		}
	}
}

func lateWords(t, due time.Time, wish bool) string {
	switch {
	case !t.After(due):
		return "in time"
	case wish:
		return "later than promised, as the customer wishes: no breach"
	}
	return "LATE by " + t.Sub(due).Round(time.Minute).String()
}
