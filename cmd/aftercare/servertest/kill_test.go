package servertest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
	"aftercare/store"
)

// phases are the places where the program is killed, in the order in which a mail passes them.
var phases = []string{"fetched", "committed", "filed", "claimed", "after-data", "accepted", "marked"}

// killing is a daemon that is killed again and again over one database, one mailbox and one sink.
type killing struct {
	*site
	p        *memoryPost
	rnd      *rand.Rand
	mails    int
	suspects map[int64]bool // outbox rows that stood claimed and not marked when the program was killed
	hits     map[string]int
}

// TestKills: SIGKILL of the plain binary in each named phase. In the end each mail has one disposition, each case its reply,
// and a second copy went out only for rows that a kill had left claimed and not marked, the same bytes, at most once.
func TestKills(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	k := newKilling(t, rand.New(rand.NewPCG(seed, 0)))
	kills := len(phases)
	if os.Getenv("AFTERCARE_EXAM") == "1" {
		kills = 30
	}
	n, order := 0, k.rnd.Perm(len(phases))
	for ; n < kills || k.missed() != "" && n < kills+20; n++ {
		want := phases[order[n%len(order)]]
		if n >= len(phases) && k.missed() != "" {
			want = k.missed()
		}
		// Beyond the first of each phase, every other time mail waits already: the program is killed while it recovers.
		k.hits[k.killAt(want, n >= len(phases) && n%2 == 0)]++
	}
	for _, name := range phases {
		t.Logf("hits in phase %-10s %d", name, k.hits[name])
		if k.hits[name] == 0 {
			t.Errorf("the program was never killed in phase %s", name)
		}
	}
	k.finish()
	t.Logf("%d kills, %d mails, %d rows left claimed", n, k.mails, len(k.suspects))
	k.check()
}

func newKilling(t *testing.T, rnd *rand.Rand) *killing {
	var mu sync.Mutex
	p := newMemoryPost(t, func(c *memory.SMTPConfig) {
		c.OnData = func(memory.Delivered) memory.Verdict {
			mu.Lock()
			defer mu.Unlock()
			return memory.Verdict{Delay: 50*time.Millisecond + rand.N(150*time.Millisecond)}
		}
	})
	s := newSite(t, p, setup{
		boxes: []box{{"support", []string{"filing: {how: move}", "sent: {copy: never}"}}},
		top:   []string{"log: {level: debug}", "classes: {certainty: 0.7}", "caps: {total_hour: 100000}"},
	})
	s.keepModel()
	return &killing{site: s, p: p, rnd: rnd, suspects: map[int64]bool{}, hits: map[string]int{}}
}

// missed is a phase in which nothing was killed yet, "" when each was hit.
func (k *killing) missed() string {
	for _, name := range phases {
		if k.hits[name] == 0 {
			return name
		}
	}
	return ""
}

// burst lets mails of new customers arrive.
func (k *killing) burst(n int) {
	for range n {
		k.mails++
		k.p.arrive(k.t, "support", repair(fmt.Sprintf("c%[1]d@c%[1]d.example", k.mails), "support@support.example", k.mails))
	}
}

// burstSize is how many mails come for one kill.
const burstSize = 8

// killAt runs the program and kills it at a random occurrence of a phase. It returns the phase in which the work in hand
// stood when it died. With waiting, the mail lies there before the start, else it comes when all of the kill before is
// made good.
func (k *killing) killAt(want string, waiting bool) string {
	k.t.Helper()
	var mu sync.Mutex
	var died phase
	left, armed := 1+k.rnd.IntN(burstSize-1), waiting
	if waiting {
		k.burst(burstSize)
	}
	c := k.runChild(func(p phase) bool {
		mu.Lock()
		defer mu.Unlock()
		if !armed || p.name != want {
			return false
		}
		died = p
		left--
		return left == 0
	})
	if !waiting {
		eventually(k.t, "the kill before made good", func() bool { return c.ended() || !k.doubt() })
		mu.Lock()
		armed = true
		mu.Unlock()
		k.burst(burstSize)
	}
	select {
	case <-c.done:
	case <-time.After(patience):
		k.t.Fatalf("the program never came to %s; its last words:\n%s", want, strings.Join(c.tail, "\n"))
	}
	if left != 0 {
		k.t.Fatalf("the program ended by itself: %v\n%s", c.err, strings.Join(c.tail, "\n"))
	}
	k.look(func(st *store.Store) {
		ms, err := st.Mails(k.t.Context(), store.StateClaimed, 1000)
		if err != nil {
			k.t.Fatal(err)
		}
		for _, m := range ms {
			k.suspects[m.ID] = true
		}
	})
	return stood(c.phases, died)
}

// doubt tells whether a row is still to be made good.
func (k *killing) doubt() (yes bool) {
	k.look(func(st *store.Store) {
		for _, state := range []string{store.StateClaimed, store.StateUnknown, store.StateQueued} {
			ms, err := st.Mails(k.t.Context(), state, 1000)
			if err != nil {
				k.t.Fatal(err)
			}
			for _, m := range ms {
				yes = yes || m.State != store.StateUnknown || !m.Resent
			}
		}
	})
	return yes
}

// stood is the last phase that was logged for the work which died: of a row its own, of a message that was fetched the
// commit of its batch.
func stood(log []phase, died phase) string {
	at := len(log) - 1
	for ; at > 0 && log[at] != died; at-- {
	}
	last := died.name
	for _, p := range log[at:] {
		switch {
		case p.outgoing() != died.outgoing():
		case p.id == died.id && p.name != "fetched", died.name == "fetched" && p.name == "committed":
			last = p.name
		}
	}
	return last
}

