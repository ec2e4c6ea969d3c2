package store

import (
	"fmt"

	"aftercare/responder"
)

// note is a row of history: what happened that no other table tells.
type note struct {
	caseID  int64
	message int64
	outbox  int64
	what    string
	reason  responder.Reason
	who     string
	detail  string
}

func (b *batch) note(n note) error { return b.t.note(n) }

func (t *tx) note(n note) error {
	return t.exec("INSERT INTO history (at, case_id, message_id, outbox_id, what, reason, who, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		ms(t.now), nullID(n.caseID), nullID(n.message), nullID(n.outbox), n.what, string(n.reason), n.who, n.detail)
}

// audit records what a person did.
func (t *tx) audit(who, what, about, detail string) error {
	return t.exec("INSERT INTO audit (at, who, what, about, detail) VALUES (?, ?, ?, ?, ?)", ms(t.now), who, what, about, detail)
}

func visitName(id int64) string { return fmt.Sprintf("visit %d", id) }

func caseName(id int64) string { return fmt.Sprintf("AC-%06d", id) }
