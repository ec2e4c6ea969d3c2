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

// local reads "2026-11-24 10:00" in the zone of the desk. Of an hour that comes twice it is the first.
func (d *desk) local(s string) time.Time {
	d.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, d.cfg.Company.Location)
	d.must(err)
	return at
}

// TestPolicy4_2_TwoHoursDayAndNight: the reply window is two hours of the clock on the wall, whatever the day is and whatever
// the clocks do; met in its last second, late after it.
func TestPolicy4_2_TwoHoursDayAndNight(t *testing.T) {
	const shanghai, berlin, newYork = "Asia/Shanghai", "Europe/Berlin", "America/New_York"
	for _, tt := range []struct{ name, zone, arrived, due string }{
		{"by day", shanghai, "2026-11-24 10:00", "2026-11-24 12:00"},
		{"at night", shanghai, "2026-11-24 23:30", "2026-11-25 01:30"},
		{"on a Sunday", shanghai, "2026-11-22 20:00", "2026-11-22 22:00"},
		{"on a holiday", shanghai, "2026-10-01 10:00", "2026-10-01 12:00"},
		{"over the year's end", shanghai, "2026-12-31 23:00", "2027-01-01 01:00"},
		{"into 29 February", shanghai, "2028-02-28 23:00", "2028-02-29 01:00"},
		{"out of 29 February", shanghai, "2028-02-29 22:30", "2028-03-01 00:30"},
		{"Berlin loses an hour", berlin, "2026-03-29 01:30", "2026-03-29 04:30"},
		{"Berlin gains an hour", berlin, "2026-10-25 01:30", "2026-10-25 02:30"},
		{"New York loses an hour", newYork, "2026-03-08 01:30", "2026-03-08 04:30"},
		{"New York gains an hour", newYork, "2026-11-01 00:30", "2026-11-01 01:30"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, after := range []time.Duration{0, time.Second} {
				d := newDeskIn(t, tt.zone, workdays)
				d.clock = d.local(tt.arrived)
				arrived := d.clock
				rec := d.mail(find("repair", "en").about(""))
				w := d.window(rec.Case, sla.ClockReply)
				if got := w.Due.In(d.cfg.Company.Location).Format("2006-01-02 15:04"); got != tt.due || w.Due.Sub(arrived) != 2*time.Hour || !w.Opened.Equal(arrived) {
					t.Errorf("it ends at %s, want %s; %+v", got, tt.due, w)
				}
				d.clock = w.Due.Add(after)
				said := d.look()
				if !slices.Contains(said, "reply-50 duty@staff.example") || !slices.Contains(said, "reply-breach lead@staff.example") {
					t.Errorf("said %q", said)
				}
				d.send()
				w = d.window(rec.Case, sla.ClockReply)
				if late := w.Met.After(w.Due); w.Met.IsZero() || late != (after > 0) {
					t.Errorf("sent %v after the end: %+v", after, w)
				}
			}
		})
	}
}

// TestPolicy4_2_WhenTheClockStarts: the earlier of INTERNALDATE and the newest Received line of a configured own host, never
// later than now.
func TestPolicy4_2_WhenTheClockStarts(t *testing.T) {
	line := func(d *desk, by string, before time.Duration) string {
		return "Received: from mx.client.example by " + by + "; " + d.clock.Add(-before).Format(time.RFC1123Z)
	}
	for _, tt := range []struct {
		name   string
		by     string
		before time.Duration // INTERNALDATE, which is now
		start  time.Duration
	}{
		{"our own host took it before the mailbox had it", "mx.example.com", 40 * time.Minute, 40 * time.Minute},
		{"a host of somebody else does not count", "mx.other.example", 40 * time.Minute, 0},
		{"our own host's clock runs ahead", "mx.example.com", -40 * time.Minute, 0},
		{"it waited for longer than the window while we were down", "MX.Example.com", 3 * time.Hour, 3 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "guard: {own_hosts: [mx.example.com]}\n")
			rec := d.mail(find("repair", "en").about(""), line(d, tt.by, tt.before))
			w := d.window(rec.Case, sla.ClockReply)
			if got := d.clock.Sub(w.Opened); got != tt.start || w.Due.Sub(w.Opened) != 2*time.Hour {
				t.Errorf("it started %v ago, want %v", got, tt.start)
			}
		})
	}
}

