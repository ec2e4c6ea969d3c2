package store

import (
	"context"
	"errors"
	"fmt"
)

// group is the open transaction. A write that is done leaves it to the next one when somebody waits, and waits itself for
// the commit: a commit waits for the disk and writes each changed page once, so one for several costs little more than one
// for each. A goroutine has one write in it at most, so it is never long.
type group struct {
	writes int
	done   chan struct{} // closed once it is committed or lost
	err    error         // why it is lost; to be read after done
}

// groupWrites bounds how long the first write of a group waits for the others.
const groupWrites = 16

// enter waits for the turn to write. Whoever has it calls pass.
func (s *Store) enter(ctx context.Context) error {
	s.waiting.Add(1)
	select {
	case s.turn <- struct{}{}:
		s.waiting.Add(-1)
		return nil
	case <-s.closed:
		s.waiting.Add(-1)
		return ErrClosed
	case <-ctx.Done():
		s.waiting.Add(-1)
		s.look()
		return fmt.Errorf("waiting for the database: %w", ctx.Err())
	}
}

// pass gives the turn to the next write, with the group if there is one; with nobody waiting the group is committed.
func (s *Store) pass() {
	if s.group != nil && (s.waiting.Load() == 0 || s.group.writes >= groupWrites) {
		s.commit()
	}
	left := s.group != nil
	<-s.turn
	if left && s.waiting.Load() == 0 {
		s.look() // it was left to a write that has given up, or has the turn by now
	}
}

// look ends a group that may have been left to nobody. Where somebody has the turn, pass is still to come.
func (s *Store) look() {
	select {
	case s.turn <- struct{}{}:
		s.pass()
	default:
	}
}

// commit ends the group. It needs the turn.
func (s *Store) commit() {
	t := &tx{s: s, ctx: context.Background()}
	err := t.exec("COMMIT")
	if err != nil {
		t.rollback()
	}
	s.end(err)
}

// end tells the writes of the group what became of it.
func (s *Store) end(err error) {
	s.group.err = err
	close(s.group.done)
	s.group = nil
}

// inTurn runs fn in the group, or in a new one, and passes the turn on. It returns the group that fn is in; nil when fn
// changed nothing. What fails or panics is rolled back, without the writes before it.
func (t *tx) inTurn(fn func(*tx) error) (g *group, err error) {
	defer t.s.pass()
	begin, end := "SAVEPOINT write", "RELEASE write"
	if t.s.group == nil {
		begin, end = "BEGIN IMMEDIATE", ""
	}
	if err := t.exec(begin); err != nil {
		return nil, fmt.Errorf("starting a transaction: %w", err)
	}
	kept := false
	defer func() {
		if !kept {
			t.undo(err)
		}
	}()
	if err := fn(t); err != nil || t.quiet {
		return nil, err
	}
	if err := t.bump(); err != nil {
		return nil, err
	}
	if end != "" {
		if err := t.exec(end); err != nil {
			return nil, err
		}
	} else {
		t.s.group = &group{done: make(chan struct{})}
	}
	kept = true
	t.s.group.writes++
	return t.s.group, nil
}

// undo takes this write back. After some errors SQLite has ended the transaction already, and the group with it: why says
// which error that was.
func (t *tx) undo(why error) {
	if t.s.group == nil {
		t.rollback()
		return
	}
	err := t.exec("ROLLBACK TO write")
	if err == nil {
		err = t.exec("RELEASE write")
	}
	if err != nil {
		t.rollback()
		t.s.end(errors.Join(why, err))
	}
}

// rollback ends the transaction. After some errors SQLite has ended it already, so its own error says nothing.
func (t *tx) rollback() { _ = t.exec("ROLLBACK") }
