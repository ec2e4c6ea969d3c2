package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// sampleRegistry is two customers: one with an address and a domain and three products, one with an address only.
func sampleRegistry() RegistryImport {
	return RegistryImport{
		Customers: []Customer{
			{Name: "Acme Pumps", Addresses: []string{"ann@client.example", "acme@freemail.example"}, Domains: []string{"acme.example"}},
			{Name: "江南机械", Addresses: []string{"li@jiangnan.example"}},
		},
		Contracts: []ContractRow{
			{Number: "C-2026-01", Customer: "Acme Pumps", FirstDay: "2026-01-01", LastDay: "2026-12-31", Zone: "Asia/Shanghai", Office: "Nanjing", City: "南京", Province: "江苏"},
			{Number: "KF(2024)第036号", Customer: "江南机械", FirstDay: "2024-02-29", LastDay: "2026-02-28", Zone: "Asia/Shanghai"},
		},
		Products: []ProductRow{
			{Serial: "PX-100-2233", Contract: "C-2026-01", Model: "PX-100"},
			{Serial: "PX-100-2234", Contract: "C-2026-01", FirstDay: "2020-01-01", LastDay: "2020-12-31"},
			{Serial: "PX-200-0001", Contract: "c 2026 01", Predecessor: "PX-100-9999"},
			{Serial: "KF-77-10", Contract: "KF(2024)第036号"},
		},
		Who: "eve", File: "contracts.csv",
	}
}

