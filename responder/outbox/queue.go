package outbox

import (
	"context"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// Job is one mail that is claimed for sending: its attempt and the time of the next one are on record already.
type Job struct {
	ID           int64
	Lane         responder.Lane
	Kind         string
	Account      string
	Server       string // the server of the last attempt, "" for none; a row of unknown outcome stays with it
	EnvelopeFrom string // "" is the null sender
	To           string
	MessageID    string
	Raw          []byte
	Attempt      int  // counted from 1
	Resend       bool // the one repetition of a row whose outcome was unknown
	Deadline     time.Time
	Queued       time.Time
	Case         int64
	Answers      mailbox.Key
}

// Outcome is how an attempt ended.
type Outcome string

// The outcomes. Only OutcomeUnknown leaves it open whether the recipient has the mail.
const (
	OutcomeSent      Outcome = "sent"      // end-of-data was answered with 250
	OutcomeLater     Outcome = "later"     // nothing was accepted; try again at Next
	OutcomeFailed    Outcome = "failed"    // refused for good (5xx), or given up
	OutcomeUnknown   Outcome = "unknown"   // end-of-data got no answer
	OutcomeCancelled Outcome = "cancelled" // a person answered first, or the reply is no longer wanted
	OutcomeReleased  Outcome = "released"  // never tried: back into the queue, the attempt does not count
)

// Result is what became of a Job.
type Result struct {
	ID      int64
	Outcome Outcome
	Server  string
	At      time.Time // when the server answered
	Next    time.Time // for OutcomeLater
	Code    int       // SMTP reply code, 0 for none
	Detail  string    // the server's words, or what failed; for people
	Reason  responder.Reason
}

// Queue is what the outbox needs of the store. Every method commits before it returns.
type Queue interface {
	// Claim takes up to n rows of a lane that are due at now, the nearest deadline first, and records the attempt, the
	// server and the time of the next attempt before it returns them. Accounts named in skip are left alone (their server
	// is in trouble).
	Claim(ctx context.Context, lane responder.Lane, n int, skip []string, now time.Time) ([]Job, error)
	// Mark records outcomes; a sent reply meets its window at Result.At.
	Mark(ctx context.Context, rs []Result, now time.Time) error
	// Unknown returns the rows whose outcome is unknown and that have not been sent a second time; Mark or Resend ends
	// that state.
	Unknown(ctx context.Context) ([]Job, error)
	// Resend records that the one repetition of an unknown row is about to be made, and returns the job for it.
	Resend(ctx context.Context, id int64, now time.Time) (Job, error)
	// Recover turns rows that a crash left claimed and not marked into rows of unknown outcome. It is called once, at
	// start, before anything is claimed.
	Recover(ctx context.Context, now time.Time) (int, error)
}
