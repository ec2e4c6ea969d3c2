package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/sla"
	"aftercare/store"
)

// TestPolicy4_3_ThreeDaysOfDowntime over a visit that nobody arranged: each reminder is caught up, once and in the order of its time,
// up the chain; what a program that never slept would have said is what is said.
func TestPolicy4_3_ThreeDaysOfDowntime(t *testing.T) {
	visitSteps := func(looks []time.Duration) (out []string) {
		d := newDesk(t, "")
		start := d.clock
		rec := d.mail(asksForVisit)
		d.send()
		for _, after := range looks {
			d.clock = start.Add(after)
			d.look()
		}
		steps, err := d.store.Steps(context.Background(), rec.Case)
		d.must(err)
		last := time.Time{}
		for _, s := range steps {
			if s.Subject != "visit:1" {
				continue
			}
			if s.At.Before(last) {
				t.Errorf("%s of %v was said after that of %v", s.Name, s.At, last)
			}
			last = s.At
			out = append(out, fmt.Sprintf("%s %s %v", s.Name, s.Recipient, s.At.Sub(start)))
		}
		return out
	}
	var awake []time.Duration
	for at := time.Duration(0); at <= 72*time.Hour; at += time.Hour {
		awake = append(awake, at)
	}
	want, got := visitSteps(awake), visitSteps([]time.Duration{72 * time.Hour, 72*time.Hour + time.Minute})
	if !slices.Equal(got, want) {
		t.Errorf("after the downtime\n\t%s\nwithout it\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	// On request, half of the day, its end, and every four hours of the 48 that follow: the first to one, the others to two.
	if n := 2 + 1 + 2*12; len(got) != n {
		t.Errorf("%d were said, counted by hand %d", len(got), n)
	}
}

// TestPolicy4_3_TwoPeopleTakeOneVisit at the same moment: one has it, the other is told who.
func TestPolicy4_3_TwoPeopleTakeOneVisit(t *testing.T) {
	d := newDesk(t, "")
	d.mail(asksForVisit)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, who := range []string{"Duty", "Lead"} {
		wg.Go(func() { errs[i] = d.store.TakeVisit(context.Background(), 1, who, false, d.clock) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), store.ErrTaken) {
		t.Fatalf("taken with %v", errs)
	}
	d.set("2026-11-25 22:30") // twelve hours overdue
	said := 0
	for _, s := range d.look() {
		if strings.HasPrefix(s, sla.StepArrangeOverdue+" ") {
			said++
		}
	}
	if said != 1 {
		t.Errorf("overdue is said %d times of a visit that somebody took", said)
	}
}
