package responder

import (
	"time"

	"aftercare/mailbox"
	"aftercare/responder/classify"
	"aftercare/sla"
)

// Reading is what one message says by itself, before anything on record is looked up. Engine.Read makes it on any core.
type Reading struct {
	Message  *mailbox.Message
	Verdict  Verdict
	Hints    Hints
	Facts    mailbox.Facts // serial, contract, phone, place, as the writer states them
	Class    classify.Result
	Language string // ISO 639-1 of the words, "und" when there are none
	Thanks   bool   // the new words are thanks and nothing else
	Clock    time.Time
	Arrived  time.Time
	Hash     [32]byte
}

// Case is a case as the decision sees it.
type Case struct {
	ID             int64
	State          string // CaseOpen or CaseClosed
	Account        string // the mailbox that it came in by
	Class          string
	Also           []string
	Subject        string
	Language       string
	Customer       string   // the customer's address, lower case
	CustomerName   string   // as the customer writes it
	Members        []string // every address that belongs to the case, lower case
	Opened         time.Time
	Closed         time.Time
	AutoReplies    int       // automatic replies that were queued or sent and not cancelled or failed
	LastAck        time.Time // of the last further acknowledgement
	PersonAnswered time.Time // when a person last answered the customer, zero for never
	Taken          string    // who took it, "" for nobody
	Office         string
	Entitlement    string // "in warranty", "out of warranty", "unknown"
	Rung           string // "repair", "replacement", "return"
	Record         string // what the entitlement rests on, for people
	Serial         string
	Contract       string
	Phone          string
	City           string
	Province       string
	Because        []string // why it has its class
	Reason         Reason   // why its first message was answered or not
	AuthFailed     bool
	Visits         []sla.Visit // those not done and not cancelled

	told told     // what the sender of the message that is being decided may be told of the records
	ask  []string // what the records need to count: "proof", "serial"
}

// The states of a case.
const (
	CaseOpen   = "open"
	CaseClosed = "closed"
)

// Sent is one of our own mails, as a bounce or a receipt refers to it.
type Sent struct {
	Outbox    int64
	Case      int64
	Recipient string
	Kind      string
	State     string
	Lane      Lane
}

// Facts is what stands on record about one message at the moment of its decision, read inside the transaction; it
// includes the earlier messages of the same batch.
type Facts struct {
	Key      mailbox.Key
	Internal time.Time
	Answered bool  // \Answered stood on it when it was fetched
	Message  int64 // the record number that this message will have
	// Of a step: the Message-ID of the customer's message that it is about, and the address that replies to it go to.
	MessageID string
	ReplyTo   string
	Detail    string      // of a notice: what went wrong
	Visit     *sla.Visit  // of a step about a visit, in whatever state it is
	Window    *sla.Window // of a step about a window

	Case   *Case  // the case that it belongs to, nil for none
	Via    string // how that was found: "signed id", "message id", "plus address", "subject tag"
	Linked int64  // a case named by somebody who does not belong to it
	About  *Sent  // the mail of ours that a report is about

	NextCase   int64 // the numbers that a new case and a new outbox row will have
	NextOutbox int64
	NextVisit  int64

	SenderReplies2h  int // automatic replies to the address that the answer would go to
	SenderReplies24h int
	DomainReplies1h  int
	TotalReplies1h   int

	Known   bool // the customer's address is known from an earlier case
	Blocked bool // nothing may be sent to the address until a person says so
	Paused  bool // customer replies are stopped by hand
	Crowd   bool // many messages are decided at once, as after an outage: staff get a list instead of a mail a case

	Registry Registry
}

// Registry is what the company's records say that could concern a message (policy 4.1). It is empty until contracts are
// imported.
type Registry struct {
	Known     bool       // there are contracts on record at all
	Contracts []Contract // those that the message names, then those of its sender
	Near      []string   // numbers on record that were perhaps meant, in words for staff
}

// How a contract matches a message.
const (
	BySerial  = "serial"   // the message names the serial number of a product
	ByNumber  = "contract" // it names the number of the contract
	ByAddress = "address"  // the sender's address is the customer's
	ByDomain  = "domain"   // the domain of that address is the customer's own
)

