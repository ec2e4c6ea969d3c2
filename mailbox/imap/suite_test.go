package imap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest/memory"
	"aftercare/mailbox"
	"aftercare/mailbox/imap"
)

// message is a mail as it lies on a server.
type message struct {
	UID   uint32
	Flags []string
	Raw   []byte
}

// server is what the suite needs of a mail server.
type server interface {
	account() imap.Account // without Name, Folders and times
	add(t *testing.T, folder string, raw []byte, internal time.Time, flags ...string) uint32
	fill(t *testing.T, n int) uint32 // n mails into INBOX; returns the last UID
	list(t *testing.T, folder string) []message
	flag(t *testing.T, folder string, uid uint32, flags ...string)
	remove(t *testing.T, folder string, uid uint32)
	renumber(t *testing.T, folder string)
	restart(t *testing.T) // connections break; the mail stays
}

// memoryServer is the in-process server.
type memoryServer struct {
	*memory.IMAP
	security imap.Security
	tls      *tls.Config
}

func startMemory(t *testing.T, security imap.Security, change func(*memory.IMAPConfig)) *memoryServer {
	t.Helper()
	cert, err := memory.NewCert()
	if err != nil {
		t.Fatal(err)
	}
	cfg := memory.IMAPConfig{
		Users: map[string]string{"support": "secret"}, TLS: cert.Server(), Implicit: security == imap.TLS,
	}
	if change != nil {
		change(&cfg)
	}
	s, err := memory.StartIMAP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &memoryServer{s, security, cert.Client()}
}

func (s *memoryServer) account() imap.Account {
	host, port, _ := net.SplitHostPort(s.Addr())
	p, _ := strconv.Atoi(port)
	return imap.Account{
		Host: host, Port: p, Security: s.security, TLS: s.tls, Username: "support",
		Secret: func(context.Context) (string, error) { return "secret", nil },
	}
}

func (s *memoryServer) add(t *testing.T, folder string, raw []byte, internal time.Time, flags ...string) uint32 {
	t.Helper()
	uid, err := s.Append("support", folder, raw, internal, flags...)
	if err != nil {
		t.Fatal(err)
	}
	return uid
}

func (s *memoryServer) fill(t *testing.T, n int) (last uint32) {
	t.Helper()
	for i := range n {
		last = s.add(t, "INBOX", text(i), time.Time{})
	}
	return last
}

func (s *memoryServer) list(_ *testing.T, folder string) []message {
	var out []message
	for _, m := range s.Messages("support", folder) {
		out = append(out, message{m.UID, m.Flags, m.Raw})
	}
	return out
}

func (s *memoryServer) flag(t *testing.T, folder string, uid uint32, flags ...string) {
	t.Helper()
	if err := s.SetFlags("support", folder, uid, true, flags...); err != nil {
		t.Fatal(err)
	}
}

func (s *memoryServer) remove(t *testing.T, folder string, uid uint32) {
	t.Helper()
	if err := s.Remove("support", folder, uid); err != nil {
		t.Fatal(err)
	}
}

func (s *memoryServer) renumber(t *testing.T, folder string) {
	t.Helper()
	if _, err := s.Renumber("support", folder); err != nil {
		t.Fatal(err)
	}
}

func (s *memoryServer) restart(*testing.T) { s.DropConnections() }

func text(i int) []byte {
	return fmt.Appendf(nil, "From: Ann <ann%d@customer.example>\r\nTo: support@support.example\r\nMessage-ID: <%d@customer.example>\r\nSubject: pump %d\r\n\r\nThe pump is broken.\r\n", i, i, i)
}

// watching starts a Watcher on a server and stops it with the test.
func watching(t *testing.T, srv server, s *sink, change func(*imap.Account)) *imap.Watcher {
	t.Helper()
	a := srv.account()
	a.Name = "acct"
	a.Folders = []imap.Folder{{Name: "INBOX"}}
	a.RetryMin, a.RetryMax = 10*time.Millisecond, 100*time.Millisecond
	a.CommandTimeout = 10 * time.Second
	a.SpoolDir = t.TempDir()
	a.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	if change != nil {
		change(&a)
	}
	w, err := imap.New(a, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(20 * time.Second):
			buf := make([]byte, 1<<20)
			t.Errorf("Run does not end:\n%s", buf[:runtime.Stack(buf, true)])
		}
		_ = w.Close()
	})
	return w
}

