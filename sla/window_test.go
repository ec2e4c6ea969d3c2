package sla

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// testPlan is the policy's plan with a chain of three and one for complaints.
func testPlan(t testing.TB) *Plan {
	p := DefaultPlan()
	p.Zone = when(t, "Asia/Shanghai", "2026-11-02 00:00").Location()
	p.Chains = []Chain{
		{Class: "complaint", To: []string{"lead", "boss"}},
		{Class: "visit", Office: "Shanghai", To: []string{"field", "duty", "lead"}},
		{Office: "Chengdu", To: []string{"west"}},
		{To: []string{"duty", "lead", "boss"}},
	}
	return &p
}

// said writes steps as "reply-50 11:00 duty", times in a zone.
func said(steps []Step, loc *time.Location) []string {
	var out []string
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%s %s %s", s.Name, s.At.In(loc).Format("02T15:04"), s.Recipient))
	}
	return out
}

func checkSaid(t *testing.T, steps []Step, loc *time.Location, want ...string) {
	t.Helper()
	if got := said(steps, loc); !slices.Equal(got, want) {
		t.Errorf("said\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestReplyDue(t *testing.T) {
	p := testPlan(t)
	for _, tt := range []struct{ name, zone, start, want string }{
		{"by day", "Asia/Shanghai", "2026-11-02 10:00", "2026-11-02 12:00"},
		{"at night and on a Sunday too", "Asia/Shanghai", "2026-11-08 23:30", "2026-11-09 01:30"},
		{"year end", "Asia/Shanghai", "2026-12-31 23:00", "2027-01-01 01:00"},
		{"into 29 February", "Asia/Shanghai", "2028-02-28 22:30", "2028-02-29 00:30"},
		{"out of 29 February", "Asia/Shanghai", "2028-02-29 23:00", "2028-03-01 01:00"},
		{"clocks forward in Berlin", "Europe/Berlin", "2026-03-29 01:30", "2026-03-29 04:30"},
		{"clocks back in New York", "America/New_York", "2026-11-01 00:30", "2026-11-01 01:30"}, // the second half past one
	} {
		t.Run(tt.name, func(t *testing.T) {
			start, want := when(t, tt.zone, tt.start), when(t, tt.zone, tt.want)
			if strings.HasPrefix(tt.name, "clocks back") {
				want = want.Add(time.Hour)
			}
			got := p.ReplyDue(start)
			if !got.Equal(want) || got.Sub(start) != 2*time.Hour {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestReplyWindow(t *testing.T) {
	p := testPlan(t)
	open := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	at := func(s string) time.Time { return when(t, "Asia/Shanghai", "2026-11-02 "+s) }
	all := []string{
		"reply-50 02T11:00 duty",
		"reply-75 02T11:30 duty", "reply-75 02T11:30 lead",
		"reply-breach 02T12:00 duty", "reply-breach 02T12:00 lead", "reply-breach 02T12:00 boss",
	}
	for _, tt := range []struct {
		name   string
		change func(*Window)
		now    string
		want   []string
		next   string
	}{
		{"fresh", nil, "10:00", nil, "11:00"},
		{"a minute before half", nil, "10:59", nil, "11:00"},
		{"half", nil, "11:00", all[:1], "11:30"},
		{"three quarters", nil, "11:30", all[:3], "12:00"},
		{"the end", nil, "12:00", all, ""},
		{"long after", nil, "23:00", all, ""},
		{"met", func(w *Window) { w.Met = at("10:01") }, "23:00", nil, ""},
		{"dropped", func(w *Window) { w.Dropped = at("10:01") }, "23:00", nil, ""},
		{"taken: no warning, the breach is told", func(w *Window) { w.Taken = at("10:30") }, "23:00", all[3:], ""},
		{"taken: looked at again at the end", func(w *Window) { w.Taken = at("10:30") }, "11:00", nil, "12:00"},
		{"complaints have their own chain", func(w *Window) { w.Class = "complaint" }, "11:30",
			[]string{"reply-50 02T11:00 lead", "reply-75 02T11:30 lead", "reply-75 02T11:30 boss"}, "12:00"},
		{"an office has its own chain", func(w *Window) { w.Office = "Chengdu" }, "12:00",
			[]string{"reply-50 02T11:00 west", "reply-75 02T11:30 west", "reply-breach 02T12:00 west"}, ""},
		{"the class comes first in the list", func(w *Window) { w.Class, w.Office = "complaint", "Chengdu" }, "11:00",
			[]string{"reply-50 02T11:00 lead"}, "11:30"},
		{"a further mail is acknowledged at the margin", func(w *Window) { w.Further = true }, "11:30",
			append(slices.Clone(all[:3]), "ack-further 02T11:30 customer"), "12:00"},
		{"not a minute before", func(w *Window) { w.Further = true }, "11:29", all[:1], "11:30"},
		{"a held reply becomes the neutral acknowledgement", func(w *Window) { w.Held = true }, "11:30",
			append(slices.Clone(all[:3]), "ack-neutral 02T11:30 customer"), "12:00"},
		{"a further mail whose reply is held", func(w *Window) { w.Held, w.Further = true, true }, "11:30",
			append(slices.Clone(all[:3]), "ack-neutral 02T11:30 customer"), "12:00"},
		{"unsure whether a person wrote: no acknowledgement", func(w *Window) { w.Further, w.Held, w.Unsure = true, true, true }, "12:00", all, ""},
		{"taken is not answered: acknowledged all the same", func(w *Window) { w.Further, w.Taken = true, at("10:30") }, "11:45",
			[]string{"ack-further 02T11:30 customer"}, "12:00"},
		{"a window shorter than the margin", func(w *Window) { w.Further, w.Due, w.Taken = true, at("10:20"), at("10:00") }, "10:00",
			[]string{"ack-further 02T10:00 customer"}, "10:20"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := Window{ID: 3, Case: 12, Clock: ClockReply, Class: "repair", Opened: open, Due: p.ReplyDue(open)}
			if tt.change != nil {
				tt.change(&w)
			}
			steps, next := p.WindowSteps(w, at(tt.now))
			checkSaid(t, steps, open.Location(), tt.want...)
			if want := (tt.next == ""); want != next.IsZero() || !want && !next.Equal(at(tt.next)) {
				t.Errorf("next %v, want %q", next, tt.next)
			}
			for _, s := range steps {
				if s.Subject != "case:12/reply/3" || s.Case != 12 || s.Window != 3 || s.Visit != 0 || !s.Due.Equal(w.Due) {
					t.Errorf("step %+v does not name its window", s)
				}
			}
		})
	}
}

func TestWarningsAsConfigured(t *testing.T) {
	open := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	for _, tt := range []struct {
		name  string
		warns []float64
		want  []string
	}{
		{"none: the breach is told all the same", nil, []string{"reply-breach 02T12:00 duty"}},
		{"no end named", []float64{0.25}, []string{"reply-25 02T10:30 duty", "reply-breach 02T12:00 duty", "reply-breach 02T12:00 lead"}},
		{"a third", []float64{1. / 3, 1}, []string{"reply-33 02T10:40 duty", "reply-breach 02T12:00 duty", "reply-breach 02T12:00 lead"}},
		{"only the end", []float64{1}, []string{"reply-breach 02T12:00 duty"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := testPlan(t)
			p.Warnings = tt.warns
			steps, _ := p.WindowSteps(Window{Clock: ClockReply, Opened: open, Due: p.ReplyDue(open)}, open.Add(24*time.Hour))
			checkSaid(t, steps, open.Location(), tt.want...)
		})
	}
	t.Run("nobody to tell", func(t *testing.T) {
		p := DefaultPlan()
		steps, _ := p.WindowSteps(Window{Clock: ClockReply, Opened: open, Due: p.ReplyDue(open)}, open.Add(24*time.Hour))
		checkSaid(t, steps, open.Location())
	})
}

// TestPersonWindow is the second clock of policy 4.2: in office hours where there is a calendar.
func TestPersonWindow(t *testing.T) {
	p := testPlan(t)
	p.Hours = map[string]*Calendar{"": office(t, "Asia/Shanghai"), "Berlin": office(t, "Europe/Berlin"), "Open": nil}
	for _, tt := range []struct {
		name, office string
		start        string
		d            time.Duration
		due          string
		want         []string
	}{
		{"within a day", "", "2026-11-02 09:00", 4 * time.Hour, "2026-11-02 14:00", []string{
			"person-50 02T11:00 duty", "person-75 02T12:00 duty", "person-75 02T12:00 lead",
			"person-breach 02T14:00 duty", "person-breach 02T14:00 lead", "person-breach 02T14:00 boss"}},
		{"over a weekend", "", "2026-11-06 16:00", 4 * time.Hour, "2026-11-09 11:00", []string{
			"person-50 06T18:00 duty", "person-75 09T10:00 duty", "person-75 09T10:00 lead",
			"person-breach 09T11:00 duty", "person-breach 09T11:00 lead", "person-breach 09T11:00 boss"}},
		{"hours of another zone", "Berlin", "2026-11-02 12:00", 4 * time.Hour, "2026-11-02 21:00", []string{
			"person-50 02T18:00 duty", "person-75 02T19:00 duty", "person-75 02T19:00 lead",
			"person-breach 02T21:00 duty", "person-breach 02T21:00 lead", "person-breach 02T21:00 boss"}},
		{"an office that is always open", "Open", "2026-11-07 20:00", 4 * time.Hour, "2026-11-08 00:00", []string{
			"person-50 07T22:00 duty", "person-75 07T23:00 duty", "person-75 07T23:00 lead",
			"person-breach 08T00:00 duty", "person-breach 08T00:00 lead", "person-breach 08T00:00 boss"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := when(t, "Asia/Shanghai", tt.start)
			due := p.PersonDue(start, tt.d, tt.office)
			if want := when(t, "Asia/Shanghai", tt.due); !due.Equal(want) {
				t.Fatalf("due %v, want %v", due.In(want.Location()), want)
			}
			w := Window{Clock: ClockPerson, Further: true, Office: tt.office, Opened: start, Due: due}
			steps, _ := p.WindowSteps(w, due)
			checkSaid(t, steps, start.Location(), tt.want...)
		})
	}
}

func TestFirst(t *testing.T) {
	p := testPlan(t)
	for _, tt := range []struct{ name, class, office, want string }{
		{"the last chain fits all", "repair", "Shanghai", "duty"},
		{"by class", "complaint", "", "lead"},
		{"by class and office", "visit", "Shanghai", "field"},
		{"by office", "visit", "Chengdu", "west"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := p.First(tt.class, tt.office); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
	if got := (&Plan{}).First("repair", ""); len(got) != 0 {
		t.Errorf("without a chain %v is told", got)
	}
}
