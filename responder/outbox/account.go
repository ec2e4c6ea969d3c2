package outbox

import (
	"sync"
	"sync/atomic"
	"time"
)

// account is one account's servers, its workers' queues and what is under way.
type account struct {
	own      *route
	fallback *route      // nil: none
	jobs     [2]chan Job // by lane: staff mail has a connection of its own
	under    [2]atomic.Int64
	brake    brake
}

// route is one server and its state of health.
type route struct {
	server Server

	mu       sync.Mutex
	failures int // in a row
	until    time.Time
	served   time.Time // the last mail that it took or refused
	live     int       // open connections
	said     health
}

// health is what the operator was told last.
type health int

const (
	healthUnsaid health = iota
	healthWell
	healthTrouble
)

func newAccount(s Server) *account {
	s = s.withDefaults()
	a := &account{own: &route{server: s}, brake: brake{perMinute: s.PerMinute, perDay: s.PerDay}}
	if s.Fallback != nil {
		f := s.Fallback.withDefaults()
		f.Account = s.Account
		a.fallback = &route{server: f}
	}
	for i := range a.jobs {
		// What can be under way fits in, so that nobody blocks who hands out: see claim and resolve.
		a.jobs[i] = make(chan Job, 2*claimSize)
	}
	return a
}

// resting tells whether no server of the account is worth a try at now.
func (a *account) resting(now time.Time) bool {
	return a.own.resting(now) && (a.fallback == nil || a.fallback.resting(now))
}

// choose picks the server for a mail. A repetition stays with the server that may have the mail already; other mail takes
// the fallback only when the account's own server rests and the deadline is less than margin away. nil means that the mail
// must wait until about the given time (zero: until the account does not rest).
func (a *account) choose(j Job, margin time.Duration, now time.Time) (*route, time.Time) {
	if j.Resend {
		if r := a.named(j.Server); r != nil && !r.resting(now) {
			return r, time.Time{}
		}
		return nil, time.Time{}
	}
	if !a.own.resting(now) {
		return a.own, time.Time{}
	}
	if a.fallback == nil {
		return nil, time.Time{}
	}
	near := j.Deadline.Add(-margin)
	if now.Before(near) {
		return nil, earlier(near, a.own.rests())
	}
	if !a.fallback.resting(now) {
		return a.fallback, time.Time{}
	}
	return nil, earlier(a.fallback.rests(), a.own.rests())
}

// named is the account's server of that name on record; "" is its own. nil when there is none any more.
func (a *account) named(server string) *route {
	switch {
	case server == "" || server == a.own.server.Name():
		return a.own
	case a.fallback != nil && server == a.fallback.server.Name():
		return a.fallback
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (r *route) resting(now time.Time) bool { return now.Before(r.rests()) }

func (r *route) rests() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.until
}

// servesOthers tells whether the server has dealt with a mail a moment ago and has connections of ours: then a connection
// that it does not take is one too many, and not trouble.
func (r *route) servesOthers(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live > 0 && r.failures == 0 && !r.served.IsZero() && now.Sub(r.served) < idleTime
}

// opened counts an open connection, closed one that is no longer.
func (r *route) opened() { r.count(1) }
func (r *route) closed() { r.count(-1) }

func (r *route) count(n int) {
	r.mu.Lock()
	r.live += n
	r.mu.Unlock()
}

// trouble lets the route rest, longer each time, and tells whether the operator must hear of it.
func (r *route) trouble(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !now.Before(r.until) { // several workers fail at once: that is one failure
		r.failures++
		r.until = now.Add(pauseAfter(r.failures))
	}
	first := r.said != healthTrouble
	r.said = healthTrouble
	return first
}

// well ends the rest, and tells whether the operator must hear of it.
func (r *route) well(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures, r.until, r.served = 0, time.Time{}, now
	first := r.said != healthWell
	r.said = healthWell
	return first
}
