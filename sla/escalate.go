package sla

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Escalation is one step of a chain that says by itself when whom it tells.
type Escalation struct {
	Share float64       // of the window, above 0 up to 1; 1 is its end, the breach
	After time.Duration // after the end of the window, where Share is 0
	To    []string      // staff addresses
}

// Absence is a time in which somebody is not there. Both instants are absolute; To is exclusive and zero for an absence
// without an end.
type Absence struct {
	Who    string // a staff address
	From   time.Time
	To     time.Time
	Deputy string // a staff address; "" leaves it to the next of the chain
}

// covers tells whether somebody is away at an instant.
func (a Absence) covers(who string, at time.Time) bool {
	return strings.EqualFold(a.Who, who) && !at.Before(a.From) && (a.To.IsZero() || at.Before(a.To))
}

// maxDeputies bounds the walk from deputy to deputy.
const maxDeputies = 8

// Standin is who is told at an instant instead of who: who itself while present, else the deputy, or where none is named
// the next of the chain; theirs in turn. Where everybody is away it is who after all: somebody must be told.
func (p *Plan) Standin(who string, at time.Time, chain []string) string {
	seen := []string{who}
	for now := who; len(seen) <= maxDeputies; {
		i := slices.IndexFunc(p.Away, func(a Absence) bool { return a.covers(now, at) })
		if i < 0 {
			return now
		}
		next := p.Away[i].Deputy
		if next == "" {
			next = after(chain, seen)
		}
		if next == "" || slices.Contains(seen, next) {
			break
		}
		seen, now = append(seen, next), next
	}
	return who
}

// after is the first of the chain behind its last member that stands in seen, or "".
func after(chain, seen []string) string {
	last := -1
	for i, c := range chain {
		if slices.Contains(seen, c) {
			last = i
		}
	}
	if last+1 < len(chain) {
		return chain[last+1]
	}
	return ""
}

// Present is a list of staff with the absent ones replaced, each once, in order. It may be the list itself.
func (p *Plan) Present(to []string, at time.Time, chain []string) []string {
	if len(p.Away) == 0 {
		return to
	}
	out := make([]string, 0, len(to))
	for _, who := range to {
		if s := p.Standin(who, at, chain); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// ChainAt is Chain as it is at an instant, with deputies for those who are away.
func (p *Plan) ChainAt(class, office string, at time.Time) []string {
	c := p.Chain(class, office)
	return p.Present(c, at, c)
}

// warnings are the words about a window before and at its end. A case that somebody took is warned of no more; its breach
// is told all the same.
func (p *Plan) warnings(w Window, c Chain) []moment {
	var cal *Calendar
	if w.Clock == ClockPerson {
		cal = p.calendar(w.Office)
	}
	at := p.share(cal, w)
	breach := moment{name: string(w.Clock) + "-breach", at: w.Due, due: w.Due}
	if len(c.Steps) > 0 {
		return p.ownSteps(w, c, at, breach)
	}
	breach.level = len(p.Warnings)
	ms := make([]moment, 0, len(p.Warnings)+2)
	for i, share := range p.Warnings {
		if share >= 1 {
			breach.level = i
			break
		}
		if w.Taken.IsZero() {
			ms = append(ms, moment{name: warningName(w.Clock, share), at: at(share), due: w.Due, level: i})
		}
	}
	ms = append(ms, breach) // told even where the plan names no warning at the end
	return p.unheard(w, c, ms, breach.level)
}

// share says when a share of a window has passed; the working time is added up once.
func (p *Plan) share(cal *Calendar, w Window) func(float64) time.Time {
	working := cal.Between(w.Opened, w.Due)
	return func(s float64) time.Time { return cal.share(w.Opened, w.Due, working, s) }
}

func warningName(c Clock, share float64) string {
	return string(c) + "-" + strconv.Itoa(int(share*100+0.5))
}

// ownSteps are the words of a chain that says who hears when.
func (p *Plan) ownSteps(w Window, c Chain, at func(float64) time.Time, breach moment) []moment {
	var ms []moment
	for _, s := range c.Steps {
		switch {
		case s.Share >= 1:
			breach.to = append(breach.to, s.To...)
		case !w.Taken.IsZero():
		case s.Share > 0:
			ms = append(ms, moment{name: warningName(w.Clock, s.Share), at: at(s.Share), due: w.Due, to: s.To})
		default:
			ms = append(ms, moment{name: fmt.Sprintf("%s-%dm", breach.name, int(s.After.Minutes())), at: w.Due.Add(s.After), due: w.Due, to: s.To})
		}
	}
	if len(breach.to) == 0 {
		breach.level = len(c.To)
	}
	return p.unheard(w, c, append(ms, breach), len(c.To))
}

// unheard adds what follows a breach that nobody takes up: one further up the chain after Again, the next after twice as
// long, and so on until the whole chain was told; then nothing but one summary for the manager.
func (p *Plan) unheard(w Window, c Chain, ms []moment, level int) []moment {
	if !w.Taken.IsZero() || len(c.To) == 0 {
		return ms
	}
	last, pause := w.Due, p.Again
	for n := 1; pause > 0 && level+n < len(c.To); n++ {
		last = last.Add(pause)
		pause *= 2
		ms = append(ms, moment{name: string(w.Clock) + "-breach-" + strconv.Itoa(n), at: last, due: w.Due, level: level + n})
	}
	if p.Summary <= 0 {
		return ms
	}
	at := w.Due.Add(p.Summary)
	if at.Before(last) {
		at = last
	}
	to := p.Manager
	if to == "" {
		to = c.To[len(c.To)-1]
	}
	return append(ms, moment{name: StepChainTold, at: at, due: w.Due, to: []string{to}})
}
