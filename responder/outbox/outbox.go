package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"aftercare/responder"
)

// Options is what an Outbox works with. Queue, Servers, Now and Log are needed; a nil function is not asked.
type Options struct {
	Queue   Queue
	Servers []Server
	Now     func() time.Time
	Log     *slog.Logger

	// Answered tells, right before the send, whether a person has answered the message meanwhile; then the reply is
	// cancelled. An error lets the reply go out: a promise is not broken because a look failed.
	Answered func(context.Context, Job) (bool, error)
	// Proof looks for a copy of a mail of unknown outcome that the provider made (never one that we appended).
	Proof func(context.Context, Job) (bool, error)
	// Paused tells whether mail to customers rests.
	Paused func() bool
	// Trouble and Well tell that an account cannot send, and that it can again. Both are called from several goroutines.
	Trouble func(account string, err error)
	Well    func(account string)
	// Marked is called after results are on record, from one goroutine.
	Marked func([]Result)
	// Phase traces where each mail is; see the Phase constants.
	Phase func(phase string, id int64)

	ResendAfter time.Duration // how long a mail of unknown outcome waits for proof before it is repeated; default 30 s
}

// Outbox sends the queue's mails until its context ends. It owns its connections and goroutines; Run waits for all.
type Outbox struct {
	opt      Options
	accounts map[string]*account
	wake     chan struct{}
	results  chan done
	inFlight [2]atomic.Int64 // by lane
	first    map[int64]time.Time
}

// done is a result on its way to the marker.
type done struct {
	Result
	lane int
}

// account is one account's server, its workers' queues and its state of health.
type account struct {
	server Server
	jobs   [2]chan Job // by lane: staff mail has a connection of its own
	brake  brake

	mu       sync.Mutex
	failures int
	until    time.Time // resting until then
}

const (
	laneCustomer = 0
	laneStaff    = 1
)

func laneIndex(l responder.Lane) int {
	if l == responder.LaneStaff {
		return laneStaff
	}
	return laneCustomer
}

// New prepares an Outbox; nothing is connected before Run.
func New(opt Options) *Outbox {
	if opt.Phase == nil {
		opt.Phase = func(string, int64) {}
	}
	if opt.ResendAfter == 0 {
		opt.ResendAfter = 30 * time.Second
	}
	o := &Outbox{opt: opt, accounts: map[string]*account{}, wake: make(chan struct{}, 1), results: make(chan done, 256), first: map[int64]time.Time{}}
	for _, s := range opt.Servers {
		s.Connections = max(s.Connections, 1)
		if s.Timeout == 0 {
			s.Timeout = time.Minute
		}
		o.accounts[s.Account] = &account{server: s, brake: brake{perMinute: s.PerMinute, perDay: s.PerDay},
			jobs: [2]chan Job{make(chan Job, claimSize), make(chan Job, claimSize)}}
	}
	return o
}

// Wake tells that there may be something to send. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// grace is how long a mail that is being handed over when Run is told to stop may take to its end.
const grace = 3 * time.Second

// Run recovers what a crash left, then claims, sends and marks until ctx ends. It returns nil after a clean stop, or the
// error that kept it from starting.
func (o *Outbox) Run(ctx context.Context) error {
	if n, err := o.opt.Queue.Recover(ctx, o.opt.Now()); err != nil {
		return fmt.Errorf("recovering the outbox: %w", err)
	} else if n > 0 {
		o.opt.Log.Warn("mails were claimed and not marked when the program ended; their outcome is unknown", "count", n)
	}
	hard, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
			cut()
		case <-hard.Done():
		}
	})
	defer stop()

	var workers, marker sync.WaitGroup
	for _, a := range o.accounts {
		for range a.server.Connections {
			workers.Go(func() { o.work(ctx, hard, a, a.jobs[laneCustomer]) })
		}
		workers.Go(func() { o.work(ctx, hard, a, a.jobs[laneStaff]) })
	}
	marker.Go(func() { o.mark(hard) })
	o.dispatch(ctx)
	for _, a := range o.accounts {
		close(a.jobs[laneCustomer])
		close(a.jobs[laneStaff])
	}
	workers.Wait()
	close(o.results)
	marker.Wait()
	return nil
}

