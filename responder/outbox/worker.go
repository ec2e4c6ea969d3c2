package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"aftercare/responder"
)

const (
	idleTime    = 20 * time.Second // after so long without work a connection is given back
	surplusRest = 5 * time.Second  // how long a worker rests whose connection is one too many for the server
)

// worker sends the jobs of one lane of one account, over at most one connection to each of its servers.
type worker struct {
	o     *Outbox
	a     *account
	hard  context.Context // ends when what is under way must end
	staff bool
	open  map[*route]*session
	rest  bool
}

func (w *worker) work(ctx context.Context, jobs <-chan Job) {
	w.open = map[*route]*session{}
	defer w.quit()
	idle := time.NewTimer(idleTime)
	defer idle.Stop()
	for {
		idle.Reset(idleTime)
		select {
		case j, ok := <-jobs:
			if !ok {
				return
			}
			r := w.safely(ctx, j)
			if !w.staff && !j.Resend && (r.Outcome == OutcomeReleased || r.Outcome == OutcomeCancelled) {
				w.a.brake.giveBack()
			}
			w.o.results <- done{r, &w.a.under[laneIndex(j.Lane)]}
		case <-idle.C:
			w.quit()
		}
		if w.rest {
			w.rest = false
			wait(ctx, surplusRest)
		}
	}
}

// safely delivers a job. A panic costs that mail its certainty, and not the program its work: how far it came is not known.
func (w *worker) safely(ctx context.Context, j Job) (res Result) {
	defer func() {
		if p := recover(); p != nil {
			w.o.opt.Log.Error("a panic while sending", "outbox", j.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			w.drop()
			res = Result{ID: j.ID, Outcome: OutcomeUnknown, At: w.o.opt.Now(), Detail: "the program failed while it was sending: " + oneLine(fmt.Sprint(p))}
		}
	}()
	return w.deliver(ctx, j)
}

// drop closes the connections without a word.
func (w *worker) drop() {
	for r, ses := range w.open {
		ses.close()
		r.closed()
		delete(w.open, r)
	}
}

func (w *worker) quit() {
	for r, ses := range w.open {
		ses.quit(w.hard)
		r.closed()
		delete(w.open, r)
	}
}

// deliver carries one job as far as it goes now.
func (w *worker) deliver(ctx context.Context, j Job) Result {
	now := w.o.opt.Now()
	if ctx.Err() != nil {
		return Result{ID: j.ID, Outcome: OutcomeReleased, At: now}
	}
	to, err := checked(j)
	if err != nil {
		return Result{ID: j.ID, Outcome: OutcomeFailed, At: now, Detail: oneLine(err.Error())}
	}
	if r, next := w.a.choose(j, w.o.opt.FallbackBefore, now); r == nil {
		return Result{ID: j.ID, Outcome: OutcomeReleased, At: now, Next: next}
	}
	if w.answered(ctx, j) {
		return Result{ID: j.ID, Outcome: OutcomeCancelled, At: w.o.opt.Now(), Reason: responder.ReasonAnsweredByPerson, Detail: "a person has answered first"}
	}
	for {
		now := w.o.opt.Now()
		r, next := w.a.choose(j, w.o.opt.FallbackBefore, now)
		if r == nil || ctx.Err() != nil || w.rest {
			return Result{ID: j.ID, Outcome: OutcomeReleased, At: now, Next: next}
		}
		if name := r.server.Name(); j.Server != name && (j.Server != "" || r != w.a.own) {
			if err := w.o.opt.Queue.Using(ctx, []int64{j.ID}, name); err != nil {
				w.o.opt.Log.Error("recording the server of a mail", "outbox", j.ID, "server", name, "err", err)
				return Result{ID: j.ID, Outcome: OutcomeReleased, At: now, Next: now.Add(time.Minute)}
			}
			j.Server = name
		}
		if res, ok := w.by(ctx, r, j, to); ok {
			return res
		}
	}
}

func (w *worker) answered(ctx context.Context, j Job) bool {
	if w.o.opt.Answered == nil || w.staff {
		return false
	}
	yes, err := w.o.opt.Answered(ctx, j)
	if err != nil {
		w.o.opt.Log.Debug("could not look whether a person has answered", "outbox", j.ID, "err", err)
	}
	return yes
}

// by sends one job by one server. It is not ok when the server or the account is in trouble, or the program ends, and
// nothing was handed over.
func (w *worker) by(ctx context.Context, r *route, j Job, to envelope) (Result, bool) {
	for {
		ses, fresh := w.open[r], false
		if ses == nil {
			var err error
			if ses, err = r.server.open(ctx); err != nil {
				w.refusedAt(ctx, r, err)
				return Result{}, false
			}
			r.opened()
			w.open[r], fresh = ses, true
		}
		stop := context.AfterFunc(w.hard, ses.close)
		res, usable, err := ses.transmit(&r.server, j, to, w.o.opt.Phase, w.o.opt.Now)
		stop()
		if !usable {
			ses.close()
			r.closed()
			delete(w.open, r)
		}
		switch {
		case err == nil:
			w.well(r)
			return w.o.spaced(res, j), true
		case fresh && errors.Is(err, errAccount):
			w.trouble(r, err)
			return Result{}, false
		case fresh && ctx.Err() != nil:
			return Result{}, false
		case fresh:
			res.Outcome, res.At, res.Detail = OutcomeLater, w.o.opt.Now(), oneLine(err.Error())
			return w.o.spaced(res, j), true
		}
		// The server has ended a connection that was idle, or its login: try a new one at once.
	}
}

// refusedAt deals with a connection that did not come about.
func (w *worker) refusedAt(ctx context.Context, r *route, err error) {
	switch {
	case ctx.Err() != nil:
	case !w.staff && r.servesOthers(w.o.opt.Now()):
		w.rest = true
		w.o.opt.Log.Debug("one connection too many", "server", r.server.Name(), "err", err)
	default:
		w.trouble(r, err)
	}
}

func (w *worker) trouble(r *route, err error) {
	if !r.trouble(w.o.opt.Now()) {
		return
	}
	w.o.opt.Log.Error("cannot send", "account", r.server.Account, "server", r.server.Name(), "err", err)
	if w.o.opt.Trouble != nil && r == w.a.own {
		w.o.opt.Trouble(r.server.Account, err)
	}
}

func (w *worker) well(r *route) {
	if !r.well(w.o.opt.Now()) {
		return
	}
	w.o.opt.Log.Info("sending", "account", r.server.Account, "server", r.server.Name())
	if w.o.opt.Well != nil && r == w.a.own {
		w.o.opt.Well(r.server.Account)
	}
}

// spaced says when a temporary refusal is tried again, and ends a mail that was tried for days.
func (o *Outbox) spaced(r Result, j Job) Result {
	if r.Outcome != OutcomeLater {
		return r
	}
	if j.Attempt >= giveUp {
		r.Outcome, r.Detail = OutcomeFailed, fmt.Sprintf("given up after %d attempts: %s", j.Attempt, r.Detail)
		return r
	}
	r.Next = o.opt.Now().Add(nextTry(j.Attempt))
	return r
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