func importInto(t testing.TB, s *Store, in RegistryImport) ImportResult {
	t.Helper()
	in.Apply = true
	r, err := s.ImportRegistry(context.Background(), in, t0)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestImportRegistry(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	in := sampleRegistry()
	dry, err := s.ImportRegistry(ctx, in, t0)
	if err != nil || dry.Applied || number(t, s, "SELECT count(*) FROM customers") != 0 {
		t.Fatalf("the dry run wrote: %+v %v", dry, err)
	}
	first := importInto(t, s, in)
	want := ImportResult{Customers: ImportCount{New: 2}, Addresses: ImportCount{New: 4}, Contracts: ImportCount{New: 2}, Products: ImportCount{New: 4}, NoPredecessor: 1}
	if dry != want {
		t.Errorf("the dry run says %+v, want %+v", dry, want)
	}
	want.Applied = true
	if first != want {
		t.Errorf("the import says %+v, want %+v", first, want)
	}
	generation := number(t, s, "SELECT generation FROM state")
	again := importInto(t, s, in)
	want = ImportResult{Customers: ImportCount{Same: 2}, Addresses: ImportCount{Same: 4}, Contracts: ImportCount{Same: 2}, Products: ImportCount{Same: 4}, NoPredecessor: 1, Applied: true}
	if again != want || again.Changes() || number(t, s, "SELECT generation FROM state") != generation {
		t.Errorf("importing again says %+v, want %+v", again, want)
	}
	if n := number(t, s, "SELECT count(*) FROM audit WHERE what = 'contract import' AND who = 'eve' AND about = 'contracts.csv'"); n != 1 {
		t.Errorf("%d imports on record, want the one that changed something", n)
	}
	sound(t, s)
}

func TestImportChangesAndDeletes(t *testing.T) {
	s := open(t, Options{})
	importInto(t, s, sampleRegistry())
	in := sampleRegistry()
	in.Customers = in.Customers[:1]
	in.Customers[0].Addresses = []string{"new@client.example"}
	in.Contracts = in.Contracts[:1]
	in.Contracts[0].LastDay = "2027-12-31"
	in.Products = []ProductRow{{Serial: "px 100 2233", Contract: "C-2026-01", Model: "PX-100"}, {Serial: "KF-77-10", Contract: "C-2026-01"}}
	kept := importInto(t, s, in)
	want := ImportResult{Customers: ImportCount{Same: 1, Missing: 1}, Addresses: ImportCount{New: 1, Same: 1, Missing: 3},
		Contracts: ImportCount{Changed: 1, Missing: 1}, Products: ImportCount{Changed: 2, Missing: 2}, Applied: true}
	if kept != want || number(t, s, "SELECT count(*) FROM products") != 4 || number(t, s, "SELECT count(*) FROM customers") != 2 {
		t.Errorf("without being told to delete: %+v, want %+v", kept, want)
	}
	in.DeleteMissing = true
	gone := importInto(t, s, in)
	want = ImportResult{Customers: ImportCount{Same: 1, Missing: 1, Deleted: 1}, Addresses: ImportCount{Same: 2, Missing: 3, Deleted: 3},
		Contracts: ImportCount{Same: 1, Missing: 1, Deleted: 1}, Products: ImportCount{Same: 2, Missing: 2, Deleted: 2}, Applied: true}
	if gone != want {
		t.Errorf("told to delete: %+v, want %+v", gone, want)
	}
	for table, n := range map[string]int64{"customers": 1, "customer_addresses": 1, "customer_domains": 1, "contracts": 1, "products": 2} {
		if got := number(t, s, "SELECT count(*) FROM "+table); got != n {
			t.Errorf("%d rows of %s are left, want %d", got, table, n)
		}
	}
	sound(t, s)
}

// TestImportIsWhole: a file that contradicts itself in its last row leaves nothing behind.
func TestImportIsWhole(t *testing.T) {
	s := open(t, Options{})
	in := sampleRegistry()
	in.Products = append(in.Products, ProductRow{Serial: "PX-9", Contract: "nobody's"})
	in.Apply = true
	if _, err := s.ImportRegistry(context.Background(), in, t0); err == nil || !strings.Contains(err.Error(), "nobody's") {
		t.Errorf("got %v", err)
	}
	if n := number(t, s, "SELECT count(*) FROM customers"); n != 0 {
		t.Errorf("%d customers were written", n)
	}
}

func TestRegistryFindsTheContract(t *testing.T) {
	s := open(t, Options{})
	if reg, err := s.Registry(context.Background(), RegistryQuery{Serial: "PX-100-2233"}); err != nil || reg.Known {
		t.Fatalf("an empty registry: %+v, %v", reg, err)
	}
	importInto(t, s, sampleRegistry())
	const ann, acme, li, stranger = "ann@client.example", "bob@acme.example", "li@jiangnan.example", "eve@other.example"
	for _, tt := range []struct {
		name string
		q    RegistryQuery
		want string // number/serial/how/what puts the sender on it, each
		near string
	}{
		{name: "by serial, from the address", q: RegistryQuery{Serial: "px100 2233", Customer: ann, ReplyTo: ann}, want: "C-2026-01/PX-100-2233/serial/address"},
		{name: "by serial, from the own domain", q: RegistryQuery{Serial: "PX-100-2233", Customer: acme, ReplyTo: acme}, want: "C-2026-01/PX-100-2233/serial/domain"},
		{name: "by serial in full-width signs", q: RegistryQuery{Serial: "ＰＸ－１００－２２３３", Customer: ann, ReplyTo: ann}, want: "C-2026-01/PX-100-2233/serial/address"},
		{name: "by serial, from a stranger", q: RegistryQuery{Serial: "PX-100-2233", Customer: stranger, ReplyTo: stranger}, want: "C-2026-01/PX-100-2233/serial/"},
		{name: "the answer goes to a stranger", q: RegistryQuery{Serial: "PX-100-2233", Customer: ann, ReplyTo: stranger}, want: "C-2026-01/PX-100-2233/serial/"},
		{name: "the answer goes to a colleague", q: RegistryQuery{Serial: "PX-100-2233", Customer: ann, ReplyTo: acme}, want: "C-2026-01/PX-100-2233/serial/domain"},
		{name: "by number", q: RegistryQuery{Contract: "kf(2024)第036号", Customer: li, ReplyTo: li}, want: "KF(2024)第036号/KF-77-10/contract/address"},
		{name: "by number, several products", q: RegistryQuery{Contract: "C-2026-01", Customer: ann, ReplyTo: ann}, want: "C-2026-01//contract/address"},
		{name: "by address alone", q: RegistryQuery{Customer: li, ReplyTo: li}, want: "KF(2024)第036号/KF-77-10/address/address"},
		{name: "by domain alone", q: RegistryQuery{Customer: acme, ReplyTo: acme}, want: "C-2026-01//domain/domain"},
		{name: "a domain below the own one is another", q: RegistryQuery{Customer: "x@mail.acme.example", ReplyTo: "x@mail.acme.example"}},
		{name: "nobody's", q: RegistryQuery{Customer: stranger, ReplyTo: stranger}},
		{name: "somebody else's serial", q: RegistryQuery{Serial: "KF-77-10", Customer: ann, ReplyTo: ann}, want: "KF(2024)第036号/KF-77-10/serial/ C-2026-01//address/address"},
		{name: "O for 0", q: RegistryQuery{Serial: "PX-1OO-2233", Customer: stranger, ReplyTo: stranger}, near: "serial PX-100-2233 of contract C-2026-01 of Acme Pumps"},
		{name: "a wrong digit", q: RegistryQuery{Serial: "PX-200-0007", Customer: stranger, ReplyTo: stranger}, near: "serial PX-200-0001 of contract C-2026-01 of Acme Pumps"},
		{name: "swapped", q: RegistryQuery{Contract: "C-2062-01", Customer: stranger, ReplyTo: stranger}, near: "contract C-2026-01 of Acme Pumps"},
		{name: "two wrong", q: RegistryQuery{Serial: "PX-300-0007", Customer: stranger, ReplyTo: stranger}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reg, err := s.Registry(context.Background(), tt.q)
			if err != nil || !reg.Known {
				t.Fatal(reg, err)
			}
			var got []string
			for _, c := range reg.Contracts {
				got = append(got, fmt.Sprintf("%s/%s/%s/%s", c.Number, c.Serial, c.By, c.Via))
				if c.OnIt != (c.Via != "") {
					t.Errorf("on it: %v, by %q", c.OnIt, c.Via)
				}
			}
			if strings.Join(got, " ") != tt.want || strings.Join(reg.Near, "; ") != tt.near {
				t.Errorf("got %q near %q, want %q near %q", got, reg.Near, tt.want, tt.near)
			}
		})
	}
}

