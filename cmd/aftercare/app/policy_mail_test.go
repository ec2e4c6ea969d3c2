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

// TestPolicy4_2_ABounceOpensTheWindowAgain: a reply that came back was accepted and not delivered: the promise is not kept, a
// person is told at once, and nothing more is written to that address.
func TestPolicy4_2_ABounceOpensTheWindowAgain(t *testing.T) {
	d := newDesk(t, "")
	rec := d.mail(find("repair", "en").about(""))
	d.clock = d.clock.Add(time.Minute)
	d.send()
	if w := d.window(rec.Case, sla.ClockReply); w.Open() {
		t.Fatalf("accepted, and the window is open: %+v", w)
	}
	var ours string
	for _, m := range d.file(rec.Case).Mails {
		if m.Lane == responder.LaneCustomer {
			ours = m.MessageID
		}
	}
	d.clock = d.clock.Add(time.Minute)
	report := "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; mx.client.example\r\n\r\nFinal-Recipient: rfc822; ann@client.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n" +
		"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + ours + ">\r\nFrom: support@example.com\r\nTo: ann@client.example\r\n--b--"
	bounce := d.mail(report, "From: Mail Delivery System <MAILER-DAEMON@mx.client.example>", "Subject: Undelivered Mail Returned to Sender",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b", "Auto-Submitted: auto-replied")
	if bounce.Reason != responder.ReasonBounce {
		t.Fatalf("taken for %s: %q", bounce.Reason, bounce.Evidence)
	}
	w := d.window(rec.Case, sla.ClockReply)
	if !w.Open() || w.Due.Sub(w.Opened) != 2*time.Hour {
		t.Errorf("the window after it: %+v", w)
	}
	d.look()
	if told := d.answerOf(rec.Case).told; !slices.ContainsFunc(told, func(name string) bool { return strings.Contains(name, "bounced") }) {
		t.Errorf("staff heard %q", told)
	}
	again := d.mail("Is anybody there?", "In-Reply-To: <m1@client.example>")
	d.clock = d.clock.Add(100 * time.Minute)
	d.look()
	if sent := d.send(); len(sent) != 0 || again.Case != rec.Case {
		t.Errorf("sent %q to an address that does not exist", sent)
	}
	rep, err := d.store.Report(context.Background(), d.clock.AddDate(0, 0, -1), d.clock, d.clock, time.UTC)
	d.must(err)
	if !slices.ContainsFunc(rep.Tallies, func(l store.Tally) bool {
		return l.What == store.TallyMail && l.Result == store.ResultBounced && l.N == 1
	}) {
		t.Errorf("the report has no bounce: %+v", rep.Tallies)
	}
}

// TestPolicy4_2_FurtherMail: it opens a window for a person. The program sends no second boilerplate: only where nobody has
// answered by the margin one short acknowledgement, at most one a case a day.
func TestPolicy4_2_FurtherMail(t *testing.T) {
	for _, tt := range []struct {
		name    string
		further []time.Duration // after the first mail
		person  time.Duration   // when a person answers, 0 for nobody
		acks    []time.Duration
	}{
		{"one", []time.Duration{3 * time.Hour}, 0, []time.Duration{270 * time.Minute}},
		{"two on one day", []time.Duration{3 * time.Hour, 6 * time.Hour}, 0, []time.Duration{270 * time.Minute}},
		{"one a day", []time.Duration{3 * time.Hour, 30 * time.Hour}, 0, []time.Duration{270 * time.Minute, 31*time.Hour + 30*time.Minute}},
		{"a person answers before the margin", []time.Duration{3 * time.Hour}, 4 * time.Hour, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			start := d.clock
			rec := d.mail(find("repair", "en").about(""))
			d.send()
			var acks []time.Duration
			for at := 30 * time.Minute; at <= 34*time.Hour; at += 30 * time.Minute {
				d.clock = start.Add(at)
				if slices.Contains(tt.further, at) {
					again := d.mail(fmt.Sprintf("Hello, it leaks more and more. What now? (%v)", at), "In-Reply-To: <m1@client.example>")
					if again.Case != rec.Case || again.Reason != responder.ReasonFurtherMail {
						t.Fatalf("filed under %d: %s", again.Case, again.Reason)
					}
					if sent := d.send(); len(sent) != 0 {
						t.Errorf("a second boilerplate: %q", sent)
					}
				}
				if tt.person == at {
					d.must(d.store.AnswerCase(context.Background(), rec.Case, d.clock, "duty", "telephone", d.clock))
				}
				d.look()
				for range d.send() {
					acks = append(acks, at)
				}
			}
			if !slices.Equal(acks, tt.acks) {
				t.Errorf("acknowledged after %v, want %v", acks, tt.acks)
			}
		})
	}
}

