package outbox

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
)

func newCert(t *testing.T) *memory.Cert {
	t.Helper()
	c, err := memory.NewCert()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const password = "correct horse/battery+staple"

func withLogin(s Server, secret string) Server {
	s.Auth, s.Username = "password", "support"
	s.Secret = func(context.Context) (string, error) { return secret, nil }
	return s
}

// TestCannotConnect is each way not to come to the point of sending: the mail is released, the operator told once, and no
// secret said.
func TestCannotConnect(t *testing.T) {
	cert, other := newCert(t), newCert(t)
	users := map[string]string{"support": password}
	tests := []struct {
		name   string
		cfg    memory.SMTPConfig
		change func(*Server)
		says   string
	}{
		{"a certificate that nobody vouches for", memory.SMTPConfig{TLS: cert.Server(), Implicit: true}, func(s *Server) { s.Security, s.TLS = TLS, other.Client() }, "certificate"},
		{"the same by STARTTLS", memory.SMTPConfig{TLS: cert.Server()}, func(s *Server) { s.Security, s.TLS = StartTLS, other.Client() }, "certificate"},
		{"no STARTTLS", memory.SMTPConfig{}, func(s *Server) { s.Security, s.TLS = StartTLS, cert.Client() }, "does not offer STARTTLS"},
		{"TLS to a plain port", memory.SMTPConfig{}, func(s *Server) { s.Security, s.TLS = TLS, cert.Client() }, "TLS"},
		{"a wrong password", memory.SMTPConfig{Users: map[string]string{"support": "another"}}, func(s *Server) { *s = withLogin(*s, password) }, "logging in"},
		{"a wrong password over TLS", memory.SMTPConfig{Users: map[string]string{"support": "another"}, TLS: cert.Server(), Implicit: true},
			func(s *Server) { *s = withLogin(*s, password); s.Security, s.TLS = TLS, cert.Client() }, "logging in"},
		{"no login offered", memory.SMTPConfig{}, func(s *Server) { *s = withLogin(*s, password) }, "offers no login"},
		{"a login that the server does not know", memory.SMTPConfig{Users: users}, func(s *Server) { *s = withLogin(*s, password); s.Auth = "xoauth2" }, "does not offer xoauth2"},
		{"login wanted and none made", memory.SMTPConfig{Users: users}, func(*Server) {}, "refuses the account"},
		{"no password to be had", memory.SMTPConfig{Users: users}, func(s *Server) {
			*s = withLogin(*s, password)
			s.Secret = func(context.Context) (string, error) { return "", errors.New("no such file") }
		}, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := startMemory(t, tt.cfg)
			s := at(srv.Addr())
			tt.change(&s)
			q := newQueue(t)
			q.add(Job{ID: 1})
			r := start(t, q, nil, s)
			if got := q.result(1, 1); got.Outcome != OutcomeReleased {
				t.Errorf("%+v, want released", got)
			}
			for i := range 3 { // still so later, and nothing new to tell
				r.clock.add(time.Hour)
				r.Wake()
				q.result(1, i+2)
			}
			r.stop()
			if got := q.look(1); got.Attempt != 0 || srv.Count() != 0 {
				t.Errorf("attempt %d, %d arrived", got.Attempt, srv.Count())
			}
			if h := r.health.all(); h != "trouble:support" {
				t.Errorf("told %q", h)
			}
			said := r.log.String()
			if !strings.Contains(said, tt.says) {
				t.Errorf("%q is not said in\n%s", tt.says, said)
			}
			if strings.Contains(said, password) {
				t.Errorf("the password is said in\n%s", said)
			}
		})
	}
}

// TestSecretHidden is a server that repeats what it was sent.
func TestSecretHidden(t *testing.T) {
	for _, offered := range []string{"PLAIN", "LOGIN"} {
		t.Run(offered, func(t *testing.T) {
			addr := mailtest.StartScript(t, func(k *mailtest.Talk) {
				k.Send("220 hello\r\n")
				for {
					line := k.Line()
					switch word, _, _ := strings.Cut(line, " "); {
					case word == "EHLO":
						k.Send("250-hello\r\n250 AUTH %s\r\n", offered)
					case line == "AUTH LOGIN":
						k.Send("334 VXNlcm5hbWU6\r\n")
						k.Line()
						k.Send("334 UGFzc3dvcmQ6\r\n")
						k.Send("535 5.7.8 bad: %s %s\r\n", k.Line(), password)
					default:
						k.Send("535 5.7.8 bad: %s %s\r\n", line, password)
					}
				}
			})
			q := newQueue(t)
			q.add(Job{ID: 1})
			r := start(t, q, nil, withLogin(hasty(at(addr)), password))
			q.outcome(1, OutcomeReleased)
			r.stop()
			said := r.log.String()
			if !strings.Contains(said, "535") || !strings.Contains(said, "(hidden)") {
				t.Errorf("the refusal is not said:\n%s", said)
			}
			for _, s := range []string{password, "Y29ycmVjdCBob3JzZS9iYXR0ZXJ5K3N0YXBsZQ==", "AHN1cHBvcnQAY29ycmVjdCBob3JzZS9iYXR0ZXJ5K3N0YXBsZQ=="} {
				if strings.Contains(said, s) {
					t.Errorf("%q is said in\n%s", s, said)
				}
			}
		})
	}
}