// suite is what every server must bear out.
func suite(t *testing.T, start func(t *testing.T) server) {
	tests := []struct {
		name string
		run  func(*testing.T, server)
	}{
		{"mail that waits and mail that comes", testWaitingAndComing},
		{"new mail only, when the start is now", testStartNow},
		{"seen stays as it is", testSeenUntouched},
		{"deleted and answered by another client", testFlagsOfOthers},
		{"a mail that is gone before it is read", testGone},
		{"junk folder beside the inbox", testJunk},
		{"connections break while idling", testRestart},
		{"a new UIDVALIDITY", testRenumber},
		{"large mails", testLarge},
		{"the sink fails", testSinkFails},
		{"filing", testFiling},
		{"answered before the send", testAnswered},
		{"append to Sent", testAppend},
		{"fetch again", testFetchAgain},
		{"probe", testProbe},
		{"folder names outside of ASCII", testFolderNames},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, start(t)) })
	}
}

func TestMemoryTLS(t *testing.T) {
	suite(t, func(t *testing.T) server { return startMemory(t, imap.TLS, nil) })
}

func TestMemoryStartTLS(t *testing.T) {
	suite(t, func(t *testing.T) server { return startMemory(t, imap.StartTLS, nil) })
}

func testWaitingAndComing(t *testing.T, srv server) {
	internal := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	first := srv.add(t, "INBOX", text(1), internal)
	srv.add(t, "INBOX", text(2), time.Time{})
	s := newSink(t)
	w := watching(t, srv, s, nil)
	s.until("two mails", func() bool { return s.count() == 2 })
	got, _ := s.get(first)
	if got.body != string(text(1))[:min(200, len(text(1)))] || !got.internal.Equal(internal) {
		t.Errorf("delivered %+v", got)
	}
	s.until("a quiet connection", func() bool { st := w.Status()[0]; return st.Connected && st.Idle && !st.Success.IsZero() })
	for i := 3; i <= 5; i++ {
		srv.add(t, "INBOX", text(i), time.Time{})
		s.until("the mail that came", func() bool { return s.count() == i })
	}
	last := srv.list(t, "INBOX")[4].UID
	s.until("the cursor", func() bool { return s.cursor("INBOX").UID == last })
}

func testStartNow(t *testing.T, srv server) {
	for i := range 5 {
		srv.add(t, "INBOX", text(i), time.Time{})
	}
	s := newSink(t)
	s.all = false
	watching(t, srv, s, nil)
	s.until("the start", func() bool { return s.cursor("INBOX").UIDValidity != 0 })
	uid := srv.add(t, "INBOX", text(6), time.Time{})
	s.until("the new mail", func() bool { _, ok := s.get(uid); return ok })
	if n := s.count(); n != 1 {
		t.Errorf("%d mails on record, want the new one only: %s", n, s.dump())
	}
}

func testSeenUntouched(t *testing.T, srv server) {
	srv.add(t, "INBOX", text(1), time.Time{})
	srv.add(t, "INBOX", text(2), time.Time{}, `\Seen`)
	s := newSink(t)
	watching(t, srv, s, nil)
	s.until("two mails", func() bool { return s.count() == 2 })
	l := srv.list(t, "INBOX")
	if slices.Contains(l[0].Flags, `\Seen`) || !slices.Contains(l[1].Flags, `\Seen`) {
		t.Errorf("flags are now %v and %v", l[0].Flags, l[1].Flags)
	}
}

func testFlagsOfOthers(t *testing.T, srv server) {
	plain := srv.add(t, "INBOX", text(1), time.Time{})
	deleted := srv.add(t, "INBOX", text(2), time.Time{}, `\Deleted`)
	answered := srv.add(t, "INBOX", text(3), time.Time{}, `\Answered`)
	s := newSink(t)
	watching(t, srv, s, nil)
	s.until("three mails", func() bool { return s.count() == 3 })
	if got, _ := s.get(deleted); got.how != "deleted" {
		t.Errorf("the deleted mail is %q", got.how)
	}
	if got, _ := s.get(answered); got.how != "delivered" || !got.answered {
		t.Errorf("the answered mail is %+v", got)
	}
	if got, _ := s.get(plain); got.how != "delivered" || got.answered {
		t.Errorf("the plain mail is %+v", got)
	}
	if n := len(srv.list(t, "INBOX")); n != 3 {
		t.Errorf("%d mails left on the server, want 3: nothing may be expunged", n)
	}
	s.until("the cursor", func() bool { return s.cursor("INBOX").UID == answered })
}

