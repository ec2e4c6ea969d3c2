package imap_test

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/mailbox/imap"
)

// dovecotServer is one user of a real Dovecot.
type dovecotServer struct {
	d        *mailtest.Dovecot
	user     string
	security imap.Security
}

func (s *dovecotServer) account() imap.Account {
	at := s.d.IMAPS
	if s.security != imap.TLS {
		at = s.d.IMAP
	}
	host, port, _ := net.SplitHostPort(at)
	p, _ := strconv.Atoi(port)
	return imap.Account{
		Host: host, Port: p, Security: s.security, TLS: s.d.TLS(), Username: s.user, Secret: secret(mailtest.Secret),
	}
}

func (s *dovecotServer) client(t *testing.T) *mailtest.Client {
	return mailtest.NewClient(t, s.d.IMAP, s.user)
}

func (s *dovecotServer) add(t *testing.T, folder string, raw []byte, internal time.Time, flags ...string) uint32 {
	t.Helper()
	return s.client(t).Append(folder, raw, internal, flags...)
}

func (s *dovecotServer) fill(t *testing.T, n int) uint32 {
	t.Helper()
	raws := make([][]byte, n)
	for i := range raws {
		raws[i] = text(i)
	}
	s.d.Fill(s.user, raws...)
	return uint32(n)
}

func (s *dovecotServer) list(t *testing.T, folder string) []message {
	t.Helper()
	var out []message
	for _, m := range s.client(t).List(folder) {
		out = append(out, message{m.UID, m.Flags, m.Raw})
	}
	return out
}

func (s *dovecotServer) flag(t *testing.T, folder string, uid uint32, flags ...string) {
	t.Helper()
	s.client(t).Flag(folder, uid, flags...)
}

func (s *dovecotServer) remove(t *testing.T, folder string, uid uint32) {
	t.Helper()
	s.client(t).Remove(folder, uid)
}

func (s *dovecotServer) renumber(*testing.T, string) { s.d.Renumber(s.user) }
func (s *dovecotServer) restart(*testing.T)          { s.d.Restart() }

// users makes a server for each test of a suite: one Dovecot, another user.
func users(d *mailtest.Dovecot, security imap.Security) func(*testing.T) server {
	n := 0
	return func(*testing.T) server {
		n++
		return &dovecotServer{d, fmt.Sprintf("user%d", n), security}
	}
}

func TestDovecotTLS(t *testing.T) {
	suite(t, users(mailtest.StartDovecot(t, mailtest.DovecotConfig{}), imap.TLS))
}

func TestDovecotStartTLS(t *testing.T) {
	t.Parallel()
	start := users(mailtest.StartDovecot(t, mailtest.DovecotConfig{}), imap.StartTLS)
	// Behind the handshake all is the same as with TLS: what needs several connections is enough.
	t.Run("mail", func(t *testing.T) { testWaitingAndComing(t, start(t)) })
	t.Run("restart", func(t *testing.T) { testRestart(t, start(t)) })
	t.Run("filing", func(t *testing.T) { testFiling(t, start(t)) })
}

const lean = "IMAP4rev1 SASL-IR LITERAL+ UNSELECT "

// TestDovecotWithoutExtensions: what the daemon does where the server offers less.
func TestDovecotWithoutExtensions(t *testing.T) {
	t.Parallel()
	t.Run("no IDLE: polls", func(t *testing.T) {
		d := mailtest.StartDovecot(t, mailtest.DovecotConfig{Capabilities: lean + "UIDPLUS"})
		srv := &dovecotServer{d, "poll", imap.TLS}
		s := newSink(t)
		w := watching(t, srv, s, func(a *imap.Account) { a.Poll = 50 * time.Millisecond })
		s.until("a first look", func() bool { return !w.Status()[0].Success.IsZero() })
		if w.Status()[0].Idle {
			t.Error("the status says IDLE")
		}
		for i := 1; i <= 2; i++ {
			d.Deliver("poll", text(i))
			s.until("the mail that came", func() bool { return s.count() == i })
		}
	})
	t.Run("UIDPLUS without MOVE: moves, and leaves what a person has deleted", func(t *testing.T) {
		d := mailtest.StartDovecot(t, mailtest.DovecotConfig{Capabilities: lean + "IDLE UIDPLUS"})
		testFiling(t, &dovecotServer{d, "copy", imap.TLS})
	})
	t.Run("neither: refuses to move", func(t *testing.T) {
		d := mailtest.StartDovecot(t, mailtest.DovecotConfig{Capabilities: lean + "IDLE"})
		srv := &dovecotServer{d, "stay", imap.TLS}
		srv.add(t, "INBOX", text(1), time.Time{})
		s := newSink(t)
		w := watching(t, srv, s, nil)
		s.until("the mail", func() bool { return s.count() == 1 })
		err := w.File(t.Context(), imap.Filing{Mode: imap.Move, Target: "Processed"}, s.key("INBOX", 1))
		if !errors.Is(err, imap.ErrCannotMove) {
			t.Errorf("File returns %v, want ErrCannotMove", err)
		}
		r, err := w.Probe(t.Context())
		if err != nil || r.Move {
			t.Errorf("the probe says that mail can be moved; error %v", err)
		}
		if n := len(srv.list(t, "INBOX")); n != 1 {
			t.Errorf("INBOX holds %d mails, want 1", n)
		}
	})
}

func TestDovecotTokens(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	for _, auth := range []imap.Auth{imap.XOAUTH2, imap.OAuthBearer} {
		for _, security := range []imap.Security{imap.TLS, imap.StartTLS} {
			t.Run(string(auth)+" over "+string(security), func(t *testing.T) {
				srv := &dovecotServer{d, "token", security}
				a := srv.account()
				a.Name, a.Auth, a.Secret = "acct", auth, secret(d.Token("token"))
				w, err := imap.New(a, nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Probe(t.Context()); err != nil {
					t.Errorf("a good token: %v", err)
				}
				a.Secret = secret("stale")
				if w, err = imap.New(a, nil); err != nil {
					t.Fatal(err)
				}
				if _, err := w.Probe(t.Context()); !errors.Is(err, imap.ErrLogin) {
					t.Errorf("a bad token gives %v, want ErrLogin", err)
				}
			})
		}
	}
}
