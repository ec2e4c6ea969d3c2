package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"aftercare/responder"
)

// row is one mail of the queue in memory.
type row struct {
	Job
	state   Outcome // "" is queued, "claimed" is claimed
	next    time.Time
	results []Result
}

const claimed Outcome = "claimed"

// queue is a Queue in memory that fails the test when the outbox breaks the contract.
type queue struct {
	t testing.TB

	mu      sync.Mutex
	rows    map[int64]*row
	claims  []int64 // in the order of their claims
	changed chan struct{}
	markErr error
	used    []string // what Using was called with
}

func newQueue(t testing.TB) *queue {
	return &queue{t: t, rows: map[int64]*row{}, changed: make(chan struct{})}
}

// add queues mails; what is left empty is filled in.
func (q *queue) add(jobs ...Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range jobs {
		if j.Lane == "" {
			j.Lane = responder.LaneCustomer
		}
		j.Account = cmp.Or(j.Account, "support")
		j.EnvelopeFrom = cmp.Or(j.EnvelopeFrom, "support@service.example")
		j.To = cmp.Or(j.To, "anna@customer.example")
		if j.Raw == nil {
			j.Raw = rawMail(j.ID)
		}
		q.rows[j.ID] = &row{Job: j}
	}
	q.tell()
}

func (q *queue) tell() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *queue) Claim(_ context.Context, lane responder.Lane, n int, skip []string, now time.Time) ([]Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n <= 0 {
		q.t.Errorf("Claim of %d rows", n)
	}
	var due []*row
	for _, r := range q.rows {
		if r.state == "" && r.Lane == lane && !r.next.After(now) && !slices.Contains(skip, r.Account) {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b *row) int { return cmp.Or(a.Deadline.Compare(b.Deadline), cmp.Compare(a.ID, b.ID)) })
	var jobs []Job
	for _, r := range due[:min(n, len(due))] {
		r.state, r.Claimed = claimed, now
		r.Attempt++
		q.claims = append(q.claims, r.ID)
		jobs = append(jobs, r.Job)
	}
	return jobs, nil
}

func (q *queue) Mark(_ context.Context, rs []Result, _ time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.markErr != nil {
		return q.markErr
	}
	for _, res := range rs {
		r := q.rows[res.ID]
		if r.state != claimed && (r.state != OutcomeUnknown || res.Outcome != OutcomeSent) {
			q.t.Errorf("mail %d is marked %s in the state %q", res.ID, res.Outcome, r.state)
		}
		r.results = append(r.results, res)
		r.state, r.next = res.Outcome, res.Next
		switch res.Outcome {
		case OutcomeLater:
			r.state, r.Server = "", res.Server
		case OutcomeReleased:
			r.state = ""
			r.Attempt--
			if r.Resend {
				r.state, r.Resend = OutcomeUnknown, false
			}
		case OutcomeUnknown:
			r.Server = res.Server
		}
	}
	q.tell()
	return nil
}

func (q *queue) Using(_ context.Context, ids []int64, server string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		q.rows[id].Server = server
		q.used = append(q.used, server)
	}
	return nil
}

func (q *queue) Unknown(context.Context) ([]Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var jobs []Job
	for _, r := range q.rows {
		if r.state == OutcomeUnknown && !r.Resend {
			jobs = append(jobs, r.Job)
		}
	}
	return jobs, nil
}

func (q *queue) Resend(_ context.Context, id int64, _ time.Time) (Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.rows[id]
	if r.state != OutcomeUnknown || r.Resend {
		q.t.Errorf("mail %d is repeated in the state %q, repeated already: %t", id, r.state, r.Resend)
		return Job{}, errors.New("not to be repeated")
	}
	r.state, r.Resend = claimed, true
	r.Attempt++
	return r.Job, nil
}

func (q *queue) Recover(context.Context, time.Time) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, r := range q.rows {
		if r.state == claimed {
			r.state = OutcomeUnknown
			n++
		}
	}
	return n, nil
}

// failMarks makes Mark fail from now on, or no longer.
func (q *queue) failMarks(err error) {
	q.mu.Lock()
	q.markErr = err
	q.mu.Unlock()
}

// look returns a copy of a row.
func (q *queue) look(id int64) row {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := *q.rows[id]
	r.results = slices.Clone(r.results)
	return r
}

// to finds the state of the first row for an address.
func (q *queue) to(addr string) Outcome {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.rows {
		if r.To == addr {
			return r.state
		}
	}
	return "none"
}

// wait returns the row once it satisfies ok, and fails the test when that takes too long.
func (q *queue) wait(id int64, what string, ok func(row) bool) row {
	q.t.Helper()
	late := time.After(20 * time.Second)
	for {
		q.mu.Lock()
		changed := q.changed
		q.mu.Unlock()
		r := q.look(id)
		if ok(r) {
			return r
		}
		select {
		case <-changed:
		case <-late:
			q.t.Fatalf("mail %d: no %s; state %q, results %+v", id, what, r.state, r.results)
		}
	}
}

// result waits for the n-th result of a mail, counted from 1.
func (q *queue) result(id int64, n int) Result {
	q.t.Helper()
	return q.wait(id, "result", func(r row) bool { return len(r.results) >= n }).results[n-1]
}

// outcome waits until a mail has a result of that kind.
func (q *queue) outcome(id int64, want Outcome) Result {
	q.t.Helper()
	is := func(r Result) bool { return r.Outcome == want }
	r := q.wait(id, string(want), func(r row) bool { return slices.ContainsFunc(r.results, is) })
	return r.results[slices.IndexFunc(r.results, is)]
}