// TestPolicy4_2_ThePersonsClockInOfficeHours: four hours for a complaint, of office hours; over nights, weekends, holidays,
// days worked for them, changes of the clocks, the year's end and 29 February.
func TestPolicy4_2_ThePersonsClockInOfficeHours(t *testing.T) {
	const hours = `
person: {calendar: office}
calendars:
  - name: office
    hours: {mon: ["09:00-12:00", "13:00-18:00"], tue: ["09:00-12:00", "13:00-18:00"], wed: ["09:00-12:00", "13:00-18:00"], thu: ["09:00-12:00", "13:00-18:00"], fri: ["09:00-12:00", "13:00-18:00"]}
    holidays: ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07", "2027-01-01"]
    make_up: {"2026-10-10": ["09:00-12:00", "13:00-18:00"], "2026-09-27": ["09:00-12:00"]}
`
	const shanghai, berlin, newYork = "Asia/Shanghai", "Europe/Berlin", "America/New_York"
	for _, tt := range []struct{ name, zone, arrived, due string }{
		{"in the morning", shanghai, "2026-11-24 10:00", "2026-11-24 15:00"},
		{"over the night", shanghai, "2026-11-24 16:00", "2026-11-25 11:00"},
		{"over a weekend", shanghai, "2026-11-27 16:00", "2026-11-30 11:00"},
		{"over the National Day and its week", shanghai, "2026-09-30 16:00", "2026-10-08 11:00"},
		{"into the Saturday that is worked for it", shanghai, "2026-10-09 16:00", "2026-10-10 11:00"},
		{"the Saturday after is free", shanghai, "2026-10-16 16:00", "2026-10-19 11:00"},
		{"a Sunday morning worked, and on", shanghai, "2026-09-27 08:00", "2026-09-28 10:00"},
		{"over the year's end", shanghai, "2026-12-31 16:00", "2027-01-04 11:00"},
		{"over 29 February", shanghai, "2028-02-28 17:00", "2028-02-29 12:00"},
		{"out of 29 February", shanghai, "2028-02-29 16:00", "2028-03-01 11:00"},
		{"Berlin loses an hour at night", berlin, "2026-03-27 16:00", "2026-03-30 11:00"},
		{"Berlin gains an hour at night", berlin, "2026-10-23 16:00", "2026-10-26 11:00"},
		{"New York loses an hour at night", newYork, "2026-03-06 16:00", "2026-03-09 11:00"},
		{"New York gains an hour at night", newYork, "2026-10-30 16:00", "2026-11-02 11:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDeskIn(t, tt.zone, hours)
			d.clock = d.local(tt.arrived)
			rec := d.mail(find("complaint", "en").about(""))
			w := d.window(rec.Case, sla.ClockPerson)
			if got := w.Due.In(d.cfg.Company.Location).Format("2006-01-02 15:04"); got != tt.due {
				t.Fatalf("a person has until %s, want %s", got, tt.due)
			}
			// Half of it, and its end, are said in office hours too, each once, whenever the program looks.
			d.send()
			d.clock = w.Due.Add(-time.Minute)
			if said := d.look(); !slices.Contains(said, "person-50 duty@staff.example") || slices.Contains(said, "person-breach duty@staff.example") {
				t.Errorf("before the end: said %q", said)
			}
			d.clock = w.Due
			if said := d.look(); !slices.Contains(said, "person-breach lead@staff.example") || slices.Contains(said, "person-50 duty@staff.example") {
				t.Errorf("at the end: said %q", said)
			}
		})
	}
}

