package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// queue is what responder/outbox asks of the store.
type queue interface {
	Claim(context.Context, responder.Lane, int, []string, time.Time) ([]responder.Job, error)
	Mark(context.Context, []responder.Result, time.Time) error
	Using(context.Context, []int64, string) error
	Unknown(context.Context) ([]responder.Job, error)
	Resend(context.Context, int64, time.Time) (responder.Job, error)
	Recover(context.Context, time.Time) (int, error)
}

var _ queue = (*Store)(nil)

// three replies with ends two, one and three hours away.
func threeReplies(t *testing.T, opt Options) *Store {
	t.Helper()
	s := open(t, opt)
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1", at: t0},
		post{uid: 2, from: "b@x.example", text: "2", at: t0.Add(-time.Hour)}, post{uid: 3, from: "c@x.example", text: "3", at: t0.Add(time.Hour)})
	return s
}

func claim(t *testing.T, s *Store, n int, now time.Time) []responder.Job {
	t.Helper()
	jobs, err := s.Claim(context.Background(), responder.LaneCustomer, n, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func mark(t *testing.T, s *Store, now time.Time, rs ...responder.Result) {
	t.Helper()
	if err := s.Mark(context.Background(), rs, now); err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, s *Store, id int64) (st string) {
	t.Helper()
	if _, err := s.get(context.Background(), "SELECT state FROM outbox WHERE id = ?", []any{id}, &st); err != nil {
		t.Fatal(err)
	}
	return st
}

func TestClaimTakesTheNearestDeadline(t *testing.T) {
	s := threeReplies(t, Options{})
	first, rest, none := claim(t, s, 1, t0), claim(t, s, 10, t0), claim(t, s, 10, t0)
	if len(first) != 1 || first[0].ID != 2 || first[0].Attempt != 1 || len(first[0].Raw) == 0 || first[0].Answers.UID != 2 {
		t.Errorf("first %+v", first)
	}
	if len(rest) != 2 || rest[0].ID != 1 || rest[1].ID != 3 || len(none) != 0 {
		t.Errorf("then %v, then %v", rest, none)
	}
	if n := number(t, s, "SELECT count(*) FROM outbox WHERE state = 'claimed' AND attempt = 1 AND claimed = ? AND next_at > claimed", ms(t0)); n != 3 {
		t.Errorf("%d attempts on record", n)
	}
}

func TestClaimLeavesAlone(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name string
		prep func(*Store) error
		skip []string
		lane responder.Lane
		now  time.Time
		want int
	}{
		{"all that is due", nil, nil, responder.LaneCustomer, t0, 3},
		{"before its time", nil, nil, responder.LaneCustomer, t0.Add(-time.Second), 0},
		{"an account in trouble", nil, []string{"support"}, responder.LaneCustomer, t0, 0},
		{"another account in trouble", nil, []string{"sales"}, responder.LaneCustomer, t0, 3},
		{"the other lane", nil, nil, responder.LaneStaff, t0, 0},
		{"paused", func(s *Store) error { return s.Pause(ctx, "eve", t0) }, nil, responder.LaneCustomer, t0, 0},
		{"resumed", func(s *Store) error { return errors.Join(s.Pause(ctx, "eve", t0), s.Resume(ctx, "eve", t0)) }, nil, responder.LaneCustomer, t0, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := threeReplies(t, Options{})
			if tt.prep != nil {
				if err := tt.prep(s); err != nil {
					t.Fatal(err)
				}
			}
			jobs, err := s.Claim(ctx, tt.lane, 10, tt.skip, tt.now)
			if err != nil || len(jobs) != tt.want {
				t.Errorf("%d jobs, want %d; %v", len(jobs), tt.want, err)
			}
		})
	}
}

