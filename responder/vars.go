package responder

import (
	"slices"
	"time"

	"aftercare/sla"
	"aftercare/templates"
)

// vars is what a mail about a case may say. A sender whose authentication failed is told nothing of the case, and what the
// records say goes only into mail to a sender on the contract.
func (e *Engine) vars(c *Case, now, due time.Time, visit *sla.Visit) templates.Vars {
	v := templates.Vars{
		CaseRef: FormatCase(c.ID), Subject: c.Subject, CustomerName: c.CustomerName, Class: c.Class, Also: c.Also,
		Serial: c.Serial, Contract: c.Contract, Phone: c.Phone, City: c.City, Province: c.Province, Missing: e.missing(c),
		Entitlement: c.Entitlement, Rung: c.Rung, Country: e.Country,
		Office: e.office(c.Office), Company: e.Company, Received: c.Opened, DueBy: due, PersonDueBy: e.personDue(c), Now: now, Zone: e.Zone,
	}
	c.told.mayTell(&v)
	if v.Office.Phone == "" {
		v.Office.Phone = e.Company.Phone
	}
	if c.AuthFailed {
		return templates.Vars{Company: e.Company, Office: templates.Office{Phone: e.Company.Phone}, Country: e.Country, Received: c.Opened, Now: now, Zone: e.Zone}
	}
	if visit != nil {
		v.Visit = templates.Visit{ArrangeBy: visit.ArrangeDue, OnSiteBy: visit.OnSiteDue, At: visit.At, Person: visit.Person, Site: site(visit)}
	}
	return v
}

func site(v *sla.Visit) string {
	switch {
	case v.City == "" || v.City == v.Province:
		return v.Province
	case v.Province == "":
		return v.City
	}
	return v.Province + " " + v.City
}

func (e *Engine) office(name string) templates.Office {
	for _, o := range e.Offices {
		if o.Name == name {
			return templates.Office{Name: o.Name, Phone: o.Phone, City: o.City}
		}
	}
	return templates.Office{}
}

func (e *Engine) personDue(c *Case) time.Time {
	class, ok := e.Model.Set().Class(c.Class)
	if !ok || class.Window == 0 {
		return time.Time{}
	}
	return e.Plan.PersonDue(c.Opened, class.Window, c.Office)
}

// missing lists the facts that the classes of the case need and that nobody has stated.
func (e *Engine) missing(c *Case) []string {
	have := map[string]bool{"serial": c.Serial != "", "contract": c.Contract != "" || c.Serial != "", "phone": c.Phone != "",
		"city": c.City != "", "province": c.Province != "" || c.City != ""}
	var out []string
	for _, name := range append([]string{c.Class}, c.Also...) {
		class, _ := e.Model.Set().Class(name)
		for _, need := range class.Needs {
			if !have[need] {
				have[need] = true
				out = append(out, need)
			}
		}
	}
	for _, need := range e.asks(c) {
		if !slices.Contains(out, need) {
			out = append(out, need)
		}
	}
	return out
}
