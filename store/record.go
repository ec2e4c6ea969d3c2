package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// Incoming is one message to be recorded.
type Incoming struct {
	Raw     mailbox.Raw
	Reading *responder.Reading // nil when reading it failed
	Err     error              // why reading failed; the message is quarantined
	File    bool               // the message is to be filed on the server (a row of filing)
	// Cursor is how far the cursor of the folder may go once this message is on record; it lies below the message when an
	// earlier one is still owed. Nil leaves the cursor where it is; Advance moves it too.
	Cursor *uint32

	again int64 // the quarantined message that is handled once more
}

// DecideFunc decides about one message. It is called inside the transaction and must be quick; what it panics with
// quarantines the message.
type DecideFunc func(*responder.Reading, responder.Facts) responder.Decision

// Recorded is what became of one Incoming, in the same order.
type Recorded struct {
	Key         mailbox.Key
	Message     int64 // its record number, 0 when it was skipped
	Disposition responder.Disposition
	Reason      responder.Reason
	Evidence    []string
	Case        int64
	Opened      bool  // the case was opened by it
	Of          int64 // for a duplicate: the message that it repeats
	Known       bool  // this very key was on record before; nothing was changed
	Skipped     bool  // it arrived before the start mark: passed over without a record
	Mails       []responder.Mail
	Err         error // why it was quarantined
}

// Record puts messages on record, each with all that its decision changes, in one transaction; facts of a later message
// include the earlier ones. A message whose reading, decision or effects fail is quarantined and the others go on. An
// error means that nothing of the batch is on record and the cursor has not moved.
func (s *Store) Record(ctx context.Context, in []Incoming, decide DecideFunc, now time.Time) ([]Recorded, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out, err := s.recordAll(ctx, in, decide, now, false)
	if errors.Is(err, errOneMail) {
		out, err = s.recordAll(ctx, in, decide, now, true)
	}
	return out, err
}

// errOneMail ends a batch without savepoints, since the values of one message do not go in. They hardly ever do not, and a
// savepoint for each message costs all of them.
var errOneMail = errors.New("a message cannot be put on record")

// recordAll is Record in one transaction. With savepoints, a message that cannot be put on record is quarantined; without,
// the error is errOneMail and nothing is on record.
func (s *Store) recordAll(ctx context.Context, in []Incoming, decide DecideFunc, now time.Time, savepoints bool) ([]Recorded, error) {
	out := make([]Recorded, len(in))
	err := s.write(ctx, fmt.Sprintf("recording %d messages", len(in)), now, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		b.savepoints = savepoints
		b.crowd = s.opt.List != nil && s.opt.Crowd > 0 && len(in) >= s.opt.Crowd
		for i := range in {
			if out[i], err = b.one(&in[i], decide); err != nil {
				return fmt.Errorf("message %s/%s/%d: %w", in[i].Raw.Account, in[i].Raw.Folder, in[i].Raw.UID, err)
			}
		}
		if err := b.tellLists(); err != nil {
			return err
		}
		return b.flush()
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// one records one message.
func (b *batch) one(in *Incoming, decide DecideFunc) (Recorded, error) {
	key := in.Raw.Key
	rec := Recorded{Key: key}
	fo, err := b.folder(key)
	if err != nil {
		return rec, err
	}
	known, same, err := b.known(fo, key, hashOf(in.Reading))
	if err != nil {
		return rec, err
	}
	if !same && fo.before(in) {
		fo.pass(in)
		fo.skipped++
		rec.Skipped, rec.Reason = true, responder.ReasonBeforeStart
		return rec, nil
	}
	fo.pass(in)
	switch {
	case same:
		return b.alreadyThere(rec, known)
	case known != nil:
		return b.duplicate(rec, fo, in, known)
	case in.Err != nil || in.Reading == nil:
		return b.quarantine(rec, fo, in, in.Err)
	}
	return b.decided(rec, fo, in, decide)
}

// decided reads the facts, asks for the decision and applies it.
func (b *batch) decided(rec Recorded, fo *folderRow, in *Incoming, decide DecideFunc) (Recorded, error) {
	f, err := b.facts(in)
	if err != nil {
		return rec, err
	}
	d, err := safely(decide, in.Reading, f)
	if err != nil {
		return b.quarantine(rec, fo, in, err)
	}
	if err := b.mark("SAVEPOINT mail"); err != nil {
		return rec, err
	}
	saved := b.next
	rec.Message = f.Message
	mails, err := b.apply(fo, in, &f, &d)
	if err == nil {
		b.listed = append(b.listed, d.Listed...)
		rec.Disposition, rec.Reason, rec.Evidence, rec.Mails = d.Disposition, d.Reason, d.Evidence, mails
		rec.Case, rec.Opened = d.Effects.Case, d.Effects.Open != nil
		return rec, b.mark("RELEASE mail")
	}
	if !ownFault(err) {
		return rec, err
	}
	if !b.savepoints {
		return rec, fmt.Errorf("%w: %w", errOneMail, err)
	}
	b.next = saved
	b.forget()
	for _, end := range []string{"ROLLBACK TO mail", "RELEASE mail"} {
		if err := b.mark(end); err != nil {
			return rec, err
		}
	}
	return b.quarantine(rec, fo, in, fmt.Errorf("applying the decision: %w", err))
}

// mark runs a statement about the savepoint of a message.
func (b *batch) mark(statement string) error {
	if !b.savepoints {
		return nil
	}
	return b.t.exec(statement)
}

// safely turns a panic of decide into an error.
func safely(decide DecideFunc, r *responder.Reading, f responder.Facts) (d responder.Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("deciding: panic: %v", p)
		}
	}()
	return decide(r, f), nil
}

