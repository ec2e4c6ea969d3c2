package responder

import (
	"fmt"
	"slices"
	"time"

	"aftercare/mailbox"
	"aftercare/templates"
)

// told is what a mail to the sender of a message may say of the records. It lives as long as the decision: what is read
// from the database later says nothing of who asks.
type told struct {
	ref string    // the numbers of contract and product
	end time.Time // noon of the last day of the term, in the company's zone
	ok  bool      // the sender is on the contract
}

// entitle decides what the policy grants on a case by the registry, and notes what it rests on. What the sender may not be
// told goes only into the evidence, which only staff read (policy, entitlement).
func (d *deciding) entitle(c *Case) {
	facts := mailbox.Facts{Serial: orText(d.r.Facts.Serial, c.Serial), Contract: orText(d.r.Facts.Contract, c.Contract)}
	reg := d.registry()
	was := *c
	g := entitle(reg, facts, c.Opened, d.r.Clock)
	c.Entitlement, c.Rung, c.Record = g.Entitlement, g.Rung, g.Record
	c.told, c.ask = told{}, nil
	d.stand(c, &g)
	if !reg.Known {
		if g.Contract != nil {
			d.tell(c, &g)
		}
		return
	}
	defer d.regrant(c, &was, &g)
	d.because("entitlement: %s (%s)%s", g.Entitlement, g.Why, afterColon(g.Record))
	d.forStaff(reg, facts)
	switch g.Why {
	case GrantStranger, GrantNoRecord, GrantOtherGoods:
		// Whether the number is somebody's or nobody's, the question is the same: it tells nothing of the records.
		c.ask = []string{"proof"}
	case GrantSeveral:
		c.ask = []string{"serial"}
	default:
		d.tell(c, &g)
	}
}

// tell fills in what the sender, who is on the contract, need not be asked for.
func (d *deciding) tell(c *Case, g *Grant) {
	k := g.Contract
	c.told = told{ok: true, ref: k.Number}
	if k.Serial != "" {
		c.told.ref += " / " + k.Serial
	}
	if !k.End.IsZero() {
		y, m, day := k.LastDay().Date()
		c.told.end = time.Date(y, m, day, 12, 0, 0, 0, d.e.Zone)
	}
	c.Contract, c.Serial = k.Number, orText(c.Serial, k.Serial)
	if d.out.Effects.Open != c {
		return // an office has the case already
	}
	office, _ := d.e.siteOf(k)
	unknown := c.City == "" && c.Province == ""
	if unknown {
		c.City, c.Province = k.City, k.Province
	}
	if unknown || office.Name == k.Office {
		c.Office = office.Name
	}
}

// registry is what the records say, as far as this sender is concerned: nobody is on a contract by a domain where anybody
// gets an address, nor by an address whose authentication failed.
func (d *deciding) registry() Registry {
	reg := d.f.Registry
	v := d.r.Verdict
	reg.Contracts = slices.Clone(reg.Contracts)
	for i := range reg.Contracts {
		c := &reg.Contracts[i]
		free := d.e.Caps.Freemail[v.Customer.Domain()] || d.e.Caps.Freemail[v.ReplyTo.Domain()]
		if v.Auth == AuthFailed || c.Via == ByDomain && free {
			c.OnIt = false
		}
	}
	return reg
}

// forStaff notes what only staff may read: whose the number is that a stranger names, and what was perhaps meant.
func (d *deciding) forStaff(reg Registry, facts mailbox.Facts) {
	for i := range reg.Contracts {
		c := &reg.Contracts[i]
		if c.OnIt || c.By != BySerial && c.By != ByNumber {
			continue
		}
		alone := *c
		alone.OnIt = true
		g := entitle(Registry{Contracts: []Contract{alone}}, mailbox.Facts{Serial: c.Serial}, d.r.Clock, d.r.Clock)
		d.because("for staff only: %s of %s, %s; the sender is not on it", orText(g.Record, recordName(c)), c.Customer, g.Entitlement)
	}
	for _, near := range reg.Near {
		d.because("for staff only: perhaps meant is %s", near)
	}
}

// asks lists what the records need beside the facts that the classes need: where those ask for a number, it has to be the
// right one, from the right sender.
func (e *Engine) asks(c *Case) []string {
	if len(c.ask) == 0 {
		return nil
	}
	for _, name := range append([]string{c.Class}, c.Also...) {
		class, _ := e.Model.Set().Class(name)
		if slices.Contains(class.Needs, "serial") || slices.Contains(class.Needs, "contract") {
			return c.ask
		}
	}
	return nil
}

func afterColon(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf(": %s", s)
}

func orText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// mayTell takes out of v what the records say, unless the recipient is known to be on the contract.
func (t told) mayTell(v *templates.Vars) {
	v.Record, v.WarrantyEnd = t.ref, t.end
	if !t.ok {
		v.Entitlement, v.Rung = templates.EntitlementUnknown, ""
	}
}
