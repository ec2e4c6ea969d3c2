package servertest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
	"aftercare/store"
)

// TestServersDownAtStart: the daemon starts while neither server is there, and works once they are.
func TestServersDownAtStart(t *testing.T) {
	p := newMemoryPost(t, nil)
	read, send := mailtest.StartProxy(t, p.imap.Addr()), mailtest.StartProxy(t, p.smtp.Addr())
	read.Refuse(true)
	send.Refuse(true)
	p.via, p.by = read.Addr, send.Addr
	s := newSite(t, p, setup{})
	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
	s.start()
	eventually(t, "several attempts to read", func() bool { return read.Count() > 2 })
	read.Refuse(false)
	rec := s.await(t, "the mail", 1, from("ann@customer.example"))[0]
	eventually(t, "an attempt to send", func() bool { return send.Count() > 0 })
	send.Refuse(false)
	s.clock.forward(10 * time.Minute)
	s.marked(t, rec.Case)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// TestConnectionsBreak: both connections are cut at random places, again and again, while mails arrive and replies go out.
// Each mail is answered; a second copy went only where the outcome of the first was unknown, with the same bytes.
func TestConnectionsBreak(t *testing.T) {
	p := newMemoryPost(t, func(c *memory.SMTPConfig) {
		c.OnData = func(memory.Delivered) memory.Verdict { return memory.Verdict{Delay: rand.N(20 * time.Millisecond)} }
	})
	read, send := mailtest.StartProxy(t, p.imap.Addr()), mailtest.StartProxy(t, p.smtp.Addr())
	p.via, p.by = read.Addr, send.Addr
	s := newSite(t, p, setup{boxes: []box{{"support", []string{"filing: {how: move}", "sent: {copy: always}"}}}})
	s.start(func(o *app.Options) { o.ResendAfter = 300 * time.Millisecond })

	const mails = 60
	ctx, stop := context.WithCancel(t.Context())
	var breaking sync.WaitGroup
	for proxy, most := range map[*mailtest.Proxy]int64{read: 8000, send: 1500} { // bytes from the server between two cuts
		breaking.Go(func() {
			for cuts := 0; cuts < 25 && ctx.Err() == nil; cuts++ {
				if rand.N(4) == 0 {
					proxy.Cut()
				} else {
					proxy.CutAfter(rand.Int64N(most))
				}
				pause(ctx, rand.N(80*time.Millisecond))
				s.clock.forward(20 * time.Second) // so that what rests after a failure is tried again
			}
			proxy.CutAfter(-1) // the line holds again, also where the mails took longer than the cuts
		})
	}
	for i := range mails {
		p.arrive(t, "support", repair(fmt.Sprintf("c%[1]d@c%[1]d.example", i), "support@support.example", i))
		pause(ctx, rand.N(40*time.Millisecond))
	}
	answered := func(r record) bool { return r.Disposition == responder.Answered }
	s.await(t, "the mails", mails, answered)
	eventually(t, "some mail out", func() bool {
		s.clock.forward(5 * time.Second) // an account that rests after failures rests by this clock
		return p.smtp.Count() > mails/4
	})
	stop()
	breaking.Wait()
	read.CutAfter(-1)
	send.CutAfter(-1)

	rows := func(state string) []store.Mail {
		ms, err := s.beside.Mails(t.Context(), state, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	eventually(t, "the replies", func() bool {
		s.clock.forward(10 * time.Second)
		unknown, err := s.beside.Unknown(t.Context())
		return err == nil && len(unknown)+len(rows(store.StateQueued))+len(rows(store.StateClaimed)) == 0
	})
	if got := s.records(answered); len(got) != mails {
		t.Errorf("%d mails are on record as answered, %d came", len(got), mails)
	}
	again, sent := 0, 0
	for _, r := range s.records(answered) {
		for _, m := range s.caseOf(t, r.Case).Mails {
			if m.Lane != responder.LaneCustomer {
				continue
			}
			copies := p.inbox(t, m.To)
			if len(copies) == 0 || len(copies) > 2 || len(copies) == 2 && (!m.Resent || !bytes.Equal(copies[0].raw, copies[1].raw)) {
				t.Errorf("%s: %d copies, state %s, sent again %v", m.To, len(copies), m.State, m.Resent)
			}
			again += len(copies) - 1
			if m.State == store.StateSent {
				sent++
			} else if m.State != store.StateUnknown || !m.Resent { // then a person is asked
				t.Errorf("the reply to %s is %s, sent again %v", m.To, m.State, m.Resent)
			}
		}
	}
	t.Logf("%d connections to read, %d to send; %d second copies", read.Count(), send.Count(), again)
	eventually(t, "all mail moved", func() bool { return len(p.folder(t, "support", "Processed")) >= mails })
	if in := len(p.folder(t, "support", "INBOX")); in != 0 {
		t.Errorf("%d mails were left in INBOX", in)
	}
	eventually(t, "a copy of each in Sent", func() bool {
		s.clock.forward(10 * time.Second)
		return len(p.folder(t, "support", "Sent")) >= sent
	})
	// Time runs so fast here that a copy may be tried again while the server still stores the one whose connection broke: then
	// there are two. One must never be missing.
	kept := map[string]int{}
	for _, m := range p.folder(t, "support", "Sent") {
		kept[parse(m.raw).MessageID]++
	}
	if len(kept) != sent {
		t.Errorf("%d replies in Sent, of %d", len(kept), sent)
	}
	s.sound(t)
}
