package responder

import (
	"time"

	"aftercare/mailbox"
)

// Job is one mail that is claimed for sending: its attempt and the time of the next one are on record already.
type Job struct {
	ID           int64
	Lane         Lane
	Kind         string
	Account      string
	Server       string // the server of the last attempt, "" for the account's own; a row of unknown outcome stays with it
	EnvelopeFrom string // "" is the null sender
	To           string
	MessageID    string
	Raw          []byte
	Attempt      int  // counted from 1
	Resend       bool // the one repetition of a row whose outcome was unknown
	Claimed      time.Time
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
	Reason  Reason
}
