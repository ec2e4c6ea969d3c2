package outbox

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
)

// TestPostfix sends by a real server in each way of securing and logging in, and reads what arrived.
func TestPostfix(t *testing.T) {
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{Extra: "auth_mechanisms = plain login\n"})
	p := mailtest.StartPostfix(t, d, mailtest.PostfixConfig{Extra: "message_size_limit = 100000\n"})
	secure := func(addr, security, secret string) Server {
		s := withLogin(at(addr), secret)
		s.Security, s.TLS, s.Connections = security, d.TLS(), 2
		return s
	}
	tests := []struct {
		name     string
		server   Server
		outcome  Outcome
		to, says string
	}{
		{"STARTTLS", secure(p.Submission, StartTLS, mailtest.Secret), OutcomeSent, "anna@support.example", "queued as"},
		{"TLS from the first byte", secure(p.SMTPS, TLS, mailtest.Secret), OutcomeSent, "bea@support.example", "queued as"},
		{"a wrong password", secure(p.Submission, StartTLS, "a wrong one"), OutcomeReleased, "carl@support.example", ""},
		{"login without TLS", secure(p.Submission, Plain, mailtest.Secret), OutcomeReleased, "dora@support.example", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(t)
			for id := range int64(20) {
				q.add(Job{ID: id, To: tt.to})
			}
			r := start(t, q, nil, tt.server)
			for id := range int64(20) {
				if got := q.outcome(id, tt.outcome); !strings.Contains(got.Detail, tt.says) {
					t.Errorf("detail %q", got.Detail)
				}
			}
			r.stop()
			if log := r.log.String(); strings.Contains(log, "a wrong one") || tt.outcome == OutcomeReleased && !strings.Contains(log, "log") {
				t.Errorf("log:\n%s", log)
			}
			if tt.outcome == OutcomeSent {
				arrived(t, d, tt.to, 20)
			}
		})
	}
	t.Run("restarted under way", func(t *testing.T) {
		q := newQueue(t)
		s := secure(p.Submission, StartTLS, mailtest.Secret)
		s.Connections = 1
		r := start(t, q, nil, s)
		q.add(Job{ID: 1, To: "emil@support.example"})
		r.Wake()
		q.outcome(1, OutcomeSent)
		p.Stop()
		q.add(Job{ID: 2, To: "emil@support.example"})
		r.Wake()
		q.outcome(2, OutcomeReleased)
		p.Start()
		r.clock.add(time.Minute)
		r.Wake()
		q.outcome(2, OutcomeSent)
		r.stop()
		arrived(t, d, "emil@support.example", 2)
		if h := r.health.all(); h != "well:support trouble:support well:support" {
			t.Errorf("told %q", h)
		}
	})
	for _, tt := range []struct {
		name, to string
		raw      []byte
		code     int
	}{
		{"a domain that is not served", "x@elsewhere.example", rawMail(1), 550},
		{"over the size limit", "fritz@support.example", bytes.Repeat([]byte("a line of some bytes\r\n"), 10_000), 552},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(t)
			q.add(Job{ID: 1, To: tt.to, Raw: tt.raw})
			r := start(t, q, nil, secure(p.Submission, StartTLS, mailtest.Secret))
			if got := q.result(1, 1); got.Outcome != OutcomeFailed || got.Code != tt.code {
				t.Errorf("%+v, want %d", got, tt.code)
			}
			r.stop()
		})
	}
}

// arrived waits until n mails for an address were delivered, and compares their bodies.
func arrived(t *testing.T, d *mailtest.Dovecot, to string, n int) {
	t.Helper()
	user, _, _ := strings.Cut(to, "@")
	late := time.Now().Add(20 * time.Second)
	for {
		got := d.Client(user).List("INBOX")
		if len(got) < n && time.Now().Before(late) {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if len(got) != n {
			t.Errorf("%d of %d mails arrived", len(got), n)
		}
		for _, m := range got {
			if !bytes.Contains(m.Raw, []byte("\r\n.a line with a dot in front\r\n.\r\nGoodbye\r\n")) {
				t.Errorf("arrived:\n%s", m.Raw)
			}
		}
		return
	}
}
