package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// TestStart measures the start of the program on a database with 100,000 open cases, and their windows.
func TestStart(t *testing.T) {
	binary := setup(t)
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	models := warm(t, binary, d)
	s := &site{binary: binary, dir: t.TempDir(), imap: d.IMAP, user: "empty", smtp: 9, sent: "never"}
	s.keep(t, models)
	fillCases(t, filepath.Join(s.dir, "data", "aftercare.db"), 100_000)
	var took []time.Duration
	for i := range 6 {
		run := s.start(t)
		if i > 0 { // at the first start the plan is new to the database
			took = append(took, run.running.Sub(run.started))
		} else {
			row(t, "first start with 100,000 cases", run.running.Sub(run.started).Round(time.Millisecond).String(), "")
		}
		time.Sleep(200 * time.Millisecond)
		run.stop(t)
	}
	row(t, "start with 100,000 cases", fmt.Sprintf("median %v, slowest %v", quantile(took, .5).Round(time.Millisecond), quantile(took, 1).Round(time.Millisecond)), "under 300 ms")
}

// fillCases puts n cases on record, each opened by a mail of its own customer, with two windows.
func fillCases(t *testing.T, path string, n int) {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	open := func(r *responder.Reading, f responder.Facts) responder.Decision {
		return responder.Decision{Disposition: responder.Held, Reason: responder.ReasonReply, Effects: responder.Effects{
			Open: &responder.Case{ID: f.NextCase, State: responder.CaseOpen, Class: "repair", Customer: r.Verdict.Customer.Addr, Subject: "pump", Opened: now},
			Case: f.NextCase,
			Windows: []sla.Window{
				{Clock: sla.ClockReply, Opened: now, Due: now.Add(2 * time.Hour), Class: "repair"},
				{Clock: sla.ClockPerson, Opened: now, Due: now.Add(24 * time.Hour), Class: "repair"},
			},
		}}
	}
	body := []byte("From: a customer\r\n\r\nThe pump leaks.\r\n")
	for uid := 0; uid < n; uid += 1000 {
		in := make([]store.Incoming, 1000)
		for i := range in {
			id := uid + i + 1
			r := &responder.Reading{Hash: sha256.Sum256(fmt.Append(nil, id))}
			r.Verdict.Kind = responder.KindPerson
			r.Verdict.Customer = mailbox.Address{Addr: fmt.Sprintf("c%d@customer.example", id)}
			r.Verdict.ReplyTo = r.Verdict.Customer
			in[i] = store.Incoming{Reading: r, Raw: mailbox.Raw{Key: mailbox.Key{Account: "old", Folder: "INBOX", UIDValidity: 1, UID: uint32(id)},
				Internal: now, Size: int64(len(body)), Body: bytes.NewReader(body)}}
		}
		recs, err := st.Record(ctx, in, open, now)
		if err != nil {
			t.Fatal(err)
		}
		if recs[0].Err != nil || !recs[0].Opened {
			t.Fatalf("no case was opened: %v", recs[0].Err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
