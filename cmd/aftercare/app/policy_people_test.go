package app

import (
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// TestPolicy4_2_PeopleWhoAnswerFromTheirOwnMailProgram: an answer found in the folder of sent mail, or of which a copy
// came to us, stops the clocks of its case, takes back a reply that is not sent yet, and is part of the conversation.
func TestPolicy4_2_PeopleWhoAnswerFromTheirOwnMailProgram(t *testing.T) {
	const repair = "Our pump is broken and leaks, please repair it. Serial number PX-100-2233."
	own := "From: Example <support@example.com>"
	to := "To: Ann Lee <ann@client.example>"
	id := "Message-ID: <x1@mua.example>"
	for _, tt := range []struct {
		name    string
		folder  string
		headers []string
		stops   bool
		reason  responder.Reason
	}{
		{"Sent, in reply to the customer's mail", "Sent", []string{own, to, id, "In-Reply-To: <m1@client.example>"}, true, responder.ReasonAnsweredByPerson},
		{"Sent, by References alone", "Sent", []string{own, to, id, "References: <m0@client.example> <m1@client.example>"}, true, responder.ReasonAnsweredByPerson},
		{"Sent, by the tag of the subject", "Sent", []string{own, to, id, "Subject: About your pump [AC-000001]"}, true, responder.ReasonAnsweredByPerson},
		{"Sent, a colleague's own address", "Sent", []string{"From: duty@staff.example", to, id, "In-Reply-To: <m1@client.example>"}, true, responder.ReasonAnsweredByPerson},
		{"Sent, to a colleague only", "Sent", []string{own, "To: lead@staff.example", id, "In-Reply-To: <m1@client.example>"}, false, responder.ReasonStaff},
		{"Sent, about something else", "Sent", []string{own, "To: bo@other.example", id, "Subject: Lunch"}, false, responder.ReasonStaff},
		{"Sent, a vacation notice", "Sent", []string{own, to, id, "In-Reply-To: <m1@client.example>", "Auto-Submitted: auto-replied"}, false, responder.ReasonOwn},
		{"Sent, a mail of a stranger that was dragged there", "Sent", []string{"From: ann@client.example", "To: support@example.com", id, "In-Reply-To: <m1@client.example>"}, false, responder.ReasonOwn},
		{"the inbox, from the watched address with a copy to us", "INBOX", []string{own, to, "Cc: support@example.com", id, "In-Reply-To: <m1@client.example>"}, true, responder.ReasonAnsweredByPerson},
		{"the inbox, a colleague with a copy to us", "INBOX", []string{"From: duty@staff.example", to, "Cc: support@example.com", id, "In-Reply-To: <m1@client.example>"}, true, responder.ReasonAnsweredByPerson},
		{"the inbox, from the watched address about nothing", "INBOX", []string{own, to, "Cc: support@example.com", id, "Subject: News"}, false, responder.ReasonOwn},
		{"the inbox, from the watched address to itself", "INBOX", []string{own, "To: support@example.com", id, "In-Reply-To: <m1@client.example>"}, false, responder.ReasonOwn},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			first := d.mail(repair)
			d.clock = d.clock.Add(10 * time.Minute)
			rec := d.take(tt.folder, tt.folder == "Sent", "We come tomorrow.", tt.headers...)
			if rec.Reason != tt.reason {
				t.Errorf("reason %s, want %s: %q", rec.Reason, tt.reason, rec.Evidence)
			}
			if open := len(d.running(first.Case)); (open == 0) != tt.stops {
				t.Errorf("%d clocks run", open)
			}
			if sent := d.send(); (len(sent) == 0) != tt.stops {
				t.Errorf("the program sent %q", sent)
			}
			if !tt.stops {
				return
			}
			if c := d.file(first.Case); !c.PersonAnswered.Equal(d.clock) || rec.Case != first.Case {
				t.Errorf("answered at %v, filed under case %d", c.PersonAnswered, rec.Case)
			}
			// What the customer answers to the person is part of the same case.
			if again := d.mail("Thank you, at what time?", "In-Reply-To: <x1@mua.example>", "Subject: Re: pump"); again.Case != first.Case {
				t.Errorf("the customer's answer went to case %d", again.Case)
			}
		})
	}
}

// TestOurOwnCopiesInSentAreToldApart: the copy of our reply, as we appended it, stops nothing.
func TestOurOwnCopiesInSentAreToldApart(t *testing.T) {
	d := newDesk(t, "")
	d.mail("Our pump is broken and leaks, please repair it. Serial number PX-100-2233.")
	jobs, err := d.store.Claim(t.Context(), responder.LaneCustomer, 10, nil, d.clock)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("%d replies, %v", len(jobs), err)
	}
	for _, tt := range []struct {
		name   string
		change func(string) string
	}{
		{"as it was sent", func(s string) string { return s }},
		{"with another Message-ID", func(s string) string { return strings.Replace(s, jobs[0].MessageID, "relay@mx.example", 1) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw := tt.change(string(jobs[0].Raw))
			m := mailbox.Parse(strings.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
			r := d.engine.Load().Read(&m, mailbox.Raw{Sent: true, Internal: d.clock}, d.clock)
			if r.Verdict.Kind != responder.KindOwn {
				t.Errorf("taken for %s: %q", r.Verdict.Kind, r.Verdict.Evidence)
			}
		})
	}
}
