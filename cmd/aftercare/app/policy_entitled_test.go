package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// registry puts two customers on record: Acme with two contracts, in and after its term, and Beta.
func (d *desk) registry() {
	d.t.Helper()
	d.imported(store.RegistryImport{
		Customers: []store.Customer{{Name: "Acme", Addresses: []string{"ann@client.example", "bo@client.example"}}, {Name: "Beta", Addresses: []string{"ben@beta.example"}}},
		Contracts: []store.ContractRow{
			{Number: "C-1111-1", Customer: "Acme", FirstDay: "2026-01-01", LastDay: "2026-11-24", Zone: "Asia/Shanghai", City: "苏州", Province: "江苏"},
			{Number: "C-2222-2", Customer: "Acme", FirstDay: "2020-01-01", LastDay: "2020-12-31", Zone: "Asia/Shanghai", Office: "Nanjing"},
			{Number: "B-3333-3", Customer: "Beta", FirstDay: "2026-01-01", LastDay: "2026-12-31", Zone: "Asia/Shanghai", City: "成都"},
		},
		Products: []store.ProductRow{{Serial: "PX-100-2233", Contract: "C-1111-1"}, {Serial: "PX-100-8844", Contract: "C-2222-2"}, {Serial: "BX-500-7766", Contract: "B-3333-3"}},
		Apply:    true, Who: "eve",
	})
}

const (
	broken  = "Hello, our pump is broken and leaks, please repair it."
	stated  = "The serial number is PX-100-2233."
	answers = "In-Reply-To: <m1@client.example>"
)

func history(d *desk, id int64, what string) (details []string) {
	d.t.Helper()
	events, err := d.store.Why(context.Background(), id)
	d.must(err)
	for _, e := range events {
		if e.What == what {
			details = append(details, e.Detail)
		}
	}
	return details
}

// TestPolicy2_1_ALaterMailBringsTheNumber: the case is entitled anew, by the date of its first message.
func TestPolicy2_1_ALaterMailBringsTheNumber(t *testing.T) {
	from := func(addr string) string { return "From: Somebody <" + addr + ">" }
	for _, tt := range []struct {
		name                      string
		first, later              string
		firstFrom, laterFrom      string
		entitlement, rung, office string
		contract                  string
		told                      bool
	}{
		{"the serial number", broken, stated, "", "", "in warranty", "repair", "Nanjing", "C-1111-1", true},
		{"the number of the contract", broken, "It is contract C-1111-1.", "", "", "in warranty", "repair", "Nanjing", "C-1111-1", true},
		{"of the contract that has ended", broken, "The serial number is PX-100-8844.", "", "", "out of warranty", "repair", "Nanjing", "C-2222-2", true},
		{"another number than at first", broken + " Serial number PX-100-8844.", "Sorry, " + stated, "", "", "in warranty", "repair", "Nanjing", "C-1111-1", true},
		{"the same number again", broken + " " + stated, stated, "", "", "in warranty", "repair", "Nanjing", "C-1111-1", false},
		{"a number of somebody else", broken, "The serial number is BX-500-7766.", "", "", "unknown", "", "Shanghai", "", false},
		{"a number that is nobody's", broken, "The serial number is ZZ-900-1234.", "", "", "unknown", "", "Shanghai", "", false},
		{"nothing of the kind", broken, "When do you answer?", "", "", "unknown", "", "Shanghai", "", false},
		{"a stranger brings the number", broken, stated, "eve@other.example", "eve@other.example", "unknown", "", "Shanghai", "", false},
		{"who is on the contract writes to a stranger's case", broken + " " + stated, "This is our pump.", "eve@other.example", "ann@client.example", "in warranty", "repair", "Nanjing", "", true},
		{"a stranger writes to a case that is on record", broken + " " + stated, "I am with them. " + stated, "", "eve@other.example", "in warranty", "repair", "Nanjing", "C-1111-1", false},
		{"a mail that may be a machine's", broken, stated, "", "unsure", "unknown", "", "Shanghai", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.registry()
			var h1 []string
			h2 := []string{answers}
			if tt.firstFrom != "" {
				h1 = append(h1, from(tt.firstFrom))
			}
			if tt.laterFrom == "unsure" {
				h2 = append(h2, "Precedence: bulk")
			} else if tt.laterFrom != "" {
				h2 = append(h2, from(tt.laterFrom))
			}
			id := d.mail(tt.first, h1...).Case
			d.send()
			d.clock = d.clock.Add(20 * time.Hour) // the term has ended meanwhile
			if ours := d.reference(id); ours != "" {
				h2[0] = "In-Reply-To: <" + ours + ">"
			}
			before := d.file(id)
			if got := d.mail(tt.later, h2...).Case; got != id {
				t.Fatalf("filed under %d", got)
			}
			f := d.file(id)
			if f.Entitlement != tt.entitlement || f.Rung != tt.rung || f.Office != tt.office || f.Contract != tt.contract {
				t.Errorf("%s %s, office %s, contract %q, record %q", f.Entitlement, f.Rung, f.Office, f.Contract, f.Record)
			}
			if f.Class != before.Class || !slices.Equal(f.Also, before.Also) {
				t.Errorf("the wish was %s %v and is %s %v", before.Class, before.Also, f.Class, f.Also)
			}
			notes := history(d, id, "entitled")
			if (len(notes) == 1) != tt.told {
				t.Errorf("history %q", notes)
			}
			jobs, err := d.store.Claim(context.Background(), responder.LaneStaff, 100, nil, d.clock)
			d.must(err)
			told := slices.ContainsFunc(jobs, func(j responder.Job) bool { return strings.Contains(string(j.Raw), "Subject: Found on record") })
			if told != tt.told {
				t.Errorf("staff were told: %v", told)
			}
		})
	}
}

