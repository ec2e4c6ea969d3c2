package sla

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStretches(t *testing.T) {
	swap := office(t, "Asia/Shanghai") // the National Day: two days off, the Saturday after worked for one of them
	swap.Holidays = map[string]bool{"2026-10-01": true, "2026-10-02": true}
	swap.MakeUp = map[string][]Span{"2026-10-10": {{9 * 60, 12 * 60}}}
	for _, tt := range []struct {
		name, zone string
		cal        *Calendar
		from, to   string
		limit      int
		want       []string
	}{
		{"no calendar", "Asia/Shanghai", nil, "2026-11-07 23:00", "2026-11-08 03:00", 9, []string{"07T23:00 08T03:00 runs every hour counts"}},
		{"nothing", "Asia/Shanghai", swap, "2026-11-03 10:00", "2026-11-03 10:00", 9, nil},
		{"over lunch and the night", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-02 11:00", "2026-11-03 10:00", 9, []string{
			"02T11:00 02T12:00 runs office hours", "02T12:00 02T13:00 rests out of office hours", "02T13:00 02T18:00 runs office hours",
			"02T18:00 03T09:00 rests out of office hours", "03T09:00 03T10:00 runs office hours"}},
		{"over a weekend", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-06 17:00", "2026-11-09 10:00", 9, []string{
			"06T17:00 06T18:00 runs office hours", "06T18:00 09T09:00 rests out of office hours", "09T09:00 09T10:00 runs office hours"}},
		{"holidays", "Asia/Shanghai", swap, "2026-09-30 17:00", "2026-10-05 09:30", 9, []string{
			"30T17:00 30T18:00 runs office hours", "30T18:00 01T00:00 rests out of office hours", "01T00:00 03T00:00 rests a holiday",
			"03T00:00 05T09:00 rests out of office hours", "05T09:00 05T09:30 runs office hours"}},
		{"a Saturday worked for a holiday", "Asia/Shanghai", swap, "2026-10-09 17:30", "2026-10-12 09:30", 9, []string{
			"09T17:30 09T18:00 runs office hours", "09T18:00 10T09:00 rests out of office hours",
			"10T09:00 10T12:00 runs a day worked in exchange for a holiday", "10T12:00 12T09:00 rests out of office hours", "12T09:00 12T09:30 runs office hours"}},
		{"more than the limit", "Asia/Shanghai", swap, "2026-11-02 11:00", "2026-11-30 10:00", 2, []string{
			"02T11:00 02T12:00 runs office hours", "02T12:00 02T13:00 rests out of office hours"}},
		{"the lost hour", "Europe/Berlin", roundTheClock(t, "Europe/Berlin"), "2026-03-28 12:00", "2026-03-29 12:00", 9, []string{"28T12:00 29T12:00 runs office hours"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := when(t, tt.zone, tt.from)
			var got []string
			for _, s := range tt.cal.Stretches(from, when(t, tt.zone, tt.to), tt.limit) {
				word := "rests"
				if s.Runs {
					word = "runs"
				}
				got = append(got, fmt.Sprintf("%s %s %s %s", s.From.In(from.Location()).Format("02T15:04"), s.To.In(from.Location()).Format("02T15:04"), word, s.Why))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
		})
	}
}

// TestStretchesAddUp: they follow each other from the first instant to the last, and what runs of them is Between.
func TestStretchesAddUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 9))
	for _, zone := range []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia"} {
		c := office(t, zone)
		c.Week[time.Saturday] = []Span{{0, 3 * 60}, {22 * 60, 24 * 60}}
		c.Week[time.Sunday] = []Span{{0, 4 * 60}}
		c.Holidays, c.MakeUp = map[string]bool{}, map[string][]Span{}
		base := when(t, zone, "2011-12-01 00:00")
		for range 60 {
			c.Holidays[base.AddDate(0, 0, rnd.IntN(900)).Format(time.DateOnly)] = true
			c.MakeUp[base.AddDate(0, 0, rnd.IntN(900)).Format(time.DateOnly)] = []Span{{9 * 60, 12*60 + rnd.IntN(300)}}
		}
		for range 60 {
			from := base.Add(time.Duration(rnd.Int64N(int64(800 * 24 * time.Hour)))).Truncate(time.Second)
			to := from.Add(time.Duration(1 + rnd.Int64N(int64(60*24*time.Hour)))).Truncate(time.Second)
			at, ran := from, time.Duration(0)
			for _, s := range c.Stretches(from, to, 1000) {
				if !s.From.Equal(at) || !s.To.After(s.From) {
					t.Fatalf("%s: a stretch from %v to %v after %v", zone, s.From, s.To, at)
				}
				if s.Runs {
					ran += s.To.Sub(s.From)
				}
				at = s.To
			}
			if to.After(from) && (!at.Equal(to) || ran != c.Between(from, to)) {
				t.Fatalf("%s: from %v to %v they end at %v and %v run, want %v", zone, from, to, at, ran, c.Between(from, to))
			}
		}
	}
}