func TestMark(t *testing.T) {
	at, next := t0.Add(time.Minute), t0.Add(10*time.Minute)
	tests := []struct {
		name    string
		result  responder.Result
		state   string
		attempt int64
		counted int64
		met     bool
		notices int64
	}{
		{"sent", responder.Result{Outcome: responder.OutcomeSent, At: at, Code: 250}, StateSent, 1, 1, true, 0},
		{"later", responder.Result{Outcome: responder.OutcomeLater, Next: next, Code: 451}, StateQueued, 1, 1, false, 0},
		{"failed", responder.Result{Outcome: responder.OutcomeFailed, Code: 550}, StateFailed, 1, 0, false, 1},
		{"unknown", responder.Result{Outcome: responder.OutcomeUnknown}, StateUnknown, 1, 1, false, 0},
		{"cancelled", responder.Result{Outcome: responder.OutcomeCancelled, Reason: responder.ReasonAnsweredByPerson}, StateCancelled, 1, 0, false, 0},
		{"released", responder.Result{Outcome: responder.OutcomeReleased}, StateQueued, 0, 1, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{AppendSent: func(string) bool { return true }})
			record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
			claim(t, s, 1, t0)
			tt.result.ID = 1
			mark(t, s, at, tt.result)
			mark(t, s, at.Add(time.Hour), responder.Result{ID: 1, Outcome: responder.OutcomeLater, Next: next}) // late and without effect, unless claimed
			if got := state(t, s, 1); got != tt.state {
				t.Errorf("state %s, want %s", got, tt.state)
			}
			if n := number(t, s, "SELECT attempt FROM outbox"); n != tt.attempt {
				t.Errorf("attempt %d, want %d", n, tt.attempt)
			}
			if n := number(t, s, "SELECT counted FROM outbox"); n != tt.counted {
				t.Errorf("counted %d, want %d", n, tt.counted)
			}
			if met := number(t, s, "SELECT coalesce(met, 0) FROM windows WHERE clock = 'reply'"); met != map[bool]int64{true: ms(at)}[tt.met] {
				t.Errorf("the window is met at %d", met)
			}
			if met := number(t, s, "SELECT count(met) FROM windows WHERE clock = 'person'"); met != 0 {
				t.Errorf("a reply by the program met the person's window")
			}
			if n := number(t, s, "SELECT count(*) FROM notices"); n != tt.notices {
				t.Errorf("%d notices, want %d", n, tt.notices)
			}
			if n := number(t, s, "SELECT count(*) FROM sent_copies"); (n == 1) != tt.met {
				t.Errorf("%d copies for Sent", n)
			}
		})
	}
}

func TestLaterIsClaimedAtItsTime(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	claim(t, s, 1, t0)
	mark(t, s, t0, responder.Result{ID: 1, Outcome: responder.OutcomeLater, Next: t0.Add(5 * time.Minute), Server: "mx"})
	if due, err := s.NextDue(context.Background(), responder.LaneCustomer); err != nil || !due.Equal(t0.Add(5*time.Minute)) {
		t.Errorf("due at %v, %v", due, err)
	}
	if jobs := claim(t, s, 1, t0.Add(4*time.Minute)); len(jobs) != 0 {
		t.Errorf("claimed before its time: %v", jobs)
	}
	jobs := claim(t, s, 1, t0.Add(5*time.Minute))
	if len(jobs) != 1 || jobs[0].Attempt != 2 || jobs[0].Server != "mx" {
		t.Errorf("got %+v", jobs)
	}
}

