package app

import (
	"fmt"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/internal/ical"
	"aftercare/responder"
	"aftercare/store"
)

// maxOccurrences bounds the visits that one look at a contract opens; the next look goes on.
const maxOccurrences = 50

// lastDay is beyond every day of a contract that has no end.
const lastDay = "2200-12-31"

// planMaintenance says which visits of planned maintenance a contract opens by now (policy 4.1, 4.3): one for each day of
// its rule within the term, the configured time ahead. Days are those of the contract's zone. Days that were missed while
// nothing ran are caught up.
func planMaintenance(e *responder.Engine, conf config.Maintenance, m store.Maintenance, now time.Time) (store.MaintenancePlan, error) {
	p := store.MaintenancePlan{After: m.After}
	rule, err := ical.ParseRule(m.Rule)
	if err != nil {
		return p, fmt.Errorf("%s %w", m.Rule, err)
	}
	first, err := time.Parse(time.DateOnly, m.From)
	if err != nil {
		return p, fmt.Errorf("it begins on %q, which is no day", m.From)
	}
	days, err := rule.Days(first, fromDay(p.After, m.Contract.Start), toDay(m.Contract.End, m.Zone), maxOccurrences)
	if err != nil {
		return p, err
	}
	for _, day := range days {
		o := occurrence(day, conf, m)
		if opens := o.At.Add(-conf.Lead); opens.After(now) {
			p.Next = opens
			break
		}
		c, v := e.Planned(o, now)
		p.After = day.Format(time.DateOnly)
		p.Visits = append(p.Visits, store.PlannedVisit{Day: p.After, Case: c, Visit: v})
	}
	if p.Next.IsZero() && len(days) == maxOccurrences {
		p.Next = now // there are more
	}
	return p, nil
}

// fromDay is the day after one that is dealt with, or the first of the term where that is later.
func fromDay(after string, start time.Time) time.Time {
	from := parsedDay(after).AddDate(0, 0, 1)
	if start.IsZero() {
		return from
	}
	if s := parsedDay(start.Format(time.DateOnly)); s.After(from) {
		return s
	}
	return from
}

// toDay is the last day of a term that ends at a moment; a term without an end goes on.
func toDay(end time.Time, zone *time.Location) time.Time {
	if end.IsZero() {
		return parsedDay(lastDay)
	}
	return parsedDay(end.In(zone).AddDate(0, 0, -1).Format(time.DateOnly))
}

// parsedDay reads a day that a program wrote.
func parsedDay(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t
}

// occurrence is a day as it is in the zone of the contract.
func occurrence(day time.Time, conf config.Maintenance, m store.Maintenance) responder.Occurrence {
	return responder.Occurrence{
		Contract: m.Contract, Addresses: m.Addresses, Subject: conf.Subject,
		At: onDay(day, conf.Hour, m.Zone), By: onDay(day, 23*60+59, m.Zone),
	}
}

// onDay is a time of a day in a zone. One that falls into the gap where clocks are put forward is the hour after it.
func onDay(day time.Time, at config.ClockTime, zone *time.Location) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, int(at), 0, 0, zone)
	if t.Day() != d {
		t = t.Add(time.Hour)
	}
	return t
}

// CheckMaintenance checks a rule of planned maintenance that begins on a day, for a term that ends on last, and returns it
// as it is kept. A rule that has no day in the term is refused.
func CheckMaintenance(text, from, last string) (string, error) {
	rule, err := ical.ParseRule(text)
	if err != nil {
		return "", err
	}
	if last == "" {
		last = lastDay
	}
	first := parsedDay(from)
	days, err := rule.Days(first, first, parsedDay(last), 1)
	if err != nil {
		return "", err
	}
	if len(days) == 0 {
		return "", fmt.Errorf("has no day from %s to %s", from, last)
	}
	return rule.String(), nil
}

// NextMaintenance lists the next days of planned maintenance of a contract from today on, in its zone, at most so many.
func NextMaintenance(k *store.ContractRow, now time.Time, most int) ([]string, error) {
	rule, err := ical.ParseRule(k.Maintenance)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(k.Zone)
	if err != nil {
		return nil, err
	}
	from, last := now.In(zone).Format(time.DateOnly), k.LastDay
	if k.FirstDay > from {
		from = k.FirstDay
	}
	if last == "" {
		last = lastDay
	}
	days, err := rule.Days(parsedDay(k.MaintenanceFrom), parsedDay(from), parsedDay(last), most)
	var out []string
	for _, d := range days {
		out = append(out, d.Format(time.DateOnly))
	}
	return out, err
}
