package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// ErrFull is returned when the disk is full or fails. The transaction was rolled back: nothing is half done, and the
// same call may be made again.
var ErrFull = errors.New("the disk of the database is full or failing")

// ErrClosed is returned by writes after Close or on a database opened read-only.
var ErrClosed = errors.New("the database is not open for writing")

// ErrNotFound is returned for a number or name that is not on record.
var ErrNotFound = errors.New("not on record")

// tx is one write transaction. Its statements are prepared once for the life of the store.
type tx struct {
	s        *Store
	ctx      context.Context // without an end: a transaction is short and is not broken off in its middle
	now      time.Time
	quiet    bool // nothing changed: roll back instead of committing
	settings bool // something changed that a running daemon must read again
	mails    bool // mail was queued
}

// write runs fn in an immediate transaction and returns when it is committed, or why it is not. what says what is being
// done, for errors. now is the time that everything in the transaction carries. Writes that wait for one another share a
// transaction (see group); each is in it whole or not at all.
func (s *Store) write(ctx context.Context, what string, now time.Time, fn func(*tx) error) error {
	if s.writer == nil {
		return fmt.Errorf("%s: %w", what, ErrClosed)
	}
	if err := s.enter(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	t := &tx{s: s, ctx: context.WithoutCancel(ctx), now: now}
	g, err := t.inTurn(fn)
	if err != nil {
		return fmt.Errorf("%s: %w", what, wrap(err))
	}
	if g == nil {
		return nil
	}
	<-g.done
	if g.err != nil {
		return fmt.Errorf("%s: committing: %w", what, wrap(g.err))
	}
	if t.mails {
		select {
		case s.queued <- struct{}{}:
		default:
		}
	}
	return nil
}

func (t *tx) bump() error {
	if t.settings {
		return t.exec("UPDATE state SET generation = generation + 1, settings = settings + 1")
	}
	return t.exec("UPDATE state SET generation = generation + 1")
}

// exec runs one statement. query must be one of a fixed number of texts: each is kept prepared.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.s.writer.run(t.ctx, query, args)
	return err
}

// run is exec that also returns how many rows changed.
func (t *tx) run(query string, args ...any) (int64, error) {
	r, err := t.s.writer.run(t.ctx, query, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert is exec that returns the new row number.
func (t *tx) insert(query string, args ...any) (int64, error) {
	r, err := t.s.writer.run(t.ctx, query, args)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// get reads one row into dest and tells whether there was one.
func (t *tx) get(query string, args []any, dest ...any) (bool, error) {
	return t.s.writer.get(t.ctx, query, args, dest)
}

// each calls fn for every row. fn must not use the transaction: rows are open.
func (t *tx) each(query string, args []any, fn func(scanner) error) error {
	return t.s.writer.each(t.ctx, query, args, fn)
}

// each runs a query on the readers.
func (s *Store) each(ctx context.Context, query string, args []any, fn func(scanner) error) error {
	rows, err := s.readDB.QueryContext(ctx, query, args...)
	if err != nil {
		return wrap(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return wrap(err)
		}
	}
	return wrap(rows.Err())
}

// get reads one row on the readers and tells whether there was one.
func (s *Store) get(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	err := s.readDB.QueryRowContext(ctx, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, wrap(err)
}

// wrap puts ErrFull on errors of a full or failing disk.
func wrap(err error) error {
	switch code(err) {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN:
		if !errors.Is(err, ErrFull) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return err
}

// code is the primary result code of SQLite in err, 0 for none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// ownFault tells whether err is about the values of one row, so that another row may well go in.
func ownFault(err error) bool {
	switch code(err) {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_TOOBIG, lib.SQLITE_RANGE:
		return true
	}
	return false
}
