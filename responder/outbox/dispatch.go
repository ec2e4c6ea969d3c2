package outbox

import (
	"context"
	"time"

	"aftercare/responder"
)

const (
	claimSize = 64  // rows claimed at once
	markSize  = 200 // results marked at once
)

// dispatch claims what is due and hands it to the workers until ctx ends.
func (o *Outbox) dispatch(ctx context.Context) {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	var resolved time.Time
	for ctx.Err() == nil {
		if now := o.opt.Now(); now.Sub(resolved) >= o.opt.ResendAfter || now.Before(resolved) {
			o.resolve(ctx, resolved.IsZero())
			resolved = now
		}
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

// claim takes one batch of a lane, and tells whether there may be more to take at once.
func (o *Outbox) claim(ctx context.Context, lane responder.Lane) bool {
	i := laneIndex(lane)
	if o.inFlight[i].Load() > claimSize/2 {
		return false // a finished job wakes us
	}
	now := o.opt.Now()
	n, skip := claimSize, []string(nil)
	for name, a := range o.accounts {
		if a.resting(now) {
			skip = append(skip, name)
		} else if left := a.brake.left(now); lane == responder.LaneCustomer && left < claimSize {
			if left <= 0 {
				skip = append(skip, name)
			}
			n = min(n, max(left, 1))
		}
	}
	if len(skip) == len(o.accounts) {
		return false
	}
	jobs, err := o.opt.Queue.Claim(ctx, lane, n, skip, now)
	if err != nil {
		if ctx.Err() == nil {
			o.opt.Log.Error("claiming mail to send", "err", err)
		}
		return false
	}
	for _, j := range jobs {
		o.opt.Phase(PhaseClaimed, j.ID)
		o.hand(j)
	}
	return len(jobs) == n
}

// hand gives a claimed job to its account's workers. The queues hold what can be in flight, so that this does not block
// for long.
func (o *Outbox) hand(j Job) {
	i := laneIndex(j.Lane)
	a := o.accounts[j.Account]
	o.inFlight[i].Add(1)
	switch {
	case a == nil:
		o.results <- done{Result{ID: j.ID, Outcome: OutcomeLater, At: o.opt.Now(), Next: o.opt.Now().Add(10 * time.Minute),
			Detail: "no mailbox of that name is configured any more: " + j.Account}, i}
	case i == laneCustomer && !j.Resend && !a.brake.allow(o.opt.Now()):
		o.results <- done{Result{ID: j.ID, Outcome: OutcomeReleased, At: o.opt.Now()}, i}
	case j.Resend && j.Server != "" && j.Server != a.server.Name():
		o.results <- done{Result{ID: j.ID, Outcome: OutcomeFailed, At: o.opt.Now(), Server: j.Server,
			Detail: "its outcome is unknown and the server that knows is no longer configured: please look whether it arrived"}, i}
	default:
		a.jobs[i] <- j
	}
}

// resolve looks after the mails of unknown outcome: proof, else the one repetition. At the start it does not wait; later
// a mail waits one round, so that a bounce or the provider's copy can show up.
func (o *Outbox) resolve(ctx context.Context, start bool) {
	jobs, err := o.opt.Queue.Unknown(ctx)
	if err != nil {
		if ctx.Err() == nil {
			o.opt.Log.Error("reading the mails of unknown outcome", "err", err)
		}
		return
	}
	now := o.opt.Now()
	seen := make(map[int64]time.Time, len(jobs))
	for _, j := range jobs {
		t, ok := o.first[j.ID]
		if !ok {
			t = now
		}
		if a := o.accounts[j.Account]; a != nil && a.resting(now) {
			seen[j.ID] = t
			continue
		}
		if !start && now.Sub(t) < o.opt.ResendAfter {
			seen[j.ID] = t
			continue
		}
		o.settle(ctx, j)
	}
	o.first = seen
}

func (o *Outbox) settle(ctx context.Context, j Job) {
	if o.opt.Proof != nil {
		found, err := o.opt.Proof(ctx, j)
		if err != nil {
			o.opt.Log.Warn("could not look for proof of a mail of unknown outcome", "outbox", j.ID, "err", err)
		}
		if found {
			i := laneIndex(j.Lane)
			o.inFlight[i].Add(1)
			o.results <- done{Result{ID: j.ID, Outcome: OutcomeSent, At: o.opt.Now(), Server: j.Server, Detail: "the provider has a copy in its Sent folder"}, i}
			return
		}
	}
	again, err := o.opt.Queue.Resend(ctx, j.ID, o.opt.Now())
	if err != nil {
		if ctx.Err() == nil {
			o.opt.Log.Error("repeating a mail of unknown outcome", "outbox", j.ID, "err", err)
		}
		return
	}
	o.opt.Log.Warn("outcome unknown: the same mail goes out once more", "outbox", j.ID, "to", j.To)
	o.hand(again)
}

// mark puts results on record, many in one transaction. It ends when the results channel is closed and everything is
// marked. A store that cannot write is asked again until hard ends: what was sent and could not be marked is of unknown
// outcome after the restart, which is the truth.
func (o *Outbox) mark(hard context.Context) {
	more := true
	for more {
		var rs []Result
		var lanes [2]int64
		if rs, lanes, more = o.gather(); len(rs) == 0 {
			continue
		}
		if !o.marked(hard, rs) {
			o.opt.Log.Error("ending with mails that were handed over and could not be marked", "count", len(rs))
			continue
		}
		for i, n := range lanes {
			o.inFlight[i].Add(-n)
		}
		for _, r := range rs {
			o.opt.Phase(PhaseMarked, r.ID)
		}
		if o.opt.Marked != nil {
			o.opt.Marked(rs)
		}
		o.Wake()
	}
}

func (o *Outbox) marked(hard context.Context, rs []Result) bool {
	for i := 1; ; i++ {
		err := o.opt.Queue.Mark(context.WithoutCancel(hard), rs, o.opt.Now())
		if err == nil {
			return true
		}
		if i == 1 || i%30 == 0 {
			o.opt.Log.Error("marking what was sent", "count", len(rs), "tries", i, "err", err)
		}
		t := time.NewTimer(time.Duration(min(i, 10)) * 100 * time.Millisecond)
		select {
		case <-hard.Done():
			t.Stop()
			return false
		case <-t.C:
		}
	}
}

// gather waits for one result and takes what else is there. more is false when none will come.
func (o *Outbox) gather() (rs []Result, lanes [2]int64, more bool) {
	d, more := <-o.results
	for more {
		rs = append(rs, d.Result)
		lanes[d.lane]++
		if len(rs) == markSize {
			break
		}
		select {
		case d, more = <-o.results:
		default:
			return rs, lanes, true
		}
	}
	return rs, lanes, more
}
