package store

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
)

func TestRecordQuarantines(t *testing.T) {
	boom := func(r *responder.Reading, f responder.Facts) responder.Decision {
		if r.Message.Subject == "bad" {
			panic("no such thing")
		}
		return decider(t0)(r, f)
	}
	broken := func(r *responder.Reading, f responder.Facts) responder.Decision {
		d := decider(t0)(r, f)
		if r.Message.Subject == "bad" {
			d.Effects.Windows[1].Case = 999 // no such case: the reply and the first window are taken back
		}
		return d
	}
	unread := func(in *Incoming) { in.Reading, in.Err = nil, errors.New("reading: panic: index\nstack") }
	tests := []struct {
		name   string
		decide DecideFunc
		change func(*Incoming)
	}{
		{"a panic of the reading", decider(t0), unread},
		{"no reading and no error", decider(t0), func(in *Incoming) { in.Reading = nil }},
		{"a panic of the decision", boom, func(*Incoming) {}},
		{"effects that cannot be", broken, func(*Incoming) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, Options{})
			in := []Incoming{
				post{uid: 1, from: "a@x.example", text: "1"}.incoming(), post{uid: 2, from: "b@x.example", subject: "bad", text: "2"}.incoming(),
				post{uid: 3, from: "c@x.example", text: "3"}.incoming(),
			}
			tt.change(&in[1])
			out, err := s.Record(context.Background(), in, tt.decide, t0)
			if err != nil {
				t.Fatal(err)
			}
			if out[0].Disposition != responder.Answered || out[2].Disposition != responder.Answered {
				t.Errorf("the others: %+v, %+v", out[0], out[2])
			}
			if out[1].Disposition != responder.Quarantined || out[1].Err == nil || strings.Contains(out[1].Evidence[0], "\n") {
				t.Errorf("the bad one: %+v", out[1])
			}
			if out[2].Case != 2 || number(t, s, "SELECT count(*) FROM outbox") != 2 || number(t, s, "SELECT count(*) FROM windows WHERE case_id IS NOT NULL") != 4 {
				t.Errorf("the bad one left something behind")
			}
			if n := number(t, s, "SELECT count(*) FROM windows WHERE case_id IS NULL AND unsure = 1 AND due = opened + 7200000 AND message_id = 2"); n != 1 {
				t.Errorf("%d windows of the quarantine", n)
			}
			if n := number(t, s, "SELECT count(*) FROM notices WHERE kind = ? AND message_id = 2", NoticeQuarantined); n != 1 {
				t.Errorf("%d notices", n)
			}
			raw, err := s.Raw(context.Background(), 2)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(raw); err != nil || int64(len(b)) != in[1].Raw.Size {
				t.Errorf("%d bytes kept, %v", len(b), err)
			}
			sound(t, s)
		})
	}
}

func TestRetryQuarantined(t *testing.T) {
	s := open(t, Options{})
	p := post{uid: 1, from: "a@x.example", id: "one@x", subject: "Help", text: "1"}
	bad := p.incoming()
	bad.Reading, bad.Err = nil, errors.New("cannot read it")
	if _, err := s.Record(context.Background(), []Incoming{bad}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	r := p.incoming().Reading
	still := func(*responder.Reading, responder.Facts) responder.Decision { panic("again") }
	if rec, err := s.Retry(context.Background(), 1, r, still, t0); err != nil || rec.Err == nil || rec.Disposition != responder.Quarantined {
		t.Fatalf("a retry that fails: %+v, %v", rec, err)
	}
	later := t0.Add(time.Hour)
	rec, err := s.Retry(context.Background(), 1, r, decider(later), later)
	if err != nil || rec.Err != nil || rec.Case != 1 || rec.Message != 1 || rec.Disposition != responder.Answered {
		t.Fatalf("got %+v, %v", rec, err)
	}
	if list, err := s.Quarantined(context.Background(), 0); err != nil || len(list) != 0 {
		t.Errorf("still in quarantine: %v, %v", list, err)
	}
	if n := number(t, s, "SELECT count(*) FROM windows WHERE case_id IS NULL AND met IS NULL AND dropped IS NULL"); n != 0 {
		t.Errorf("%d windows of the quarantine still run", n)
	}
	if _, err := s.Retry(context.Background(), 1, r, decider(later), later); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second retry: %v", err)
	}
	if out := record(t, s, later, post{uid: 2, from: p.from, id: p.id, subject: p.subject, text: p.text}); out[0].Disposition != responder.Duplicate {
		t.Errorf("its copy is %s", out[0].Disposition)
	}
	sound(t, s)
}

func TestRetryOfWhatCameByAnotherWay(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	p := post{uid: 1, from: "a@x.example", id: "one@x", text: "1"}
	bad := p.incoming()
	bad.Reading, bad.Err, bad.Raw.Body = nil, errors.New("it broke the connection twice"), nil
	if _, err := s.Record(ctx, []Incoming{bad}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	again := p
	again.uid, again.folder = 9, "Sales"
	record(t, s, t0, again)
	rec, err := s.Retry(ctx, 1, p.incoming().Reading, decider(t0), t0)
	if err != nil || rec.Disposition != responder.Duplicate || rec.Of != 2 || rec.Case != 1 {
		t.Errorf("got %+v, %v", rec, err)
	}
	if n := number(t, s, "SELECT count(*) FROM outbox"); n != 1 {
		t.Errorf("%d replies", n)
	}
	sound(t, s)
}