// reference is the Message-ID of the first reply of a case.
func (d *desk) reference(id int64) string {
	d.t.Helper()
	for _, m := range d.file(id).Mails {
		if m.Lane == responder.LaneCustomer {
			return m.MessageID
		}
	}
	return ""
}

// TestPolicy2_1_NothingIsToldOfARecordThatASecondPersonBrought: the stranger whose case it is hears neither number nor term
// nor site of the contract that a later writer is on.
func TestPolicy2_1_NothingIsToldOfARecordThatASecondPersonBrought(t *testing.T) {
	d := newDesk(t, "")
	d.registry()
	ctx := context.Background()
	id := d.mail("Please send a technician to our site, the pump stopped and leaks.", "From: Eve <eve@other.example>").Case
	d.send()
	d.mail("This is ours. It is contract C-1111-1.", "In-Reply-To: <"+d.reference(id)+">", "From: Ann <ann@client.example>")
	f := d.file(id)
	if f.Entitlement != "in warranty" || f.Office != "Nanjing" || f.Serial != "" || len(f.Visits) != 1 || f.Visits[0].Office != "Nanjing" || f.Visits[0].Zone != sla.ZoneUnknown {
		t.Fatalf("%s with %s, visits %+v", f.Entitlement, f.Office, f.Visits)
	}
	d.must(d.store.ArrangeVisit(ctx, f.Visits[0].ID, store.Arrangement{At: d.clock.Add(20 * time.Hour), Person: "Wang Lei", Who: "duty"}, d.clock))
	d.clock = d.clock.Add(100 * time.Minute)
	d.mail("And when do you come?", "In-Reply-To: <"+d.reference(id)+">", "From: Eve <eve@other.example>")
	d.clock = d.clock.Add(95 * time.Minute)
	d.look()
	jobs, err := d.store.Claim(ctx, responder.LaneCustomer, 100, nil, d.clock)
	d.must(err)
	var kinds []string
	for _, j := range jobs {
		kinds = append(kinds, j.Kind)
		text := plainText(j.Raw)
		for _, secret := range []string{"C-1111-1", "PX-100-2233", "warranty", "苏州", "江苏", "2026-11-24"} {
			if j.To == "eve@other.example" && strings.Contains(text, secret) {
				t.Errorf("%s to %s says %q:\n%s", j.Kind, j.To, secret, text)
			}
		}
	}
	if !slices.Contains(kinds, responder.MailVisit) || !slices.Contains(kinds, responder.MailFurther) {
		t.Errorf("sent %q", kinds)
	}
}

// TestPolicy2_2_ALaterMailKeepsWhatARepairOpened: the term goes by the first message, the ladder by what was repaired since.
func TestPolicy2_2_ALaterMailKeepsWhatARepairOpened(t *testing.T) {
	for _, tt := range []struct {
		name, first, later, rung string
	}{
		{"the number was known", broken + " " + stated, stated, "return"},
		{"it is said after the repair", broken + " It is contract C-1111-1.", stated, "return"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.registry()
			// A contract of two products: the repair goes by the contract until the case has a serial number.
			d.imported(store.RegistryImport{
				Customers: []store.Customer{{Name: "Acme"}}, Apply: true, Who: "eve",
				Contracts: []store.ContractRow{{Number: "C-1111-1", Customer: "Acme", FirstDay: "2026-01-01", LastDay: "2026-11-24", Zone: "Asia/Shanghai"}},
				Products:  []store.ProductRow{{Serial: "PX-100-2233", Contract: "C-1111-1"}, {Serial: "PX-100-5555", Contract: "C-1111-1"}},
			})
			id := d.mail(tt.first).Case
			d.send()
			d.clock = d.clock.Add(20 * time.Hour)
			_, err := d.store.RecordRepair(context.Background(), store.NewRepair{Case: id, At: d.clock, Who: "duty"}, d.clock)
			d.must(err)
			d.clock = d.clock.Add(time.Hour)
			d.mail("It leaks again. "+tt.later, answers)
			if f := d.file(id); f.Entitlement != "in warranty" || f.Rung != tt.rung {
				t.Errorf("%s %s: %s", f.Entitlement, f.Rung, f.Record)
			}
		})
	}
}

