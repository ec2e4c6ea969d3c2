package responder

import (
	"fmt"
	"slices"
	"time"

	"aftercare/mailbox"
)

// Vouched decides an entitlement by the word of a member of staff: who names a number has seen that the customer is on that
// contract, by proof or on the telephone. Without a number the customer's address counts, as in a mail. The term goes by
// opened, the date of the first contact, the ladder by the repairs that were finished by now.
func Vouched(reg Registry, serial, contract string, opened, now time.Time) Grant {
	reg.Contracts = slices.Clone(reg.Contracts)
	for i := range reg.Contracts {
		if c := &reg.Contracts[i]; c.By == BySerial || c.By == ByNumber {
			c.OnIt = true
		}
	}
	return entitle(reg, mailbox.Facts{Serial: serial, Contract: contract}, opened, now)
}

// Effect is what the grant changes on a case, on which was held before. Numbers and site are the contract's.
func (g Grant) Effect(was *Case) GrantEffect {
	e := GrantEffect{Entitlement: g.Entitlement, Rung: g.Rung, Record: g.Record, Was: fmt.Sprintf("%s %s%s", was.Entitlement, was.Rung, afterColon(was.Record))}
	if k := g.Contract; k != nil {
		e.Contract, e.Serial, e.City, e.Province = k.Number, k.Serial, k.City, k.Province
	}
	return e
}
