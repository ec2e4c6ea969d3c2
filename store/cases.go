package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// ErrTaken is returned when somebody else has taken a case or a visit already.
var ErrTaken = errors.New("taken already")

// CaseLine is a case in a list.
type CaseLine struct {
	responder.Case
	Channel string
	Moved   time.Time // when something of it last moved
	Due     time.Time // the nearest end of its open windows, zero when none is open
}

// CaseFilter selects cases; zero fields select everything.
type CaseFilter struct {
	State    string
	Class    string
	Office   string
	Customer string    // a member address, any case
	Since    time.Time // opened at or after
	Waiting  bool      // only with an open window
	Before   int64     // only numbers below: page on with the last number
	Limit    int       // 100 when 0
}

// Cases lists cases, the newest first. Members, replies and visits are not filled in.
func (s *Store) Cases(ctx context.Context, f CaseFilter) ([]CaseLine, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(when bool, cond string, arg ...any) {
		if when {
			where, args = append(where, cond), append(args, arg...)
		}
	}
	add(f.State != "", "state = ?", f.State)
	add(f.Class != "", "class = ?", f.Class)
	add(f.Office != "", "office = ?", f.Office)
	add(f.Customer != "", "id IN (SELECT case_id FROM members WHERE address = ?)", strings.ToLower(f.Customer))
	add(!f.Since.IsZero(), "opened >= ?", ms(f.Since))
	add(f.Waiting, "EXISTS (SELECT 1 FROM windows w WHERE w.case_id = cases.id AND w.met IS NULL AND w.dropped IS NULL)")
	add(f.Before > 0, "id < ?", f.Before)
	query := strings.Replace(caseColumns, " FROM cases ", `, channel, moved, (SELECT min(w.due) FROM windows w
		WHERE w.case_id = cases.id AND w.met IS NULL AND w.dropped IS NULL) FROM cases `, 1) +
		"WHERE " + strings.Join(where, " AND ") + " ORDER BY id DESC LIMIT ?"
	var lines []CaseLine
	err := s.each(ctx, query, append(args, orDefault(f.Limit, 100)), func(r scanner) error {
		var l CaseLine
		var moved int64
		var due sql.NullInt64
		err := scanCase(r, &l.Case, &l.Channel, &moved, &due)
		l.Moved, l.Due = fromMS(moved), fromNull(due)
		lines = append(lines, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing cases: %w", err)
	}
	return lines, nil
}

// CaseFile is a case with all that belongs to it.
type CaseFile struct {
	responder.Case // Visits holds all its visits, finished ones too
	Channel        string
	Links          []int64
	Windows        []sla.Window
	Messages       []Message
	Mails          []Mail
}

// Case returns a case with all that belongs to it.
func (s *Store) Case(ctx context.Context, id int64) (CaseFile, error) {
	var f CaseFile
	err := s.readCase(ctx, id, &f)
	if err != nil {
		return f, fmt.Errorf("reading %s: %w", caseName(id), err)
	}
	return f, nil
}

func (s *Store) readCase(ctx context.Context, id int64, f *CaseFile) error {
	row := s.readDB.QueryRowContext(ctx, strings.Replace(caseColumns, " FROM cases ", ", channel FROM cases ", 1)+"WHERE id = ?", id)
	if err := scanCase(row, &f.Case, &f.Channel); err != nil {
		return notFound(err)
	}
	err := s.each(ctx, "SELECT address FROM members WHERE case_id = ? ORDER BY address", []any{id}, func(r scanner) error {
		var a string
		err := r.Scan(&a)
		f.Members = append(f.Members, a)
		return err
	})
	if err != nil {
		return err
	}
	err = s.each(ctx, "SELECT other_id FROM links WHERE case_id = ?1 UNION SELECT case_id FROM links WHERE other_id = ?1", []any{id}, func(r scanner) error {
		var other int64
		err := r.Scan(&other)
		f.Links = append(f.Links, other)
		return err
	})
	if err != nil {
		return err
	}
	if f.Windows, err = s.Windows(ctx, id); err != nil {
		return err
	}
	if f.Visits, err = s.Visits(ctx, VisitFilter{Case: id}); err != nil {
		return err
	}
	if f.Messages, err = s.MessagesOfCase(ctx, id); err != nil {
		return err
	}
	if f.Mails, err = s.MailsOfCase(ctx, id); err != nil {
		return err
	}
	for _, m := range f.Mails {
		if !automatic(m.Lane, m.Kind) || m.State == StateCancelled || m.State == StateFailed || m.State == StateShadow {
			continue
		}
		f.AutoReplies++
		if m.Kind == responder.MailFurther {
			f.LastAck = m.Queued
		}
	}
	return nil
}

// Windows returns all windows of a case in the order they were opened.
func (s *Store) Windows(ctx context.Context, caseID int64) ([]sla.Window, error) {
	var ws []sla.Window
	err := s.each(ctx, windowColumns+"WHERE case_id = ? ORDER BY id", []any{caseID}, func(r scanner) error {
		w, err := scanWindow(r)
		ws = append(ws, w)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the windows of %s: %w", caseName(caseID), err)
	}
	return ws, nil
}
