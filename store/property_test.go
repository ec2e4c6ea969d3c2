package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// world is a random day of a desk: mail comes in, replies go out by a server that may not answer, the program is killed
// and goes on, people answer and close. It remembers what the outside saw.
type world struct {
	t         *testing.T
	s         *Store
	rng       *rand.Rand
	now       time.Time
	uid       uint32
	posts     []post
	delivered map[int64]int  // how often the outside has a mail
	doubtful  map[int64]bool // the outcome was unknown at some time
	under     []responder.Job
	answered  map[uint32]bool // messages that a person answered before their reply was claimed
	crossed   map[int64]bool  // mails that were claimed after that
}

// TestWhateverHappens keeps the rules of ARCHITECTURE.md over random sequences of events.
func TestWhateverHappens(t *testing.T) {
	seeds := 4
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := &world{
				t: t, s: open(t, Options{}), rng: rand.New(rand.NewPCG(uint64(seed), 7)), now: t0,
				delivered: map[int64]int{}, doubtful: map[int64]bool{}, answered: map[uint32]bool{}, crossed: map[int64]bool{},
			}
			for range 80 {
				w.event()
			}
			w.check()
		})
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) event() {
	w.now = w.now.Add(time.Duration(w.rng.IntN(600)) * time.Second)
	ctx := context.Background()
	switch w.rng.IntN(12) {
	case 0, 1, 2, 3:
		w.arrive()
	case 4, 5:
		w.send()
	case 6:
		w.crash()
	case 7:
		w.repeat()
	case 8:
		_, err := w.s.Tick(ctx, w.now, rules("eve@desk.example"))
		w.must(err)
	case 9:
		w.answer()
	case 10:
		if n := number(w.t, w.s, "SELECT count(*) FROM cases"); n > 0 {
			w.must(w.s.CloseCase(ctx, 1+w.rng.Int64N(n), "eve", "", w.now))
		}
	case 11:
		jobs, err := w.s.Claim(ctx, responder.LaneStaff, 5, nil, w.now)
		w.must(err)
		for _, j := range jobs {
			w.must(w.s.Mark(ctx, []responder.Result{{ID: j.ID, Outcome: responder.OutcomeSent, At: w.now}}, w.now))
		}
	}
}

// arrive records a batch of new mails, mails seen before, bad ones and bounces.
func (w *world) arrive() {
	var in []Incoming
	for range 1 + w.rng.IntN(4) {
		w.uid++
		p := post{uid: w.uid, from: fmt.Sprintf("c%d@x.example", w.rng.IntN(4)), id: fmt.Sprintf("m%d@x", w.uid), text: fmt.Sprint(w.uid), at: w.now}
		switch {
		case len(w.posts) > 0 && w.rng.IntN(5) == 0: // the same mail once more
			p = w.posts[w.rng.IntN(len(w.posts))]
			p.uid = w.uid
		case len(w.posts) > 0 && w.rng.IntN(4) == 0: // an answer
			p.refs = []string{w.posts[w.rng.IntN(len(w.posts))].id}
		case w.rng.IntN(8) == 0 && len(w.delivered) > 0:
			p.from, p.kind = "mailer-daemon@x.example", responder.KindBounce
			p.bounce = &responder.Bounce{Action: "failed", Addresses: []string{"c1@x.example"}}
		}
		w.posts = append(w.posts, p)
		one := p.incoming()
		if w.rng.IntN(10) == 0 {
			one.Reading, one.Err = nil, errors.New("cannot read it")
		}
		in = append(in, one)
	}
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		if w.rng.IntN(15) == 0 {
			panic("a bad moment")
		}
		return decider(w.now)(r, f)
	}
	out, err := w.s.Record(context.Background(), in, decide, w.now)
	w.must(err)
	for i, o := range out {
		if o.Disposition == "" {
			w.t.Errorf("message %d has no disposition", in[i].Raw.UID)
		}
	}
}

