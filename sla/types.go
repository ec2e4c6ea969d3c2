package sla

import "time"

// Clock names what a Window measures.
type Clock string

// The clocks of policy 4.2 and 4.3.
const (
	ClockReply   Clock = "reply"   // the promised first response, wall-clock time
	ClockPerson  Clock = "person"  // the answer by a person, in office hours where a calendar is configured
	ClockArrange Clock = "arrange" // a visit has a time and a person on record
	ClockOnSite  Clock = "on-site" // a visit has begun
)

// ChannelLetter is the channel of a letter: the program cannot answer it, people do.
const ChannelLetter = "mail"

// Window is one running promise about a case. It is open while Met and Dropped are zero.
type Window struct {
	ID      int64
	Case    int64
	Message int64 // the customer's message that opened it, 0 for none
	Clock   Clock
	Further bool // opened by a further mail on an open case: the program owes at most a short acknowledgement
	Unsure  bool // unsure whether a person wrote: the program never answers, not even at the margin
	Held    bool // a draft waits for staff: at the margin the neutral acknowledgement goes out instead
	Class   string
	Office  string
	Channel string // how the contact came: "email", ChannelLetter ...; "" where nobody asks
	Opened  time.Time
	Due     time.Time
	Met     time.Time // when it was met, zero while open
	Dropped time.Time // when it ended without being met (the case was closed, the class owes none)
	Taken   time.Time // when a member of staff took the case: warnings stop, the breach is still told
}

// Open tells whether the promise still stands.
func (w Window) Open() bool { return w.Met.IsZero() && w.Dropped.IsZero() }

// VisitState is the state of an on-site visit.
type VisitState string

// The states of a visit (policy 4.3). A move keeps the state and changes the time.
const (
	VisitRequested VisitState = "requested"
	VisitArranged  VisitState = "arranged"
	VisitDone      VisitState = "done"
	VisitCancelled VisitState = "cancelled"
)

// Zone is how far a site is from the responsible office.
type Zone string

// The zones of policy 4.3. ZoneUnknown is counted as ZoneCity, the strictest.
const (
	ZoneCity     Zone = "same-city"
	ZoneProvince Zone = "same-province"
	ZoneElse     Zone = "elsewhere"
	ZoneUnknown  Zone = "unknown"
)

// Visit is one on-site visit of a case with both its clocks.
type Visit struct {
	ID          int64
	Case        int64
	State       VisitState
	Office      string
	City        string
	Province    string
	Zone        Zone
	Requested   time.Time
	ArrangeDue  time.Time
	OnSiteDue   time.Time
	Arranged    time.Time // when it was put on record, zero before
	At          time.Time // the arranged begin of the visit, zero before
	Person      string    // who goes
	Begun       time.Time
	Taken       time.Time // when somebody took it: the overdue chain stops
	Wish        bool      // a later date is the customer's wish and no breach
	ChangeAsked bool
	Planned     time.Time // of planned maintenance: when it is planned for; zero where somebody asked for it
}

// Step is one thing to tell one recipient at one time. Subject, Name, Recipient and Due together are its unique key: what
// was said once for a key is not said again, and a due time that moved makes a new key.
type Step struct {
	Subject   string    // "case:12/reply/34" or "visit:7"
	Name      string    // "reply-50", "visit-soon" ...
	Recipient string    // a staff address, or Customer
	Due       time.Time // the due value that the step is about
	At        time.Time // when it should have been said
	Level     int       // how far up the chain, from 0
	Case      int64
	Visit     int64
	Window    int64
}

// Customer is the Recipient of a step that is a mail to the customer (the acknowledgement at the margin).
const Customer = "customer"