func TestRegistryTerms(t *testing.T) {
	s := open(t, Options{})
	importInto(t, s, sampleRegistry())
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	reg, err := s.Registry(context.Background(), RegistryQuery{Serial: "KF-77-10"})
	if err != nil || len(reg.Contracts) != 1 {
		t.Fatal(reg, err)
	}
	c := reg.Contracts[0]
	if want := time.Date(2026, 3, 1, 0, 0, 0, 0, shanghai); !c.End.Equal(want) || c.LastDay().Format(time.DateOnly) != "2026-02-28" {
		t.Errorf("the term ends at %v, want %v", c.End, want)
	}
	reg, err = s.Registry(context.Background(), RegistryQuery{Serial: "PX-100-2234"})
	if err != nil || reg.Contracts[0].LastDay().Format(time.DateOnly) != "2020-12-31" {
		t.Errorf("a product with a term of its own: %+v %v", reg, err)
	}
}

// TestRepairsAreInherited: a product that replaced another has its history, over several steps, and a ring ends.
func TestRepairsAreInherited(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	in := sampleRegistry()
	in.Products = append(in.Products, ProductRow{Serial: "PX-300-1", Contract: "C-2026-01", Predecessor: "PX-200-0001"},
		ProductRow{Serial: "RING-1", Contract: "C-2026-01", Predecessor: "RING-2"}, ProductRow{Serial: "RING-2", Contract: "C-2026-01", Predecessor: "RING-1"})
	importInto(t, s, in)
	record(t, s, t0, post{uid: 1, from: "ann@client.example", text: "1"})
	for i, r := range []NewRepair{
		{Serial: "px-100-9999", At: t0.Add(-48 * time.Hour)}, {Serial: "PX-200-0001", At: t0.Add(-72 * time.Hour), OK: true}, {Serial: "RING-1", At: t0},
	} {
		r.Case, r.Who = 1, "eve"
		if d, err := s.RecordRepair(ctx, r, t0); err != nil || d.Again {
			t.Fatalf("repair %d: %+v, %v", i, d, err)
		}
	}
	for serial, want := range map[string]string{"PX-300-1": "PX-200-0001 true, px-100-9999 false", "PX-200-0001": "PX-200-0001 true, px-100-9999 false", "PX-100-2233": ""} {
		reg, err := s.Registry(ctx, RegistryQuery{Serial: serial})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range reg.Contracts[0].Repairs {
			got = append(got, fmt.Sprint(r.Serial, " ", r.OK))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s has %v, want %s", serial, got, want)
		}
	}
	if reg, err := s.Registry(ctx, RegistryQuery{Serial: "RING-2"}); err != nil || len(reg.Contracts[0].Repairs) == 0 {
		t.Errorf("a ring of predecessors: %+v %v", reg, err)
	}
}

