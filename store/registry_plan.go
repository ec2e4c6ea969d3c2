package store

import (
	"fmt"
	"slices"
	"time"

	"aftercare/responder"
)

// importPlan is the difference between a file and the record.
type importPlan struct {
	in     *RegistryImport
	now    time.Time
	zones  zones
	result ImportResult

	customers, contracts, products          []change
	newAddresses, newDomains                []link
	oldAddresses, oldDomains                []link
	oldProducts, oldContracts, oldCustomers []int64
}

// change is one row to insert or to update. values are the columns of the statement but the id.
type change struct {
	key    string
	id     int64
	insert bool
	values []any
}

func (c *change) write(t *tx, insert, update string) error {
	if c.insert {
		return t.exec(insert, append(c.values, c.id)...)
	}
	return t.exec(update, append(c.values, c.id)...)
}

// link is an address or domain of a customer.
type link struct {
	value    string
	customer int64
}

// kept is a row on record.
type kept struct {
	id     int64
	fields string // all that an import may change, joined
	seen   bool   // the file has it, too
}

// table holds one kind of record by its key.
type keptTable struct {
	rows map[string]*kept
	last int64 // the highest number in use
}

// load reads rows of id, key and a number of text columns.
func load(from reading, query string, columns int) (keptTable, error) {
	t := keptTable{rows: map[string]*kept{}}
	cells := make([]string, columns)
	var id int64
	var key string
	dest := []any{&id, &key}
	for i := range cells {
		dest = append(dest, &cells[i])
	}
	err := from.each(query, nil, func(r scanner) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		t.rows[key] = &kept{id: id, fields: joined(cells)}
		t.last = max(t.last, id)
		return nil
	})
	return t, err
}

// joined makes one text of several, so that different lists give different texts.
func joined(cells []string) string {
	n := 0
	for _, c := range cells {
		n += len(c) + 1
	}
	b := make([]byte, 0, n)
	for _, c := range cells {
		b = append(append(b, c...), 0)
	}
	return string(b)
}

// put compares one row of the file with the record. cells are what may change; parent is the row that it belongs to.
func (t *keptTable) put(key string, cells []string, values []any, n *ImportCount) (id int64, c change, changed bool) {
	fields := joined(cells)
	k, there := t.rows[key]
	switch {
	case !there:
		t.last++
		k = &kept{id: t.last, fields: fields}
		t.rows[key] = k
		n.New++
		c, changed = change{key: key, id: k.id, insert: true, values: values}, true
	case k.fields != fields:
		n.Changed++
		c, changed = change{key: key, id: k.id, values: values}, true
	default:
		n.Same++
	}
	k.seen = true
	return k.id, c, changed
}

// missing counts what the file does not have and returns it when it is to be deleted.
func (t *keptTable) missing(n *ImportCount, del bool) []int64 {
	var ids []int64
	for _, k := range t.rows {
		if !k.seen {
			n.Missing++
			ids = append(ids, k.id)
		}
	}
	if !del {
		return nil
	}
	n.Deleted = len(ids)
	slices.Sort(ids)
	return ids
}

func planImport(from reading, in *RegistryImport, now time.Time) (*importPlan, error) {
	p := &importPlan{in: in, now: now, zones: zones{}}
	customers, err := load(from, "SELECT id, key, name FROM customers", 1)
	if err != nil {
		return nil, err
	}
	contracts, err := load(from, `SELECT c.id, c.key, c.number, u.key, c.first_day, c.last_day, c.zone, c.office, c.city, c.province,
		c.maintenance, c.maintenance_from FROM contracts c JOIN customers u ON u.id = c.customer_id`, 10)
	if err != nil {
		return nil, err
	}
	products, err := load(from, `SELECT p.id, p.key, p.serial, c.key, p.model, p.first_day, p.last_day, p.predecessor
		FROM products p JOIN contracts c ON c.id = p.contract_id`, 6)
	if err != nil {
		return nil, err
	}
	for _, c := range in.Customers {
		p.customer(&customers, c)
	}
	for i := range in.Contracts {
		if err := p.contract(&contracts, &customers, &in.Contracts[i]); err != nil {
			return nil, err
		}
	}
	for i := range in.Products {
		if err := p.product(&products, &contracts, &in.Products[i]); err != nil {
			return nil, err
		}
	}
	for i := range in.Products {
		if k := responder.CodeKey(in.Products[i].Predecessor); k != "" && products.rows[k] == nil {
			p.result.NoPredecessor++
		}
	}
	if err := p.links(from, &customers); err != nil {
		return nil, err
	}
	p.oldProducts = products.missing(&p.result.Products, in.DeleteMissing)
	p.oldContracts = contracts.missing(&p.result.Contracts, in.DeleteMissing)
	p.oldCustomers = customers.missing(&p.result.Customers, in.DeleteMissing)
	return p, nil
}

