package sla

import (
	"slices"
	"testing"
	"time"
)

// longChain is a plan with a chain of five and the pauses that the configuration has by default.
func longChain(t *testing.T) *Plan {
	p := testPlan(t)
	p.Chains = []Chain{{To: []string{"duty", "lead", "head", "boss", "owner"}}}
	p.Again, p.Summary = time.Hour, 2*time.Hour
	return p
}

func TestEscalationAfterABreach(t *testing.T) {
	open := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	for _, tt := range []struct {
		name   string
		change func(*Plan, *Window)
		want   []string // after the breach
	}{
		{"up the chain with doubled pauses, quiet when all were told, one summary", nil, []string{
			"reply-breach-1 02T13:00 duty", "reply-breach-1 02T13:00 lead", "reply-breach-1 02T13:00 head", "reply-breach-1 02T13:00 boss",
			"reply-breach-2 02T15:00 duty", "reply-breach-2 02T15:00 lead", "reply-breach-2 02T15:00 head", "reply-breach-2 02T15:00 boss", "reply-breach-2 02T15:00 owner",
			"chain-told 02T15:00 owner"}},
		{"taken: quiet", func(p *Plan, w *Window) { w.Taken = open.Add(time.Minute) }, nil},
		{"a chain that was told at the breach: the summary alone", func(p *Plan, _ *Window) { p.Chains[0].To = []string{"duty", "lead"} }, []string{"chain-told 02T14:00 lead"}},
		{"a manager beside the chain", func(p *Plan, _ *Window) { p.Chains[0].To, p.Manager = []string{"duty"}, "chief" }, []string{"chain-told 02T14:00 chief"}},
		{"no summary", func(p *Plan, _ *Window) { p.Chains[0].To, p.Summary = []string{"duty"}, 0 }, nil},
		{"no repeats", func(p *Plan, _ *Window) { p.Again = 0 }, []string{"chain-told 02T14:00 owner"}},
		{"nobody to tell", func(p *Plan, _ *Window) { p.Chains = nil }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := longChain(t)
			w := Window{ID: 3, Case: 9, Clock: ClockReply, Opened: open, Due: p.ReplyDue(open)}
			if tt.change != nil {
				tt.change(p, &w)
			}
			steps, next := p.WindowSteps(w, open.AddDate(0, 0, 30))
			steps = slices.DeleteFunc(steps, func(s Step) bool { return !s.At.After(w.Due) })
			checkSaid(t, steps, open.Location(), tt.want...)
			if !next.IsZero() {
				t.Errorf("still to come at %v", next)
			}
		})
	}
}

func TestOwnStepsOfAChain(t *testing.T) {
	p := testPlan(t)
	p.Chains = []Chain{
		{Class: "complaint", Office: "Shanghai", To: []string{"lead", "boss"}, Steps: []Escalation{
			{Share: 0.25, To: []string{"lead"}}, {Share: 1, To: []string{"lead", "boss"}}, {After: 30 * time.Minute, To: []string{"owner"}}}},
		{Class: "complaint", To: []string{"lead", "boss"}, Steps: []Escalation{{Share: 0.5, To: []string{"lead"}}}},
		{To: []string{"duty"}},
	}
	open := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	for _, tt := range []struct {
		name, class, office string
		taken               bool
		want                []string
	}{
		{"by office and class", "complaint", "Shanghai", false, []string{"reply-25 02T10:30 lead", "reply-breach 02T12:00 lead", "reply-breach 02T12:00 boss", "reply-breach-30m 02T12:30 owner"}},
		{"by class: the breach goes to the whole chain", "complaint", "Chengdu", false, []string{"reply-50 02T11:00 lead", "reply-breach 02T12:00 lead", "reply-breach 02T12:00 boss"}},
		{"taken: the breach alone", "complaint", "Shanghai", true, []string{"reply-breach 02T12:00 lead", "reply-breach 02T12:00 boss"}},
		{"another class: the common warnings", "repair", "Shanghai", false, []string{"reply-50 02T11:00 duty", "reply-75 02T11:30 duty", "reply-breach 02T12:00 duty"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := Window{ID: 3, Clock: ClockReply, Class: tt.class, Office: tt.office, Opened: open, Due: p.ReplyDue(open)}
			if tt.taken {
				w.Taken = open
			}
			steps, _ := p.WindowSteps(w, open.AddDate(0, 0, 3))
			checkSaid(t, steps, open.Location(), tt.want...)
		})
	}
}

