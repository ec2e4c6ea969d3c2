package servertest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// TestPoison: a mail that panics the reader costs itself a quarantine; the rest of its batch is answered, and a person is
// told.
func TestPoison(t *testing.T) {
	p := newMemoryPost(t, nil)
	s := newSite(t, p, setup{})
	const mark = "X-Poison: yes"
	for i := range 9 {
		if i == 4 {
			p.arrive(t, "support", repair("poison@customer.example", "support@support.example", i, mark))
			continue
		}
		p.arrive(t, "support", repair(fmt.Sprintf("c%d@customer.example", i), "support@support.example", i))
	}
	s.start(func(o *app.Options) {
		o.BeforeRead = func(raw mailbox.Raw) {
			head := make([]byte, min(raw.Size, 2048))
			if _, err := raw.Body.ReadAt(head, 0); err == nil && bytes.Contains(head, []byte(mark)) {
				panic("as a parser would")
			}
		}
	})
	s.await(t, "the others", 8, func(r record) bool { return r.Disposition == responder.Answered })
	bad := s.await(t, "the bad one", 1, func(r record) bool { return r.Err != nil })[0]
	if bad.Disposition != responder.Quarantined {
		t.Errorf("the bad one is %s", bad.Disposition)
	}
	for i := range 9 {
		if i != 4 {
			s.replies(t, fmt.Sprintf("c%d@customer.example", i), 1)
		}
	}
	s.replies(t, "duty@staff.example", 1)
	if q, err := s.beside.Quarantined(t.Context(), 0); err != nil || len(q) != 1 || q[0].Key != bad.Key {
		t.Errorf("in quarantine: %v, %v", q, err)
	}
	s.clock.forward(121 * time.Minute)
	if !slices.ContainsFunc(s.tick(t).Steps, func(st store.SaidStep) bool { return st.Name == sla.StepReplyBreach }) {
		t.Error("the window of a mail in quarantine passed and nobody was told")
	}
	s.sound(t)
}

// TestPauseAndRestart: while replies rest everything goes on record; a restart in between changes nothing; then they go out,
// each once.
func TestPauseAndRestart(t *testing.T) {
	p := newMemoryPost(t, nil)
	s := newSite(t, p, setup{})
	s.start()
	first, reply := s.answered(t, "support", "before@customer.example", repair("before@customer.example", "support@support.example", 1))
	s.marked(t, first.Case)
	if err := s.beside.Pause(t.Context(), "Duty", time.Now()); err != nil {
		t.Fatal(err)
	}
	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 2))
	rec := s.await(t, "the mail", 1, from("ann@customer.example"))[0]
	if rec.Disposition != responder.Answered {
		t.Errorf("while paused: %s, %s", rec.Disposition, rec.Reason)
	}
	s.stop()
	p.arrive(t, "support", repair("down@customer.example", "support@support.example", 3)) // while nothing runs
	s.start()
	s.await(t, "the mail that came meanwhile", 1, from("down@customer.example"))
	if n := len(p.inbox(t, "ann@customer.example")) + len(p.inbox(t, "down@customer.example")); n != 0 {
		t.Errorf("%d replies went out while paused", n)
	}
	if err := s.beside.Resume(t.Context(), "Duty", time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{"ann@customer.example", "down@customer.example"} {
		s.replies(t, addr, 1)
	}
	p.arrive(t, "support", letter("before@customer.example", "support@support.example", reply.Subject, "It is contract C-2025-0417.", "In-Reply-To: <"+reply.MessageID+">"))
	if r := s.await(t, "the answer after the restart", 2, from("before@customer.example"))[1]; r.Case != first.Case {
		t.Errorf("after the restart the answer is under case %d, not %d", r.Case, first.Case)
	}
	for _, addr := range []string{"before@customer.example", "ann@customer.example", "down@customer.example"} {
		if n := len(p.inbox(t, addr)); n != 1 {
			t.Errorf("%d replies to %s", n, addr)
		}
	}
	s.sound(t)
}

