package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// explain prints how the clocks of a case were counted, line by line in the order of time: what started them, where they
// rested and why, what was said about them, what stopped them.
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
	p := &clockPrinter{env: env, config: c, plan: &plan, store: st, file: &f}
	if p.steps, err = st.Steps(env.ctx, id); err != nil {
		return err
	}
	if p.events, err = st.Why(env.ctx, id); err != nil {
		return err
	}
	for i, w := range f.Windows {
		if i > 0 {
			env.printf("\n")
		}
		if err := p.window(w); err != nil {
			return err
		}
	}
	for _, v := range f.Visits {
		env.printf("\n")
		p.visit(v)
	}
	return nil
}

// clockPrinter writes how clocks were counted.
type clockPrinter struct {
	env    *environment
	config *config.Config
	plan   *sla.Plan
	store  *store.Store
	file   *store.CaseFile
	steps  []store.ToldStep
	events []store.Event
	lines  []clockEvent
}

// clockEvent is one line about a clock.
type clockEvent struct {
	at   time.Time
	text string
}

func (p *clockPrinter) at(t time.Time, format string, args ...any) {
	p.lines = append(p.lines, clockEvent{t, oneLine(fmt.Sprintf(format, args...))})
}

// flush prints the lines in the order of their times; those of one time stay in the order in which they were written.
func (p *clockPrinter) flush() {
	slices.SortStableFunc(p.lines, func(a, b clockEvent) int { return a.at.Compare(b.at) })
	for _, l := range p.lines {
		p.env.printf("  %s  %s\n", l.at.In(p.config.Company.Location).Format("2006-01-02 15:04:05"), l.text)
	}
	p.lines = p.lines[:0]
}

func (p *clockPrinter) window(w sla.Window) error {
	about := "a contact that staff recorded, channel " + p.file.Channel
	if w.Message != 0 {
		about = fmt.Sprintf("message %d", w.Message)
	}
	kind := ""
	if w.Further {
		kind = ", a further mail"
	}
	p.env.printf("%s, opened by %s%s (policy 4.2)\n", w.Clock, about, kind)
	started, err := p.started(w)
	if err != nil {
		return err
	}
	cal := p.calendar(w)
	count := "wall-clock time, day and night, every day"
	if cal != nil {
		count = "only office hours count"
	}
	p.at(w.Opened, "starts: %s; %s", started, count)
	if cal != nil {
		p.stretches(cal, w)
	}
	if !w.Taken.IsZero() {
		p.at(w.Taken, "somebody took the case: warnings stop, the clock runs on")
	}
	p.told(fmt.Sprintf("case:%d/%s/%d", w.Case, w.Clock, w.ID))
	if w.Open() {
		p.toCome(w)
	}
	p.end(w, cal)
	p.flush()
	return nil
}

// calendar is the one that a window is counted by; the reply clock never rests.
func (p *clockPrinter) calendar(w sla.Window) *sla.Calendar {
	if w.Clock != sla.ClockPerson {
		return nil
	}
	return p.plan.Calendar(w.Office)
}

// headLimit is how much of a mail is read again for its header.
const headLimit = 256 << 10

// started says what decided when a clock started: a header of the mail, INTERNALDATE, or the word of staff.
func (p *clockPrinter) started(w sla.Window) (string, error) {
	if w.Message == 0 {
		return "it came, as staff recorded", nil
	}
	if w.Opened.Nanosecond() != 0 {
		return "it was put on record then, and no time of a server lies before that", nil // servers write whole seconds
	}
	hosts := make([]string, len(p.config.Guard.OwnHosts))
	for i, h := range p.config.Guard.OwnHosts {
		hosts[i] = strings.ToLower(h)
	}
	raw, err := p.store.Raw(p.env.ctx, w.Message)
	if errors.Is(err, store.ErrNotFound) {
		return "it reached the company", nil
	}
	if err != nil {
		return "", err
	}
	size := min(raw.Size, headLimit)
	m := mailbox.Parse(io.NewSectionReader(raw, 0, size), size, mailbox.DefaultLimits())
	r, ok := responder.OwnReceived(&m, hosts)
	switch {
	case ok && r.Time.Equal(w.Opened):
		return "it reached the company, says the Received line of " + r.By, nil
	case ok:
		return fmt.Sprintf("it reached the company, says INTERNALDATE; the Received line of %s says %s", r.By, r.Time.In(p.config.Company.Location).Format("15:04:05")), nil
	}
	return "it reached the company, says INTERNALDATE; no Received line is of a host in guard.own_hosts", nil
}