// TestPolicy4_3_BothClocks: one, two, three days of 24 hours from the request, day and night; a place that is not known is
// counted as the same city.
func TestPolicy4_3_BothClocks(t *testing.T) {
	const shanghai, berlin, newYork = "Asia/Shanghai", "Europe/Berlin", "America/New_York"
	for _, tt := range []struct{ name, zone, asked, place, due string }{
		{"the same city", shanghai, "2026-11-24 10:00", "我们在上海。", "2026-11-25 10:00"},
		{"the same province", shanghai, "2026-11-24 10:00", "我们在江苏省苏州市。", "2026-11-26 10:00"},
		{"elsewhere", shanghai, "2026-11-24 10:00", "我们在四川省成都市。", "2026-11-27 10:00"},
		{"place unknown", shanghai, "2026-11-24 10:00", "", "2026-11-25 10:00"},
		{"over a weekend", shanghai, "2026-11-27 18:00", "我们在江苏省苏州市。", "2026-11-29 18:00"},
		{"over the National Day", shanghai, "2026-09-30 18:00", "我们在四川省成都市。", "2026-10-03 18:00"},
		{"over the year's end", shanghai, "2026-12-30 23:00", "我们在江苏省苏州市。", "2027-01-01 23:00"},
		{"over 29 February", shanghai, "2028-02-28 10:00", "我们在江苏省苏州市。", "2028-03-01 10:00"},
		{"Berlin loses an hour", berlin, "2026-03-28 12:00", "我们在上海。", "2026-03-29 13:00"},
		{"Berlin gains an hour", berlin, "2026-10-24 12:00", "我们在四川省成都市。", "2026-10-27 11:00"},
		{"New York loses an hour", newYork, "2026-03-07 12:00", "我们在江苏省苏州市。", "2026-03-09 13:00"},
		{"New York gains an hour", newYork, "2026-10-31 12:00", "我们在上海。", "2026-11-01 11:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDeskIn(t, tt.zone, workdays)
			d.clock = d.local(tt.asked)
			rec := d.mail(find("visit", "zh").about("") + tt.place)
			v := d.file(rec.Case).Visits[0]
			if got := v.ArrangeDue.In(d.cfg.Company.Location).Format("2006-01-02 15:04"); got != tt.due || !v.OnSiteDue.Equal(v.ArrangeDue) {
				t.Fatalf("due at %s, want %s: %+v", got, tt.due, v)
			}
			d.clock = v.ArrangeDue.Add(-time.Second)
			if said := d.look(); slices.Contains(said, "visit-arrange-overdue duty@staff.example") || slices.Contains(said, "visit-arrange-overdue lead@staff.example") {
				t.Errorf("a second too early: said %q", said)
			}
			d.clock = v.ArrangeDue
			if said := strings.Join(d.look(), ", "); !strings.Contains(said, "visit-arrange-overdue ") {
				t.Errorf("at its end: said %q", said)
			}
		})
	}
}

// TestPolicy4_2_ContactsThatStaffRecord: telephone and in person are recorded and not measured; a letter has the window of a
// mail from the day it came, and since the program cannot answer it, staff are warned.
func TestPolicy4_2_ContactsThatStaffRecord(t *testing.T) {
	d := newDesk(t, "")
	ctx := context.Background()
	came := d.clock.Add(-30 * time.Minute)
	open := func(channel string, answered time.Time) int64 {
		id, err := d.store.OpenCase(ctx, store.NewCase{Case: responder.Case{Class: "repair"}, Channel: channel, Answered: answered,
			Windows: []sla.Window{{Clock: sla.ClockReply, Class: "repair", Opened: came, Due: came.Add(2 * time.Hour)}}}, d.clock)
		d.must(err)
		return id
	}
	open(store.ChannelPhone, came.Add(time.Minute))
	open(store.ChannelInPerson, came)
	letter := open(store.ChannelMail, time.Time{})
	d.clock = came.Add(time.Hour)
	if said := d.look(); !slices.Equal(said, []string{"reply-50 duty@staff.example"}) {
		t.Errorf("said %q", said)
	}
	d.must(d.store.AnswerCase(ctx, letter, d.clock, "duty", "letter", d.clock))
	rep, err := d.store.Report(ctx, came.Add(-time.Hour), d.clock, d.clock, time.UTC)
	d.must(err)
	got := map[string]string{}
	for _, l := range rep.Tallies {
		if l.What == store.TallyReply {
			got[l.Channel] = l.Result
		}
	}
	want := map[string]string{store.ChannelPhone: store.ResultRecorded, store.ChannelInPerson: store.ResultRecorded, store.ChannelMail: store.ResultMet}
	for channel, result := range want {
		if got[channel] != result {
			t.Errorf("%s is reported as %q, want %q", channel, got[channel], result)
		}
	}
}
