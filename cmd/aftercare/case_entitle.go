package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// caseEntitleCmd takes a proof on record: a person has looked at what the customer sent.
type caseEntitleCmd struct {
	writeFlags
	Case     caseArg `arg:"" help:"The case."`
	Serial   string  `help:"The serial number of the product. Default: the case's." placeholder:"TEXT"`
	Contract string  `help:"The number of the contract. Default: the case's." placeholder:"TEXT"`
}

func (*caseEntitleCmd) Help() string {
	return "Asks the records again, by the date of the first message, for the number that you name: you have seen that the customer is on that contract. " +
		"The case gets what they say and goes to the contract's office; visits whose place nobody knows go to its site. Nothing is sent to the customer."
}

func (k *caseEntitleCmd) Run(env *environment) error {
	c, err := k.load()
	if err != nil {
		return err
	}
	return k.onCase(env, k.Case, "", func(st *store.Store, id int64) error {
		f, err := st.Case(env.ctx, id)
		if err != nil {
			return err
		}
		g, err := k.ask(env.ctx, st, &f, env.now())
		if err != nil {
			return err
		}
		office, err := officeOf(c, g.Contract, f.City+f.Province == "")
		if err != nil {
			return err
		}
		if err := st.EntitleCase(env.ctx, id, g.Effect(&f.Case), office, k.who(), env.now()); err != nil {
			return err
		}
		env.printf("%s is entitled: %s\n", responder.FormatCase(id), oneLine(grantLine(g)))
		return k.place(env, c, st, f.Visits, g.Contract)
	})
}

// ask looks up what the records say; it is an error when they say nothing.
func (k *caseEntitleCmd) ask(ctx context.Context, st *store.Store, f *store.CaseFile, now time.Time) (responder.Grant, error) {
	serial, contract := or(k.Serial, f.Serial), or(k.Contract, f.Contract)
	if k.Contract != "" && k.Serial == "" {
		serial = ""
	}
	reg, err := st.Registry(ctx, store.RegistryQuery{Serial: serial, Contract: contract, Customer: f.Customer, ReplyTo: f.Customer})
	if err != nil {
		return responder.Grant{}, err
	}
	g := responder.Vouched(reg, serial, contract, f.Opened, now)
	if g.Contract != nil {
		return g, nil
	}
	hint := "name it with --serial or --contract; `aftercare contract list` shows the contracts"
	if len(reg.Near) > 0 {
		hint = "perhaps meant: " + strings.Join(reg.Near, "; ")
	}
	return g, fmt.Errorf("no contract counts for it (%s): %s", g.Why, oneLine(hint))
}

// place moves the visits whose place nobody knows to the site of the contract.
func (k *caseEntitleCmd) place(env *environment, c *config.Config, st *store.Store, visits []sla.Visit, on *responder.Contract) error {
	for _, v := range visits {
		if !visitOpen(v) || v.City+v.Province != "" || on.City+on.Province == "" {
			continue
		}
		v.City, v.Province, v.Office = on.City, on.Province, ""
		if knownOffice(c, on.Office) == nil {
			v.Office = on.Office
		}
		v, err := newVisit(c, v)
		if err != nil {
			return err
		}
		if err := st.PlaceVisit(env.ctx, v, k.who(), env.now()); err != nil {
			return err
		}
		env.printf("visit %d is %s of office %s: on site by %s\n", v.ID, v.Zone, or(v.Office, "-"), shortTime(v.OnSiteDue, c.Company.Location))
	}
	return nil
}

// officeOf is the office that a case on a contract goes to: the one that the contract names, else by its site where the case
// has no place of its own; "" for no change.
func officeOf(c *config.Config, k *responder.Contract, bySite bool) (string, error) {
	if k.Office != "" && knownOffice(c, k.Office) == nil {
		return k.Office, nil
	}
	if !bySite || k.City+k.Province == "" {
		return "", nil
	}
	o, _, err := officeFor(c, "", k.City, k.Province)
	return o.Name, err
}

func grantLine(g responder.Grant) string {
	return strings.TrimSpace(g.Entitlement+" "+g.Rung) + ", " + g.Record
}

// byRecord completes what was said with what the records have of the contract, and returns them.
func (o *caseOpenCmd) byRecord(env *environment, c *config.Config, st *store.Store) (responder.Registry, error) {
	customer := strings.ToLower(o.Customer)
	reg, err := st.Registry(env.ctx, store.RegistryQuery{Serial: o.Serial, Contract: o.Contract, Customer: customer, ReplyTo: customer})
	if err != nil || !reg.Known {
		return reg, err
	}
	k := responder.Vouched(reg, o.Serial, o.Contract, env.now(), env.now()).Contract
	if k == nil {
		return reg, nil
	}
	o.Contract, o.Serial, o.Name = k.Number, or(o.Serial, k.Serial), or(o.Name, k.Customer)
	if o.City+o.Province == "" {
		o.City, o.Province = k.City, k.Province
	}
	if o.Office == "" && knownOffice(c, k.Office) == nil {
		o.Office = k.Office
	}
	return reg, nil
}
