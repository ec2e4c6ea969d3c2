package outbox

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
)

// switched is a server in plain text whose greeting changes, with a fallback that takes all.
func switched(t *testing.T, greeting string) (*mailtest.BadSMTP, *atomic.Value, *memory.SMTP, Server) {
	t.Helper()
	g := &atomic.Value{}
	g.Store(greeting)
	bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
		b.Answer = func(_ int, command, _ string) string {
			if command == "CONNECT" {
				return g.Load().(string)
			}
			return ""
		}
	})
	second := startMemory(t, memory.SMTPConfig{})
	s := hasty(at(bad.Addr))
	f := at(second.Addr())
	s.Fallback = &f
	return bad, g, second, s
}

func TestFallbackNearDeadline(t *testing.T) {
	bad, greeting, second, s := switched(t, "421 down")
	q := newQueue(t)
	q.add(
		Job{ID: 1, Deadline: t0.Add(10 * time.Minute)},
		Job{ID: 2, Deadline: t0.Add(2 * time.Hour)},
		Job{ID: 3, Lane: responder.LaneStaff, Deadline: t0},
	)
	r := start(t, q, nil, s)
	for _, id := range []int64{1, 3} {
		if got := q.outcome(id, OutcomeSent); got.Server != second.Addr() {
			t.Errorf("mail %d went by %s", id, got.Server)
		}
	}
	if used := q.look(1).Server; used != second.Addr() {
		t.Errorf("%q stands on record", used)
	}
	if got := q.outcome(2, OutcomeReleased); got.Next.After(t0.Add(90*time.Minute)) || !got.Next.After(t0) {
		t.Errorf("the mail with time left waits until %v", got.Next)
	}
	// Its deadline comes near while the server stays down: it goes by the fallback.
	if got := r.within(t, 2*time.Hour, 2, OutcomeSent); got.Server != second.Addr() || got.At.Before(t0.Add(90*time.Minute)) {
		t.Errorf("%+v", got)
	}
	// And when the first is back all goes by it again.
	greeting.Store("")
	r.clock.add(10 * time.Minute)
	q.add(Job{ID: 4, Deadline: r.clock.Now().Add(2 * time.Hour)})
	if got := r.within(t, time.Hour, 4, OutcomeSent); got.Server != bad.Addr {
		t.Errorf("after the recovery %+v", got)
	}
	r.stop()
	if h := r.health.all(); h != "trouble:support well:support" {
		t.Errorf("told %q", h)
	}
}

// TestFallbackNeverRepeats is rule 4: a mail whose outcome is unknown goes out again by the server that may have it, or
// not at all.
func TestFallbackNeverRepeats(t *testing.T) {
	tests := []struct {
		name        string
		by          func(own, second string) string
		greeting    string // of the own server
		first, both int    // copies that arrive in the end at the fallback, and in all
	}{
		{"claimed for the own server, which is down", func(own, _ string) string { return own }, "421 down", 0, 0},
		{"claimed without a server on record, own server down", func(string, string) string { return "" }, "421 down", 0, 0},
		{"claimed for the own server, which is up", func(own, _ string) string { return own }, "", 0, 1},
		{"claimed for the fallback, own server up", func(_, second string) string { return second }, "", 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad, _, second, s := switched(t, tt.greeting)
			q := newQueue(t)
			q.add(Job{ID: 1, Server: tt.by(bad.Addr, second.Addr()), Deadline: t0, Attempt: 1})
			q.rows[1].state = claimed
			r := start(t, q, nil, s)
			q.result(1, 1)
			for range 10 {
				r.clock.add(time.Hour)
				r.Wake()
				time.Sleep(10 * time.Millisecond)
			}
			r.stop()
			if n := second.Count(); n != tt.first {
				t.Errorf("%d copies by the fallback, want %d", n, tt.first)
			}
			if n := second.Count() + len(bad.Mails()); n != tt.both {
				t.Errorf("%d copies, want %d", n, tt.both)
			}
		})
	}
}

// TestServerOnRecord is that a row which went by the fallback once, and goes by its own server now, says so before the dial:
// after a crash its outcome is that server's to tell.
func TestServerOnRecord(t *testing.T) {
	bad, _, second, s := switched(t, "")
	q := newQueue(t)
	q.add(Job{ID: 1, Server: second.Addr()}, Job{ID: 2, Server: bad.Addr}, Job{ID: 3})
	r := start(t, q, nil, s)
	for id := int64(1); id <= 3; id++ {
		q.outcome(id, OutcomeSent)
	}
	r.stop()
	if !slices.Equal(q.used, []string{bad.Addr}) {
		t.Errorf("recorded %q", q.used)
	}
}
