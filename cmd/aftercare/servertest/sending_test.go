package servertest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// hook is a web server that collects alerts.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	alerts []string // "trouble smtp:support"
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a struct{ State, Check string }
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			t.Errorf("an alert: %v", err)
		}
		h.mu.Lock()
		h.alerts = append(h.alerts, a.State+" "+a.Check)
		h.mu.Unlock()
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) count(alert string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.alerts {
		if a == alert {
			n++
		}
	}
	return n
}

// TestSMTPDownLongerThanTheWindow: the trouble is told by a way that needs no SMTP, once; staff hear of the breach; the reply
// goes out when the server is back, and stands on record as late.
func TestSMTPDownLongerThanTheWindow(t *testing.T) {
	p := newMemoryPost(t, nil)
	proxy := mailtest.StartProxy(t, p.smtp.Addr())
	proxy.Refuse(true)
	p.by = proxy.Addr
	h := newHook(t)
	s := newSite(t, p, setup{top: []string{"alerts: {webhook: {url: {file: hook}}, after: 1s}"}, files: map[string]string{"hook": h.URL}})
	s.start()

	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
	rec := s.await(t, "the mail", 1, from("ann@customer.example"))[0]
	eventually(t, "the alert", func() bool { return h.count("trouble smtp:support") == 1 })
	s.clock.forward(125 * time.Minute)
	var breach []string
	for _, st := range s.tick(t).Steps {
		if st.Name == sla.StepReplyBreach {
			breach = append(breach, st.Recipient)
		}
	}
	if !slices.Contains(breach, "duty@staff.example") || !slices.Contains(breach, "lead@staff.example") {
		t.Errorf("the breach was told to %v", breach)
	}
	if n := p.smtp.Count(); n != 0 {
		t.Fatalf("%d mails came through", n)
	}

	proxy.Refuse(false)
	s.clock.forward(10 * time.Minute) // the account's rest is over
	mail := s.marked(t, rec.Case)
	if !mail.Late() || len(p.inbox(t, "ann@customer.example")) != 1 {
		t.Errorf("late %v, %d replies", mail.Late(), len(p.inbox(t, "ann@customer.example")))
	}
	s.replies(t, "duty@staff.example", 1)
	eventually(t, "the end of the trouble told", func() bool { return h.count("recovered smtp:support") == 1 })
	if n := h.count("trouble smtp:support"); n != 1 {
		t.Errorf("the trouble was told %d times", n)
	}
	r, err := s.beside.Report(t.Context(), s.clock.now().AddDate(0, 0, -1), s.clock.now().Add(time.Hour), s.clock.now(), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	late := 0
	for _, l := range r.Tallies {
		if l.What == store.TallyReply && l.Result == store.ResultLate {
			late += l.N
		}
	}
	if late != 1 {
		t.Errorf("the report has %d windows met late", late)
	}
	s.sound(t)
}

// TestDropBefore250: a server that stores mail and dies before it says so. The same bytes go out once more and not again.
func TestDropBefore250(t *testing.T) {
	for _, tt := range []struct {
		name  string
		drops int
		want  string // the state of the row in the end
	}{
		{"once", 1, store.StateSent},
		{"each time", 100, store.StateUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			left := tt.drops
			p := newMemoryPost(t, func(c *memory.SMTPConfig) {
				c.OnData = func(d memory.Delivered) memory.Verdict {
					mu.Lock()
					defer mu.Unlock()
					if d.To[0] != "ann@customer.example" || left == 0 {
						return memory.Verdict{}
					}
					left--
					return memory.Verdict{Drop: memory.DropBefore}
				}
			})
			s := newSite(t, p, setup{})
			s.start(func(o *app.Options) { o.ResendAfter = 200 * time.Millisecond })
			p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
			rec := s.await(t, "the mail", 1, from("ann@customer.example"))[0]
			mail := func() (m store.Mail) {
				for _, m = range s.caseOf(t, rec.Case).Mails {
					if m.Lane == responder.LaneCustomer {
						return m
					}
				}
				return m
			}
			eventually(t, "the outcome unknown", func() bool { return mail().State == store.StateUnknown })
			if w := s.window(t, rec.Case, sla.ClockReply); !w.Open() {
				t.Error("a window is met by a mail of which nobody knows whether it arrived")
			}
			eventually(t, "the second copy, and its end", func() bool { m := mail(); return m.Resent && m.State == tt.want })
			if tt.want == store.StateUnknown {
				s.replies(t, "duty@staff.example", 1)
			}
			for range 10 { // whatever could send it a third time has its turn
				s.clock.forward(10 * time.Minute)
				s.tick(t)
			}
			got := p.inbox(t, "ann@customer.example")
			if len(got) != 2 || !bytes.Equal(got[0].raw, got[1].raw) {
				t.Fatalf("%d copies came, or they differ", len(got))
			}
			if tt.want == store.StateUnknown {
				eventually(t, "staff told", func() bool {
					return slices.ContainsFunc(s.caseOf(t, rec.Case).Mails, func(m store.Mail) bool { return m.Kind == "undelivered" && m.State == store.StateSent })
				})
			}
			s.sound(t)
		})
	}
}