func TestUnknownIsRepeatedOnce(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	first := claim(t, s, 1, t0)[0]
	if err := s.Using(ctx, []int64{1}, "mx2"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Recover(ctx, t0); err != nil || n != 1 {
		t.Fatalf("recovered %d, %v", n, err)
	}
	if jobs := claim(t, s, 1, t0.Add(time.Hour)); len(jobs) != 0 {
		t.Fatalf("an unknown row was claimed: %v", jobs)
	}
	un, err := s.Unknown(ctx)
	if err != nil || len(un) != 1 || un[0].Server != "mx2" || !un[0].Claimed.Equal(t0) {
		t.Fatalf("unknown %+v, %v", un, err)
	}
	job, err := s.Resend(ctx, 1, t0.Add(time.Hour))
	if err != nil || !job.Resend || job.Attempt != 2 || job.Server != "mx2" || string(job.Raw) != string(first.Raw) {
		t.Fatalf("resend %+v, %v", job, err)
	}
	mark(t, s, t0.Add(time.Hour), responder.Result{ID: 1, Outcome: responder.OutcomeReleased})
	if job, err = s.Resend(ctx, 1, t0.Add(time.Hour)); err != nil || job.Attempt != 2 {
		t.Fatalf("after a release: %+v, %v", job, err)
	}
	if n, err := s.Recover(ctx, t0.Add(2*time.Hour)); err != nil || n != 1 {
		t.Fatalf("recovered %d, %v", n, err)
	}
	if un, err = s.Unknown(ctx); err != nil || len(un) != 0 {
		t.Errorf("offered again: %v, %v", un, err)
	}
	if _, err := s.Resend(ctx, 1, t0); !errors.Is(err, ErrNotFound) {
		t.Errorf("a third time: %v", err)
	}
	if n := number(t, s, "SELECT count(*) FROM notices WHERE kind = ? AND outbox_id = 1", NoticeMailUnknown); n != 1 {
		t.Errorf("%d notices", n)
	}
	mark(t, s, t0.Add(3*time.Hour), responder.Result{ID: 1, Outcome: responder.OutcomeSent, At: t0.Add(time.Minute)})
	if state(t, s, 1) != StateSent || number(t, s, "SELECT met FROM windows WHERE clock = 'reply'") != ms(t0.Add(time.Minute)) {
		t.Error("proof that it arrived was not taken")
	}
}

func TestLaterOfARepetitionStaysWithItsServer(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	claim(t, s, 1, t0)
	mark(t, s, t0, responder.Result{ID: 1, Outcome: responder.OutcomeUnknown, Server: "mx"})
	if _, err := s.Resend(ctx, 1, t0); err != nil {
		t.Fatal(err)
	}
	mark(t, s, t0, responder.Result{ID: 1, Outcome: responder.OutcomeLater, Next: t0.Add(time.Minute), Server: "mx"})
	jobs := claim(t, s, 1, t0.Add(time.Minute))
	if len(jobs) != 1 || !jobs[0].Resend || jobs[0].Server != "mx" {
		t.Errorf("got %+v", jobs)
	}
}

func TestCancelAnswered(t *testing.T) {
	ctx := context.Background()
	key := mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 1}
	copied := mailbox.Key{Account: "support", Folder: "Sales", UIDValidity: 1, UID: 5}
	tests := []struct {
		name    string
		key     mailbox.Key
		claimed bool
		want    int
		state   string
		met     int64
	}{
		{"before it is sent", key, false, 1, StateCancelled, 2},
		{"on its copy in another mailbox", copied, false, 1, StateCancelled, 2},
		{"while it is being sent", key, true, 0, StateClaimed, 2},
		{"a message that nobody knows", mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 99}, false, 0, StateQueued, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{})
			record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"}, post{uid: 5, folder: "Sales", from: "a@x.example", text: "1"})
			if tt.claimed {
				claim(t, s, 1, t0)
			}
			for i := range 2 {
				n, err := s.CancelAnswered(ctx, []mailbox.Key{tt.key}, t0.Add(time.Minute))
				if want := []int{tt.want, 0}[i]; err != nil || n != want {
					t.Errorf("call %d: cancelled %d, want %d; %v", i, n, want, err)
				}
			}
			if got := state(t, s, 1); got != tt.state {
				t.Errorf("state %s, want %s", got, tt.state)
			}
			if n := number(t, s, "SELECT count(met) FROM windows"); n != tt.met {
				t.Errorf("%d windows met, want %d", n, tt.met)
			}
			if n := number(t, s, "SELECT count(*) FROM history WHERE what = 'answered-by-person'"); n != min(tt.met, 1) {
				t.Errorf("noted %d times", n)
			}
		})
	}
}