func TestDeputies(t *testing.T) {
	at := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	day := func(n int) time.Time { return at.AddDate(0, 0, n) }
	for _, tt := range []struct {
		name string
		away []Absence
		want []string
	}{
		{"nobody is away", nil, []string{"duty", "lead", "boss"}},
		{"a deputy takes the place", []Absence{{Who: "duty", From: day(-1), To: day(1), Deputy: "extra"}}, []string{"extra", "lead", "boss"}},
		{"the address in capitals", []Absence{{Who: "DUTY", From: day(-1), To: day(1), Deputy: "extra"}}, []string{"extra", "lead", "boss"}},
		{"no deputy: the next of the chain", []Absence{{Who: "duty", From: day(-1)}}, []string{"lead", "boss"}},
		{"back again", []Absence{{Who: "duty", From: day(-3), To: at, Deputy: "extra"}}, []string{"duty", "lead", "boss"}},
		{"not away yet", []Absence{{Who: "duty", From: at.Add(time.Second), Deputy: "extra"}}, []string{"duty", "lead", "boss"}},
		{"the deputy is away too", []Absence{{Who: "duty", From: day(-1), Deputy: "extra"}, {Who: "extra", From: day(-1), Deputy: "spare"}}, []string{"spare", "lead", "boss"}},
		{"the deputy is next in the chain: told once", []Absence{{Who: "duty", From: day(-1), Deputy: "lead"}}, []string{"lead", "boss"}},
		{"each the other's deputy: who was meant hears", []Absence{{Who: "duty", From: day(-1), Deputy: "lead"}, {Who: "lead", From: day(-1), Deputy: "duty"}}, []string{"duty", "lead", "boss"}},
		{"the last of the chain without a deputy", []Absence{{Who: "boss", From: day(-1)}}, []string{"duty", "lead", "boss"}},
		{"everybody is away", []Absence{{Who: "duty", From: day(-1)}, {Who: "lead", From: day(-1)}, {Who: "boss", From: day(-1)}}, []string{"duty", "lead", "boss"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := testPlan(t)
			p.Away = tt.away
			if got := p.ChainAt("repair", "", at); !slices.Equal(got, tt.want) {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDeputyHearsWhatFallsIntoTheAbsence: the time of the step counts, not that of the tick, so that downtime changes
// nobody's recipients.
func TestDeputyHearsWhatFallsIntoTheAbsence(t *testing.T) {
	p := testPlan(t)
	open := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	p.Chains = []Chain{{To: []string{"duty"}}}
	p.Away = []Absence{{Who: "duty", From: open.Add(80 * time.Minute), To: open.Add(100 * time.Minute), Deputy: "extra"}}
	w := Window{ID: 3, Clock: ClockReply, Opened: open, Due: p.ReplyDue(open)}
	steps, _ := p.WindowSteps(w, open.AddDate(0, 0, 3))
	checkSaid(t, steps, open.Location(), "reply-50 02T11:00 duty", "reply-75 02T11:30 extra", "reply-breach 02T12:00 duty")
}

func TestPolicy4_3_ThePersonWhoGoesIsReminded(t *testing.T) {
	at := func(s string) time.Time { return when(t, "Asia/Shanghai", "2026-11-"+s) }
	for _, tt := range []struct {
		name, person, arranged, visit string
		begun                         string
		want                          []string
	}{
		{"the day before and two hours before", "Li Wei", "02 11:00", "05 09:00", "", []string{"visit-tomorrow 04T07:00 li", "visit-two-hours 05T07:00 li"}},
		{"the name in other letters", " li wei ", "02 11:00", "05 09:00", "", []string{"visit-tomorrow 04T07:00 li", "visit-two-hours 05T07:00 li"}},
		{"arranged on the day before: at once", "Li Wei", "04 15:00", "05 09:00", "", []string{"visit-tomorrow 04T15:00 li", "visit-two-hours 05T07:00 li"}},
		{"arranged on the day itself: no word of tomorrow", "Li Wei", "05 05:00", "05 09:00", "", []string{"visit-two-hours 05T07:00 li"}},
		{"arranged an hour before: at once", "Li Wei", "05 08:00", "05 09:00", "", []string{"visit-two-hours 05T08:00 li"}},
		{"put on record afterwards", "Li Wei", "05 10:00", "05 09:00", "", nil},
		{"begun", "Li Wei", "02 11:00", "05 09:00", "05 08:50", nil},
		{"somebody who is not on the staff", "A contractor", "02 11:00", "05 09:00", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := testPlan(t)
			p.People = map[string]string{"li wei": "li"}
			v := Visit{ID: 7, State: VisitArranged, Requested: at("02 10:00"), OnSiteDue: at("05 10:00"), Arranged: at(tt.arranged), At: at(tt.visit), Person: tt.person}
			if tt.begun != "" {
				v.Begun = at(tt.begun)
			}
			steps, _ := p.VisitSteps(v, at("05 09:30"))
			steps = slices.DeleteFunc(steps, func(s Step) bool { return s.Name != StepVisitTomorrow && s.Name != StepVisitTwoHours })
			checkSaid(t, steps, v.At.Location(), tt.want...)
		})
	}
}
