package responder

import (
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/sla"
	"aftercare/templates"
)

// term is a contract of Ann's by serial number, in the term at t0, changed by each of change.
func term(change ...func(*Contract)) Contract {
	zone := time.FixedZone("", 8*3600)
	c := Contract{Number: "C-1", Serial: "PX-100-2233", Customer: "Acme Pumps", By: BySerial, OnIt: true, Via: ByAddress, Products: 1,
		Start: time.Date(2026, 1, 1, 0, 0, 0, 0, zone), End: time.Date(2027, 1, 1, 0, 0, 0, 0, zone)}
	for _, f := range change {
		f(&c)
	}
	return c
}

func stranger(c *Contract)  { c.OnIt, c.Via = false, "" }
func byAddress(c *Contract) { c.By = ByAddress }
func byNumber(c *Contract)  { c.By = ByNumber }
func ended(c *Contract) {
	c.Start, c.End = c.Start.AddDate(-3, 0, 0), c.End.AddDate(-3, 0, 0)
}
func failed(c *Contract)     { c.Repairs = []Repair{{At: t0.AddDate(0, 0, -9), Serial: c.Serial}} }
func noProducts(c *Contract) { c.Serial, c.Products = "", 0 }
func several(c *Contract)    { c.Serial, c.Products = "", 3 }

func TestEntitleWhy(t *testing.T) {
	for _, tt := range []struct {
		name   string
		on     []Contract
		facts  mailbox.Facts
		ent    string
		why    GrantReason
		record string
	}{
		{"in the term", []Contract{term()}, mailbox.Facts{Serial: "px100 2233"}, templates.InWarranty, GrantInTerm, "contract C-1, serial PX-100-2233: in the term until 2026-12-31"},
		{"after it", []Contract{term(ended)}, mailbox.Facts{Serial: "PX-100-2233"}, templates.OutOfWarranty, GrantTermEnded, "the term ended on 2023-12-31"},
		{"before it", []Contract{term(func(c *Contract) { c.Start, c.End = t0.AddDate(1, 0, 0), t0.AddDate(2, 0, 0) })}, mailbox.Facts{}, templates.EntitlementUnknown, GrantTooEarly, "begins on 2027-11-24"},
		{"no end on record", []Contract{term(func(c *Contract) { c.End = time.Time{} })}, mailbox.Facts{}, templates.EntitlementUnknown, GrantNoTerm, "no term on record"},
		{"somebody else's", []Contract{term(stranger)}, mailbox.Facts{Serial: "PX-100-2233"}, templates.EntitlementUnknown, GrantStranger, ""},
		{"nothing", nil, mailbox.Facts{Serial: "PX-100-2233"}, templates.EntitlementUnknown, GrantNoRecord, ""},
		{"the only contract of the sender", []Contract{term(byAddress)}, mailbox.Facts{}, templates.InWarranty, GrantInTerm, "C-1"},
		{"two contracts of the sender", []Contract{term(byAddress), term(byAddress)}, mailbox.Facts{}, templates.EntitlementUnknown, GrantSeveral, ""},
		{"the one that is named of two", []Contract{term(byAddress), term(byNumber)}, mailbox.Facts{Contract: "C-1"}, templates.InWarranty, GrantInTerm, "C-1"},
		{"a serial that is not on the sender's contract", []Contract{term(byAddress)}, mailbox.Facts{Serial: "ZZ-1"}, templates.EntitlementUnknown, GrantOtherGoods, ""},
		{"nor on the contract that is named", []Contract{term(byNumber, several)}, mailbox.Facts{Serial: "ZZ-1", Contract: "C-1"}, templates.EntitlementUnknown, GrantOtherGoods, ""},
		{"a contract that lists no products", []Contract{term(byAddress, noProducts)}, mailbox.Facts{Serial: "ZZ-1"}, templates.InWarranty, GrantInTerm, "contract C-1: in"},
		{"another's serial beside an own contract", []Contract{term(stranger), term(byAddress, several)}, mailbox.Facts{Serial: "PX-100-2233"}, templates.EntitlementUnknown, GrantOtherGoods, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := entitle(Registry{Known: true, Contracts: tt.on}, tt.facts, t0, t0)
			if g.Entitlement != tt.ent || g.Why != tt.why || !strings.Contains(g.Record, tt.record) || tt.record == "" && g.Record != "" {
				t.Errorf("got %+v, want %s %s %q", g, tt.ent, tt.why, tt.record)
			}
		})
	}
}