func (p *importPlan) customer(customers *keptTable, c Customer) {
	key := CustomerKey(c.Name)
	if _, ch, changed := customers.put(key, []string{c.Name}, []any{c.Name, key}, &p.result.Customers); changed {
		p.customers = append(p.customers, ch)
	}
}

func (p *importPlan) contract(contracts, customers *keptTable, c *ContractRow) error {
	owner := CustomerKey(c.Customer)
	u := customers.rows[owner]
	key := responder.CodeKey(c.Number)
	if u == nil || key == "" {
		return fmt.Errorf("contract %q of %q: its number cannot be compared, or its customer is not in the file", c.Number, c.Customer)
	}
	_, ch, changed := contracts.put(key, []string{c.Number, owner, c.FirstDay, c.LastDay, c.Zone, c.Office, c.City, c.Province, c.Maintenance, c.MaintenanceFrom},
		[]any{c.Number, key, responder.NearKey(key), u.id, c.FirstDay, c.LastDay, c.Zone, c.Office, c.City, c.Province, c.Maintenance, c.MaintenanceFrom,
			p.yesterday(c)}, &p.result.Contracts)
	if changed {
		p.contracts = append(p.contracts, ch)
	}
	return nil
}

// yesterday is the last day that a contract whose maintenance is new plans none for: what is past is past.
func (p *importPlan) yesterday(c *ContractRow) string {
	if c.Maintenance == "" {
		return ""
	}
	return p.now.In(p.zones.location(c.Zone)).AddDate(0, 0, -1).Format(time.DateOnly)
}

func (p *importPlan) product(products, contracts *keptTable, r *ProductRow) error {
	of := responder.CodeKey(r.Contract)
	c := contracts.rows[of]
	key := responder.CodeKey(r.Serial)
	if c == nil || key == "" {
		return fmt.Errorf("product %q of contract %q: its number cannot be compared, or its contract is not in the file", r.Serial, r.Contract)
	}
	_, ch, changed := products.put(key, []string{r.Serial, of, r.Model, r.FirstDay, r.LastDay, r.Predecessor},
		[]any{r.Serial, key, responder.NearKey(key), c.id, r.Model, r.FirstDay, r.LastDay, r.Predecessor}, &p.result.Products)
	if changed {
		p.products = append(p.products, ch)
	}
	return nil
}

// links compares addresses and domains.
func (p *importPlan) links(from reading, customers *keptTable) error {
	addresses, err := loadLinks(from, "SELECT address, customer_id FROM customer_addresses")
	if err != nil {
		return err
	}
	domains, err := loadLinks(from, "SELECT domain, customer_id FROM customer_domains")
	if err != nil {
		return err
	}
	n := &p.result.Addresses
	for _, c := range p.in.Customers {
		id := customers.rows[CustomerKey(c.Name)].id
		p.newAddresses = putLinks(addresses, id, c.Addresses, n, p.newAddresses)
		p.newDomains = putLinks(domains, id, c.Domains, n, p.newDomains)
	}
	p.oldAddresses = missingLinks(addresses, n, p.in.DeleteMissing)
	p.oldDomains = missingLinks(domains, n, p.in.DeleteMissing)
	return nil
}

func loadLinks(from reading, query string) (map[link]bool, error) {
	links := map[link]bool{}
	err := from.each(query, nil, func(r scanner) error {
		var l link
		err := r.Scan(&l.value, &l.customer)
		links[l] = false
		return err
	})
	return links, err
}

func putLinks(links map[link]bool, id int64, values []string, n *ImportCount, out []link) []link {
	for _, v := range values {
		l := link{v, id}
		seen, there := links[l]
		switch {
		case !there:
			n.New++
			out = append(out, l)
		case !seen:
			n.Same++
		}
		links[l] = true
	}
	return out
}

func missingLinks(links map[link]bool, n *ImportCount, del bool) []link {
	var out []link
	for l, seen := range links {
		if !seen {
			n.Missing++
			out = append(out, l)
		}
	}
	if !del {
		return nil
	}
	n.Deleted += len(out)
	slices.SortFunc(out, func(a, b link) int { return int(a.customer - b.customer) })
	return out
}
