package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// quarantine keeps a message that could not be handled as it is, opens a reply window for it and has a person told
// (design rule 9).
func (b *batch) quarantine(rec Recorded, fo *folderRow, in *Incoming, why error) (Recorded, error) {
	if why == nil {
		why = errors.New("there is no reading of it")
	}
	rec.Message, rec.Err = b.next.message, why
	rec.Disposition, rec.Reason = responder.Quarantined, responder.ReasonQuarantined
	rec.Evidence = []string{oneLine(why.Error())}
	m := b.messageRow(fo, in)
	m.disposition, m.reason, m.evidence = rec.Disposition, rec.Reason, rec.Evidence
	if err := b.keepMessage(in, rec.Message, m); err != nil {
		return rec, err
	}
	window, err := b.insertWindow(sla.Window{
		Message: rec.Message, Clock: sla.ClockReply, Unsure: true, Opened: m.clock, Due: m.clock.Add(b.t.s.opt.Quarantine),
	}, "email")
	if err != nil {
		return rec, err
	}
	return rec, b.t.notice(Notice{Kind: NoticeQuarantined, Message: rec.Message, Window: window, Detail: rec.Evidence[0]})
}

// oneLine keeps the first line of s, within reason.
func oneLine(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i]
	}
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "")
	}
	return s
}

// The kinds of notices.
const (
	NoticeQuarantined = "quarantined"  // a message could not be handled
	NoticeMailFailed  = "mail-failed"  // a mail was refused for good, or given up
	NoticeMailUnknown = "mail-unknown" // twice nobody knows whether a mail arrived
)

// Notice is something that staff must be told by the next tick.
type Notice struct {
	ID      int64
	Kind    string
	At      time.Time
	Case    int64
	Outbox  int64
	Message int64
	Window  int64
	Visit   int64 // of news of a visit, which the customer hears
	Detail  string
}

// Subject is the subject of the steps that a notice becomes.
func (n Notice) Subject() string { return fmt.Sprintf("notice:%d", n.ID) }

func (t *tx) notice(n Notice) error {
	return t.exec("INSERT INTO notices (kind, at, case_id, outbox_id, message_id, window_id, visit_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		n.Kind, ms(t.now), nullID(n.Case), nullID(n.Outbox), nullID(n.Message), nullID(n.Window), nullID(n.Visit), n.Detail)
}
