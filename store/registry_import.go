package store

import (
	"context"
	"fmt"
	"time"
)

// RegistryImport is a whole file of contracts, checked: every contract names one of the customers, every product one of
// the contracts, and no number comes twice.
type RegistryImport struct {
	Customers []Customer
	Contracts []ContractRow
	Products  []ProductRow

	Apply         bool // write; else only tell what would be written
	DeleteMissing bool // delete what is on record and not in the file; else it is kept
	Who           string
	File          string // its name, for the record of who did what
}

// ImportCount tells what happens to one kind of record.
type ImportCount struct {
	New, Changed, Same int
	Missing            int // on record and not in the file
	Deleted            int // of the missing, those that are deleted
}

// ImportResult is what an import did, or would do.
type ImportResult struct {
	Customers, Addresses, Contracts, Products ImportCount // Addresses also counts own domains
	NoPredecessor                             int         // products whose predecessor is neither in the file nor on record
	Applied                                   bool
}

// Changes tells whether there is anything to write.
func (r *ImportResult) Changes() bool {
	n := 0
	for _, c := range []ImportCount{r.Customers, r.Addresses, r.Contracts, r.Products} {
		n += c.New + c.Changed + c.Deleted
	}
	return n > 0
}

// ImportRegistry brings customers, contracts and products on record to what a file says, in one transaction. Importing the
// same file again changes nothing. Repairs stay on record whatever is deleted.
func (s *Store) ImportRegistry(ctx context.Context, in RegistryImport, now time.Time) (ImportResult, error) {
	if !in.Apply {
		p, err := planImport(storeReading{s, ctx}, &in, now)
		if err != nil {
			return ImportResult{}, fmt.Errorf("comparing the file with the record: %w", err)
		}
		return p.result, nil
	}
	var result ImportResult
	err := s.write(ctx, "importing contracts", now, func(t *tx) error {
		p, err := planImport(t, &in, now)
		if err != nil {
			return err
		}
		result = p.result
		result.Applied = true
		if !result.Changes() {
			t.quiet = true
			return nil
		}
		if err := p.write(t); err != nil {
			return err
		}
		c := result.Contracts
		return t.audit(in.Who, "contract import", in.File, fmt.Sprintf("contracts: %d new, %d changed, %d deleted", c.New, c.Changed, c.Deleted))
	})
	if err != nil {
		return ImportResult{}, err
	}
	return result, nil
}

// write carries out the plan: parents before children, and the other way round for what goes.
func (p *importPlan) write(t *tx) error {
	for _, c := range p.customers {
		if err := c.write(t, "INSERT INTO customers (name, key, id) VALUES (?, ?, ?)", "UPDATE customers SET name = ?, key = ? WHERE id = ?"); err != nil {
			return fmt.Errorf("customer %s: %w", c.key, err)
		}
	}
	for _, c := range p.contracts {
		err := c.write(t, `INSERT INTO contracts (number, key, near, customer_id, first_day, last_day, zone, office, city, province, maintenance,
			maintenance_from, maintenance_after, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			`UPDATE contracts SET number = ?1, key = ?2, near = ?3, customer_id = ?4, first_day = ?5, last_day = ?6, zone = ?7, office = ?8, city = ?9,
			province = ?10, maintenance_after = iif(maintenance = ?11 AND maintenance_from = ?12, maintenance_after, ?13), maintenance_next = 0,
			maintenance = ?11, maintenance_from = ?12 WHERE id = ?14`)
		if err != nil {
			return fmt.Errorf("contract %s: %w", c.key, err)
		}
	}
	for _, c := range p.products {
		err := c.write(t, `INSERT INTO products (serial, key, near, contract_id, model, first_day, last_day, predecessor, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			`UPDATE products SET serial = ?, key = ?, near = ?, contract_id = ?, model = ?, first_day = ?, last_day = ?, predecessor = ? WHERE id = ?`)
		if err != nil {
			return fmt.Errorf("product %s: %w", c.key, err)
		}
	}
	return p.writeLinks(t)
}

// writeLinks writes and deletes addresses and domains, then deletes what is missing in the file.
func (p *importPlan) writeLinks(t *tx) error {
	const (
		addAddress = "INSERT INTO customer_addresses (address, customer_id) VALUES (?, ?)"
		addDomain  = "INSERT INTO customer_domains (domain, customer_id) VALUES (?, ?)"
		noAddress  = "DELETE FROM customer_addresses WHERE address = ? AND customer_id = ?"
		noDomain   = "DELETE FROM customer_domains WHERE domain = ? AND customer_id = ?"
	)
	for _, step := range []struct {
		links []link
		query string
	}{{p.newAddresses, addAddress}, {p.newDomains, addDomain}, {p.oldAddresses, noAddress}, {p.oldDomains, noDomain}} {
		for _, l := range step.links {
			if err := t.exec(step.query, l.value, l.customer); err != nil {
				return fmt.Errorf("address %s: %w", l.value, err)
			}
		}
	}
	for _, step := range []struct {
		ids   []int64
		query string
	}{
		{p.oldProducts, "DELETE FROM products WHERE id = ?"},
		{p.oldContracts, "DELETE FROM contracts WHERE id = ?"},
		{p.oldCustomers, "DELETE FROM customers WHERE id = ?"},
	} {
		for _, id := range step.ids {
			if err := t.exec(step.query, id); err != nil {
				return err
			}
		}
	}
	return nil
}
