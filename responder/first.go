package responder

import (
	"fmt"
	"time"

	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/templates"
)

// first opens a case, or takes up one that has had no answer yet, and gives the first response or says why not.
func (d *deciding) first() {
	c := d.f.Case
	if c == nil {
		c = d.newCase()
		d.out.Effects.Open = c
	}
	d.entitle(c)
	ef := &d.out.Effects
	ef.Case, ef.Link, ef.Fill = c.ID, d.f.Linked, d.r.Facts
	w := d.replyWindow(c.ID, c.Office)
	reply := len(ef.Windows)
	ef.Windows = append(ef.Windows, w)
	if p, ok := d.personWindow(c.ID, c.Class, c.Office); ok {
		ef.Windows = append(ef.Windows, p)
	}
	d.visit(c, c.ID)
	d.place(c)
	if d.f.Answered {
		d.answeredAlready()
		c.Reason = ReasonAnsweredByPerson
		return
	}
	if reason, ok := d.mayReply(); !ok {
		d.hold(c, reason, w.Due)
	} else {
		d.answer(c, &ef.Windows[reply])
	}
	d.tellOfGrant(c)
}

// newCase is the case that the message opens.
func (d *deciding) newCase() *Case {
	r := d.r
	office, _ := d.e.responsible(r.Facts.City, r.Facts.Province)
	c := &Case{
		ID: d.f.NextCase, State: CaseOpen, Account: d.f.Key.Account, Class: r.Class.Class, Also: r.Class.Also, Because: r.Class.Because,
		Subject: r.Message.Subject, Language: r.Language, Customer: r.Verdict.Customer.Key(), CustomerName: r.Verdict.Customer.Name,
		Opened: r.Clock, Office: office.Name, AuthFailed: r.Verdict.Auth == AuthFailed,
		Serial: r.Facts.Serial, Contract: r.Facts.Contract, Phone: r.Facts.Phone, City: r.Facts.City, Province: r.Facts.Province,
	}
	if c.Customer != "" {
		c.Members = []string{c.Customer}
	}
	return c
}

// mayReply says whether an automatic reply may go, or the first reason why not.
func (d *deciding) mayReply() (Reason, bool) {
	v, f, caps := d.r.Verdict, d.f, d.e.Caps
	switch {
	case v.NoReply || v.Junk:
		return d.heldFor(), false
	case v.ReplyTo.Addr == "":
		return ReasonNoAddress, false
	case d.deskLoop():
		return ReasonUnsurePerson, false
	case f.Blocked:
		d.because("mail to %s came back; nothing is sent there until a person says so", v.ReplyTo.Addr)
		return ReasonBlockedAddress, false
	case d.now.Sub(d.r.Arrived) > d.e.MaxAge || d.now.Sub(d.r.Clock) > d.e.MaxAge:
		d.because("it arrived %s ago", d.now.Sub(d.r.Arrived).Round(time.Minute))
		return ReasonTooOld, false
	case f.SenderReplies2h >= caps.Sender2h:
		d.because("%d automatic replies went to this address within 2 hours", f.SenderReplies2h)
		return ReasonCappedSender, false
	case f.SenderReplies24h >= caps.SenderDay:
		d.because("%d automatic replies went to this address within a day", f.SenderReplies24h)
		return ReasonCappedSender, false
	case f.DomainReplies1h >= caps.Domain1h && !caps.Freemail[v.ReplyTo.Domain()]:
		d.because("%d automatic replies went to this domain within an hour", f.DomainReplies1h)
		return ReasonCappedDomain, false
	case f.TotalReplies1h >= caps.Total1h:
		d.because("%d automatic replies went out within an hour", f.TotalReplies1h)
		return ReasonCappedTotal, false
	}
	return "", true
}

// deskLoop knows another program that answers ours under a new address each time: it keeps the subject, and so the tag of
// every case that it was answered under. A person's mail carries one.
func (d *deciding) deskLoop() bool {
	if d.f.Case != nil || d.f.Linked == 0 {
		return false
	}
	seen := map[int64]bool{}
	for _, tag := range d.r.Hints.Tags {
		seen[tag] = true
	}
	if len(seen) < 2 {
		return false
	}
	d.because("the subject carries the tags of %d cases that the sender does not belong to: two programs may be answering each other", len(seen))
	d.out.Effects.Windows[0].Unsure = true
	return true
}

