package responder

import (
	"strings"

	"aftercare/mailbox"
)

// judgeOwn recognises our own mail coming back: by a signature of ours, which survives most relays, by X-Loop, or by our
// own address as its author. It is true when the mail is ours and v says so. A mail from our own address with a stranger
// in Reply-To may be a web form that nobody has configured yet: that leaves us unsure, so that a person looks.
func (g *Guard) judgeOwn(m *mailbox.Message, r *route, v *Verdict) bool {
	ev := g.ownMark(m, r)
	if ev == "" && m.Report == nil && r.fromOwn && r.form == "" && r.list == "" {
		if _, ok := g.staffForward(m); ok {
			return false // a colleague at the watched mailbox, or its rule, passes a customer's mail on
		}
		if g.ownPerson(m, v.Auth) {
			v.Kind, v.Reason, v.Customer, v.ReplyTo = KindStaff, ReasonStaff, m.Sender1(), mailbox.Address{}
			v.Evidence = append(v.Evidence, "a colleague's answer from a watched address: "+m.Sender1().Addr)
			return true
		}
		if r.replyTo.Addr == "" || m.Header.Has("Auto-Submitted") {
			ev = "From is an address of ours: " + m.Sender1().Addr
		} else {
			v.Unsure, v.Customer = true, r.replyTo
			v.Evidence = append(v.Evidence, "From is an address of ours, Reply-To is not: a web form would be named in trusted_forms")
			return true
		}
	}
	if ev == "" {
		return false
	}
	v.Kind, v.Reason = KindOwn, ReasonOwn
	v.Evidence = append(v.Evidence, ev)
	v.Customer, v.ReplyTo = mailbox.Address{}, mailbox.Address{}
	return true
}

// ownMark looks for what only our own mail carries.
func (g *Guard) ownMark(m *mailbox.Message, r *route) string {
	if _, ok := VerifyMessageID(g.cfg.Key, m.MessageID); ok {
		return "signed Message-ID of ours: " + clip(m.MessageID, 80)
	}
	if _, ok := VerifyVERP(g.cfg.Key, m.ReturnPath); ok {
		return "Return-Path is an envelope address of ours"
	}
	for i := range m.Header {
		f := &m.Header[i]
		switch {
		case strings.EqualFold(f.Name, HeaderName):
			if _, ok := VerifyHeader(g.cfg.Key, f.Value); ok {
				return evidenceOf(f.Name, f.Value)
			}
		case strings.EqualFold(f.Name, "X-Loop"):
			if g.own[bareAddr(f.Value)] && r.list == "" {
				return evidenceOf(f.Name, f.Value)
			}
		}
	}
	return ""
}
