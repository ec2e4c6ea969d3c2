package imap_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"aftercare/internal/mailtest"
	"aftercare/mailbox"
	"aftercare/mailbox/imap"
)

// countSink takes everything and remembers how much.
type countSink struct {
	n    int
	want int
	done func()
}

func (s *countSink) Start(_ context.Context, o imap.Opened) (imap.Start, error) {
	return imap.Start{Cursor: imap.Cursor{UIDValidity: o.UIDValidity}}, nil
}

func (s *countSink) Deliver(_ context.Context, batch []mailbox.Raw, _ imap.Cursor) error {
	if s.n += len(batch); s.n >= s.want {
		s.done()
	}
	return nil
}

func (*countSink) Deleted(context.Context, []mailbox.Key) error               { return nil }
func (*countSink) Missing(context.Context, []mailbox.Key) error               { return nil }
func (*countSink) Poisoned(context.Context, mailbox.Key, error) error         { return nil }
func (*countSink) Advance(context.Context, string, string, imap.Cursor) error { return nil }

// BenchmarkDrain reads 10,000 waiting mails of 8 KB from a Dovecot into a sink that does nothing.
func BenchmarkDrain(b *testing.B) {
	const mails = 10_000
	d := mailtest.StartDovecot(b, mailtest.DovecotConfig{})
	raws := make([][]byte, mails)
	for i := range raws {
		raws[i] = fmt.Appendf(nil, "From: ann%d@customer.example\r\nSubject: pump %d\r\n\r\n%s", i, i, bytes.Repeat([]byte("The pump is broken and drips.\r\n"), 256))
	}
	d.Fill("drain", raws...)
	raws = nil
	a := (&dovecotServer{d, "drain", imap.TLS}).account()
	a.Name, a.Folders, a.Log = "acct", []imap.Folder{{Name: "INBOX"}}, slog.New(slog.DiscardHandler)
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			began := time.Now()
			fetchAll(b, d)
			b.ReportMetric(mails/time.Since(began).Seconds(), "mails/s")
		}
	})
	b.Run("watcher", func(b *testing.B) { drain(b, a, mails) })
}

// fetchAll is the least that the client library can do with the same mails, in batches of the same size: the ceiling.
func fetchAll(b *testing.B, d *mailtest.Dovecot) {
	c, err := imapclient.DialTLS(d.IMAPS, &imapclient.Options{TLSConfig: d.TLS()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Login("drain", mailtest.Secret).Wait(); err != nil {
		b.Fatal(err)
	}
	data, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		b.Fatal(err)
	}
	for from := goimap.UID(1); from < data.UIDNext; from += 500 {
		if err := c.Fetch(goimap.UIDSet{{Start: from, Stop: from + 499}}, &goimap.FetchOptions{
			UID: true, InternalDate: true, RFC822Size: true,
			BodySection: []*goimap.FetchItemBodySection{{Peek: true}},
		}).Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func drain(b *testing.B, a imap.Account, mails int) {
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		w, err := imap.New(a, &countSink{want: mails, done: cancel})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := w.Run(ctx); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(mails)/time.Since(began).Seconds(), "mails/s")
	}
}

// BenchmarkLarge reads twenty mails of 25 MB from a Dovecot and reports the most memory that was resident meanwhile.
func BenchmarkLarge(b *testing.B) {
	d := mailtest.StartDovecot(b, mailtest.DovecotConfig{})
	a := (&dovecotServer{d, "large", imap.TLS}).account()
	a.Name, a.Folders, a.Log = "acct", []imap.Folder{{Name: "INBOX"}}, slog.New(slog.DiscardHandler)
	big := append([]byte("Subject: large\r\n\r\n"), bytes.Repeat([]byte("The pump is broken and drips.\r\n"), 25<<20/31)...)
	d.Fill("large", slices.Repeat([][]byte{big}, 20)...)
	big = nil
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Skip("SKIP: the peak of resident memory cannot be reset here:", err)
	}
	drain(b, a, 20)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kb float64
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &kb); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(kb/1024, "peak-MiB")
}