// work sends the jobs of one lane of one account over one connection.
func (o *Outbox) work(ctx, hard context.Context, a *account, jobs <-chan Job) {
	var ses *session
	defer func() { ses.quit() }()
	idle := time.NewTimer(idleTime)
	defer idle.Stop()
	for {
		idle.Reset(idleTime)
		select {
		case j, ok := <-jobs:
			if !ok {
				return
			}
			o.results <- done{o.deliver(ctx, hard, a, &ses, j), laneIndex(j.Lane)}
		case <-idle.C:
			ses.quit()
			ses = nil
		}
	}
}

// idleTime is after how long without work a connection is given back.
const idleTime = 20 * time.Second

// deliver carries one job as far as it goes now.
func (o *Outbox) deliver(ctx, hard context.Context, a *account, ses **session, j Job) Result {
	released := Result{ID: j.ID, Outcome: OutcomeReleased, At: o.opt.Now()}
	if ctx.Err() != nil || a.resting(o.opt.Now()) {
		return released
	}
	if o.opt.Answered != nil && j.Lane == responder.LaneCustomer {
		yes, err := o.opt.Answered(ctx, j)
		if err != nil {
			o.opt.Log.Debug("could not look whether a person has answered", "outbox", j.ID, "err", err)
		}
		if yes {
			return Result{ID: j.ID, Outcome: OutcomeCancelled, At: o.opt.Now(), Reason: responder.ReasonAnsweredByPerson, Detail: "a person has answered first"}
		}
	}
	for try := 1; ; try++ {
		fresh := *ses == nil
		if fresh {
			var err error
			if *ses, err = a.server.open(ctx); err != nil {
				*ses = nil
				if ctx.Err() == nil {
					o.trouble(a, err)
				}
				return released
			}
		}
		stop := context.AfterFunc(hard, (*ses).close)
		r, usable, err := (*ses).transmit(&a.server, j, o.opt.Phase, o.opt.Now)
		stop()
		if !usable {
			(*ses).close()
			*ses = nil
		}
		switch {
		case err == nil:
			o.well(a)
			return o.spaced(r, j)
		case errors.Is(err, errAccount):
			o.trouble(a, err)
			return released
		case !fresh && try == 1:
			continue // the server had closed a connection that was idle: try a new one at once
		case ctx.Err() != nil:
			return released
		}
		r.Outcome, r.At, r.Detail = OutcomeLater, o.opt.Now(), oneLine(err.Error())
		return o.spaced(r, j)
	}
}

// spaced says when a temporary refusal is tried again, and ends a mail that was tried for days.
func (o *Outbox) spaced(r Result, j Job) Result {
	if r.Outcome != OutcomeLater {
		return r
	}
	if j.Attempt >= giveUp {
		r.Outcome, r.Detail = OutcomeFailed, "given up after many attempts: "+r.Detail
		return r
	}
	r.Next = o.opt.Now().Add(nextTry(j.Attempt))
	return r
}

func (a *account) resting(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.until)
}

func (o *Outbox) trouble(a *account, err error) {
	a.mu.Lock()
	now := o.opt.Now()
	first := a.failures == 0
	if !now.Before(a.until) { // several workers fail at once: that is one failure
		a.failures++
		a.until = now.Add(pauseAfter(a.failures))
	}
	a.mu.Unlock()
	if first {
		o.opt.Log.Error("cannot send", "account", a.server.Account, "server", a.server.Name(), "err", err)
	}
	if o.opt.Trouble != nil {
		o.opt.Trouble(a.server.Account, err)
	}
}

func (o *Outbox) well(a *account) {
	a.mu.Lock()
	was := a.failures
	a.failures, a.until = 0, time.Time{}
	a.mu.Unlock()
	if was > 0 {
		o.opt.Log.Info("sending again", "account", a.server.Account)
	}
	if o.opt.Well != nil {
		o.opt.Well(a.server.Account)
	}
}
