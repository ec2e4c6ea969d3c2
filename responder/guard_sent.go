package responder

import (
	"strings"

	"aftercare/mailbox"
)

// JudgeSent is Judge for a mail that lies in a folder of sent mail. What carries our mark is a copy of our own; what one of
// our people wrote is theirs. Anything else there is of no concern.
func (g *Guard) JudgeSent(m *mailbox.Message) Verdict {
	r := g.route(m)
	from := m.Sender1()
	v := Verdict{Kind: KindOwn, Reason: ReasonOwn, Evidence: []string{"lies in a folder of sent mail"}}
	switch mark := g.ownMark(m, &r); {
	case mark != "":
		v.Evidence = append(v.Evidence, mark)
	case submittedByProgram(m):
		v.Evidence = append(v.Evidence, evidenceOf("Auto-Submitted", m.Header.Get("Auto-Submitted")))
	case !r.fromOwn && !g.isStaff(from):
		v.Evidence = append(v.Evidence, "From is none of ours: "+addressText(from))
	default:
		v.Kind, v.Reason, v.Customer = KindStaff, ReasonStaff, from
	}
	return v
}

// ownPerson tells whether a mail from a watched address, without any mark of ours, is a colleague's answer of which a copy
// came to us: it continues a conversation and goes to somebody outside. What failed its authentication is nobody's.
func (g *Guard) ownPerson(m *mailbox.Message, auth Auth) bool {
	if auth == AuthFailed || submittedByProgram(m) || m.Header.Has("Precedence") {
		return false
	}
	if len(m.InReplyTo)+len(m.References)+len(ParseTags(m.Subject)) == 0 {
		return false
	}
	for _, as := range [][]mailbox.Address{m.To, m.Cc} {
		for _, a := range as {
			if wholeAddr(a.Addr) && !g.own[bareAddr(a.Addr)] && !g.isStaff(a) {
				return true
			}
		}
	}
	return false
}

// submittedByProgram reads RFC 3834's field: anything but "no" is a program's.
func submittedByProgram(m *mailbox.Message) bool {
	v := strings.TrimSpace(m.Header.Get("Auto-Submitted"))
	return v != "" && !strings.EqualFold(v, "no")
}
