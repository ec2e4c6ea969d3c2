package outbox

import (
	"context"
	"sync/atomic"
	"time"
)

const markSize = 200 // results marked at once

// mark puts results on record, many in one transaction. It ends when the results channel is closed and everything is
// marked. A store that cannot write is asked again until hard ends: what was sent and could not be marked is of unknown
// outcome after the restart, which is the truth.
func (o *Outbox) mark(hard context.Context) {
	more := true
	for more {
		var rs []Result
		var under []*atomic.Int64
		if rs, under, more = o.gather(); len(rs) == 0 {
			continue
		}
		if !o.marked(hard, rs) {
			o.opt.Log.Error("ending with mails that were handed over and could not be marked", "count", len(rs))
			continue
		}
		for _, n := range under {
			if n != nil {
				n.Add(-1)
			}
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
		if wait(hard, time.Duration(min(i, 10))*100*time.Millisecond); hard.Err() != nil {
			return false
		}
	}
}

// While more mails are under way, results are gathered for so long, or until there are so many: a commit costs about as much
// for one as for many. What is handed over and not marked may go out twice after a crash, so it is a third of a claim at most.
const (
	linger = 25 * time.Millisecond
	enough = claimSize / 3
)

// gather waits for one result and takes what else is there, or comes soon. more is false when none will come.
func (o *Outbox) gather() (rs []Result, under []*atomic.Int64, more bool) {
	d, more := <-o.results
	if !more {
		return nil, nil, false
	}
	rs, under = append(rs, d.Result), append(under, d.under)
	soon := time.NewTimer(linger)
	defer soon.Stop()
	for len(rs) < markSize {
		select {
		case d, more = <-o.results:
		default:
			if len(rs) >= enough || o.underWay() <= int64(len(rs)) {
				return rs, under, true
			}
			select {
			case d, more = <-o.results:
			case <-soon.C:
				return rs, under, true
			}
		}
		if !more {
			return rs, under, false
		}
		rs, under = append(rs, d.Result), append(under, d.under)
	}
	return rs, under, true
}

// underWay counts the mails that are claimed and not marked.
func (o *Outbox) underWay() (n int64) {
	for _, a := range o.accounts {
		n += a.under[laneCustomer].Load() + a.under[laneStaff].Load()
	}
	return n
}
