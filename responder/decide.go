package responder

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/responder/classify"
	"aftercare/sla"
)

// Decide says what a message gets. It is cheap: everything slow is in the Reading. It never panics on what a stranger
// can send; the store guards it all the same.
func (e *Engine) Decide(r *Reading, f Facts, now time.Time) Decision {
	d := &deciding{e: e, r: r, f: f, now: now}
	v := r.Verdict
	switch {
	case v.Kind.Machine():
		d.machine()
	case v.Junk && !f.Known && f.Case == nil:
		d.settle(NotAnswered, ReasonJunk)
	case v.Kind == KindStaff && v.HoldReason != ReasonStaffForward:
		d.colleague()
	case f.Case != nil && d.thanks():
		d.fileOnly(ReasonThanks, "thanks, on a closed case")
	case f.Case != nil && !d.firstResponseOpen():
		d.further()
	default:
		d.first()
	}
	d.out.Evidence = append(d.out.Evidence, v.Evidence...)
	return d.out
}

// deciding is one decision in the making.
type deciding struct {
	e   *Engine
	r   *Reading
	f   Facts
	now time.Time
	out Decision
	n   int64 // outbox numbers used

	on  *Contract // the contract that the sender is on and that counts, nil for none
	own bool      // the sender is the customer of the case
}

func (d *deciding) settle(disp Disposition, reason Reason) {
	d.out.Disposition, d.out.Reason = disp, reason
}

func (d *deciding) because(format string, args ...any) {
	d.out.Evidence = append(d.out.Evidence, fmt.Sprintf(format, args...))
}

// fileOnly puts the message under its case and moves nothing.
func (d *deciding) fileOnly(reason Reason, note string) {
	d.settle(NotAnswered, reason)
	if d.f.Case != nil {
		d.out.Effects.Case, d.out.Effects.Quiet = d.f.Case.ID, true
	}
	d.out.Effects.Note = note
}

// machine records what no person sent; a delivery failure is tied to the mail that failed (policy, part 2).
func (d *deciding) machine() {
	v := d.r.Verdict
	d.fileOnly(v.Reason, string(v.Kind)+" from "+addressLine(d.r.Message.Sender1()))
	about := d.f.About
	if about != nil && d.f.Case == nil {
		d.out.Effects.Case, d.out.Effects.Quiet = about.Case, true
	}
	if v.Kind != KindBounce || !v.Bounce.Failed() || about == nil {
		return
	}
	detail := strings.TrimSpace(v.Bounce.Status + " " + v.Bounce.Detail)
	d.out.Effects.Bounced = &BounceEffect{Outbox: about.Outbox, Detail: detail}
	d.out.Effects.Note = "our mail did not reach " + about.Recipient + ": " + detail
	if about.Lane == LaneStaff {
		// No notice about a notice goes to the address that failed.
		d.notice(notice{kind: "bounced", detail: detail, failedTo: about.Recipient, except: about.Recipient})
		return
	}
	d.out.Effects.Bounced.Block = strings.ToLower(about.Recipient)
	d.out.Effects.Bounced.Reopen = true
	d.notice(notice{kind: "bounced", detail: detail, failedTo: about.Recipient})
}

// colleague files what our own people write. An answer to the customer stops the clocks and cancels ours (design rule 6).
func (d *deciding) colleague() {
	c := d.f.Case
	if c == nil {
		d.settle(NotAnswered, ReasonStaff)
		return
	}
	d.settle(NotAnswered, ReasonStaff)
	d.out.Effects.Case = c.ID
	d.out.Effects.Note = "from " + addressLine(d.r.Message.Sender1())
	if !addressed(d.r.Message, c) {
		return
	}
	d.out.Reason = ReasonAnsweredByPerson
	d.out.Effects.Meet = []sla.Clock{sla.ClockReply, sla.ClockPerson}
	d.out.Effects.MetAt, d.out.Effects.Answered = d.r.Clock, true
	d.out.Effects.Cancel = ReasonAnsweredByPerson
	d.because("%s wrote to the customer", d.r.Message.Sender1().Addr)
}

// addressed tells whether a mail goes to the customer of a case, by any address that belongs to it.
func addressed(m *mailbox.Message, c *Case) bool {
	in := func(as []mailbox.Address) bool {
		return slices.ContainsFunc(as, func(a mailbox.Address) bool {
			return a.Addr != "" && (a.Key() == c.Customer || slices.Contains(c.Members, a.Key()))
		})
	}
	return in(m.To) || in(m.Cc)
}

// thanks: a closed case is not opened again by a bare word of thanks.
func (d *deciding) thanks() bool {
	return d.f.Case.State == CaseClosed && d.r.Thanks && !d.r.Verdict.NoReply
}

// firstResponseOpen tells whether a message on a case may still get the first response: none went out yet, and no person
// has taken it up.
func (d *deciding) firstResponseOpen() bool {
	c := d.f.Case
	return c.State == CaseOpen && c.AutoReplies < d.e.Caps.Case && c.AutoReplies == 0 && c.PersonAnswered.IsZero() && c.Taken == "" &&
		c.Reason != ReasonStaffForward && !c.AuthFailed
}

