package responder

import (
	"aftercare/mailbox"
	"aftercare/sla"
)

// responsible picks the office for a site and how far it is (policy 4.3), whatever language the names are in. A city whose
// province nobody named gets it from the list of places.
func (e *Engine) responsible(city, province string) (sla.Office, sla.Zone) {
	city, province = canonical(e.Places, city, province)
	o, zone := sla.Responsible(e.offices, city, province)
	for _, real := range e.Offices {
		if real.Name == o.Name {
			return real, zone
		}
	}
	return o, zone
}

// canonical turns the names of a place into those of the gazetteer.
func canonical(g *mailbox.Gazetteer, city, province string) (string, string) {
	if g == nil {
		return city, province
	}
	if p, ok := g.Lookup(city); ok && p.City != "" {
		city = p.City
		if province == "" {
			province = p.Province
		}
	}
	if p, ok := g.Lookup(province); ok && p.Province != "" {
		province = p.Province
	}
	return city, province
}
