package responder

// Reason is the constant name of why a message got what it got. It is stable: logs, explain, reports and tests use it.
type Reason string

// Why a message was answered, held or not answered.
const (
	// answered
	ReasonReply        Reason = "reply"         // the template of its class
	ReasonReplyNeutral Reason = "reply-neutral" // unsure which class: the neutral acknowledgement, and a person decides
	ReasonReplyBare    Reason = "reply-bare"    // the sender's authentication failed: neutral, without case data

	// a person's message, held for a person
	ReasonUnsurePerson   Reason = "unsure-person"
	ReasonFurtherMail    Reason = "further-mail" // on an open case: its own window for a person
	ReasonTooOld         Reason = "too-old"
	ReasonCappedSender   Reason = "capped-sender"
	ReasonCappedDomain   Reason = "capped-domain"
	ReasonCappedTotal    Reason = "capped-total"
	ReasonBlockedAddress Reason = "blocked-address"
	ReasonClassHold      Reason = "class-hold"
	ReasonClassNone      Reason = "class-none" // the class owes no automatic reply
	ReasonTemplateBroken Reason = "template-broken"
	ReasonShadow         Reason = "shadow"
	ReasonNoAddress      Reason = "no-address" // nobody to answer
	ReasonRuleForwarded  Reason = "rule-forwarded"
	ReasonStaffForward   Reason = "staff-forward"
	ReasonJunk           Reason = "junk"
	ReasonJunkKnown      Reason = "junk-known"
	ReasonThanks         Reason = "thanks" // a bare thanks to a closed case: kept and noted

	// our own people
	ReasonStaff            Reason = "staff"
	ReasonAnsweredByPerson Reason = "answered-by-person"

	// no person wrote it
	ReasonBounce        Reason = "bounce"
	ReasonBounceDelay   Reason = "bounce-delay"
	ReasonBounceSuccess Reason = "bounce-success"
	ReasonAutoReply     Reason = "auto-reply"
	ReasonList          Reason = "list"
	ReasonNewsletter    Reason = "newsletter"
	ReasonNotification  Reason = "notification"
	ReasonReceipt       Reason = "receipt"
	ReasonCalendar      Reason = "calendar"
	ReasonReport        Reason = "report"
	ReasonChallenge     Reason = "challenge"
	ReasonOwn           Reason = "own"
	ReasonSpam          Reason = "spam"

	// what became of it before anything was decided
	ReasonDuplicate   Reason = "duplicate"
	ReasonQuarantined Reason = "quarantined"
	ReasonGone        Reason = "gone-before-read"
	ReasonDeleted     Reason = "deleted-by-person"
	ReasonBeforeStart Reason = "before-start" // arrived before the start mark: not ours to answer
)

// Disposition is what stands on record for every message seen (design rule 1).
type Disposition string

// The dispositions.
const (
	Answered    Disposition = "answered"
	Held        Disposition = "held"
	NotAnswered Disposition = "not-answered"
	Duplicate   Disposition = "duplicate"
	Quarantined Disposition = "quarantined"
	Deleted     Disposition = "deleted-by-person"
	Gone        Disposition = "gone-before-read"
)
