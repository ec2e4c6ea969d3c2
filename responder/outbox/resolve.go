package outbox

import (
	"context"
	"time"
)

// proofTries is for how many rounds a mail waits whose proof cannot be looked for. Then it is repeated without: a window
// that is missed for certain is worse than a second copy that is possible.
const proofTries = 5

// waiting is a mail of unknown outcome that is being looked after.
type waiting struct{ tries int }

// resolve looks after the mails of unknown outcome until ctx ends: proof, else the one repetition. What a crash left is
// looked at without delay; else a mail waits one round, so that a bounce or the provider's copy can show up.
func (o *Outbox) resolve(ctx context.Context) {
	seen := o.round(ctx, nil, true)
	tick := time.NewTicker(o.opt.ResendAfter)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			seen = o.round(ctx, seen, false)
		}
	}
}

// round looks at all mails of unknown outcome once, and returns those that are left for the next round.
func (o *Outbox) round(ctx context.Context, seen map[int64]waiting, start bool) map[int64]waiting {
	jobs, err := o.opt.Queue.Unknown(ctx)
	if err != nil {
		if ctx.Err() == nil {
			o.opt.Log.Error("reading the mails of unknown outcome", "err", err)
		}
		return seen
	}
	left := make(map[int64]waiting, len(jobs))
	for _, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		w, before := seen[j.ID]
		if !before && !start || o.busy(j) || !o.settle(ctx, j, w.tries >= proofTries) {
			if before {
				w.tries++
			}
			left[j.ID] = w
		}
	}
	return left
}

// busy tells whether the server that must repeat a mail rests, or has enough to do.
func (o *Outbox) busy(j Job) bool {
	a := o.accounts[j.Account]
	if a == nil {
		return false
	}
	r := a.named(j.Server)
	return r != nil && r.resting(o.opt.Now()) || a.under[laneIndex(j.Lane)].Load() > claimSize/2
}

// settle ends the state of one mail, if it can: not when the look for proof failed, unless it is the last.
func (o *Outbox) settle(ctx context.Context, j Job, last bool) bool {
	if o.opt.Proof != nil {
		found, err := o.opt.Proof(ctx, j)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil:
			o.opt.Log.Warn("could not look for proof of a mail of unknown outcome", "outbox", j.ID, "err", err)
			if !last {
				return false
			}
		case found:
			o.results <- done{Result{ID: j.ID, Outcome: OutcomeSent, At: o.opt.Now(), Server: j.Server, Detail: "the provider has a copy in its Sent folder"}, nil}
			return true
		}
	}
	again, err := o.opt.Queue.Resend(ctx, j.ID, o.opt.Now())
	if err != nil {
		if ctx.Err() == nil {
			o.opt.Log.Error("repeating a mail of unknown outcome", "outbox", j.ID, "err", err)
		}
		return false
	}
	o.opt.Log.Warn("outcome unknown: the same mail goes out once more", "outbox", j.ID, "to", j.To)
	o.hand(again)
	return true
}