// send claims some replies; the server takes, refuses, delays, or says nothing.
func (w *world) send() {
	jobs := claim(w.t, w.s, 1+w.rng.IntN(3), w.now)
	for _, j := range jobs {
		w.crossed[j.ID] = w.answered[j.Answers.UID]
		if j.Resend && j.Server != "mx1" {
			w.t.Errorf("the repetition of mail %d goes by %q", j.ID, j.Server)
		}
		r := responder.Result{ID: j.ID, Server: "mx1", At: w.now}
		switch w.rng.IntN(6) {
		case 0:
			r.Outcome, r.Next = responder.OutcomeLater, w.now.Add(time.Minute)
		case 1:
			r.Outcome, r.Code = responder.OutcomeFailed, 550
		case 2:
			r.Outcome = responder.OutcomeUnknown
			w.doubt(j.ID)
		case 3: // the outcome never gets on record
			w.must(w.s.Using(context.Background(), []int64{j.ID}, "mx1"))
			w.under = append(w.under, j)
			w.doubt(j.ID)
			continue
		default:
			r.Outcome, r.Code = responder.OutcomeSent, 250
			w.delivered[j.ID]++
		}
		mark(w.t, w.s, w.now, r)
	}
}

// doubt is a delivery that nobody knows of.
func (w *world) doubt(id int64) {
	w.doubtful[id] = true
	w.delivered[id] += w.rng.IntN(2)
}

func (w *world) crash() {
	n, err := w.s.Recover(context.Background(), w.now)
	w.must(err)
	if n != len(w.under) {
		w.t.Errorf("recovered %d of %d", n, len(w.under))
	}
	w.under = nil
}

// repeat sends one row of unknown outcome again.
func (w *world) repeat() {
	if len(w.under) > 0 {
		return // Recover comes first, and once
	}
	un, err := w.s.Unknown(context.Background())
	w.must(err)
	for _, j := range un {
		if w.rng.IntN(2) == 0 {
			continue
		}
		again, err := w.s.Resend(context.Background(), j.ID, w.now)
		w.must(err)
		w.delivered[j.ID]++
		if string(again.Raw) != string(j.Raw) {
			w.t.Errorf("mail %d is not the same the second time", j.ID)
		}
		mark(w.t, w.s, w.now, responder.Result{ID: j.ID, Outcome: responder.OutcomeSent, At: w.now})
	}
}

// answer has a person answer a random message on the server.
func (w *world) answer() {
	if w.uid == 0 {
		return
	}
	uid := 1 + uint32(w.rng.IntN(int(w.uid)))
	n, err := w.s.CancelAnswered(context.Background(), []mailbox.Key{{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: uid}}, w.now)
	w.must(err)
	if n > 0 {
		w.answered[uid] = true
	}
}

func (w *world) check() {
	t, s := w.t, w.s
	sound(t, s)
	if n := number(t, s, "SELECT count(*) FROM messages"); n != int64(w.uid) {
		t.Errorf("%d messages on record, %d came", n, w.uid)
	}
	for id, n := range w.delivered {
		if n > 2 || n == 2 && !w.doubtful[id] {
			t.Errorf("mail %d was delivered %d times (its outcome was unknown: %v)", id, n, w.doubtful[id])
		}
	}
	for id, crossed := range w.crossed {
		if crossed {
			t.Errorf("mail %d was sent after a person had answered", id)
		}
	}
	for _, rule := range []struct{ what, query string }{
		{"a sender got more than five first replies in two hours", `SELECT count(*) FROM outbox a WHERE a.kind = 'reply' AND 5 <
			(SELECT count(*) FROM outbox b WHERE b.kind = 'reply' AND b.recipient = a.recipient AND b.counted = 1 AND a.counted = 1
			AND b.queued > a.queued - 7200000 AND b.queued <= a.queued)`},
		{"machine mail opened a case", `SELECT count(*) FROM messages m JOIN outbox o ON o.answers = m.id WHERE m.kind <> 'person'`},
		{"a duplicate was answered", `SELECT count(*) FROM outbox o JOIN messages m ON m.id = o.answers WHERE m.disposition = 'duplicate'`},
		{"a sent reply left its window open and did not bounce", `SELECT count(*) FROM outbox o JOIN windows w ON w.id = o.window_id
			WHERE o.state = 'sent' AND o.lane = 'customer' AND o.bounced IS NULL AND w.met IS NULL AND w.dropped IS NULL`},
		{"a failed reply was not told", `SELECT count(*) FROM outbox o WHERE o.state = 'failed' AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.outbox_id = o.id)`},
		{"a step was said without mail", `SELECT count(*) FROM steps WHERE outbox_id IS NULL`},
	} {
		if n := number(t, s, rule.query); n != 0 {
			t.Errorf("%s: %d times", rule.what, n)
		}
	}
	if damage, err := s.CheckFile(context.Background()); err != nil || len(damage) > 0 {
		t.Errorf("damage %v, %v", damage, err)
	}
}
