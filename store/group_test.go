package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// commits counts the commits of a store, and lets them fail.
type commits struct {
	driver.StmtExecContext
	n    int
	fail error
}

func (c *commits) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if c.fail != nil {
		return nil, c.fail
	}
	c.n++
	return c.StmtExecContext.ExecContext(ctx, args)
}

func countCommits(t *testing.T, s *Store) *commits {
	t.Helper()
	st, err := s.writer.prepare(t.Context(), "COMMIT")
	if err != nil {
		t.Fatal(err)
	}
	c := &commits{StmtExecContext: st.exec}
	st.exec = c
	return c
}

var errFails = errors.New("it fails")

// block writes one row of the blocked addresses, a table that nothing else here touches.
func block(s *Store, ctx context.Context, address string, then func(*tx) error) error {
	return s.write(ctx, "blocking", t0, func(t *tx) error {
		err := t.exec("INSERT INTO blocked (address, at) VALUES (?, 0)", address)
		if err == nil && then != nil {
			err = then(t)
		}
		return err
	})
}

// together runs the writes so that each of them waits for the first, and returns their errors.
func together(t *testing.T, s *Store, writes ...func() error) []error {
	t.Helper()
	s.turn <- struct{}{}
	errs := make([]error, len(writes))
	var wg sync.WaitGroup
	for i, w := range writes {
		wg.Go(func() { errs[i] = w() })
		for s.waiting.Load() != int32(i+1) {
			time.Sleep(time.Millisecond)
		}
	}
	<-s.turn
	wg.Wait()
	return errs
}

func TestWritesThatWaitShareACommit(t *testing.T) {
	s := open(t, Options{})
	c := countCommits(t, s)
	const n = 5
	var writes []func() error
	for i := range n {
		writes = append(writes, func() error { return block(s, t.Context(), fmt.Sprint(i), nil) })
	}
	if err := errors.Join(together(t, s, writes...)...); err != nil {
		t.Fatal(err)
	}
	if c.n != 1 {
		t.Errorf("%d commits for %d writes that waited for one another", c.n, n)
	}
	if got := number(t, s, "SELECT count(*) FROM blocked"); got != n {
		t.Errorf("%d of %d writes are on record", got, n)
	}
	if err := block(s, t.Context(), "alone", nil); err != nil || c.n != 2 {
		t.Errorf("a write that nobody waits for: %v, %d commits", err, c.n)
	}
}

func TestAWriteThatFailsLeavesItsGroupAlone(t *testing.T) {
	s := open(t, Options{})
	fails := func(*tx) error { return errFails }
	quiet := func(t *tx) error { t.quiet = true; return nil }
	errs := together(t, s,
		func() error { return block(s, t.Context(), "first fails", fails) },
		func() error { return block(s, t.Context(), "a", nil) },
		func() error { return block(s, t.Context(), "fails", fails) },
		func() error { return block(s, t.Context(), "quiet", quiet) },
		func() error { return block(s, t.Context(), "b", nil) },
	)
	for i, want := range []error{errFails, nil, errFails, nil, nil} {
		if !errors.Is(errs[i], want) {
			t.Errorf("write %d: %v, want %v", i, errs[i], want)
		}
	}
	if got := number(t, s, "SELECT count(*) FROM blocked"); got != 2 || number(t, s, "SELECT count(*) FROM blocked WHERE address IN ('a', 'b')") != 2 {
		t.Errorf("%d rows are on record, want a and b", got)
	}
	sound(t, s)
}

func TestAPanicLeavesItsGroupAlone(t *testing.T) {
	s := open(t, Options{})
	errs := together(t, s,
		func() error { return block(s, t.Context(), "a", nil) },
		func() (err error) {
			defer func() { err = fmt.Errorf("%v: %w", recover(), errFails) }()
			return block(s, t.Context(), "panics", func(*tx) error { panic("here") })
		},
		func() error { return block(s, t.Context(), "b", nil) },
	)
	if errs[0] != nil || !errors.Is(errs[1], errFails) || errs[2] != nil {
		t.Error(errs)
	}
	if got := number(t, s, "SELECT count(*) FROM blocked"); got != 2 {
		t.Errorf("%d rows are on record, want a and b", got)
	}
}

func TestAGroupThatIsLostTellsAllItsWrites(t *testing.T) {
	for name, lose := range map[string]func(*commits) func(*tx) error{
		"the commit fails":       func(c *commits) func(*tx) error { c.fail = errFails; return nil },
		"SQLite has rolled back": func(*commits) func(*tx) error { return func(t *tx) error { t.rollback(); return errFails } },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, Options{})
			c := countCommits(t, s)
			then := lose(c)
			errs := together(t, s,
				func() error { return block(s, t.Context(), "a", nil) },
				func() error { return block(s, t.Context(), "b", nil) },
				func() error { return block(s, t.Context(), "c", then) },
			)
			for i, err := range errs {
				if !errors.Is(err, errFails) {
					t.Errorf("write %d: %v", i, err)
				}
			}
			c.fail = nil
			if err := block(s, t.Context(), "after", nil); err != nil {
				t.Errorf("the next write: %v", err)
			}
			if got := number(t, s, "SELECT count(*) FROM blocked"); got != 1 {
				t.Errorf("%d rows are on record, want the one after", got)
			}
		})
	}
}

// Writes that give up while others leave their group to them: every other write must still be committed.
func TestWaitersThatGiveUpLeaveNoGroupOpen(t *testing.T) {
	s := open(t, Options{})
	const rounds, writers = 300, 4
	for r := range rounds {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				mine := ctx
				if w%2 == 0 {
					mine = t.Context()
				}
				err := block(s, mine, fmt.Sprintf("%d/%d", r, w), nil)
				if err != nil && (w%2 == 0 || !errors.Is(err, context.Canceled)) {
					t.Errorf("round %d, write %d: %v", r, w, err)
				}
			})
		}
		cancel()
		wg.Wait()
	}
	if got := number(t, s, "SELECT count(*) FROM blocked"); got < rounds*writers/2 {
		t.Errorf("%d rows are on record, at least %d were written", got, rounds*writers/2)
	}
}

func TestCloseCommitsWhatIsOpen(t *testing.T) {
	s := open(t, Options{})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := block(s, t.Context(), fmt.Sprint(i), nil); err != nil && !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
}
