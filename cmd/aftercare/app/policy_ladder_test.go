package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/sla"
	"aftercare/store"
	"aftercare/templates"
)

// ask sends a mail of Ann's about a product and returns the answer.
func (d *desk) ask(class, serial, subject string) (int64, answer) {
	d.t.Helper()
	rec := d.mail(find(class, "en").about(serial), "Subject: "+subject, "From: Ann Lee <"+strings.ReplaceAll(subject, " ", "-")+"@acme.example>")
	return rec.Case, d.answerOf(rec.Case)
}

// TestPolicy2_1_RepairComesFirst: within the term, whatever is asked for, what is granted is repair; a claim above it is not
// refused, and goes to a person.
func TestPolicy2_1_RepairComesFirst(t *testing.T) {
	for _, tt := range []struct {
		class, grant string
		person       bool
	}{
		{"repair", templates.GrantRepair, false},
		{"replacement", templates.GrantRepair, true},
		{"return", templates.GrantRepair, true},
		{"visit", templates.GrantRepair, false},
		{"usage", templates.GrantNone, false},
	} {
		t.Run(tt.class, func(t *testing.T) {
			d := newDesk(t, "")
			d.contracts()
			id, a := d.ask(tt.class, inTerm, "first")
			if a.grant != tt.grant || slices.Contains(a.told, "staff/answer-due.en") != tt.person {
				t.Errorf("%s grants %s, staff heard %q", a.template, a.grant, a.told)
			}
			if c := d.file(id); !strings.Contains(c.Record, "in the term until 2027-12-31") || c.Serial != inTerm {
				t.Errorf("record %q", c.Record)
			}
		})
	}
}

// TestPolicy2_2_ReplacementAfterARepairThatFailed, and not before; not after one that was mended, nor after the term.
func TestPolicy2_2_ReplacementAfterARepairThatFailed(t *testing.T) {
	afterRepairs(t, "replacement", templates.GrantReplacement)
}

// TestPolicy2_3_ReturnAfterARepairThatFailed: the same steps open the return.
func TestPolicy2_3_ReturnAfterARepairThatFailed(t *testing.T) {
	afterRepairs(t, "return", templates.GrantReturn)
}

// afterRepairs asks for something above repair as repairs come on record.
func afterRepairs(t *testing.T, class, grant string) {
	d := newDesk(t, "")
	d.contracts()
	first, _ := d.ask("repair", inTerm, "repair please")
	for i, tt := range []struct {
		name string
		do   func(id int64)
		want string
	}{
		{"nothing repaired yet", func(int64) {}, templates.GrantRepair},
		{"repaired, and it met the requirements", func(id int64) { d.repair(id, inTerm, true, d.clock) }, templates.GrantRepair},
		{"another product failed", func(id int64) { d.repair(id, "BM-1", false, d.clock) }, templates.GrantRepair},
		{"repaired, and it did not meet them", func(id int64) { d.repair(id, inTerm, false, d.clock) }, grant},
		{"repaired again, well", func(id int64) { d.repair(id, inTerm, true, d.clock) }, templates.GrantRepair},
	} {
		d.clock = d.clock.Add(24 * time.Hour)
		tt.do(first)
		d.clock = d.clock.Add(time.Hour)
		id, a := d.ask(class, inTerm, class+string(rune('a'+i)))
		if a.grant != tt.want {
			t.Errorf("%s: %s grants %s, want %s", tt.name, a.template, a.grant, tt.want)
		}
		told := slices.Contains(a.told, "staff/answer-due.en")
		if above := tt.want == templates.GrantRepair; told != above {
			t.Errorf("%s: a person heard of it at once: %v", tt.name, told)
		}
		// In any case a person decides, within the four hours of such a claim.
		if w := d.window(id, sla.ClockPerson); w.Due.Sub(w.Opened) != 4*time.Hour {
			t.Errorf("%s: a person has %v", tt.name, w.Due.Sub(w.Opened))
		}
	}
}

// window is the window of a clock of a case.
func (d *desk) window(id int64, clock sla.Clock) sla.Window {
	d.t.Helper()
	for _, w := range d.file(id).Windows {
		if w.Clock == clock {
			return w
		}
	}
	d.t.Fatalf("case %d has no window of the clock %s", id, clock)
	return sla.Window{}
}

// TestPolicy2_2_AReplacedProductInherits the history of the one before it, and its case says so to staff.
func TestPolicy2_2_AReplacedProductInherits(t *testing.T) {
	d := newDesk(t, "")
	d.contracts()
	id, a := d.ask("return", replaced, "the second one")
	if c := d.file(id); c.Rung != templates.RungReturn || !strings.Contains(c.Record, "of its predecessor "+failed) {
		t.Errorf("rung %s, record %q", c.Rung, c.Record)
	}
	if a.grant != templates.GrantReturn {
		t.Errorf("%s grants %s", a.template, a.grant)
	}
	// A repair of its own that met the requirements counts before that of the predecessor.
	d.repair(id, replaced, true, d.clock)
	d.clock = d.clock.Add(time.Hour)
	if _, a := d.ask("return", replaced, "once more"); a.grant != templates.GrantRepair {
		t.Errorf("after a good repair: %s grants %s", a.template, a.grant)
	}
}

