package main

import (
	"fmt"
	"strings"
	"time"

	"aftercare/store"
)

// contractCmd is the registry: customers, contracts, products (policy 4.1).
type contractCmd struct {
	Import contractImportCmd `cmd:"" help:"Read contracts from a spreadsheet file; without --apply only say what would change."`
	List   contractListCmd   `cmd:"" help:"List contracts."`
	Show   contractShowCmd   `cmd:"" help:"Show what is on record by contract number, serial number, address or domain."`
}

type contractListCmd struct {
	readFlags
	Customer string `help:"Only of customers whose name has this in it." placeholder:"NAME"`
	Office   string `help:"Only of this office." placeholder:"NAME"`
	EndsBy   string `help:"Only those whose term ends before this day." placeholder:"DAY"`
	Limit    int    `default:"100" help:"How many at most."`
}

func (l *contractListCmd) Run(env *environment) error {
	c, st, err := l.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	ends, err := parseDay("--ends-by", l.EndsBy, c.Company.Location, time.Time{})
	if err != nil {
		return err
	}
	if l.Limit < 1 {
		return usagef("--limit %d: expected 1 or more", l.Limit)
	}
	lines, err := st.Contracts(env.ctx, store.ContractFilter{Customer: l.Customer, Office: l.Office, EndsBy: ends, Limit: l.Limit})
	if err != nil {
		return err
	}
	if l.JSON {
		out := make([]contractJSON, 0, len(lines))
		for i := range lines {
			out = append(out, newContractJSON(lines[i].ContractRow, lines[i].Products))
		}
		return printJSON(env.out, out)
	}
	if len(lines) == 0 {
		env.printf("No contracts.\n")
		return nil
	}
	t := newTable("CONTRACT", "CUSTOMER", "FROM", "TO", "PRODUCTS", "OFFICE", "SITE")
	for i := range lines {
		k := &lines[i]
		t.add(k.Number, k.Customer, or(k.FirstDay, "-"), or(k.LastDay, "-"), fmt.Sprint(k.Products), k.Office, strings.TrimSpace(k.Province+" "+k.City))
	}
	t.print(env.out)
	if len(lines) == l.Limit {
		env.printf("There may be more: --limit\n")
	}
	return nil
}

// contractJSON is a contract for programs.
type contractJSON struct {
	Number    string        `json:"number"`
	Customer  string        `json:"customer"`
	FirstDay  string        `json:"first_day,omitempty"`
	LastDay   string        `json:"last_day,omitempty"`
	Zone      string        `json:"time_zone"`
	Office    string        `json:"office,omitempty"`
	City      string        `json:"city,omitempty"`
	Province  string        `json:"province,omitempty"`
	Rule      string        `json:"maintenance,omitempty"`
	RuleFrom  string        `json:"maintenance_from,omitempty"`
	Addresses []string      `json:"addresses,omitempty"`
	Domains   []string      `json:"domains,omitempty"`
	Count     int           `json:"product_count"`
	Products  []productJSON `json:"products,omitempty"`
	Repairs   []repairJSON  `json:"repairs,omitempty"`
}

type productJSON struct {
	Serial      string       `json:"serial"`
	Model       string       `json:"model,omitempty"`
	FirstDay    string       `json:"first_day,omitempty"`
	LastDay     string       `json:"last_day,omitempty"`
	Predecessor string       `json:"predecessor,omitempty"`
	Repairs     []repairJSON `json:"repairs,omitempty"`
}

type repairJSON struct {
	Case   string    `json:"case,omitempty"`
	Serial string    `json:"serial,omitempty"`
	At     time.Time `json:"at"`
	OK     bool      `json:"ok"`
	Who    string    `json:"who,omitempty"`
}

func newContractJSON(r store.ContractRow, products int) contractJSON {
	return contractJSON{Number: r.Number, Customer: r.Customer, FirstDay: r.FirstDay, LastDay: r.LastDay, Zone: r.Zone, Office: r.Office,
		City: r.City, Province: r.Province, Rule: r.Maintenance, RuleFrom: r.MaintenanceFrom, Count: products}
}
