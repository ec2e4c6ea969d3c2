package store

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// BenchmarkRecord records mails of 8 KB with replies of 5 KB and two windows each, sixty in a transaction.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{1, 20, 60} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) { benchRecord(b, size) })
	}
}

func benchRecord(b *testing.B, size int) {
	s := open(b, Options{NextWindow: nil})
	body, reply := bytes.Repeat([]byte("12345678"), 1024), bytes.Repeat([]byte("abcde"), 1024)
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		d := decideFirst(r, f, t0)
		d.Reason = responder.ReasonReply
		if len(d.Mails) == 1 {
			d.Mails[0].Raw = reply
		}
		return d
	}
	b.ReportAllocs()
	uid := uint32(0)
	for b.Loop() {
		in := make([]Incoming, size)
		for i := range in {
			uid++
			p := post{uid: uid, from: fmt.Sprintf("customer%d@c%d.example", uid, uid%1000), id: fmt.Sprintf("%x.%d@mail.example", uid*2654435761, uid),
				subject: "The pump leaks again", text: fmt.Sprint(uid)}
			in[i] = p.incoming()
			in[i].Raw.Body, in[i].Raw.Size = bytes.NewReader(body), int64(len(body))
		}
		if _, err := s.Record(context.Background(), in, decide, t0.Add(time.Duration(uid)*time.Second)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(uid)/b.Elapsed().Seconds(), "mails/s")
}

// fill puts n cases with two open windows each on record, as fast as SQLite can.
func fill(tb testing.TB, s *Store, n int) {
	tb.Helper()
	err := s.write(context.Background(), "filling", t0, func(t *tx) error {
		for _, q := range []string{
			`INSERT INTO cases (id, state, class, customer, opened, moved) SELECT value, 'open', 'repair', 'c' || value || '@x.example', ?1, ?1 FROM generate_series(1, ?2)`,
			`INSERT INTO members (address, case_id) SELECT 'c' || value || '@x.example', value FROM generate_series(1, ?2) WHERE ?1 > 0`,
			`INSERT INTO windows (case_id, clock, class, opened, due, next_at) SELECT value, 'reply', 'repair', ?1, ?1 + 7200000, ?1 + 3600000 FROM generate_series(1, ?2)`,
			`INSERT INTO visits (case_id, state, requested, arrange_due, onsite_due, next_at) SELECT value, 'requested', ?1, ?1 + 86400000, ?1 + 86400000, ?1 + 43200000 FROM generate_series(1, ?2)`,
		} {
			if err := t.exec("WITH RECURSIVE generate_series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate_series WHERE value < ?2) "+
				strings.Replace(q, "generate_series(1, ?2)", "generate_series", 1), ms(t0), n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkStart opens a database with 100,000 cases and asks what the daemon asks first.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.db")
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	fill(b, s, 100000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(context.Background(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Recover(context.Background(), t0); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Cursors(context.Background()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTick ticks over 100,000 open windows and as many visits of which nothing is due, and of which all windows are
// looked at and nothing is to be said.
func BenchmarkTick(b *testing.B) {
	s := open(b, Options{})
	fill(b, s, 100000)
	r := rules("eve@desk.example")
	b.Run("health", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Health(context.Background(), t0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("nothing due", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Tick(context.Background(), t0, r); err != nil {
				b.Fatal(err)
			}
		}
	})
	quiet := r
	quiet.VisitSteps = func(v sla.Visit, now time.Time) ([]sla.Step, time.Time) { return nil, v.ArrangeDue }
	b.Run("all looked at", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			if err := s.Replan(context.Background(), fmt.Sprint(i)); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if res, err := s.Tick(context.Background(), t0, quiet); err != nil || res.Windows != 100000 || res.Visits != 100000 {
				b.Fatal(res.Windows, res.Visits, err)
			}
		}
	})
	b.Run("all windows said", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if res, err := s.Tick(context.Background(), t0.Add(time.Duration(61+i)*time.Minute), r); err != nil || i == 0 && res.Said != 100000 {
				b.Fatal(res.Said, err)
			}
		}
	})
}

// BenchmarkTickOfAMinute ticks each minute over 100,000 open windows and as many visits that were opened over one hour: of a
// sixtieth of the windows something is to be said.
func BenchmarkTickOfAMinute(b *testing.B) {
	s := open(b, Options{})
	fill(b, s, 100000)
	put(b, s, "UPDATE windows SET opened = opened + (id % 60) * 60000, due = due + (id % 60) * 60000, next_at = next_at + (id % 60) * 60000")
	r, said := rules("eve@desk.example"), 0
	for i := 0; b.Loop(); i++ {
		res, err := s.Tick(context.Background(), t0.Add(time.Duration(60+i)*time.Minute), r)
		if err != nil || i == 0 && (res.Said < 1600 || res.Said > 1700) {
			b.Fatal(res.Said, err)
		}
		said += res.Said
	}
	b.ReportMetric(float64(said)/float64(b.N), "said/op")
}

// BenchmarkSend claims and marks as the outbox does, twenty at a time.
func BenchmarkSend(b *testing.B) {
	s := open(b, Options{})
	ctx := context.Background()
	uid, sent := uint32(0), 0
	for b.Loop() {
		b.StopTimer()
		in := make([]Incoming, 100)
		for i := range in {
			uid++
			in[i] = post{uid: uid, from: fmt.Sprintf("c%d@x.example", uid), text: fmt.Sprint(uid)}.incoming()
		}
		if _, err := s.Record(ctx, in, decider(t0), t0); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for {
			jobs, err := s.Claim(ctx, responder.LaneCustomer, 20, nil, t0)
			if err != nil {
				b.Fatal(err)
			}
			if len(jobs) == 0 {
				break
			}
			rs := make([]responder.Result, len(jobs))
			for i, j := range jobs {
				rs[i] = responder.Result{ID: j.ID, Outcome: responder.OutcomeSent, At: t0, Server: "mx", Code: 250, Detail: "queued as 4711"}
			}
			if err := s.Mark(ctx, rs, t0); err != nil {
				b.Fatal(err)
			}
			sent += len(jobs)
		}
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "mails/s")
}
