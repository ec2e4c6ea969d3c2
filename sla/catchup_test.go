package sla

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// key is what the store keeps of a step that was said.
type key struct {
	subject, name, recipient string
	due                      time.Time
}

func keyOf(s Step) key { return key{s.Subject, s.Name, s.Recipient, s.Due.UTC()} }

// ledger is a store of steps: it says each key once.
type ledger struct {
	told map[key]bool
	out  []Step
}

func (l *ledger) say(steps []Step) {
	if l.told == nil {
		l.told = map[key]bool{}
	}
	for _, s := range steps {
		if !l.told[keyOf(s)] {
			l.told[keyOf(s)] = true
			l.out = append(l.out, s)
		}
	}
}

// source is a window or a visit of a test.
type source struct {
	name  string
	steps func(now time.Time) ([]Step, time.Time)
	from  time.Time
}

// sources makes windows and visits of every kind, with dates about clock changes, year ends and 29 February.
func sources(t *testing.T, n int) []source {
	rnd := rand.New(rand.NewPCG(1, 2))
	p := testPlan(t)
	p.Hours = map[string]*Calendar{"": office(t, "Europe/Berlin"), "Chengdu": nil, "Shanghai": {}}
	offices := []string{"", "Shanghai", "Chengdu"}
	starts := []time.Time{
		when(t, "Europe/Berlin", "2026-03-28 12:00"), when(t, "America/New_York", "2026-10-31 12:00"),
		when(t, "Asia/Shanghai", "2026-12-31 08:00"), when(t, "Asia/Shanghai", "2028-02-28 12:00"),
	}
	minutes := func(max int) time.Duration { return time.Duration(rnd.IntN(max)) * time.Minute }
	maybe := func(t time.Time, max int) time.Time {
		if rnd.IntN(3) > 0 {
			return time.Time{}
		}
		return t.Add(minutes(max))
	}
	var out []source
	for i := range n {
		from := starts[i%len(starts)].Add(minutes(36 * 60))
		w := Window{ID: int64(i), Clock: ClockReply, Opened: from, Due: p.ReplyDue(from), Office: offices[rnd.IntN(3)],
			Further: rnd.IntN(2) == 0, Held: rnd.IntN(3) == 0, Unsure: rnd.IntN(3) == 0, Taken: maybe(from, 200)}
		if rnd.IntN(2) == 0 {
			w.Clock, w.Due = ClockPerson, p.PersonDue(from, minutes(24*60), w.Office)
		}
		out = append(out, source{fmt.Sprintf("%+v", w), func(now time.Time) ([]Step, time.Time) { return p.WindowSteps(w, now) }, from})
		due := from.Add(time.Duration(1+rnd.IntN(3)) * 24 * time.Hour)
		v := Visit{ID: int64(i), State: VisitRequested, Office: w.Office, Requested: from, ArrangeDue: due, OnSiteDue: due, Taken: maybe(from, 4000)}
		if rnd.IntN(2) == 0 {
			v.State, v.Arranged = VisitArranged, from.Add(minutes(600))
			v.At, v.Wish, v.Begun = v.Arranged.Add(minutes(3*24*60)), rnd.IntN(2) == 0, maybe(v.Arranged, 4000)
		}
		out = append(out, source{fmt.Sprintf("%+v", v), func(now time.Time) ([]Step, time.Time) { return p.VisitSteps(v, now) }, from})
	}
	return out
}

// TestMinutesAndOneJumpSayTheSame: a daemon that ticked every minute of four days, one that slept until each Next, and
// one that was down all the time say the same steps in the same order; and what is said is due.
func TestMinutesAndOneJumpSayTheSame(t *testing.T) {
	for _, src := range sources(t, 8) {
		end := src.from.Add(4 * 24 * time.Hour)
		var ticked, slept, jumped ledger
		for now := src.from; !now.After(end); now = now.Add(time.Minute) {
			steps, _ := src.steps(now)
			ticked.say(steps)
		}
		for now := src.from; ; {
			steps, next := src.steps(now)
			slept.say(steps)
			if next.IsZero() || next.After(end) {
				break
			}
			if !next.After(now) {
				t.Fatalf("%s: at %v next is %v", src.name, now, next)
			}
			now = next
		}
		steps, _ := src.steps(end)
		jumped.say(steps)
		if len(jumped.out) != len(steps) {
			t.Errorf("%s: one look says a key twice", src.name)
		}
		same(t, src.name+": every minute and one jump", ticked.out, jumped.out)
		same(t, src.name+": by Next and one jump", slept.out, jumped.out)
		for i, s := range jumped.out {
			if s.At.After(end) || i > 0 && s.At.Before(jumped.out[i-1].At) {
				t.Errorf("%s: step %d out of order: %v", src.name, i, s.At)
			}
		}
	}
}

