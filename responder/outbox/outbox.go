package outbox

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"aftercare/responder"
)

// Outbox sends the queue's mails until its context ends. It owns its connections and goroutines; Run waits for all.
type Outbox struct {
	opt      Options
	accounts map[string]*account
	wake     chan struct{}
	results  chan done
	failed   int // claims that failed in a row; the dispatcher's
}

// done is a result on its way to the marker, with the count of mails under way that it belongs to.
type done struct {
	Result
	under *atomic.Int64
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
	o := &Outbox{opt: opt.withDefaults(), accounts: map[string]*account{}, wake: make(chan struct{}, 1), results: make(chan done, 256)}
	for _, s := range opt.Servers {
		o.accounts[s.Account] = newAccount(s)
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

// Run recovers what a crash left, then claims, sends and marks until ctx ends. It returns nil after a clean stop, or the
// error that kept it from starting. Call it once.
func (o *Outbox) Run(ctx context.Context) error {
	if n, err := o.opt.Queue.Recover(ctx, o.opt.Now()); err != nil {
		return fmt.Errorf("recovering the outbox: %w", err)
	} else if n > 0 {
		o.opt.Log.Warn("mails were claimed and not marked when the program ended; their outcome is unknown", "count", n)
	}
	hard, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(o.opt.Grace)
		defer t.Stop()
		select {
		case <-t.C:
			cut()
		case <-hard.Done():
		}
	})
	defer stop()

	var givers, workers, marker sync.WaitGroup
	for _, a := range o.accounts {
		for range a.own.server.Connections {
			w := &worker{o: o, a: a, hard: hard}
			workers.Go(func() { w.work(ctx, a.jobs[laneCustomer]) })
		}
		w := &worker{o: o, a: a, hard: hard, staff: true}
		workers.Go(func() { w.work(ctx, a.jobs[laneStaff]) })
	}
	marker.Go(func() { o.mark(hard) })
	givers.Go(func() { o.resolve(ctx) })
	givers.Go(func() { o.dispatch(ctx) })
	givers.Wait()
	for _, a := range o.accounts {
		close(a.jobs[laneCustomer])
		close(a.jobs[laneStaff])
	}
	workers.Wait()
	close(o.results)
	marker.Wait()
	return nil
}
