package responder

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/templates"
)

// t0 is a Tuesday morning in winter.
var t0 = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// slow holds what takes long to load, once for all tests; both are immutable.
type slow struct {
	places *mailbox.Gazetteer
	tpl    *templates.Set
}

var slowOnce = sync.OnceValues(func() (slow, error) {
	places, err := mailbox.LoadGazetteer(nil)
	if err != nil {
		return slow{}, err
	}
	tpl, err := templates.Load(templates.Default(), templates.Options{})
	return slow{places, tpl}, err
})

func slowParts() (*mailbox.Gazetteer, *templates.Set, error) {
	s, err := slowOnce()
	return s.places, s.tpl, err
}

// testEngine is an engine of the built-in rules, phrases and templates; change may alter its configuration.
func testEngine(t testing.TB, change func(*Config)) *Engine {
	t.Helper()
	key := []byte("0123456789abcdef0123456789abcdef")
	guard, err := NewGuard(GuardConfig{Own: []string{"support@aftercare.example", "service@aftercare.example"},
		Staff: []string{"duty@staff.example", "lead@staff.example"}, AuthservIDs: []string{"mx.aftercare.example"}, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	places, tpl, err := slowParts()
	if err != nil {
		t.Fatal(err)
	}
	patterns, err := mailbox.LoadFactPatterns(nil)
	if err != nil {
		t.Fatal(err)
	}
	set, err := classify.DefaultClasses()
	if err != nil {
		t.Fatal(err)
	}
	plan := sla.DefaultPlan()
	plan.Chains = []sla.Chain{{To: []string{"duty@staff.example", "lead@staff.example"}}}
	c := Config{
		Accounts: []Account{{Name: "support", Address: "support@aftercare.example", FromName: "Example Service", Envelope: EnvelopeAccount}},
		Company:  templates.Company{Name: "Example Service", Phone: "+86 21 5550 0100"}, Language: "en", Zone: time.FixedZone("", 8*3600), Plan: plan,
		Offices: []sla.Office{{Name: "Shanghai", City: "上海", Province: "上海", Phone: "+86 21 5550 0100", Centre: true}, {Name: "Nanjing", City: "Nanjing", Province: "江苏"}},
		Staff:   []Staff{{Name: "Duty", Address: "duty@staff.example", Language: "en"}, {Name: "Lead", Address: "lead@staff.example", Language: "zh"}},
		Caps:    Caps{Case: 1, Sender2h: 5, SenderDay: 10, Domain1h: 50, Total1h: 500, Freemail: map[string]bool{"qq.com": true}},
		MaxAge:  72 * time.Hour, Key: key, Guard: guard, Finder: mailbox.NewFactFinder(places, patterns), Places: places,
		Model: classify.PhraseModel(set), Templates: tpl,
	}
	if change != nil {
		change(&c)
	}
	e, err := NewEngine(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// letterOf makes a mail of header lines and a text.
func letterOf(text string, headers ...string) []byte {
	h := []string{"From: Ann Lee <ann@client.example>", "To: support@aftercare.example", "Subject: About our pump", "Date: Tue, 24 Nov 2026 09:00:00 +0000",
		"Message-ID: <m1@client.example>", "Content-Type: text/plain; charset=utf-8"}
	for _, x := range headers {
		name, _, _ := strings.Cut(x, ":")
		h = deleteField(h, name)
		if !strings.HasSuffix(x, ": -") { // "Name: -" leaves the field out
			h = append(h, x)
		}
	}
	return []byte(strings.Join(h, "\r\n") + "\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")
}

func deleteField(h []string, name string) []string {
	var out []string
	for _, x := range h {
		if n, _, _ := strings.Cut(x, ":"); !strings.EqualFold(n, name) {
			out = append(out, x)
		}
	}
	return out
}

const repairText = "Hello,\n\nour pump is broken and leaks, it does not start any more. Please repair it. Serial number PX-100-2233.\n\nAnn"

// read makes the reading of a mail that arrived at t0.
func read(e *Engine, raw []byte, junk bool) *Reading {
	m := mailbox.Parse(bytes.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
	r := e.Read(&m, mailbox.Raw{Key: mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 7}, Internal: t0, Junk: junk}, t0.Add(time.Minute))
	return r
}

func facts(change func(*Facts)) Facts {
	f := Facts{Key: mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 7}, Internal: t0, Message: 11, NextCase: 42, NextOutbox: 100, NextVisit: 5}
	if change != nil {
		change(&f)
	}
	return f
}

func openCase(change func(*Case)) *Case {
	c := &Case{ID: 9, State: CaseOpen, Account: "support", Class: "repair", Subject: "About our pump", Language: "en", Customer: "ann@client.example",
		CustomerName: "Ann Lee", Members: []string{"ann@client.example"}, Opened: t0.Add(-time.Hour), AutoReplies: 1, Office: "Shanghai", Reason: ReasonReply}
	if change != nil {
		change(c)
	}
	return c
}
