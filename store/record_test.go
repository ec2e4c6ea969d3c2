package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
)

func TestRecordOpensACase(t *testing.T) {
	s := open(t, Options{})
	now := t0.Add(time.Minute)
	out := record(t, s, now, post{uid: 7, from: "Li@Plant.example", id: "a@plant", subject: "Pump", text: "it leaks", visit: true})
	if out[0].Case != 1 || !out[0].Opened || out[0].Disposition != responder.Answered {
		t.Fatalf("got %+v", out[0])
	}
	f, err := s.Case(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if f.Customer != "li@plant.example" || len(f.Members) != 1 || f.AutoReplies != 1 || f.Channel != ChannelEmail {
		t.Errorf("case: %+v", f.Case)
	}
	if len(f.Windows) != 2 || len(f.Visits) != 1 || len(f.Messages) != 1 || len(f.Mails) != 1 {
		t.Fatalf("%d windows, %d visits, %d messages, %d mails", len(f.Windows), len(f.Visits), len(f.Messages), len(f.Mails))
	}
	if w := f.Windows[0]; !w.Opened.Equal(t0) || !w.Due.Equal(t0.Add(2*time.Hour)) || w.Message != 1 || w.Case != 1 {
		t.Errorf("window: %+v", w)
	}
	if m := f.Mails[0]; m.Window != f.Windows[0].ID || m.State != StateQueued || m.To != "li@plant.example" {
		t.Errorf("mail: %+v", m)
	}
	if f.Visits[0].Zone != sla.ZoneUnknown || f.Visits[0].State != sla.VisitRequested {
		t.Errorf("visit: %+v", f.Visits[0])
	}
	c, _, err := s.Cursor(context.Background(), "support", "INBOX")
	if err != nil || c.UID != 7 {
		t.Errorf("cursor %+v, %v", c, err)
	}
	sound(t, s)
}

// sound fails the test when the record shows a fault.
func sound(t *testing.T, s *Store) {
	t.Helper()
	faults, err := s.Integrity(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("%s: %s", f.About, f.What)
	}
}

func TestRecordDuplicates(t *testing.T) {
	first := post{uid: 1, from: "a@x.example", id: "one@x", subject: "Help", text: "broken"}
	tests := []struct {
		name  string
		again func() post
		want  responder.Disposition
		known bool
		cases int64
	}{
		{"the same key", func() post { return first }, responder.Answered, true, 1},
		{"the same content in another folder", func() post { p := first; p.folder = "Sales"; return p }, responder.Duplicate, false, 1},
		{"the same content under another uid", func() post { p := first; p.uid = 2; return p }, responder.Duplicate, false, 1},
		{"another Message-ID, the same content", func() post { p := first; p.uid, p.id = 2, "two@x"; return p }, responder.Duplicate, false, 1},
		{"the same Message-ID, other content", func() post { p := first; p.uid, p.text = 2, "another thing"; return p }, responder.Answered, false, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, together := range []bool{true, false} {
				s := open(t, Options{})
				var got Recorded
				if together {
					got = record(t, s, t0, first, tt.again())[1]
				} else {
					record(t, s, t0, first)
					got = record(t, s, t0, tt.again())[0]
				}
				if got.Disposition != tt.want || got.Known != tt.known {
					t.Errorf("together %v: %+v", together, got)
				}
				if n := number(t, s, "SELECT count(*) FROM cases"); n != tt.cases {
					t.Errorf("together %v: %d cases, want %d", together, n, tt.cases)
				}
				if n := number(t, s, "SELECT count(*) FROM outbox"); n != tt.cases {
					t.Errorf("together %v: %d replies, want %d", together, n, tt.cases)
				}
				if tt.want == responder.Duplicate && (got.Of != 1 || got.Case != 1) {
					t.Errorf("together %v: a duplicate of %d in case %d", together, got.Of, got.Case)
				}
				sound(t, s)
			}
		})
	}
}

