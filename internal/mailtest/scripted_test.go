package mailtest_test

import (
	"bytes"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
)

// send is one mail by the standard library's client; it returns how far it came and the error.
func send(addr string) (stage string, err error) {
	c, err := smtp.Dial(addr)
	if err != nil {
		return "greeting", err
	}
	defer func() { _ = c.Close() }()
	if err := c.Hello("localhost"); err != nil {
		return "ehlo", err
	}
	if err := c.Mail("a@b.example"); err != nil {
		return "mail", err
	}
	if err := c.Rcpt("c@d.example"); err != nil {
		return "rcpt", err
	}
	w, err := c.Data()
	if err != nil {
		return "data", err
	}
	_, _ = w.Write([]byte("Subject: x\r\n\r\n.dots\r\n"))
	if err := w.Close(); err != nil {
		return "dot", err
	}
	return "quit", c.Quit()
}

func TestBadSMTP(t *testing.T) {
	tests := []struct {
		name  string
		set   func(*mailtest.BadSMTP)
		stage string
		err   string // part of the error; "" is none
		mails int
	}{
		{"good", nil, "quit", "", 1},
		{"busy", func(b *mailtest.BadSMTP) { b.Greeting = "421 busy" + mailtest.ThenDrop }, "greeting", "421", 0},
		{"no such user", func(b *mailtest.BadSMTP) { b.Rcpt = "550 5.1.1 nobody" }, "rcpt", "550", 0},
		{"spam", func(b *mailtest.BadSMTP) { b.Dot = "554 5.7.1 spam" }, "dot", "554", 1},
		{"dropped before the answer", func(b *mailtest.BadSMTP) { b.Dot = mailtest.ReplyDrop }, "dot", "EOF", 1},
		{"dropped behind the 250", func(b *mailtest.BadSMTP) { b.Dot = "250 ok" + mailtest.ThenDrop }, "quit", "", 1},
		{"good the second time", func(b *mailtest.BadSMTP) {
			b.Answer = func(n int, command, _ string) string {
				if n == 1 && command == "MAIL" {
					return "451 4.7.1 later"
				}
				return ""
			}
		}, "mail", "451", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := mailtest.StartBadSMTP(t, tt.set)
			stage, err := send(b.Addr)
			if stage != tt.stage {
				t.Errorf("came to %s (%v), want %s", stage, err, tt.stage)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error is %v, want %q", err, tt.err)
			}
			mails := b.Mails()
			if len(mails) != tt.mails {
				t.Fatalf("%d mails, want %d", len(mails), tt.mails)
			}
			if tt.mails == 1 && !strings.HasSuffix(mails[0], "\r\n.dots\r\n") {
				t.Errorf("the mail is %q", mails[0])
			}
		})
	}
}

func TestProxy(t *testing.T) {
	srv, err := memory.StartIMAP(memory.IMAPConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	p := mailtest.StartProxy(t, srv.Addr())
	// read returns what comes within the time, and whether the line is closed.
	read := func(conn net.Conn, d time.Duration) (string, bool) {
		_ = conn.SetReadDeadline(time.Now().Add(d))
		var buf bytes.Buffer
		_, err := io.Copy(&buf, conn)
		ne, ok := err.(net.Error)
		return buf.String(), !(ok && ne.Timeout())
	}
	tests := []struct {
		name   string
		set    func()
		some   bool // something comes
		closed bool
	}{
		{"well", func() {}, true, false},
		{"blackhole", func() { p.Blackhole(true) }, false, false},
		{"out of the hole", func() { p.Blackhole(false) }, true, false},
		{"cut after five bytes", func() { p.CutAfter(5) }, true, true},
		{"refused", func() { p.Refuse(true) }, false, true},
		{"well again", func() { p.Refuse(false) }, true, false},
		{"late", func() { p.Delay(time.Hour) }, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.set()
			conn, err := net.Dial("tcp", p.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			got, closed := read(conn, 200*time.Millisecond)
			if (got != "") != tt.some || closed != tt.closed {
				t.Errorf("read %q, closed %v", got, closed)
			}
		})
	}
}
