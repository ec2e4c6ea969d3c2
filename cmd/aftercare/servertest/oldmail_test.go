package servertest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/store"
)

// oldMails is how much lies there at the first start.
const oldMails = 5000

func old() [][]byte {
	raws := make([][]byte, oldMails)
	for i := range raws {
		raws[i] = repair(fmt.Sprintf("old%d@customer.example", i), "support@support.example", i)
	}
	return raws
}

func TestOldMailMemory(t *testing.T) {
	p := newMemoryPost(t, nil)
	hour := time.Now().Add(-time.Hour)
	for _, raw := range old() {
		if _, err := p.imap.Append("support", "INBOX", raw, hour); err != nil {
			t.Fatal(err)
		}
	}
	oldMail(t, p)
}

func TestOldMailDovecot(t *testing.T) {
	p := newRealPost(t)
	p.dovecot.Fill("support", old()...)
	filled := time.Now()
	eventually(t, "a second later", func() bool { return time.Now().Unix() > filled.Unix() }) // INTERNALDATE has whole seconds
	oldMail(t, p)
}

// oldMail: nothing of what lay there at the start is answered, also not when the folder gets a new UIDVALIDITY and new UIDs.
// What comes before and after is answered once.
func oldMail(t *testing.T, p post) {
	s := newSite(t, p, setup{boxes: []box{{"support", []string{"since: now"}}}})
	s.start()
	eventually(t, "the folder known", func() bool {
		c, ok, err := s.beside.Cursor(t.Context(), "support", "INBOX")
		return err == nil && ok && c.UID >= oldMails
	})
	first, _ := s.answered(t, "support", "before@customer.example", repair("before@customer.example", "support@support.example", 1))
	s.marked(t, first.Case)
	p.renumber(t, "support")
	second, _ := s.answered(t, "support", "after@customer.example", repair("after@customer.example", "support@support.example", 2))
	s.marked(t, second.Case)
	again := s.await(t, "the mail from before, met again", 2, from("before@customer.example"))
	if again[1].Disposition != responder.Duplicate {
		t.Errorf("the mail from before is %s when it is met again", again[1].Disposition)
	}
	eventually(t, "the rescan at its end", func() bool {
		c, ok, err := s.beside.Cursor(t.Context(), "support", "INBOX")
		return err == nil && ok && c.UIDValidity == second.Key.UIDValidity && c.UID >= second.Key.UID
	})
	if second.Key.UIDValidity == first.Key.UIDValidity {
		t.Error("the folder was not renumbered")
	}
	for _, r := range s.records(func(record) bool { return true }) {
		if r.msg != nil && strings.HasPrefix(r.msg.Sender1().Addr, "old") && !r.Skipped {
			t.Fatalf("old mail on record: %s, %s, %s", r.msg.Sender1().Addr, r.Disposition, r.Reason)
		}
	}
	s.tick(t)
	for _, state := range []string{store.StateQueued, store.StateClaimed, store.StateUnknown, store.StateFailed} {
		if ms, err := s.beside.Mails(t.Context(), state, 10); err != nil || len(ms) != 0 {
			t.Errorf("mails %s: %v, %v", state, ms, err)
		}
	}
	sent, err := s.beside.Mails(t.Context(), store.StateSent, 10)
	if err != nil || len(sent) != 2 {
		t.Errorf("%d mails were sent, %v; want the two replies", len(sent), err)
	}
	s.sound(t)
}
