package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// claimLease is how far ahead next_at of a claimed row stands. Nothing is claimed again before it was marked or recovered;
// the time is only for people who look.
const claimLease = 15 * time.Minute

const jobColumns = `SELECT o.id, o.lane, o.kind, o.account, o.server, o.envelope_from, o.recipient, o.message_id, r.bytes, o.attempt,
	o.resent, coalesce(o.claimed, 0), o.deadline, o.queued, coalesce(o.case_id, 0), coalesce(f.account, ''), coalesce(f.folder, ''),
	coalesce(m.uidvalidity, 0), coalesce(m.uid, 0)
	FROM outbox o CROSS JOIN outbox_raw r ON r.id = o.id
	LEFT JOIN messages m ON m.id = o.answers LEFT JOIN folders f ON f.id = m.folder `

func scanJob(r scanner) (responder.Job, error) {
	var j responder.Job
	var claimed, deadline, queued int64
	err := r.Scan(&j.ID, &j.Lane, &j.Kind, &j.Account, &j.Server, &j.EnvelopeFrom, &j.To, &j.MessageID, &j.Raw, &j.Attempt,
		&j.Resend, &claimed, &deadline, &queued, &j.Case, &j.Answers.Account, &j.Answers.Folder, &j.Answers.UIDValidity, &j.Answers.UID)
	j.Claimed, j.Deadline, j.Queued = fromMS(claimed), fromMS(deadline), fromMS(queued)
	return j, err
}

// loose names the condition of the index outbox_loose; with it in a query, SQLite can use that index.
const loose = "state IN ('claimed', 'unknown', 'draft', 'failed') AND "

const dueRows = `o.state = 'queued' AND o.lane = ? AND o.next_at <= ? AND o.account NOT IN (SELECT value FROM json_each(?))`

// Claim takes up to n rows of a lane that are due at now, the nearest deadline first, and records the attempt and the time
// of the next one before it returns them. Accounts named in skip are left alone. While replies are paused by hand nothing
// of the customers' lane is due.
func (s *Store) Claim(ctx context.Context, lane responder.Lane, n int, skip []string, now time.Time) ([]responder.Job, error) {
	args := []any{string(lane), ms(now), jsonText(skip)}
	var due bool
	_, err := s.get(ctx, `SELECT EXISTS (SELECT 1 FROM outbox o WHERE `+dueRows+`)
		AND (? = 'staff' OR (SELECT paused_at IS NULL FROM state))`, append(args, string(lane)), &due)
	if err != nil || !due || n <= 0 {
		return nil, err
	}
	var jobs []responder.Job
	err = s.write(ctx, "claiming mail", now, func(t *tx) error {
		err := t.each(jobColumns+"WHERE "+dueRows+` AND (o.lane = 'staff' OR (SELECT paused_at IS NULL FROM state))
			ORDER BY o.deadline, o.next_at LIMIT ?`, append(args, n), func(r scanner) error {
			j, err := scanJob(r)
			j.Attempt++
			j.Claimed = now
			jobs = append(jobs, j)
			return err
		})
		if err != nil {
			return err
		}
		t.quiet = len(jobs) == 0
		ids := make([]int64, len(jobs))
		for i := range jobs {
			ids[i] = jobs[i].ID
		}
		return t.exec(`UPDATE outbox SET state = 'claimed', attempt = attempt + 1, claimed = ?, next_at = ?
			WHERE id IN (SELECT value FROM json_each(?))`, ms(now), ms(now.Add(claimLease)), jsonText(ids))
	})
	if err != nil {
		return nil, err
	}
	return jobs, nil
}

// NextDue is the earliest time at which a queued row of a lane is due; the zero time when nothing waits.
func (s *Store) NextDue(ctx context.Context, lane responder.Lane) (time.Time, error) {
	var at sql.NullInt64
	_, err := s.get(ctx, "SELECT min(next_at) FROM outbox WHERE state = 'queued' AND lane = ?", []any{string(lane)}, &at)
	return fromNull(at), err
}

// Using records that claimed rows are about to go by another server than their account's own. It commits before the server
// is dialled, so that after a crash a row of unknown outcome stays with the server that may have it.
func (s *Store) Using(ctx context.Context, ids []int64, server string) error {
	return s.write(ctx, "recording the server of claimed mail", time.Time{}, func(t *tx) error {
		return t.exec("UPDATE outbox SET server = ? WHERE state = 'claimed' AND id IN (SELECT value FROM json_each(?))", server, jsonText(ids))
	})
}