// testGone removes mails while the sink holds up the reading of a long backlog.
func testGone(t *testing.T, srv server) {
	const n = 520 // more than one FETCH asks for
	last := srv.fill(t, n)
	s := newSink(t)
	removed := false
	s.hold = func([]mailbox.Raw) {
		if !removed {
			removed = true
			srv.remove(t, "INBOX", last)
		}
	}
	watching(t, srv, s, func(a *imap.Account) { a.BatchMails = 10 })
	s.until("all mails", func() bool { return s.count() == n })
	if got, _ := s.get(last); got.how != "missing" {
		t.Errorf("the removed mail is %q, want missing", got.how)
	}
	s.until("the cursor", func() bool { return s.cursor("INBOX").UID == last })
}

func testJunk(t *testing.T, srv server) {
	srv.add(t, "INBOX", text(1), time.Time{})
	srv.add(t, "Junk", text(2), time.Time{})
	s := newSink(t)
	watching(t, srv, s, func(a *imap.Account) { a.Folders = append(a.Folders, imap.Folder{Name: "Junk", Junk: true}) })
	s.until("two mails", func() bool { return s.count() == 2 })
	for k, v := range s.seen {
		if v.junk != (k.Folder == "Junk") {
			t.Errorf("mail of %s has junk %v", k.Folder, v.junk)
		}
	}
}

func testRestart(t *testing.T, srv server) {
	srv.add(t, "INBOX", text(1), time.Time{})
	s := newSink(t)
	w := watching(t, srv, s, nil)
	s.until("the first mail", func() bool { return s.count() == 1 && !w.Status()[0].Success.IsZero() })
	for i := 2; i <= 3; i++ {
		srv.restart(t)
		srv.add(t, "INBOX", text(i), time.Time{})
		s.until("the mail after the restart", func() bool { return s.count() == i })
	}
	if s.starts < 3 {
		t.Errorf("%d connections, want at least 3", s.starts)
	}
}

// testRenumber: what lies before the start mark is not read again under its new numbers, the rest is.
func testRenumber(t *testing.T, srv server) {
	mark := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	srv.add(t, "INBOX", text(1), mark.AddDate(0, -1, 0)) // another day
	srv.add(t, "INBOX", text(2), mark.Add(-time.Hour))   // the same day
	srv.add(t, "INBOX", text(3), mark.Add(time.Hour))
	s := newSink(t)
	s.all, s.since = false, mark
	watching(t, srv, s, nil)
	s.until("the start", func() bool { return s.cursor("INBOX").UID == 3 })
	old := s.cursor("INBOX").UIDValidity
	srv.renumber(t, "INBOX")
	s.until("the rescan", func() bool { c := s.cursor("INBOX"); return c.UIDValidity != old && c.UID == 3 })
	if n := s.count(); n != 1 {
		t.Errorf("%d mails were read again, want the one after the mark: %s", n, s.dump())
	}
	srv.add(t, "INBOX", text(4), mark.AddDate(0, -1, 0)) // moved in by a person: new, however old
	s.until("the mail after the rescan", func() bool { return s.count() == 2 })
}

func testLarge(t *testing.T, srv server) {
	line := strings.Repeat("x", 76) + "\r\n"
	big := append(text(1), []byte(strings.Repeat(line, 25<<20/len(line)))...)
	for range 3 {
		srv.add(t, "INBOX", big, time.Time{})
	}
	s := newSink(t)
	var most uint64
	s.hold = func(batch []mailbox.Raw) {
		if len(batch) != 1 {
			t.Errorf("%d large mails in one batch", len(batch))
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	watching(t, srv, s, nil)
	s.until("three large mails", func() bool { return s.count() == 3 })
	for _, v := range s.seen {
		if v.size != int64(len(big)) {
			t.Errorf("size is %d, want %d", v.size, len(big))
		}
	}
	if _, here := srv.(*memoryServer); !here && most > before.HeapInuse+20<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapInuse, most)
	}
}

func testSinkFails(t *testing.T, srv server) {
	var last uint32
	for i := range 30 {
		last = srv.add(t, "INBOX", text(i), time.Time{})
	}
	s := newSink(t)
	times := 0
	s.fail = func(batch []mailbox.Raw) error {
		switch times++; times {
		case 2, 3:
			return errors.New("the disk is full")
		case 4:
			panic("injected")
		}
		return nil
	}
	w := watching(t, srv, s, func(a *imap.Account) { a.BatchMails = 10 })
	s.until("all mails", func() bool { return s.count() == 30 })
	s.until("the cursor", func() bool { return s.cursor("INBOX").UID == last })
	for k, v := range s.seen {
		if v.how != "delivered" {
			t.Errorf("UID %d is %s", k.UID, v.how)
		}
	}
	s.until("good health", func() bool { st := w.Status()[0]; return st.Connected && st.Err == nil })
}

func secret(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}
