package servertest

import (
	"testing"

	"aftercare/responder"
)

// TestDovecotRestartsDuringIdle: the server goes away while the daemon waits for mail, and comes back. What arrives then is
// answered, and nothing twice.
func TestDovecotRestartsDuringIdle(t *testing.T) {
	p := newRealPost(t)
	s := newSite(t, p, setup{})
	s.start()
	rec, _ := s.answered(t, "support", "before@customer.example", repair("before@customer.example", "support@support.example", 1))
	s.marked(t, rec.Case) // the watcher has long gone back to IDLE
	p.dovecot.Restart()
	s.answered(t, "support", "after@customer.example", repair("after@customer.example", "support@support.example", 2))

	p.dovecot.Stop()
	// Nobody can deliver now; what the daemon does meanwhile must not end it.
	s.tick(t)
	p.dovecot.Start()
	s.answered(t, "support", "third@customer.example", repair("third@customer.example", "support@support.example", 3))
	if n := len(s.records(func(r record) bool { return r.Disposition != responder.Answered })); n != 0 {
		t.Errorf("%d mails were met again", n)
	}
	for _, name := range []string{"before", "after", "third"} {
		if n := len(p.inbox(t, name+"@customer.example")); n != 1 {
			t.Errorf("%d replies to %s", n, name)
		}
	}
	s.sound(t)
}
