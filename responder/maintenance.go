package responder

import (
	"fmt"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/sla"
)

// Occurrence is one day of planned maintenance of a contract.
type Occurrence struct {
	Contract  Contract
	Addresses []string  // of the customer
	At        time.Time // when it is planned for
	By        time.Time // the end of its day: somebody has to be on site by then
	Subject   string    // of its case; number and day of the contract are added
}

// Planned is the case of an occurrence, and the visit, which is asked for at now. The responsible office is the contract's,
// or goes by the site. The customer hears of the visit where there is one address on record: which of several it concerns
// is for a person to say.
func (e *Engine) Planned(o Occurrence, now time.Time) (Case, sla.Visit) {
	k := o.Contract
	k.OnIt = true
	g := entitle(Registry{Known: true, Contracts: []Contract{k}}, mailbox.Facts{}, now, now)
	office, zone := e.siteOf(&k)
	c := Case{
		State: CaseOpen, Account: e.Accounts[0].Name, Class: e.visitClass(), Language: e.Language, CustomerName: k.Customer, Members: o.Addresses,
		Subject: strings.TrimSpace(o.Subject+" "+k.Number) + ", " + o.At.Format(time.DateOnly), Opened: now, Office: office.Name,
		Entitlement: g.Entitlement, Rung: g.Rung, Record: g.Record, Serial: k.Serial, Contract: k.Number, City: k.City, Province: k.Province,
		Because: []string{fmt.Sprintf("contract %s plans maintenance for %s", k.Number, o.At.Format(time.DateOnly))},
	}
	if len(o.Addresses) == 1 {
		c.Customer = o.Addresses[0]
	}
	v := sla.Visit{State: sla.VisitRequested, Office: office.Name, City: k.City, Province: k.Province, Zone: zone, Requested: now, Planned: o.At, OnSiteDue: o.By}
	v.ArrangeDue, v.OnSiteDue = e.Plan.VisitDues(v, zone)
	return c, v
}

// visitClass is the class of a case that is about a visit: the first that opens one.
func (e *Engine) visitClass() string {
	set := e.Model.Set()
	for _, name := range set.Names() {
		if c, ok := set.Class(name); ok && c.OpensVisit {
			return name
		}
	}
	return set.Fallback()
}

// siteOf is the office that is responsible for the site of a contract, and how far the site is from it: the office that
// the contract names, else the one by the site (policy 4.3).
func (e *Engine) siteOf(k *Contract) (sla.Office, sla.Zone) {
	for i, o := range e.Offices {
		if k.Office != "" && o.Name == k.Office {
			_, zone := nearest(e.Places, e.offices[i:i+1], e.Offices[i:i+1], k.City, k.Province)
			return o, zone
		}
	}
	return e.responsible(k.City, k.Province)
}
