package store

import (
	"aftercare/responder"
)

// How a case was found (responder.Facts.Via).
const (
	ViaSigned    = "signed id"
	ViaPlus      = "plus address"
	ViaMessageID = "message id"
	ViaTag       = "subject tag"
	ViaReport    = "report" // a delivery report that names only the failed recipient
)

// maxThreadIDs bounds how many ids of References are looked up for one message.
const maxThreadIDs = 20

// thread finds the case that a message belongs to and the mail of ours that it reports on.
func (b *batch) thread(r *responder.Reading, f *responder.Facts) error {
	id, via, err := b.findCase(r, f)
	if err != nil {
		return err
	}
	if f.About, err = b.about(r); err != nil {
		return err
	}
	if id == 0 && f.About != nil {
		id, via = f.About.Case, ViaReport
	}
	if id == 0 {
		return nil
	}
	f.Via = via
	f.Case, err = b.t.loadCase(id)
	return err
}

func (b *batch) findCase(r *responder.Reading, f *responder.Facts) (int64, string, error) {
	for _, tok := range r.Hints.Tokens {
		if ok, err := b.ours(tok); err != nil || ok {
			return tok.Case, ViaSigned, err
		}
	}
	if p := r.Hints.Plus; p != nil {
		if ok, err := b.ours(*p); err != nil || ok {
			return p.Case, ViaPlus, err
		}
	}
	for i, mid := range r.Hints.MessageIDs {
		if i == maxThreadIDs {
			break
		}
		if id, err := b.caseOfMessageID(mid); err != nil || id != 0 {
			return id, ViaMessageID, err
		}
	}
	return b.caseOfTag(r, f)
}

// ours tells whether a token names a case on record and, where it names a mail, a mail of that case.
func (b *batch) ours(tok responder.Token) (ok bool, err error) {
	if tok.Case == 0 {
		return false, nil
	}
	if tok.Outbox == 0 {
		return b.t.get("SELECT 1 FROM cases WHERE id = ?", []any{tok.Case}, new(int))
	}
	return b.t.get("SELECT 1 FROM outbox WHERE id = ? AND case_id = ?", []any{tok.Outbox, tok.Case}, new(int))
}

// caseOfMessageID is the case of the newest message, received or written by us, with this Message-ID.
func (b *batch) caseOfMessageID(mid string) (id int64, err error) {
	ok, err := b.t.get("SELECT case_id FROM messages WHERE message_id = ? AND case_id IS NOT NULL ORDER BY id DESC LIMIT 1", []any{mid}, &id)
	if err != nil || ok {
		return id, err
	}
	_, err = b.t.get("SELECT case_id FROM outbox WHERE message_id = ? AND case_id IS NOT NULL ORDER BY id DESC LIMIT 1", []any{mid}, &id)
	return id, err
}

// caseOfTag follows a subject tag only for a member of the case or a colleague; somebody else's tag is noted in Linked.
func (b *batch) caseOfTag(r *responder.Reading, f *responder.Facts) (int64, string, error) {
	who := r.Verdict.Customer.Key()
	for i, id := range r.Hints.Tags {
		if i == maxThreadIDs {
			break
		}
		var member bool
		ok, err := b.t.get("SELECT EXISTS (SELECT 1 FROM members WHERE address = ? AND case_id = cases.id) FROM cases WHERE id = ?",
			[]any{who, id}, &member)
		if err != nil {
			return 0, "", err
		}
		if ok && (member || r.Verdict.Kind == responder.KindStaff) {
			return id, ViaTag, nil
		}
		if ok && f.Linked == 0 {
			f.Linked = id
		}
	}
	return 0, "", nil
}

// about finds the mail of ours that a bounce, a receipt or another program's answer is about.
func (b *batch) about(r *responder.Reading) (*responder.Sent, error) {
	if bo := r.Verdict.Bounce; bo != nil {
		if bo.Token != nil {
			if s, err := b.sentByID(bo.Token.Outbox); err != nil || s != nil {
				return s, err
			}
		}
		if bo.MessageID != "" {
			if s, err := b.sentByMessageID(bo.MessageID); err != nil || s != nil {
				return s, err
			}
		}
	}
	if r.Verdict.Bounce == nil && !r.Verdict.Kind.Machine() {
		return nil, nil
	}
	for _, tok := range r.Hints.Tokens {
		if s, err := b.sentByID(tok.Outbox); err != nil || s != nil {
			return s, err
		}
	}
	if r.Verdict.Bounce != nil {
		return b.sentLatelyTo(r.Verdict.Bounce.Addresses)
	}
	for i, mid := range r.Hints.MessageIDs {
		if i == maxThreadIDs {
			break
		}
		if s, err := b.sentByMessageID(mid); err != nil || s != nil {
			return s, err
		}
	}
	return nil, nil
}

const sentColumns = "SELECT id, coalesce(case_id, 0), recipient, kind, state, lane FROM outbox "

func (b *batch) sentByID(id int64) (*responder.Sent, error) {
	if id == 0 {
		return nil, nil
	}
	return b.sent(sentColumns+"WHERE id = ?", id)
}

func (b *batch) sentByMessageID(mid string) (*responder.Sent, error) {
	return b.sent(sentColumns+"WHERE message_id = ? ORDER BY id DESC LIMIT 1", mid)
}

// sentLatelyTo finds our newest automatic reply to one of the addresses, of the last five days: as long as servers try.
func (b *batch) sentLatelyTo(addrs []string) (*responder.Sent, error) {
	const days = 5
	for i, a := range addrs {
		if i == maxThreadIDs {
			break
		}
		s, err := b.sent(sentColumns+"WHERE recipient = ? AND queued > ? AND counted = 1 AND attempt > 0 ORDER BY queued DESC LIMIT 1",
			a, ms(b.now.AddDate(0, 0, -days)))
		if err != nil || s != nil {
			return s, err
		}
	}
	return nil, nil
}

func (b *batch) sent(query string, args ...any) (*responder.Sent, error) {
	var s responder.Sent
	ok, err := b.t.get(query, args, &s.Outbox, &s.Case, &s.Recipient, &s.Kind, &s.State, &s.Lane)
	if err != nil || !ok {
		return nil, err
	}
	return &s, nil
}
