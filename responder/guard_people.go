package responder

import (
	"strings"

	"aftercare/mailbox"
)

// subjectPrefix tells whether the subject begins with one of the folded prefixes, "fw:" or "转发:".
func subjectPrefix(subject string, prefixes []string) bool {
	var buf [68]byte
	head := string(fold(buf[:0], subject, 64))
	for _, p := range prefixes {
		if strings.HasPrefix(head, p) {
			return true
		}
	}
	return false
}

// isReply tells whether m answers a mail.
func (g *Guard) isReply(m *mailbox.Message) bool {
	return len(m.InReplyTo) > 0 || len(m.References) > 0 || subjectPrefix(m.Subject, g.rules.replies)
}

// inner is who wrote the mail that m passes on, inline or as an attached message.
func inner(m *mailbox.Message) mailbox.Address {
	for _, f := range m.Forwarded {
		if a := f.Sender1(); a.Addr != "" || a.Name != "" {
			return a
		}
	}
	if m.Body.Forward != nil {
		return m.Body.Forward.From
	}
	return mailbox.Address{}
}

// staffForward finds the customer whose mail a colleague passed on: the subject or an attached message shows a forward,
// and its author is a stranger. An answer that quotes the customer is no forward.
func (g *Guard) staffForward(m *mailbox.Message) (mailbox.Address, bool) {
	if m.Body.Forward == nil && len(m.Forwarded) == 0 {
		return mailbox.Address{}, false
	}
	attached := len(m.Forwarded) > 0 && m.Report == nil
	if !attached && !subjectPrefix(m.Subject, g.rules.forwards) {
		if subjectPrefix(m.Subject, g.rules.replies) || len(m.InReplyTo) > 0 {
			return mailbox.Address{}, false
		}
	}
	a := inner(m)
	if a.Addr == "" && a.Name == "" || g.own[bareAddr(a.Addr)] || g.isStaff(a) || a.Addr != "" && g.robot(a) {
		return mailbox.Address{}, false
	}
	return a, true
}

// ruleForwarded tells whether the only thing that speaks for a machine is Microsoft's mark on mail that a rule passed on:
// "Auto-Submitted: auto-generated" on the mail of a person. Exchange has put it there since 2025, together with a loop
// counter of its own; an automatic reply carries X-Auto-Response-Suppress or a telling subject besides.
func (g *Guard) ruleForwarded(m *mailbox.Message, s *signals) bool {
	generated := false
	for _, x := range s.list {
		switch {
		case x.source == fromHeader && strings.HasPrefix(strings.ToLower(x.evidence), "auto-submitted: auto-generated"):
			generated = true
		case x.source == fromStructure && m.NullSender:
		case x.source == fromHeader || x.sure || x.unsure:
			return false
		}
	}
	if !generated {
		return false
	}
	passed := m.Header.Has("Resent-From") || subjectPrefix(m.Subject, g.rules.forwards) || m.Body.Forward != nil
	switch {
	case s.marked != "":
	case m.Header.Has("Resent-From"):
		s.marked = evidenceOf("Resent-From", m.Header.Get("Resent-From"))
	case s.exch && passed:
		s.marked = "forwarded by an Exchange mailbox"
	default:
		return false
	}
	return true
}

// softened takes back a verdict that rests on one sign where another sign speaks for a person, and makes f a person of
// whom we are not sure. Nothing is answered then, and a person looks.
func (g *Guard) softened(m *mailbox.Message, s *signals, f *finding, r *route) bool {
	if f.kind == KindPerson {
		return false
	}
	soft := f.kind == KindAutoReply && asksUnderSubject(m, s) || f.kind == KindNewsletter && asksAboutMail(m, s) || g.behindRobot(m, s, r) || g.nullFromProgram(m, s) || generatedInOutlook(m, s) || hintsAgainstProgram(m, s, f.kind)
	if soft {
		f.kind, f.action = KindPerson, ""
		if s.program != "" {
			f.evidence = append(f.evidence, "and yet "+s.program)
		}
	}
	return soft
}

// behindRobot: a no-reply address wrote, and Reply-To names a stranger elsewhere, as web forms do that nobody configured.
func (g *Guard) behindRobot(m *mailbox.Message, s *signals, r *route) bool {
	for _, x := range s.list {
		if x.source != fromSender || x.kind != KindNotification && x.kind != kindMachine {
			return false
		}
	}
	from := m.Sender1()
	return len(s.list) > 0 && hasWords(m) && r.replyTo.Addr != "" && len(m.ReplyTo) > 0 && r.replyTo.Domain() != from.Domain() &&
		!strings.HasSuffix(r.replyTo.Domain(), "."+from.Domain()) && !strings.HasSuffix(from.Domain(), "."+r.replyTo.Domain())
}

// nullFromProgram: a null envelope sender on a mail that a person's program wrote, and nothing else.
func (g *Guard) nullFromProgram(m *mailbox.Message, s *signals) bool {
	return len(s.list) == 1 && s.list[0].source == fromStructure && m.NullSender && s.program != "" && hasWords(m)
}

// asksUnderSubject: only the subject speaks for a machine, and the words below ask something: automatic replies do not.
func asksUnderSubject(m *mailbox.Message, s *signals) bool {
	for _, x := range s.list {
		if x.source != fromSubject && (x.sure || x.kind == KindAutoReply || x.kind == kindMachine) {
			return false
		}
	}
	return len(m.InReplyTo) == 0 && strings.ContainsAny(m.Body.New, "?？")
}

// asksAboutMail: a few words that ask something, or a line of them under a subject that says little, and only they and the
// subject speak of a newsletter. Customers ask to be taken off one.
func asksAboutMail(m *mailbox.Message, s *signals) bool {
	line := len(m.Body.New) <= lineBytes
	for _, x := range s.list {
		if x.source != fromSubject && x.source != fromBody {
			return false
		}
		line = line && (x.source != fromSubject || x.weak)
	}
	return line || s.brief && strings.ContainsAny(m.Body.New, "?？")
}

// generatedInOutlook: marked as generated and nothing else, yet written in an Exchange mailbox.
func generatedInOutlook(m *mailbox.Message, s *signals) bool {
	return len(s.list) == 1 && s.exch && hasWords(m) &&
		strings.HasPrefix(strings.ToLower(s.list[0].evidence), "auto-submitted: auto-generated")
}

// hintsAgainstProgram: only hints, or a subject that nothing else bears out, and a person's program or a person's word ("Auto-Submitted: no") against them. Mass mail
// is written in such programs too, so that its hints stand.
func hintsAgainstProgram(m *mailbox.Message, s *signals, k Kind) bool {
	if k == KindNewsletter || k == KindList || k == KindNotification {
		return false
	}
	elsewhere := false
	for _, x := range s.list {
		if x.sure && x.source != fromSubject {
			return false
		}
		elsewhere = elsewhere || x.kind == k && x.source != fromSubject
	}
	for _, x := range s.list {
		if x.sure && elsewhere {
			return false
		}
	}
	return s.program != "" || strings.EqualFold(strings.TrimSpace(m.Header.Get("Auto-Submitted")), "no")
}

// hasWords tells whether the mail has text of its own.
func hasWords(m *mailbox.Message) bool { return len(strings.TrimSpace(m.Body.New)) >= 12 }
