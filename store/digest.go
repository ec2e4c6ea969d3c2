package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
)

// DigestQuery is one digest: of an office on a day, for one colleague.
type DigestQuery struct {
	Office    string
	Rest      bool     // what belongs to none of Offices too, and what machines sent: the centre's, or that of a company without offices
	Offices   []string // all of them
	Recipient string   // a staff address
	Day       time.Time
	At        time.Time // when it should have been sent
}

// digestLines bounds each list of a digest.
const digestLines = 50

// digestScan bounds how many of the newest messages are looked at for what machines sent.
const digestScan = 20000

// Digest queues the digest of an office, with what is open at now and what came in the day before, unless this day's is on
// record for the recipient. compose returns false when there is none to send; it counts as sent.
func (s *Store) Digest(ctx context.Context, q DigestQuery, compose func(d responder.Digest, next int64) (responder.Mail, bool), now time.Time) (said bool, err error) {
	subject := "digest:" + q.Office
	err = s.write(ctx, "writing the digest of "+q.Office, now, func(t *tx) error {
		had, err := t.get("SELECT 1 FROM steps WHERE subject = ? AND name = 'digest' AND recipient = ? AND due = ?", []any{subject, q.Recipient, ms(q.Day)}, new(int))
		if err != nil || had {
			t.quiet = true
			return err
		}
		d, err := t.digest(q)
		if err != nil {
			return err
		}
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		m, send := compose(d, b.next.outbox)
		if send {
			if err := b.queue(&m, 0); err != nil {
				return err
			}
		}
		said = true
		return t.exec("INSERT INTO steps (subject, name, recipient, due, at, said, outbox_id) VALUES (?, 'digest', ?, ?, ?, ?, ?)",
			subject, q.Recipient, ms(q.Day), ms(q.At), ms(now), nullID(m.ID))
	})
	return said && err == nil, err
}

// digest reads what a digest tells.
func (t *tx) digest(q DigestQuery) (responder.Digest, error) {
	d := responder.Digest{Office: q.Office}
	ours := []any{q.Office, q.Rest, list(append([]string{""}, q.Offices...))}
	const office = "(%[1]s = ?1 OR (?2 AND (%[1]s = '' OR %[1]s NOT IN (SELECT value FROM json_each(?3)))))"
	err := t.each(`SELECT coalesce(w.case_id, 0), w.clock, w.due, w.class, coalesce(c.customer_name, ''), coalesce(c.customer, ''), coalesce(c.taken_by, '')
		FROM windows w INDEXED BY windows_next LEFT JOIN cases c ON c.id = w.case_id
		WHERE w.met IS NULL AND w.dropped IS NULL AND `+fmt.Sprintf(office, "w.office")+` ORDER BY +w.due LIMIT `+fmt.Sprint(digestLines+1),
		ours, func(r scanner) error {
			var l responder.DigestLine
			var due int64
			err := r.Scan(&l.Case, &l.What, &due, &l.Class, &l.Name, &l.Address, &l.Taken)
			l.Due = fromMS(due)
			d.Windows = append(d.Windows, l)
			return err
		})
	if err != nil {
		return d, err
	}
	err = t.each(visitColumns+"INDEXED BY visits_next WHERE state IN ('requested', 'arranged') AND "+fmt.Sprintf(office, "office")+
		" ORDER BY +coalesce(at, arrange_due) LIMIT "+fmt.Sprint(digestLines+1), ours, func(r scanner) error {
		v, err := scanVisit(r)
		d.Visits = append(d.Visits, v)
		return err
	})
	if err != nil {
		return d, err
	}
	err = t.each(`SELECT coalesce(o.case_id, 0), o.subject, o.deadline, coalesce(c.class, ''), coalesce(c.customer_name, ''), o.recipient
		FROM outbox o INDEXED BY outbox_loose LEFT JOIN cases c ON c.id = o.case_id WHERE o.state IN ('claimed', 'unknown', 'draft', 'failed')
		AND o.state = 'draft' AND `+fmt.Sprintf(office, "coalesce(c.office, '')")+` ORDER BY +o.deadline LIMIT `+fmt.Sprint(digestLines+1),
		ours, func(r scanner) error {
			var l responder.DigestLine
			var due int64
			err := r.Scan(&l.Case, &l.What, &due, &l.Class, &l.Name, &l.Address)
			l.Due = fromMS(due)
			d.Held = append(d.Held, l)
			return err
		})
	if err != nil || !q.Rest {
		return d, err
	}
	return d, t.digestJunk(&d, q)
}

// digestJunk counts what machines sent in the day before, and names what lay in the junk folder: a customer may be among it.
func (t *tx) digestJunk(d *responder.Digest, q DigestQuery) error {
	counts := map[string]int{}
	var order []string
	err := t.each(`SELECT reason, sender, subject FROM messages WHERE id > (SELECT coalesce(max(id), 0) FROM messages) - ? AND recorded >= ?
		AND disposition = 'not-answered' AND reason NOT IN ('own', 'staff', 'answered-by-person', 'thanks') ORDER BY id`,
		[]any{digestScan, ms(q.At.Add(-24 * time.Hour))}, func(r scanner) error {
			var reason, sender, subject string
			if err := r.Scan(&reason, &sender, &subject); err != nil {
				return err
			}
			if reason == string(responder.ReasonJunk) && counts[reason] < digestLines {
				d.Junk = append(d.Junk, strings.TrimSpace(sender+" · "+oneLine(subject)))
			}
			if counts[reason]++; counts[reason] == 1 {
				order = append(order, reason)
			}
			return nil
		})
	for _, reason := range order {
		d.Machines = append(d.Machines, responder.DigestCount{Reason: responder.Reason(reason), N: counts[reason]})
	}
	return err
}
