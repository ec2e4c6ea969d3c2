package outbox

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
)

// TestOutcomes is what one mail on a fresh connection comes to, by what the server does.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name    string
		server  func(*mailtest.BadSMTP)
		want    Outcome
		code    int
		detail  string // is part of what is recorded
		trouble bool
	}{
		{"accepted", func(b *mailtest.BadSMTP) { b.Dot = "250 2.0.0 queued as ABC123" }, OutcomeSent, 250, "2.0.0 queued as ABC123", false},
		{"accepted in several lines", func(b *mailtest.BadSMTP) { b.Dot = "250-2.0.0 queued\r\n250 as ABC123" }, OutcomeSent, 250, "2.0.0 queued as ABC123", false},
		{"accepted with another 2xx", func(b *mailtest.BadSMTP) { b.Dot = "252 kept" }, OutcomeSent, 252, "kept", false},
		{"dropped behind the 250", func(b *mailtest.BadSMTP) { b.Dot = "250 queued as XYZ" + mailtest.ThenDrop }, OutcomeSent, 250, "queued as XYZ", false},
		{"QUIT dropped", func(b *mailtest.BadSMTP) { b.Quit = mailtest.ReplyDrop }, OutcomeSent, 250, "queued", false},

		{"dropped before the 250", func(b *mailtest.BadSMTP) { b.Dot = mailtest.ReplyDrop }, OutcomeUnknown, 0, "EOF", false},
		{"silent after the dot", func(b *mailtest.BadSMTP) { b.Dot = mailtest.ReplyHang }, OutcomeUnknown, 0, "timeout", false},
		{"nonsense after the dot", func(b *mailtest.BadSMTP) { b.Dot = "fine" }, OutcomeUnknown, 0, "short response", false},
		{"another 354 after the dot", func(b *mailtest.BadSMTP) { b.Dot = "354 go on" }, OutcomeUnknown, 0, "go on", false},
		{"endless answer to the dot", func(b *mailtest.BadSMTP) { b.Dot = strings.Repeat("250-and\r\n", 100_000) + "250 end" }, OutcomeUnknown, 0, "too long", false},

		{"451 after the dot", func(b *mailtest.BadSMTP) { b.Dot = "451 4.7.1 greylisted" }, OutcomeLater, 451, "4.7.1 greylisted", false},
		{"421 after the dot", func(b *mailtest.BadSMTP) { b.Dot = "421 4.3.2 down" + mailtest.ThenDrop }, OutcomeLater, 421, "4.3.2 down", false},
		{"554 after the dot", func(b *mailtest.BadSMTP) { b.Dot = "554 5.7.1 spam" }, OutcomeFailed, 554, "5.7.1 spam", false},

		{"421 and a drop on MAIL", func(b *mailtest.BadSMTP) { b.Mail = "421 4.3.2 shutting down" + mailtest.ThenDrop }, OutcomeLater, 421, "shutting down", false},
		{"452 on MAIL", func(b *mailtest.BadSMTP) { b.Mail = "452 4.3.1 full" }, OutcomeLater, 452, "4.3.1 full", false},
		{"553 on MAIL", func(b *mailtest.BadSMTP) { b.Mail = "553 5.7.1 not your address" }, OutcomeFailed, 553, "not your address", false},
		{"drop on MAIL", func(b *mailtest.BadSMTP) { b.Mail = mailtest.ReplyDrop }, OutcomeLater, 0, "lost", false},
		{"silent on MAIL", func(b *mailtest.BadSMTP) { b.Mail = mailtest.ReplyHang }, OutcomeLater, 0, "timeout", false},
		{"550 on RCPT", func(b *mailtest.BadSMTP) { b.Rcpt = "550 5.1.1 no such user" }, OutcomeFailed, 550, "5.1.1 no such user", false},
		{"451 on RCPT", func(b *mailtest.BadSMTP) { b.Rcpt = "451 4.7.1 later" }, OutcomeLater, 451, "4.7.1 later", false},
		{"251 on RCPT", func(b *mailtest.BadSMTP) { b.Rcpt = "251 will forward" }, OutcomeSent, 250, "queued", false},
		{"drop on RCPT", func(b *mailtest.BadSMTP) { b.Rcpt = mailtest.ReplyDrop }, OutcomeLater, 0, "lost", false},
		{"554 on DATA", func(b *mailtest.BadSMTP) { b.Data = "554 5.5.1 no valid recipients" }, OutcomeFailed, 554, "no valid recipients", false},
		{"451 on DATA", func(b *mailtest.BadSMTP) { b.Data = "451 4.3.0 no room" }, OutcomeLater, 451, "no room", false},
		{"250 on DATA", func(b *mailtest.BadSMTP) { b.Data = "250 what" }, OutcomeLater, 0, "lost", false},
		{"drop on DATA", func(b *mailtest.BadSMTP) { b.Data = mailtest.ReplyDrop }, OutcomeLater, 0, "lost", false},

		{"421 in greeting", func(b *mailtest.BadSMTP) { b.Greeting = "421 too busy" + mailtest.ThenDrop }, OutcomeReleased, 0, "", true},
		{"554 in greeting", func(b *mailtest.BadSMTP) { b.Greeting = "554 go away" }, OutcomeReleased, 0, "", true},
		{"silent greeting", func(b *mailtest.BadSMTP) { b.Greeting = mailtest.ReplyHang }, OutcomeReleased, 0, "", true},
		{"421 on EHLO", func(b *mailtest.BadSMTP) { b.Ehlo = "421 busy" + mailtest.ThenDrop }, OutcomeReleased, 0, "", true},
		{"530 on MAIL", func(b *mailtest.BadSMTP) { b.Mail = "530 5.7.0 log in first" }, OutcomeReleased, 0, "", true},
	}
	inBothWays(t, func(t *testing.T, offers func(*mailtest.BadSMTP)) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) { offers(b); tt.server(b) })
				q := newQueue(t)
				q.add(Job{ID: 1})
				r := start(t, q, nil, hasty(at(bad.Addr)))
				got := q.result(1, 1)
				if got.Outcome != tt.want || got.Code != tt.code || !strings.Contains(got.Detail, tt.detail) {
					t.Errorf("%s %d %q, want %s %d with %q", got.Outcome, got.Code, got.Detail, tt.want, tt.code, tt.detail)
				}
				if got.Outcome == OutcomeLater && !got.Next.Equal(t0.Add(nextTry(1))) {
					t.Errorf("again at %v, want %v", got.Next, t0.Add(nextTry(1)))
				}
				r.stop()
				if said := strings.Contains(r.health.all(), "trouble:support"); said != tt.trouble {
					t.Errorf("trouble told: %t, want %t (%s)", said, tt.trouble, r.health.all())
				}
			})
		}
	})
}

