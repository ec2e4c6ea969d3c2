package store

import (
	"strings"

	"aftercare/responder"
)

// grant puts on a case what the records say since a later mail.
func (b *batch) grant(id int64, g *responder.GrantEffect, message int64) error {
	err := b.t.exec(`UPDATE cases SET entitlement = ?1, rung = ?2, record = ?3, contract = iif(?4 = '', contract, ?4), serial = iif(?5 = '', serial, ?5),
		city = iif(city = '' AND province = '', ?6, city), province = iif(city = '' AND province = '', ?7, province) WHERE id = ?8`,
		g.Entitlement, g.Rung, g.Record, g.Contract, g.Serial, g.City, g.Province, id)
	if err != nil {
		return err
	}
	detail := strings.TrimSpace(g.Entitlement+" "+g.Rung) + ", " + g.Record + "; before: " + strings.TrimSpace(g.Was)
	return b.note(note{caseID: id, message: message, what: "entitled", detail: detail})
}
