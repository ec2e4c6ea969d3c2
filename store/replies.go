package store

import (
	"fmt"

	"aftercare/responder"
)

// The states of an outbox row. StateShadow is on record only and never sent.
const (
	StateDraft     = "draft"
	StateQueued    = "queued"
	StateClaimed   = "claimed"
	StateSent      = "sent"
	StateUnknown   = "unknown"
	StateFailed    = "failed"
	StateCancelled = "cancelled"
	StateShadow    = "shadow"
)

// queueAll puts the mails of a decision into the outbox. caseID, window and message are what they are about where they do
// not say so themselves.
func (b *batch) queueAll(mails []responder.Mail, caseID, window, message int64) ([]responder.Mail, error) {
	var sent []responder.Mail
	for i := range mails {
		m := &mails[i]
		if m.Case == 0 {
			m.Case = caseID
		}
		if m.Window == 0 && automatic(m.Lane, m.Kind) {
			m.Window = window
		}
		first, err := b.once(m)
		if err != nil {
			return nil, fmt.Errorf("looking whether a mail of kind %s was sent already: %w", m.Kind, err)
		}
		if !first {
			continue
		}
		if err := b.queue(m, message); err != nil {
			return nil, fmt.Errorf("queueing a mail of kind %s: %w", m.Kind, err)
		}
		sent = append(sent, *m)
	}
	return sent, nil
}

// once takes the key of a mail that is to be sent once only, and tells whether it was free.
func (b *batch) once(m *responder.Mail) (bool, error) {
	if m.Once == "" {
		return true, nil
	}
	n, err := b.t.run("INSERT OR IGNORE INTO steps (subject, name, recipient, due, at, said, case_id) VALUES (?, ?, ?, 0, ?, ?, ?)",
		m.Once, m.Kind, m.To, ms(b.now), ms(b.now), nullID(m.Case))
	return n > 0, err
}

// queue puts one mail into the outbox and sets its number. answers is the record number of the message that it answers, 0
// for none or when m.Answers says it.
func (b *batch) queue(m *responder.Mail, answers int64) error {
	if m.ID == 0 {
		m.ID = b.next.outbox
	}
	if m.Lane == responder.LaneStaff {
		answers = 0
	}
	state := StateQueued
	switch {
	case m.Shadow:
		state = StateShadow
	case m.Draft:
		state = StateDraft
	}
	deadline := m.Deadline
	if deadline.IsZero() {
		deadline = b.now
	}
	counts := automatic(m.Lane, m.Kind) && !m.Shadow
	domain := domainOf(m.To)
	err := b.t.exec(`INSERT INTO outbox (id, case_id, window_id, visit_id, lane, kind, account, state, counted, queued, next_at, deadline,
		envelope_from, recipient, domain, message_id, subject, template, template_version, answers)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID, nullID(m.Case), nullID(m.Window), nullID(m.Visit), string(m.Lane), m.Kind, m.Account, state, counts, ms(b.now), ms(b.now),
		ms(deadline), m.EnvelopeFrom, m.To, domain, m.MessageID, m.Subject, m.Template, m.TemplateVersion, nullID(answers))
	if err != nil {
		return err
	}
	if err := b.t.exec("INSERT INTO outbox_raw (id, bytes) VALUES (?, ?)", m.ID, m.Raw); err != nil {
		return err
	}
	b.next.outbox = max(b.next.outbox, m.ID+1)
	if counts {
		b.addReply(domain)
	}
	b.t.mails = b.t.mails || state == StateQueued
	return nil
}

// cancel takes back the automatic replies of a case that are not under way yet. News of a visit is none.
func (b *batch) cancel(caseID int64, reason responder.Reason, message int64) error {
	n, err := b.t.run(`UPDATE outbox SET state = 'cancelled', counted = 0, reason = ? WHERE case_id = ? AND lane = 'customer'
		AND kind <> 'visit' AND state IN ('queued', 'draft')`, string(reason), caseID)
	if err != nil || n == 0 {
		return err
	}
	b.forget()
	return b.note(note{caseID: caseID, message: message, what: "reply-cancelled", reason: reason})
}

// bounced records that a mail of ours did not arrive. One of unknown outcome was accepted, then: it is not sent again.
func (b *batch) bounced(e *responder.BounceEffect, caseID, message int64) error {
	if e == nil {
		return nil
	}
	at := ms(b.now)
	if e.Block != "" {
		err := b.t.exec("INSERT OR IGNORE INTO blocked (address, at, outbox_id, detail) VALUES (lower(?), ?, ?, ?)",
			e.Block, at, nullID(e.Outbox), e.Detail)
		if err != nil {
			return err
		}
	}
	if e.Outbox == 0 {
		return nil
	}
	var window int64
	ok, err := b.t.get(`UPDATE outbox SET bounced = ?, detail = ?, sent = CASE state WHEN 'unknown' THEN claimed ELSE sent END,
		state = CASE state WHEN 'unknown' THEN 'sent' ELSE state END WHERE id = ? RETURNING coalesce(window_id, 0), coalesce(case_id, 0)`,
		[]any{at, e.Detail, e.Outbox}, &window, &caseID)
	if err != nil || !ok {
		return err
	}
	if e.Reopen && window != 0 {
		if err := b.t.exec("UPDATE windows SET met = NULL, next_at = 0 WHERE id = ? AND dropped IS NULL", window); err != nil {
			return err
		}
	}
	return b.note(note{caseID: caseID, message: message, outbox: e.Outbox, what: "bounced", reason: responder.ReasonBounce, detail: e.Detail})
}
