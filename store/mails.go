package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"aftercare/responder"
)

// Mail is an outbox row without its bytes (Job has them).
type Mail struct {
	ID              int64
	Case            int64
	Window          int64
	Visit           int64
	Lane            responder.Lane
	Kind            string
	Account         string
	State           string
	Attempt         int
	Resent          bool
	Queued          time.Time
	Next            time.Time
	Deadline        time.Time
	Sent            time.Time
	Bounced         time.Time
	Server          string
	Code            int
	Detail          string
	Reason          responder.Reason
	To              string
	MessageID       string
	Subject         string
	Template        string
	TemplateVersion string
}

// Late tells whether a mail was accepted after its deadline.
func (m Mail) Late() bool { return !m.Sent.IsZero() && m.Sent.After(m.Deadline) }

const mailColumns = `SELECT id, coalesce(case_id, 0), coalesce(window_id, 0), coalesce(visit_id, 0), lane, kind, account, state, attempt,
	resent, queued, next_at, deadline, sent, bounced, server, code, detail, reason, recipient, message_id, subject, template,
	template_version FROM outbox `

func scanMail(r scanner) (Mail, error) {
	var m Mail
	var queued, next, deadline int64
	var sent, bounced sql.NullInt64
	err := r.Scan(&m.ID, &m.Case, &m.Window, &m.Visit, &m.Lane, &m.Kind, &m.Account, &m.State, &m.Attempt, &m.Resent, &queued, &next,
		&deadline, &sent, &bounced, &m.Server, &m.Code, &m.Detail, &m.Reason, &m.To, &m.MessageID, &m.Subject, &m.Template, &m.TemplateVersion)
	m.Queued, m.Next, m.Deadline = fromMS(queued), fromMS(next), fromMS(deadline)
	m.Sent, m.Bounced = fromNull(sent), fromNull(bounced)
	return m, err
}

func (s *Store) mails(ctx context.Context, what, where string, args ...any) ([]Mail, error) {
	var ms []Mail
	err := s.each(ctx, mailColumns+where, args, func(r scanner) error {
		m, err := scanMail(r)
		ms = append(ms, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return ms, nil
}

// MailsOfCase returns the mails written for a case, to the customer and to staff, in the order they were queued.
func (s *Store) MailsOfCase(ctx context.Context, id int64) ([]Mail, error) {
	return s.mails(ctx, "reading the mails of "+caseName(id), "WHERE case_id = ? ORDER BY id LIMIT 10000", id)
}

// Mails returns the newest mails in a state.
func (s *Store) Mails(ctx context.Context, state string, limit int) ([]Mail, error) {
	return s.mails(ctx, "listing mail", "WHERE state = ? ORDER BY id DESC LIMIT ?", state, orDefault(limit, 100))
}

// MailByMessageID returns the newest mail of ours with a Message-ID.
func (s *Store) MailByMessageID(ctx context.Context, messageID string) (Mail, error) {
	m, err := scanMail(s.readDB.QueryRowContext(ctx, mailColumns+"WHERE message_id = ? ORDER BY id DESC LIMIT 1", messageID))
	if err != nil {
		return m, fmt.Errorf("looking for our mail %s: %w", messageID, notFound(err))
	}
	return m, nil
}

// Send queues one mail that no message and no step asked for: an alert, a digest, a test. compose is told the number that
// the mail will have, which Send returns too.
func (s *Store) Send(ctx context.Context, compose func(next int64) responder.Mail, now time.Time) (int64, error) {
	var id int64
	err := s.write(ctx, "queueing a mail", now, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		m := compose(b.next.outbox)
		if err := b.queue(&m, 0); err != nil {
			return err
		}
		id = m.ID
		return nil
	})
	return id, err
}

// ReleaseDraft puts a draft into the queue, with other bytes when raw is not nil: a person has approved it.
func (s *Store) ReleaseDraft(ctx context.Context, id int64, raw []byte, who string, now time.Time) error {
	return s.write(ctx, fmt.Sprintf("releasing draft %d", id), now, func(t *tx) error {
		var caseID, window int64
		ok, err := t.get("UPDATE outbox SET state = 'queued', next_at = ? WHERE id = ? AND state = 'draft' RETURNING coalesce(case_id, 0), coalesce(window_id, 0)",
			[]any{ms(now), id}, &caseID, &window)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w among the drafts", ErrNotFound)
		}
		if raw != nil {
			if err := t.exec("UPDATE outbox_raw SET bytes = ? WHERE id = ?", raw, id); err != nil {
				return err
			}
		}
		if err := t.exec("UPDATE windows SET held = 0 WHERE id = ?", window); err != nil {
			return err
		}
		t.mails = true
		return t.note(note{caseID: caseID, outbox: id, what: "draft-released", who: who})
	})
}

// DropDraft drops a draft: a person does not want it sent.
func (s *Store) DropDraft(ctx context.Context, id int64, who, why string, now time.Time) error {
	return s.write(ctx, fmt.Sprintf("dropping draft %d", id), now, func(t *tx) error {
		var caseID int64
		ok, err := t.get("UPDATE outbox SET state = 'cancelled', counted = 0, reason = 'draft-dropped' WHERE id = ? AND state = 'draft' RETURNING coalesce(case_id, 0)",
			[]any{id}, &caseID)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w among the drafts", ErrNotFound)
		}
		return t.note(note{caseID: caseID, outbox: id, what: "draft-dropped", who: who, detail: why})
	})
}