// TestPolicy4_2_WhatNoPersonSent is never answered and opens no case; it is on record with the reason.
func TestPolicy4_2_WhatNoPersonSent(t *testing.T) {
	for _, tt := range []struct {
		name    string
		headers []string
		reason  responder.Reason
	}{
		{"out of office", []string{"Auto-Submitted: auto-replied", "Subject: Automatic reply: your mail"}, responder.ReasonAutoReply},
		{"a mailing list", []string{"List-Id: <users.client.example>", "List-Post: <mailto:users@client.example>", "Precedence: list"}, responder.ReasonList},
		{"a newsletter", []string{"List-Id: <news.client.example>", "List-Unsubscribe: <mailto:out@client.example>", "Precedence: bulk"}, responder.ReasonNewsletter},
		{"another program's notice", []string{"From: no-reply@build.example", "Auto-Submitted: auto-generated", "Subject: Build 17 failed"}, responder.ReasonNotification},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			rec := d.mail("This is a message of a program about the pump.", tt.headers...)
			if rec.Reason != tt.reason || rec.Case != 0 {
				t.Errorf("reason %s, case %d, want %s: %q", rec.Reason, rec.Case, tt.reason, rec.Evidence)
			}
			d.clock = d.clock.Add(3 * time.Hour)
			d.look()
			if sent := d.send(); len(sent) != 0 {
				t.Errorf("sent %q", sent)
			}
			m, err := d.store.Message(context.Background(), 1)
			if err != nil || m.Disposition != responder.NotAnswered || len(m.Evidence) == 0 {
				t.Errorf("on record: %+v, %v", m, err)
			}
			d.sound()
		})
	}
}

// TestPolicy4_2_WhatCannotBeAnsweredGoesToAPerson while there is still time to answer by hand, and again when the window is
// missed; the program never answers it.
func TestPolicy4_2_WhatCannotBeAnsweredGoesToAPerson(t *testing.T) {
	repair := find("repair", "en").about("")
	for _, tt := range []struct {
		name   string
		do     func(d *desk) store.Recorded
		reason responder.Reason
	}{
		{"unsure whether a person wrote it", func(d *desk) store.Recorded { return d.mail(repair, unsure...) }, responder.ReasonUnsurePerson},
		{"older than 72 hours", func(d *desk) store.Recorded {
			return d.mail(repair, "Date: "+d.clock.Add(-73*time.Hour).Format(time.RFC1123Z))
		}, responder.ReasonTooOld},
		{"capped", func(d *desk) store.Recorded {
			var rec store.Recorded
			for i := range 6 {
				rec = d.mail(fmt.Sprintf("%s %d", repair, i), fmt.Sprintf("Subject: Pump number %d", i))
			}
			return rec
		}, responder.ReasonCappedSender},
		{"an address that mail came back from", func(d *desk) store.Recorded {
			d.must(d.store.Block(context.Background(), "ann@client.example", "test", "", d.clock))
			return d.mail(repair)
		}, responder.ReasonBlockedAddress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			start := d.clock
			rec := tt.do(d)
			if rec.Reason != tt.reason {
				t.Fatalf("reason %s: %q", rec.Reason, rec.Evidence)
			}
			if a := d.answerOf(rec.Case); a.template != "" || len(a.told) == 0 {
				t.Errorf("answered with %q; staff heard %q", a.template, a.told)
			}
			d.send()
			said := ""
			for at := time.Duration(0); at <= 3*time.Hour; at += 10 * time.Minute {
				d.clock = start.Add(at)
				for _, s := range d.look() {
					said += fmt.Sprintf("%s %v\n", s, at)
				}
				if sent := d.send(); len(sent) != 0 {
					t.Errorf("after %v the program sent %q", at, sent)
				}
			}
			if w := d.window(rec.Case, sla.ClockReply); w.Opened.Equal(start) {
				for _, want := range []string{"reply-50 duty@staff.example 1h0m0s", "reply-75 lead@staff.example 1h30m0s", "reply-breach lead@staff.example 2h0m0s"} {
					if !strings.Contains(said, want) {
						t.Errorf("%q is not among\n%s", want, said)
					}
				}
			}
		})
	}
}