// finish runs the program until there is nothing left to do, and stops it as an operator would.
func (k *killing) finish() {
	k.t.Helper()
	c := k.runChild(nil)
	eventually(k.t, "the end of the work", func() (done bool) {
		if c.ended() {
			k.t.Fatalf("the program ended: %v\n%s", c.err, strings.Join(c.tail, "\n"))
		}
		k.look(func(st *store.Store) {
			h, err := st.Health(k.t.Context(), time.Now())
			if err != nil {
				k.t.Fatal(err)
			}
			ms, err := st.MessagesSince(k.t.Context(), 0, time.Time{}, 10000)
			if err != nil {
				k.t.Fatal(err)
			}
			claimed, err := st.Mails(k.t.Context(), store.StateClaimed, 1)
			if err != nil {
				k.t.Fatal(err)
			}
			unknown, err := st.Unknown(k.t.Context())
			if err != nil {
				k.t.Fatal(err)
			}
			waiting := 0
			for _, n := range h.Queued {
				waiting += n
			}
			done = len(ms) >= k.mails && waiting+h.Filing+len(claimed)+len(unknown) == 0
		})
		return done
	})
	c.terminate()
}

// check looks at everything that the rules promise.
func (k *killing) check() {
	t := k.t.(*testing.T)
	k.look(func(st *store.Store) {
		k.beside = st
		defer func() { k.beside = nil }()
		k.sound(t)
		ms, err := st.MessagesSince(t.Context(), 0, time.Time{}, 10000)
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, m := range ms {
			count[m.Sender]++
			if m.Disposition != responder.Answered || m.Case == 0 {
				t.Errorf("%s: %s, %s, case %d", m.Sender, m.Disposition, m.Reason, m.Case)
				continue
			}
			k.checkCase(t, m.Case)
		}
		for i := 1; i <= k.mails; i++ {
			if sender := fmt.Sprintf("c%[1]d@c%[1]d.example", i); count[sender] != 1 {
				t.Errorf("%s is on record %d times", sender, count[sender])
			}
		}
		if damage, err := st.CheckFile(t.Context()); err != nil || len(damage) != 0 {
			t.Errorf("the database: %v, %v", damage, err)
		}
	})
	k.checkCopies(t)
	if in, filed := len(k.p.folder(t, "support", "INBOX")), len(k.p.folder(t, "support", "Processed")); in != 0 || filed != k.mails {
		t.Errorf("%d mails were left in INBOX and %d filed, of %d", in, filed, k.mails)
	}
}

// checkCase: the reply is out, or nobody knows after the repetition and a person was told.
func (k *killing) checkCase(t *testing.T, id int64) {
	t.Helper()
	replies, told := 0, false
	var reply store.Mail
	for _, m := range k.caseOf(t, id).Mails {
		if m.Lane == responder.LaneCustomer {
			replies, reply = replies+1, m
		}
		told = told || m.Kind == "undelivered" && m.State == store.StateSent
	}
	switch {
	case replies != 1:
		t.Errorf("%s has %d replies", responder.FormatCase(id), replies)
	case reply.State == store.StateSent && len(k.p.inbox(t, reply.To)) > 0:
	case reply.State == store.StateUnknown && reply.Resent && told:
	default:
		t.Errorf("the reply of %s is %s, repeated %v, staff told %v, %d copies at the sink", responder.FormatCase(id), reply.State, reply.Resent, told, len(k.p.inbox(t, reply.To)))
	}
}

// checkCopies: a row went out twice only where a kill had left it in doubt, and then with the same bytes.
func (k *killing) checkCopies(t *testing.T) {
	first := map[string]memory.Delivered{}
	copies := map[string]int{}
	twice := 0
	for _, d := range k.p.smtp.Messages() {
		m := parse(d.Data)
		copies[m.MessageID]++
		if copies[m.MessageID] == 1 {
			first[m.MessageID] = d
			continue
		}
		twice++
		tok, ok := responder.VerifyMessageID(k.signingKey(t), m.MessageID)
		if !ok || !k.suspects[tok.Outbox] {
			t.Errorf("mail %d to %s went out again, but was not in doubt", tok.Outbox, d.To)
		}
		if f := first[m.MessageID]; copies[m.MessageID] > 2 || !bytes.Equal(f.Data, d.Data) || f.To[0] != d.To[0] {
			t.Errorf("copy %d of the mail to %s; the same bytes: %v", copies[m.MessageID], d.To, bytes.Equal(f.Data, d.Data))
		}
	}
	t.Logf("%d mails at the sink, %d of them second copies", len(k.p.smtp.Messages()), twice)
}

// TestTerminate: SIGTERM ends the program cleanly in the middle of its work, and the next start goes on where it stopped:
// nothing is in doubt, nothing goes out twice.
func TestTerminate(t *testing.T) {
	k := newKilling(t, rand.New(rand.NewPCG(1, 1)))
	for range 2 {
		k.burst(30)
		c := k.runChild(nil)
		eventually(t, "some mail out", func() bool { return k.p.smtp.Count() > 5 })
		c.terminate()
		k.look(func(st *store.Store) {
			for _, state := range []string{store.StateClaimed, store.StateUnknown} {
				if ms, err := st.Mails(t.Context(), state, 100); err != nil || len(ms) != 0 {
					t.Errorf("after SIGTERM %d mails are %s, %v", len(ms), state, err)
				}
			}
		})
	}
	k.finish()
	k.check()
}
