package store

import (
	"context"
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// Filing is a recorded message that is still to be filed on its server.
type Filing struct {
	Message     int64
	Key         mailbox.Key
	Disposition responder.Disposition
	Reason      responder.Reason
	Kind        responder.Kind
	Case        int64
	Attempt     int // how often it was tried
}

// PendingFiling returns up to n messages of an account that are due to be filed, oldest first.
func (s *Store) PendingFiling(ctx context.Context, account string, n int, now time.Time) ([]Filing, error) {
	var fs []Filing
	err := s.each(ctx, `SELECT p.message_id, f.account, f.folder, m.uidvalidity, m.uid, m.disposition, m.reason, m.kind, coalesce(m.case_id, 0), p.attempt
		FROM filing p CROSS JOIN messages m ON m.id = p.message_id CROSS JOIN folders f ON f.id = m.folder
		WHERE f.account = ? AND p.next_at <= ? ORDER BY p.message_id LIMIT ?`, []any{account, ms(now), n}, func(r scanner) error {
		var f Filing
		err := r.Scan(&f.Message, &f.Key.Account, &f.Key.Folder, &f.Key.UIDValidity, &f.Key.UID, &f.Disposition, &f.Reason, &f.Kind, &f.Case, &f.Attempt)
		fs = append(fs, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is to be filed in %s: %w", account, err)
	}
	return fs, nil
}

// FilingDone ends the filing of messages: done, or no longer possible.
func (s *Store) FilingDone(ctx context.Context, messages []int64) error {
	return s.serverWork(ctx, "recording filed messages", "DELETE FROM filing WHERE message_id IN (SELECT value FROM json_each(?))", jsonText(messages))
}

// FilingLater puts the filing of a message off.
func (s *Store) FilingLater(ctx context.Context, message int64, next time.Time, detail string) error {
	return s.serverWork(ctx, "putting off a filing", "UPDATE filing SET attempt = attempt + 1, next_at = ?, detail = ? WHERE message_id = ?",
		ms(next), oneLine(detail), message)
}

// SentCopy is a sent mail that is still to be appended to the Sent folder of its account.
type SentCopy struct {
	Outbox    int64
	Account   string
	MessageID string
	Raw       []byte
	Sent      time.Time
	Attempt   int // how often it was tried; a second try looks for the Message-ID first
}

// PendingSent returns up to n sent mails of an account that are due to be appended, oldest first.
func (s *Store) PendingSent(ctx context.Context, account string, n int, now time.Time) ([]SentCopy, error) {
	var cs []SentCopy
	err := s.each(ctx, `SELECT o.id, o.account, o.message_id, r.bytes, coalesce(o.sent, 0), p.attempt FROM sent_copies p
		CROSS JOIN outbox o ON o.id = p.outbox_id CROSS JOIN outbox_raw r ON r.id = p.outbox_id
		WHERE o.account = ? AND p.next_at <= ? ORDER BY p.outbox_id LIMIT ?`, []any{account, ms(now), n}, func(r scanner) error {
		var c SentCopy
		var sent int64
		err := r.Scan(&c.Outbox, &c.Account, &c.MessageID, &c.Raw, &sent, &c.Attempt)
		c.Sent = fromMS(sent)
		cs = append(cs, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is to be appended to Sent of %s: %w", account, err)
	}
	return cs, nil
}

// SentTrying records that copies are about to be appended, before it is done: after a crash the server is asked for the
// Message-ID first.
func (s *Store) SentTrying(ctx context.Context, outbox []int64) error {
	return s.serverWork(ctx, "recording an append", "UPDATE sent_copies SET attempt = attempt + 1 WHERE outbox_id IN (SELECT value FROM json_each(?))", jsonText(outbox))
}

// SentDone ends the copies of mails: appended, found there, or no longer possible.
func (s *Store) SentDone(ctx context.Context, outbox []int64) error {
	return s.serverWork(ctx, "recording appended mail", "DELETE FROM sent_copies WHERE outbox_id IN (SELECT value FROM json_each(?))", jsonText(outbox))
}

// SentLater puts the copy of a mail off.
func (s *Store) SentLater(ctx context.Context, outbox int64, next time.Time, detail string) error {
	return s.serverWork(ctx, "putting off an append", "UPDATE sent_copies SET next_at = ?, detail = ? WHERE outbox_id = ?", ms(next), oneLine(detail), outbox)
}

func (s *Store) serverWork(ctx context.Context, what, query string, args ...any) error {
	return s.write(ctx, what, time.Time{}, func(t *tx) error { return t.exec(query, args...) })
}
