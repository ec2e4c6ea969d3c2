package store

import (
	"context"
	"fmt"
	"time"
)

// Example is a text with its class, as staff corrected it. The text is masked by whoever adds it.
type Example struct {
	ID       int64
	Class    string
	Language string
	Text     string
	Who      string
	At       time.Time
	Case     int64
}

// AddExamples stores examples. The same text in the same class is stored once. It returns how many are new.
func (s *Store) AddExamples(ctx context.Context, es []Example, now time.Time) (int, error) {
	added := 0
	err := s.write(ctx, "storing examples", now, func(t *tx) error {
		for _, e := range es {
			if e.At.IsZero() {
				e.At = now
			}
			n, err := t.run("INSERT OR IGNORE INTO examples (class, language, text, who, at, case_id) VALUES (?, ?, ?, ?, ?, ?)",
				e.Class, e.Language, e.Text, e.Who, ms(e.At), nullID(e.Case))
			if err != nil {
				return err
			}
			added += int(n)
		}
		t.settings, t.quiet = true, added == 0
		return nil
	})
	return added, err
}

// Examples lists the examples of a class, of all classes when it is "", in the order they were stored.
func (s *Store) Examples(ctx context.Context, class string) ([]Example, error) {
	var es []Example
	err := s.each(ctx, "SELECT id, class, language, text, who, at, coalesce(case_id, 0) FROM examples WHERE ?1 IN ('', class) ORDER BY id", []any{class}, func(r scanner) error {
		var e Example
		var at int64
		err := r.Scan(&e.ID, &e.Class, &e.Language, &e.Text, &e.Who, &at, &e.Case)
		e.At = fromMS(at)
		es = append(es, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing examples: %w", err)
	}
	return es, nil
}

// MoveExample gives an example another class.
func (s *Store) MoveExample(ctx context.Context, id int64, class, who string, now time.Time) error {
	return s.setting(ctx, fmt.Sprintf("moving example %d", id), who, fmt.Sprintf("example %d to %s", id, class), now, func(t *tx) (int64, error) {
		return mustChange(t.run("UPDATE examples SET class = ? WHERE id = ?", class, id))
	})
}

// RemoveExample removes an example.
func (s *Store) RemoveExample(ctx context.Context, id int64, who string, now time.Time) error {
	return s.setting(ctx, fmt.Sprintf("removing example %d", id), who, fmt.Sprintf("example %d removed", id), now, func(t *tx) (int64, error) {
		return mustChange(t.run("DELETE FROM examples WHERE id = ?", id))
	})
}

func mustChange(n int64, err error) (int64, error) {
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return n, err
}