// known looks for a message with this key (same is true), else for one with this content. hash may be nil.
func (b *batch) known(fo *folderRow, k mailbox.Key, hash []byte) (row *knownRow, same bool, err error) {
	var m knownRow
	ok, err := b.t.get(`SELECT id, coalesce(case_id, 0), disposition, reason, 1 FROM messages WHERE folder = ?1 AND uidvalidity = ?2 AND uid = ?3
		UNION ALL SELECT * FROM (SELECT id, coalesce(case_id, 0), disposition, reason, 0 FROM messages WHERE hash = ?4 ORDER BY id LIMIT 1) LIMIT 1`,
		[]any{fo.id, k.UIDValidity, k.UID, hash}, &m.id, &m.caseID, &m.disposition, &m.reason, &same)
	if err != nil || !ok {
		return nil, false, err
	}
	return &m, same, nil
}

type knownRow struct {
	id, caseID  int64
	disposition responder.Disposition
	reason      responder.Reason
}

func (b *batch) alreadyThere(rec Recorded, k *knownRow) (Recorded, error) {
	rec.Known, rec.Message, rec.Case = true, k.id, k.caseID
	rec.Disposition, rec.Reason = k.disposition, k.reason
	return rec, nil
}

func (b *batch) duplicate(rec Recorded, fo *folderRow, in *Incoming, of *knownRow) (Recorded, error) {
	rec.Message, rec.Case, rec.Of = b.next.message, of.caseID, of.id
	rec.Disposition, rec.Reason = responder.Duplicate, responder.ReasonDuplicate
	b.next.message++
	m := b.messageRow(fo, in)
	m.caseID, m.of, m.disposition, m.reason = of.caseID, of.id, rec.Disposition, rec.Reason
	m.hash = nil // the first one keeps it
	if err := b.insertMessage(rec.Message, m); err != nil {
		return rec, err
	}
	return rec, b.file(in, rec.Message)
}

// file notes that the message is to be filed on its server.
func (b *batch) file(in *Incoming, message int64) error {
	if !in.File {
		return nil
	}
	return b.t.exec("INSERT INTO filing (message_id) VALUES (?)", message)
}

func hashOf(r *responder.Reading) []byte {
	if r == nil || r.Hash == [32]byte{} {
		return nil
	}
	return r.Hash[:]
}
