package servertest

import (
	"slices"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// testAnsweredFirst: replies rest while a person sets \Answered, so that the look before the send is what is tested.
func testAnsweredFirst(t *testing.T, s *site) {
	if err := s.beside.Pause(t.Context(), "a test", time.Now()); err != nil {
		t.Fatal(err)
	}
	s.post.arrive(t, "parts", repair("quick@customer.example", "parts@support.example", 8))
	r := s.await(t, "the mail", 1, from("quick@customer.example"))[0]
	s.post.flag(t, "parts", r.Key.UID, `\Answered`)
	s.clock.forward(time.Minute) // the look that came with the fetch is no longer fresh
	if err := s.beside.Resume(t.Context(), "a test", time.Now()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the reply cancelled", func() bool {
		for _, m := range s.caseOf(t, r.Case).Mails {
			if m.State == store.StateCancelled && m.Reason == responder.ReasonAnsweredByPerson {
				return true
			}
		}
		return false
	})
	if w := s.window(t, r.Case, sla.ClockReply); w.Met.IsZero() {
		t.Error("the window that a person met is open")
	}
	if n := len(s.post.inbox(t, "quick@customer.example")); n != 0 {
		t.Errorf("%d replies went out", n)
	}
}

func testColleague(t *testing.T, s *site) {
	rec, reply := s.answered(t, "support", "cc@customer.example", repair("cc@customer.example", "support@support.example", 9))
	s.marked(t, rec.Case)
	s.post.arrive(t, "support", letter("Duty <duty@staff.example>", "cc@customer.example", reply.Subject, "Dear customer, our engineer comes tomorrow at nine.",
		"Cc: support@support.example", "In-Reply-To: <"+reply.MessageID+">", "References: <"+reply.MessageID+">"))
	r := s.await(t, "the colleague's mail", 1, func(r record) bool { return r.Reason == responder.ReasonAnsweredByPerson && r.Case == rec.Case })[0]
	if r.Disposition != responder.NotAnswered {
		t.Errorf("%s", r.Disposition)
	}
	if w := s.window(t, rec.Case, sla.ClockPerson); w.Met.IsZero() {
		t.Error("the answer by a person did not meet its window")
	}
}

func testJunk(t *testing.T, s *site) {
	s.putJunk(t, repair("stranger@customer.example", "support@support.example", 10))
	r := s.await(t, "the mail in Junk", 1, from("stranger@customer.example"))[0]
	if r.Disposition != responder.NotAnswered || r.Reason != responder.ReasonJunk || len(r.Mails) != 0 {
		t.Errorf("a stranger's junk: %s, %s, %d mails", r.Disposition, r.Reason, len(r.Mails))
	}
	s.putJunk(t, letter("ann@customer.example", "support@support.example", "Invoice", "Where is my invoice for the pump? I need it."))
	r = s.await(t, "the second mail of ann", 2, from("ann@customer.example"))[1]
	if r.Disposition != responder.Held || r.Reason != responder.ReasonJunkKnown {
		t.Errorf("a customer's mail in Junk: %s, %s", r.Disposition, r.Reason)
	}
}

// putJunk lets a mail lie in the junk folder.
func (s *site) putJunk(t *testing.T, raw []byte) {
	t.Helper()
	switch p := s.post.(type) {
	case *memoryPost:
		if _, err := p.imap.Append("support", "Junk", raw, time.Time{}); err != nil {
			t.Fatal(err)
		}
	case *realPost:
		p.dovecot.Client("support").Append("Junk", raw, time.Time{})
	}
}

// testFiling looks at what the rows before have left in the three mailboxes.
func testFiling(t *testing.T, s *site) {
	recorded := map[string]int{}
	for _, r := range s.records(func(record) bool { return true }) {
		recorded[r.Key.Account+"/"+r.Key.Folder]++
	}
	want := recorded["support/INBOX"] + recorded["support/Junk"]
	eventually(t, "all mail of support moved", func() bool { return len(s.post.folder(t, "support", "Processed")) >= want })
	left := len(s.post.folder(t, "support", "INBOX")) + len(s.post.folder(t, "support", "Junk"))
	if n := len(s.post.folder(t, "support", "Processed")); n != want || left != 0 {
		t.Errorf("%d mails in Processed, want %d; %d were left behind", n, want, left)
	}
	count := func(user, flag string) (all, with int) {
		for _, m := range s.post.folder(t, user, "INBOX") {
			all++
			if slices.Contains(m.flags, flag) {
				with++
			}
		}
		return all, with
	}
	eventually(t, "the keyword on each mail of service", func() bool { all, with := count("service", "$Aftercare"); return all > 0 && with == all })
	if all, _ := count("service", ""); all != recorded["service/INBOX"] {
		t.Errorf("service has %d mails, %d are on record", all, recorded["service/INBOX"])
	}
	if all, with := count("parts", "$Aftercare"); all != recorded["parts/INBOX"] || with != 0 {
		t.Errorf("parts has %d mails of %d, %d with a keyword", all, recorded["parts/INBOX"], with)
	}
	for _, user := range []string{"service", "parts"} {
		if _, seen := count(user, `\Seen`); seen != 0 {
			t.Errorf("%d mails of %s were marked as read", seen, user)
		}
	}
}

// testSent: each reply of support lies in Sent once, as it went out; nothing of the others.
func testSent(t *testing.T, s *site) {
	want := map[string]bool{}
	cases, err := s.beside.Cases(t.Context(), store.CaseFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, m := range s.caseOf(t, c.ID).Mails {
			if m.Account == "support" && m.Lane == responder.LaneCustomer && m.State == store.StateSent {
				want[m.MessageID] = true
			}
		}
	}
	eventually(t, "every reply in Sent", func() bool { return len(s.post.folder(t, "support", "Sent")) >= len(want) })
	got := s.post.folder(t, "support", "Sent")
	for _, m := range got {
		p := parse(m.raw)
		if !want[p.MessageID] || !slices.Contains(m.flags, `\Seen`) {
			t.Errorf("in Sent: %s %q, flags %q", p.MessageID, p.Subject, m.flags)
		}
		delete(want, p.MessageID)
	}
	if len(want) != 0 || len(got) == 0 {
		t.Errorf("%d in Sent, not there: %v", len(got), want)
	}
	for _, user := range []string{"service", "parts"} {
		if n := len(s.post.folder(t, user, "Sent")); n != 0 {
			t.Errorf("%d mails in the Sent folder of %s", n, user)
		}
	}
}
