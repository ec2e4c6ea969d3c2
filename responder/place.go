package responder

import (
	"aftercare/mailbox"
	"aftercare/sla"
)

// Responsible picks the office for a site and how far it is (policy 4.3), whatever language the names are in. A city whose
// province nobody named gets it from the gazetteer; without a gazetteer names are compared as they are written.
func Responsible(g *mailbox.Gazetteer, offices []sla.Office, city, province string) (sla.Office, sla.Zone) {
	return nearest(g, inGazetteer(g, offices), offices, city, province)
}

func (e *Engine) responsible(city, province string) (sla.Office, sla.Zone) {
	return nearest(e.Places, e.offices, e.Offices, city, province)
}

// nearest compares by the names of the gazetteer and returns the office as it is configured.
func nearest(g *mailbox.Gazetteer, known, configured []sla.Office, city, province string) (sla.Office, sla.Zone) {
	city, province = canonical(g, city, province)
	o, zone := sla.Responsible(known, city, province)
	for _, c := range configured {
		if c.Name == o.Name {
			return c, zone
		}
	}
	return o, zone
}

// inGazetteer are the offices with the names of their places as the gazetteer has them.
func inGazetteer(g *mailbox.Gazetteer, offices []sla.Office) []sla.Office {
	out := make([]sla.Office, len(offices))
	for i, o := range offices {
		o.City, o.Province = canonical(g, o.City, o.Province)
		out[i] = o
	}
	return out
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