// hold leaves the message to a person and tells one at once.
func (d *deciding) hold(c *Case, reason Reason, due time.Time) {
	d.settle(Held, reason)
	c.Reason = reason
	n := notice{kind: "unanswered", due: due}
	switch reason {
	case ReasonUnsurePerson:
		n.kind = "unsure"
	case ReasonCappedSender, ReasonCappedDomain, ReasonCappedTotal:
		// When a cap trips staff are told once; every case that it holds back has windows of its own.
		n.kind, n.once = "capped", d.capKey(reason)
	}
	d.notice(n)
}

// capKey names one trip of a cap: whom it concerns, and the stretch of time that it counts over.
func (d *deciding) capKey(reason Reason) string {
	to := d.r.Verdict.ReplyTo
	whom, over := to.Key(), 2*time.Hour
	switch reason {
	case ReasonCappedDomain:
		whom, over = to.Domain(), time.Hour
	case ReasonCappedTotal:
		whom, over = "", time.Hour
	}
	return fmt.Sprintf("%s:%s:%d", reason, whom, d.now.Truncate(over).Unix())
}

// answer composes the first response by class, or the neutral one where the class or the sender is in doubt.
func (d *deciding) answer(c *Case, w *sla.Window) {
	class, known := d.e.Model.Set().Class(c.Class)
	mode := classify.ModeSend
	if known {
		mode = class.Mode
	}
	kind, key, reason := MailReply, templates.Key{Class: c.Class, Language: c.Language, Entitlement: c.Entitlement, Rung: c.Rung}, ReasonReply
	doubt := !d.r.Class.Certain || !known || class.Fallback
	switch {
	case c.AuthFailed:
		kind, key, reason = MailBare, templates.Key{Class: templates.ClassAckBare, Language: c.Language}, ReasonReplyBare
	case doubt:
		kind, key, reason = MailNeutral, templates.Key{Class: templates.ClassOther, Language: c.Language}, ReasonReplyNeutral
	case mode == classify.ModeNone:
		d.hold(c, ReasonClassNone, w.Due)
		return
	}
	t, why := d.e.Templates.Choose(key)
	m, err := d.e.reply(replyJob{c: c, r: d.r, f: d.f, outbox: d.next(), window: *w, kind: kind, t: t, now: d.now, visit: d.visitOf(c)})
	if err != nil {
		d.because("%v", err)
		d.hold(c, ReasonTemplateBroken, w.Due)
		return
	}
	d.because("template %s: %s", t.Name, why)
	c.Reason = reason
	if kind == MailReply && mode == classify.ModeHold {
		m.Draft, w.Held = true, true
		d.out.Mails = append(d.out.Mails, m)
		d.settle(Held, ReasonClassHold)
		c.Reason = ReasonClassHold
		d.notice(notice{kind: "held", due: w.Due.Add(-d.e.Plan.Margin)})
		return
	}
	d.settle(Answered, reason)
	if d.e.Shadow {
		m.Shadow = true
		d.settle(Held, ReasonShadow)
		c.Reason = ReasonShadow
	}
	d.out.Mails = append(d.out.Mails, m)
	if reason != ReasonReply {
		d.notice(notice{kind: "answer-due"}) // a person decides what it is
	}
	d.claimAbove(c)
}

// claimAbove: a claim above its rung is answered with what applies now, and goes to a person (policy, entitlement).
func (d *deciding) claimAbove(c *Case) {
	if d.out.Reason != ReasonReply {
		return
	}
	for _, class := range intents(d.r.Class) {
		above := class == templates.RungReplacement || class == templates.RungReturn
		if above && !templates.Permits(c.Entitlement, c.Rung, class) {
			d.because("asks for %s; on record: %s %s", class, c.Entitlement, c.Rung)
			d.notice(notice{kind: "answer-due"})
			return
		}
	}
}

func (d *deciding) visitOf(c *Case) *sla.Visit {
	if vs := d.out.Effects.Visits; len(vs) > 0 {
		return &vs[0]
	}
	if len(c.Visits) > 0 {
		return &c.Visits[0]
	}
	return nil
}

// next takes an outbox number.
func (d *deciding) next() int64 {
	id := d.f.NextOutbox + d.n
	d.n++
	return id
}