// TestTheDayOfTheEnd: a term ends with its last day where the contract is, whatever the day is elsewhere.
func TestTheDayOfTheEnd(t *testing.T) {
	for _, zone := range []string{"Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Auckland"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range []time.Time{time.Date(2026, 12, 31, 0, 0, 0, 0, loc), time.Date(2028, 2, 29, 0, 0, 0, 0, loc), time.Date(2026, 3, 29, 0, 0, 0, 0, loc)} {
			y, m, d := last.Date()
			c := term(func(c *Contract) { c.Start, c.End = last.AddDate(-1, 0, 0), time.Date(y, m, d+1, 0, 0, 0, 0, loc) })
			for _, at := range []struct {
				when time.Time
				want string
			}{
				{time.Date(y, m, d, 23, 59, 59, 0, loc), templates.InWarranty}, {time.Date(y, m, d+1, 0, 0, 0, 0, loc), templates.OutOfWarranty},
			} {
				g := entitle(Registry{Contracts: []Contract{c}}, mailbox.Facts{}, at.when.UTC(), at.when.UTC())
				if g.Entitlement != at.want || !strings.Contains(g.Record, last.Format(time.DateOnly)) {
					t.Errorf("%s at %s: %+v, want %s", zone, at.when, g, at.want)
				}
			}
		}
	}
}

// TestTheLadder: the last finished repair says which rung is reached (2.1 to 2.3).
func TestTheLadder(t *testing.T) {
	day := func(n int) time.Time { return t0.AddDate(0, 0, n) }
	for _, tt := range []struct {
		name    string
		repairs []Repair
		rung    string
	}{
		{"none", nil, templates.RungRepair},
		{"not ok", []Repair{{At: day(-3)}}, templates.RungReturn},
		{"ok", []Repair{{At: day(-3), OK: true}}, templates.RungRepair},
		{"not ok, then ok", []Repair{{At: day(-3)}, {At: day(-2), OK: true}}, templates.RungRepair},
		{"ok, then not ok", []Repair{{At: day(-3), OK: true}, {At: day(-2)}}, templates.RungReturn},
		{"on record in another order", []Repair{{At: day(-2)}, {At: day(-3), OK: true}}, templates.RungReturn},
		{"still to come", []Repair{{At: day(1)}}, templates.RungRepair},
		{"of the predecessor", []Repair{{At: day(-3), Serial: "PX-OLD"}}, templates.RungReturn},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := entitle(Registry{Contracts: []Contract{term(func(c *Contract) { c.Repairs = tt.repairs })}}, mailbox.Facts{}, t0, t0)
			if in.Rung != tt.rung || strings.Contains(in.Record, "predecessor PX-OLD") != (tt.name == "of the predecessor") {
				t.Errorf("in the term: %+v, want %s", in, tt.rung)
			}
			out := entitle(Registry{Contracts: []Contract{term(ended, func(c *Contract) { c.Repairs = tt.repairs })}}, mailbox.Facts{}, t0, t0)
			if out.Rung != templates.RungRepair {
				t.Errorf("after the term it is paid work, whatever was repaired: %+v", out)
			}
		})
	}
}

// TestEveryGrant decides about each class, with each record, in both languages: no reply promises more than the record, and
// none to a stranger says a word of it.
func TestEveryGrant(t *testing.T) {
	e := testEngine(t, nil)
	records := map[string]struct {
		reg       Registry
		ent, rung string
	}{
		"in warranty":         {Registry{Known: true, Contracts: []Contract{term()}}, templates.InWarranty, templates.RungRepair},
		"after a bad repair":  {Registry{Known: true, Contracts: []Contract{term(failed)}}, templates.InWarranty, templates.RungReturn},
		"out of warranty":     {Registry{Known: true, Contracts: []Contract{term(ended)}}, templates.OutOfWarranty, templates.RungRepair},
		"out, bad repair":     {Registry{Known: true, Contracts: []Contract{term(ended, failed)}}, templates.OutOfWarranty, templates.RungRepair},
		"a stranger":          {Registry{Known: true, Contracts: []Contract{term(stranger, failed)}}, templates.EntitlementUnknown, ""},
		"nobody's number":     {Registry{Known: true}, templates.EntitlementUnknown, ""},
		"several, none named": {Registry{Known: true, Contracts: []Contract{term(byAddress, several), term(byAddress, several)}}, templates.EntitlementUnknown, ""},
		"no registry at all":  {Registry{}, templates.EntitlementUnknown, ""},
	}
	for _, class := range e.Model.Set().Classes {
		for name, rec := range records {
			for _, lang := range []string{"en", "zh"} {
				t.Run(class.Name+"/"+name+"/"+lang, func(t *testing.T) {
					r := read(e, letterOf(repairText), false)
					r.Class.Class, r.Class.Also, r.Class.Certain, r.Language = class.Name, nil, true, lang
					d := e.Decide(r, facts(func(f *Facts) { f.Registry = rec.reg }), t0.Add(time.Minute))
					c := d.Effects.Open
					if c.Entitlement != rec.ent || c.Rung != rec.rung {
						t.Fatalf("the case has %s %q, want %s %q", c.Entitlement, c.Rung, rec.ent, rec.rung)
					}
					checkGrant(t, e, d, class.Name)
				})
			}
		}
	}
}