// TestRelayRewritesMessageIDs: the customer's answer, which names the relay's id, is filed under the case, and a bounce too.
func TestRelayRewritesMessageIDs(t *testing.T) {
	p := newMemoryPost(t, func(c *memory.SMTPConfig) { c.RewriteMessageID = true })
	s := newSite(t, p, setup{})
	s.start()
	rec, reply := s.answered(t, "support", "ann@customer.example", repair("ann@customer.example", "support@support.example", 1))
	if !strings.Contains(reply.MessageID, "relay.invalid") {
		t.Fatalf("the relay did not rewrite %q", reply.MessageID)
	}
	s.marked(t, rec.Case)
	refs := append(slices.Clone(reply.References), reply.MessageID)
	p.arrive(t, "support", letter("ann.private@other.example", "support@support.example", "a question about my pump", "When will somebody come?",
		"In-Reply-To: <"+reply.MessageID+">", "References: <"+strings.Join(refs, ">\r\n <")+">"))
	if r := s.await(t, "the answer", 1, from("ann.private@other.example"))[0]; r.Case != rec.Case {
		t.Errorf("the answer is under case %d, not %d (%s)", r.Case, rec.Case, r.Reason)
	}
	p.arrive(t, "support", repair("lost@nowhere.example", "support@support.example", 2))
	lost := s.await(t, "the second mail", 1, from("lost@nowhere.example"))[0]
	if b := s.await(t, "the bounce", 1, func(r record) bool { return r.Reason == responder.ReasonBounce })[0]; b.Case != lost.Case {
		t.Errorf("the bounce is under case %d, not %d", b.Case, lost.Case)
	}
	s.sound(t)
}

// TestRefusedForGood: a 5xx answer ends the mail and a person is told at once.
func TestRefusedForGood(t *testing.T) {
	p := newMemoryPost(t, func(c *memory.SMTPConfig) {
		c.OnRcpt = func(_, to string) memory.Verdict {
			if to == "ann@customer.example" {
				return memory.Verdict{Code: 550, Text: "no such user here"}
			}
			return memory.Verdict{}
		}
	})
	s := newSite(t, p, setup{})
	s.start()
	p.arrive(t, "support", repair("ann@customer.example", "support@support.example", 1))
	rec := s.await(t, "the mail", 1, from("ann@customer.example"))[0]
	told := s.replies(t, "duty@staff.example", 1)[0]
	if !strings.Contains(told.Subject, responder.FormatCase(rec.Case)) || !strings.Contains(told.Body.Full, "no such user here") {
		t.Errorf("staff were told %q:\n%s", told.Subject, told.Body.Full)
	}
	if w := s.window(t, rec.Case, sla.ClockReply); !w.Open() {
		t.Error("the window of a reply that was refused is met")
	}
}
