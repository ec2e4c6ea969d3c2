package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// TestPolicy1_1_NoCustomerIsForgotten: whatever a customer writes, and whatever keeps the program from answering it, the mail
// has a case, and the case an answer or a person who is told while there is still time.
func TestPolicy1_1_NoCustomerIsForgotten(t *testing.T) {
	d := newDesk(t, manyCaps)
	d.contracts()
	for i, l := range letters {
		d.mail(l.about(""), fmt.Sprintf("From: c%d@client.example", i), fmt.Sprintf("Subject: Number %d", i))
	}
	d.mail(find("repair", "en").about(""), append(unsure, "From: unsure@client.example")...)
	d.mail(find("repair", "en").about(""), "From: old@client.example", "Date: "+d.clock.Add(-100*time.Hour).Format(time.RFC1123Z))
	d.must(d.store.Block(context.Background(), "blocked@client.example", "test", "", d.clock))
	d.mail(find("repair", "en").about(""), "From: blocked@client.example")
	d.mail("", "From: silent@client.example", "Subject: ")
	first := int64(2) // the first case is that of contracts
	for id := first; id < first+int64(len(letters))+4; id++ {
		f := d.file(id)
		if len(f.Windows) == 0 || !f.Windows[0].Open() || f.Windows[0].Due.Sub(d.clock) > 2*time.Hour {
			t.Errorf("case %d (%s) has windows %+v", id, f.Customer, f.Windows)
		}
	}
	d.send()
	d.clock = d.clock.Add(90 * time.Minute)
	d.look()
	for id := first; id < first+int64(len(letters))+4; id++ {
		f := d.file(id)
		told := slices.ContainsFunc(f.Mails, func(m store.Mail) bool { return m.Lane == responder.LaneStaff })
		if w := f.Windows[0]; w.Met.IsZero() && !told {
			t.Errorf("case %d (%s, %s) is neither answered nor told to anybody", id, f.Customer, f.Reason)
		}
	}
	d.sound()
}

// TestPolicy1_2_EachStepIsOnRecord: what was received, decided, written, sent and said stands in the history of its case, in
// order, with reasons.
func TestPolicy1_2_EachStepIsOnRecord(t *testing.T) {
	d := newDesk(t, "")
	d.contracts()
	rec := d.mail(find("complaint", "en").about(inTerm))
	d.clock = d.clock.Add(time.Minute)
	d.send()
	d.clock = d.clock.Add(2 * time.Hour)
	d.look()
	d.must(d.store.TakeCase(context.Background(), rec.Case, "duty", false, d.clock))
	d.must(d.store.AnswerCase(context.Background(), rec.Case, d.clock, "duty", "telephone", d.clock))
	es, err := d.store.Why(context.Background(), rec.Case)
	d.must(err)
	var what []string
	for i, e := range es {
		what = append(what, e.What)
		if i > 0 && e.At.Before(es[i-1].At) {
			t.Errorf("%s stands after %s and was before it", e.What, es[i-1].What)
		}
		if e.What == "answered" && (e.Reason != responder.ReasonReply || len(e.Evidence) == 0) {
			t.Errorf("the decision gives reason %s, %q", e.Reason, e.Evidence)
		}
	}
	for _, want := range []string{"received", "answered", "mail-queued", "mail-sent", "window-met", "step", "taken", "answered-by-person"} {
		if !slices.Contains(what, want) {
			t.Errorf("%q is not in the history %q", want, what)
		}
	}
	d.sound()
}

// TestPolicy1_3_TheResponsibleOffice takes the case: that of the site's city, else of its province, else the centre; its name
// stands in the reply and its people are told of a visit first.
func TestPolicy1_3_TheResponsibleOffice(t *testing.T) {
	for _, tt := range []struct{ name, place, office, first string }{
		{"its city", "我们在南京。", "Nanjing", "lead@staff.example"},
		{"its province", "我们在江苏省苏州市。", "Nanjing", "lead@staff.example"},
		{"the centre's city", "我们在上海。", "Shanghai", "duty@staff.example"},
		{"no office there", "我们在四川省成都市。", "Shanghai", "duty@staff.example"},
		{"nobody knows where", "", "Shanghai", "duty@staff.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			rec := d.mail(find("visit", "zh").about("") + tt.place)
			f := d.file(rec.Case)
			if f.Office != tt.office || f.Visits[0].Office != tt.office {
				t.Errorf("the case is with %s, the visit with %s", f.Office, f.Visits[0].Office)
			}
			if a := d.answerOf(rec.Case); !strings.Contains(a.text, tt.office) {
				t.Errorf("the reply does not name it:\n%s", a.text)
			}
			if said := d.look(); !slices.Contains(said, "visit-requested "+tt.first) {
				t.Errorf("said %q", said)
			}
		})
	}
}

