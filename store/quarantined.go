package store

import (
	"context"
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// Quarantined returns the messages that wait in quarantine, oldest first, at most limit (0: 1,000).
func (s *Store) Quarantined(ctx context.Context, limit int) ([]Message, error) {
	return s.messages(ctx, "listing the quarantine", "WHERE m.disposition = 'quarantined' ORDER BY m.id LIMIT ?", orDefault(limit, 1000))
}

// Retry decides about a quarantined message again, given a reading of its bytes (Raw). The clock of its reading is what it
// was. When it fails again the message stays in quarantine and Recorded.Err says why.
func (s *Store) Retry(ctx context.Context, message int64, r *responder.Reading, decide DecideFunc, now time.Time) (Recorded, error) {
	var rec Recorded
	err := s.write(ctx, fmt.Sprintf("retrying message %d", message), now, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		b.savepoints = true
		in := Incoming{Reading: r, again: message}
		var internal int64
		k := &in.Raw.Key
		ok, err := t.get(`SELECT f.account, f.folder, m.uidvalidity, m.uid, m.clock, m.size FROM messages m JOIN folders f ON f.id = m.folder
			WHERE m.id = ? AND m.disposition = 'quarantined'`, []any{message}, &k.Account, &k.Folder, &k.UIDValidity, &k.UID, &internal, &in.Raw.Size)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w in the quarantine", ErrNotFound)
		}
		in.Raw.Internal = fromMS(internal)
		rec, err = b.retry(&in, decide)
		t.quiet = rec.Err != nil
		return err
	})
	return rec, err
}

// retry is decided for a message that has its row already.
func (b *batch) retry(in *Incoming, decide DecideFunc) (Recorded, error) {
	rec := Recorded{Key: in.Raw.Key, Message: in.again, Disposition: responder.Quarantined, Reason: responder.ReasonQuarantined}
	fo, err := b.folder(in.Raw.Key)
	if err != nil {
		return rec, err
	}
	if of, _, err := b.known(fo, mailbox.Key{}, hashOf(in.Reading)); err != nil {
		return rec, err
	} else if of != nil && of.id != in.again {
		return b.retriedDuplicate(rec, fo, in, of)
	}
	f, err := b.facts(in)
	if err != nil {
		return rec, err
	}
	f.Message = in.again
	d, err := safely(decide, in.Reading, f)
	if err != nil {
		rec.Err = err
		return rec, nil
	}
	if rec.Mails, err = b.apply(fo, in, &f, &d); ownFault(err) {
		rec.Err = err
		return rec, nil
	}
	if err != nil {
		return rec, err
	}
	rec.Disposition, rec.Reason, rec.Evidence = d.Disposition, d.Reason, d.Evidence
	rec.Case, rec.Opened = d.Effects.Case, d.Effects.Open != nil
	return rec, b.leaveQuarantine(in.again, note{caseID: rec.Case, message: in.again, what: "quarantine-retried"})
}

// retriedDuplicate is for a message whose copy came by another way meanwhile.
func (b *batch) retriedDuplicate(rec Recorded, fo *folderRow, in *Incoming, of *knownRow) (Recorded, error) {
	m := b.messageRow(fo, in)
	m.hash, m.caseID, m.of = nil, of.caseID, of.id
	m.disposition, m.reason = responder.Duplicate, responder.ReasonDuplicate
	if err := b.updateMessage(in.again, m); err != nil {
		return rec, err
	}
	rec.Disposition, rec.Reason, rec.Case, rec.Of = m.disposition, m.reason, of.caseID, of.id
	return rec, b.leaveQuarantine(in.again, note{caseID: rec.Case, message: in.again, what: "quarantine-retried"})
}

// leaveQuarantine ends the window of a quarantined message and the word about it that was not said yet.
func (b *batch) leaveQuarantine(message int64, n note) error {
	err := b.t.exec("UPDATE windows SET dropped = ? WHERE message_id = ? AND case_id IS NULL AND met IS NULL AND dropped IS NULL", ms(b.now), message)
	if err != nil {
		return err
	}
	err = b.t.exec("UPDATE notices SET said = ? WHERE message_id = ? AND kind = ? AND said IS NULL", ms(b.now), message, NoticeQuarantined)
	if err != nil {
		return err
	}
	return b.note(n)
}

// DropQuarantined ends the quarantine of a message that needs no answer; who says why. The message stays on record as not
// answered.
func (s *Store) DropQuarantined(ctx context.Context, message int64, who, why string, now time.Time) error {
	return s.write(ctx, fmt.Sprintf("dropping message %d from the quarantine", message), now, func(t *tx) error {
		n, err := t.run("UPDATE messages SET disposition = 'not-answered' WHERE id = ? AND disposition = 'quarantined'", message)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w in the quarantine", ErrNotFound)
		}
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		if err := b.leaveQuarantine(message, note{message: message, what: "quarantine-dropped", who: who, detail: why}); err != nil {
			return err
		}
		return t.audit(who, "quarantine drop", fmt.Sprintf("message %d", message), why)
	})
}

func orDefault(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}