// TestPolicy4_3_AVisitTakesThePlaceOfTheContract: where the mail names none and its sender is on the contract.
func TestPolicy4_3_AVisitTakesThePlaceOfTheContract(t *testing.T) {
	const ask = "Hello, please send a technician to our site, the pump stopped."
	for _, tt := range []struct {
		name, first, later string
		from               string
		city, office       string
		zone               sla.Zone
	}{
		{"the first mail says which", ask + " Serial number PX-100-2233.", "", "", "苏州", "Nanjing", sla.ZoneProvince},
		{"a later mail says which", ask, stated, "", "苏州", "Nanjing", sla.ZoneProvince},
		{"the mail names a place", ask + " It stands in 上海. Serial number PX-100-2233.", "", "", "上海", "Shanghai", sla.ZoneCity},
		{"the later mail names a place", ask, stated + " It stands in 上海.", "", "上海", "Shanghai", sla.ZoneCity},
		{"the contract names an office and no site", ask + " Serial number PX-100-8844.", "", "", "", "Nanjing", sla.ZoneUnknown},
		{"the sender is not on it", ask + " Serial number PX-100-2233.", "", "eve@other.example", "", "Shanghai", sla.ZoneUnknown},
		{"nobody says which", ask, "", "", "", "Shanghai", sla.ZoneUnknown},
		{"another customer's only contract", ask, "", "ben@beta.example", "成都", "Shanghai", sla.ZoneElse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.registry()
			var h []string
			if tt.from != "" {
				h = append(h, "From: Somebody <"+tt.from+">")
			}
			id := d.mail(tt.first, h...).Case
			asked := d.clock
			d.send()
			if tt.later != "" {
				d.clock = d.clock.Add(time.Hour)
				d.mail(tt.later, answers)
			}
			v := d.file(id).Visits[0]
			if v.City != tt.city || v.Office != tt.office || v.Zone != tt.zone || !v.OnSiteDue.Equal(asked.Add(d.engine.Load().Plan.VisitTime(tt.zone))) {
				t.Errorf("visit %+v", v)
			}
		})
	}
}

// TestPolicy2_2AndPolicy2_3_AfterARepairThatDidNotHelp: a finished repair that did not meet the requirements opens
// replacement and return, for the case and for those to come; one that did closes them again.
func TestPolicy2_2AndPolicy2_3_AfterARepairThatDidNotHelp(t *testing.T) {
	const (
		refund  = "I want my money back for the pump, please take it back. Serial number PX-100-2233."
		another = "I want a new pump instead of this one, please replace it. Serial number PX-100-2233."
	)
	type repair struct {
		serial string
		ok     bool
	}
	for _, tt := range []struct {
		name, text string
		repairs    []repair
		now, rung  string // of the case that was repaired, and of the next one
		template   string
	}{
		{"no repair", refund, nil, "repair", "repair", "return.in-warranty.en"},
		{"it did not help, return", refund, []repair{{"", false}}, "return", "return", "return.in-warranty.return.en"},
		{"it did not help, replacement", another, []repair{{"", false}}, "return", "return", "replacement.in-warranty.replacement.en"},
		{"it helped", refund, []repair{{"", true}}, "repair", "repair", "return.in-warranty.en"},
		{"the second helped", refund, []repair{{"", false}, {"", true}}, "repair", "repair", "return.in-warranty.en"},
		{"the second did not", another, []repair{{"", true}, {"", false}}, "return", "return", "replacement.in-warranty.replacement.en"},
		{"another product", refund, []repair{{"PX-100-8844", false}}, "repair", "repair", "return.in-warranty.en"},
		{"another product after it", refund, []repair{{"", false}, {"PX-100-8844", true}}, "return", "return", "return.in-warranty.return.en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.registry()
			first := d.mail(broken + " " + stated).Case
			d.send()
			for _, r := range tt.repairs {
				d.clock = d.clock.Add(time.Hour)
				_, err := d.store.RecordRepair(context.Background(), store.NewRepair{Case: first, Serial: r.serial, At: d.clock, OK: r.ok, Who: "duty"}, d.clock)
				d.must(err)
			}
			if f := d.file(first); f.Rung != tt.now {
				t.Errorf("the case that was repaired: %s", f.Rung)
			}
			d.clock = d.clock.Add(time.Hour)
			next := d.mail(tt.text, "Subject: The same pump again").Case
			f := d.file(next)
			if next == first || f.Entitlement != "in warranty" || f.Rung != tt.rung {
				t.Errorf("%s %s: %s", f.Entitlement, f.Rung, f.Record)
			}
			var used []string
			for _, m := range f.Mails {
				if m.Lane == responder.LaneCustomer {
					used = append(used, m.Template)
				}
			}
			if want := []string{tt.template}; !slices.Equal(used, want) {
				t.Errorf("answered with %q, want %q", used, want)
			}
		})
	}
}
