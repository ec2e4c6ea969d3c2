package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/sla"
)

var t0 = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// empty is a database of the newest schema with nothing in it. Most tests start from a copy, since making the schema takes
// longer than the test.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "aftercare-store")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func open(t testing.TB, opt Options) *Store {
	t.Helper()
	b, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "aftercare.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return openAt(t, path, opt)
}

func openAt(t testing.TB, path string, opt Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// post is a person's message as a test writes it.
type post struct {
	uid     uint32
	folder  string // INBOX when empty
	from    string
	replyTo string // from when empty
	id      string
	subject string
	text    string
	refs    []string
	tokens  []responder.Token
	tags    []int64
	kind    responder.Kind
	at      time.Time // t0 when zero
	bounce  *responder.Bounce
	visit   bool
}

func (p post) incoming() Incoming {
	if p.at.IsZero() {
		p.at = t0
	}
	if p.folder == "" {
		p.folder = "INBOX"
	}
	if p.kind == "" {
		p.kind = responder.KindPerson
	}
	from := mailbox.Address{Addr: p.from}
	m := &mailbox.Message{MessageID: p.id, Subject: p.subject, From: []mailbox.Address{from}, Date: p.at}
	to := from
	if p.replyTo != "" {
		to = mailbox.Address{Addr: p.replyTo}
	}
	raw := []byte("From: " + p.from + "\r\nSubject: " + p.subject + "\r\n\r\n" + p.text)
	r := &responder.Reading{
		Message: m, Language: "en", Clock: p.at, Arrived: p.at,
		Verdict: responder.Verdict{Kind: p.kind, Customer: from, ReplyTo: to, Bounce: p.bounce},
		Hints:   responder.Hints{Tokens: p.tokens, MessageIDs: p.refs, Tags: p.tags},
		Class:   classify.Result{Class: "repair", Confidence: 0.9, Certain: true},
		Hash:    sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", p.from, p.subject, p.text, p.at.Unix())),
	}
	if p.visit {
		r.Class.Also = []string{"visit"}
	}
	return Incoming{
		Raw: mailbox.Raw{
			Key: mailbox.Key{Account: "support", Folder: p.folder, UIDValidity: 1, UID: p.uid}, Internal: p.at,
			Size: int64(len(raw)), Body: bytes.NewReader(raw),
		},
		Reading: r, Cursor: &p.uid,
	}
}

// decider is a small desk: a first mail opens a case with two windows and one reply, a further one opens its own window,
// machine mail is filed and a bounce reopens.
func decider(now time.Time) DecideFunc {
	return func(r *responder.Reading, f responder.Facts) responder.Decision {
		if r.Verdict.Kind.Machine() {
			return decideMachine(r, f)
		}
		if f.Case != nil {
			return responder.Decision{Disposition: responder.Held, Reason: responder.ReasonFurtherMail, Effects: responder.Effects{
				Case: f.Case.ID, Reopen: f.Case.State == responder.CaseClosed, Member: r.Verdict.Customer.Key(),
				Windows: []sla.Window{{Clock: sla.ClockReply, Further: true, Opened: r.Clock, Due: r.Clock.Add(2 * time.Hour)}},
			}}
		}
		return decideFirst(r, f, now)
	}
}

func decideMachine(r *responder.Reading, f responder.Facts) responder.Decision {
	d := responder.Decision{Disposition: responder.NotAnswered, Reason: responder.Reason(r.Verdict.Kind)}
	if f.Case != nil {
		d.Effects.Case, d.Effects.Quiet = f.Case.ID, true
	}
	if f.About != nil && r.Verdict.Bounce.Failed() {
		d.Effects.Bounced = &responder.BounceEffect{Outbox: f.About.Outbox, Block: f.About.Recipient, Reopen: true, Detail: "no such user"}
	}
	return d
}

func decideFirst(r *responder.Reading, f responder.Facts, now time.Time) responder.Decision {
	to := r.Verdict.ReplyTo.Key()
	d := responder.Decision{Disposition: responder.Answered, Reason: responder.ReasonReply, Evidence: []string{"a person"}}
	d.Effects = responder.Effects{
		Open: &responder.Case{Account: f.Key.Account, Class: r.Class.Class, Subject: r.Message.Subject, Customer: to, Opened: r.Clock},
		Link: f.Linked,
		Windows: []sla.Window{
			{Clock: sla.ClockReply, Opened: r.Clock, Due: r.Clock.Add(2 * time.Hour), Class: r.Class.Class},
			{Clock: sla.ClockPerson, Opened: r.Clock, Due: r.Clock.Add(24 * time.Hour), Class: r.Class.Class},
		},
	}
	for _, also := range r.Class.Also {
		if also == "visit" {
			d.Effects.Visits = []sla.Visit{{Requested: r.Clock, ArrangeDue: r.Clock.Add(24 * time.Hour), OnSiteDue: r.Clock.Add(24 * time.Hour)}}
		}
	}
	if f.SenderReplies2h >= 5 {
		d.Disposition, d.Reason = responder.Held, responder.ReasonCappedSender
		return d
	}
	d.Mails = []responder.Mail{{
		Lane: responder.LaneCustomer, Kind: responder.MailReply, Account: f.Key.Account, To: to,
		MessageID: ourID(f.NextCase, f.NextOutbox), Subject: "Re: " + r.Message.Subject, Raw: bytes.Repeat([]byte("reply "), 100),
		Template: "repair.en", TemplateVersion: "1", Deadline: r.Clock.Add(2 * time.Hour), Answers: f.Key,
	}}
	return d
}

func ourID(kase, outbox int64) string { return fmt.Sprintf("ac.%d.%d@aftercare.example", kase, outbox) }

// record records posts in one batch and fails the test on an error.
func record(t testing.TB, s *Store, now time.Time, ps ...post) []Recorded {
	t.Helper()
	in := make([]Incoming, len(ps))
	for i, p := range ps {
		in[i] = p.incoming()
	}
	out, err := s.Record(context.Background(), in, decider(now), now)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// number reads one number from the database.
func number(t testing.TB, s *Store, query string, args ...any) (n int64) {
	t.Helper()
	if ok, err := s.get(context.Background(), query, args, &n); err != nil || !ok {
		t.Fatalf("%s: %v (a row: %v)", query, err, ok)
	}
	return n
}
