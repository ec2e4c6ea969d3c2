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
	Record      string      // what it rests on, for people
	Why         GrantReason // which rule decided
	Contract    *Contract   // the record itself, nil where none counts
}

// GrantReason names the rule by which an entitlement was decided.
type GrantReason string

// The rules. All but the first two leave the entitlement unknown.
const (
	GrantInTerm     GrantReason = "in-term"
	GrantTermEnded  GrantReason = "term-ended"
	GrantNoTerm     GrantReason = "no-term-on-record"
	GrantTooEarly   GrantReason = "term-not-begun"
	GrantNoRecord   GrantReason = "nothing-on-record"
	GrantStranger   GrantReason = "sender-not-on-the-contract"
	GrantSeveral    GrantReason = "several-contracts"
	GrantOtherGoods GrantReason = "serial-not-on-the-contract"
)

// entitle reads the registry at the date of the message, with the repairs that were finished by repaired; the ends of a term are moments, the first of a day in the zone of
// the contract. Only a record that the sender is on counts; among several the one named by serial number, then by contract
// number. Repair comes first (2.1); after a finished repair that did not meet the technical requirements replacement and
// return are both open (2.2, 2.3); after the term it is paid work (2.4).
func entitle(reg Registry, facts mailbox.Facts, at, repaired time.Time) Grant {
	c, why := pick(reg, facts)
	if c == nil {
		return Grant{Entitlement: templates.EntitlementUnknown, Why: why}
	}
	g := Grant{Entitlement: templates.EntitlementUnknown, Record: recordName(c), Contract: c}
	switch {
	case c.End.IsZero():
		g.Why = GrantNoTerm
		g.Record += ": no term on record"
	case !c.Start.IsZero() && at.Before(c.Start):
		g.Why = GrantTooEarly
		g.Record += ": the term begins on " + c.Start.Format(time.DateOnly)
	case !at.Before(c.End):
		g.Entitlement, g.Rung, g.Why = templates.OutOfWarranty, templates.RungRepair, GrantTermEnded
		g.Record += ": the term ended on " + c.LastDay().Format(time.DateOnly)
	default:
		g.Entitlement, g.Rung, g.Why = templates.InWarranty, templates.RungRepair, GrantInTerm
		g.Record += ": in the term until " + c.LastDay().Format(time.DateOnly)
		g.climb(c, repaired)
	}
	return g
}

// climb opens the upper rungs when the last repair that was finished by then did not meet the requirements. A later one
// that did meet them closes them again: repair comes first for the next fault.
func (g *Grant) climb(c *Contract, at time.Time) {
	var last *Repair
	for i := range c.Repairs {
		r := &c.Repairs[i]
		if !r.At.After(at) && (last == nil || !r.At.Before(last.At)) {
			last = r
		}
	}
	if last == nil || last.OK {
		return
	}
	g.Rung = templates.RungReturn
	g.Record += fmt.Sprintf("; the repair of %s did not meet the requirements", last.At.In(c.End.Location()).Format(time.DateOnly))
	if last.Serial != "" && CodeKey(last.Serial) != CodeKey(c.Serial) {
		g.Record += " (of its predecessor " + last.Serial + ")"
	}
}

func recordName(c *Contract) string {
	if c.Serial == "" {
		return "contract " + c.Number
	}
	return "contract " + c.Number + ", serial " + c.Serial
}

// pick returns the one record that counts, or why none does.
func pick(reg Registry, facts mailbox.Facts) (*Contract, GrantReason) {
	var bySerial, byNumber, bySender *Contract
	mine, others := 0, false
	for i := range reg.Contracts {
		c := &reg.Contracts[i]
		switch {
		case !c.OnIt:
			others = true
		case c.By == BySerial:
			bySerial = c
		case c.By == ByNumber:
			byNumber = c
		default:
			bySender = c
			mine++
		}
	}
	c := bySerial
	switch {
	case c != nil:
		return c, ""
	case byNumber != nil:
		c = byNumber
	case mine > 1:
		return nil, GrantSeveral
	case mine == 1:
		c = bySender
	case others:
		return nil, GrantStranger
	default:
		return nil, GrantNoRecord
	}
	// A serial number that is stated and is none of the contract's: the contract says nothing about that product. One that
	// lists no products covers what it was made for, whatever its number.
	if facts.Serial != "" && c.Products > 0 && CodeKey(facts.Serial) != CodeKey(c.Serial) {
		return nil, GrantOtherGoods
	}
	return c, ""
}