// answered checks that the letters of a class get its template in both languages, and how long a person has.
func answered(t *testing.T, class string, person time.Duration) {
	t.Helper()
	for _, lang := range []string{"en", "zh"} {
		d := newDesk(t, "")
		rec := d.mail(find(class, lang).about(""))
		f, a := d.file(rec.Case), d.answerOf(rec.Case)
		if f.Class != class || a.template != class+"."+lang {
			t.Errorf("%s: class %s, template %s", lang, f.Class, a.template)
		}
		has := time.Duration(0)
		for _, w := range f.Windows {
			if w.Clock == sla.ClockPerson {
				has = w.Due.Sub(w.Opened)
			}
		}
		if has != person {
			t.Errorf("%s: a person has %v, want %v", lang, has, person)
		}
		if got := d.send(); len(got) != 1 {
			t.Errorf("%s: sent %q", lang, got)
		}
	}
}

func TestPolicy3_1_Usage(t *testing.T)    { answered(t, "usage", 24*time.Hour) }
func TestPolicy3_2_Project(t *testing.T)  { answered(t, "project", 24*time.Hour) }
func TestPolicy3_3_Training(t *testing.T) { answered(t, "training", 24*time.Hour) }

// TestPolicy3_4_FeedbackAndComplaints: feedback is acknowledged and owes nobody an answer; a complaint has four hours.
func TestPolicy3_4_FeedbackAndComplaints(t *testing.T) {
	answered(t, "feedback", 0)
	answered(t, "complaint", 4*time.Hour)
}

// TestPolicy3_4_AComplaintHasItsOwnChain of people, which nobody else hears of.
func TestPolicy3_4_AComplaintHasItsOwnChain(t *testing.T) {
	for _, tt := range []struct {
		class string
		want  []string
	}{
		{"complaint", []string{"reply-25 wang@staff.example", "reply-breach lead@staff.example", "reply-breach wang@staff.example"}},
		{"repair", []string{"reply-50 duty@staff.example", "reply-75 duty@staff.example", "reply-75 lead@staff.example", "reply-breach duty@staff.example", "reply-breach lead@staff.example"}},
	} {
		t.Run(tt.class, func(t *testing.T) {
			d := newDesk(t, "missed: {again: 0s, summary: 0s}\nchains: [{class: complaint, to: [Wang Lei, Lead], steps: [{share: 25, to: [Wang Lei]}, {share: 100, to: [Wang Lei, Lead]}]}]\n")
			d.mail(find(tt.class, "en").about(""), unsure...)
			d.clock = d.clock.Add(2 * time.Hour)
			var said []string
			for _, s := range d.look() {
				if strings.HasPrefix(s, "reply-") {
					said = append(said, s)
				}
			}
			slices.Sort(said)
			if !slices.Equal(said, tt.want) {
				t.Errorf("said %q, want %q", said, tt.want)
			}
		})
	}
}

// TestPolicy3_4_UnsureWhichClass: the neutral words in the customer's language, and a person decides.
func TestPolicy3_4_UnsureWhichClass(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		d := newDesk(t, "")
		rec := d.mail(find("other", lang).about(""))
		if a := d.answerOf(rec.Case); rec.Reason != responder.ReasonReplyNeutral || a.template != "other."+lang || len(a.told) == 0 {
			t.Errorf("%s: %s, template %s, staff heard %q", lang, rec.Reason, a.template, a.told)
		}
		if w := d.window(rec.Case, sla.ClockPerson); !w.Open() {
			t.Errorf("%s: no person owes an answer: %+v", lang, w)
		}
	}
}

// TestPolicy3_ClaimsBesideOthersAreNotMissed: one class leads, the others stay on the case.
func TestPolicy3_ClaimsBesideOthersAreNotMissed(t *testing.T) {
	d := newDesk(t, "")
	rec := d.mail("This is the third breakdown of the pump, it leaks again. We want to return it and get our money back. Please send a technician to our site. " +
		"I want to make a complaint: your service is unacceptable.")
	f := d.file(rec.Case)
	all := append([]string{f.Class}, f.Also...)
	for _, want := range []string{"repair", "return", "complaint", "visit"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among %q", want, all)
		}
	}
	if len(f.Visits) != 1 {
		t.Errorf("%d visits", len(f.Visits))
	}
}