func TestShadow(t *testing.T) {
	p := newMemoryPost(t, nil)
	s := newSite(t, p, setup{top: []string{"mode: shadow"}})
	s.start()
	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
	rec := s.await(t, "the mail", 1, from("ann@customer.example"))[0]
	c := s.caseOf(t, rec.Case)
	if i := slices.IndexFunc(c.Mails, func(m store.Mail) bool { return m.Lane == responder.LaneCustomer }); i < 0 || c.Mails[i].State != store.StateShadow {
		t.Errorf("the reply that would have gone out is not on record: %v", c.Mails)
	}
	// Staff are told of the window that nobody meets; when their mail is out, a reply would be out too.
	s.clock.forward(121 * time.Minute)
	s.tick(t)
	s.replies(t, "duty@staff.example", 1)
	if n := len(p.inbox(t, "ann@customer.example")); n != 0 {
		t.Errorf("%d mails went to the customer", n)
	}
}

func TestRedirect(t *testing.T) {
	p := newMemoryPost(t, nil)
	s := newSite(t, p, setup{top: []string{"redirect_to: trial@staff.example"}})
	s.start()
	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
	s.replies(t, "trial@staff.example", 1)
	if n := len(p.inbox(t, "ann@customer.example")); n != 0 {
		t.Errorf("%d mails went to the customer", n)
	}
}

func TestSecondRunIsRefused(t *testing.T) {
	p := newMemoryPost(t, nil)
	s := newSite(t, p, setup{})
	s.start()
	err := app.Run(t.Context(), s.options())
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("the second run: %v", err)
	}
	s.answered(t, "support", "ann@customer.example", repair("ann@customer.example", "support@support.example", 1)) // the first one is well
}

func TestOtherClientsMemory(t *testing.T) { otherClients(t, newMemoryPost(t, nil)) }

func TestOtherClientsDovecot(t *testing.T) { otherClients(t, newRealPost(t)) }

// otherClients: people work in the mailbox with their own programs, while the daemon is down and while it runs.
func otherClients(t *testing.T, p post) {
	s := newSite(t, p, setup{})
	names := []string{"seen", "answered", "deleted", "moved", "plain"}
	for i, name := range names {
		p.arrive(t, "support", repair(name+"@customer.example", "support@support.example", i, "Message-ID: <"+name+"@customer.example>"))
	}
	uids := map[string]uint32{}
	for _, m := range p.folder(t, "support", "INBOX") {
		name, _, _ := strings.Cut(parse(m.raw).MessageID, "@")
		uids[name] = m.uid
	}
	p.flag(t, "support", uids["seen"], `\Seen`)
	p.flag(t, "support", uids["answered"], `\Answered`)
	p.flag(t, "support", uids["deleted"], `\Deleted`)
	p.move(t, "support", "INBOX", uids["moved"], "Failed")
	s.start()
	s.await(t, "the plain mail", 1, from("plain@customer.example"))
	for _, name := range []string{"seen", "plain"} {
		s.replies(t, name+"@customer.example", 1)
	}
	for _, tt := range []struct {
		name string
		want responder.Disposition // "" for not on record
	}{
		{"seen", responder.Answered}, {"answered", responder.NotAnswered}, {"deleted", responder.Deleted}, {"moved", ""}, {"plain", responder.Answered},
	} {
		ms, err := s.beside.MessagesSince(t.Context(), 0, time.Time{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		got := responder.Disposition("")
		for _, m := range ms {
			if m.Key.UID == uids[tt.name] {
				got = m.Disposition
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}

	// While it runs: a person files an answered mail and puts it back, and takes the one that was moved away in again.
	p.move(t, "support", "INBOX", uids["plain"], "Processed")
	back := p.folder(t, "support", "Processed")
	if len(back) != 1 {
		t.Fatalf("%d mails in Processed", len(back))
	}
	p.move(t, "support", "Processed", back[0].uid, "INBOX")
	if r := s.await(t, "the mail that was put back", 2, from("plain@customer.example"))[1]; r.Disposition != responder.Duplicate {
		t.Errorf("the mail that was put back: %s", r.Disposition)
	}
	p.move(t, "support", "Failed", p.folder(t, "support", "Failed")[0].uid, "INBOX")
	if r := s.await(t, "the mail that was taken in again", 1, from("moved@customer.example"))[0]; r.Disposition != responder.Answered {
		t.Errorf("the mail that was taken in again: %s", r.Disposition)
	}
	s.replies(t, "moved@customer.example", 1)
	for _, name := range names {
		want := 1
		if name == "answered" || name == "deleted" {
			want = 0
		}
		if n := len(p.inbox(t, name+"@customer.example")); n != want {
			t.Errorf("%d replies to %s, want %d", n, name, want)
		}
	}
	s.sound(t)
}
