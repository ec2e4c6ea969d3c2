package store

import (
	"context"
	"testing"
	"time"
)

// BenchmarkReport is the report of a year with 100,000 cases on record, each with a message, two windows, a mail and a visit.
func BenchmarkReport(b *testing.B) {
	s := open(b, Options{})
	fill(b, s, 100000)
	for _, q := range []string{
		"INSERT INTO folders (id, account, folder, uidvalidity) VALUES (1, 'support', 'INBOX', 1)",
		`INSERT INTO messages (id, folder, uidvalidity, uid, case_id, recorded, clock, disposition, reason, evidence, class, subject)
			SELECT id, 1, 1, id, id, opened, opened, 'answered', 'reply', hex(zeroblob(60)), class, hex(zeroblob(20)) FROM cases`,
		"UPDATE windows SET message_id = case_id",
		"INSERT INTO windows (case_id, message_id, clock, class, office, opened, due, met) SELECT case_id, message_id, 'person', class, office, opened, due, due FROM windows",
		`INSERT INTO outbox (case_id, lane, kind, account, state, queued, next_at, deadline, recipient, message_id, detail)
			SELECT id, 'customer', 'reply', 'support', 'sent', opened, 0, 0, customer, hex(zeroblob(20)), hex(zeroblob(30)) FROM cases`,
		"UPDATE cases SET office = 'office ' || (id % 5), class = 'class ' || (id % 11), opened = opened + (id % 360) * 86400000",
		"UPDATE windows SET office = 'office ' || (case_id % 5), class = 'class ' || (case_id % 11), opened = opened + (case_id % 360) * 86400000",
		"UPDATE messages SET clock = clock + (id % 360) * 86400000",
		"UPDATE visits SET office = 'office ' || (id % 5), requested = requested + (id % 360) * 86400000",
		"UPDATE outbox SET queued = queued + (case_id % 360) * 86400000",
	} {
		put(b, s, q)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		days int
		want int
	}{{"30 days", 30, 7 * 30 * 278}, {"a year", 360, 7 * 100000}} {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				rep, err := s.Report(context.Background(), t0, t0.AddDate(0, 0, tt.days), t0.AddDate(0, 6, 0), zone)
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, t := range rep.Tallies {
					n += t.N
				}
				if n < tt.want*99/100 || n > tt.want {
					b.Fatalf("%d are counted, %d are on record", n, tt.want)
				}
			}
		})
	}
}