func TestRecordRepair(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	importInto(t, s, sampleRegistry())
	record(t, s, t0, post{uid: 1, from: "ann@client.example", text: "1"}, post{uid: 2, from: "li@jiangnan.example", text: "2"})
	err := s.write(ctx, "preparing", t0, func(t *tx) error {
		return t.exec("UPDATE cases SET contract = 'kf 2024 第036号', entitlement = 'in warranty', rung = 'repair' WHERE id = 2")
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		in   NewRepair
		want RepairDone
		err  error
		rung string // of case 2 afterwards
	}{
		{name: "a case that names nothing", in: NewRepair{Case: 1, At: t0}, err: ErrNoProduct, rung: "repair"},
		{name: "no such case", in: NewRepair{Case: 99, Serial: "X-1", At: t0}, err: ErrNotFound, rung: "repair"},
		{name: "the only product of the case's contract", in: NewRepair{Case: 2, At: t0}, want: RepairDone{Serial: "KF-77-10", Contract: "KF(2024)第036号", Known: true}, rung: "return"},
		{name: "corrected", in: NewRepair{Case: 2, At: t0, OK: true}, want: RepairDone{Serial: "KF-77-10", Contract: "KF(2024)第036号", Known: true, Again: true}, rung: "repair"},
		{name: "a number on no record", in: NewRepair{Case: 1, Serial: " ZZ-12345 ", At: t0}, want: RepairDone{Serial: "ZZ-12345"}, rung: "repair"},
		{name: "a later one fails", in: NewRepair{Case: 2, At: t0.Add(time.Hour)}, want: RepairDone{Serial: "KF-77-10", Contract: "KF(2024)第036号", Known: true}, rung: "return"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.RecordRepair(ctx, tt.in, t0)
			if !errors.Is(err, tt.err) || tt.err == nil && got != tt.want {
				t.Errorf("got %+v, %v, want %+v, %v", got, err, tt.want, tt.err)
			}
			c, err := s.Case(ctx, 2)
			if err != nil || c.Rung != tt.rung {
				t.Errorf("the rung is %q, want %q (%v)", c.Rung, tt.rung, err)
			}
		})
	}
	if n := number(t, s, "SELECT count(*) FROM repairs"); n != 3 {
		t.Errorf("%d repairs on record, want 3", n)
	}
}

func TestRecordAsksTheRegistry(t *testing.T) {
	s := open(t, Options{})
	importInto(t, s, sampleRegistry())
	in := post{uid: 1, from: "ann@client.example", text: "1"}.incoming()
	in.Reading.Facts = mailbox.Facts{Serial: "PX-100-2233"}
	var got responder.Registry
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		got = f.Registry
		return decideFirst(r, f, t0)
	}
	if _, err := s.Record(context.Background(), []Incoming{in}, decide, t0); err != nil {
		t.Fatal(err)
	}
	if !got.Known || len(got.Contracts) != 1 || got.Contracts[0].Office != "Nanjing" || !got.Contracts[0].OnIt || got.Contracts[0].Products != 3 {
		t.Errorf("the decision saw %+v", got)
	}
}

func TestFindContracts(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	importInto(t, s, sampleRegistry())
	for what, want := range map[string]string{
		"c-2026-01": "C-2026-01", "PX-200-0001": "C-2026-01", "Ann@Client.example": "C-2026-01", "acme.example": "C-2026-01", "@acme.example": "C-2026-01",
		"li@jiangnan.example": "KF(2024)第036号", "nobody": "", "": "", "--": "",
	} {
		found, _, err := s.FindContracts(ctx, what, 0)
		if want == "" {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%q: %+v %v", what, found, err)
			}
			continue
		}
		if err != nil || len(found) != 1 || found[0].Number != want {
			t.Errorf("%q: %+v %v", what, found, err)
		}
	}
	if _, near, err := s.FindContracts(ctx, "PX-1O0-2233", 0); !errors.Is(err, ErrNotFound) || len(near) == 0 {
		t.Errorf("near: %v %v", near, err)
	}
	found, _, err := s.FindContracts(ctx, "C-2026-01", 0)
	if err != nil || len(found[0].Products) != 3 || !reflect.DeepEqual(found[0].Domains, []string{"acme.example"}) || len(found[0].Addresses) != 2 {
		t.Errorf("%+v %v", found, err)
	}
	for name, tt := range map[string]struct {
		f    ContractFilter
		want int
	}{
		"all": {ContractFilter{}, 2}, "one": {ContractFilter{Limit: 1}, 1}, "the rest": {ContractFilter{After: 1}, 1}, "customer": {ContractFilter{Customer: "ACME"}, 1},
		"a sign of LIKE": {ContractFilter{Customer: "a%e"}, 0}, "office": {ContractFilter{Office: "Nanjing"}, 1}, "ends": {ContractFilter{EndsBy: t0}, 1},
	} {
		if l, err := s.Contracts(ctx, tt.f); err != nil || len(l) != tt.want {
			t.Errorf("%s: %+v %v", name, l, err)
		}
	}
}
