package sla

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names of steps. A window's warnings are "reply-50", "reply-75", "person-50" ...: clock and share.
const (
	StepReplyBreach    = "reply-breach"
	StepPersonBreach   = "person-breach"
	StepAckFurther     = "ack-further" // to the customer: nobody has answered a further mail by the margin
	StepAckNeutral     = "ack-neutral" // to the customer: nobody has released a held reply by the margin
	StepVisitRequested = "visit-requested"
	StepVisitPlanned   = "visit-planned" // instead of visit-requested: maintenance that the contract plans
	StepArrangeSoon    = "visit-arrange-soon"
	StepArrangeOverdue = "visit-arrange-overdue"
	StepVisitLate      = "visit-late" // arranged for a time after its promise, and not as the customer's wish
	StepVisitSoon      = "visit-soon"
	StepVisitDay       = "visit-day"
	StepVisitOverdue   = "visit-overdue"
	StepVisitTomorrow  = "visit-tomorrow"  // to the person who goes, on the day before
	StepVisitTwoHours  = "visit-two-hours" // to the person who goes, Plan.Before ahead
	StepChainTold      = "chain-told"      // the whole chain was told of a breach and nobody took the case
)

// moment is one step before it is given to its recipients.
type moment struct {
	name  string
	at    time.Time
	due   time.Time
	level int      // how many of the chain beyond the first hear of it
	to    []string // instead of the chain
}

// WindowSteps returns what is to be said about an open window by now, in the order of its times, and when to look again
// (zero: never). It does not know what has been said; the key of a Step does.
func (p *Plan) WindowSteps(w Window, now time.Time) ([]Step, time.Time) {
	if !w.Open() {
		return nil, time.Time{}
	}
	c := p.chain(w.Class, w.Office)
	steps, next := p.spread(p.windowMoments(w, c), c.To, now, Step{Case: w.Case, Window: w.ID})
	if len(steps) > 0 { // of a window that begins only the next look is asked for
		about(steps, fmt.Sprintf("case:%d/%s/%d", w.Case, w.Clock, w.ID))
	}
	return steps, next
}

func about(steps []Step, subject string) {
	for i := range steps {
		steps[i].Subject = subject
	}
}

func (p *Plan) windowMoments(w Window, c Chain) []moment {
	ms := p.warnings(w, c)
	if w.Clock == ClockReply && !w.Unsure && (w.Further || w.Held) {
		name := StepAckFurther
		if w.Held {
			name = StepAckNeutral
		}
		at := w.Due.Add(-p.Margin)
		if at.Before(w.Opened) {
			at = w.Opened
		}
		ms = append(ms, moment{name: name, at: at, due: w.Due, to: []string{Customer}})
	}
	return ms
}

// VisitSteps returns what is to be said about a visit by now, in the order of its times, and when to look again.
func (p *Plan) VisitSteps(v Visit, now time.Time) ([]Step, time.Time) {
	if v.State == VisitDone || v.State == VisitCancelled {
		return nil, time.Time{}
	}
	steps, next := p.spread(p.visitMoments(v, now), p.Chain("visit", v.Office), now, Step{Case: v.Case, Visit: v.ID})
	if len(steps) > 0 {
		about(steps, fmt.Sprintf("visit:%d", v.ID))
	}
	return steps, next
}

func (p *Plan) visitMoments(v Visit, now time.Time) []moment {
	if v.State == VisitRequested {
		ms := []moment{{name: StepVisitRequested, at: v.Requested, due: v.ArrangeDue}}
		if !v.Planned.IsZero() {
			ms[0].name = StepVisitPlanned
		}
		if !v.ArrangeDue.IsZero() {
			ms = append(ms, moment{name: StepArrangeSoon, at: half(v.Requested, v.ArrangeDue), due: v.ArrangeDue})
		}
		return append(ms, p.overdue(StepArrangeOverdue, v, v.ArrangeDue, now)...)
	}
	var ms []moment
	due := v.OnSiteDue
	if v.Wish && !v.At.IsZero() {
		due = v.At
	}
	if !due.IsZero() && v.At.After(due) {
		ms = append(ms, moment{name: StepVisitLate, at: v.Arranged, due: v.At, level: 1})
	}
	if !v.At.IsZero() && v.Begun.IsZero() {
		ms = append(ms,
			moment{name: StepVisitSoon, at: half(v.Arranged, v.At), due: v.At},
			moment{name: StepVisitDay, at: p.dayOf(v), due: v.At})
		ms = append(ms, p.personMoments(v)...)
	}
	if v.Begun.IsZero() {
		ms = append(ms, p.overdue(StepVisitOverdue, v, due, now)...)
	}
	return ms
}

