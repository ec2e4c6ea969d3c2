package responder

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"

	"aftercare/mailbox"
	"aftercare/sla"
	"aftercare/templates"
)

func parsed(t *testing.T, raw []byte) mailbox.Message {
	t.Helper()
	m := mailbox.Parse(bytes.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
	if len(m.Defects) > 0 {
		t.Errorf("our own mail has defects: %q", m.Defects)
	}
	return m
}

func firstReply(t *testing.T, e *Engine, raw []byte) (Mail, *Reading) {
	t.Helper()
	r := read(e, raw, false)
	r.Class.Certain = true
	d := e.Decide(r, facts(nil), t0.Add(time.Minute))
	for _, m := range d.Mails {
		if m.Lane == LaneCustomer {
			return m, r
		}
	}
	t.Fatalf("no reply: %s %q", d.Reason, d.Evidence)
	return Mail{}, nil
}

func TestReplyHeaders(t *testing.T) {
	e := testEngine(t, nil)
	m, _ := firstReply(t, e, letterOf(repairText, "References: <a@client.example> <b@client.example>"))
	p := parsed(t, m.Raw)
	for name, want := range map[string]string{
		"In-Reply-To": "<m1@client.example>", "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "X-Loop": "support@aftercare.example",
		"References": "<" + m.MessageID + "> <a@client.example> <b@client.example> <m1@client.example>",
	} {
		if got := p.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if p.MessageID != m.MessageID || p.Subject != m.Subject || !strings.Contains(p.Subject, "[AC-000042]") {
		t.Errorf("id %q subject %q", p.MessageID, p.Subject)
	}
	if p.From[0].Addr != "support@aftercare.example" || p.To[0].Addr != "ann@client.example" || m.EnvelopeFrom != "support@aftercare.example" {
		t.Errorf("from %v to %v envelope %q", p.From, p.To, m.EnvelopeFrom)
	}
	if !strings.Contains(p.Body.Full, "AC-000042") || len(p.Parts) < 3 {
		t.Errorf("body %q, %d parts", p.Body.Full, len(p.Parts))
	}
	if tok, ok := VerifyHeader(e.Key, p.Header.Get(HeaderName)); !ok || tok != (Token{Case: 42, Outbox: 100}) {
		t.Errorf("%s: %+v %v", HeaderName, tok, ok)
	}
}

func TestEnvelopes(t *testing.T) {
	for _, tt := range []struct {
		envelope string
		check    func(e *Engine, from string) bool
	}{
		{EnvelopeNull, func(_ *Engine, from string) bool { return from == "" }},
		{EnvelopeAccount, func(_ *Engine, from string) bool { return from == "support@aftercare.example" }},
		{EnvelopeVERP, func(e *Engine, from string) bool {
			tok, ok := VerifyVERP(e.Key, from)
			return ok && tok == Token{Case: 42, Outbox: 100}
		}},
	} {
		t.Run(tt.envelope, func(t *testing.T) {
			e := testEngine(t, func(c *Config) { c.Accounts[0].Envelope = tt.envelope })
			if m, _ := firstReply(t, e, letterOf(repairText)); !tt.check(e, m.EnvelopeFrom) {
				t.Errorf("envelope sender %q", m.EnvelopeFrom)
			}
		})
	}
}

// TestSameBytes: composing again gives the same mail, byte for byte.
func TestSameBytes(t *testing.T) {
	e := testEngine(t, nil)
	a, _ := firstReply(t, e, letterOf(repairText))
	b, _ := firstReply(t, testEngine(t, nil), letterOf(repairText))
	if !bytes.Equal(a.Raw, b.Raw) {
		t.Errorf("two compositions differ:\n%s\n---\n%s", a.Raw, b.Raw)
	}
}

func TestRedirect(t *testing.T) {
	e := testEngine(t, func(c *Config) { c.RedirectTo = "me@aftercare.example" })
	m, _ := firstReply(t, e, letterOf(repairText))
	if p := parsed(t, m.Raw); m.To != "me@aftercare.example" || p.To[0].Addr != "ann@client.example" {
		t.Errorf("envelope %s, header %v", m.To, p.To)
	}
}

// TestHostileMail: nothing that a stranger writes becomes a header, markup or template of our mail.
func TestHostileMail(t *testing.T) {
	e := testEngine(t, nil)
	evil := "=?utf-8?Q?Ann=0D=0ABcc:_victim@x.example?="
	m, _ := firstReply(t, e, letterOf(repairText+"\n{{case}} {{.Key}} <script>alert(1)</script>\nSerial number: <b>X1</b>",
		"From: "+evil+" <ann@client.example>", "Subject: =?utf-8?Q?x=0D=0ABcc:_victim@x.example_<script>?= {{case}}",
		"Message-ID: <m1@client.example>", "References: <a@b> <evil\x01id@x> <c,d@x>"))
	head, _, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if strings.HasPrefix(strings.ToLower(line), "bcc:") {
			t.Errorf("a header was injected: %q", line)
		}
	}
	if strings.Contains(head, "evil") || strings.Contains(head, "c,d@x") {
		t.Errorf("a broken id went into our References:\n%s", head)
	}
	for _, part := range parsed(t, m.Raw).Parts {
		if strings.Contains(part.Text, "<script") || strings.Contains(part.Text, "{{case}}") && part.Type == "text/html" {
			t.Errorf("%s holds the stranger's markup:\n%s", part.Type, part.Text)
		}
	}
}

// TestNotices composes every step's mail to both languages of staff.
func TestNotices(t *testing.T) {
	e := testEngine(t, nil)
	for _, name := range []string{"reply-50", "reply-75", sla.StepReplyBreach, "person-50", sla.StepPersonBreach, sla.StepVisitRequested, sla.StepArrangeSoon,
		sla.StepArrangeOverdue, sla.StepVisitLate, sla.StepVisitSoon, sla.StepVisitDay, sla.StepVisitOverdue, "quarantine", "undelivered"} {
		for _, to := range []string{"duty@staff.example", "lead@staff.example"} {
			f := facts(func(f *Facts) {
				f.Case = openCase(func(c *Case) {
					c.Visits = []sla.Visit{{ID: 3, State: sla.VisitArranged, At: t0.Add(time.Hour), Person: "Wang", OnSiteDue: t0.Add(2 * time.Hour)}}
				})
			})
			m, ok := e.Notify(sla.Step{Subject: "x", Name: name, Recipient: to, Due: t0, Case: 9, Visit: 3}, f, t0)
			if !ok || m.Lane != LaneStaff || m.Kind != name || m.To != to {
				t.Fatalf("%s to %s: %v %+v", name, to, ok, m)
			}
			p := parsed(t, m.Raw)
			if p.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(p.Body.Full, "AC-000009") {
				t.Errorf("%s to %s: %s", name, to, m.Raw)
			}
		}
	}
}

func TestAcknowledgement(t *testing.T) {
	step := sla.Step{Name: sla.StepAckFurther, Recipient: sla.Customer, Due: t0, Case: 9, Window: 4}
	for _, tt := range []struct {
		name string
		f    func(*Facts)
		late time.Duration
		want bool
	}{
		{name: "nobody answered", want: true},
		{name: "one today already", f: func(f *Facts) { f.Case.LastAck = t0.Add(-23 * time.Hour) }},
		{name: "one yesterday", f: func(f *Facts) { f.Case.LastAck = t0.Add(-25 * time.Hour) }, want: true},
		{name: "closed", f: func(f *Facts) { f.Case.State = CaseClosed }},
		{name: "blocked", f: func(f *Facts) { f.Blocked = true }},
		{name: "capped", f: func(f *Facts) { f.SenderReplies2h = 5 }},
		{name: "no case", f: func(f *Facts) { f.Case = nil }},
		{name: "long after", late: 80 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := testEngine(t, nil)
			f := facts(func(f *Facts) {
				f.Case = openCase(nil)
				f.MessageID = "later@client.example"
				if tt.f != nil {
					tt.f(f)
				}
			})
			m, ok := e.Notify(step, f, t0.Add(tt.late))
			if ok != tt.want {
				t.Fatalf("sent %v, want %v", ok, tt.want)
			}
			if ok && (m.Kind != MailFurther || m.To != "ann@client.example" || parsed(t, m.Raw).Header.Get("In-Reply-To") != "<later@client.example>") {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestEntitle(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	in := Contract{Number: "C-1", Serial: "S-1", By: "serial", OnIt: true, Start: day("2026-01-01"), End: day("2027-01-01")}
	out := in
	out.Start, out.End = day("2020-01-01"), day("2021-01-01")
	stranger := in
	stranger.OnIt = false
	failed := in
	failed.Repairs = []Repair{{At: day("2026-05-01")}}
	mended := in
	mended.Repairs = []Repair{{At: day("2026-05-01"), OK: true}}
	later := in
	later.Repairs = []Repair{{At: day("2027-05-01")}}
	noTerm := in
	noTerm.End = time.Time{}
	for _, tt := range []struct {
		name      string
		contracts []Contract
		ent, rung string
	}{
		{"nothing on record", nil, templates.EntitlementUnknown, ""},
		{"in the term", []Contract{in}, templates.InWarranty, templates.RungRepair},
		{"after the term", []Contract{out}, templates.OutOfWarranty, templates.RungRepair},
		{"on the last day", []Contract{{Number: "C", By: "serial", OnIt: true, End: t0}}, templates.OutOfWarranty, templates.RungRepair},
		{"somebody else's contract", []Contract{stranger}, templates.EntitlementUnknown, ""},
		{"a repair that failed", []Contract{failed}, templates.InWarranty, templates.RungReturn},
		{"a repair that held", []Contract{mended}, templates.InWarranty, templates.RungRepair},
		{"a repair still to come", []Contract{later}, templates.InWarranty, templates.RungRepair},
		{"no term on record", []Contract{noTerm}, templates.EntitlementUnknown, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if g := entitle(Registry{Contracts: tt.contracts}, mailbox.Facts{Serial: "S-1"}, t0, t0); g.Entitlement != tt.ent || g.Rung != tt.rung {
				t.Errorf("got %+v", g)
			}
		})
	}
}

func TestThanks(t *testing.T) {
	th := NewThanks("")
	for text, want := range map[string]bool{
		"Thank you very much!": true, "谢谢": true, "好的,收到,谢谢!": true, "Thanks, got it. Best regards": true, "": false, "Thanks, but it leaks": false,
		"谢谢,但是还在漏水": false, "Thank you for the manual": false, "OK": true, "Many thanks for your quick reply": true,
	} {
		if got := th.Only(text); got != want {
			t.Errorf("Only(%q) = %v", text, got)
		}
	}
}

func TestPartsOfAMail(t *testing.T) {
	file := func(name, cid string) templates.File {
		return templates.File{Name: name, Type: "image/png", CID: cid, Data: bytes.Repeat([]byte{0xff, '\n', '.'}, 100)}
	}
	for _, tt := range []struct {
		name  string
		r     templates.Rendered
		types []string
	}{
		{"text and HTML", templates.Rendered{}, []string{"multipart/alternative", "text/plain", "text/html"}},
		{"a picture", templates.Rendered{Inline: []templates.File{file("logo.png", "logo@x")}},
			[]string{"multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"}},
		{"a picture and two files", templates.Rendered{Inline: []templates.File{file("logo.png", "logo@x")},
			Attachments: []templates.File{file("\u8868.png", ""), file("b.png", "")}},
			[]string{"multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png", "image/png"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.r.Text, tt.r.HTML = "Dear Ann,\n\n.hello\n\n", "<p>Dear Ann</p>\n"
			var top mail.Header
			top.Set("Mime-Version", "1.0")
			raw, err := writeMail(top.Header, &tt.r, "id@x.example")
			if err != nil {
				t.Fatal(err)
			}
			e, err := message.Read(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			var types []string
			err = e.Walk(func(_ []int, e *message.Entity, err error) error {
				if err != nil {
					return err
				}
				kind, _, err := e.Header.ContentType()
				types = append(types, kind)
				if err != nil || strings.HasPrefix(kind, "multipart/") {
					return err
				}
				body, err := io.ReadAll(e.Body)
				want := map[string]string{"text/plain": "Dear Ann,\r\n\r\n.hello\r\n\r\n", "text/html": "<p>Dear Ann</p>\r\n", "image/png": string(file("", "").Data)}[kind]
				if string(body) != want {
					t.Errorf("%s is read as %q", kind, body)
				}
				return err
			})
			if err != nil || !slices.Equal(types, tt.types) {
				t.Errorf("parts %q, want %q; %v\n%s", types, tt.types, err, raw)
			}
			parsed(t, raw)
		})
	}
}
