package responder

import (
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/templates"
)

// Grant is what the policy grants by the record: a fact on the case, never a promise (policy, entitlement).
type Grant struct {
	Entitlement string
	Rung        string
	Record      string // what it rests on, for people
}

// entitle reads the registry at the date of the message. Only a record that the sender is on counts; among several the
// one named by serial number, then by contract number. Repair comes first (2.1); after a finished repair that did not meet
// the technical requirements replacement and return are both open (2.2, 2.3); after the term it is paid work (2.4).
func entitle(reg Registry, facts mailbox.Facts, at time.Time) Grant {
	c := pick(reg, facts)
	if c == nil {
		return Grant{Entitlement: templates.EntitlementUnknown}
	}
	record := "contract " + c.Number
	if c.Serial != "" {
		record += ", serial " + c.Serial
	}
	switch {
	case c.End.IsZero() || !c.Start.IsZero() && at.Before(c.Start):
		return Grant{Entitlement: templates.EntitlementUnknown, Record: record + ": no term on record for this day"}
	case !at.Before(c.End):
		return Grant{Entitlement: templates.OutOfWarranty, Rung: templates.RungRepair, Record: fmt.Sprintf("%s: the term ended on %s", record, c.End.Format(time.DateOnly))}
	}
	g := Grant{Entitlement: templates.InWarranty, Rung: templates.RungRepair, Record: fmt.Sprintf("%s: in the term until %s", record, c.End.Format(time.DateOnly))}
	for _, r := range c.Repairs {
		if !r.OK && !r.At.After(at) {
			g.Rung = templates.RungReturn
			g.Record += fmt.Sprintf("; the repair of %s did not meet the requirements", r.At.Format(time.DateOnly))
		}
	}
	return g
}

func pick(reg Registry, facts mailbox.Facts) *Contract {
	var best *Contract
	weight := 0
	for i := range reg.Contracts {
		c := &reg.Contracts[i]
		if !c.OnIt {
			continue
		}
		w := map[string]int{"serial": 3, "contract": 2}[c.By]
		if best == nil || w > weight {
			best, weight = c, w
		}
	}
	if best != nil && weight == 0 && facts.Serial == "" && len(reg.Contracts) > 1 {
		return nil // the sender has several products and names none
	}
	return best
}
