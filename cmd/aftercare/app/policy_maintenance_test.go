package app

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// acme is a contract over the year 2026 with maintenance by a rule; change makes of it what a test needs.
func acme(rule, from string, change ...func(*store.RegistryImport)) store.RegistryImport {
	in := store.RegistryImport{
		Customers: []store.Customer{{Name: "Acme", Addresses: []string{"ann@client.example"}}},
		Contracts: []store.ContractRow{{Number: "C-1", Customer: "Acme", FirstDay: "2026-01-01", LastDay: "2027-12-31", Zone: "Asia/Shanghai",
			City: "苏州", Province: "江苏", Maintenance: rule, MaintenanceFrom: from}},
		Products: []store.ProductRow{{Serial: "PX-100-2233", Contract: "C-1"}},
		Apply:    true, DeleteMissing: true, Who: "eve", File: "contracts.csv",
	}
	for _, f := range change {
		f(&in)
	}
	return in
}

func (d *desk) imported(in store.RegistryImport) {
	d.t.Helper()
	_, err := d.store.ImportRegistry(context.Background(), in, d.clock)
	d.must(err)
}

// plannedDays are the days of all visits on record, in the zone of a contract, in the order in which they were opened.
func (d *desk) plannedDays(zone string) (days []string) {
	d.t.Helper()
	loc, err := time.LoadLocation(zone)
	d.must(err)
	vs, err := d.store.Visits(context.Background(), store.VisitFilter{})
	d.must(err)
	for _, v := range vs {
		days = append(days, v.Planned.In(loc).Format("01-02 15:04"))
	}
	return days
}

