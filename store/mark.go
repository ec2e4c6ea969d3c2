package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
)

// Mark records outcomes. A sent reply meets its window at Result.At; a refused one, and one whose outcome is unknown for
// the second time, is told to staff. A result for a row that is not under way changes nothing.
func (s *Store) Mark(ctx context.Context, rs []responder.Result, now time.Time) error {
	if len(rs) == 0 {
		return nil
	}
	return s.write(ctx, "recording what became of mail", now, func(t *tx) error {
		for _, r := range rs {
			if r.At.IsZero() {
				r.At = now
			}
			if err := t.mark(r); err != nil {
				return fmt.Errorf("mail %d (%s): %w", r.ID, r.Outcome, err)
			}
		}
		return nil
	})
}

func (t *tx) mark(r responder.Result) error {
	switch r.Outcome {
	case responder.OutcomeSent:
		return t.sent(r)
	case responder.OutcomeLater:
		return t.later(r)
	case responder.OutcomeFailed:
		return t.failed(r)
	case responder.OutcomeUnknown:
		return t.unknown(r)
	case responder.OutcomeCancelled:
		return t.cancelled(r)
	case responder.OutcomeReleased:
		return t.released(r)
	}
	return errors.New("no such outcome")
}

func (t *tx) sent(r responder.Result) error {
	var lane responder.Lane
	var account string
	var window int64
	var bounced bool
	ok, err := t.get(`UPDATE outbox SET state = 'sent', sent = ?, server = ?, code = ?, detail = ? WHERE id = ? AND state IN ('claimed', 'unknown')
		RETURNING lane, account, coalesce(window_id, 0), bounced IS NOT NULL`, []any{ms(r.At), r.Server, r.Code, r.Detail, r.ID},
		&lane, &account, &window, &bounced)
	if err != nil || !ok {
		return err
	}
	// The bounce of a mail can be read before the word that it was accepted is on record.
	if window != 0 && lane == responder.LaneCustomer && !bounced {
		err := t.exec("UPDATE windows SET met = ? WHERE id = ? AND met IS NULL AND dropped IS NULL", ms(r.At), window)
		if err != nil {
			return err
		}
	}
	if lane != responder.LaneCustomer || t.s.opt.AppendSent == nil || !t.s.opt.AppendSent(account) {
		return nil
	}
	return t.exec("INSERT OR IGNORE INTO sent_copies (outbox_id) VALUES (?)", r.ID)
}

func (t *tx) later(r responder.Result) error {
	next := r.Next
	if next.IsZero() {
		next = t.now.Add(time.Minute)
	}
	return t.changed(r, "attempt-failed", `UPDATE outbox SET state = 'queued', next_at = ?, server = ?, code = ?, detail = ?
		WHERE id = ? AND state = 'claimed' RETURNING coalesce(case_id, 0)`, ms(next), r.Server, r.Code, r.Detail, r.ID)
}

func (t *tx) cancelled(r responder.Result) error {
	return t.changed(r, "reply-cancelled", `UPDATE outbox SET state = 'cancelled', counted = 0, reason = ?, detail = ?
		WHERE id = ? AND state IN ('claimed', 'queued', 'draft', 'unknown') RETURNING coalesce(case_id, 0)`, string(r.Reason), r.Detail, r.ID)
}

// released puts a row back as if it had not been claimed; a repetition that was not made may still be made.
func (t *tx) released(r responder.Result) error {
	next := r.Next
	if next.IsZero() {
		next = t.now
	}
	return t.exec(`UPDATE outbox SET state = CASE resent WHEN 1 THEN 'unknown' ELSE 'queued' END, resent = 0, attempt = max(attempt - 1, 0),
		next_at = ? WHERE id = ? AND state = 'claimed'`, ms(next), r.ID)
}

// changed runs an UPDATE of one row that returns its case, and notes what happened to it.
func (t *tx) changed(r responder.Result, what, query string, args ...any) error {
	var caseID int64
	ok, err := t.get(query, args, &caseID)
	if err != nil || !ok {
		return err
	}
	return t.note(note{caseID: caseID, outbox: r.ID, what: what, reason: r.Reason, detail: smtpWords(r)})
}

func (t *tx) failed(r responder.Result) error {
	var caseID, window int64
	var lane responder.Lane
	var to, kind string
	ok, err := t.get(`UPDATE outbox SET state = 'failed', counted = 0, server = ?, code = ?, detail = ?, reason = ?
		WHERE id = ? AND state IN ('claimed', 'unknown', 'queued') RETURNING coalesce(case_id, 0), coalesce(window_id, 0), lane, recipient, kind`,
		[]any{r.Server, r.Code, r.Detail, string(r.Reason), r.ID}, &caseID, &window, &lane, &to, &kind)
	if err != nil || !ok {
		return err
	}
	if err := t.note(note{caseID: caseID, outbox: r.ID, what: "mail-failed", reason: r.Reason, detail: to + ": " + smtpWords(r)}); err != nil {
		return err
	}
	return t.tellOf(r.ID, lane, Notice{Kind: NoticeMailFailed, Case: caseID, Outbox: r.ID, Window: window, Detail: to + ": " + smtpWords(r)})
}

// unknown records that nobody knows whether a mail arrived. After the one repetition it is a person's turn. A bounce is
// proof that the server had taken it.
func (t *tx) unknown(r responder.Result) error {
	var caseID, window int64
	var lane responder.Lane
	var again, bounced bool
	var to string
	ok, err := t.get(`UPDATE outbox SET state = CASE WHEN bounced IS NULL THEN 'unknown' ELSE 'sent' END,
		sent = CASE WHEN bounced IS NULL THEN sent ELSE claimed END, detail = CASE WHEN bounced IS NULL THEN ? ELSE detail END, code = ?,
		server = CASE ? WHEN '' THEN server ELSE ? END WHERE id = ? AND state = 'claimed'
		RETURNING coalesce(case_id, 0), coalesce(window_id, 0), lane, resent, recipient, bounced IS NOT NULL`,
		[]any{r.Detail, r.Code, r.Server, r.Server, r.ID}, &caseID, &window, &lane, &again, &to, &bounced)
	if err != nil || !ok || bounced {
		return err
	}
	if err := t.note(note{caseID: caseID, outbox: r.ID, what: "outcome-unknown", detail: smtpWords(r)}); err != nil || !again {
		return err
	}
	return t.tellOf(r.ID, lane, Notice{Kind: NoticeMailUnknown, Case: caseID, Outbox: r.ID, Window: window, Detail: to + ": " + smtpWords(r)})
}

// tellOf makes a notice about a mail, unless that mail was itself the word about such a notice: a staff address that
// refuses mail must not make more of it.
func (t *tx) tellOf(outbox int64, lane responder.Lane, n Notice) error {
	if lane == responder.LaneStaff {
		var about bool
		if _, err := t.get("SELECT EXISTS (SELECT 1 FROM steps WHERE outbox_id = ? AND subject LIKE 'notice:%')", []any{outbox}, &about); err != nil || about {
			return err
		}
	}
	return t.notice(n)
}

func smtpWords(r responder.Result) string {
	if r.Code == 0 {
		return oneLine(r.Detail)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, oneLine(r.Detail)))
}

// notFound turns the absence of a row into ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return wrap(err)
}