func TestRecordThreads(t *testing.T) {
	first := post{uid: 1, from: "a@x.example", id: "one@x", subject: "Help", text: "broken"}
	tests := []struct {
		name   string
		next   post
		kase   int64
		via    string
		linked int64
	}{
		{"our signed id", post{from: "other@y.example", tokens: []responder.Token{{Case: 1, Outbox: 1}}}, 1, ViaSigned, 0},
		{"a token of a mail that was never written", post{from: "a@x.example", tokens: []responder.Token{{Case: 1, Outbox: 9}}}, 2, "", 0},
		{"a token of another case's mail", post{from: "a@x.example", tokens: []responder.Token{{Case: 2, Outbox: 1}}}, 2, "", 0},
		{"the customer's own id", post{from: "boss@x.example", refs: []string{"zero@x", "one@x"}}, 1, ViaMessageID, 0},
		{"our id where the key has changed", post{from: "a@x.example", refs: []string{ourID(1, 1)}}, 1, ViaMessageID, 0},
		{"a tag from a member", post{from: "A@X.example", tags: []int64{1}}, 1, ViaTag, 0},
		{"a tag from a stranger", post{from: "b@y.example", tags: []int64{1}}, 2, "", 1},
		{"a tag of no case", post{from: "a@x.example", tags: []int64{77}}, 2, "", 0},
		{"nothing", post{from: "a@x.example"}, 2, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, together := range []bool{true, false} {
				s := open(t, Options{})
				tt.next.uid, tt.next.id, tt.next.text = 2, "two@x", "more"
				var facts responder.Facts
				decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
					facts = f
					return decider(t0)(r, f)
				}
				batches := [][]Incoming{{first.incoming(), tt.next.incoming()}}
				if !together {
					batches = [][]Incoming{{first.incoming()}, {tt.next.incoming()}}
				}
				var out []Recorded
				for _, b := range batches {
					got, err := s.Record(context.Background(), b, decide, t0)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, got...)
				}
				if out[1].Case != tt.kase || facts.Via != tt.via || facts.Linked != tt.linked {
					t.Errorf("together %v: case %d via %q, linked %d", together, out[1].Case, facts.Via, facts.Linked)
				}
				if tt.linked != 0 {
					if f, err := s.Case(context.Background(), 2); err != nil || len(f.Links) != 1 || f.Links[0] != tt.linked {
						t.Errorf("links %v, %v", f.Links, err)
					}
				}
			}
		})
	}
}

func TestRecordSeesTheCase(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", id: "one@x", text: "1", visit: true})
	var got *responder.Case
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		got = f.Case
		return responder.Decision{Disposition: responder.Held, Reason: responder.ReasonFurtherMail, Effects: responder.Effects{
			Case: f.Case.ID, Member: "Boss@X.example", Also: []string{"complaint", "repair"}, Note: "called back",
			Fill: mailbox.Facts{Serial: "KX-1", City: "Wuhan"}, Asked: []int64{1}, Answered: true, MetAt: t0.Add(time.Minute),
			Meet: []sla.Clock{sla.ClockPerson}, Cancel: responder.ReasonAnsweredByPerson,
		}}
	}
	in := post{uid: 2, from: "a@x.example", refs: []string{"one@x"}, text: "2"}.incoming()
	if _, err := s.Record(context.Background(), []Incoming{in}, decide, t0.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got.AutoReplies != 1 || len(got.Visits) != 1 || got.Customer != "a@x.example" || got.Class != "repair" || got.State != responder.CaseOpen {
		t.Errorf("the decision saw %+v", got)
	}
	f, err := s.Case(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Members) != 2 || len(f.Also) != 1 || f.Also[0] != "complaint" || f.Serial != "KX-1" || f.City != "Wuhan" {
		t.Errorf("members %v, also %v, serial %q, city %q", f.Members, f.Also, f.Serial, f.City)
	}
	if !f.PersonAnswered.Equal(t0.Add(time.Minute)) || f.AutoReplies != 0 || f.Mails[0].State != StateCancelled {
		t.Errorf("answered %v, %d replies, mail %s", f.PersonAnswered, f.AutoReplies, f.Mails[0].State)
	}
	if !f.Windows[0].Open() || f.Windows[1].Met.IsZero() || !f.Visits[0].ChangeAsked {
		t.Errorf("windows %+v, visit %+v", f.Windows, f.Visits[0])
	}
}

