package store

import (
	"context"
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// Message is a message on record.
type Message struct {
	ID          int64
	Key         mailbox.Key
	MessageID   string
	Case        int64
	DuplicateOf int64
	Recorded    time.Time
	Clock       time.Time // when it reached the company
	Size        int64
	Disposition responder.Disposition
	Reason      responder.Reason
	Evidence    []string
	Kind        responder.Kind
	Sender      string
	Customer    string
	Subject     string
	Language    string
	Class       string
	Confidence  float64
	Certain     bool
}

const messageColumns = `SELECT m.id, f.account, f.folder, m.uidvalidity, m.uid, coalesce(m.message_id, ''), coalesce(m.case_id, 0),
	coalesce(m.duplicate_of, 0), m.recorded, m.clock, m.size, m.disposition, m.reason, m.evidence, m.kind, m.sender, m.customer,
	m.subject, m.language, m.class, m.confidence, m.certain FROM messages m JOIN folders f ON f.id = m.folder `

func scanMessage(r scanner) (Message, error) {
	var m Message
	var recorded, clock int64
	var evidence string
	err := r.Scan(&m.ID, &m.Key.Account, &m.Key.Folder, &m.Key.UIDValidity, &m.Key.UID, &m.MessageID, &m.Case, &m.DuplicateOf,
		&recorded, &clock, &m.Size, &m.Disposition, &m.Reason, &evidence, &m.Kind, &m.Sender, &m.Customer, &m.Subject, &m.Language,
		&m.Class, &m.Confidence, &m.Certain)
	m.Recorded, m.Clock, m.Evidence = fromMS(recorded), fromMS(clock), unlist(evidence)
	return m, err
}

func (s *Store) messages(ctx context.Context, what, where string, args ...any) ([]Message, error) {
	var ms []Message
	err := s.each(ctx, messageColumns+where, args, func(r scanner) error {
		m, err := scanMessage(r)
		ms = append(ms, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return ms, nil
}

// Message returns one message by its record number.
func (s *Store) Message(ctx context.Context, id int64) (Message, error) {
	m, err := scanMessage(s.readDB.QueryRowContext(ctx, messageColumns+"WHERE m.id = ?", id))
	if err != nil {
		return m, fmt.Errorf("reading message %d: %w", id, notFound(err))
	}
	return m, nil
}

// MessagesByID returns the messages with a Message-ID (without angle brackets), oldest first.
func (s *Store) MessagesByID(ctx context.Context, messageID string) ([]Message, error) {
	return s.messages(ctx, "looking for "+messageID, "WHERE m.message_id = ? ORDER BY m.id LIMIT 1000", messageID)
}

// MessagesOfCase returns the messages filed under a case, oldest first.
func (s *Store) MessagesOfCase(ctx context.Context, id int64) ([]Message, error) {
	return s.messages(ctx, "reading the messages of "+caseName(id), "WHERE m.case_id = ? ORDER BY m.id LIMIT 10000", id)
}

// MessagesSince returns up to limit messages with a record number above after that were recorded at since or later, in the
// order of their record: page on with the last number.
func (s *Store) MessagesSince(ctx context.Context, after int64, since time.Time, limit int) ([]Message, error) {
	return s.messages(ctx, "reading messages", "WHERE m.id > ? AND m.recorded >= ? ORDER BY m.id LIMIT ?", after, ms(since), orDefault(limit, 1000))
}
