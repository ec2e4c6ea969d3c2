package store

import (
	"fmt"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// ChannelContract is how a case comes about that planned maintenance opens: nobody wrote, the contract says so.
const ChannelContract = "contract"

// Maintenance is a contract whose planned maintenance is to be looked at.
type Maintenance struct {
	Contract  responder.Contract
	Addresses []string       // of the customer
	Zone      *time.Location // of the contract
	Rule      string         // of recurrence (RFC 5545, RRULE)
	From      string         // the day that it begins on, YYYY-MM-DD in Zone
	After     string         // the last day that is dealt with, YYYY-MM-DD in Zone
}

// MaintenancePlan is what is to be done about a contract now, and when to look again (the zero time: never, until the
// contract changes).
type MaintenancePlan struct {
	Visits []PlannedVisit
	After  string // the last day that is dealt with then
	Next   time.Time
}

// PlannedVisit is a visit of planned maintenance with its case. Their numbers are set by the store.
type PlannedVisit struct {
	Day   string // YYYY-MM-DD in the zone of the contract
	Case  responder.Case
	Visit sla.Visit
}

// failedMaintenance is after what time a contract whose plan cannot be worked out is looked at again.
const failedMaintenance = time.Hour

// maxContacts bounds the addresses of a customer that are looked at.
const maxContacts = 50

const dueMaintenance = `SELECT id, key, zone, first_day, last_day, customer_id, maintenance, maintenance_from, maintenance_after FROM contracts
	WHERE maintenance <> '' AND maintenance_next <= ? ORDER BY maintenance_next, id LIMIT ?`

// maintenance opens the visits that contracts plan, each with a case of its own. The key of an occurrence is its contract
// and its day: what was opened once is not opened again, whatever became of the visit.
func (k *ticker) maintenance() (int, error) {
	if k.rules.Maintenance == nil {
		return 0, nil
	}
	type due struct {
		id      int64
		key     string
		zone    string
		first   string
		last    string
		contact int64
		Maintenance
	}
	var ds []due
	err := k.t.each(dueMaintenance, []any{ms(k.now), k.rules.Chunk}, func(r scanner) error {
		var d due
		err := r.Scan(&d.id, &d.key, &d.zone, &d.first, &d.last, &d.contact, &d.Rule, &d.From, &d.After)
		ds = append(ds, d)
		return err
	})
	z := zones{}
	for i := range ds {
		if err != nil {
			return 0, err
		}
		d := &ds[i]
		d.Zone = z.location(d.zone)
		if err = k.contract(d.id, d.contact, &d.Maintenance, z); err == nil {
			// The term of the contract, whatever that of its only product is.
			d.Contract.Start, d.Contract.End = z.day(d.first, d.zone), z.after(d.last, d.zone)
			err = k.maintain(d.id, d.key, d.Maintenance)
		}
	}
	return len(ds), err
}

// contract reads what a case of planned maintenance says of its contract and its customer.
func (k *ticker) contract(id, customer int64, m *Maintenance, z zones) error {
	var reg responder.Registry
	if err := (&registryReader{from: k.t, zones: z}).add(&reg, hit{contract: id}, ""); err != nil {
		return err
	}
	m.Contract = reg.Contracts[0]
	return k.t.each("SELECT address FROM customer_addresses WHERE customer_id = ? ORDER BY address LIMIT ?", []any{customer, maxContacts}, func(r scanner) error {
		var a string
		err := r.Scan(&a)
		m.Addresses = append(m.Addresses, a)
		return err
	})
}

// maintain carries out the plan of one contract. A plan that fails costs that contract an hour, not the others their tick.
func (k *ticker) maintain(id int64, key string, m Maintenance) error {
	p, err := k.plan(m)
	if err != nil {
		k.soft = append(k.soft, fmt.Errorf("the maintenance of contract %s: %w", m.Contract.Number, err))
		return k.t.exec("UPDATE contracts SET maintenance_next = ? WHERE id = ?", ms(k.now.Add(failedMaintenance)), id)
	}
	for i := range p.Visits {
		if err := k.occurrence(key, &p.Visits[i]); err != nil {
			return fmt.Errorf("maintenance of contract %s on %s: %w", m.Contract.Number, p.Visits[i].Day, err)
		}
	}
	next := laterMS(p.Next)
	if next <= ms(k.now) {
		next = ms(k.now.Add(time.Minute)) // so that a tick ends
	}
	return k.t.exec("UPDATE contracts SET maintenance_after = ?, maintenance_next = ? WHERE id = ?", p.After, next, id)
}

// plan calls Maintenance and turns its panic into an error.
func (k *ticker) plan(m Maintenance) (p MaintenancePlan, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("planning: panic: %v", v)
		}
	}()
	return k.rules.Maintenance(m, k.now)
}

// occurrence opens the case and the visit of one day, unless that was done before.
func (k *ticker) occurrence(key string, p *PlannedVisit) error {
	done, err := k.t.get("SELECT 1 FROM occurrences WHERE contract_key = ? AND day = ?", []any{key, p.Day}, new(int))
	if err != nil || done {
		return err
	}
	c, v := &p.Case, &p.Visit
	c.ID = k.next.kase
	if err := k.openCase(c, ChannelContract); err != nil {
		return err
	}
	v.Case = c.ID
	if v.ID, err = k.insertVisit(*v); err != nil {
		return err
	}
	if err := k.t.exec("INSERT INTO occurrences (contract_key, day, case_id, visit_id, opened) VALUES (?, ?, ?, ?, ?)", key, p.Day, c.ID, v.ID, ms(k.now)); err != nil {
		return err
	}
	k.res.Planned++
	return k.note(note{caseID: c.ID, what: "opened", detail: "maintenance planned for " + p.Day + ", " + c.Record})
}
