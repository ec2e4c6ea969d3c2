package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

func manyContracts(n int) RegistryImport {
	in := RegistryImport{Apply: true, Who: "bench"}
	for i := range n {
		name := fmt.Sprint("Customer ", i)
		in.Customers = append(in.Customers, Customer{Name: name, Addresses: []string{fmt.Sprintf("customer%d@c%d.example", i, i%1000)}, Domains: []string{fmt.Sprintf("own%d.example", i)}})
		in.Contracts = append(in.Contracts, ContractRow{Number: fmt.Sprintf("C-%06d", i), Customer: name, FirstDay: "2026-01-01", LastDay: "2027-12-31", Zone: "Asia/Shanghai", City: "南京", Province: "江苏"})
		in.Products = append(in.Products, ProductRow{Serial: fmt.Sprintf("PX-%08d", i*7), Contract: fmt.Sprintf("C-%06d", i), Model: "PX-100"})
	}
	return in
}

// BenchmarkImport brings 100,000 contracts on record, and then the same once more.
func BenchmarkImport(b *testing.B) {
	in := manyContracts(100000)
	s := open(b, Options{})
	for _, name := range []string{"first", "again"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.ImportRegistry(context.Background(), in, t0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRecordWithContracts records mails with no contracts on record, and with 100,000: from customers by address, by
// serial number, and with a number that is on no record. The ratio is to the first.
func BenchmarkRecordWithContracts(b *testing.B) {
	base := 0.0
	for _, tt := range []struct {
		name      string
		contracts int
		serial    func(i int) string
	}{
		{"no contracts", 0, func(i int) string { return fmt.Sprintf("PX-%08d", i*7) }},
		{"by address", 100000, func(int) string { return "" }},
		{"by serial", 100000, func(i int) string { return fmt.Sprintf("PX-%08d", i*7) }},
		{"serial not on record", 100000, func(i int) string { return fmt.Sprintf("QQ-%08d", i*7) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			s := open(b, Options{})
			if tt.contracts > 0 {
				importInto(b, s, manyContracts(tt.contracts))
			}
			decide := func(r *responder.Reading, f responder.Facts) responder.Decision { return decideFirst(r, f, t0) }
			n := 0
			for b.Loop() {
				in := make([]Incoming, 60)
				for i := range in {
					n++
					in[i] = post{uid: uint32(n), from: fmt.Sprintf("customer%d@c%d.example", n, n%1000), text: fmt.Sprint(n)}.incoming()
					in[i].Reading.Facts = mailbox.Facts{Serial: tt.serial(n)}
				}
				if _, err := s.Record(context.Background(), in, decide, t0.Add(time.Duration(n)*time.Second)); err != nil {
					b.Fatal(err)
				}
			}
			rate := float64(n) / b.Elapsed().Seconds()
			if tt.contracts == 0 {
				base = rate
			}
			b.ReportMetric(rate, "mails/s")
			if base > 0 {
				b.ReportMetric(rate/base, "ratio")
			}
		})
	}
}

// BenchmarkFirstMaintenance ticks once after 100,000 contracts with a rule came on record; the rule itself is worked out
// elsewhere, here none of them opens a visit.
func BenchmarkFirstMaintenance(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := open(b, Options{})
		in := manyContracts(100000)
		for i := range in.Contracts {
			in.Contracts[i].Maintenance, in.Contracts[i].MaintenanceFrom = "FREQ=MONTHLY", "2026-01-01"
		}
		importInto(b, s, in)
		b.StartTimer()
		r := TickRules{Maintenance: func(m Maintenance, now time.Time) (MaintenancePlan, error) {
			return MaintenancePlan{After: m.After, Next: now.Add(24 * time.Hour)}, nil
		}}
		if _, err := s.Tick(context.Background(), t0, r); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