// TestDownAndBack is a server that is away for hours: one word of trouble, one of recovery, for each time.
func TestDownAndBack(t *testing.T) {
	var greeting atomic.Value
	greeting.Store("421 down for repair")
	bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
		b.Answer = func(_ int, command, _ string) string {
			if command == "CONNECT" {
				return greeting.Load().(string)
			}
			return ""
		}
	})
	q := newQueue(t)
	for id := range int64(100) {
		q.add(Job{ID: id})
	}
	s := hasty(at(bad.Addr))
	s.Connections = 4
	r := start(t, q, nil, s)
	q.outcome(0, OutcomeReleased)
	for range 30 {
		r.clock.add(6 * time.Minute)
		r.Wake()
		time.Sleep(2 * time.Millisecond)
	}
	greeting.Store("")
	r.within(t, time.Hour, 99, OutcomeSent)
	for id := range int64(100) {
		q.outcome(id, OutcomeSent)
	}
	r.stop()
	if h := r.health.all(); h != "trouble:support well:support" {
		t.Errorf("told %q", h)
	}
	if a := q.look(99).Attempt; a != 1 {
		t.Errorf("attempt %d: what was released counted", a)
	}
	if n := strings.Count(r.log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors logged, want 1", n)
	}
}

// TestOtherAccountGoesOn is one account with a server that hangs or refuses, under a full queue, beside one that is well.
func TestOtherAccountGoesOn(t *testing.T) {
	for _, how := range []struct {
		name string
		set  func(*mailtest.BadSMTP)
	}{
		{"hangs at the greeting", func(b *mailtest.BadSMTP) { b.Greeting = mailtest.ReplyHang }},
		{"hangs after the dot", func(b *mailtest.BadSMTP) { b.Dot = mailtest.ReplyHang }},
		{"refuses connections", func(b *mailtest.BadSMTP) { b.Greeting = "554 no" }},
	} {
		t.Run(how.name, func(t *testing.T) {
			bad := mailtest.StartBadSMTP(t, how.set)
			good := startMemory(t, memory.SMTPConfig{})
			q := newQueue(t)
			for id := range int64(300) {
				q.add(Job{ID: id, Account: "bad"})
			}
			for id := int64(1000); id < 1100; id++ {
				q.add(Job{ID: id, Account: "good", Deadline: t0})
			}
			b, g := at(bad.Addr), at(good.Addr())
			b.Account, g.Account = "bad", "good"
			b.Timeout, b.DataTimeout = time.Hour, time.Hour
			r := start(t, q, nil, b, g)
			for id := int64(1000); id < 1100; id++ {
				q.outcome(id, OutcomeSent)
			}
			r.stop()
			if strings.Contains(r.health.all(), "trouble:good") {
				t.Errorf("told %q", r.health.all())
			}
		})
	}
}

// TestStaffGoesOn is that staff mail leaves while mail to customers is stuck, or braked, or paused.
func TestStaffGoesOn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server func(*Server)
		option func(*Options)
	}{
		{"customers' mail hangs", func(*Server) {}, nil},
		{"the brake is on", func(s *Server) { s.PerMinute = 1 }, nil},
		{"customers' mail is paused", func(*Server) {}, func(o *Options) { o.Paused = func() bool { return true } }},
		{"the look for \\Answered hangs", func(*Server) {}, func(o *Options) {
			o.Answered = func(ctx context.Context, _ Job) (bool, error) { <-ctx.Done(); return false, ctx.Err() }
		}},
		{"the look for proof hangs", func(*Server) {}, func(o *Options) {
			o.Proof = func(ctx context.Context, _ Job) (bool, error) { <-ctx.Done(); return false, ctx.Err() }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
				b.Answer = func(_ int, command, line string) string {
					if command == "RCPT" && strings.Contains(line, "customer") {
						return mailtest.ReplyHang
					}
					return ""
				}
			})
			q := newQueue(t)
			for id := range int64(200) {
				q.add(Job{ID: id})
			}
			q.add(Job{ID: 900})
			q.rows[900].state = OutcomeUnknown
			for id := int64(1000); id < 1100; id++ {
				q.add(Job{ID: id, Lane: responder.LaneStaff, To: "boss@service.example"})
			}
			s := at(bad.Addr)
			s.Timeout = time.Hour
			tt.server(&s)
			r := start(t, q, tt.option, s)
			for id := int64(1000); id < 1100; id++ {
				q.outcome(id, OutcomeSent)
			}
			r.stop()
		})
	}
}

// TestOneConnectionTooMany is a server that takes one connection of ours for customers and no more: all mail goes, and
// there is nothing to tell.
func TestOneConnectionTooMany(t *testing.T) {
	first := make(chan struct{})
	bad := mailtest.StartBadSMTP(t, func(b *mailtest.BadSMTP) {
		var dots atomic.Int64
		b.Answer = func(n int, command, _ string) string {
			switch {
			case command == "DOT" && dots.Add(1) == 1:
				defer close(first)
			case command == "CONNECT" && n > 1:
				<-first
				return "421 4.7.0 too many connections" + mailtest.ThenDrop
			}
			return ""
		}
	})
	q := newQueue(t)
	q.add(Job{ID: 0})
	s := at(bad.Addr)
	s.Connections = 4
	r := start(t, q, nil, s)
	q.outcome(0, OutcomeSent)
	for id := int64(1); id < 100; id++ {
		q.add(Job{ID: id})
	}
	r.Wake()
	for id := range int64(100) {
		q.outcome(id, OutcomeSent)
	}
	r.stop()
	if h := r.health.all(); h != "well:support" {
		t.Errorf("told %q", h)
	}
}
