package outbox

import (
	"context"
	"time"

	"aftercare/responder"
)

const claimSize = 192 // rows claimed at once: a tenth of a second's work of a fast server

// dispatch claims what is due and hands it to the workers until ctx ends.
func (o *Outbox) dispatch(ctx context.Context) {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for ctx.Err() == nil {
		more := o.claim(ctx, responder.LaneStaff)
		if o.opt.Paused == nil || !o.opt.Paused() {
			more = o.claim(ctx, responder.LaneCustomer) || more
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-look.C:
		}
	}
}

// claim takes one batch of a lane, and tells whether there may be more to take at once. An account whose server is in
// trouble is left alone, and so is one that has enough to do (a finished job wakes the dispatcher), so that no account waits
// for another.
func (o *Outbox) claim(ctx context.Context, lane responder.Lane) bool {
	now := o.opt.Now()
	n, skip := claimSize, []string(nil)
	for name, a := range o.accounts {
		left := claimSize
		if lane == responder.LaneCustomer {
			left = a.brake.left(now)
		}
		if left <= 0 || a.resting(now) || a.under[laneIndex(lane)].Load() > claimSize/2 {
			skip = append(skip, name)
			continue
		}
		n = min(n, left)
	}
	if len(skip) == len(o.accounts) {
		return false
	}
	jobs, err := o.opt.Queue.Claim(ctx, lane, n, skip, now)
	if err != nil {
		if o.failed++; ctx.Err() == nil && o.failed%60 == 1 {
			o.opt.Log.Error("claiming mail to send", "times", o.failed, "err", err)
		}
		return false
	}
	o.failed = 0
	for _, j := range jobs {
		o.opt.Phase(PhaseClaimed, j.ID)
		o.hand(j)
	}
	return len(jobs) == n
}

const serverGone = "its outcome is unknown and the server that knows is no longer configured: please look whether it arrived"

// hand gives a claimed job to its account's workers.
func (o *Outbox) hand(j Job) {
	i := laneIndex(j.Lane)
	a := o.accounts[j.Account]
	now := o.opt.Now()
	if a == nil {
		r := Result{ID: j.ID, Outcome: OutcomeLater, At: now, Detail: "no mailbox of that name is configured any more: " + oneLine(j.Account)}
		if j.Resend {
			r.Outcome, r.Detail = OutcomeFailed, serverGone
		}
		o.results <- done{o.spaced(r, j), nil}
		return
	}
	a.under[i].Add(1)
	switch {
	case j.Resend && a.named(j.Server) == nil:
		o.results <- done{Result{ID: j.ID, Outcome: OutcomeFailed, At: now, Server: j.Server, Detail: serverGone}, &a.under[i]}
	case i == laneCustomer && !j.Resend && !a.brake.allow(now):
		o.results <- done{Result{ID: j.ID, Outcome: OutcomeReleased, At: now}, &a.under[i]}
	default:
		a.jobs[i] <- j
	}
}
