package store

import (
	"context"
	"fmt"
	"time"
)

// Absence is a time in which a member of staff is not there: names as in the configuration, End exclusive. Deputy is "" for
// the next of the chain.
type Absence struct {
	ID     int64
	Who    string
	Begin  time.Time
	End    time.Time
	Deputy string
	By     string
}

// AddAbsence records an absence; a running daemon takes it up.
func (s *Store) AddAbsence(ctx context.Context, a Absence, now time.Time) error {
	if !a.Begin.Before(a.End) {
		return fmt.Errorf("recording that %s is away: the end does not come after the begin", a.Who)
	}
	return s.setting(ctx, "recording that "+a.Who+" is away", a.By, "away "+a.Who, now, func(t *tx) (int64, error) {
		return t.run("INSERT INTO absences (who, begins, ends, deputy, at, by) VALUES (?, ?, ?, ?, ?, ?)", a.Who, ms(a.Begin), ms(a.End), a.Deputy, ms(now), a.By)
	})
}

// EndAbsences records that somebody is back at a time: what was to end later ends then, what was to begin later is gone.
// ErrNotFound when there was nothing to end.
func (s *Store) EndAbsences(ctx context.Context, who, by string, at time.Time) error {
	return s.setting(ctx, "recording that "+who+" is back", by, "back "+who, at, func(t *tx) (int64, error) {
		gone, err := t.run("DELETE FROM absences WHERE who = ? AND begins >= ?", who, ms(at))
		if err != nil {
			return 0, err
		}
		cut, err := t.run("UPDATE absences SET ends = ? WHERE who = ? AND ends > ?", ms(at), who, ms(at))
		if err == nil && gone+cut == 0 {
			err = ErrNotFound
		}
		return gone + cut, err
	})
}

// Absences lists what has not ended before a time, in the order of their begins.
func (s *Store) Absences(ctx context.Context, since time.Time) ([]Absence, error) {
	var as []Absence
	err := s.each(ctx, "SELECT id, who, begins, ends, deputy, by FROM absences WHERE ends > ? ORDER BY begins, id LIMIT 10000", []any{ms(since)}, func(r scanner) error {
		var a Absence
		var begin, end int64
		err := r.Scan(&a.ID, &a.Who, &begin, &end, &a.Deputy, &a.By)
		a.Begin, a.End = fromMS(begin), fromMS(end)
		as = append(as, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading who is away: %w", err)
	}
	return as, nil
}
