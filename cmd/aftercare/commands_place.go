package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
)

// officeFor picks the office for a site and how far it is (policy 4.3), in whatever language the names are. Where an office
// is named it is that one.
func officeFor(c *config.Config, named, city, province string) (sla.Office, sla.Zone, error) {
	var extra io.Reader
	if c.Places != "" {
		data, err := os.ReadFile(c.Places)
		if err != nil {
			return sla.Office{}, "", fmt.Errorf("reading the places: %w", err)
		}
		extra = bytes.NewReader(data)
	}
	g, err := mailbox.LoadGazetteer(extra)
	if err != nil {
		return sla.Office{}, "", fmt.Errorf("%s: %w", c.Places, err)
	}
	offices := app.Offices(c)
	if i := slices.IndexFunc(offices, func(o sla.Office) bool { return o.Name == named }); named != "" && i >= 0 {
		offices = offices[i : i+1]
	}
	o, zone := responder.Responsible(g, offices, city, province)
	return o, zone, nil
}

// newVisit is a visit that is asked for at a time, with its clocks.
func newVisit(c *config.Config, v sla.Visit) (sla.Visit, error) {
	office, zone, err := officeFor(c, v.Office, v.City, v.Province)
	if err != nil {
		return v, err
	}
	if v.Office == "" {
		v.Office = office.Name
	}
	plan, err := c.Plan()
	if err != nil {
		return v, err
	}
	v.State, v.Zone = sla.VisitRequested, zone
	v.ArrangeDue, v.OnSiteDue = plan.VisitDues(v, zone)
	return v, nil
}

// knownOffice checks the name of an office.
func knownOffice(c *config.Config, name string) error {
	if name == "" {
		return nil
	}
	var names []string
	for _, o := range c.Offices {
		names = append(names, o.Name)
	}
	return oneOf("--office", name, names)
}
