package servertest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
	"aftercare/store"
)

// TestFallbackUnderAnUnknownRow: the first server takes a reply and dies before it says so, and then it is down. The second
// server takes over what was not sent yet, and never the reply of unknown outcome.
func TestFallbackUnderAnUnknownRow(t *testing.T) {
	var mu sync.Mutex
	var proxy *mailtest.Proxy
	dropped := 0
	p := newMemoryPost(t, func(c *memory.SMTPConfig) {
		c.OnData = func(d memory.Delivered) memory.Verdict {
			mu.Lock()
			defer mu.Unlock()
			if d.To[0] != "ann@customer.example" {
				return memory.Verdict{}
			}
			dropped++
			proxy.Refuse(dropped == 1)
			return memory.Verdict{Drop: memory.DropBefore}
		}
	})
	proxy = mailtest.StartProxy(t, p.smtp.Addr())
	p.by = proxy.Addr
	second, err := memory.StartSMTP(memory.SMTPConfig{Users: map[string]string{"support": secret}, TLS: p.cert.Server()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	s := newSite(t, p, setup{boxes: []box{{user: "support", more: []string{"smtp_fallback: {" + keys(second.Addr(), "starttls") + ", username: support, password: {file: password}}"}}}})
	s.start(func(o *app.Options) { o.ResendAfter = 200 * time.Millisecond })
	reply := func(id int64) (m store.Mail) {
		for _, m := range s.caseOf(t, id).Mails {
			if m.Lane == responder.LaneCustomer {
				return m
			}
		}
		return m
	}

	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
	ann := s.await(t, "the first mail", 1, from("ann@customer.example"))[0]
	eventually(t, "the outcome unknown", func() bool { return reply(ann.Case).State == store.StateUnknown })
	p.arrive(t, "support", repair("bo@customer.example", "support@support.example", 2))
	bo := s.await(t, "the second mail", 1, from("bo@customer.example"))[0]
	for range 13 { // over the end of both windows
		s.clock.forward(10 * time.Minute)
		s.tick(t)
	}
	eventually(t, "the second server taking over", func() bool { return reply(bo.Case).State == store.StateSent })
	if m := reply(bo.Case); m.Server != second.Addr() {
		t.Errorf("sent by %s", m.Server)
	}
	for _, d := range second.Messages() {
		if slices.Contains(d.To, "ann@customer.example") {
			t.Error("the second server got the reply of unknown outcome")
		}
	}
	if m := reply(ann.Case); m.State == store.StateSent {
		t.Errorf("the first reply is %s by %s", m.State, m.Server)
	}

	proxy.Refuse(false)
	eventually(t, "the same bytes by the first server, once", func() bool {
		s.clock.forward(10 * time.Minute)
		s.tick(t)
		mu.Lock()
		defer mu.Unlock()
		return dropped == 2
	})
	eventually(t, "its outcome unknown for good", func() bool { m := reply(ann.Case); return m.Resent && m.State == store.StateUnknown })
	mu.Lock()
	defer mu.Unlock()
	if dropped != 2 {
		t.Errorf("%d copies went to the first server", dropped)
	}
	s.sound(t)
}