func TestStaffMailThatFailsMakesNoMore(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	now := t0
	record(t, s, now, post{uid: 1, from: "a@x.example", text: "1"})
	claim(t, s, 1, now)
	mark(t, s, now, responder.Result{ID: 1, Outcome: responder.OutcomeFailed, Code: 550, Detail: "no such user"})
	for range 5 {
		now = now.Add(time.Minute)
		if _, err := s.Tick(ctx, now, rules("chief@desk.example")); err != nil {
			t.Fatal(err)
		}
		jobs, err := s.Claim(ctx, responder.LaneStaff, 10, nil, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range jobs {
			mark(t, s, now, responder.Result{ID: j.ID, Outcome: responder.OutcomeFailed, Code: 550})
		}
	}
	if n := number(t, s, "SELECT count(*) FROM outbox WHERE lane = 'staff' AND kind = 'mail-failed'"); n != 1 {
		t.Errorf("%d mails about one failure", n)
	}
}

func TestDrafts(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	draft := func(r *responder.Reading, f responder.Facts) responder.Decision {
		d := decider(t0)(r, f)
		d.Mails[0].Draft = r.Message.Subject == "draft"
		d.Mails[0].Shadow = r.Message.Subject == "shadow"
		return d
	}
	var in []Incoming
	for i, subject := range []string{"draft", "draft", "shadow"} {
		in = append(in, post{uid: uint32(i + 1), from: fmt.Sprintf("%d@x.example", i), subject: subject, text: "1"}.incoming())
	}
	if _, err := s.Record(ctx, in, draft, t0); err != nil {
		t.Fatal(err)
	}
	if jobs := claim(t, s, 10, t0.Add(time.Hour)); len(jobs) != 0 {
		t.Fatalf("claimed %v", jobs)
	}
	if err := s.ReleaseDraft(ctx, 1, []byte("edited"), "eve", t0); err != nil {
		t.Fatal(err)
	}
	if err := s.DropDraft(ctx, 2, "eve", "not needed", t0); err != nil {
		t.Fatal(err)
	}
	if err := s.ReleaseDraft(ctx, 3, nil, "eve", t0); !errors.Is(err, ErrNotFound) {
		t.Errorf("releasing a shadow: %v", err)
	}
	jobs := claim(t, s, 10, t0)
	if len(jobs) != 1 || jobs[0].ID != 1 || string(jobs[0].Raw) != "edited" {
		t.Errorf("got %+v", jobs)
	}
	sound(t, s)
}

func TestServerWork(t *testing.T) {
	s, ctx := open(t, Options{AppendSent: func(string) bool { return true }}), context.Background()
	in := post{uid: 1, from: "a@x.example", text: "1"}.incoming()
	in.File = true
	if _, err := s.Record(ctx, []Incoming{in}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	if err := s.FilingLater(ctx, 1, t0.Add(time.Minute), "no such folder"); err != nil {
		t.Fatal(err)
	}
	if fs, err := s.PendingFiling(ctx, "support", 10, t0); err != nil || len(fs) != 0 {
		t.Errorf("due too early: %v, %v", fs, err)
	}
	fs, err := s.PendingFiling(ctx, "support", 10, t0.Add(time.Minute))
	if err != nil || len(fs) != 1 || fs[0].Key != in.Raw.Key || fs[0].Attempt != 1 || fs[0].Case != 1 {
		t.Fatalf("filing %+v, %v", fs, err)
	}
	if err := s.FilingDone(ctx, []int64{1}); err != nil {
		t.Fatal(err)
	}
	claim(t, s, 1, t0)
	mark(t, s, t0, responder.Result{ID: 1, Outcome: responder.OutcomeSent, At: t0})
	if err := s.SentTrying(ctx, []int64{1}); err != nil {
		t.Fatal(err)
	}
	cs, err := s.PendingSent(ctx, "support", 10, t0)
	if err != nil || len(cs) != 1 || cs[0].Attempt != 1 || !cs[0].Sent.Equal(t0) || len(cs[0].Raw) == 0 {
		t.Fatalf("copies %+v, %v", cs, err)
	}
	if err := s.SentDone(ctx, []int64{1}); err != nil {
		t.Fatal(err)
	}
	h, err := s.Health(ctx, t0)
	if err != nil || h.Filing != 0 || h.SentCopies != 0 || h.OpenWindows != 1 {
		t.Errorf("health %+v, %v", h, err)
	}
}
