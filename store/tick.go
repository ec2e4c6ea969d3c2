package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// TickRules is what a tick asks. The functions are called inside a transaction and must be quick; they return all steps
// that are due by now, said or not, in the order of their times, and when to look again (the zero time: never).
type TickRules struct {
	WindowSteps func(w sla.Window, now time.Time) ([]sla.Step, time.Time)
	VisitSteps  func(v sla.Visit, now time.Time) ([]sla.Step, time.Time)
	// NoticeSteps says who is told of a notice. Subject and Due of its steps are set by the store.
	NoticeSteps func(n Notice, now time.Time) []sla.Step
	// Maintenance says which visits of planned maintenance of a contract are to be opened by now. nil opens none.
	Maintenance func(m Maintenance, now time.Time) (MaintenancePlan, error)
	// Notify composes the mail of one step. False says that there is nothing to send; the step counts as said.
	Notify func(st sla.Step, f responder.Facts, now time.Time) (responder.Mail, bool)
	Chunk  int // how many windows or visits in one transaction, 200 when 0; more where there is nothing to say about them
}

// TickResult is what a tick found and said.
type TickResult struct {
	Windows, Visits, Notices int        // looked at
	Planned                  int        // visits of planned maintenance that were opened
	Steps                    []SaidStep // newly said, in order; at most 1,000 of them
	Said                     int        // how many there were
}

// SaidStep is one step that this tick put on record.
type SaidStep struct {
	sla.Step
	Outbox int64 // the mail, 0 when there was none to send
	Kind   string
	To     string
}

const maxSaid = 1000

// quietChunks is how many times TickRules.Chunk rows one transaction may look at while there is nothing to say.
const quietChunks = 8

// Tick says what is due at now: about notices, open windows and visits, those of planned maintenance that it opens. What was missed while nothing ran is caught up in
// order; what is on record is not said again. An error of one step, a panic of Notify for one, leaves that step for the
// next tick; the others are said.
func (s *Store) Tick(ctx context.Context, now time.Time, r TickRules) (TickResult, error) {
	if r.Chunk <= 0 {
		r.Chunk = 200
	}
	var res TickResult
	var errs []error
	least := r.Chunk
	for _, part := range []func(*ticker) (int, error){(*ticker).notices, (*ticker).windows, (*ticker).maintenance, (*ticker).visits} {
		for r.Chunk = least; ; {
			if err := ctx.Err(); err != nil {
				return res, errors.Join(append(errs, fmt.Errorf("ticking: %w", err))...)
			}
			said, opened := res.Said, res.Planned
			n, soft, err := s.tickChunk(ctx, now, r, &res, part)
			errs = append(errs, soft...)
			if err != nil {
				return res, errors.Join(append(errs, err)...)
			}
			if n < r.Chunk {
				break
			}
			r.Chunk = min(2*r.Chunk, quietChunks*least) // to look costs little: what waits for the record does not wait long
			if res.Said > said || res.Planned > opened {
				r.Chunk = least
			}
		}
	}
	return res, errors.Join(errs...)
}

// ticker is one transaction of a tick.
type ticker struct {
	*batch
	rules TickRules
	res   TickResult
	soft  []error // of single steps
}

// tickChunk runs one part once and adds what it did to res after the commit. It returns how many rows the part looked at.
func (s *Store) tickChunk(ctx context.Context, now time.Time, r TickRules, res *TickResult, part func(*ticker) (int, error)) (int, []error, error) {
	n := 0
	var k *ticker
	err := s.write(ctx, "ticking", now, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		k = &ticker{batch: b, rules: r}
		n, err = part(k)
		t.quiet = n == 0
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	res.Windows += k.res.Windows
	res.Visits += k.res.Visits
	res.Notices += k.res.Notices
	res.Planned += k.res.Planned
	res.Said += k.res.Said
	res.Steps = append(res.Steps, k.res.Steps[:min(len(k.res.Steps), maxSaid-len(res.Steps))]...)
	return n, k.soft, nil
}

// look is one row that was looked at: its steps and when to look again.
type look struct {
	id   int64
	next time.Time
	fail bool
}

func (k *ticker) windows() (int, error) {
	var ws []sla.Window
	err := k.t.each(windowColumns+"WHERE next_at <= ? AND met IS NULL AND dropped IS NULL ORDER BY next_at, clock, opened LIMIT ?",
		[]any{ms(k.now), k.rules.Chunk}, func(r scanner) error {
			w, err := scanWindow(r)
			ws = append(ws, w)
			return err
		})
	if err != nil || len(ws) == 0 || k.rules.WindowSteps == nil {
		return 0, err
	}
	looks := make([]look, len(ws))
	var steps []dueStep
	for i, w := range ws {
		st, next, err := guarded(k.rules.WindowSteps, w, k.now)
		looks[i] = look{id: w.ID, next: next, fail: err != nil}
		if err != nil {
			k.soft = append(k.soft, fmt.Errorf("window %d: %w", w.ID, err))
		}
		for _, one := range st {
			steps = append(steps, dueStep{Step: one, look: &looks[i], message: w.Message, window: &ws[i]})
		}
	}
	k.res.Windows = len(ws)
	if err := k.sayAll(steps); err != nil {
		return 0, err
	}
	return len(ws), k.lookAgain("UPDATE windows SET next_at = ? WHERE id = ?", looks)
}

func (k *ticker) visits() (int, error) {
	var vs []sla.Visit
	err := k.t.each(visitColumns+"WHERE next_at <= ? AND state IN ('requested', 'arranged') ORDER BY next_at, id LIMIT ?",
		[]any{ms(k.now), k.rules.Chunk}, func(r scanner) error {
			v, err := scanVisit(r)
			vs = append(vs, v)
			return err
		})
	if err != nil || len(vs) == 0 || k.rules.VisitSteps == nil {
		return 0, err
	}
	looks := make([]look, len(vs))
	var steps []dueStep
	for i, v := range vs {
		st, next, err := guarded(k.rules.VisitSteps, v, k.now)
		looks[i] = look{id: v.ID, next: next, fail: err != nil}
		if err != nil {
			k.soft = append(k.soft, fmt.Errorf("visit %d: %w", v.ID, err))
		}
		for _, one := range st {
			steps = append(steps, dueStep{Step: one, look: &looks[i]})
		}
	}
	k.res.Visits = len(vs)
	if err := k.sayAll(steps); err != nil {
		return 0, err
	}
	return len(vs), k.lookAgain("UPDATE visits SET next_at = ? WHERE id = ?", looks)
}

// guarded calls a function of the rules and turns its panic into an error.
func guarded[T any](fn func(T, time.Time) ([]sla.Step, time.Time), of T, now time.Time) (st []sla.Step, next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("what is due: panic: %v", p)
		}
	}()
	st, next = fn(of, now)
	return st, next, nil
}

