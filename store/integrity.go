package store

import (
	"context"
	"fmt"
)

// Fault is one thing on record that must not be.
type Fault struct {
	What  string // the rule that is broken
	About string // "message 12", "AC-000007", "mail 3"
}

const faultLimit = 100

// Integrity looks for what must never be (the rules of ARCHITECTURE.md that the record can show): a person's message
// without a case, a case of a mail without a reply and without a reason, an answered message whose reply is nowhere, an open
// case of a held message with nothing that tells a person, a claimed row while nothing runs is not among them. It returns
// at most 100 faults of each rule.
func (s *Store) Integrity(ctx context.Context) ([]Fault, error) {
	checks := []struct{ what, query string }{
		{"a message has no disposition", `SELECT 'message ' || id FROM messages WHERE disposition NOT IN
			('answered', 'held', 'not-answered', 'duplicate', 'quarantined', 'deleted-by-person', 'gone-before-read')`},
		{"a message has no reason", `SELECT 'message ' || id FROM messages WHERE reason = ''`},
		{"a person's message has no case", `SELECT 'message ' || id FROM messages WHERE kind = 'person' AND case_id IS NULL
			AND disposition IN ('answered', 'held')`},
		{"an answered message has no reply on record", `SELECT 'message ' || m.id FROM messages m WHERE m.disposition = 'answered'
			AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.case_id = m.case_id AND o.lane = 'customer')`},
		{"a held message has neither a window nor a mail to staff", `SELECT 'message ' || m.id FROM messages m
			WHERE m.disposition = 'held' AND m.case_id IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM windows w WHERE w.case_id = m.case_id)
			AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.case_id = m.case_id AND o.lane = 'staff')`},
		{"a quarantined message has no window", `SELECT 'message ' || m.id FROM messages m WHERE m.disposition = 'quarantined'
			AND NOT EXISTS (SELECT 1 FROM windows w WHERE w.message_id = m.id)`},
		{"a message that should be kept has no bytes", `SELECT 'message ' || m.id FROM messages m WHERE m.size > 0
			AND m.disposition IN ('answered', 'held', 'not-answered', 'quarantined') AND NOT EXISTS (SELECT 1 FROM raw WHERE id = m.id * 4096)`},
		{"a mail has no bytes", `SELECT 'mail ' || o.id FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM outbox_raw r WHERE r.id = o.id)`},
		{"a mail was tried more often than allowed after an unknown outcome", `SELECT 'mail ' || id FROM outbox WHERE resent > 1`},
		{"a cancelled or failed reply counts for the caps", `SELECT 'mail ' || id FROM outbox WHERE counted = 1
			AND state IN ('cancelled', 'failed', 'shadow')`},
		{"two messages of one content were both decided", `SELECT 'message ' || max(id) FROM messages WHERE hash IS NOT NULL
			GROUP BY hash HAVING count(*) > 1`},
	}
	var faults []Fault
	for _, c := range checks {
		err := s.each(ctx, c.query+fmt.Sprintf(" LIMIT %d", faultLimit), nil, func(r scanner) error {
			f := Fault{What: c.what}
			err := r.Scan(&f.About)
			faults = append(faults, f)
			return err
		})
		if err != nil {
			return faults, fmt.Errorf("checking that never %s: %w", c.what, err)
		}
	}
	return faults, nil
}

// CheckFile has SQLite read the whole file and returns what is damaged.
func (s *Store) CheckFile(ctx context.Context) ([]string, error) {
	var out []string
	err := s.each(ctx, "PRAGMA integrity_check(100)", nil, func(r scanner) error {
		var line string
		err := r.Scan(&line)
		if line != "ok" {
			out = append(out, line)
		}
		return err
	})
	if err != nil {
		return out, fmt.Errorf("checking %s: %w", s.path, err)
	}
	return out, nil
}