func TestStartMarkAndUIDValidity(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	if _, err := s.Watch(ctx, Cursor{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 10, Start: t0}); err != nil {
		t.Fatal(err)
	}
	old, young := t0.Add(-time.Hour), t0.Add(time.Hour)
	// What comes after the start is new whatever its date: it was on its way, or a person moved it in.
	out := record(t, s, young, post{uid: 11, from: "a@x.example", text: "late arrival", at: old}, post{uid: 12, from: "b@x.example", text: "new", at: young})
	if out[0].Disposition != responder.Answered || out[1].Disposition != responder.Answered {
		t.Fatalf("got %s, %s", out[0].Disposition, out[1].Disposition)
	}
	c, err := s.Watch(ctx, Cursor{Account: "support", Folder: "INBOX", UIDValidity: 2, Start: young.Add(time.Hour), Until: 50})
	if err != nil || c.UID != 0 || !c.Start.Equal(t0) || c.Skipped != 0 {
		t.Fatalf("a new UIDVALIDITY: %+v, %v", c, err)
	}
	var again []Incoming
	for uid := uint32(1); uid <= 50; uid++ {
		p := post{uid: uid, from: "old@x.example", text: strings.Repeat("x", int(uid)), at: old}
		if uid == 50 {
			p = post{uid: 50, from: "b@x.example", text: "new", at: young}
		}
		in := p.incoming()
		in.Raw.UIDValidity = 2
		again = append(again, in)
	}
	got, err := s.Record(ctx, again, decider(young), young)
	if err != nil {
		t.Fatal(err)
	}
	if got[49].Disposition != responder.Duplicate {
		t.Errorf("the mail that is on record came back as %s", got[49].Disposition)
	}
	if n := number(t, s, "SELECT count(*) FROM outbox"); n != 2 {
		t.Errorf("%d replies, want the two from before", n)
	}
	if c, _, err = s.Cursor(ctx, "support", "INBOX"); err != nil || c.UID != 50 || c.UIDValidity != 2 || c.Skipped != 49 {
		t.Errorf("cursor %+v, %v", c, err)
	}
}

func TestMissing(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	keys := []mailbox.Key{{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 1}, {Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 2}}
	for range 2 {
		if err := s.Missing(context.Background(), keys, responder.Gone, t0); err != nil {
			t.Fatal(err)
		}
	}
	if n := number(t, s, "SELECT count(*) FROM messages WHERE disposition = 'gone-before-read'"); n != 1 {
		t.Errorf("%d are gone, want the one that was not on record", n)
	}
	sound(t, s)
}

func TestCursorMovesOnlyAsTold(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	at := func(uid uint32) *uint32 { return &uid }
	deliver := func(uid uint32, validity uint32, cursor *uint32) func() error {
		return func() error {
			in := post{uid: uid, from: "a@x.example", text: strings.Repeat("x", int(uid))}.incoming()
			in.Raw.UIDValidity, in.Cursor = validity, cursor
			_, err := s.Record(ctx, []Incoming{in}, decider(t0), t0)
			return err
		}
	}
	advance := func(uid, validity uint32) func() error {
		return func() error {
			return s.Advance(ctx, Cursor{Account: "support", Folder: "INBOX", UIDValidity: validity, UID: uid})
		}
	}
	steps := []struct {
		name string
		do   func() error
		want uint32
	}{
		{"a mail with its own uid", deliver(5, 1, at(5)), 5},
		{"a mail while one before it is owed", deliver(8, 1, at(6)), 6},
		{"a mail without a word about the cursor", deliver(9, 1, nil), 6},
		{"a mail of another UIDVALIDITY", deliver(10, 2, at(10)), 6},
		{"a cursor that lies behind", deliver(11, 1, at(3)), 6},
		{"messages that are gone", func() error {
			return s.Missing(ctx, []mailbox.Key{{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 12}}, responder.Deleted, t0)
		}, 6},
		{"moving it", advance(12, 1), 12},
		{"moving it back", advance(7, 1), 12},
		{"moving it in another UIDVALIDITY", advance(99, 2), 12},
	}
	for _, st := range steps {
		if err := st.do(); err != nil {
			t.Fatalf("%s: %v", st.name, err)
		}
		if c, _, err := s.Cursor(ctx, "support", "INBOX"); err != nil || c.UID != st.want || c.UIDValidity != 1 {
			t.Errorf("%s: cursor %+v, want %d; %v", st.name, c, st.want, err)
		}
	}
}

