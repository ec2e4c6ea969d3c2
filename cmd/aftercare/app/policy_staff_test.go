package app

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/store"
)

// digestsNow sends what is due and returns "recipient" of each digest that was queued since the last call.
func (d *desk) digestsNow() (out []string) {
	d.t.Helper()
	d.must(d.digests(context.Background()))
	jobs, err := d.store.Claim(context.Background(), responder.LaneStaff, 100, nil, d.clock)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, j := range jobs {
		if j.Kind == "digest" {
			out = append(out, j.To)
		}
	}
	slices.Sort(out)
	return out
}

const workdays = `
person: {calendar: office}
calendars:
  - name: office
    hours: {mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"], thu: ["09:00-18:00"], fri: ["09:00-18:00"]}
    holidays: ["2026-11-26"]
    make_up: {"2026-11-28": ["09:00-18:00"]}
  - name: berlin
    time_zone: Europe/Berlin
    hours: {tue: ["09:00-18:00"], wed: ["09:00-18:00"]}
`

// TestDigestOfAWorkingMorning: once a day and office and person, on working days, caught up on the same day only.
func TestDigestOfAWorkingMorning(t *testing.T) {
	both := []string{"duty@staff.example", "lead@staff.example"}
	for _, tt := range []struct {
		name  string
		times []string
		want  []string // of the last time
	}{
		{"before the hour", []string{"2026-11-24 07:59"}, nil},
		{"at the hour", []string{"2026-11-24 08:00"}, both},
		{"once", []string{"2026-11-24 08:00", "2026-11-24 08:01"}, nil},
		{"again on the next day", []string{"2026-11-24 08:00", "2026-11-25 08:00"}, both},
		{"caught up later on the day", []string{"2026-11-24 17:30"}, both},
		{"not on the day after", []string{"2026-11-24 07:00", "2026-11-25 07:00"}, nil},
		{"a holiday", []string{"2026-11-26 09:00"}, nil},
		{"a Saturday that is worked for it", []string{"2026-11-28 09:00"}, both},
		{"a Sunday", []string{"2026-11-29 09:00"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, workdays)
			var got []string
			for _, at := range tt.times {
				d.set(at)
				got = d.digestsNow()
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("sent to %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDigestAfterARestartIsNotSentAgain(t *testing.T) {
	d := newDesk(t, workdays)
	d.set("2026-11-24 08:00")
	d.digestsNow()
	d.digested = nil
	if got := d.digestsNow(); len(got) != 0 {
		t.Errorf("sent again to %q", got)
	}
}

// TestDigestSaysWhatIsOpen: each office its own, the centre also what machines sent; who is away is replaced.
func TestDigestSaysWhatIsOpen(t *testing.T) {
	d := newDesk(t, "")
	d.mail(asksForVisit)
	d.mail("Our pump in 南京 is broken and leaks. Please repair it. Serial number PX-100-2233.", "From: Bo <bo@other.example>", "Subject: Leaking pump")
	d.mail("This week's news", "From: news@shop.example", "List-Unsubscribe: <mailto:x@shop.example>", "Precedence: bulk", "List-Id: <news.shop.example>")
	d.send()
	d.must(d.store.AddAbsence(context.Background(), store.Absence{Who: "Lead", Begin: d.clock, End: d.clock.AddDate(0, 0, 3), Deputy: "Wang Lei"}, d.clock))
	d.must(d.readAbsences(context.Background()))
	d.set("2026-11-25 08:00")
	d.must(d.digests(context.Background()))
	jobs, err := d.store.Claim(context.Background(), responder.LaneStaff, 100, nil, d.clock)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, j := range jobs {
		if j.Kind == "digest" {
			m := mailbox.Parse(strings.NewReader(string(j.Raw)), int64(len(j.Raw)), mailbox.DefaultLimits())
			texts[j.To] = m.Body.Full
		}
	}
	duty, wang := texts["duty@staff.example"], texts["wang@staff.example"]
	for _, want := range []string{"AC-000001", "visit 1", "Ann Lee", "newsletter: 1"} {
		if !strings.Contains(duty, want) {
			t.Errorf("%q is not in the centre's digest\n%s", want, duty)
		}
	}
	if strings.Contains(duty, "AC-000002") || !strings.Contains(wang, "AC-000002") || strings.Contains(wang, "AC-000001") || strings.Contains(wang, "newsletter") {
		t.Errorf("the other office's digest\n%s\nthe centre's\n%s", wang, duty)
	}
}

// unsure are the marks of a mail that a person may have written or not: the program never answers it.
var unsure = []string{"Auto-Submitted: auto-generated", "X-MS-Has-Attach: "}

// TestDeputyOnRecord: what falls due while somebody is away goes to the deputy, and back again afterwards.
func TestDeputyOnRecord(t *testing.T) {
	d := newDesk(t, "")
	ctx := context.Background()
	d.mail("Our pump is broken and leaks, please repair it. Serial number PX-100-2233.", unsure...)
	d.must(d.store.AddAbsence(ctx, store.Absence{Who: "Duty", Begin: d.clock.Add(30 * time.Minute), End: d.clock.Add(80 * time.Minute), Deputy: "Wang Lei"}, d.clock))
	d.must(d.readAbsences(ctx))
	d.clock = d.clock.Add(time.Hour)
	if got := d.look(); !slices.Equal(got, []string{"reply-50 wang@staff.example"}) {
		t.Errorf("while away: said %q", got)
	}
	d.clock = d.clock.Add(30 * time.Minute)
	if got := d.look(); !slices.Equal(got, []string{"reply-75 duty@staff.example", "reply-75 lead@staff.example"}) {
		t.Errorf("back again: said %q", got)
	}
}

// TestPolicy4_2_ABreachThatNobodyTakes: told up the chain, then one summary, then quiet; each once, over downtime too.
func TestPolicy4_2_ABreachThatNobodyTakes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ticks []time.Duration
		taken bool
		want  int
	}{
		{"a tick each hour", []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 5 * time.Hour, 9 * time.Hour}, false, 1},
		{"three days of downtime", []time.Duration{72 * time.Hour, 72 * time.Hour}, false, 2}, // the answer by a person is missed as well
		{"taken", []time.Duration{time.Hour, 9 * time.Hour}, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			start := d.clock
			rec := d.mail("Our pump is broken and leaks, please repair it. Serial number PX-100-2233.", unsure...)
			if tt.taken {
				d.must(d.store.TakeCase(context.Background(), rec.Case, "duty", false, d.clock))
			}
			told := 0
			for _, after := range tt.ticks {
				d.clock = start.Add(after)
				for _, s := range d.look() {
					if s == sla.StepChainTold+" lead@staff.example" {
						told++
					}
				}
			}
			if told != tt.want {
				t.Errorf("%d summaries, want %d", told, tt.want)
			}
		})
	}
}

