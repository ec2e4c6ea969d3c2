package outbox

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
)

// storesThenDrops stores mails and closes the connection in the place of its first n answers.
func storesThenDrops(t *testing.T, n int64) *memory.SMTP {
	var times atomic.Int64
	return startMemory(t, memory.SMTPConfig{OnData: func(memory.Delivered) memory.Verdict {
		if times.Add(1) <= n {
			return memory.Verdict{Drop: memory.DropBefore}
		}
		return memory.Verdict{}
	}})
}

func TestUnknownRepeatedOnce(t *testing.T) {
	tests := []struct {
		name   string
		drops  int64
		last   Outcome
		copies int
	}{
		{"the repetition is answered", 1, OutcomeSent, 2},
		{"the repetition is not answered: a person's turn", 9, OutcomeUnknown, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := storesThenDrops(t, tt.drops)
			q := newQueue(t)
			q.add(Job{ID: 1})
			r := start(t, q, nil, at(srv.Addr()))
			if got := q.result(1, 1); got.Outcome != OutcomeUnknown || got.Server != srv.Addr() {
				t.Fatalf("first %+v", got)
			}
			if got := q.result(1, 2); got.Outcome != tt.last {
				t.Errorf("second %+v, want %s", got, tt.last)
			}
			time.Sleep(4 * r.opt.ResendAfter) // nothing may follow
			r.stop()
			ms := srv.Messages()
			if len(ms) != tt.copies || string(ms[0].Data) != string(ms[1].Data) || string(ms[0].Data) != string(rawMail(1)) {
				t.Errorf("%d copies, want %d the same", len(ms), tt.copies)
			}
			if n := len(q.look(1).results); n != 2 {
				t.Errorf("%d results, want 2", n)
			}
		})
	}
}

func TestProof(t *testing.T) {
	tests := []struct {
		name    string
		answers []error // of the looks before the copy is found
		copies  int
	}{
		{"found at once", nil, 1},
		{"found after looks that failed", []error{errors.New("IMAP is down"), errors.New("IMAP is down")}, 1},
		{"never to be looked for", make([]error, 2*proofTries), 2},
	}
	for i := range tests[2].answers {
		tests[2].answers[i] = errors.New("IMAP is down")
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := storesThenDrops(t, 1)
			q := newQueue(t)
			q.add(Job{ID: 1})
			var looks atomic.Int64
			r := start(t, q, func(o *Options) {
				o.ResendAfter = 20 * time.Millisecond
				o.Proof = func(_ context.Context, j Job) (bool, error) {
					if j.ID != 1 || j.MessageID != q.look(1).MessageID {
						t.Errorf("proof of %d", j.ID)
					}
					n := int(looks.Add(1))
					if n <= len(tt.answers) {
						return false, tt.answers[n-1]
					}
					return true, nil
				}
			}, at(srv.Addr()))
			q.outcome(1, OutcomeSent)
			r.stop()
			if srv.Count() != tt.copies {
				t.Errorf("%d copies, want %d", srv.Count(), tt.copies)
			}
		})
	}
}

// TestAfterCrash is what becomes of mail that was claimed when the program died.
func TestAfterCrash(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	name := srv.Addr()
	tests := []struct {
		name   string
		server string
		want   Outcome
		copies int
	}{
		{"the account's own server", "", OutcomeSent, 1},
		{"the same server", name, OutcomeSent, 1},
		{"a server that is gone from the configuration", "old.example:587", OutcomeFailed, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv.Reset()
			q := newQueue(t)
			q.add(Job{ID: 1, Server: tt.server, Attempt: 1})
			q.rows[1].state = claimed
			r := start(t, q, func(o *Options) { o.ResendAfter = time.Hour }, at(srv.Addr()))
			if got := q.result(1, 1); got.Outcome != tt.want {
				t.Errorf("%+v, want %s", got, tt.want)
			}
			r.stop()
			if srv.Count() != tt.copies {
				t.Errorf("%d copies, want %d", srv.Count(), tt.copies)
			}
		})
	}
}

// TestUnknownWaitsForItsServer is that a repetition stays possible while the server is down.
func TestUnknownWaitsForItsServer(t *testing.T) {
	var greeting atomic.Value
	greeting.Store("")
	var dots atomic.Int64
	bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
		b.Answer = func(_ int, command, _ string) string {
			switch command {
			case "CONNECT":
				return greeting.Load().(string)
			case "DOT":
				if dots.Add(1) == 1 {
					greeting.Store("421 down")
					return mailtest.ReplyDrop
				}
			}
			return ""
		}
	})
	q := newQueue(t)
	q.add(Job{ID: 1})
	r := start(t, q, nil, hasty(at(bad.Addr)))
	if got := q.result(1, 1); got.Outcome != OutcomeUnknown {
		t.Fatalf("first %+v", got)
	}
	if got := q.result(1, 2); got.Outcome != OutcomeReleased {
		t.Fatalf("while the server is down: %+v", got)
	}
	greeting.Store("")
	r.within(t, time.Hour, 1, OutcomeSent)
	r.stop()
	if n := len(bad.Mails()); n != 2 {
		t.Errorf("%d copies, want 2", n)
	}
}

// TestRounds is that what a crash left is repeated at once, and else a mail waits one round for proof.
func TestRounds(t *testing.T) {
	unknown := func(t *testing.T) (*Outbox, *queue) {
		q := newQueue(t)
		q.add(Job{ID: 1})
		q.rows[1].state = OutcomeUnknown
		r := New(Options{Queue: q, Servers: []Server{at("127.0.0.1:25")}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		return r, q
	}
	t.Run("start", func(t *testing.T) {
		o, q := unknown(t)
		if left := o.round(t.Context(), nil, true); len(left) != 0 || !q.look(1).Resend {
			t.Errorf("left %v, repeated: %t", left, q.look(1).Resend)
		}
	})
	t.Run("later", func(t *testing.T) {
		o, q := unknown(t)
		left := o.round(t.Context(), nil, false)
		if len(left) != 1 || q.look(1).Resend {
			t.Fatalf("in the first round: left %v, repeated: %t", left, q.look(1).Resend)
		}
		if left = o.round(t.Context(), left, false); len(left) != 0 || !q.look(1).Resend {
			t.Errorf("in the second round: left %v, repeated: %t", left, q.look(1).Resend)
		}
	})
}

// TestPanic is that a panic costs one mail and not the program: that mail goes to a person in the end, the others go out.
func TestPanic(t *testing.T) {
	srv := startMemory(t, memory.SMTPConfig{})
	q := newQueue(t)
	q.add(Job{ID: 1}, Job{ID: 2}, Job{ID: 3})
	r := start(t, q, func(o *Options) {
		o.Answered = func(_ context.Context, j Job) (bool, error) {
			if j.ID == 2 {
				panic("a mistake")
			}
			return false, nil
		}
	}, at(srv.Addr()))
	q.outcome(1, OutcomeSent)
	q.outcome(3, OutcomeSent)
	if got := q.result(2, 2); got.Outcome != OutcomeUnknown || !strings.Contains(got.Detail, "a mistake") {
		t.Errorf("%+v", got)
	}
	r.stop()
	if n := strings.Count(r.log.String(), "a panic while sending"); n != 2 {
		t.Errorf("%d panics are logged", n)
	}
}