// checkGrant looks at the reply of a decision and at who is told.
func checkGrant(t *testing.T, e *Engine, d Decision, class string) {
	t.Helper()
	c := d.Effects.Open
	reply, told := "", false
	for _, m := range d.Mails {
		if m.Lane == LaneStaff {
			told = true
			continue
		}
		reply = parsed(t, m.Raw).Body.Full
		i := slices.IndexFunc(e.Templates.Templates(), func(x templates.Template) bool { return x.Name == m.Template })
		if i < 0 || !templates.Permits(c.Entitlement, c.Rung, e.Templates.Templates()[i].Grant) {
			t.Errorf("template %s promises more than %s %q", m.Template, c.Entitlement, c.Rung)
		}
	}
	if reply == "" {
		t.Fatal("no reply")
	}
	if c.Entitlement == templates.EntitlementUnknown {
		for _, word := range []string{"C-1", "Acme", "2026-12-31", "31 December 2026", "2026年12月31日"} {
			if strings.Contains(reply, word) {
				t.Errorf("the reply tells %q of the record:\n%s", word, reply)
			}
		}
	}
	if (class == "replacement" || class == "return") && !templates.Permits(c.Entitlement, c.Rung, class) && !told {
		t.Error("a claim above the record goes to no person")
	}
}

// TestWhoIsToldWhat: the records are told to a sender on the contract only, and staff see the rest.
func TestWhoIsToldWhat(t *testing.T) {
	const proof = "a copy of the contract or invoice"
	for _, tt := range []struct {
		name     string
		from     string
		headers  []string
		reg      Registry
		tells    bool
		asks     bool
		evidence string
	}{
		{name: "on the contract", reg: Registry{Known: true, Contracts: []Contract{term()}}, tells: true, evidence: "entitlement: in warranty (in-term)"},
		{name: "a stranger", reg: Registry{Known: true, Contracts: []Contract{term(stranger)}}, asks: true, evidence: "for staff only: contract C-1, serial PX-100-2233: in the term until 2026-12-31 of Acme Pumps, in warranty; the sender is not on it"},
		{name: "a number that is nobody's", reg: Registry{Known: true}, asks: true, evidence: "entitlement: unknown (nothing-on-record)"},
		{name: "a near miss", reg: Registry{Known: true, Near: []string{"serial PX-100-2234 of contract C-1 of Acme Pumps"}}, asks: true, evidence: "for staff only: perhaps meant is serial PX-100-2234"},
		{name: "a public domain that slipped in", headers: []string{"From: ann@qq.com"}, reg: Registry{Known: true, Contracts: []Contract{term(func(c *Contract) { c.Via = ByDomain })}}, asks: true, evidence: "the sender is not on it"},
		{name: "a public domain, by address", headers: []string{"From: ann@qq.com"}, reg: Registry{Known: true, Contracts: []Contract{term()}}, tells: true, evidence: "in-term"},
		{name: "nothing imported", reg: Registry{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := testEngine(t, nil)
			r := read(e, letterOf(repairText, tt.headers...), false)
			r.Class.Class, r.Class.Certain, r.Language = "repair", true, "en"
			d := e.Decide(r, facts(func(f *Facts) { f.Registry = tt.reg }), t0.Add(time.Minute))
			text := parsed(t, d.Mails[0].Raw).Body.Full
			if strings.Contains(text, "C-1") != tt.tells || strings.Contains(text, "2234") {
				t.Errorf("tells of the record: %v, want %v\n%s", !tt.tells, tt.tells, text)
			}
			if strings.Contains(text, proof) != tt.asks {
				t.Errorf("asks for proof: %v, want %v\n%s", !tt.asks, tt.asks, text)
			}
			if !strings.Contains(strings.Join(d.Evidence, "\n"), tt.evidence) {
				t.Errorf("evidence %q, want %q", d.Evidence, tt.evidence)
			}
		})
	}
}

