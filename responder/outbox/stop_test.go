package outbox

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
)

// reached is closed when a phase is reached for the first time.
func reached(phase string) (<-chan struct{}, func(string, int64)) {
	ch := make(chan struct{})
	var once sync.Once
	return ch, func(p string, _ int64) {
		if p == phase {
			once.Do(func() { close(ch) })
		}
	}
}

// TestStop is what becomes of a mail that is under way when the program is told to stop, with an hour of time for the
// server: the stop is what ends the wait.
func TestStop(t *testing.T) {
	tests := []struct {
		name   string
		server func(*mailtest.BadSMTP, chan struct{})
		want   Outcome
	}{
		{"while connecting", func(b *mailtest.BadSMTP, at chan struct{}) { b.Answer = hangs("CONNECT", at) }, OutcomeReleased},
		{"during EHLO", func(b *mailtest.BadSMTP, at chan struct{}) { b.Answer = hangs("EHLO", at) }, OutcomeReleased},
		{"during MAIL", func(b *mailtest.BadSMTP, at chan struct{}) { b.Answer = hangs("MAIL", at) }, OutcomeReleased},
		{"during RCPT", func(b *mailtest.BadSMTP, at chan struct{}) { b.Answer = hangs("RCPT", at) }, OutcomeReleased},
		{"during DATA", func(b *mailtest.BadSMTP, at chan struct{}) { b.Answer = hangs("DATA", at) }, OutcomeReleased},
		{"during the wait after the end of data", func(b *mailtest.BadSMTP, at chan struct{}) { b.Answer = hangs("DOT", at) }, OutcomeUnknown},
		{"a slow answer inside the grace", func(b *mailtest.BadSMTP, at chan struct{}) {
			b.Answer = func(_ int, command, _ string) string {
				if command == "DOT" {
					close(at)
					time.Sleep(50 * time.Millisecond)
				}
				return ""
			}
		}, OutcomeSent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			there := make(chan struct{})
			bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) { tt.server(b, there) })
			q := newQueue(t)
			for id := range int64(100) {
				q.add(Job{ID: id})
			}
			s := at(bad.Addr)
			s.Timeout, s.DataTimeout = time.Hour, time.Hour
			r := start(t, q, nil, s)
			<-there
			r.stop()
			if got := q.look(0).results; len(got) != 1 || got[0].Outcome != tt.want {
				t.Errorf("%+v, want %s", got, tt.want)
			}
			for id := int64(1); id < 100; id++ {
				if row := q.look(id); row.state != "" || row.Attempt != 0 {
					t.Errorf("mail %d: state %q after %d attempts", id, row.state, row.Attempt)
				}
			}
			if h := r.health.all(); strings.Contains(h, "trouble") {
				t.Errorf("told %q", h)
			}
		})
	}
}

func hangs(where string, at chan struct{}) func(int, string, string) string {
	var once sync.Once
	return func(_ int, command, _ string) string {
		if command != where {
			return ""
		}
		once.Do(func() { close(at) })
		return mailtest.ReplyHang
	}
}

// TestStopIdle is that a stop says goodbye on connections without work.
func TestStopIdle(t *testing.T) {
	bad := mailtest.StartBadSMTP(t, nil)
	q := newQueue(t)
	q.add(Job{ID: 1})
	r := start(t, q, nil, at(bad.Addr))
	q.outcome(1, OutcomeSent)
	r.stop()
	if n := commands(bad, "QUIT"); n != 1 {
		t.Errorf("%d QUIT, want 1", n)
	}
}

// TestStoreFails is a store that cannot write when the mail is out already.
func TestStoreFails(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	t.Run("for a while", func(t *testing.T) {
		q := newQueue(t)
		q.failMarks(errors.New("disk full"))
		q.add(Job{ID: 1})
		accepted, phase := reached(PhaseAccepted)
		r := start(t, q, func(o *Options) { o.Phase = phase }, at(srv.Addr()))
		<-accepted
		for !strings.Contains(r.log.String(), "disk full") {
			time.Sleep(time.Millisecond)
		}
		q.failMarks(nil)
		q.outcome(1, OutcomeSent)
		r.stop()
		if srv.Count() != 1 {
			t.Errorf("%d copies", srv.Count())
		}
	})
	t.Run("to the end", func(t *testing.T) {
		srv.Reset()
		q := newQueue(t)
		q.failMarks(errors.New("disk full"))
		q.add(Job{ID: 1})
		accepted, phase := reached(PhaseAccepted)
		r := start(t, q, func(o *Options) { o.Phase = phase }, at(srv.Addr()))
		<-accepted
		r.stop()
		if got := q.look(1); got.state != claimed {
			t.Errorf("state %q", got.state)
		}
		// The next start does not know whether the mail went out, and the provider does.
		q.failMarks(nil)
		r = start(t, q, func(o *Options) {
			o.Proof = func(context.Context, Job) (bool, error) { return true, nil }
		}, at(srv.Addr()))
		q.outcome(1, OutcomeSent)
		r.stop()
		if srv.Count() != 1 {
			t.Errorf("%d copies", srv.Count())
		}
	})
}

type brokenQueue struct{ Queue }

func (brokenQueue) Recover(context.Context, time.Time) (int, error) {
	return 0, errors.New("disk full")
}

// TestRecoverFails is that nothing is claimed while it is not known what a crash left.
func TestRecoverFails(t *testing.T) {
	err := New(Options{Queue: brokenQueue{}, Now: time.Now}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("%v", err)
	}
	noneLeft(t)
}