// TestPolicy2_4_AfterTheTermPaidWork: the term ends with its last day in the zone of the contract; the date of the message
// counts, not that of the reading.
func TestPolicy2_4_AfterTheTermPaidWork(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		arrived  time.Time
		template string
	}{
		{"in the last minute of the last day", time.Date(2026, 12, 31, 23, 59, 0, 0, newYork), "repair.in-warranty.en"},
		{"in the first minute after it", time.Date(2027, 1, 1, 0, 0, 0, 0, newYork), "repair.out-of-warranty.en"},
		{"a new year in Shanghai, the old one there", time.Date(2026, 12, 31, 11, 30, 0, 0, newYork), "repair.in-warranty.en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.contracts()
			d.clock = tt.arrived
			rec := d.mail(find("repair", "en").about("BM-1"), "From: bea@beta.example")
			if a := d.answerOf(rec.Case); a.template != tt.template {
				t.Errorf("template %s, want %s; record %q", a.template, tt.template, d.file(rec.Case).Record)
			}
		})
	}
}

// TestPolicy4_1_OnlyASenderOnTheContractIsTold: what the records say goes to nobody else, and who is not on them is asked for
// proof. A freemail domain makes nobody a party to a contract, an own domain does.
func TestPolicy4_1_OnlyASenderOnTheContractIsTold(t *testing.T) {
	const yes, asked = "in warranty", "a copy of the contract or invoice"
	for _, tt := range []struct {
		name, from, text string
		headers          []string
		told             bool
	}{
		{name: "the address on the contract", from: "ann@client.example", told: true},
		{name: "another address of the own domain", from: "new.colleague@acme.example", told: true},
		{name: "a domain below the own domain", from: "bob@mail.acme.example"},
		{name: "a domain that ends like the own one", from: "bob@notacme.example"},
		{name: "a stranger who knows the serial number", from: "eve@elsewhere.example"},
		{name: "a customer who asks about another's product", from: "bea@beta.example"},
		{name: "a freemail sender", from: "ann.lee@gmail.com"},
		{name: "a freemail sender by the name of the customer", from: "acme.waterworks@qq.com"},
		{name: "a stranger whose answers go to the customer", from: "eve@elsewhere.example", headers: []string{"Reply-To: ann@client.example"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.contracts()
			rec := d.mail(find("repair", "en").about(inTerm), append(tt.headers, "From: Somebody <"+tt.from+">")...)
			c, a := d.file(rec.Case), d.answerOf(rec.Case)
			if (c.Entitlement == yes) != tt.told {
				t.Errorf("the case is %s: %q", c.Entitlement, c.Record)
			}
			for _, word := range []string{"C-2026-01", "Acme", "31 December 2027", "within its warranty"} {
				if strings.Contains(a.text, word) && !tt.told {
					t.Errorf("%q is told to %s:\n%s", word, tt.from, a.text)
				}
			}
			if strings.Contains(a.text, asked) == tt.told {
				t.Errorf("asked for proof: %v\n%s", !tt.told, a.text)
			}
		})
	}
}

// TestPolicy4_1_ADomainOfFreemailMatchesNobody, though it slipped into a file.
func TestPolicy4_1_ADomainOfFreemailMatchesNobody(t *testing.T) {
	d := newDesk(t, "")
	d.contracts()
	_, err := d.store.ImportRegistry(context.Background(), store.RegistryImport{Apply: true, Who: "test",
		Customers: []store.Customer{{Name: "Acme Waterworks", Domains: []string{"gmail.com"}}}}, d.clock)
	d.must(err)
	rec := d.mail(find("repair", "en").about(inTerm), "From: somebody@gmail.com")
	if c := d.file(rec.Case); c.Entitlement != templates.EntitlementUnknown {
		t.Errorf("the case is %s: %q", c.Entitlement, c.Record)
	}
}

// TestPolicy4_1_TheContractIsFound by each of the facts that name it, and a near miss is a hint for staff only.
func TestPolicy4_1_TheContractIsFound(t *testing.T) {
	for _, tt := range []struct {
		name, from, text string
		contract         string
		hint             string
	}{
		{"by serial number", "ann@client.example", "Our pump is broken and leaks, please repair it. Serial number " + inTerm + ".", "C-2026-01", ""},
		{"by contract number", "ann@client.example", "Our pump is broken and leaks, please repair it. Contract number C-2023-07.", "C-2023-07", ""},
		{"by address, where it has one contract", "bea@beta.example", "Our pump is broken and leaks, please repair it.", "C-2026-02", ""},
		{"not among several", "ann@client.example", "Our pump is broken and leaks, please repair it.", "", ""},
		{"O written for 0: no match, a hint", "ann@client.example", "Our pump is broken and leaks, please repair it. Serial number PX-1OO-2233.", "", inTerm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.contracts()
			rec := d.mail(tt.text, "From: Somebody <"+tt.from+">")
			c := d.file(rec.Case)
			if got := strings.Contains(c.Record, "contract "+tt.contract); tt.contract != "" && !got || tt.contract == "" && c.Record != "" {
				t.Errorf("record %q, want %q", c.Record, tt.contract)
			}
			if seen := strings.Contains(strings.Join(rec.Evidence, "\n"), "perhaps meant is serial "+tt.hint); seen != (tt.hint != "") {
				t.Errorf("evidence %q", rec.Evidence)
			}
			if a := d.answerOf(rec.Case); tt.hint != "" && strings.Contains(a.text, tt.hint) {
				t.Errorf("the customer is told of the near miss:\n%s", a.text)
			}
		})
	}
}
