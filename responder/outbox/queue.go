package outbox

import (
	"context"
	"time"

	"aftercare/responder"
)

// The values that pass between the outbox and the store. They are responder's, since the store knows that room only.
type (
	Job     = responder.Job
	Outcome = responder.Outcome
	Result  = responder.Result
)

// The outcomes.
const (
	OutcomeSent      = responder.OutcomeSent
	OutcomeLater     = responder.OutcomeLater
	OutcomeFailed    = responder.OutcomeFailed
	OutcomeUnknown   = responder.OutcomeUnknown
	OutcomeCancelled = responder.OutcomeCancelled
	OutcomeReleased  = responder.OutcomeReleased
)

// Queue is what the outbox needs of the store. Every method commits before it returns.
type Queue interface {
	// Claim takes up to n rows of a lane that are due at now, the nearest deadline first, and records the attempt, the
	// server and the time of the next attempt before it returns them. Accounts named in skip are left alone (their server
	// is in trouble).
	Claim(ctx context.Context, lane responder.Lane, n int, skip []string, now time.Time) ([]Job, error)
	// Mark records outcomes; a sent reply meets its window at Result.At.
	Mark(ctx context.Context, rs []Result, now time.Time) error
	// Using records, before it is dialled, that claimed rows go by another server than their account's own.
	Using(ctx context.Context, ids []int64, server string) error
	// Unknown returns the rows whose outcome is unknown and that have not been sent a second time; Mark or Resend ends
	// that state.
	Unknown(ctx context.Context) ([]Job, error)
	// Resend records that the one repetition of an unknown row is about to be made, and returns the job for it.
	Resend(ctx context.Context, id int64, now time.Time) (Job, error)
	// Recover turns rows that a crash left claimed and not marked into rows of unknown outcome. It is called once, at
	// start, before anything is claimed.
	Recover(ctx context.Context, now time.Time) (int, error)
}