// maxStretches bounds the pieces of office hours that are printed.
const maxStretches = 200

// stretches writes where a clock of office hours runs and rests until it stopped, or until its end.
func (p *clockPrinter) stretches(cal *sla.Calendar, w sla.Window) {
	end := w.Due
	switch {
	case !w.Met.IsZero():
		end = w.Met
	case !w.Dropped.IsZero():
		end = w.Dropped
	case p.env.now().After(end):
		end = p.env.now()
	}
	parts := cal.Stretches(w.Opened, end, maxStretches)
	var ran time.Duration
	for _, s := range parts {
		if s.Runs {
			p.at(s.From, "runs: %s", s.Why)
			ran += s.To.Sub(s.From)
			continue
		}
		p.at(s.From, "pauses: %s; %v have run", s.Why, ran.Round(time.Second))
	}
	if n := len(parts); n > 0 && parts[n-1].To.Before(end) {
		p.at(parts[n-1].To, "... and so on")
	}
}

// told writes what was said, one line for all who heard of it at once.
func (p *clockPrinter) told(subject string) {
	for i := 0; i < len(p.steps); i++ {
		st := p.steps[i]
		if st.Subject != subject {
			continue
		}
		who := []string{st.Recipient}
		for i+1 < len(p.steps) && p.steps[i+1].Subject == subject && p.steps[i+1].Name == st.Name && p.steps[i+1].At.Equal(st.At) {
			i++
			who = append(who, p.steps[i].Recipient)
		}
		late := ""
		if wait := st.Said.Sub(st.At).Round(time.Second); wait >= 2*time.Minute {
			late = fmt.Sprintf(", %v after it was due", wait)
		}
		p.at(st.Said, "%s said to %s%s", st.Name, strings.Join(who, ", "), late)
	}
}

// toCome writes what will be said about a window if nothing happens.
func (p *clockPrinter) toCome(w sla.Window) {
	now := p.env.now()
	steps, _ := p.plan.WindowSteps(w, w.Due.AddDate(0, 0, 30))
	for i := 0; i < len(steps); i++ {
		st := steps[i]
		who := []string{st.Recipient}
		for i+1 < len(steps) && steps[i+1].Name == st.Name {
			i++
			who = append(who, steps[i].Recipient)
		}
		if st.At.After(now) {
			p.at(st.At, "to come: %s to %s", st.Name, strings.Join(who, ", "))
		}
	}
}

func (p *clockPrinter) end(w sla.Window, cal *sla.Calendar) {
	now := p.env.now()
	used := func(to time.Time) time.Duration { return cal.Between(w.Opened, to).Round(time.Second) }
	p.at(w.Due, "ends: %v have run", used(w.Due))
	for _, m := range p.file.Mails {
		if m.Window == w.ID && m.Lane == responder.LaneCustomer && !m.Bounced.IsZero() {
			p.at(m.Bounced, "mail %d came back: it was accepted at %s and not delivered, the clock runs as before", m.ID, shortTime(m.Sent, p.config.Company.Location))
		}
	}
	switch {
	case !w.Met.IsZero() && w.Met.After(w.Due):
		p.at(w.Met, "stops: met LATE, after %v; %s", used(w.Met), p.metBy(w))
	case !w.Met.IsZero():
		p.at(w.Met, "stops: met, after %v; %s", used(w.Met), p.metBy(w))
	case !w.Dropped.IsZero():
		p.at(w.Dropped, "stops without being met: the case was closed, or none was owed; %v had run", used(w.Dropped))
	case now.After(w.Due):
		p.at(now, "now: MISSED, %v have run and it still runs", used(now))
	default:
		p.at(now, "now: it runs, %v have run, %v are left", used(now), cal.Between(now, w.Due).Round(time.Second))
	}
}

// metBy says what met a window: a mail that the server accepted, or a person.
func (p *clockPrinter) metBy(w sla.Window) string {
	for _, m := range p.file.Mails {
		if m.Window == w.ID && m.Lane == responder.LaneCustomer && m.Sent.Equal(w.Met) && m.Bounced.IsZero() {
			return fmt.Sprintf("the server accepted mail %d (%s): %d", m.ID, or(m.Template, m.Kind), m.Code)
		}
	}
	return "a person answered"
}