// hold makes the replies of every class wait for a person.
func (d *desk) hold() {
	d.t.Helper()
	data, err := os.ReadFile("../../../responder/classify/classes.yaml")
	d.must(err)
	set, err := classify.LoadClasses(bytes.ReplaceAll(data, []byte("mode: send"), []byte("mode: hold")), "classes.yaml")
	d.must(err)
	d.parts.Classes, d.parts.Model = set, classify.PhraseModel(set)
	d.rebuild()
}

// draft is the number of the reply of a case that waits for a person.
func (d *desk) draft(id int64) int64 {
	d.t.Helper()
	for _, m := range d.file(id).Mails {
		if m.State == store.StateDraft {
			return m.ID
		}
	}
	d.t.Fatalf("case %d has no draft", id)
	return 0
}

// TestPolicy4_2_AHeldReplyAtTheMargin: nobody released the draft, so the neutral acknowledgement meets the promise; not
// where it is unsure that a person wrote.
func TestPolicy4_2_AHeldReplyAtTheMargin(t *testing.T) {
	const repair = "Our pump is broken and leaks, please repair it. Serial number PX-100-2233."
	ctx := context.Background()
	for _, tt := range []struct {
		name    string
		headers []string
		do      func(d *desk, id int64)
		want    []string // what the customer gets by the end of the window
		met     bool
	}{
		{"nobody does anything", nil, nil, []string{"neutral"}, true},
		{"released in time", nil, func(d *desk, id int64) { d.must(d.store.ReleaseDraft(ctx, d.draft(id), nil, "duty", d.clock)) }, []string{"reply"}, true},
		{"dropped", nil, func(d *desk, id int64) { d.must(d.store.DropDraft(ctx, d.draft(id), "duty", "", d.clock)) }, []string{"neutral"}, true},
		{"answered by hand", nil, func(d *desk, id int64) { d.must(d.store.AnswerCase(ctx, id, d.clock, "duty", "telephone", d.clock)) }, nil, true},
		{"unsure whether a person wrote", unsure, nil, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.hold()
			start := d.clock
			rec := d.mail(repair, tt.headers...)
			if got := d.send(); len(got) != 0 {
				t.Fatalf("sent at once: %q", got)
			}
			if tt.do != nil {
				d.clock = start.Add(time.Hour)
				tt.do(d, rec.Case)
			}
			var got []string
			for _, after := range []time.Duration{89 * time.Minute, 90 * time.Minute, 2 * time.Hour, 3 * time.Hour} {
				d.clock = start.Add(after)
				d.look()
				kinds := d.send()
				if after == 89*time.Minute && slices.Contains(kinds, "neutral") {
					t.Error("the acknowledgement went out before the margin")
				}
				got = append(got, kinds...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("the customer got %q, want %q", got, tt.want)
			}
			w := d.file(rec.Case).Windows[0]
			if met := !w.Met.IsZero() && !w.Met.After(w.Due); met != tt.met {
				t.Errorf("window %+v", w)
			}
		})
	}
}
