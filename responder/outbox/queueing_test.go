package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
)

// TestDeadlineOrder is that over one connection mails go out by their deadlines.
func TestDeadlineOrder(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	q := newQueue(t)
	const n = 150
	for id := range int64(n) {
		q.add(Job{ID: id, Deadline: t0.Add(time.Duration(id*7%n) * time.Minute)})
	}
	r := start(t, q, nil, at(srv.Addr()))
	for id := range int64(n) {
		q.outcome(id, OutcomeSent)
	}
	r.stop()
	want := make([]string, n)
	for id := range int64(n) {
		want[id*7%n] = string(rawMail(id))
	}
	got := make([]string, 0, n)
	for _, m := range srv.Messages() {
		got = append(got, string(m.Data))
	}
	if !slices.Equal(got, want) {
		t.Error("not in the order of the deadlines")
	}
}

// TestBrake is that the brake holds back mail to customers and no other, and that what was not tried does not count.
func TestBrake(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	q := newQueue(t)
	for id := range int64(30) {
		q.add(Job{ID: id})
	}
	for id := int64(100); id < 130; id++ {
		q.add(Job{ID: id, Lane: responder.LaneStaff})
	}
	answered := func(_ context.Context, j Job) (bool, error) { return j.ID < 5, nil } // five are cancelled
	s := at(srv.Addr())
	s.PerMinute, s.PerDay = 7, 15
	r := start(t, q, func(o *Options) { o.Answered = answered }, s)
	for id := int64(100); id < 130; id++ {
		q.outcome(id, OutcomeSent)
	}
	sent := func() (n int) {
		for id := range int64(30) {
			if q.look(id).state == OutcomeSent {
				n++
			}
		}
		return n
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 7}, {59 * time.Second, 7}, {2 * time.Second, 14}, {2 * time.Minute, 15}, {time.Hour, 15}, {24 * time.Hour, 22}} {
		r.clock.add(step.after)
		r.Wake()
		for late := time.Now().Add(5 * time.Second); sent() < step.want && time.Now().Before(late); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(10 * time.Millisecond) // more must not follow
		if n := sent(); n != step.want {
			t.Errorf("%v later %d are sent, want %d", step.after, n, step.want)
		}
	}
	r.stop()
}

// TestBrakeInTrouble is that attempts to connect do not use up the day's share.
func TestBrakeInTrouble(t *testing.T) {
	var greeting atomic.Value
	greeting.Store("421 down")
	bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
		b.Answer = func(_ int, command, _ string) string {
			if command == "CONNECT" {
				return greeting.Load().(string)
			}
			return ""
		}
	})
	q := newQueue(t)
	q.add(Job{ID: 1}, Job{ID: 2})
	s := at(bad.Addr)
	s.PerDay = 2
	r := start(t, q, nil, s)
	for n := range 5 {
		q.result(1, n+1)
		r.clock.add(6 * time.Minute)
		r.Wake()
	}
	greeting.Store("")
	r.within(t, time.Hour, 1, OutcomeSent)
	r.within(t, time.Hour, 2, OutcomeSent)
	r.stop()
}

func TestAnswered(t *testing.T) {
	tests := []struct {
		name   string
		lane   responder.Lane
		yes    bool
		err    error
		want   Outcome
		reason responder.Reason
	}{
		{"a person was first", responder.LaneCustomer, true, nil, OutcomeCancelled, responder.ReasonAnsweredByPerson},
		{"nobody was", responder.LaneCustomer, false, nil, OutcomeSent, ""},
		{"the look fails", responder.LaneCustomer, false, errors.New("IMAP is down"), OutcomeSent, ""},
		{"mail to staff is not asked for", responder.LaneStaff, true, nil, OutcomeSent, ""},
	}
	srv := startMemory(t, memory.SMTPConfig{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(t)
			q.add(Job{ID: 1, Lane: tt.lane})
			r := start(t, q, func(o *Options) {
				o.Answered = func(context.Context, Job) (bool, error) { return tt.yes, tt.err }
			}, at(srv.Addr()))
			if got := q.result(1, 1); got.Outcome != tt.want || got.Reason != tt.reason {
				t.Errorf("%+v", got)
			}
			r.stop()
		})
	}
}

// TestPause is that mail to customers rests while it is paused, and goes afterwards.
func TestPause(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	var paused atomic.Bool
	paused.Store(true)
	q := newQueue(t)
	q.add(Job{ID: 1}, Job{ID: 2, Lane: responder.LaneStaff})
	r := start(t, q, func(o *Options) { o.Paused = paused.Load }, at(srv.Addr()))
	q.outcome(2, OutcomeSent)
	if got := q.look(1); got.state != "" || got.Attempt != 0 {
		t.Errorf("state %q, attempt %d", got.state, got.Attempt)
	}
	paused.Store(false)
	r.Wake()
	q.outcome(1, OutcomeSent)
	r.stop()
}

// TestRetries is a mail that is put off until the server takes it, or until it is given up.
func TestRetries(t *testing.T) {
	tests := []struct {
		name     string
		attempts int // before the first of this test
		refusals int64
		want     Outcome
	}{
		{"greylisted three times", 0, 3, OutcomeSent},
		{"for days", giveUp - 2, 9, OutcomeFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var asked atomic.Int64
			srv := startMemory(t, memory.SMTPConfig{OnRcpt: func(string, string) memory.Verdict {
				if asked.Add(1) <= tt.refusals {
					return memory.Verdict{Code: 451, Text: "greylisted"}
				}
				return memory.Verdict{}
			}})
			q := newQueue(t)
			q.add(Job{ID: 1, Attempt: tt.attempts})
			r := start(t, q, nil, at(srv.Addr()))
			for n := 1; ; n++ {
				got := q.result(1, n)
				if got.Outcome != OutcomeLater {
					if got.Outcome != tt.want || tt.want == OutcomeFailed && !strings.Contains(got.Detail, "greylisted") {
						t.Errorf("%+v, want %s", got, tt.want)
					}
					break
				}
				if wait := got.Next.Sub(r.clock.Now()); wait != nextTry(tt.attempts+n) {
					t.Errorf("attempt %d: again after %v", n, wait)
				}
				r.clock.add(got.Next.Sub(r.clock.Now()))
				r.Wake()
			}
			r.stop()
		})
	}
}

// TestNoSuchAccount is mail of a mailbox that is gone from the configuration.
func TestNoSuchAccount(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	q := newQueue(t)
	q.add(Job{ID: 1, Account: "gone"}, Job{ID: 2})
	r := start(t, q, nil, at(srv.Addr()))
	if got := q.result(1, 1); got.Outcome != OutcomeLater || !strings.Contains(got.Detail, "gone") {
		t.Errorf("%+v", got)
	}
	q.outcome(2, OutcomeSent)
	r.stop()
}
