package responder

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/templates"
)

// TestReasons reaches every reason that a decision can have.
func TestReasons(t *testing.T) {
	type row struct {
		name    string
		want    Reason
		disp    Disposition
		text    string
		headers []string
		junk    bool
		engine  func(*Config)
		facts   func(*Facts)
		later   time.Duration // the decision comes so much later than the mail
		told    string        // the step or template of the notice to staff, "" for none
	}
	certain := func(*Config) {}
	mode := func(m classify.Mode) func(*Config) {
		return func(c *Config) {
			for i := range c.Model.Set().Classes {
				c.Model.Set().Classes[i].Mode = m
			}
		}
	}
	about := &Sent{Outbox: 77, Case: 9, Recipient: "ann@client.example", Kind: MailReply, State: "sent", Lane: LaneCustomer}
	rows := []row{
		{name: "a repair", want: ReasonReply, disp: Answered, text: repairText, engine: certain},
		{name: "unsure of the class", want: ReasonReplyNeutral, disp: Answered, text: "Which colour does the sky have over there?", told: "answer-due"},
		{name: "sender failed", want: ReasonReplyBare, disp: Answered, text: repairText, engine: certain, told: "answer-due",
			headers: []string{"Authentication-Results: mx.aftercare.example; dmarc=fail header.from=client.example"}},
		{name: "too old", want: ReasonTooOld, disp: Held, text: repairText, later: 73 * time.Hour, told: "unanswered"},
		{name: "capped by sender in two hours", want: ReasonCappedSender, disp: Held, text: repairText, facts: func(f *Facts) { f.SenderReplies2h = 5 }, told: "capped"},
		{name: "capped by sender in a day", want: ReasonCappedSender, disp: Held, text: repairText, facts: func(f *Facts) { f.SenderReplies24h = 10 }, told: "capped"},
		{name: "capped by domain", want: ReasonCappedDomain, disp: Held, text: repairText, facts: func(f *Facts) { f.DomainReplies1h = 50 }, told: "capped"},
		{name: "a freemail domain is not capped", want: ReasonReply, disp: Answered, text: repairText, engine: certain,
			headers: []string{"From: ann@qq.com"}, facts: func(f *Facts) { f.DomainReplies1h = 50 }},
		{name: "capped in all", want: ReasonCappedTotal, disp: Held, text: repairText, facts: func(f *Facts) { f.TotalReplies1h = 500 }, told: "capped"},
		{name: "blocked address", want: ReasonBlockedAddress, disp: Held, text: repairText, facts: func(f *Facts) { f.Blocked = true }, told: "unanswered"},
		{name: "two desks answering each other", want: ReasonUnsurePerson, disp: Held, text: repairText, headers: []string{"Subject: Re: Re: pump [AC-000001] [AC-000002]"},
			facts: func(f *Facts) { f.Linked = 2 }, told: "unsure"},
		{name: "a stranger with one tag", want: ReasonReply, disp: Answered, text: repairText, headers: []string{"Subject: Re: pump [AC-000001]"},
			facts: func(f *Facts) { f.Linked = 1 }, engine: certain},
		{name: "class on hold", want: ReasonClassHold, disp: Held, text: repairText, engine: mode(classify.ModeHold), told: "held"},
		{name: "class without reply", want: ReasonClassNone, disp: Held, text: repairText, engine: mode(classify.ModeNone), told: "unanswered"},
		{name: "templates that cannot be rendered", want: ReasonTemplateBroken, disp: Held, text: repairText, engine: func(c *Config) { c.Templates = &templates.Set{} }},
		{name: "shadow", want: ReasonShadow, disp: Held, text: repairText, engine: func(c *Config) { certain(c); c.Shadow = true }},
		{name: "answered already", want: ReasonAnsweredByPerson, disp: NotAnswered, text: repairText, facts: func(f *Facts) { f.Answered = true }},
		{name: "further mail", want: ReasonFurtherMail, disp: Held, text: "And the serial is X-1.", facts: func(f *Facts) { f.Case = openCase(nil) }, told: "further"},
		{name: "first response still open", want: ReasonReply, disp: Answered, text: repairText, engine: certain,
			facts: func(f *Facts) { f.Case = openCase(func(c *Case) { c.AutoReplies = 0 }) }},
		{name: "thanks on a closed case", want: ReasonThanks, disp: NotAnswered, text: "Thank you very much!", facts: func(f *Facts) { f.Case = openCase(func(c *Case) { c.State = CaseClosed }) }},
		{name: "more than thanks on a closed case", want: ReasonFurtherMail, disp: Held, text: "Thank you, but it leaks again.",
			facts: func(f *Facts) { f.Case = openCase(func(c *Case) { c.State = CaseClosed }) }, told: "further"},
		{name: "colleague", want: ReasonStaff, disp: NotAnswered, text: "FYI, the parts are in.", headers: []string{"From: duty@staff.example"}},
		{name: "colleague answers the customer", want: ReasonAnsweredByPerson, disp: NotAnswered, text: "Dear Ann, we come on Monday.",
			headers: []string{"From: duty@staff.example", "Cc: ann@client.example"}, facts: func(f *Facts) { f.Case = openCase(nil) }},
		{name: "unknown in junk", want: ReasonJunk, disp: NotAnswered, text: repairText, junk: true},
		{name: "known in junk", want: ReasonJunkKnown, disp: Held, text: repairText, junk: true, facts: func(f *Facts) { f.Known = true }, told: "unanswered"},
		{name: "nobody to answer", want: ReasonNoAddress, disp: Held, text: repairText, headers: []string{"From: support@aftercare.example"}, told: "unanswered",
			engine: func(c *Config) {
				g, err := NewGuard(GuardConfig{Own: []string{"support@aftercare.example"}, TrustedForms: []string{"support@aftercare.example"}, Key: c.Key})
				if err != nil {
					t.Fatal(err)
				}
				c.Guard = g
			}},
		{name: "bounce", want: ReasonBounce, disp: NotAnswered, text: "", headers: dsn("failed"), facts: func(f *Facts) { f.About = about }, told: "bounced"},
		{name: "delay", want: ReasonBounceDelay, disp: NotAnswered, text: "", headers: dsn("delayed"), facts: func(f *Facts) { f.About = about }},
		{name: "success report", want: ReasonBounceSuccess, disp: NotAnswered, text: "", headers: dsn("delivered"), facts: func(f *Facts) { f.About = about }},
		{name: "auto-reply", want: ReasonAutoReply, disp: NotAnswered, text: "I am away.", headers: []string{"Auto-Submitted: auto-replied", "Subject: Automatic reply: pump"}},
		{name: "list", want: ReasonList, disp: NotAnswered, text: "Has anybody seen this?", headers: []string{"List-Id: <pumps.lists.example>", "List-Post: <mailto:pumps@lists.example>",
			"Precedence: list", "Sender: pumps-bounces@lists.example", "To: pumps@lists.example"}},
		{name: "notification", want: ReasonNotification, disp: NotAnswered, text: "Disk usage is 91%.", headers: []string{"From: no-reply@monitor.example", "Auto-Submitted: auto-generated", "Subject: [ALERT] host db1"}},
		{name: "read receipt", want: ReasonReceipt, disp: NotAnswered, text: "", headers: []string{"Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "Subject: Read: About our pump", "X-Kind: mdn"}},
		{name: "calendar answer", want: ReasonCalendar, disp: NotAnswered, text: "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@client.example\nEND:VEVENT\nEND:VCALENDAR",
			headers: []string{"Content-Type: text/calendar; method=REPLY; charset=utf-8", "Subject: Accepted: visit"}},
		{name: "abuse report", want: ReasonReport, disp: NotAnswered, text: "", headers: []string{"Content-Type: multipart/report; report-type=feedback-report; boundary=b", "Subject: Abuse report", "X-Kind: arf"}},
		{name: "challenge", want: ReasonChallenge, disp: NotAnswered, text: "To be delivered, please click the link below to confirm your message and prove that you are human.",
			headers: []string{"Subject: Please confirm your message"}},
		{name: "our own mail", want: ReasonOwn, disp: NotAnswered, text: "Dear Ann, we have your message.", headers: []string{"From: support@aftercare.example", "To: ann@client.example", "X-Loop: support@aftercare.example"}},
		{name: "sure spam", want: ReasonSpam, disp: NotAnswered, text: "Cheap pills", headers: []string{"X-Spam-Flag: YES"}, engine: func(c *Config) {
			g, err := NewGuard(GuardConfig{Own: []string{"support@aftercare.example"}, SpamHeaders: []SpamRule{{Header: "X-Spam-Flag", Match: "^YES"}}, Key: c.Key})
			if err != nil {
				t.Fatal(err)
			}
			c.Guard = g
		}},
		{name: "forwarded by a rule", want: ReasonRuleForwarded, disp: Held, text: repairText, told: "unanswered",
			headers: []string{"Auto-Submitted: auto-generated", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "Resent-From: <old@client.example>"}},
		{name: "a colleague's forward", want: ReasonStaffForward, disp: Held, told: "unanswered", headers: []string{"From: duty@staff.example", "Subject: Fwd: pump"},
			text: "Please handle.\n\n---------- Forwarded message ---------\nFrom: Bob Ray <bob@client.example>\nDate: Tue, 24 Nov 2026 08:00:00 +0000\nSubject: pump\nTo: Duty <duty@staff.example>\n\nOur pump leaks, please repair it."},
		{name: "newsletter", want: ReasonNewsletter, disp: NotAnswered, text: "Ten trends. Unsubscribe here.", headers: []string{"List-Unsubscribe: <https://x.example/u>", "Precedence: bulk", "From: news@x.example"}},
	}
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			e := testEngine(t, tt.engine)
			raw := letterOf(tt.text, tt.headers...)
			if len(tt.headers) > 0 && strings.HasPrefix(tt.headers[0], "Content-Type: multipart/report") {
				raw = reportMail(tt.headers)
			}
			r := read(e, raw, tt.junk)
			r.Class.Certain = tt.engine != nil // what is decided is under test, not the classifier
			d := e.Decide(r, facts(tt.facts), t0.Add(time.Minute+tt.later))
			if d.Reason != tt.want || d.Disposition != tt.disp {
				t.Fatalf("got %s %s %q, want %s %s; verdict %+v class %+v", d.Disposition, d.Reason, d.Evidence, tt.disp, tt.want, r.Verdict, r.Class)
			}
			checkDecision(t, e, d, tt.told)
		})
	}
}

