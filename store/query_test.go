package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
)

func TestCasesFilter(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"}, post{uid: 2, from: "b@x.example", text: "2", at: t0.Add(-time.Hour)})
	id, err := s.OpenCase(ctx, NewCase{Case: responder.Case{Customer: "c@x.example", Class: "complaint", Office: "Wuhan", Opened: t0}, Channel: ChannelPhone, Who: "eve"}, t0)
	if err != nil || id != 3 {
		t.Fatalf("case %d, %v", id, err)
	}
	if err := s.CloseCase(ctx, 1, "eve", "solved", t0); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		f    CaseFilter
		want []int64
	}{
		{"all", CaseFilter{}, []int64{3, 2, 1}},
		{"open", CaseFilter{State: responder.CaseOpen}, []int64{3, 2}},
		{"of a class", CaseFilter{Class: "complaint"}, []int64{3}},
		{"of an office", CaseFilter{Office: "Wuhan"}, []int64{3}},
		{"of a customer", CaseFilter{Customer: "B@X.example"}, []int64{2}},
		{"since", CaseFilter{Since: t0}, []int64{3, 1}},
		{"waiting", CaseFilter{Waiting: true}, []int64{2}},
		{"a page", CaseFilter{Limit: 1, Before: 3}, []int64{2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines, err := s.Cases(ctx, tt.f)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, l := range lines {
				got = append(got, l.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCaseWork(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", id: "one@x", text: "1"})
	now := t0.Add(10 * time.Minute)
	if err := s.TakeCase(ctx, 1, "eve", false, now); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeCase(ctx, 1, "bob", false, now); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), "eve") {
		t.Errorf("a second one takes it: %v", err)
	}
	if res := tick(t, s, t0.Add(time.Hour), rules("eve@desk.example")); res.Said != 0 {
		t.Errorf("a taken case is still warned of: %s", names(res))
	}
	if err := errors.Join(s.Reclass(ctx, 1, "complaint", "eve", now), s.NoteCase(ctx, 1, "eve", "called", now),
		s.AnswerCase(ctx, 1, now, "eve", "by telephone", now)); err != nil {
		t.Fatal(err)
	}
	f, err := s.Case(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if f.Taken != "eve" || f.Class != "complaint" || !f.PersonAnswered.Equal(now) || f.Mails[0].State != StateCancelled {
		t.Errorf("case %+v, mail %s", f.Case, f.Mails[0].State)
	}
	for _, w := range f.Windows {
		if !w.Met.Equal(now) || w.Class != "complaint" && w.Open() {
			t.Errorf("window %+v", w)
		}
	}
	for name, err := range map[string]error{
		"take": s.TakeCase(ctx, 99, "eve", false, now), "close": s.CloseCase(ctx, 99, "eve", "", now), "note": s.NoteCase(ctx, 99, "eve", "x", now),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s of no case: %v", name, err)
		}
	}
}

func TestClosedCaseReopens(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", id: "one@x", text: "1"})
	if err := s.CloseCase(ctx, 1, "eve", "", t0); err != nil {
		t.Fatal(err)
	}
	record(t, s, t0.Add(time.Hour), post{uid: 2, from: "m@x.example", kind: responder.KindAutoReply, refs: []string{"one@x"}, text: "away"})
	if f, err := s.Case(ctx, 1); err != nil || f.State != responder.CaseClosed || len(f.Messages) != 2 {
		t.Errorf("after machine mail: %s with %d messages, %v", f.State, len(f.Messages), err)
	}
	record(t, s, t0.Add(time.Hour), post{uid: 3, from: "a@x.example", refs: []string{"one@x"}, text: "again"})
	if f, err := s.Case(ctx, 1); err != nil || f.State != responder.CaseOpen || !f.Closed.IsZero() {
		t.Errorf("after the customer wrote: %s, closed %v, %v", f.State, f.Closed, err)
	}
	if err := errors.Join(s.CloseCase(ctx, 1, "eve", "", t0), s.ReopenCase(ctx, 1, "eve", "", t0)); err != nil {
		t.Error(err)
	}
}

func TestVisits(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1", visit: true})
	id, err := s.AddVisit(ctx, sla.Visit{Case: 1, Office: "Wuhan", Requested: t0, ArrangeDue: t0.Add(48 * time.Hour), OnSiteDue: t0.Add(48 * time.Hour)}, "eve", t0)
	if err != nil || id != 2 {
		t.Fatalf("visit %d, %v", id, err)
	}
	if err := s.TakeVisit(ctx, 1, "eve", false, t0); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeVisit(ctx, 1, "bob", false, t0); !errors.Is(err, ErrTaken) {
		t.Errorf("two take one visit: %v", err)
	}
	at := t0.Add(20 * time.Hour)
	if err := s.ArrangeVisit(ctx, 1, Arrangement{At: at, Person: "Bob", Wish: true, Who: "eve"}, t0.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.ArrangeVisit(ctx, 1, Arrangement{At: at.Add(time.Hour), Who: "eve"}, t0.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	v, err := s.Visit(ctx, 1)
	if err != nil || v.State != sla.VisitArranged || !v.At.Equal(at.Add(time.Hour)) || !v.Arranged.Equal(t0.Add(time.Hour)) || v.Person != "Bob" || !v.Wish {
		t.Errorf("moved: %+v, %v", v, err)
	}
	v.City, v.Province, v.Zone, v.OnSiteDue = "Wuhan", "Hubei", sla.ZoneElse, t0.Add(72*time.Hour)
	if err := errors.Join(s.PlaceVisit(ctx, v, "eve", t0), s.BeginVisit(ctx, 1, at, "bob", at), s.DoneVisit(ctx, 1, at.Add(time.Hour), "bob", at)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Visit(ctx, 1); err != nil || got.State != sla.VisitDone || !got.Begun.Equal(at) || got.Zone != sla.ZoneElse {
		t.Errorf("done: %+v, %v", got, err)
	}
	if err := s.CancelVisit(ctx, 1, "eve", "", at); err == nil {
		t.Error("a visit that was made was cancelled")
	}
	due, err := s.Visits(ctx, VisitFilter{Due: t0.Add(49 * time.Hour)})
	if err != nil || len(due) != 1 || due[0].ID != 2 {
		t.Errorf("due: %+v, %v", due, err)
	}
	if err := s.CancelVisit(ctx, 2, "eve", "not needed", at); err != nil {
		t.Error(err)
	}
	if vs, err := s.Visits(ctx, VisitFilter{Open: true}); err != nil || len(vs) != 0 {
		t.Errorf("open: %v, %v", vs, err)
	}
	// Of the first, whose news nobody heard before it was made, there is none; of the second the customer hears that it is off.
	if res := tick(t, s, t0.Add(200*time.Hour), rules("eve@desk.example")); strings.Count(names(res), "visit") != 1 || !strings.HasPrefix(names(res), NoticeVisitCancelled) {
		t.Errorf("finished visits are spoken of: %s", names(res))
	}
}

func TestWhy(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	record(t, s, t0.Add(time.Second), post{uid: 1, from: "a@x.example", id: "one@x", subject: "Pump", text: "1"},
		post{uid: 2, from: "news@x.example", id: "news@x", kind: responder.KindNewsletter, text: "2"})
	claim(t, s, 1, t0.Add(2*time.Second))
	mark(t, s, t0.Add(3*time.Second), responder.Result{ID: 1, Outcome: responder.OutcomeLater, Code: 451, Detail: "later", Next: t0.Add(time.Minute)})
	claim(t, s, 1, t0.Add(time.Minute))
	mark(t, s, t0.Add(61*time.Second), responder.Result{ID: 1, Outcome: responder.OutcomeSent, At: t0.Add(61 * time.Second), Code: 250})
	tick(t, s, t0.Add(12*time.Hour), rules("eve@desk.example"))
	if err := s.CloseCase(ctx, 1, "eve", "solved", t0.Add(13*time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := "received window-opened window-opened answered mail-queued attempt-failed mail-sent window-met mail-queued step window-dropped closed"
	for name, ask := range map[string]func() ([]Event, error){
		"by case":       func() ([]Event, error) { return s.Why(ctx, 1) },
		"by message id": func() ([]Event, error) { return s.WhyMessage(ctx, "<one@x>") },
		"by our own id": func() ([]Event, error) { return s.WhyMessage(ctx, ourID(1, 1)) },
	} {
		es, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range es {
			got = append(got, e.What)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, " "), want)
		}
	}
	es, err := s.WhyMessage(ctx, "news@x")
	if err != nil || len(es) != 2 || es[1].Reason != responder.ReasonNewsletter {
		t.Errorf("a newsletter: %+v, %v", es, err)
	}
	if _, err := s.WhyMessage(ctx, "none@x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an id of nothing: %v", err)
	}
	if _, err := s.Why(ctx, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("a case of nothing: %v", err)
	}
}

func TestSettings(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	steps := []struct {
		name    string
		do      func() error
		changes bool
	}{
		{"pause", func() error { return s.Pause(ctx, "eve", t0) }, true},
		{"pause again", func() error { return s.Pause(ctx, "bob", t0) }, false},
		{"resume", func() error { return s.Resume(ctx, "eve", t0) }, true},
		{"block", func() error { return s.Block(ctx, "A@x.example", "eve", "asked", t0) }, true},
		{"unblock", func() error { return s.Unblock(ctx, "a@X.example", "eve", t0) }, true},
		{"example", func() error {
			_, err := s.AddExamples(ctx, []Example{{Class: "repair", Text: "it leaks"}}, t0)
			return err
		}, true},
		{"the same example", func() error {
			_, err := s.AddExamples(ctx, []Example{{Class: "repair", Text: "it leaks"}}, t0)
			return err
		}, false},
		{"move it", func() error { return s.MoveExample(ctx, 1, "usage", "eve", t0) }, true},
		{"remove it", func() error { return s.RemoveExample(ctx, 1, "eve", t0) }, true},
		{"templates", func() error {
			_, err := s.SaveTemplates(ctx, TemplateSet{Hash: "h1"}, map[string][]byte{"a.md": []byte("A"), "b.md": nil}, t0)
			return err
		}, true},
		{"the same templates", func() error {
			_, err := s.SaveTemplates(ctx, TemplateSet{Hash: "h1"}, map[string][]byte{"a.md": []byte("A"), "b.md": nil}, t0)
			return err
		}, false},
	}
	for _, st := range steps {
		before, err := s.Generation(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.do(); err != nil {
			t.Fatalf("%s: %v", st.name, err)
		}
		after, err := s.Generation(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if changed := after.Settings > before.Settings; changed != st.changes || (after.All > before.All) != st.changes {
			t.Errorf("%s: generation from %+v to %+v", st.name, before, after)
		}
	}
	if err := s.Unblock(ctx, "a@x.example", "eve", t0); !errors.Is(err, ErrNotFound) {
		t.Errorf("unblocking what is not blocked: %v", err)
	}
	files, err := s.TemplateFiles(ctx, 1)
	if err != nil || len(files) != 2 || string(files["a.md"]) != "A" {
		t.Errorf("files %v, %v", files, err)
	}
	if sets, err := s.TemplateSets(ctx, 0); err != nil || len(sets) != 1 {
		t.Errorf("sets %v, %v", sets, err)
	}
}

func TestDecisionsSeePauseAndBlock(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	if err := errors.Join(s.Pause(ctx, "eve", t0), s.Block(ctx, "a@x.example", "eve", "", t0)); err != nil {
		t.Fatal(err)
	}
	var got responder.Facts
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		got = f
		return decider(t0)(r, f)
	}
	if _, err := s.Record(ctx, []Incoming{post{uid: 1, from: "A@x.example", text: "1"}.incoming()}, decide, t0); err != nil {
		t.Fatal(err)
	}
	if !got.Paused || !got.Blocked || got.Known {
		t.Errorf("paused %v, blocked %v, known %v", got.Paused, got.Blocked, got.Known)
	}
}

func TestQuarantineDrop(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	in := post{uid: 1, from: "a@x.example", text: "1"}.incoming()
	in.Err = errors.New("cannot read it")
	if _, err := s.Record(ctx, []Incoming{in}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	list, err := s.Quarantined(ctx, 0)
	if err != nil || len(list) != 1 || list[0].Evidence[0] != "cannot read it" || list[0].Key != (mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 1}) {
		t.Fatalf("got %+v, %v", list, err)
	}
	if err := s.DropQuarantined(ctx, 1, "eve", "junk", t0); err != nil {
		t.Fatal(err)
	}
	if err := s.DropQuarantined(ctx, 1, "eve", "junk", t0); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	if res := tick(t, s, t0.Add(5*time.Hour), rules("eve@desk.example")); res.Said != 0 {
		t.Errorf("still said: %s", names(res))
	}
	if es, err := s.historyEvents(ctx, "message_id = ?", 1); err != nil || len(es) != 1 || es[0].Who != "eve" {
		t.Errorf("history %+v, %v", es, err)
	}
}