// Contract is one contract or product on record that matches a message.
type Contract struct {
	Number   string
	Serial   string // of the product that is named, or of the only one on the contract
	Model    string
	Customer string
	By       string    // how it matched: BySerial, ByNumber, ByAddress, ByDomain
	OnIt     bool      // the address or own domain of the sender, and of whom an answer goes to, is on this contract
	Via      string    // what puts the sender on it: ByAddress or ByDomain, "" when not on it
	Products int       // how many products are on record for the contract; 0: it lists none
	Start    time.Time // first moment of the term, in the zone of the contract; zero when unknown
	End      time.Time // first moment after the term, in the zone of the contract; zero when unknown
	City     string
	Province string
	Office   string
	Repairs  []Repair // also those of the products that it replaced
}

// LastDay is the last day of the term, at its begin in the zone of the contract. End must be known.
func (c *Contract) LastDay() time.Time { return c.End.AddDate(0, 0, -1) }

// Repair is one finished repair on record.
type Repair struct {
	Case   int64
	Serial string // of the product that was repaired
	At     time.Time
	OK     bool // it met the technical requirements
}

// Decision is what a message gets and why.
type Decision struct {
	Disposition Disposition
	Reason      Reason
	Evidence    []string
	Effects     Effects
	Mails       []Mail   // to the outbox, in the same transaction
	Listed      []Listed // what staff are told in one list with others of the same transaction
}

// Effects is what a decision changes on record. Zero values change nothing.
type Effects struct {
	Open     *Case // a new case, with ID Facts.NextCase
	Case     int64 // the case that the message is filed under; Open.ID when Open is set, 0 for none
	Link     int64 // another case to note as linked
	Reopen   bool
	Member   string   // an address that now belongs to the case
	Also     []string // further intents to add to an existing case
	Fill     mailbox.Facts
	Windows  []sla.Window
	Meet     []sla.Clock // clocks of the case that are met by this message (a person answered)
	MetAt    time.Time
	Visits   []sla.Visit
	Asked    []int64      // visits whose change the customer asks for
	Placed   []sla.Visit  // visits on record whose place became known, with office, zone and due times
	Grant    *GrantEffect // the entitlement of a case on record is another one now
	Office   string       // the office that the case now belongs to, "" for no change
	Cancel   Reason       // cancels the automatic replies of the case that are not sent yet, for this reason
	Bounced  *BounceEffect
	Quiet    bool   // nothing of the case moves: machine mail is only filed under it
	Note     string // one line for the history of the case
	Answered bool   // mark the case as answered by a person at MetAt
}

// BounceEffect is what a delivery report changes.
type BounceEffect struct {
	Outbox int64  // the mail that failed
	Block  string // an address that is not written to again until a person says so
	Reopen bool   // the promised reply did not arrive: its window opens again
	Detail string
}

// Lane separates mail to customers from mail to staff in the outbox; the caps and smtp.rate concern customers only.
type Lane string

// The lanes.
const (
	LaneCustomer Lane = "customer"
	LaneStaff    Lane = "staff"
)

// The kinds of mail that the program writes. Staff notices use the name of their step.
const (
	MailReply   = "reply"   // the first response
	MailNeutral = "neutral" // the neutral acknowledgement
	MailBare    = "bare"    // the neutral acknowledgement without case data
	MailFurther = "further" // the short acknowledgement of a further mail
	MailVisit   = "visit"   // a visit was arranged, moved or cancelled; no reply, so the caps do not count it
	MailNotice  = "notice"  // to staff, at once, with a decision
	MailList    = "list"    // to staff: the notices of many cases in one
)

// Mail is one composed message for one recipient. Raw is final: what is on record is what is sent, byte for byte, however
// often it is tried.
type Mail struct {
	ID              int64 // the outbox number; Message-ID is signed over it
	Case            int64
	Window          int64
	Visit           int64
	Lane            Lane
	Kind            string
	Account         string // the mailbox whose server sends it
	EnvelopeFrom    string // "" is the null sender
	To              string
	MessageID       string // without angle brackets
	Subject         string
	Raw             []byte
	Template        string
	TemplateVersion string
	Deadline        time.Time
	Draft           bool // waits for a person to release it
	Shadow          bool // on record only, never sent (mode: shadow)
	// Once, when not empty, names what the mail is about: a mail with the same Once to the same recipient is sent once, and
	// every later one is dropped. So a flood of mail does not become a flood of notices.
	Once    string
	Answers mailbox.Key // the message on the server that it answers, zero for none
}
