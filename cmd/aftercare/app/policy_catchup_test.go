package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/cmd/aftercare/health"
	"aftercare/sla"
	"aftercare/store"
)

// clocked makes the desk tick as the daemon does, and returns what it says, by what it is about.
func (d *desk) clocked() map[string][]string {
	said := map[string][]string{}
	d.log, d.board = slog.New(slog.DiscardHandler), health.NewBoard(d.now)
	d.opt.Said = func(s store.SaidStep) {
		said[s.Subject] = append(said[s.Subject], fmt.Sprintf("%s %s to %s about %s", s.At.UTC().Format("02 15:04"), s.Name, s.Recipient, s.Due.UTC().Format("02 15:04")))
	}
	return said
}

func (d *desk) ticked() {
	d.t.Helper()
	if done := d.tick(context.Background()); done.Err != nil {
		d.t.Fatal(done.Err)
	}
}

// reopened closes the store and opens it again, as a restart does.
func (d *desk) reopened() {
	d.t.Helper()
	path := d.store.Path()
	d.must(d.store.Close())
	var err error
	d.store, err = store.Open(context.Background(), path, d.storeOptions())
	d.must(err)
}

// TestPolicy4_2AndPolicy4_3_ThreeDaysOfDowntime: a daemon that comes back after three days says all that one has said
// which ran all the time, each word once and those about one thing in the same order.
func TestPolicy4_2AndPolicy4_3_ThreeDaysOfDowntime(t *testing.T) {
	const more = "\nmissed: {again: 1h, summary: 2h}\nperson: {calendar: office}\ncalendars:\n  - name: office\n    hours: {tue: [\"09:00-18:00\"], wed: [\"09:00-18:00\"], thu: [\"09:00-18:00\"], fri: [\"09:00-18:00\"]}\n    holidays: [\"2026-11-26\"]\n"
	begin := func(t *testing.T) (*desk, map[string][]string) {
		d := newDesk(t, more)
		said := d.clocked()
		ctx := context.Background()
		d.mail("Our pump is broken and leaks, please repair it. Serial number PX-100-2233.", unsure...)
		visit := d.mail(asksForVisit, "Subject: Please come").Case
		arranged := d.mail("Please send a technician to 南京, the pump stopped.", "From: Bo <bo@other.example>", "Subject: Another pump").Case
		taken := d.mail("Please send somebody to 成都, the pump stopped.", "From: Cy <cy@third.example>", "Subject: A third pump").Case
		d.letter(time.Time{})
		d.send()
		d.mail("When do you come?", "Subject: Re: Please come", fmt.Sprintf("In-Reply-To: <%s>", d.reference(visit)))
		d.ticked()
		d.must(d.store.ArrangeVisit(ctx, d.file(arranged).Visits[0].ID, store.Arrangement{At: d.clock.Add(30 * time.Hour), Person: "Wang Lei", Wish: true, Who: "duty"}, d.clock))
		d.must(d.store.TakeVisit(ctx, d.file(taken).Visits[0].ID, "duty", false, d.clock))
		d.ticked()
		return d, said
	}
	ran, all := begin(t)
	const step = 20 * time.Minute
	for range 3 * 24 * time.Hour / step {
		ran.clock = ran.clock.Add(step)
		ran.ticked()
	}
	down, late := begin(t)
	down.clock = down.clock.Add(3 * 24 * time.Hour)
	down.reopened()
	down.ticked()
	words := 0
	for about, want := range all {
		words += len(want)
		if got := late[about]; !slices.Equal(got, want) {
			t.Errorf("about %s it said\n\t%s\nwant\n\t%s", about, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
		if !slices.IsSortedFunc(want, func(a, b string) int { return strings.Compare(a[:len("02 15:04")], b[:len("02 15:04")]) }) {
			t.Errorf("about %s not in order: %q", about, want)
		}
	}
	if len(late) != len(all) || words < 60 {
		t.Errorf("%d and %d subjects, %d words", len(late), len(all), words)
	}
	before := len(down.file(1).Mails)
	down.reopened()
	for range 3 {
		down.ticked()
	}
	if n := len(down.file(1).Mails); n != before {
		t.Errorf("said again: %d mails, before %d", n, before)
	}
}

// TestPolicy4_3_TwoTakeOneVisit: at the same moment, from two processes. One has it, the other hears who; reminders stop.
func TestPolicy4_3_TwoTakeOneVisit(t *testing.T) {
	d := newDesk(t, "")
	ctx := context.Background()
	d.mail(asksForVisit)
	d.send()
	d.clock = d.clock.Add(25 * time.Hour)
	if got := d.look(); !slices.Contains(got, "visit-arrange-overdue duty@staff.example") {
		t.Fatalf("said %q", got)
	}
	second, err := store.Open(ctx, d.store.Path(), store.Options{})
	d.must(err)
	defer second.Close()
	stores, names := []*store.Store{d.store, second}, []string{"Wang Lei", "Zhao"}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() { errs[i] = stores[i].TakeVisit(ctx, 1, names[i], false, d.clock) })
	}
	wg.Wait()
	won := slices.Index(errs, nil)
	if won < 0 {
		t.Fatal(errs)
	}
	if err := errs[1-won]; !errors.Is(err, store.ErrTaken) || !strings.Contains(err.Error(), "by "+names[won]) {
		t.Errorf("the other hears %v", err)
	}
	if notes := history(d, 1, "visit-taken"); len(notes) != 1 {
		t.Errorf("taken %d times", len(notes))
	}
	for range 20 {
		d.clock = d.clock.Add(4 * time.Hour)
		for _, s := range d.look() {
			if strings.HasPrefix(s, sla.StepArrangeOverdue) {
				t.Errorf("%s: said %s", d.clock, s)
			}
		}
	}
}