func same(t *testing.T, name string, a, b []Step) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%s: %d and %d steps", name, len(a), len(b))
		return
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("%s: step %d is %+v and %+v", name, i, a[i], b[i])
			return
		}
	}
}

// TestThreeDaysOfDowntime: a visit requested just before the program stopped is caught up in order, each step once.
func TestThreeDaysOfDowntime(t *testing.T) {
	p := testPlan(t)
	requested := when(t, "Asia/Shanghai", "2026-11-02 10:00")
	v := Visit{ID: 7, State: VisitRequested, Office: "Chengdu", Requested: requested,
		ArrangeDue: requested.Add(24 * time.Hour), OnSiteDue: requested.Add(24 * time.Hour)}
	var l ledger
	for _, after := range []time.Duration{0, 72 * time.Hour, 72*time.Hour + time.Minute, 73 * time.Hour} {
		steps, _ := p.VisitSteps(v, requested.Add(after))
		l.say(steps)
	}
	want := []string{"visit-requested 02T10:00 west", "visit-arrange-soon 02T22:00 west"}
	for at := v.ArrangeDue; !at.After(requested.Add(73 * time.Hour)); at = at.Add(4 * time.Hour) {
		want = append(want, "visit-arrange-overdue "+at.Format("02T15:04")+" west")
	}
	checkSaid(t, l.out, requested.Location(), want...)
	if len(want) != 15 {
		t.Errorf("%d steps in three days, counted by hand 15", len(want))
	}
}

// TestOverdueForYears: a visit that nobody takes keeps its rhythm and its place in the chain for ever, and one look at it
// stays small.
func TestOverdueForYears(t *testing.T) {
	p := testPlan(t)
	requested := when(t, "Asia/Shanghai", "2020-11-02 10:00")
	v := Visit{ID: 7, State: VisitRequested, Office: "Shanghai", Requested: requested, ArrangeDue: requested.Add(24 * time.Hour)}
	var l ledger
	for day := range 40 {
		steps, _ := p.VisitSteps(v, v.ArrangeDue.Add(time.Duration(day)*24*time.Hour))
		l.say(steps)
	}
	if want := 2 + 1 + 2 + 3*(39*6-1); len(l.out) != want {
		t.Errorf("%d steps said day by day, want %d", len(l.out), want)
	}
	now := requested.AddDate(5, 0, 0)
	steps, next := p.VisitSteps(v, now)
	if len(steps) > 600 {
		t.Errorf("%d steps in one look", len(steps))
	}
	if last := steps[len(steps)-1]; !last.At.Equal(now) || last.Recipient != "lead" || !next.Equal(now.Add(4*time.Hour)) {
		t.Errorf("the last is %+v, next %v", last, next)
	}
	v.Taken = requested.AddDate(0, 1, 0)
	if steps, next := p.VisitSteps(v, now); len(steps) != 3 || !next.IsZero() {
		t.Errorf("taken years ago: %d steps, next %v", len(steps), next)
	}
}

// BenchmarkTick is a tick over 100,000 open windows, half of them in office hours.
func BenchmarkTick(b *testing.B) {
	p := testPlan(b)
	p.Hours = map[string]*Calendar{"": office(b, "Asia/Shanghai"), "Idle": {}}
	start := when(b, "Asia/Shanghai", "2026-11-02 10:00")
	windows := make([]Window, 100_000)
	for i := range windows {
		w := Window{ID: int64(i), Case: int64(i), Clock: ClockReply, Opened: start, Due: p.ReplyDue(start)}
		if i%2 == 0 {
			w.Clock, w.Office, w.Due = ClockPerson, []string{"", "Idle"}[i/2%2], start.Add(72*time.Hour)
		}
		windows[i] = w
	}
	for b.Loop() {
		for _, w := range windows {
			p.WindowSteps(w, start.Add(90*time.Minute))
		}
	}
}