func TestReplyCounts(t *testing.T) {
	s := open(t, Options{})
	ctx := context.Background()
	at := func(d time.Duration) time.Time { return t0.Add(d) }
	record(t, s, at(-23*time.Hour), post{uid: 1, from: "a@x.example", text: "1"})
	record(t, s, at(-90*time.Minute), post{uid: 2, from: "A@X.example", text: "2"})
	record(t, s, at(-30*time.Minute), post{uid: 3, from: "b@x.example", text: "3"}, post{uid: 4, from: "c@y.example", text: "4"})
	if err := s.Mark(ctx, []responder.Result{{ID: 4, Outcome: responder.OutcomeFailed}}, t0); err != nil {
		t.Fatal(err)
	}
	var got []responder.Facts
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		got = append(got, f)
		return decider(t0)(r, f)
	}
	in := []Incoming{post{uid: 5, from: "a@x.example", text: "5"}.incoming(), post{uid: 6, from: "a@x.example", text: "6"}.incoming(), post{uid: 7, from: "c@y.example", text: "7"}.incoming()}
	if _, err := s.Record(ctx, in, decide, t0); err != nil {
		t.Fatal(err)
	}
	type counts struct{ two, day, domain, total int }
	want := []counts{{1, 2, 1, 1}, {2, 3, 2, 2}, {0, 0, 0, 3}}
	for i, f := range got {
		if c := (counts{f.SenderReplies2h, f.SenderReplies24h, f.DomainReplies1h, f.TotalReplies1h}); c != want[i] {
			t.Errorf("message %d saw %+v, want %+v", i, c, want[i])
		}
		if !f.Known || f.Blocked {
			t.Errorf("message %d: known %v, blocked %v", i, f.Known, f.Blocked)
		}
	}
}

func TestLargeMessage(t *testing.T) {
	s := open(t, Options{})
	body := bytes.Repeat([]byte("0123456789abcdef"), 70000) // five pieces, the last one short
	in := post{uid: 1, from: "a@x.example", text: "1"}.incoming()
	in.Raw.Body, in.Raw.Size = bytes.NewReader(body), int64(len(body))
	if _, err := s.Record(context.Background(), []Incoming{in}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	if n := number(t, s, "SELECT count(*) FROM raw WHERE length(bytes) <= 262144"); n != 5 {
		t.Errorf("%d pieces", n)
	}
	raw, err := s.Raw(context.Background(), 1)
	if err != nil || raw.Size != int64(len(body)) {
		t.Fatalf("%+v, %v", raw, err)
	}
	got, err := io.ReadAll(raw)
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
	part := make([]byte, 100)
	if n, err := raw.ReadAt(part, chunkSize-50); n != 100 || err != nil || !bytes.Equal(part, body[chunkSize-50:chunkSize+50]) {
		t.Errorf("across two pieces: %d bytes, %v", n, err)
	}
	if n, err := raw.ReadAt(part, raw.Size-10); n != 10 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d bytes, %v", n, err)
	}
}

// TestReasonsBeforeDeciding: what becomes of a message before anything is decided has its reason on record, too.
func TestReasonsBeforeDeciding(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	p := post{uid: 1, from: "a@x.example", text: "one"}
	again := p
	again.uid = 2
	record(t, s, t0, p, again)
	if _, err := s.Record(ctx, []Incoming{{Raw: mailbox.Raw{Key: mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 3}}, Err: errors.New("it cannot be read")}}, decider(t0), t0); err != nil {
		t.Fatal(err)
	}
	for uid, what := range map[uint32]responder.Disposition{4: responder.Gone, 5: responder.Deleted} {
		if err := s.Missing(ctx, []mailbox.Key{{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: uid}}, what, t0); err != nil {
			t.Fatal(err)
		}
	}
	for uid, want := range map[int]responder.Reason{2: responder.ReasonDuplicate, 3: responder.ReasonQuarantined, 4: responder.ReasonGone, 5: responder.ReasonDeleted} {
		if n := number(t, s, fmt.Sprintf("SELECT count(*) FROM messages WHERE uid = %d AND reason = '%s'", uid, want)); n != 1 {
			t.Errorf("message %d does not have the reason %s", uid, want)
		}
	}
	// In a scan of a renumbered folder, what arrived before the start mark is passed over.
	b := open(t, Options{})
	for _, validity := range []uint32{1, 2} {
		if _, err := b.Watch(ctx, Cursor{Account: "support", Folder: "INBOX", UIDValidity: validity, Start: t0, Until: 9}); err != nil {
			t.Fatal(err)
		}
	}
	in := post{uid: 1, from: "b@x.example", text: "old", at: t0.Add(-time.Hour)}.incoming()
	in.Raw.UIDValidity = 2
	out, err := b.Record(ctx, []Incoming{in}, decider(t0), t0)
	if err != nil || !out[0].Skipped || out[0].Reason != responder.ReasonBeforeStart {
		t.Errorf("an old message in a rescan: %+v, %v", out, err)
	}
}
