package health

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Alerts is how an Alerter works.
type Alerts struct {
	After    time.Duration // a trouble that passes within it is not told
	Channels []Channel
	Host     string // the name of this machine, for the alerts
	File     string // where told troubles are kept over a restart; empty: nowhere
	Now      func() time.Time
	Log      *slog.Logger
}

// Alerter watches a Board and tells each trouble once and its end once on every channel.
type Alerter struct {
	board    *Board
	set      Alerts
	troubles map[string]*trouble
	restored map[string]bool // told before the restart, and their check not heard of since
	patience time.Time       // until when restored troubles wait for their check
}

// NewAlerter returns an Alerter for a Board; Run does the work.
func NewAlerter(b *Board, set Alerts) *Alerter {
	return &Alerter{board: b, set: set, troubles: map[string]*trouble{}, restored: map[string]bool{}}
}

// Run watches until ctx ends, then gives what is still queued one short try and returns when every delivery has ended.
func (a *Alerter) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	deliver, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop() // the lanes end after the last look, so that nothing is queued for one that is gone
	lanes := make([]*lane, len(a.set.Channels))
	for i, c := range a.set.Channels {
		l := newLane(c, a.set.Now, a.set.Log)
		lanes[i] = l
		wg.Go(func() { l.run(deliver) })
	}
	a.load()
	for {
		changed := a.board.Changed() // before the look, so that no change falls between
		alerts, next := a.look(a.set.Now())
		for _, alert := range alerts {
			a.set.Log.Warn("health", "state", string(alert.State), "check", alert.Check, "detail", alert.Detail, "since", alert.Since)
			for _, l := range lanes {
				l.push(alert)
			}
		}
		if len(alerts) > 0 {
			a.save()
		}
		if !wait(ctx, next, a.set.Now(), changed) {
			return
		}
	}
}

// wait returns true at a time (zero: never) or a change, false when ctx has ended.
func wait(ctx context.Context, next, now time.Time, changed <-chan struct{}) bool {
	var due <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(max(next.Sub(now), time.Millisecond))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-changed:
	case <-due:
	}
	return true
}

// look brings every trouble up to a time. It returns what is to be told, and when to look again (zero: at a change).
func (a *Alerter) look(now time.Time) ([]Alert, time.Time) {
	checks, next := a.board.view(now)
	if now.After(a.patience) {
		clear(a.restored)
	}
	var alerts []Alert
	seen := map[string]bool{}
	for _, c := range checks {
		seen[c.Name] = true
		if a.troubles[c.Name] == nil {
			a.troubles[c.Name] = &trouble{}
		}
		if !c.pending {
			delete(a.restored, c.Name)
		}
		alerts = append(alerts, a.troubles[c.Name].advance(c, a.set.After, now)...)
	}
	for name, t := range a.troubles {
		if !seen[name] && !a.restored[name] {
			gone := Check{Name: name, OK: true, Since: now}
			alerts = append(alerts, t.advance(gone, a.set.After, now)...)
			if t.level == 0 {
				delete(a.troubles, name)
			}
		}
		at := t.next(a.set.After)
		if a.restored[name] {
			at = a.patience.Add(time.Millisecond)
		}
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for i := range alerts {
		alerts[i].Host = a.set.Host
	}
	return alerts, next
}
