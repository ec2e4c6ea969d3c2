package responder

import (
	"fmt"
	"strings"

	"aftercare/mailbox"
	"aftercare/templates"
)

// GrantEffect is an entitlement that a later mail made known. Contract, Serial, City and Province are "" where they stay as
// they are.
type GrantEffect struct {
	Entitlement, Rung, Record string
	Contract, Serial          string
	City, Province            string // for a case without a place
	Was                       string // what held before, for people
}

// entitleAnew decides the entitlement of a case again when a later mail brings what was missing: a serial or contract
// number, or an address that is on the contract. Nobody is told anything by it but staff.
func (d *deciding) entitleAnew(c *Case) {
	reg := d.registry()
	if !reg.Known {
		return
	}
	was := *c
	facts := mailbox.Facts{Serial: orText(d.r.Facts.Serial, c.Serial), Contract: orText(d.r.Facts.Contract, c.Contract)}
	g := entitle(reg, facts, c.Opened, d.r.Clock)
	if d.r.Facts.Serial+d.r.Facts.Contract != "" {
		d.because("entitlement by this mail: %s (%s)%s", g.Entitlement, g.Why, afterColon(g.Record))
		d.forStaff(reg, facts)
	}
	d.stand(c, &g)
	d.regrant(c, &was, &g)
}

// stand remembers the contract that the sender of the message is on: by it go office and place of what the message opens.
func (d *deciding) stand(c *Case, g *Grant) {
	if d.r.Verdict.Unsure || g.Contract == nil {
		return
	}
	d.on, d.own = g.Contract, c.Customer != "" && d.r.Verdict.Customer.Key() == c.Customer
}

// regrant puts an entitlement on a case that was on record before, where it says something else. A mail that says nothing
// of the records, and one whose sender is not on the contract, leave it as it is; the customer's wish stays in any case.
// Numbers and the site of the contract are taken over only where it is the customer of the case who is on it: mails to that
// address name them.
func (d *deciding) regrant(c *Case, was *Case, g *Grant) {
	k := d.on
	if k == nil || d.out.Effects.Open != nil {
		return
	}
	if was.Rung == templates.RungReturn && was.Serial == "" && g.Rung == templates.RungRepair {
		g.Rung = was.Rung // the repair of this case did not meet the requirements, whatever number it goes by
	}
	c.Entitlement, c.Rung, c.Record = g.Entitlement, g.Rung, g.Record
	d.moveTo(c, was, k)
	if g.Entitlement == was.Entitlement && g.Rung == was.Rung && strings.HasPrefix(was.Record, recordName(k)+":") {
		return // the same record, whatever its words say of repairs
	}
	e := &GrantEffect{Entitlement: g.Entitlement, Rung: g.Rung, Record: g.Record, Was: fmt.Sprintf("%s %s%s", was.Entitlement, was.Rung, afterColon(was.Record))}
	if said := d.r.Facts; d.own || CodeKey(said.Serial) != "" && CodeKey(said.Serial) == CodeKey(k.Serial) {
		e.Serial = k.Serial
	}
	if d.own {
		e.Contract, e.City, e.Province = k.Number, k.City, k.Province
	}
	d.out.Effects.Grant = e
	d.because("the case is entitled anew, by the date of its first message: %s %s%s; before: %s", g.Entitlement, g.Rung, afterColon(g.Record), e.Was)
}

// moveTo gives a case to the office of a contract: the one that it names, or where nobody has said a place yet the one by
// its site.
func (d *deciding) moveTo(c *Case, was *Case, k *Contract) {
	office, _ := d.e.siteOf(k)
	unknown := was.City+was.Province == "" && d.r.Facts.City+d.r.Facts.Province == "" && k.City+k.Province != ""
	if office.Name != "" && office.Name != was.Office && (office.Name == k.Office || unknown) {
		c.Office, d.out.Effects.Office = office.Name, office.Name
	}
}

// tellOfGrant tells staff that a case is entitled anew; false where it is not.
func (d *deciding) tellOfGrant(c *Case) bool {
	g := d.out.Effects.Grant
	if g == nil {
		return false
	}
	w := d.out.Effects.Windows
	n := notice{kind: "entitled", detail: "before: " + g.Was, once: fmt.Sprintf("entitled:%d:%d", c.ID, d.f.Message)}
	if len(w) > 0 {
		n.due = w[0].Due
	}
	d.notice(n)
	return true
}
