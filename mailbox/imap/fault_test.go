package imap_test

import (
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/mailbox"
	"aftercare/mailbox/imap"
)

// throughProxy is a plain memory server behind a proxy.
type throughProxy struct {
	*memoryServer
	p *mailtest.Proxy
}

func (s throughProxy) account() imap.Account {
	a := s.memoryServer.account()
	b := badAccount(s.p.Addr)
	a.Host, a.Port = b.Host, b.Port
	return a
}

func startProxied(t *testing.T) throughProxy {
	m := startMemory(t, imap.Plain, func(c *memory.IMAPConfig) { c.TLS = nil })
	return throughProxy{m, mailtest.StartProxy(t, m.Addr())}
}

// TestCutsAnywhere: the line breaks after ever more bytes; every mail arrives, none is blamed.
func TestCutsAnywhere(t *testing.T) {
	t.Parallel()
	srv := startProxied(t)
	last := srv.fill(t, 300)
	s := newSink(t)
	cuts := []int64{100, 2_000, 9_000, 20_000, 30_000}
	srv.p.CutAfter(cuts[0])
	next := 1
	w := watching(t, srv, s, func(a *imap.Account) { a.BatchMails = 20 })
	s.until("all mails", func() bool {
		if next < len(cuts) && srv.p.Count() > next {
			srv.p.CutAfter(cuts[next])
			next++
		}
		return s.cursor("INBOX").UID == last
	})
	for k, v := range s.seen {
		if v.how != "delivered" {
			t.Errorf("UID %d is %s (%v)", k.UID, v.how, v.why)
		}
	}
	if srv.p.Count() < 2 {
		t.Errorf("%d connections: the line never broke", srv.p.Count())
	}
	s.until("good health", func() bool { st := w.Status()[0]; return st.Connected && st.Err == nil })
}

// TestBlackhole: a line that swallows everything is noticed when IDLE is left, and mail is read once it is well again.
func TestBlackhole(t *testing.T) {
	t.Parallel()
	srv := startProxied(t)
	srv.fill(t, 1)
	s := newSink(t)
	w := watching(t, srv, s, func(a *imap.Account) {
		a.CommandTimeout, a.Poll = 200*time.Millisecond, 100*time.Millisecond
	})
	s.until("the first mail", func() bool { return s.count() == 1 })
	srv.p.Blackhole(true)
	s.until("trouble", func() bool { st := w.Status()[0]; return !st.Connected && st.Failures >= 2 })
	srv.fill(t, 1)
	srv.p.Blackhole(false)
	s.until("the second mail", func() bool { return s.count() == 2 })
}

// TestSlowLine: a mail that takes many times the command timeout is read, as long as bytes keep coming.
func TestSlowLine(t *testing.T) {
	t.Parallel()
	srv := startProxied(t)
	srv.add(t, "INBOX", append(text(1), []byte(strings.Repeat("slow line\r\n", 200_000))...), time.Time{})
	s := newSink(t)
	srv.p.Delay(15 * time.Millisecond)
	watching(t, srv, s, func(a *imap.Account) { a.CommandTimeout = 400 * time.Millisecond })
	s.until("the mail", func() bool { return s.count() == 1 })
	if got, _ := s.get(1); got.how != "delivered" {
		t.Errorf("the mail is %s (%v)", got.how, got.why)
	}
	if n := srv.p.Count(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// TestSlowSink: the time that the sink takes does not count against the server.
func TestSlowSink(t *testing.T) {
	t.Parallel()
	srv := startProxied(t)
	srv.fill(t, 5)
	s := newSink(t)
	release := make(chan struct{})
	timer := time.AfterFunc(time.Second, func() { close(release) })
	defer timer.Stop()
	s.hold = func([]mailbox.Raw) { <-release }
	watching(t, srv, s, func(a *imap.Account) { a.CommandTimeout, a.BatchMails = 100*time.Millisecond, 1 })
	s.until("all mails", func() bool { return s.count() == 5 })
	if n := srv.p.Count(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestRunEndsWhileTheServerIsSilent(t *testing.T) {
	t.Parallel()
	srv := startProxied(t)
	srv.p.Blackhole(true)
	s := newSink(t)
	watching(t, srv, s, nil) // its cleanup fails the test when Run does not end
	s.until("a connection", func() bool { return srv.p.Count() == 1 })
}