// TestPolicy4_1_PlannedMaintenanceBecomesVisits: each date of the rule is a visit a week ahead, once.
func TestPolicy4_1_PlannedMaintenanceBecomesVisits(t *testing.T) {
	const monthly = "FREQ=MONTHLY;BYDAY=1MO"
	closed := func(in *store.RegistryImport) { in.Contracts[0].LastDay = "2026-12-06" }
	later := func(in *store.RegistryImport) { in.Contracts[0].FirstDay = "2027-01-05" }
	for _, tt := range []struct {
		name  string
		in    store.RegistryImport
		ticks []string
		want  []string
	}{
		{"not before its time", acme(monthly, "2026-01-01"), []string{"2026-11-30 08:59"}, nil},
		{"a week before, to the hour", acme(monthly, "2026-01-01"), []string{"2026-11-30 08:59", "2026-11-30 09:00"}, []string{"12-07 09:00"}},
		{"once", acme(monthly, "2026-01-01"), []string{"2026-11-30 09:00", "2026-11-30 09:01", "2026-12-07 10:00", "2026-12-20 09:00"}, []string{"12-07 09:00"}},
		{"the next in its turn", acme(monthly, "2026-01-01"), []string{"2026-11-30 09:00", "2026-12-28 09:00"}, []string{"12-07 09:00", "01-04 09:00"}},
		{"what was past when the contract came on record opens none", acme("FREQ=WEEKLY;BYDAY=TH", "2026-01-01"), []string{"2026-11-24 10:00"}, []string{"11-26 09:00"}},
		{"the day of the import itself counts", acme("FREQ=DAILY;INTERVAL=30", "2026-11-24"), []string{"2026-11-24 10:00"}, []string{"11-24 09:00"}},
		{"caught up after downtime, in order", acme(monthly, "2026-01-01"), []string{"2026-11-24 10:00", "2027-02-10 12:00"}, []string{"12-07 09:00", "01-04 09:00", "02-01 09:00"}},
		{"a rule of its own beginning", acme(monthly, "2027-01-01"), []string{"2026-12-05 10:00"}, nil},
		{"a term that has ended", acme(monthly, "2026-01-01", closed), []string{"2026-12-02 10:00", "2027-02-10 10:00"}, nil},
		{"a term that has not begun", acme(monthly, "2026-01-01", later), []string{"2026-12-28 10:00", "2027-01-28 10:00"}, []string{"02-01 09:00"}},
		{"no rule", acme("", ""), []string{"2026-12-02 10:00"}, nil},
		{"a number of times", acme("FREQ=DAILY;COUNT=2", "2026-12-01"), []string{"2026-12-01 10:00"}, []string{"12-01 09:00", "12-02 09:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.imported(tt.in)
			for _, at := range tt.ticks {
				d.set(at)
				d.look()
			}
			if got := d.plannedDays("Asia/Shanghai"); !slices.Equal(got, tt.want) {
				t.Errorf("visits %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPolicy4_3_APlannedVisitHasAnOfficeAndACase: its office goes by the site, its case by the contract; staff hear of it as
// of any visit, and the customer when it is arranged.
func TestPolicy4_3_APlannedVisitHasAnOfficeAndACase(t *testing.T) {
	d := newDesk(t, "")
	d.imported(acme("FREQ=YEARLY", "2026-12-07"))
	d.set("2026-11-30 09:00")
	if got := d.look(); !slices.Equal(got, []string{"visit-planned lead@staff.example"}) {
		t.Fatalf("said %q", got)
	}
	f := d.file(1)
	v := f.Visits[0]
	end := time.Date(2026, 12, 7, 15, 59, 0, 0, time.UTC)
	if v.Office != "Nanjing" || v.Zone != sla.ZoneProvince || v.City != "苏州" || !v.ArrangeDue.Equal(d.clock.Add(48*time.Hour)) || !v.OnSiteDue.Equal(end) {
		t.Errorf("visit %+v", v)
	}
	if f.Channel != store.ChannelContract || f.Class != "visit" || f.Contract != "C-1" || f.Serial != "PX-100-2233" || f.Customer != "ann@client.example" ||
		f.CustomerName != "Acme" || f.Office != "Nanjing" || f.Entitlement != "in warranty" || f.Subject != "Planned maintenance C-1, 2026-12-07" {
		t.Errorf("case %+v", f)
	}
	if len(f.Windows) != 0 {
		t.Errorf("windows %+v", f.Windows)
	}
	text := d.staffText("visit-planned")
	for _, want := range []string{"C-1", "7 December 2026", "9:00", "苏州", "aftercare visit arrange 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	d.must(d.store.ArrangeVisit(context.Background(), v.ID, store.Arrangement{At: end.Add(-8 * time.Hour), Person: "Wang Lei", Who: "duty"}, d.clock))
	d.set("2026-12-06 07:00")
	if got := d.look(); !slices.Contains(got, "visit-arranged customer") || !slices.Contains(got, "visit-tomorrow wang@staff.example") || slices.Contains(got, "visit-late lead@staff.example") {
		t.Errorf("said %q", got)
	}
	if kinds := d.send(); !slices.Equal(kinds, []string{responder.MailVisit}) {
		t.Errorf("sent %q", kinds)
	}
	if faults, err := d.store.Integrity(context.Background()); err != nil || len(faults) != 0 {
		t.Errorf("faults %+v, %v", faults, err)
	}
}

// staffText is the text of the mail to staff of a kind that waits.
func (d *desk) staffText(kind string) string {
	d.t.Helper()
	jobs, err := d.store.Claim(context.Background(), responder.LaneStaff, 100, nil, d.clock)
	d.must(err)
	for _, j := range jobs {
		if j.Kind == kind {
			return plainText(j.Raw)
		}
	}
	d.t.Fatalf("no %s among %d mails", kind, len(jobs))
	return ""
}

// plainText is the subject and the text of a mail.
func plainText(raw []byte) string {
	m := mailbox.Parse(bytes.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
	return m.Subject + "\n" + m.Body.Full
}

// TestPolicy4_3_WhoAPlannedVisitBelongsTo: the office that the contract names comes before the one by the site; of several
// addresses none is the customer's.
func TestPolicy4_3_WhoAPlannedVisitBelongsTo(t *testing.T) {
	for _, tt := range []struct {
		name             string
		change           func(*store.RegistryImport)
		office, customer string
		zone             sla.Zone
	}{
		{"by the site", func(*store.RegistryImport) {}, "Nanjing", "ann@client.example", sla.ZoneProvince},
		{"by the contract", func(in *store.RegistryImport) { in.Contracts[0].Office = "Shanghai" }, "Shanghai", "ann@client.example", sla.ZoneElse},
		{"an office that is gone", func(in *store.RegistryImport) { in.Contracts[0].Office = "Wuhan" }, "Nanjing", "ann@client.example", sla.ZoneProvince},
		{"no site", func(in *store.RegistryImport) { in.Contracts[0].City, in.Contracts[0].Province = "", "" }, "Shanghai", "ann@client.example", sla.ZoneUnknown},
		{"several addresses", func(in *store.RegistryImport) {
			in.Customers[0].Addresses = []string{"ann@client.example", "bo@client.example"}
		}, "Nanjing", "", sla.ZoneProvince},
		{"no address", func(in *store.RegistryImport) { in.Customers[0].Addresses = nil }, "Nanjing", "", sla.ZoneProvince},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.imported(acme("FREQ=YEARLY", "2026-12-01", tt.change))
			d.look()
			f := d.file(1)
			if v := f.Visits[0]; v.Office != tt.office || v.Zone != tt.zone || f.Office != tt.office || f.Customer != tt.customer {
				t.Errorf("case of %q with %s, visit %+v", f.Customer, f.Office, v)
			}
			d.must(d.store.ArrangeVisit(context.Background(), 1, store.Arrangement{At: d.clock.Add(48 * time.Hour), Person: "Wang Lei", Who: "duty"}, d.clock))
			d.look()
			if sent := len(d.send()); sent != map[bool]int{true: 1}[tt.customer != ""] {
				t.Errorf("%d mails to the customer", sent)
			}
		})
	}
}

// TestPolicy4_3_WhatBecameOfADayStays: a visit that was moved, cancelled or done is not opened again, whatever happens to the
// contract or its rule.
func TestPolicy4_3_WhatBecameOfADayStays(t *testing.T) {
	const rule, from = "FREQ=WEEKLY", "2026-11-26"
	ctx := context.Background()
	move := func(d *desk) error {
		return d.store.ArrangeVisit(ctx, 1, store.Arrangement{At: d.clock.Add(20 * 24 * time.Hour), Person: "Wang Lei", Wish: true, Who: "duty"}, d.clock)
	}
	cancel := func(d *desk) error { return d.store.CancelVisit(ctx, 1, "duty", "not needed", d.clock) }
	for _, tt := range []struct {
		name string
		do   func(d *desk) error
		want []string
	}{
		{"moved", move, []string{"11-26 09:00", "12-03 09:00"}},
		{"cancelled", cancel, []string{"11-26 09:00", "12-03 09:00"}},
		{"done", func(d *desk) error { return d.store.DoneVisit(ctx, 1, d.clock, "duty", d.clock) }, []string{"11-26 09:00", "12-03 09:00"}},
		{"its case closed", func(d *desk) error { return d.store.CloseCase(ctx, 1, "duty", "", d.clock) }, []string{"11-26 09:00", "12-03 09:00"}},
		{"cancelled, and the contract imported again", func(d *desk) error { d.imported(acme(rule, from)); return cancel(d) }, []string{"11-26 09:00", "12-03 09:00"}},
		{"cancelled, and the contract deleted and imported again", func(d *desk) error {
			d.imported(acme(rule, from, func(in *store.RegistryImport) { in.Customers, in.Contracts, in.Products = nil, nil, nil }))
			d.imported(acme(rule, from))
			return cancel(d)
		}, []string{"11-26 09:00", "12-03 09:00"}},
		{"another rule that has the day, too", func(d *desk) error {
			d.imported(acme("FREQ=DAILY;INTERVAL=2", from))
			return nil
		}, []string{"11-26 09:00", "11-28 09:00", "11-30 09:00", "12-02 09:00", "12-04 09:00", "12-06 09:00", "12-08 09:00"}},
		{"the site moved", func(d *desk) error {
			d.imported(acme(rule, from, func(in *store.RegistryImport) { in.Contracts[0].City = "南京" }))
			return nil
		}, []string{"11-26 09:00", "12-03 09:00"}},
		{"the contract deleted", func(d *desk) error {
			d.imported(acme(rule, from, func(in *store.RegistryImport) { in.Customers, in.Contracts, in.Products = nil, nil, nil }))
			return nil
		}, []string{"11-26 09:00"}},
		{"the term cut short", func(d *desk) error {
			d.imported(acme(rule, from, func(in *store.RegistryImport) { in.Contracts[0].LastDay = "2026-12-02" }))
			return nil
		}, []string{"11-26 09:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.imported(acme(rule, from))
			d.look()
			d.must(tt.do(d))
			d.set("2026-12-02 12:00")
			d.look()
			if got := d.plannedDays("Asia/Shanghai"); !slices.Equal(got, tt.want) {
				t.Errorf("visits %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPolicy4_3_PlannedDaysAreThoseOfTheContractsZone: over both changes of the clocks, and where it is another day than here.
func TestPolicy4_3_PlannedDaysAreThoseOfTheContractsZone(t *testing.T) {
	for _, tt := range []struct {
		name, zone, hour, day string
		want                  string // the moment in UTC
	}{
		{"the day on which summer begins", "Europe/Berlin", "09:00", "2027-03-28", "2027-03-28 07:00"},
		{"the day before", "Europe/Berlin", "09:00", "2027-03-27", "2027-03-27 08:00"},
		{"the day on which it ends", "Europe/Berlin", "09:00", "2027-10-31", "2027-10-31 08:00"},
		{"an hour that there is not", "Europe/Berlin", "02:30", "2027-03-28", "2027-03-28 01:30"},
		{"a midnight that there is not", "America/Santiago", "00:00", "2027-09-05", "2027-09-05 04:00"},
		{"a day ahead of ours", "Pacific/Auckland", "09:00", "2027-01-01", "2026-12-31 20:00"},
		{"29 February", "Asia/Shanghai", "09:00", "2028-02-29", "2028-02-29 01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "\nvisits: {maintenance: {hour: \""+tt.hour+"\"}}\n")
			d.imported(acme("FREQ=DAILY;COUNT=1", tt.day, func(in *store.RegistryImport) {
				in.Contracts[0].Zone, in.Contracts[0].LastDay = tt.zone, "2028-12-31"
			}))
			d.look()
			want, err := time.Parse("2006-01-02 15:04", tt.want)
			d.must(err)
			d.clock = want.Add(-7*24*time.Hour - time.Second)
			d.look()
			if got := d.plannedDays(tt.zone); len(got) != 0 {
				t.Fatalf("a second early: %q", got)
			}
			d.clock = want.Add(-7 * 24 * time.Hour)
			d.look()
			vs, err := d.store.Visits(context.Background(), store.VisitFilter{})
			d.must(err)
			if len(vs) != 1 || !vs[0].Planned.Equal(want) {
				t.Errorf("visits %+v, want one at %s", vs, want)
			}
		})
	}
}

// TestPolicy4_1_AnImportForgetsNoDay: days that were missed while nothing ran are caught up after an import that says the
// same rule, too; a new rule begins anew.
func TestPolicy4_1_AnImportForgetsNoDay(t *testing.T) {
	for _, tt := range []struct {
		name, rule string
		want       []string
	}{
		{"the same rule", "FREQ=WEEKLY", []string{"11-26 09:00", "12-03 09:00", "12-10 09:00", "12-17 09:00"}},
		{"another rule", "FREQ=WEEKLY;INTERVAL=1", []string{"11-26 09:00", "12-10 09:00", "12-17 09:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.imported(acme("FREQ=WEEKLY", "2026-11-26"))
			d.look()
			d.set("2026-12-10 12:00")
			d.imported(acme(tt.rule, "2026-11-26", func(in *store.RegistryImport) { in.Contracts[0].City = "南京" }))
			d.look()
			if got := d.plannedDays("Asia/Shanghai"); !slices.Equal(got, tt.want) {
				t.Errorf("visits %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPlannedMaintenanceIsBounded: a contract with a visit each day over years of downtime opens them bit by bit, and a rule
// that is broken costs that contract an hour and no other its visit.
func TestPlannedMaintenanceIsBounded(t *testing.T) {
	d := newDesk(t, "")
	d.imported(acme("FREQ=DAILY", "2026-01-01", func(in *store.RegistryImport) {
		in.Contracts = append(in.Contracts, in.Contracts[0])
		in.Contracts[1].Number, in.Contracts[1].Maintenance = "C-2", "FREQ=NEVER"
	}))
	if _, err := d.store.Tick(context.Background(), d.clock, d.tickRules()); err == nil || !strings.Contains(err.Error(), "C-2: FREQ=NEVER") {
		t.Errorf("the broken rule: %v", err)
	}
	if n := len(d.plannedDays("Asia/Shanghai")); n != 8 {
		t.Errorf("%d visits of today and the next seven days", n)
	}
	d.clock = d.clock.Add(time.Minute)
	d.look() // the broken one rests
	d.set("2027-03-01 10:00")
	for n, minutes := 8, 0; ; minutes++ {
		d.clock = d.clock.Add(time.Minute)
		if _, err := d.store.Tick(context.Background(), d.clock, d.tickRules()); err != nil && !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "C-2") {
			t.Fatal(err)
		}
		now := len(d.plannedDays("Asia/Shanghai"))
		if now-n > maxOccurrences {
			t.Fatalf("%d visits in one look", now-n)
		}
		if now == n {
			if n != 105 || minutes != 2 {
				t.Errorf("%d visits after %d minutes", n, minutes)
			}
			return
		}
		n = now
	}
}