// Unknown returns the rows whose outcome is unknown and that have not been sent a second time.
func (s *Store) Unknown(ctx context.Context) ([]responder.Job, error) {
	var jobs []responder.Job
	err := s.each(ctx, jobColumns+"WHERE o."+loose+"o.state = 'unknown' AND o.resent = 0 ORDER BY o.deadline, o.id LIMIT 1000", nil, func(r scanner) error {
		j, err := scanJob(r)
		jobs = append(jobs, j)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the mail of unknown outcome: %w", err)
	}
	return jobs, nil
}

// Resend records that the one repetition of an unknown row is about to be made, and returns the job for it: the same bytes,
// by the same server.
func (s *Store) Resend(ctx context.Context, id int64, now time.Time) (responder.Job, error) {
	var j responder.Job
	err := s.write(ctx, fmt.Sprintf("sending mail %d again", id), now, func(t *tx) error {
		n, err := t.run(`UPDATE outbox SET state = 'claimed', resent = 1, attempt = attempt + 1, claimed = ?, next_at = ?
			WHERE id = ? AND state = 'unknown' AND resent = 0`, ms(now), ms(now.Add(claimLease)), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: no mail of unknown outcome that was sent only once", ErrNotFound)
		}
		err = t.each(jobColumns+"WHERE o.id = ?", []any{id}, func(r scanner) (err error) {
			j, err = scanJob(r)
			return err
		})
		if err != nil {
			return err
		}
		return t.note(note{caseID: j.Case, outbox: id, what: "sent-again", detail: "nobody knows whether the first attempt arrived"})
	})
	return j, err
}

// Recover turns rows that a crash left claimed and not marked into rows of unknown outcome. Call it once, at start, before
// anything is claimed.
func (s *Store) Recover(ctx context.Context, now time.Time) (int, error) {
	var ids []int64
	err := s.write(ctx, "recovering claimed mail", now, func(t *tx) error {
		err := t.each("SELECT id FROM outbox INDEXED BY outbox_loose WHERE "+loose+"state = 'claimed'", nil, func(r scanner) error {
			var id int64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil || len(ids) == 0 {
			t.quiet = true
			return err
		}
		for _, id := range ids {
			if err := t.unknown(responder.Result{ID: id, Detail: "the program stopped before the server's answer was on record"}); err != nil {
				return err
			}
		}
		return nil
	})
	return len(ids), err
}

// Job returns one outbox row whatever its state, for people who look at it.
func (s *Store) Job(ctx context.Context, id int64) (responder.Job, error) {
	j, err := scanJob(s.readDB.QueryRowContext(ctx, jobColumns+"WHERE o.id = ?", id))
	if err != nil {
		return j, fmt.Errorf("reading mail %d: %w", id, notFound(err))
	}
	return j, nil
}

func jsonText[T any](v []T) string {
	if len(v) == 0 {
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "[]"
	}
	return string(b)
}

// CancelAnswered is called for messages on which \Answered is seen: a person answered them by hand. Replies to them that
// are not under way are cancelled, their windows are met, and it is noted. It returns how many replies were cancelled.
func (s *Store) CancelAnswered(ctx context.Context, keys []mailbox.Key, now time.Time) (int, error) {
	cancelled := 0
	err := s.write(ctx, "cancelling replies that a person has answered", now, func(t *tx) error {
		t.quiet = true
		for _, k := range keys {
			n, err := t.cancelAnswered(k)
			if err != nil {
				return err
			}
			cancelled += int(n)
		}
		return nil
	})
	return cancelled, err
}

func (t *tx) cancelAnswered(k mailbox.Key) (int64, error) {
	var message, caseID int64
	ok, err := t.get(`SELECT coalesce(m.duplicate_of, m.id), m.case_id FROM messages m JOIN folders f ON f.id = m.folder WHERE f.account = ? AND f.folder = ?
		AND m.uidvalidity = ? AND m.uid = ? AND m.case_id IS NOT NULL`, []any{k.Account, k.Folder, k.UIDValidity, k.UID}, &message, &caseID)
	if err != nil || !ok {
		return 0, err
	}
	n, err := t.run(`UPDATE outbox SET state = 'cancelled', counted = 0, reason = ? WHERE answers = ? AND case_id = ?
		AND lane = 'customer' AND state IN ('queued', 'draft')`, string(responder.ReasonAnsweredByPerson), message, caseID)
	if err != nil {
		return 0, err
	}
	met, err := t.run(`UPDATE windows SET met = ? WHERE case_id = ? AND message_id = ? AND met IS NULL AND dropped IS NULL`,
		ms(t.now), caseID, message)
	if err != nil || n+met == 0 {
		return n, err
	}
	t.quiet = false
	if err := t.exec("UPDATE cases SET person_answered = ? WHERE id = ?", ms(t.now), caseID); err != nil {
		return n, err
	}
	return n, t.note(note{caseID: caseID, message: message, what: "answered-by-person", reason: responder.ReasonAnsweredByPerson,
		detail: `\Answered stands on the message`})
}