// inBothWays runs a test with a server that takes one command after the other and with one that takes all at once.
func inBothWays(t *testing.T, test func(t *testing.T, offers func(*mailtest.BadSMTP))) {
	for name, ehlo := range map[string]string{"one by one": "250-localhost\r\n250 8BITMIME", "all at once": "250-localhost\r\n250 PIPELINING"} {
		t.Run(name, func(t *testing.T) { test(t, func(b *mailtest.BadSMTP) { b.Ehlo = ehlo }) })
	}
}

// TestReused is what a second mail comes to on a connection that has carried one: what ends an idle connection costs
// nothing, a refusal stays a refusal.
func TestReused(t *testing.T) {
	tests := []struct {
		name    string
		command string
		answer  string
		want    Outcome
		conns   int
	}{
		{"drop on MAIL", "MAIL", mailtest.ReplyDrop, OutcomeSent, 2},
		{"drop on RCPT", "RCPT", mailtest.ReplyDrop, OutcomeSent, 2},
		{"drop on DATA", "DATA", mailtest.ReplyDrop, OutcomeSent, 2},
		{"421 on MAIL", "MAIL", "421 4.4.2 idle for too long" + mailtest.ThenDrop, OutcomeSent, 2},
		{"421 on RCPT", "RCPT", "421 4.7.0 enough for one connection" + mailtest.ThenDrop, OutcomeSent, 2},
		{"530 on MAIL", "MAIL", "530 5.7.0 your login has expired", OutcomeSent, 2},
		{"451 on RCPT", "RCPT", "451 4.7.1 greylisted", OutcomeLater, 1},
		{"550 on RCPT", "RCPT", "550 5.1.1 no such user", OutcomeFailed, 1},
		{"drop before the 250", "DOT", mailtest.ReplyDrop, OutcomeUnknown, 1},
		{"421 after the dot", "DOT", "421 4.3.2 down" + mailtest.ThenDrop, OutcomeLater, 1},
		{"no trouble", "", "", OutcomeSent, 1},
	}
	inBothWays(t, func(t *testing.T, offers func(*mailtest.BadSMTP)) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				q := newQueue(t)
				var mu sync.Mutex
				seen := map[string]int{}
				bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
					offers(b)
					b.Answer = func(n int, command, _ string) string {
						mu.Lock()
						defer mu.Unlock()
						if seen[command]++; n == 1 && command == tt.command && seen[command] == 2 {
							return tt.answer
						}
						return ""
					}
				})
				q.add(Job{ID: 1})
				r := start(t, q, func(o *Options) { o.ResendAfter = 1e15 }, hasty(at(bad.Addr)))
				q.outcome(1, OutcomeSent)
				q.add(Job{ID: 2})
				r.Wake()
				if got := q.result(2, 1); got.Outcome != tt.want {
					t.Errorf("%s %q, want %s", got.Outcome, got.Detail, tt.want)
				}
				r.stop()
				if n := commands(bad, "EHLO"); n != tt.conns {
					t.Errorf("%d connections, want %d", n, tt.conns)
				}
				if n := commands(bad, "RSET") + commands(bad, "NOOP"); n != 0 {
					t.Errorf("%d needless commands", n)
				}
				if h := r.health.all(); h != "well:support" {
					t.Errorf("told %q", h)
				}
			})
		}
	})
}

// TestClaimedBeforeSMTP is that the attempt is on record before the server hears of the mail, and what arrives is the mail.
func TestClaimedBeforeSMTP(t *testing.T) {
	q := newQueue(t)
	srv := startMemory(t, memory.SMTPConfig{OnRcpt: func(_, to string) memory.Verdict {
		if s := q.to(to); s != claimed {
			t.Errorf("the server hears of a mail in the state %q", s)
		}
		return memory.Verdict{}
	}})
	for id := range int64(200) {
		q.add(Job{ID: id, To: fmt.Sprintf("c%d@customer.example", id), EnvelopeFrom: "support+1@service.example"})
	}
	s := at(srv.Addr())
	s.Connections = 4
	r := start(t, q, nil, s)
	for id := range int64(200) {
		q.outcome(id, OutcomeSent)
	}
	r.stop()
	if srv.Count() != 200 {
		t.Errorf("%d mails arrived", srv.Count())
	}
	subjects := map[string]bool{}
	for _, m := range srv.Messages() {
		subjects[string(m.Data)] = true
		if m.From != "support+1@service.example" || len(m.To) != 1 {
			t.Errorf("envelope %s -> %v", m.From, m.To)
		}
	}
	for id := range int64(200) {
		if !subjects[string(rawMail(id))] {
			t.Errorf("mail %d did not arrive as it was", id)
		}
	}
}
