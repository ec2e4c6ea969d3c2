package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
)

func plan(to string) *sla.Plan {
	p := sla.DefaultPlan()
	p.Chains = []sla.Chain{{To: []string{to}}}
	return &p
}

// rules are those of a small desk with one person.
func rules(to string) TickRules {
	p := plan(to)
	return TickRules{
		WindowSteps: p.WindowSteps, VisitSteps: p.VisitSteps,
		NoticeSteps: func(n Notice, now time.Time) []sla.Step { return []sla.Step{{Name: n.Kind, Recipient: to, At: n.At}} },
		Notify: func(st sla.Step, f responder.Facts, now time.Time) (responder.Mail, bool) {
			m := responder.Mail{Lane: responder.LaneStaff, Kind: st.Name, Account: "support", To: st.Recipient,
				MessageID: fmt.Sprintf("s%d@desk", f.NextOutbox), Raw: []byte(st.Name), Deadline: st.At}
			if st.Recipient == sla.Customer {
				m.Lane, m.Kind, m.To = responder.LaneCustomer, responder.MailFurther, f.Case.Customer
			}
			return m, true
		},
	}
}

func tick(t *testing.T, s *Store, now time.Time, r TickRules) TickResult {
	t.Helper()
	res, err := s.Tick(context.Background(), now, r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func names(res TickResult) string {
	var ns []string
	for _, st := range res.Steps {
		ns = append(ns, st.Name)
	}
	return strings.Join(ns, " ")
}

func TestTickSaysEachStepOnce(t *testing.T) {
	s := open(t, Options{})
	r := rules("eve@desk.example")
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	tests := []struct {
		after time.Duration
		want  string
	}{
		{time.Minute, ""}, {59 * time.Minute, ""}, {time.Hour, "reply-50"}, {time.Hour, ""}, {61 * time.Minute, ""},
		{95 * time.Minute, "reply-75"}, {3 * time.Hour, "reply-breach"}, {4 * time.Hour, ""}, {25 * time.Hour, "person-50 person-75 person-breach"}, {100 * time.Hour, ""},
	}
	for _, tt := range tests {
		res := tick(t, s, t0.Add(tt.after), r)
		if got := names(res); got != tt.want {
			t.Errorf("after %v: said %q, want %q", tt.after, got, tt.want)
		}
	}
	if n := number(t, s, "SELECT count(*) FROM outbox WHERE lane = 'staff'"); n != 6 {
		t.Errorf("%d mails to staff", n)
	}
}

func TestTickCatchesUpInOrder(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1", visit: true}, post{uid: 2, from: "b@x.example", text: "2", at: t0.Add(-30 * time.Minute)})
	res := tick(t, s, t0.Add(72*time.Hour), rules("eve@desk.example"))
	var last time.Time
	seen := map[string]bool{}
	for _, st := range res.Steps {
		if strings.HasPrefix(st.Subject, "visit:") != strings.HasPrefix(st.Name, "visit-") {
			t.Errorf("step %s of %s", st.Name, st.Subject)
		}
		if strings.HasPrefix(st.Name, "visit-") && !seen["visit"] {
			seen["visit"], last = true, time.Time{} // visits come after windows
		}
		if st.At.Before(last) {
			t.Errorf("%s of %v after one of %v", st.Name, st.At, last)
		}
		last = st.At
	}
	if again := tick(t, s, t0.Add(72*time.Hour), rules("eve@desk.example")); again.Said != 0 {
		t.Errorf("said again: %s", names(again))
	}
	jobs, err := s.Claim(context.Background(), responder.LaneStaff, 1000, nil, t0.Add(72*time.Hour))
	if err != nil || len(jobs) != res.Said {
		t.Fatalf("%d mails for %d steps, %v", len(jobs), res.Said, err)
	}
	for i := 1; i < len(jobs); i++ {
		if jobs[i].Deadline.Before(jobs[i-1].Deadline) {
			t.Errorf("mail %d is sent out of order", jobs[i].ID)
		}
	}
}

func TestTickLooksOnlyAtWhatIsDue(t *testing.T) {
	p := plan("eve@desk.example")
	s := open(t, Options{NextWindow: func(w sla.Window) time.Time {
		_, next := p.WindowSteps(w, w.Opened)
		return next
	}})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	if res := tick(t, s, t0.Add(time.Minute), rules("eve@desk.example")); res.Windows != 0 {
		t.Errorf("looked at %d windows before anything was due", res.Windows)
	}
	g1, _ := s.Generation(context.Background())
	tick(t, s, t0.Add(2*time.Minute), rules("eve@desk.example"))
	if g2, _ := s.Generation(context.Background()); g1 != g2 {
		t.Error("a tick with nothing to say wrote something")
	}
	if res := tick(t, s, t0.Add(time.Hour), rules("eve@desk.example")); res.Windows != 1 || names(res) != "reply-50" {
		t.Errorf("looked at %d windows, said %q", res.Windows, names(res))
	}
	if err := s.Replan(context.Background(), "other"); err != nil {
		t.Fatal(err)
	}
	if res := tick(t, s, t0.Add(61*time.Minute), rules("eve@desk.example")); res.Windows != 2 || res.Said != 0 {
		t.Errorf("after a change of plan looked at %d windows, said %q", res.Windows, names(res))
	}
}

func TestTickAcknowledgesAtTheMargin(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", id: "one@x", text: "1"})
	record(t, s, t0, post{uid: 2, from: "a@x.example", replyTo: "Desk@X.example", id: "two@x", refs: []string{"one@x"}, text: "2"})
	var seen responder.Facts
	r := rules("eve@desk.example")
	notify := r.Notify
	r.Notify = func(st sla.Step, f responder.Facts, now time.Time) (responder.Mail, bool) {
		if st.Recipient == sla.Customer {
			seen = f
		}
		return notify(st, f, now)
	}
	tick(t, s, t0.Add(90*time.Minute), r)
	want := mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 2}
	if seen.Key != want || seen.Message != 2 || seen.SenderReplies2h != 0 || seen.Case == nil || seen.Case.AutoReplies != 1 ||
		seen.MessageID != "two@x" || seen.ReplyTo != "Desk@X.example" {
		t.Errorf("the acknowledgement saw %+v", seen)
	}
	var ack responder.Job
	for _, j := range claim(t, s, 10, t0.Add(90*time.Minute)) {
		if j.Kind == responder.MailFurther {
			ack = j
		}
	}
	if ack.Answers != want || ack.To != "a@x.example" {
		t.Fatalf("the acknowledgement %+v", ack)
	}
	mark(t, s, t0.Add(91*time.Minute), responder.Result{ID: ack.ID, Outcome: responder.OutcomeSent, At: t0.Add(91 * time.Minute)})
	if n := number(t, s, "SELECT count(*) FROM windows WHERE further = 1 AND met IS NOT NULL"); n != 1 {
		t.Error("the acknowledgement did not meet its window")
	}
	f, err := s.Case(context.Background(), 1)
	if err != nil || !f.LastAck.Equal(t0.Add(90*time.Minute)) || f.AutoReplies != 2 {
		t.Errorf("last acknowledgement %v of %d replies, %v", f.LastAck, f.AutoReplies, err)
	}
}

func TestTickNotices(t *testing.T) {
	s := open(t, Options{})
	in := post{uid: 1, from: "a@x.example", text: "1"}.incoming()
	in.Reading, in.Err = nil, errors.New("cannot read it")
	if _, err := s.Record(context.Background(), []Incoming{in}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	r := rules("eve@desk.example")
	var detail string
	notify := r.Notify
	r.Notify = func(st sla.Step, f responder.Facts, now time.Time) (responder.Mail, bool) {
		detail = f.Detail
		return notify(st, f, now)
	}
	if res := tick(t, s, t0, r); names(res) != NoticeQuarantined || detail != "cannot read it" {
		t.Errorf("said %q about %q", names(res), detail)
	}
	if res := tick(t, s, t0.Add(3*time.Hour), r); names(res) != "reply-50 reply-75 reply-breach" {
		t.Errorf("said %q", names(res))
	}
	if res := tick(t, s, t0.Add(4*time.Hour), r); res.Said != 0 {
		t.Errorf("said %q", names(res))
	}
}

func TestTickOutlivesOneBadStep(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"}, post{uid: 2, from: "b@x.example", text: "2"})
	r := rules("eve@desk.example")
	notify, fail := r.Notify, true
	r.Notify = func(st sla.Step, f responder.Facts, now time.Time) (responder.Mail, bool) {
		if fail && f.Case.ID == 1 {
			panic("no template")
		}
		return notify(st, f, now)
	}
	res, err := s.Tick(context.Background(), t0.Add(time.Hour), r)
	if err == nil || !strings.Contains(err.Error(), "reply-50 of case:1/reply/1") || res.Said != 1 {
		t.Errorf("said %q, %v", names(res), err)
	}
	fail = false
	if res := tick(t, s, t0.Add(62*time.Minute), r); names(res) != "reply-50" || res.Steps[0].Case != 1 {
		t.Errorf("then said %q", names(res))
	}
}

func TestTickOutlivesAPanicOfTheRules(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1", visit: true}, post{uid: 2, from: "b@x.example", text: "2", visit: true})
	r := rules("eve@desk.example")
	windows, visits := r.WindowSteps, r.VisitSteps
	r.WindowSteps = func(w sla.Window, now time.Time) ([]sla.Step, time.Time) {
		if w.ID == 1 {
			panic("bad window")
		}
		return windows(w, now)
	}
	r.VisitSteps = func(v sla.Visit, now time.Time) ([]sla.Step, time.Time) {
		if v.ID == 2 {
			panic("bad visit")
		}
		return visits(v, now)
	}
	res, err := s.Tick(context.Background(), t0.Add(time.Hour), r)
	if err == nil || names(res) != "reply-50 visit-requested" {
		t.Errorf("said %q, %v", names(res), err)
	}
}

func TestTickInChunks(t *testing.T) {
	s := open(t, Options{})
	var in []Incoming
	for i := range 25 {
		in = append(in, post{uid: uint32(i + 1), from: fmt.Sprintf("%d@x.example", i), text: "1"}.incoming())
	}
	if _, err := s.Record(context.Background(), in, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	r := rules("eve@desk.example")
	r.Chunk = 7
	if res := tick(t, s, t0.Add(time.Hour), r); res.Windows != 50 || res.Said != 25 {
		t.Errorf("looked at %d windows, said %d steps", res.Windows, res.Said)
	}
}