// further is a customer's mail on a case that was answered: its own window for a person, no second boilerplate (policy
// 4.2).
func (d *deciding) further() {
	c := d.f.Case
	d.settle(Held, ReasonFurtherMail)
	if d.r.Verdict.NoReply {
		d.out.Reason = d.heldFor()
	}
	ef := &d.out.Effects
	ef.Case, ef.Reopen, ef.Fill = c.ID, c.State == CaseClosed, d.r.Facts
	if a := d.r.Verdict.Customer.Key(); a != "" && !slices.Contains(c.Members, a) {
		ef.Member = a
	}
	for _, class := range intents(d.r.Class) {
		if class != c.Class && !slices.Contains(c.Also, class) && class != d.fallback() && d.r.Class.Certain {
			ef.Also = append(ef.Also, class)
		}
	}
	d.entitleAnew(c)
	w := d.replyWindow(c.ID, c.Office)
	w.Further = true
	ef.Windows = append(ef.Windows, w)
	if p, ok := d.personWindow(c.ID, c.Class, c.Office); ok {
		ef.Windows = append(ef.Windows, p)
	}
	d.visit(c, c.ID)
	d.place(c)
	if d.f.Answered {
		d.answeredAlready()
		return
	}
	kind := "further"
	told := d.tellOfGrant(c)
	switch {
	case d.r.Verdict.Unsure:
		kind = "unsure"
	case len(ef.Asked) > 0:
		kind = "visit-change"
	case told:
		return // that mail says all that this one would
	}
	// A customer who writes ten times in a row is told of once each half hour; every mail has its own window all the same.
	d.notice(notice{kind: kind, due: w.Due, once: fmt.Sprintf("%s:%d:%d", kind, c.ID, d.now.Truncate(30*time.Minute).Unix())})
}

// answeredAlready: \Answered stood on the message when it was read.
func (d *deciding) answeredAlready() {
	d.settle(NotAnswered, ReasonAnsweredByPerson)
	d.because(`\Answered stands on the message`)
	d.out.Effects.Meet = []sla.Clock{sla.ClockReply, sla.ClockPerson}
	d.out.Effects.MetAt, d.out.Effects.Answered = d.now, true
}

// heldFor is the guard's reason for no automatic reply.
func (d *deciding) heldFor() Reason {
	v := d.r.Verdict
	if v.Junk {
		return ReasonJunkKnown
	}
	return v.HoldReason
}

func (d *deciding) replyWindow(id int64, office string) sla.Window {
	return sla.Window{Case: id, Message: d.f.Message, Clock: sla.ClockReply, Unsure: d.r.Verdict.NoReply, Class: d.r.Class.Class, Office: office,
		Opened: d.r.Clock, Due: d.e.Plan.ReplyDue(d.r.Clock)}
}

// personWindow is the second clock; a class may owe none. Where it is unsure which class it is a person decides, and so has
// the time of the fallback class at the most.
func (d *deciding) personWindow(id int64, class, office string) (sla.Window, bool) {
	c, ok := d.e.Model.Set().Class(class)
	need := c.Window
	if need == 0 && !d.r.Class.Certain {
		c, ok = d.e.Model.Set().Class(d.fallback())
		need = c.Window
	}
	if !ok {
		need = 24 * time.Hour // a class that was removed since: policy's default for all others
	}
	if need == 0 {
		return sla.Window{}, false
	}
	return sla.Window{Case: id, Message: d.f.Message, Clock: sla.ClockPerson, Class: class, Office: office,
		Opened: d.r.Clock, Due: d.e.Plan.PersonDue(d.r.Clock, need, office)}, true
}

func (d *deciding) fallback() string { return d.e.Model.Set().Fallback() }

// visit opens a visit where the message asks for one, or marks those on record as to be changed (policy 4.3).
func (d *deciding) visit(c *Case, id int64) {
	if !d.wantsVisit() {
		return
	}
	if len(c.Visits) > 0 {
		for _, v := range c.Visits {
			d.out.Effects.Asked = append(d.out.Effects.Asked, v.ID)
		}
		return
	}
	v := sla.Visit{ID: d.f.NextVisit, Case: id, State: sla.VisitRequested, Requested: d.r.Clock}
	d.locate(&v, c)
	v.ArrangeDue, v.OnSiteDue = d.e.Plan.VisitDues(v, v.Zone)
	d.out.Effects.Visits = append(d.out.Effects.Visits, v)
}

func (d *deciding) wantsVisit() bool {
	for _, name := range intents(d.r.Class) {
		if c, ok := d.e.Model.Set().Class(name); ok && c.OpensVisit {
			return true
		}
	}
	return false
}

func addressLine(a mailbox.Address) string {
	switch {
	case a.Addr == "" && a.Name == "":
		return "nobody"
	case a.Name == "":
		return a.Addr
	case a.Addr == "":
		return a.Name
	}
	return a.Name + " <" + a.Addr + ">"
}

// intents is the leading class and the further ones.
func intents(r classify.Result) []string { return append([]string{r.Class}, r.Also...) }
