package store

import (
	"context"
	"strings"
	"time"

	"aftercare/responder"
)

// grant puts on a case what the records say since a later mail.
func (b *batch) grant(id int64, g *responder.GrantEffect, message int64) error {
	if err := b.t.entitle(id, g); err != nil {
		return err
	}
	return b.note(note{caseID: id, message: message, what: "entitled", detail: grantWords(g)})
}

// EntitleCase puts on a case what the records say by the word of a person, who has seen that they concern the customer.
// office, where it is not "", is responsible from now on. ErrNotFound when there is no such case.
func (s *Store) EntitleCase(ctx context.Context, id int64, g responder.GrantEffect, office, who string, now time.Time) error {
	return s.onCase(ctx, id, now, note{what: "entitled", who: who, detail: grantWords(&g)}, func(t *tx) error {
		if err := t.entitle(id, &g); err != nil || office == "" {
			return err
		}
		return (&batch{t: t, now: now}).assign(id, office)
	})
}

func (t *tx) entitle(id int64, g *responder.GrantEffect) error {
	return t.exec(`UPDATE cases SET entitlement = ?1, rung = ?2, record = ?3, contract = iif(?4 = '', contract, ?4), serial = iif(?5 = '', serial, ?5),
		city = iif(city = '' AND province = '', ?6, city), province = iif(city = '' AND province = '', ?7, province) WHERE id = ?8`,
		g.Entitlement, g.Rung, g.Record, g.Contract, g.Serial, g.City, g.Province, id)
}

func grantWords(g *responder.GrantEffect) string {
	return strings.TrimSpace(g.Entitlement+" "+g.Rung) + ", " + g.Record + "; before: " + strings.TrimSpace(g.Was)
}
