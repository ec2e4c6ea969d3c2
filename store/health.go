package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
)

// Health is what the checks look at.
type Health struct {
	OldestOpened time.Time // of the oldest open reply window, zero when all are met
	OldestDue    time.Time
	OldestCase   int64
	Queued       map[responder.Lane]int // waiting to be sent
	Late         int                    // queued replies past their deadline
	Unknown      int                    // mails of unknown outcome
	Failed       int                    // mails refused for good
	Drafts       int
	Quarantined  int
	Filing       int // messages still to be filed
	SentCopies   int // mails still to be appended to Sent
	OpenWindows  int
}

// Health returns the figures of the moment.
func (s *Store) Health(ctx context.Context, now time.Time) (Health, error) {
	h := Health{Queued: map[responder.Lane]int{}}
	_, err := s.get(ctx, `SELECT (SELECT count(*) FROM outbox WHERE state = 'queued' AND lane = 'customer' AND deadline < ?),
		(SELECT count(*) FROM outbox WHERE `+loose+`state = 'unknown'), (SELECT count(*) FROM outbox WHERE `+loose+`state = 'failed'),
		(SELECT count(*) FROM outbox WHERE `+loose+`state = 'draft'), (SELECT count(*) FROM messages WHERE disposition = 'quarantined'),
		(SELECT count(*) FROM filing), (SELECT count(*) FROM sent_copies),
		(SELECT count(*) FROM windows WHERE met IS NULL AND dropped IS NULL)`, []any{ms(now)},
		&h.Late, &h.Unknown, &h.Failed, &h.Drafts, &h.Quarantined, &h.Filing, &h.SentCopies, &h.OpenWindows)
	if err != nil {
		return h, fmt.Errorf("reading the state of the work: %w", err)
	}
	err = s.each(ctx, "SELECT lane, count(*) FROM outbox WHERE state = 'queued' GROUP BY lane", nil, func(r scanner) error {
		var lane string
		var n int
		err := r.Scan(&lane, &n)
		h.Queued[responder.Lane(strings.Clone(lane))] = n
		return err
	})
	if err != nil {
		return h, fmt.Errorf("counting the outbox: %w", err)
	}
	h.OldestOpened, h.OldestDue, h.OldestCase, err = s.Oldest(ctx)
	return h, err
}

// Oldest returns the oldest open reply window: when it was opened, when it ends, its case. Zero values when all are met.
func (s *Store) Oldest(ctx context.Context) (opened, due time.Time, caseID int64, err error) {
	var o, d sql.NullInt64
	_, err = s.get(ctx, `SELECT opened, due, coalesce(case_id, 0) FROM windows WHERE id = (SELECT id FROM windows INDEXED BY windows_next
		WHERE met IS NULL AND dropped IS NULL AND clock = 'reply' ORDER BY opened LIMIT 1)`, nil, &o, &d, &caseID)
	if err != nil {
		err = fmt.Errorf("looking for the oldest open window: %w", err)
	}
	return fromNull(o), fromNull(d), caseID, err
}
