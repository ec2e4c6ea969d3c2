package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"aftercare/responder"
	"aftercare/sla"
)

// put runs a statement as it is.
func put(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	if err := s.write(context.Background(), "filling", t0, func(t *tx) error { return t.exec(query, args...) }); err != nil {
		t.Fatal(err)
	}
}

// counted is the report of a day around t0 as "what channel result reason n" lines.
func counted(t *testing.T, s *Store, now time.Time) (out []string) {
	t.Helper()
	rep, err := s.Report(context.Background(), t0.Add(-time.Hour), t0.Add(time.Hour), now, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range rep.Tallies {
		further := ""
		if l.Further {
			further = " further"
		}
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s%s %s %s %d", l.What, l.Channel, further, l.Result, l.Reason, l.N)), " "))
	}
	return out
}

func TestReport(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", id: "a1@x", text: "1"}, post{uid: 2, from: "b@x.example", text: "2"}, post{uid: 3, from: "c@x.example", text: "3"},
		post{uid: 4, from: "d@x.example", text: "4"}, post{uid: 5, from: "e@x.example", text: "5", at: t0.Add(-100 * time.Hour)},
		post{uid: 6, from: "a@x.example", refs: []string{"a1@x"}, text: "6"})
	claim(t, s, 10, t0)
	mark(t, s, t0, responder.Result{ID: 1, Outcome: responder.OutcomeSent, At: t0.Add(time.Hour)}, responder.Result{ID: 2, Outcome: responder.OutcomeSent, At: t0.Add(3 * time.Hour)})
	put(t, s, "UPDATE outbox SET bounced = ? WHERE id = 2", ms(t0))
	if err := s.CloseCase(ctx, 4, "eve", "", t0); err != nil {
		t.Fatal(err)
	}
	w := []sla.Window{{Clock: sla.ClockReply, Opened: t0, Due: t0}}
	for _, ch := range []string{ChannelPhone, ChannelMail, ChannelInPerson} {
		if _, err := s.OpenCase(ctx, NewCase{Case: responder.Case{Customer: "p@x.example"}, Channel: ch, Answered: t0.Add(time.Minute), Windows: w}, t0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.OpenCase(ctx, NewCase{Channel: ChannelPhone, Windows: w}, t0); err != nil { // a call back that nobody made
		t.Fatal(err)
	}
	got, want := counted(t, s, t0.Add(4*time.Hour)), []string{
		"reply in-person recorded 1", "reply mail late 1", "reply phone missed 1", "reply phone recorded 1",
		"reply email further missed further-mail 1",
		"reply email dropped reply 1", "reply email late reply 1", "reply email met reply 1", "reply email missed reply 1",
		"person email dropped reply 1", "person email running reply 3",
		"message email held further-mail 1", "message email answered reply 4",
		"mail email bounced 1", "mail email claimed 3", "mail email sent 1",
	}
	for _, list := range [][]string{got, want} {
		slices.Sort(list)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	h, err := s.Health(ctx, t0.Add(4*time.Hour))
	if err != nil || !h.OldestOpened.Equal(t0.Add(-100*time.Hour)) || h.OldestCase != 5 || h.OpenWindows != 8 {
		t.Errorf("health %+v, %v", h, err)
	}
}

func TestReportOfVisits(t *testing.T) {
	const hour = int64(time.Hour / time.Millisecond)
	at := ms(t0)
	for _, tt := range []struct {
		name, set, arrange, onsite string
	}{
		{"nothing done yet", "state = 'requested'", ResultRunning, ResultRunning},
		{"arranged in time, to come", fmt.Sprintf("state = 'arranged', arranged = %d, at = %d", at+hour, at+20*hour), ResultMet, ResultRunning},
		{"made in time", fmt.Sprintf("state = 'done', arranged = %d, begun = %d", at+hour, at+2*hour), ResultMet, ResultMet},
		{"made at once", fmt.Sprintf("state = 'done', begun = %d", at+hour), ResultMet, ResultMet},
		{"arranged late, made late", fmt.Sprintf("state = 'done', arranged = %d, begun = %d", at+25*hour, at+26*hour), ResultLate, ResultLate},
		{"made late as the customer wished", fmt.Sprintf("state = 'done', wish = 1, arranged = %d, at = %d, begun = %d", at, at+50*hour, at+50*hour), ResultMet, ResultMet},
		{"the wished time is to come", fmt.Sprintf("state = 'arranged', wish = 1, arranged = %d, at = %d, arrange_due = %d, onsite_due = %d", at-25*hour, at+50*hour, at-20*hour, at-20*hour), ResultMet, ResultRunning},
		{"the wished time is past", fmt.Sprintf("state = 'arranged', wish = 1, arranged = %d, at = %d, arrange_due = %d, onsite_due = %d", at-25*hour, at-hour, at-20*hour, at-20*hour), ResultMet, ResultMissed},
		{"never arranged", fmt.Sprintf("arrange_due = %d, onsite_due = %d", at-hour, at-hour), ResultMissed, ResultMissed},
		{"cancelled before it was arranged", "state = 'cancelled'", ResultDropped, ResultDropped},
		{"cancelled later", fmt.Sprintf("state = 'cancelled', arranged = %d", at+hour), ResultMet, ResultDropped},
		{"no promise on record", "arrange_due = 0, onsite_due = 0", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{})
			put(t, s, "INSERT INTO cases (id, state, channel, class, opened, moved) VALUES (1, 'open', 'phone', 'visit', ?1, ?1)", at)
			put(t, s, "INSERT INTO visits (case_id, state, office, requested, arrange_due, onsite_due) VALUES (1, 'requested', 'Nanjing', ?1, ?2, ?2)", at, at+24*hour)
			put(t, s, "UPDATE visits SET "+tt.set)
			rep, err := s.Report(context.Background(), t0.Add(-time.Hour), t0.Add(time.Hour), t0, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, l := range rep.Tallies {
				if l.Office != "Nanjing" || l.Class != "visit" || l.Channel != ChannelPhone || l.Week != "2026-W10" || l.N != 1 {
					t.Errorf("tally %+v", l)
				}
				got[l.What] = l.Result
			}
			if got[TallyArrange] != tt.arrange || got[TallyOnSite] != tt.onsite || got[TallyVisit] == "" {
				t.Errorf("got %v, want %s, %s", got, tt.arrange, tt.onsite)
			}
		})
	}
}

// TestReportWeeks: the weeks that SQLite counts are those of Go's calendar, to the second and over changes of the clocks.
func TestReportWeeks(t *testing.T) {
	s := open(t, Options{})
	rnd := rand.New(rand.NewPCG(3, 3))
	for _, name := range []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		from, to := time.Date(2009, 1, 1, 0, 0, 0, 0, zone), time.Date(2030, 1, 1, 0, 0, 0, 0, zone)
		query := "SELECT " + weekNumber("a.at", from, to, zone) + " FROM (SELECT ? AS at) a"
		var ats []time.Time
		for range 100 {
			monday := from.AddDate(0, 0, 4+7*rnd.IntN(1000))
			ats = append(ats, monday, monday.Add(-time.Second), monday.Add(time.Duration(rnd.Int64N(int64(7*24*time.Hour)))))
		}
		for at := from; ; {
			_, change := at.ZoneBounds()
			if change.IsZero() || !change.Before(to) {
				break
			}
			ats = append(ats, change, change.Add(-time.Second), change.Add(time.Second))
			at = change
		}
		for _, at := range ats {
			y, w := at.In(zone).ISOWeek()
			if got, want := weekName(number(t, s, query, ms(at))), fmt.Sprintf("%04d-W%02d", y, w); got != want {
				t.Errorf("%s: %v is in %s, want %s", name, at.In(zone), got, want)
			}
		}
	}
}

// naive counts the windows of a report row by row in Go: "what week office class channel further result" to how often.
func naive(t *testing.T, s *Store, from, to, now time.Time, zone *time.Location) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := s.each(context.Background(), "SELECT clock, office, class, channel, further, opened, due, met, dropped FROM windows", nil, func(r scanner) error {
		var clock, office, class, channel string
		var further bool
		var opened, due int64
		var met, dropped sql.NullInt64
		if err := r.Scan(&clock, &office, &class, &channel, &further, &opened, &due, &met, &dropped); err != nil {
			return err
		}
		at := fromMS(opened).In(zone)
		if at.Before(from) || !at.Before(to) {
			return nil
		}
		result := ResultMissed
		switch {
		case met.Valid && (channel == ChannelPhone || channel == ChannelInPerson):
			result = ResultRecorded
		case met.Valid && met.Int64 > due:
			result = ResultLate
		case met.Valid:
			result = ResultMet
		case dropped.Valid:
			result = ResultDropped
		case due > ms(now):
			result = ResultRunning
		}
		y, w := at.ISOWeek()
		out[fmt.Sprintf("%s %04d-W%02d %s %s %s %v %s", clock, y, w, office, class, channel, further, result)]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReportAddsUp: whatever is on record, every window opened in the time is counted once, under its own week and result,
// so that the sums over weeks, or over any other column, are the total.
func TestReportAddsUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	base := time.Date(2026, 10, 1, 0, 0, 0, 0, zone) // a change of the clocks and a year's end follow
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	maybe := func(base int64, d int64) any {
		if rnd.IntN(2) == 0 {
			return nil
		}
		return base + rnd.Int64N(d)
	}
	for round := range 5 {
		s := open(t, Options{})
		err := s.write(context.Background(), "filling", t0, func(t *tx) error {
			for range 400 {
				opened := ms(base) + rnd.Int64N(int64(120*24*time.Hour/time.Millisecond))
				err := t.exec(`INSERT INTO windows (clock, channel, further, class, office, opened, due, met, dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
					pick("reply", "person"), pick("email", "phone", "in-person", "mail"), rnd.IntN(2), pick("repair", "complaint", ""), pick("", "Nanjing", "上海"),
					opened, opened+7200000, maybe(opened, 3*7200000), maybe(opened, 7200000))
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		from := base.Add(time.Duration(rnd.IntN(30*24)) * time.Hour)
		to, now := from.AddDate(0, 0, 1+rnd.IntN(90)), base.AddDate(0, 2, 0)
		rep, err := s.Report(context.Background(), from, to, now, zone)
		if err != nil {
			t.Fatal(err)
		}
		want := naive(t, s, from, to, now, zone)
		total := 0
		for _, l := range rep.Tallies {
			key := fmt.Sprintf("%s %s %s %s %s %v %s", l.What, l.Week, l.Office, l.Class, l.Channel, l.Further, l.Result)
			if want[key] != l.N {
				t.Errorf("round %d: %s: %d, counted one by one %d", round, key, l.N, want[key])
			}
			delete(want, key)
			total += l.N
		}
		if len(want) != 0 {
			t.Errorf("round %d: not counted: %v", round, want)
		}
		if n := number(t, s, "SELECT count(*) FROM windows WHERE opened >= ? AND opened < ?", ms(from), ms(to)); int(n) != total || total == 0 {
			t.Errorf("round %d: %d windows were opened, %d are counted", round, n, total)
		}
	}
}
