package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// ReportLine counts the windows of one kind. Opened = Met + Late + Missed + Running + Dropped + Recorded.
type ReportLine struct {
	Clock    sla.Clock
	Channel  string
	Class    string
	Office   string
	Opened   int
	Met      int // in time
	Late     int // met after its end
	Missed   int // open, its end is past
	Running  int // open, its end is to come
	Dropped  int // ended without being met: the case was closed, or none was owed
	Recorded int // telephone and in person, answered: recorded by staff, not measured
}

// Report is the windows that were opened in a time, and what became of messages and mails in it.
type Report struct {
	From, To     time.Time // To exclusive
	Lines        []ReportLine
	Dispositions []Count // what became of messages
	Replies      []Count // automatic replies by state; "bounced" and "late" are counted beside "sent"
	Visits       []Count // of the visits requested: by state, and arranged or on site late
}

// Count is how often something was so.
type Count struct {
	What   string
	Reason responder.Reason `json:",omitempty"`
	N      int
}

// Report counts what was opened from from up to to, as it stands at now.
func (s *Store) Report(ctx context.Context, from, to, now time.Time) (Report, error) {
	rep := Report{From: from, To: to}
	err := s.each(ctx, `SELECT clock, channel, class, office, count(*),
		sum(met IS NOT NULL AND met <= due AND NOT recorded), sum(met IS NOT NULL AND met > due AND NOT recorded),
		sum(met IS NULL AND dropped IS NULL AND due <= ?3), sum(met IS NULL AND dropped IS NULL AND due > ?3),
		sum(met IS NULL AND dropped IS NOT NULL), sum(met IS NOT NULL AND recorded)
		FROM (SELECT *, channel IN ('phone', 'in-person') AS recorded FROM windows WHERE opened >= ?1 AND opened < ?2)
		GROUP BY clock, channel, class, office ORDER BY clock DESC, channel, class, office`, []any{ms(from), ms(to), ms(now)}, func(r *sql.Rows) error {
		var l ReportLine
		err := r.Scan(&l.Clock, &l.Channel, &l.Class, &l.Office, &l.Opened, &l.Met, &l.Late, &l.Missed, &l.Running, &l.Dropped, &l.Recorded)
		rep.Lines = append(rep.Lines, l)
		return err
	})
	if err != nil {
		return rep, fmt.Errorf("reporting windows: %w", err)
	}
	rep.Dispositions, err = s.counts(ctx, `SELECT disposition, reason, count(*) FROM messages WHERE recorded >= ? AND recorded < ?
		GROUP BY disposition, reason ORDER BY disposition, reason`, ms(from), ms(to))
	if err != nil {
		return rep, fmt.Errorf("reporting messages: %w", err)
	}
	rep.Replies, err = s.counts(ctx, `WITH r AS (SELECT * FROM outbox WHERE queued >= ?1 AND queued < ?2 AND lane = 'customer')
		SELECT state, reason, count(*) FROM r GROUP BY state, reason UNION ALL
		SELECT 'bounced', '', count(*) FROM r WHERE bounced IS NOT NULL UNION ALL
		SELECT 'late', '', count(*) FROM r WHERE sent > deadline`, ms(from), ms(to))
	if err != nil {
		return rep, fmt.Errorf("reporting replies: %w", err)
	}
	rep.Visits, err = s.counts(ctx, `WITH v AS (SELECT * FROM visits WHERE requested >= ?1 AND requested < ?2)
		SELECT state, '', count(*) FROM v GROUP BY state UNION ALL
		SELECT 'arranged-late', '', count(*) FROM v WHERE state <> 'cancelled' AND coalesce(arranged, ?3) > arrange_due UNION ALL
		SELECT 'on-site-late', '', count(*) FROM v WHERE state <> 'cancelled' AND wish = 0 AND coalesce(begun, ?3) > onsite_due`,
		ms(from), ms(to), ms(now))
	if err != nil {
		return rep, fmt.Errorf("reporting visits: %w", err)
	}
	return rep, nil
}

func (s *Store) counts(ctx context.Context, query string, args ...any) ([]Count, error) {
	var cs []Count
	err := s.each(ctx, query, args, func(r *sql.Rows) error {
		var c Count
		err := r.Scan(&c.What, &c.Reason, &c.N)
		if c.N > 0 {
			cs = append(cs, c)
		}
		return err
	})
	return cs, err
}

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
	err = s.each(ctx, "SELECT lane, count(*) FROM outbox WHERE state = 'queued' GROUP BY lane", nil, func(r *sql.Rows) error {
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