// TestEveryReasonIsReached: each constant of reasons.go is the expectation of some test of this package, or of the store
// for those that are given before anything is decided.
func TestEveryReasonIsReached(t *testing.T) {
	src, err := os.ReadFile("reasons.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, pattern := range []string{"*_test.go", "../store/*_test.go", "../cmd/aftercare/servertest/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(b)
		}
	}
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^	(Reason\w+) +Reason = "([^"]+)"`).FindAllStringSubmatch(string(src), -1) {
		n++
		if !strings.Contains(tests.String(), m[1]) && !strings.Contains(tests.String(), `"`+m[2]+`"`) {
			t.Errorf("no test expects %s (%s)", m[1], m[2])
		}
	}
	if n < 30 {
		t.Errorf("only %d reasons were found", n)
	}
}

// checkDecision holds what every decision must keep.
func checkDecision(t *testing.T, e *Engine, d Decision, told string) {
	t.Helper()
	var notices, replies int
	seen := map[int64]bool{}
	for _, m := range d.Mails {
		if seen[m.ID] || m.ID < 100 || m.MessageID == "" || len(m.Raw) == 0 || m.To == "" {
			t.Errorf("a mail without its own number, id, bytes or recipient: %+v", m)
		}
		seen[m.ID] = true
		if tok, ok := VerifyMessageID(e.Key, m.MessageID); !ok || tok.Outbox != m.ID {
			t.Errorf("the Message-ID %s does not name the mail %d", m.MessageID, m.ID)
		}
		switch m.Lane {
		case LaneStaff:
			notices++
			if told != "" && !strings.HasPrefix(m.Template, "staff/"+told+".") {
				t.Errorf("staff got %s, want %s", m.Template, told)
			}
		case LaneCustomer:
			replies++
		}
	}
	if (told != "") != (notices > 0) {
		t.Errorf("%d notices to staff, want %q", notices, told)
	}
	if d.Disposition == Answered && replies != 1 {
		t.Errorf("%d replies of an answered message", replies)
	}
	if d.Disposition == NotAnswered && replies != 0 {
		t.Errorf("%d replies of a message that is not answered", replies)
	}
	if d.Effects.Open != nil && len(d.Effects.Windows) == 0 {
		t.Error("a case opened without a window")
	}
}

func TestWindowsOfANewCase(t *testing.T) {
	e := testEngine(t, nil)
	d := e.Decide(read(e, letterOf(repairText), false), facts(nil), t0.Add(time.Minute))
	if len(d.Effects.Windows) != 2 {
		t.Fatalf("windows %+v", d.Effects.Windows)
	}
	reply, person := d.Effects.Windows[0], d.Effects.Windows[1]
	if reply.Clock != sla.ClockReply || !reply.Opened.Equal(t0) || !reply.Due.Equal(t0.Add(2*time.Hour)) {
		t.Errorf("reply window %+v", reply)
	}
	if person.Clock != sla.ClockPerson || !person.Due.Equal(t0.Add(24*time.Hour)) {
		t.Errorf("person window %+v", person)
	}
	if d.Effects.Open.Serial != "PX-100-2233" || d.Effects.Open.Entitlement != templates.EntitlementUnknown {
		t.Errorf("case %+v", d.Effects.Open)
	}
}

func TestVisits(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		zone       sla.Zone
		due        time.Duration
		office     string
	}{
		{"same city", "Please send an engineer on site, the machine in Shanghai stopped.", sla.ZoneCity, 24 * time.Hour, "Shanghai"},
		{"same city, Chinese", "请派工程师上门检修,我们在上海。", sla.ZoneCity, 24 * time.Hour, "Shanghai"},
		{"same province", "Please send a technician to our site in Suzhou.", sla.ZoneProvince, 48 * time.Hour, "Nanjing"},
		{"elsewhere", "请派工程师上门,我们在成都。", sla.ZoneElse, 72 * time.Hour, "Shanghai"},
		{"unknown", "Please send a technician to our site.", sla.ZoneUnknown, 24 * time.Hour, "Shanghai"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := testEngine(t, nil)
			d := e.Decide(read(e, letterOf(tt.text), false), facts(nil), t0.Add(time.Minute))
			if len(d.Effects.Visits) != 1 {
				t.Fatalf("visits %+v, reading %s", d.Effects.Visits, d.Effects.Open.Class)
			}
			v := d.Effects.Visits[0]
			if v.Zone != tt.zone || v.Office != tt.office || !v.ArrangeDue.Equal(t0.Add(tt.due)) || !v.OnSiteDue.Equal(t0.Add(tt.due)) {
				t.Errorf("got %+v", v)
			}
		})
	}
	t.Run("one on record is asked to change", func(t *testing.T) {
		e := testEngine(t, nil)
		f := facts(func(f *Facts) {
			f.Case = openCase(func(c *Case) { c.Visits = []sla.Visit{{ID: 3, State: sla.VisitArranged}} })
		})
		d := e.Decide(read(e, letterOf("Can the technician come to our site on Friday? We have to move the visit."), false), f, t0.Add(time.Minute))
		if len(d.Effects.Visits) != 0 || !slices.Equal(d.Effects.Asked, []int64{3}) {
			t.Errorf("opened %+v, asked %v", d.Effects.Visits, d.Effects.Asked)
		}
	})
}

func TestBounceOfAReply(t *testing.T) {
	e := testEngine(t, nil)
	f := facts(func(f *Facts) {
		f.About = &Sent{Outbox: 77, Case: 9, Recipient: "ann@client.example", Kind: MailReply, Lane: LaneCustomer}
		f.Case = openCase(nil)
	})
	d := e.Decide(read(e, dsnMail(dsn("failed")), false), f, t0.Add(time.Minute))
	b := d.Effects.Bounced
	if b == nil || b.Outbox != 77 || b.Block != "ann@client.example" || !b.Reopen || !d.Effects.Quiet || d.Effects.Case != 9 {
		t.Errorf("got %+v %+v", d.Effects, b)
	}
	t.Run("of a notice to staff", func(t *testing.T) {
		f := facts(func(f *Facts) {
			f.About = &Sent{Outbox: 78, Case: 9, Recipient: "duty@staff.example", Kind: MailNotice, Lane: LaneStaff}
		})
		d := e.Decide(read(e, dsnMail(dsn("failed")), false), f, t0.Add(time.Minute))
		if len(d.Mails) != 1 || d.Mails[0].To != "lead@staff.example" {
			t.Errorf("the notice about the notice goes to %+v", d.Mails)
		}
		if d.Effects.Bounced.Block != "" || d.Effects.Bounced.Reopen {
			t.Errorf("a colleague was blocked: %+v", d.Effects.Bounced)
		}
	})
}

// dsn is the head of a delivery report with this action.
func dsn(action string) []string {
	return []string{"Content-Type: multipart/report; report-type=delivery-status; boundary=b", "From: Mail Delivery System <mailer-daemon@mx.client.example>",
		"Return-Path: <>", "Subject: Delivery Status Notification", "X-Action: " + action}
}

// reportMail is a report of the kind that the last header names.
func reportMail(headers []string) []byte {
	rest := headers[:len(headers)-1]
	switch headers[len(headers)-1] {
	case "X-Kind: mdn":
		return letterOf("--b\nContent-Type: text/plain\n\nThe message was displayed.\n--b\nContent-Type: message/disposition-notification\n\n"+
			"Final-Recipient: rfc822; ann@client.example\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n", rest...)
	case "X-Kind: arf":
		return letterOf("--b\nContent-Type: text/plain\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\n"+
			"Feedback-Type: abuse\nUser-Agent: Desk/1.0\nVersion: 1\n--b\nContent-Type: text/rfc822-headers\n\nFrom: support@aftercare.example\nSubject: x\n--b--\n", rest...)
	}
	return dsnMail(headers)
}

// dsnMail is a delivery report (RFC 3464) with these headers.
func dsnMail(headers []string) []byte {
	action := strings.TrimPrefix(headers[len(headers)-1], "X-Action: ")
	status := map[string]string{"failed": "5.1.1", "delayed": "4.4.1", "delivered": "2.0.0"}[action]
	return letterOf("--b\nContent-Type: text/plain\n\nA report.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.client.example\n\n"+
		"Final-Recipient: rfc822; ann@client.example\nAction: "+action+"\nStatus: "+status+"\n--b--\n", headers[:len(headers)-1]...)
}
