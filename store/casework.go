package store

import (
	"context"
	"fmt"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// Channels that a contact comes by (policy 4.2).
const (
	ChannelEmail    = "email"
	ChannelPhone    = "phone"
	ChannelInPerson = "in-person"
	ChannelMail     = sla.ChannelLetter
)

// NewCase is a case that a person records.
type NewCase struct {
	Case     responder.Case // its number is set by the store
	Channel  string
	Answered time.Time // when the contact was answered; zero leaves its windows open
	Windows  []sla.Window
	Visits   []sla.Visit
	Who      string
}

// OpenCase records a contact that did not come by mail and returns the number of its case. Windows that were answered are
// met at n.Answered.
func (s *Store) OpenCase(ctx context.Context, n NewCase, now time.Time) (int64, error) {
	err := s.write(ctx, "opening a case", now, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		n.Case.ID = b.next.kase
		n.Case.PersonAnswered = n.Answered
		if err := b.openCase(&n.Case, n.Channel); err != nil {
			return err
		}
		for _, w := range n.Windows {
			w.Case, w.Message = n.Case.ID, 0
			if w.Met.IsZero() {
				w.Met = n.Answered
			}
			if _, err := b.insertWindow(w, n.Channel); err != nil {
				return err
			}
		}
		for _, v := range n.Visits {
			v.Case = n.Case.ID
			if _, err := b.insertVisit(v); err != nil {
				return err
			}
		}
		return b.note(note{caseID: n.Case.ID, what: "opened", who: n.Who, detail: "recorded by hand, channel " + n.Channel})
	})
	return n.Case.ID, err
}

// onCase runs fn for a case that exists and notes what was done to it.
func (s *Store) onCase(ctx context.Context, id int64, now time.Time, n note, fn func(*tx) error) error {
	return s.write(ctx, n.what+" "+caseName(id), now, func(t *tx) error {
		changed, err := t.run("UPDATE cases SET moved = ? WHERE id = ?", ms(now), id)
		if err != nil {
			return err
		}
		if changed == 0 {
			return ErrNotFound
		}
		if err := fn(t); err != nil {
			return err
		}
		n.caseID = id
		if err := t.note(n); err != nil {
			return err
		}
		return t.audit(n.who, "case "+n.what, caseName(id), n.detail)
	})
}

// CloseCase closes a case: its open windows end without being met, and drafts are dropped. Visits go on until they are done
// or cancelled.
func (s *Store) CloseCase(ctx context.Context, id int64, who, why string, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "closed", who: who, detail: why}, func(t *tx) error {
		if err := t.exec("UPDATE cases SET state = 'closed', closed = ? WHERE id = ? AND state <> 'closed'", ms(now), id); err != nil {
			return err
		}
		if err := t.exec("UPDATE windows SET dropped = ? WHERE case_id = ? AND met IS NULL AND dropped IS NULL", ms(now), id); err != nil {
			return err
		}
		return t.exec("UPDATE outbox SET state = 'cancelled', counted = 0, reason = 'case-closed' WHERE case_id = ? AND state = 'draft'", id)
	})
}

// ReopenCase opens a closed case again. It opens no window.
func (s *Store) ReopenCase(ctx context.Context, id int64, who, why string, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "reopened", who: who, detail: why}, func(t *tx) error {
		return t.exec("UPDATE cases SET state = 'open', closed = NULL WHERE id = ?", id)
	})
}

// TakeCase records that who looks after a case: warnings about its windows stop, a breach is still told. ErrTaken when
// somebody else has it, unless over is set.
func (s *Store) TakeCase(ctx context.Context, id int64, who string, over bool, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "taken", who: who}, func(t *tx) error {
		var has string
		if _, err := t.get("SELECT taken_by FROM cases WHERE id = ?", []any{id}, &has); err != nil {
			return err
		}
		if has != "" && has != who && !over {
			return fmt.Errorf("%w by %s", ErrTaken, has)
		}
		if err := t.exec("UPDATE cases SET taken_by = ?, taken_at = ? WHERE id = ?", who, ms(now), id); err != nil {
			return err
		}
		err := t.exec("UPDATE windows SET taken = ?, next_at = 0 WHERE case_id = ? AND met IS NULL AND dropped IS NULL", ms(now), id)
		if err != nil {
			return err
		}
		return t.exec("INSERT INTO acknowledgements (at, who, subject, case_id) VALUES (?, ?, ?, ?)", ms(now), who, caseName(id), id)
	})
}

// AnswerCase records that a person answered the customer at a time, by whatever way: open windows are met, replies that are
// not under way are cancelled.
func (s *Store) AnswerCase(ctx context.Context, id int64, at time.Time, who, how string, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "answered-by-person", reason: responder.ReasonAnsweredByPerson, who: who, detail: how}, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		if err := b.meet(id, []sla.Clock{sla.ClockReply, sla.ClockPerson}, at); err != nil {
			return err
		}
		if err := t.exec("UPDATE cases SET person_answered = max(coalesce(person_answered, 0), ?) WHERE id = ?", ms(at), id); err != nil {
			return err
		}
		return b.cancel(id, responder.ReasonAnsweredByPerson, 0)
	})
}

// Reclass gives a case another class. Its open windows keep their ends and change their class, so that the right chain is
// told.
func (s *Store) Reclass(ctx context.Context, id int64, class, who string, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "reclassed", who: who, detail: class}, func(t *tx) error {
		if err := t.exec("UPDATE cases SET class = ? WHERE id = ?", class, id); err != nil {
			return err
		}
		return t.exec("UPDATE windows SET class = ? WHERE case_id = ? AND met IS NULL AND dropped IS NULL", class, id)
	})
}

// NoteCase adds a line to the history of a case.
func (s *Store) NoteCase(ctx context.Context, id int64, who, text string, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "note", who: who, detail: text}, func(*tx) error { return nil })
}
