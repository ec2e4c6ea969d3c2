package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
)

// ContractFile is a contract with all that is on record about it.
type ContractFile struct {
	ContractRow
	Start, End time.Time // the term, in the zone of the contract; End is exclusive, zero when unknown
	Addresses  []string
	Domains    []string
	Products   []ProductFile
	Repairs    []RepairRow // of no particular product
}

// ProductFile is a product with its repairs.
type ProductFile struct {
	ProductRow
	Start, End time.Time // its own term, or the contract's
	Repairs    []RepairRow
}

// RepairRow is one finished repair on record.
type RepairRow struct {
	responder.Repair
	Who string
}

// ContractFilter says which contracts to list; the zero value is all of them.
type ContractFilter struct {
	Customer string    // part of the name
	Office   string    // its name
	EndsBy   time.Time // the term ends before this day; zero for any
	After    int64     // contracts behind this place in the order, for reading on
	Limit    int       // 0 is 100
}

// ContractLine is a contract in a list.
type ContractLine struct {
	ID int64
	ContractRow
	Start, End time.Time
	Products   int
}

const contractColumns = `SELECT c.id, c.number, u.name, c.first_day, c.last_day, c.zone, c.office, c.city, c.province,
	c.maintenance, c.maintenance_from, (SELECT count(*) FROM products p WHERE p.contract_id = c.id) FROM contracts c JOIN customers u ON u.id = c.customer_id `

// Contracts lists contracts in the order in which they came on record.
func (s *Store) Contracts(ctx context.Context, f ContractFilter) ([]ContractLine, error) {
	where, args := []string{"c.id > ?"}, []any{f.After}
	if f.Customer != "" {
		where, args = append(where, `u.key LIKE ? ESCAPE '\'`), append(args, "%"+likeEscape(CustomerKey(f.Customer))+"%")
	}
	if f.Office != "" {
		where, args = append(where, "c.office = ?"), append(args, f.Office)
	}
	if !f.EndsBy.IsZero() {
		where, args = append(where, "c.last_day <> '' AND c.last_day < ?"), append(args, f.EndsBy.Format(time.DateOnly))
	}
	z := zones{}
	var out []ContractLine
	err := s.each(ctx, contractColumns+"WHERE "+strings.Join(where, " AND ")+" ORDER BY c.id LIMIT ?", append(args, orDefault(f.Limit, 100)), func(r scanner) error {
		l, err := scanContract(r, z)
		out = append(out, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing contracts: %w", err)
	}
	return out, nil
}

func likeEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s)
}

func scanContract(r scanner, z zones) (ContractLine, error) {
	var l ContractLine
	err := r.Scan(&l.ID, &l.Number, &l.Customer, &l.FirstDay, &l.LastDay, &l.Zone, &l.Office, &l.City, &l.Province, &l.Maintenance, &l.MaintenanceFrom,
		&l.Products)
	l.Start, l.End = z.day(l.FirstDay, l.Zone), z.after(l.LastDay, l.Zone)
	return l, err
}

// FindContracts returns the contracts that what names: a contract number, a serial number, an address or a domain. It is
// ErrNotFound when nothing matches; then near holds what was perhaps meant.
func (s *Store) FindContracts(ctx context.Context, what string, limit int) (found []ContractFile, near []string, err error) {
	what = strings.TrimSpace(what)
	key, lower := responder.CodeKey(what), strings.TrimPrefix(strings.ToLower(what), "@")
	z := zones{}
	var lines []ContractLine
	err = s.each(ctx, contractColumns+`WHERE c.id IN (SELECT id FROM contracts WHERE key = ?1 AND ?1 <> ''
		UNION SELECT contract_id FROM products WHERE key = ?1 AND ?1 <> ''
		UNION SELECT k.id FROM customer_addresses a JOIN contracts k ON k.customer_id = a.customer_id WHERE a.address = ?2
		UNION SELECT k.id FROM customer_domains d JOIN contracts k ON k.customer_id = d.customer_id WHERE d.domain = ?2)
		ORDER BY c.id LIMIT ?3`, []any{key, lower, orDefault(limit, 100)}, func(r scanner) error {
		l, err := scanContract(r, z)
		lines = append(lines, l)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("looking for %q: %w", what, err)
	}
	for i := range lines {
		c, err := s.contractFile(ctx, &lines[i], z)
		if err != nil {
			return nil, nil, fmt.Errorf("reading contract %s: %w", lines[i].Number, err)
		}
		found = append(found, c)
	}
	if len(found) > 0 {
		return found, nil, nil
	}
	reg, err := s.Registry(ctx, RegistryQuery{Serial: what, Contract: what})
	if err != nil {
		return nil, nil, err
	}
	return nil, reg.Near, ErrNotFound
}

// maxProducts bounds the products that are read of one contract.
const maxProducts = 1000

func (s *Store) contractFile(ctx context.Context, l *ContractLine, z zones) (ContractFile, error) {
	c := ContractFile{ContractRow: l.ContractRow, Start: l.Start, End: l.End}
	reader := registryReader{from: storeReading{s, ctx}, zones: z}
	text := func(to *[]string) func(scanner) error {
		return func(r scanner) error {
			var v string
			err := r.Scan(&v)
			*to = append(*to, v)
			return err
		}
	}
	const of = " WHERE customer_id = (SELECT customer_id FROM contracts WHERE id = ?) ORDER BY 1 LIMIT 1000"
	if err := s.each(ctx, "SELECT address FROM customer_addresses"+of, []any{l.ID}, text(&c.Addresses)); err != nil {
		return c, err
	}
	if err := s.each(ctx, "SELECT domain FROM customer_domains"+of, []any{l.ID}, text(&c.Domains)); err != nil {
		return c, err
	}
	err := s.each(ctx, "SELECT serial, model, first_day, last_day, predecessor FROM products WHERE contract_id = ? ORDER BY id LIMIT ?", []any{l.ID, maxProducts}, func(r scanner) error {
		p := ProductFile{ProductRow: ProductRow{Contract: l.Number}}
		err := r.Scan(&p.Serial, &p.Model, &p.FirstDay, &p.LastDay, &p.Predecessor)
		p.Start, p.End = z.day(or(p.FirstDay, l.FirstDay), l.Zone), z.after(or(p.LastDay, l.LastDay), l.Zone)
		c.Products = append(c.Products, p)
		return err
	})
	if err != nil {
		return c, err
	}
	for i := range c.Products {
		p := &c.Products[i]
		if p.Repairs, err = reader.repairRows(p.Serial, p.Predecessor, ""); err != nil {
			return c, err
		}
	}
	c.Repairs, err = reader.repairRows("", "", responder.CodeKey(l.Number))
	return c, err
}
