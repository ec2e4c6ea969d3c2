package store

import (
	"context"
	"testing"
	"time"

	"aftercare/responder"
)

func TestBounces(t *testing.T) {
	tests := []struct {
		name   string
		bounce responder.Bounce
		found  bool
	}{
		{"by its signed id", responder.Bounce{Token: &responder.Token{Case: 1, Outbox: 1}, Action: "failed"}, true},
		{"by its id", responder.Bounce{MessageID: ourID(1, 1), Action: "failed"}, true},
		{"by the address", responder.Bounce{Addresses: []string{"a@x.example"}, Action: "failed"}, true},
		{"by an address that we did not write to", responder.Bounce{Addresses: []string{"b@x.example"}, Action: "failed"}, false},
		{"a delay changes nothing", responder.Bounce{MessageID: ourID(1, 1), Action: "delayed"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, ctx := open(t, Options{}), context.Background()
			record(t, s, t0, post{uid: 1, from: "a@x.example", id: "one@x", text: "1"})
			jobs, err := s.Claim(ctx, responder.LaneCustomer, 10, nil, t0)
			if err != nil || len(jobs) != 1 {
				t.Fatalf("%d jobs, %v", len(jobs), err)
			}
			if err := s.Mark(ctx, []responder.Result{{ID: 1, Outcome: responder.OutcomeSent, Code: 250, At: t0.Add(time.Second)}}, t0); err != nil {
				t.Fatal(err)
			}
			out := record(t, s, t0.Add(time.Minute), post{uid: 2, from: "mailer-daemon@x.example", kind: responder.KindBounce, text: "2", bounce: &tt.bounce})
			open := number(t, s, "SELECT count(*) FROM windows WHERE id = 1 AND met IS NULL") == 1
			blocked := number(t, s, "SELECT count(*) FROM blocked WHERE address = 'a@x.example'") == 1
			marked := number(t, s, "SELECT count(*) FROM outbox WHERE bounced IS NOT NULL") == 1
			if open != tt.found || blocked != tt.found || marked != tt.found {
				t.Errorf("window open %v, address blocked %v, mail marked %v", open, blocked, marked)
			}
			if tt.found && out[0].Case != 1 {
				t.Errorf("filed under case %d", out[0].Case)
			}
			sound(t, s)
		})
	}
}

// A server can return a mail before our record of its acceptance is written, and after a crash left that record unwritten.
func TestBounceBeforeTheMark(t *testing.T) {
	tests := []struct {
		name   string
		before []responder.Outcome
		after  []responder.Outcome
	}{
		{"then the acceptance", nil, []responder.Outcome{responder.OutcomeSent}},
		{"then a lost connection", nil, []responder.Outcome{responder.OutcomeUnknown}},
		{"after a lost connection", []responder.Outcome{responder.OutcomeUnknown}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{})
			record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
			claim(t, s, 1, t0)
			for _, o := range tt.before {
				mark(t, s, t0, responder.Result{ID: 1, Outcome: o})
			}
			record(t, s, t0.Add(time.Second), post{uid: 2, from: "mailer-daemon@x.example", kind: responder.KindBounce, text: "2",
				bounce: &responder.Bounce{MessageID: ourID(1, 1), Action: "failed"}})
			for _, o := range tt.after {
				mark(t, s, t0.Add(2*time.Second), responder.Result{ID: 1, Outcome: o})
			}
			if got := state(t, s, 1); got != StateSent {
				t.Errorf("the mail is %s", got)
			}
			if n := number(t, s, "SELECT count(*) FROM windows WHERE clock = 'reply' AND met IS NULL"); n != 1 {
				t.Error("the window of a mail that came back is met")
			}
			if un, err := s.Unknown(context.Background()); err != nil || len(un) != 0 {
				t.Errorf("%d to be sent again, %v", len(un), err)
			}
			sound(t, s)
		})
	}
}
