package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// letter puts a letter on record as `case open --channel mail` does; it arrived when the clock says.
func (d *desk) letter(answered time.Time) int64 {
	d.t.Helper()
	at, plan := d.clock, d.engine.Load().Plan
	id, err := d.store.OpenCase(context.Background(), store.NewCase{
		Channel: store.ChannelMail, Answered: answered, Who: "duty",
		Case: responder.Case{Account: "support", Class: "complaint", Subject: "Letter of 20 November", Language: "en", CustomerName: "Anna Muster",
			Customer: "anna@client.example", Opened: at, Office: "Shanghai", Entitlement: "unknown"},
		Windows: []sla.Window{
			{Clock: sla.ClockReply, Unsure: true, Class: "complaint", Office: "Shanghai", Opened: at, Due: plan.ReplyDue(at)},
			{Clock: sla.ClockPerson, Class: "complaint", Office: "Shanghai", Opened: at, Due: plan.PersonDue(at, 4*time.Hour, "Shanghai")}},
	}, d.clock)
	d.must(err)
	return id
}

// TestPolicy4_2_ALetterIsAnsweredByPeople: two hours from its arrival, warnings and breach to staff, never a mail to the
// customer; the record of the answer ends it.
func TestPolicy4_2_ALetterIsAnsweredByPeople(t *testing.T) {
	d := newDesk(t, "")
	id := d.letter(time.Time{})
	for _, step := range []struct {
		at   string
		want []string
	}{
		{"2026-11-24 10:59", nil},
		{"2026-11-24 11:00", []string{"reply-50 duty@staff.example"}},
		{"2026-11-24 11:30", []string{"reply-75 duty@staff.example", "reply-75 lead@staff.example"}},
		{"2026-11-24 11:31", nil},
		{"2026-11-24 12:00", []string{"person-50 duty@staff.example", "reply-breach duty@staff.example", "reply-breach lead@staff.example"}},
	} {
		d.set(step.at)
		got := d.look()
		slices.Sort(got)
		if !slices.Equal(got, step.want) {
			t.Errorf("%s: said %q, want %q", step.at, got, step.want)
		}
	}
	d.must(d.store.AnswerCase(context.Background(), id, d.clock, "duty", "by post", d.clock))
	d.set("2026-11-26 10:00")
	if got := d.look(); len(got) != 0 {
		t.Errorf("after the answer: said %q", got)
	}
	for _, m := range d.file(id).Mails {
		if m.Lane != responder.LaneStaff {
			t.Errorf("a mail to the customer: %+v", m)
		}
	}
	for _, w := range d.file(id).Windows {
		if w.Met.IsZero() || w.Channel != store.ChannelMail {
			t.Errorf("window %+v", w)
		}
	}
}

// TestPolicy4_2_TheMailAboutALetter says that it is one, when it arrived and by when it is to be answered.
func TestPolicy4_2_TheMailAboutALetter(t *testing.T) {
	for _, tt := range []struct {
		name, at, kind, language string
		want                     []string
	}{
		{"a warning", "2026-11-24 11:00", "reply-50", "en", []string{"Letter to be answered [AC-000001]", "This is a letter", "arrived at", "10:00", "12:00", "50%", "case answered AC-000001 --at TIME"}},
		{"the breach", "2026-11-24 12:00", "reply-breach", "en", []string{"Letter not answered in time", "10:00", "12:00", "case answered AC-000001"}},
		{"the answer of a person", "2026-11-24 13:00", "person-75", "en", []string{"Letter to be answered", "10:00", "14:00", "75%"}},
		{"in Chinese", "2026-11-24 11:00", "reply-50", "zh", []string{"信函待答复", "10:00", "12:00", "50%"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.cfg.Company.Language = tt.language
			d.rebuild()
			d.letter(time.Time{})
			d.set(tt.at)
			d.look()
			text := d.staffText(tt.kind)
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
		})
	}
}

// TestPolicy4_2_ALetterThatWasAnswered: on record from the start, in time or late; nobody is reminded.
func TestPolicy4_2_ALetterThatWasAnswered(t *testing.T) {
	for _, tt := range []struct {
		name      string
		after     time.Duration
		met, late int
	}{
		{"in time", 90 * time.Minute, 2, 0},
		{"late", 3 * time.Hour, 1, 1}, // the window of two hours; that of a person has four
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			arrived := d.clock
			d.letter(arrived.Add(tt.after))
			d.set("2026-11-25 10:00")
			if got := d.look(); len(got) != 0 {
				t.Errorf("said %q", got)
			}
			rep, err := d.store.Report(context.Background(), arrived.Add(-time.Hour), d.clock, d.clock, time.UTC)
			d.must(err)
			met, late := 0, 0
			for _, l := range rep.Tallies {
				switch {
				case l.What != store.TallyReply && l.What != store.TallyPerson:
				case l.Channel != store.ChannelMail:
					t.Errorf("tally %+v", l)
				case l.Result == store.ResultMet:
					met += l.N
				case l.Result == store.ResultLate:
					late += l.N
				}
			}
			if met != tt.met || late != tt.late {
				t.Errorf("%d met, %d late", met, late)
			}
		})
	}
}

// TestPolicy4_2_AMailOnTheCaseOfALetter has a window of its own: the reply to it leaves the letter's open.
func TestPolicy4_2_AMailOnTheCaseOfALetter(t *testing.T) {
	d := newDesk(t, "")
	id := d.letter(time.Time{})
	d.clock = d.clock.Add(10 * time.Minute)
	rec := d.mail("Did my letter reach you? I complained about your service.", "From: Anna <anna@client.example>", "Subject: My letter [AC-000001]")
	if rec.Case != id {
		t.Fatalf("filed under %d", rec.Case)
	}
	d.send()
	for _, w := range d.file(id).Windows {
		if w.Channel == store.ChannelMail && !w.Open() {
			t.Errorf("the letter's window is met by a mail: %+v", w)
		}
	}
	d.set("2026-11-24 12:00")
	if got := d.look(); !slices.Contains(got, "reply-breach duty@staff.example") {
		t.Errorf("said %q", got)
	}
}

// TestPolicy4_2_ALetterOverDowntime: each word once, in the order of its time.
func TestPolicy4_2_ALetterOverDowntime(t *testing.T) {
	d := newDesk(t, "\nmissed: {again: 1h, summary: 2h}\n")
	d.letter(time.Time{})
	d.set("2026-11-27 10:00")
	want := []string{
		"reply-50 duty@staff.example",
		"reply-75 duty@staff.example", "reply-75 lead@staff.example",
		"reply-breach duty@staff.example", "reply-breach lead@staff.example",
		"person-50 duty@staff.example",
		"person-75 duty@staff.example", "person-75 lead@staff.example",
		"chain-told lead@staff.example",
		"person-breach duty@staff.example", "person-breach lead@staff.example",
		"chain-told lead@staff.example",
	}
	if got := d.look(); !slices.Equal(got, want) {
		t.Errorf("said %q,\nwant %q", got, want)
	}
	if got := d.look(); len(got) != 0 {
		t.Errorf("said again %q", got)
	}
}
