package memory_test

import (
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"aftercare/internal/mailtest/memory"
)

func mustIMAP(t *testing.T, cfg memory.IMAPConfig) *memory.IMAP {
	t.Helper()
	cfg.Users = map[string]string{"support": "secret"}
	s, err := memory.StartIMAP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func login(t *testing.T, s *memory.IMAP, opts *imapclient.Options) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(s.Addr(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login("support", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFetchGivesTheBytesThatWereAppended(t *testing.T) {
	bodies := map[string]string{
		"ordinary":              "From: a@b.example\r\nSubject: x\r\n\r\nhello\r\n",
		"line without a colon":  "From: a@b.example\r\nthis is no field\r\n\r\nhello\r\n",
		"no header at all":      "just words",
		"bare line feeds":       "From: a@b.example\n\nhello\n",
		"bytes outside of UTF8": "Subject: \xc4\xe3\xba\xc3\r\n\r\n\xff\xfe",
	}
	s := mustIMAP(t, memory.IMAPConfig{})
	uids := map[string]uint32{}
	for name, body := range bodies {
		uid, err := s.Append("support", "INBOX", []byte(body), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		uids[name] = uid
	}
	c := login(t, s, nil)
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			section := &imap.FetchItemBodySection{Peek: true}
			got, err := c.Fetch(imap.UIDSetNum(imap.UID(uids[name])), &imap.FetchOptions{
				UID: true, RFC822Size: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section},
			}).Collect()
			if err != nil || len(got) != 1 {
				t.Fatalf("got %d messages, error %v", len(got), err)
			}
			if b := string(got[0].FindBodySection(section)); b != body {
				t.Errorf("body is %q, want %q", b, body)
			}
		})
	}
	for _, m := range s.Messages("support", "INBOX") {
		if len(m.Flags) != 0 {
			t.Errorf("UID %d has flags %v after a peek", m.UID, m.Flags)
		}
	}
}

func TestMoveOfAnAbsentMessageLeavesTheConnectionAlive(t *testing.T) {
	s := mustIMAP(t, memory.IMAPConfig{})
	c := login(t, s, nil)
	if _, err := c.Move(imap.UIDSetNum(99), "Processed").Wait(); err != nil {
		t.Fatalf("move: %v", err)
	}
	if err := c.Noop().Wait(); err != nil {
		t.Fatalf("noop after the move: %v", err)
	}
}

func TestMoveIsSeenOnce(t *testing.T) {
	s := mustIMAP(t, memory.IMAPConfig{})
	for i := range 3 {
		if _, err := s.Append("support", "INBOX", fmt.Appendf(nil, "Subject: %d\r\n\r\n", i), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	expunged := make(chan uint32, 10)
	c := login(t, s, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(n uint32) { expunged <- n },
	}})
	if _, err := c.Move(imap.UIDSetNum(1, 2), "Processed").Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Noop().Wait(); err != nil {
		t.Fatal(err)
	}
	if n := len(expunged); n != 2 {
		t.Errorf("%d expunges were told, want 2", n)
	}
	if in, out := len(s.Messages("support", "INBOX")), len(s.Messages("support", "Processed")); in != 1 || out != 2 {
		t.Errorf("INBOX has %d and Processed %d, want 1 and 2", in, out)
	}
}

func TestIdleTellsOfMail(t *testing.T) {
	s := mustIMAP(t, memory.IMAPConfig{})
	exists := make(chan uint32, 10)
	c := login(t, s, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				exists <- *d.NumMessages
			}
		},
	}})
	idle, err := c.Idle()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append("support", "INBOX", []byte("Subject: x\r\n\r\n"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	select {
	case n := <-exists:
		if n != 1 {
			t.Errorf("EXISTS %d, want 1", n)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("IDLE told nothing")
	}
	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSearch(t *testing.T) {
	s := mustIMAP(t, memory.IMAPConfig{})
	for _, m := range []struct {
		raw   string
		flags []string
	}{
		{"Message-ID: <one@x.example>\r\n\r\nred", []string{`\Answered`}},
		{"Message-ID: <two@x.example>\r\n\r\ngreen", []string{`\Deleted`}},
		{"Message-ID: <three@x.example>\r\n\r\nblue", []string{"$Done"}},
	} {
		if _, err := s.Append("support", "INBOX", []byte(m.raw), time.Time{}, m.flags...); err != nil {
			t.Fatal(err)
		}
	}
	c := login(t, s, nil)
	tests := []struct {
		name     string
		criteria imap.SearchCriteria
		want     string
	}{
		{"from a UID on", imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 2, Stop: 0}}}}, "2:3"},
		{"beyond the last gives the last", imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 9, Stop: 0}}}}, "3"},
		{"answered", imap.SearchCriteria{Flag: []imap.Flag{imap.FlagAnswered}}, "1"},
		{"not deleted", imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}, "1,3"},
		{"keyword", imap.SearchCriteria{Flag: []imap.Flag{"$Done"}}, "3"},
		{"message id", imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<two@x.example>"}}}, "2"},
		{"nothing", imap.SearchCriteria{Body: []string{"yellow"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := c.UIDSearch(&tt.criteria, nil).Wait()
			if err != nil {
				t.Fatal(err)
			}
			if got := data.All.String(); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRenumberGivesANewValidity(t *testing.T) {
	s := mustIMAP(t, memory.IMAPConfig{})
	c := login(t, s, nil)
	before, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	after, err := s.Renumber("support", "INBOX")
	if err != nil || after == before.UIDValidity {
		t.Fatalf("UIDVALIDITY is %d as before, error %v", after, err)
	}
}

const mailText = "From: a@b.example\r\nTo: c@d.example\r\nMessage-ID: <mine@b.example>\r\nSubject: x\r\n\r\nhello\r\n"

func TestSMTPVerdicts(t *testing.T) {
	tests := []struct {
		name    string
		verdict memory.Verdict
		wantErr string // in the client's error; "" is success
		stored  int
	}{
		{"taken", memory.Verdict{}, "", 1},
		{"later", memory.Verdict{Code: 451}, "451", 0},
		{"never", memory.Verdict{Code: 554, Text: "spam"}, "spam", 0},
		{"stored, and dropped before the 250", memory.Verdict{Drop: memory.DropBefore}, "EOF", 1},
		{"dropped behind the 250", memory.Verdict{Drop: memory.DropAfter}, "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := memory.StartSMTP(memory.SMTPConfig{OnData: func(memory.Delivered) memory.Verdict { return tt.verdict }})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			c, err := smtp.Dial(s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if err := errors.Join(c.Mail("a@b.example"), c.Rcpt("c@d.example")); err != nil {
				t.Fatal(err)
			}
			w, err := c.Data()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write([]byte(mailText))
			err = w.Close()
			if tt.wantErr == "" && err != nil || tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("error is %v, want %q", err, tt.wantErr)
			}
			if n := s.Count(); n != tt.stored {
				t.Errorf("%d mails stored, want %d", n, tt.stored)
			}
			if tt.verdict.Drop == memory.DropAfter && c.Noop() == nil {
				t.Error("the connection lives on behind the 250")
			}
		})
	}
}

func TestSMTPOverTLSWithLoginRewritesAndLoopsBack(t *testing.T) {
	cert, err := memory.NewCert()
	if err != nil {
		t.Fatal(err)
	}
	box := mustIMAP(t, memory.IMAPConfig{})
	s, err := memory.StartSMTP(memory.SMTPConfig{
		Users: map[string]string{"support": "secret"}, TLS: cert.Server(), RewriteMessageID: true,
		Deliver: func(d memory.Delivered) {
			_, _ = box.Append("support", "INBOX", memory.Trace(d, "mx.d.example"), d.At)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	tlsConfig := cert.Client()
	tlsConfig.ServerName = "localhost"
	if err := c.StartTLS(tlsConfig); err != nil {
		t.Fatal(err)
	}
	if err := c.Mail("a@b.example"); err == nil {
		t.Error("MAIL before AUTH was taken")
	}
	if err := c.Auth(smtp.PlainAuth("", "support", "secret", "127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Mail("a@b.example"), c.Rcpt("c@d.example")); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(mailText))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()[0]
	if !got.TLS || got.User != "support" || strings.Contains(string(got.Data), "mine@b.example") {
		t.Errorf("stored as %+v with %q", got, got.Data)
	}
	in := box.Messages("support", "INBOX")
	if len(in) != 1 || !strings.HasPrefix(string(in[0].Raw), "Return-Path: <a@b.example>\r\n") {
		t.Errorf("looped back: %v", in)
	}
}
