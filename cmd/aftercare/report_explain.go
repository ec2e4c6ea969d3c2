package main

import (
	"fmt"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// explain prints how the clocks of a case were counted: each start, each day with what counted of it, each stop.
func (r *reportCmd) explain(env *environment, c *config.Config, st *store.Store) error {
	id, err := r.Explain.number()
	if err != nil {
		return err
	}
	f, err := st.Case(env.ctx, id)
	if err != nil {
		return missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	}
	plan, err := c.Plan()
	if err != nil {
		return err
	}
	p := clockPrinter{env: env, zone: c.Company.Location, plan: &plan}
	for _, w := range f.Windows {
		p.window(w, f.Channel)
	}
	for _, v := range f.Visits {
		p.visit(v)
	}
	return nil
}

// clockPrinter writes how clocks were counted.
type clockPrinter struct {
	env  *environment
	zone *time.Location
	plan *sla.Plan
}

func (p *clockPrinter) at(t time.Time, format string, args ...any) {
	p.env.printf("  %s  ", t.In(p.zone).Format("2006-01-02 15:04:05"))
	p.env.printf(format+"\n", args...)
}

func (p *clockPrinter) window(w sla.Window, channel string) {
	about := "a contact by " + channel
	if w.Message != 0 {
		about = fmt.Sprintf("message %d", w.Message)
	}
	p.env.printf("%s, opened by %s (policy 4.2)\n", w.Clock, about)
	cal := p.calendar(w)
	if cal == nil {
		p.at(w.Opened, "starts: it reached the company; wall-clock time, day and night, every day")
	} else {
		p.at(w.Opened, "starts: it reached the company; only office hours count")
	}
	if !w.Taken.IsZero() {
		p.at(w.Taken, "somebody took the case: warnings stop, the clock runs on")
	}
	end, now := w.Due, p.env.now()
	if !w.Met.IsZero() {
		end = w.Met
	} else if !w.Dropped.IsZero() {
		end = w.Dropped
	}
	if cal != nil {
		p.days(cal, w.Opened, end)
	}
	p.end(w, cal, now)
}

// calendar is the one that a window is counted by; the reply clock never rests.
func (p *clockPrinter) calendar(w sla.Window) *sla.Calendar {
	if w.Clock != sla.ClockPerson {
		return nil
	}
	if cal := p.plan.Hours[w.Office]; cal != nil {
		return cal
	}
	return p.plan.Hours[""]
}

func (p *clockPrinter) end(w sla.Window, cal *sla.Calendar, now time.Time) {
	used := func(to time.Time) time.Duration { return cal.Between(w.Opened, to).Round(time.Second) }
	p.at(w.Due, "ends: %v have run", used(w.Due))
	switch {
	case !w.Met.IsZero() && w.Met.After(w.Due):
		p.at(w.Met, "stops: met LATE, after %v", used(w.Met))
	case !w.Met.IsZero():
		p.at(w.Met, "stops: met, after %v", used(w.Met))
	case !w.Dropped.IsZero():
		p.at(w.Dropped, "stops without being met: the case was closed, or none was owed; %v had run", used(w.Dropped))
	case now.After(w.Due):
		p.at(now, "now: MISSED, %v have run and it still runs", used(now))
	default:
		p.at(now, "now: it runs, %v have run, %v are left", used(now), cal.Between(now, w.Due).Round(time.Second))
	}
}

// maxDays bounds the days that are listed one by one.
const maxDays = 60

// days lists what counts of each day between two times.
func (p *clockPrinter) days(cal *sla.Calendar, from, to time.Time) {
	zone := cal.Zone
	if zone == nil {
		zone = time.UTC
	}
	day := from.In(zone)
	for n := 0; day.Before(to); n++ {
		if n == maxDays {
			p.env.printf("  ... and so on\n")
			return
		}
		next := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone)
		until := next
		if to.Before(next) {
			until = to
		}
		key := day.Format(time.DateOnly)
		word := ""
		switch {
		case len(cal.MakeUp[key]) > 0:
			word = ", a day worked in exchange for a holiday"
		case cal.Holidays[key]:
			word = ", a holiday"
		}
		p.at(day, "%s%s: %v count", day.Weekday(), word, cal.Between(day, until).Round(time.Second))
		day = next
	}
}

func (p *clockPrinter) visit(v sla.Visit) {
	p.env.printf("visit %d, %s (policy 4.3)\n", v.ID, v.Zone)
	p.at(v.Requested, "both clocks start: a visit is asked for; 1 day is 24 hours, day and night")
	if !v.Arranged.IsZero() {
		p.at(v.Arranged, "the first clock stops: a time and a person are on record (%s), %s", or(oneLine(v.Person), "nobody named"), lateWords(v.Arranged, v.ArrangeDue, false))
	}
	if !v.At.IsZero() {
		p.at(v.At, "the arranged begin, %s", lateWords(v.At, v.OnSiteDue, v.Wish))
	}
	if !v.Begun.IsZero() {
		p.at(v.Begun, "the second clock stops: the visit began, %s", lateWords(v.Begun, v.OnSiteDue, v.Wish))
	}
	p.at(v.ArrangeDue, "the first clock ends (to be arranged)")
	p.at(v.OnSiteDue, "the second clock ends (to be on site)")
	if !visitOpen(v) {
		p.env.printf("  it is %s\n", v.State)
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
