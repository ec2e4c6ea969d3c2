package responder

import (
	"time"

	"aftercare/mailbox"
)

// Kind is who or what wrote a message.
type Kind string

// The kinds of writers. Only KindPerson and KindStaff are people.
const (
	KindPerson       Kind = "person"
	KindStaff        Kind = "staff"
	KindBounce       Kind = "bounce"
	KindAutoReply    Kind = "auto-reply"
	KindList         Kind = "list"
	KindNewsletter   Kind = "newsletter"
	KindNotification Kind = "notification"
	KindReceipt      Kind = "receipt"
	KindCalendar     Kind = "calendar"
	KindReport       Kind = "report"
	KindChallenge    Kind = "challenge"
	KindOwn          Kind = "own"
	KindSpam         Kind = "spam"
)

// Machine tells whether no person wrote a message of this kind.
func (k Kind) Machine() bool { return k != KindPerson && k != KindStaff }

// Auth is what the configured server said of the sender (RFC 8601), DMARC in the main.
type Auth string

// The verdicts on a sender. AuthFailed is dmarc=fail without a trusted arc=pass, and nothing milder.
const (
	AuthNone   Auth = "none"
	AuthPassed Auth = "pass"
	AuthFailed Auth = "fail"
)

// Verdict is the guard's finding on one message.
type Verdict struct {
	Kind     Kind
	Reason   Reason   // the constant name of the rule that decided, e.g. ReasonBounce
	Evidence []string // what was seen, "Auto-Submitted: auto-replied"
	// Unsure: it may well be a person. The program never answers, not even at the margin; a case opens and a person is told.
	Unsure bool
	// NoReply: a person wrote, yet no automatic reply may go (a mark of rule-forwarding, a colleague's forward). A case
	// opens and a person is told at once; HoldReason says why.
	NoReply    bool
	HoldReason Reason
	Auth       Auth
	Junk       bool
	// Customer is whom the message is from in earnest: the author, or Reply-To or X-Original-From where the configuration
	// trusts a list or a form, or the inner sender of a colleague's forward.
	Customer mailbox.Address
	// ReplyTo is the address an answer goes to. Its Addr is "" when there is none to answer.
	ReplyTo mailbox.Address
	Bounce  *Bounce
}

// Bounce is what a delivery report says about one of our own mails.
type Bounce struct {
	MessageID string   // of the mail that it is about, "" when it names none
	Token     *Token   // our signed token found in it, nil when none
	Addresses []string // the failed recipients, lower case
	Action    string   // "failed", "delayed", "delivered", "relayed", "expanded"
	Status    string   // RFC 3463 code, "" when none
	Detail    string   // one line for people
}

// Failed tells whether the mail did not arrive, for good.
func (b *Bounce) Failed() bool { return b != nil && b.Action == "failed" }

// Token names one of our own mails; it travels in the Message-ID we give it and survives in References.
type Token struct {
	Case   int64
	Outbox int64
}

// Hints is what a message says about the conversation that it belongs to, before anything is looked up.
type Hints struct {
	Tokens     []Token  // verified, in order of weight: In-Reply-To, then References from the newest
	MessageIDs []string // other ids of In-Reply-To and References, newest first
	Tags       []int64  // case numbers of subject tags [AC-000123]
	Plus       *Token   // a token proved by the plus part of the recipient address
}

// ClockStart is when a message reached the company (policy 4.2): the earlier of INTERNALDATE and the newest Received line
// of an own host, never later than now. With neither it is now.
func ClockStart(internal time.Time, m *mailbox.Message, ownHosts []string, now time.Time) time.Time {
	start := now
	if !internal.IsZero() && internal.Before(start) {
		start = internal
	}
	if r, ok := OwnReceived(m, ownHosts); ok && r.Time.Before(start) {
		start = r.Time
	}
	return start
}

// OwnReceived is the newest Received line of an own host with a time that can be read.
func OwnReceived(m *mailbox.Message, ownHosts []string) (mailbox.Received, bool) {
	for _, r := range m.Received {
		if !r.Time.IsZero() && hostIn(r.By, ownHosts) {
			return r, true
		}
	}
	return mailbox.Received{}, false
}

// Arrived is the best guess at when a message first reached any server near us: like ClockStart, but believing the newest
// Received line of any host, and the Date field where there is no other trace. Age limits and the start mark use it, so
// that a mailbox that was copied yesterday does not look like new mail.
func Arrived(internal time.Time, m *mailbox.Message, now time.Time) time.Time {
	at := now
	if !internal.IsZero() && internal.Before(at) {
		at = internal
	}
	traced := false
	for _, r := range m.Received {
		if r.Time.IsZero() {
			continue
		}
		traced = true
		if r.Time.Before(at) {
			at = r.Time
		}
		break
	}
	if !traced && !m.Date.IsZero() && m.Date.Before(at) {
		at = m.Date
	}
	return at
}

func hostIn(host string, hosts []string) bool {
	for _, h := range hosts {
		if host == h {
			return true
		}
	}
	return false
}
