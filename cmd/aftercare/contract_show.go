package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/responder"
	"aftercare/store"
)

type contractShowCmd struct {
	readFlags
	What string `arg:"" help:"A contract number, a serial number, an address or a domain."`
}

func (s *contractShowCmd) Run(env *environment) error {
	c, st, err := s.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	found, near, err := st.FindContracts(env.ctx, s.What, 0)
	if errors.Is(err, store.ErrNotFound) {
		hint := "`aftercare contract list` shows the contracts"
		if len(near) > 0 {
			hint = "perhaps meant: " + oneLine(strings.Join(near, "; "))
		}
		return fmt.Errorf("%s is neither a contract, a serial number, an address nor a domain on record: %s", oneLine(s.What), hint)
	}
	if err != nil {
		return err
	}
	if s.JSON {
		out := make([]contractJSON, 0, len(found))
		for i := range found {
			out = append(out, wholeContractJSON(&found[i]))
		}
		return printJSON(env.out, out)
	}
	for i := range found {
		printContract(env, &found[i], s.What, c.Company.Location)
	}
	return nil
}

// printContract shows a contract; of many products only those that were asked for, or the first.
func printContract(env *environment, k *store.ContractFile, what string, zone *time.Location) {
	line := func(name, text string) {
		if text != "" {
			env.printf("  %-12s %s\n", name, oneLine(text))
		}
	}
	env.printf("%s  %s\n", oneLine(k.Number), oneLine(k.Customer))
	line("term", termWords(k.Start, k.End, env.now())+" ("+k.Zone+")")
	line("addresses", strings.Join(k.Addresses, ", "))
	line("domains", strings.Join(k.Domains, ", "))
	line("office", k.Office)
	line("site", strings.TrimSpace(k.Province+" "+k.City))
	if k.Maintenance != "" {
		line("maintenance", maintenanceWords(&k.ContractRow, env.now()))
	}
	for _, r := range k.Repairs {
		line("repair", repairWords(r, zone))
	}
	const most = 50
	shown := 0
	asked := responder.CodeKey(what)
	for i := range k.Products {
		p := &k.Products[i]
		if shown >= most && responder.CodeKey(p.Serial) != asked {
			continue
		}
		shown++
		words := p.Serial
		if p.Model != "" {
			words += ", " + p.Model
		}
		if p.FirstDay != "" || p.LastDay != "" {
			words += ", " + termWords(p.Start, p.End, env.now())
		}
		if p.Predecessor != "" {
			words += ", replaces " + p.Predecessor
		}
		line("product", words)
		for _, r := range p.Repairs {
			line("", "  "+repairWords(r, zone))
		}
	}
	if left := len(k.Products) - shown; left > 0 {
		line("", fmt.Sprintf("and %d more products: --json", left))
	}
}

// termWords says a term in days of its own zone.
func termWords(start, end, now time.Time) string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return "?"
		}
		return t.Format(time.DateOnly)
	}
	last := end
	state := "in the term"
	switch {
	case end.IsZero():
		state = "no end on record"
	case now.Before(start):
		state = "not begun"
	case !now.Before(end):
		state = "ended"
	}
	if !end.IsZero() {
		last = end.AddDate(0, 0, -1)
	}
	return day(start) + " to " + day(last) + ", " + state
}

// maintenanceWords says a rule of planned maintenance, with the days that come next.
func maintenanceWords(k *store.ContractRow, now time.Time) string {
	s := k.Maintenance + " from " + k.MaintenanceFrom
	next, err := app.NextMaintenance(k, now, 3)
	switch {
	case err != nil:
		return s + "; " + err.Error()
	case len(next) == 0:
		return s + "; no further day in the term"
	}
	return s + "; next " + strings.Join(next, ", ")
}

func repairWords(r store.RepairRow, zone *time.Location) string {
	result := "did not meet the requirements"
	if r.OK {
		result = "ok"
	}
	s := "repaired " + shortTime(r.At, zone) + ": " + result
	if r.Case != 0 {
		s += ", " + responder.FormatCase(r.Case)
	}
	if r.Serial != "" {
		s += ", serial " + r.Serial
	}
	return s
}

func wholeContractJSON(k *store.ContractFile) contractJSON {
	j := newContractJSON(k.ContractRow, len(k.Products))
	j.Addresses, j.Domains, j.Repairs = k.Addresses, k.Domains, repairsJSON(k.Repairs)
	for i := range k.Products {
		p := &k.Products[i]
		j.Products = append(j.Products, productJSON{Serial: p.Serial, Model: p.Model, FirstDay: or(p.FirstDay, k.FirstDay), LastDay: or(p.LastDay, k.LastDay),
			Predecessor: p.Predecessor, Repairs: repairsJSON(p.Repairs)})
	}
	return j
}

func repairsJSON(rows []store.RepairRow) []repairJSON {
	var out []repairJSON
	for _, r := range rows {
		j := repairJSON{Serial: r.Serial, At: r.At.UTC(), OK: r.OK, Who: r.Who}
		if r.Case != 0 {
			j.Case = responder.FormatCase(r.Case)
		}
		out = append(out, j)
	}
	return out
}