// TestTheContractFillsIn: what a sender on the contract need not be asked for.
func TestTheContractFillsIn(t *testing.T) {
	e := testEngine(t, nil)
	r := read(e, letterOf("Hello,\n\nour pump is broken, please repair it.\n\nAnn"), false)
	r.Class.Class, r.Class.Certain = "repair", true
	reg := Registry{Known: true, Contracts: []Contract{term(byAddress, func(c *Contract) { c.City, c.Province = "南京", "江苏" })}}
	d := e.Decide(r, facts(func(f *Facts) { f.Registry = reg }), t0.Add(time.Minute))
	if c := d.Effects.Open; c.Serial != "PX-100-2233" || c.Contract != "C-1" || c.City != "南京" || c.Office != "Nanjing" {
		t.Errorf("the case has %+v", c)
	}
	reg.Contracts[0].Office = "Shanghai"
	if d := e.Decide(r, facts(func(f *Facts) { f.Registry = reg }), t0.Add(time.Minute)); d.Effects.Open.Office != "Shanghai" {
		t.Errorf("the office of the contract does not count: %s", d.Effects.Open.Office)
	}
}

// TestLaterMailTellsNothing: a mail that the clock writes says nothing of the record, since it may go to another member of
// the case; a mail to staff says all.
func TestLaterMailTellsNothing(t *testing.T) {
	e := testEngine(t, nil)
	c := openCase(func(c *Case) {
		c.Entitlement, c.Rung, c.Record = templates.InWarranty, templates.RungReturn, "contract C-1: in the term until 2026-12-31"
	})
	if v := e.vars(c, t0, t0, nil); v.Record != "" || v.Entitlement != templates.EntitlementUnknown || v.Rung != "" || !v.WarrantyEnd.IsZero() {
		t.Errorf("a customer would read %+v", v)
	}
	if v := e.staffVars(c, t0, t0); v.Record != c.Record || v.Entitlement != c.Entitlement || v.Rung != c.Rung {
		t.Errorf("staff would read %+v", v)
	}
	m, ok := e.Notify(sla.Step{Name: sla.StepAckFurther, Recipient: sla.Customer, Due: t0.Add(time.Hour)}, facts(func(f *Facts) { f.Case = c }), t0)
	if !ok || strings.Contains(parsed(t, m.Raw).Body.Full, "C-1") {
		t.Errorf("sent %v: %s", ok, m.Raw)
	}
}

func TestCodeKeys(t *testing.T) {
	for in, want := range map[string]string{
		"PX-100 2233": "PX1002233", "px/100.2233": "PX1002233", "ＰＸ－１００": "PX100", "KF(2024)第036号": "KF2024第036号", "--": "", "": "", strings.Repeat("9", maxCode+1): "",
	} {
		if got := CodeKey(in); got != want {
			t.Errorf("%q is compared as %q, want %q", in, got, want)
		}
	}
	for _, tt := range []struct {
		name, meant, written string
		near                 bool
	}{
		{"O for 0", "PX1002233", "PXIOO2233", true}, {"a wrong digit", "PX1002233", "PX1002238", true}, {"a wrong letter", "PX1002233", "PY1002233", true},
		{"one too many", "PX1002233", "PX10022333", true},
		{"swapped", "PX1002233", "PX1020233", true}, {"two wrong", "PX1002233", "PX1002299", false}, {"short", "AB12", "AB13", false},
	} {
		if got := slices.Contains(NearKeys(tt.written), NearKey(tt.meant)); got != tt.near {
			t.Errorf("%s: %s for %s is near: %v", tt.name, tt.written, tt.meant, got)
		}
	}
	if n := len(NearKeys(CodeKey("PX-100-2233"))); n > 150 {
		t.Errorf("%d numbers are looked up for one", n)
	}
}