// personMoments are the words to the person who goes: in the morning of the day before, and Before ahead. Who was sent too
// late for one of them gets it at once, and none for the day before on the day itself.
func (p *Plan) personMoments(v Visit) []moment {
	who := p.People[strings.ToLower(strings.TrimSpace(v.Person))]
	if who == "" {
		return nil
	}
	var ms []moment
	day := p.dayBegin(v.At, 0)
	if at := p.dayBegin(v.At, -1).Add(p.Morning); v.Arranged.Before(day) {
		ms = append(ms, moment{name: StepVisitTomorrow, at: later(at, v.Arranged), due: v.At, to: []string{who}})
	}
	if p.Before > 0 && v.Arranged.Before(v.At) {
		ms = append(ms, moment{name: StepVisitTwoHours, at: later(v.At.Add(-p.Before), v.Arranged), due: v.At, to: []string{who}})
	}
	return ms
}

// dayBegin is the begin of the day of an instant, or of one some days off, in the plan's zone.
func (p *Plan) dayBegin(t time.Time, days int) time.Time {
	zone := p.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, zone)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// dayOf is the morning of the day of a visit in the plan's zone, but not before the visit was arranged.
func (p *Plan) dayOf(v Visit) time.Time {
	zone := p.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := v.At.In(zone).Date()
	morning := time.Date(y, m, d, 0, int(p.Morning.Minutes()), 0, 0, zone)
	if morning.After(v.At) {
		morning = time.Date(y, m, d, 0, 0, 0, 0, zone)
	}
	if morning.Before(v.Arranged) {
		return v.Arranged
	}
	return morning
}

// catchUp bounds how far back the repeats about an overdue visit are looked at: older ones were said, or the program was
// down for so long that nobody wants them any more.
const catchUp = 30 * 24 * time.Hour

// overdue is the first word about an overdue visit and its repeats of the last catchUp up to the first one after now, each
// one further up the chain. Before a visit was asked for there was nothing to repeat: planned maintenance may come on
// record after its day. Taking the visit ends the repeats.
func (p *Plan) overdue(name string, v Visit, due, now time.Time) []moment {
	if due.IsZero() {
		return nil // no promise is on record
	}
	ms := []moment{{name: name, at: due, due: due}}
	if p.Repeat <= 0 {
		return ms
	}
	first := max(1, int(now.Add(-catchUp).Sub(due)/p.Repeat))
	if late := v.Requested.Sub(due); late >= 0 {
		first = max(first, int(late/p.Repeat)+1)
	}
	for n := first; ; n++ {
		at := due.Add(time.Duration(n) * p.Repeat)
		if !v.Taken.IsZero() && at.After(v.Taken) {
			return ms
		}
		ms = append(ms, moment{name: name, at: at, due: at, level: n})
		if at.After(now) {
			return ms
		}
	}
}

func half(a, b time.Time) time.Time {
	if !b.After(a) {
		return a
	}
	return a.Add(b.Sub(a) / 2)
}

// spread turns moments into steps for their recipients and finds the next time to look.
func (p *Plan) spread(ms []moment, chain []string, now time.Time, s Step) (steps []Step, next time.Time) {
	slices.SortStableFunc(ms, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range ms {
		if m.at.After(now) {
			if next.IsZero() || m.at.Before(next) {
				next = m.at
			}
			continue
		}
		s.Name, s.Due, s.At, s.Level = m.name, m.due, m.at, m.level
		to := m.to
		if to == nil {
			to = chain[:min(m.level+1, len(chain))]
		}
		for _, who := range p.Present(to, m.at, chain) {
			s.Recipient = who
			steps = append(steps, s)
		}
	}
	return steps, next
}
