package app

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// digests sends the morning mail of each office whose hour has come on a day that its calendar works. A day's digest is a
// row for each recipient: it is sent once, also after a restart, and one that was missed is caught up on the same day only.
func (a *App) digests(ctx context.Context) error {
	if a.cfg.Schedule.Digest == "" {
		return nil
	}
	sched, err := cron.ParseStandard(a.cfg.Schedule.Digest)
	if err != nil {
		return fmt.Errorf("schedule.digest: %w", err)
	}
	e, now := a.engine.Load(), a.now()
	for _, q := range a.digestQueries(e, sched, now) {
		done := q.Office + "\n" + q.Recipient
		if a.digested[done].Equal(q.Day) {
			continue
		}
		said, err := a.store.Digest(ctx, q, func(d responder.Digest, next int64) (responder.Mail, bool) {
			m, err := e.Digest(q.Recipient, d, next, now)
			if err != nil {
				a.log.Error("writing a digest", "office", q.Office, "err", err)
			}
			return m, err == nil
		}, now)
		if err != nil {
			return err
		}
		if a.digested == nil {
			a.digested = map[string]time.Time{}
		}
		a.digested[done] = q.Day
		if said && a.outbox != nil {
			a.outbox.Wake()
		}
	}
	return nil
}

// digestQueries are the digests of the day that are due by now, on record or not.
func (a *App) digestQueries(e *responder.Engine, sched cron.Schedule, now time.Time) (out []store.DigestQuery) {
	offices := e.Offices
	if len(offices) == 0 {
		offices = []sla.Office{{Centre: true}}
	}
	var names []string
	for _, o := range offices {
		names = append(names, o.Name)
	}
	for _, o := range offices {
		cal, zone := e.Plan.Calendar(o.Name), a.cfg.Company.Location
		if cal != nil && cal.Zone != nil {
			zone = cal.Zone
		}
		y, m, d := now.In(zone).Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, zone)
		at := sched.Next(day.Add(-time.Nanosecond))
		if at.IsZero() || at.After(now) || !at.Before(day.AddDate(0, 0, 1)) || !cal.Works(at) {
			continue
		}
		for _, to := range a.digestReaders(e, o, at) {
			out = append(out, store.DigestQuery{Office: o.Name, Rest: o.Centre, Offices: names, Recipient: to, Day: day, At: at})
		}
	}
	return out
}

// digestReaders are the staff of an office, or where it names none the first of the common order; deputies for the absent.
func (a *App) digestReaders(e *responder.Engine, o sla.Office, at time.Time) []string {
	chain := e.Plan.Chain("", o.Name)
	for _, c := range a.cfg.Offices {
		if c.Name != o.Name || len(c.Staff) == 0 {
			continue
		}
		var to []string
		for _, name := range c.Staff {
			if addr, ok := a.cfg.Address(name); ok {
				to = append(to, addr)
			}
		}
		return e.Plan.Present(to, at, chain)
	}
	return e.Plan.Present(chain[:min(1, len(chain))], at, chain)
}