// lookAgain writes the times of the next look. One that is not in the future is put off by a minute, so that a tick ends;
// so is one with a step that failed.
func (k *ticker) lookAgain(query string, looks []look) error {
	for _, l := range looks {
		next := laterMS(l.next)
		if soon := ms(k.now.Add(time.Minute)); l.fail || next <= ms(k.now) {
			next = soon
		}
		if err := k.t.exec(query, next, l.id); err != nil {
			return err
		}
	}
	return nil
}

func (k *ticker) notices() (int, error) {
	var ns []Notice
	err := k.t.each(`SELECT id, kind, at, coalesce(case_id, 0), coalesce(outbox_id, 0), coalesce(message_id, 0), coalesce(window_id, 0),
		coalesce(visit_id, 0), detail FROM notices WHERE said IS NULL ORDER BY id LIMIT ?`, []any{k.rules.Chunk}, func(r scanner) error {
		var n Notice
		var at int64
		err := r.Scan(&n.ID, &n.Kind, &at, &n.Case, &n.Outbox, &n.Message, &n.Window, &n.Visit, &n.Detail)
		n.At = fromMS(at)
		ns = append(ns, n)
		return err
	})
	if err != nil || len(ns) == 0 || k.rules.NoticeSteps == nil {
		return 0, err
	}
	k.res.Notices = len(ns)
	failed := 0
	for _, n := range ns {
		l := look{id: n.ID}
		var steps []dueStep
		for _, st := range k.rules.NoticeSteps(n, k.now) {
			st.Subject, st.Due, st.Case, st.Window, st.Visit = n.Subject(), n.At, n.Case, n.Window, n.Visit
			steps = append(steps, dueStep{Step: st, look: &l, message: n.Message, about: n.Outbox, detail: n.Detail})
		}
		if err := k.sayAll(steps); err != nil {
			return 0, err
		}
		if l.fail {
			failed++
			continue
		}
		if err := k.t.exec("UPDATE notices SET said = ? WHERE id = ?", ms(k.now), n.ID); err != nil {
			return 0, err
		}
	}
	if failed == len(ns) {
		return 0, nil // nothing moved: the next tick tries again
	}
	return len(ns) - failed, nil
}

// sayAll says steps in the order of their times.
func (k *ticker) sayAll(steps []dueStep) error {
	slices.SortStableFunc(steps, func(a, b dueStep) int { return a.At.Compare(b.At) })
	for _, st := range steps {
		err := k.say(st)
		var soft *stepError
		if errors.As(err, &soft) {
			st.look.fail = true
			k.soft = append(k.soft, err)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Replan has every open window and visit looked at by the next tick when plan, a hash of the configured plan, is not the
// one that stands on record.
func (s *Store) Replan(ctx context.Context, plan string) error {
	return s.write(ctx, "taking over a changed plan", time.Time{}, func(t *tx) error {
		n, err := t.run("UPDATE state SET plan = ? WHERE plan <> ?", plan, plan)
		if err != nil || n == 0 {
			t.quiet = true
			return err
		}
		if err := t.exec("UPDATE windows SET next_at = 0 WHERE met IS NULL AND dropped IS NULL"); err != nil {
			return err
		}
		return t.exec("UPDATE visits SET next_at = 0 WHERE state IN ('requested', 'arranged')")
	})
}
