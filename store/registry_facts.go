package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"aftercare/responder"
)

// Limits of what the registry says about one message.
const (
	maxMatches  = 5 // contracts of a sender who names none: more than one says as little as many
	maxRepairs  = 50
	maxNearHits = 3
	maxReplaced = 20 // predecessors of a product, one behind the other
)

// RegistryQuery is what a message says that the registry can be asked for. Addresses are in lower case.
type RegistryQuery struct {
	Serial, Contract string // as the writer states them
	Customer         string // whom the message is from
	ReplyTo          string // whom an answer goes to
}

// QueryOf is what a message says by itself, without its case.
func QueryOf(r *responder.Reading) RegistryQuery {
	return RegistryQuery{Serial: r.Facts.Serial, Contract: r.Facts.Contract, Customer: r.Verdict.Customer.Key(), ReplyTo: r.Verdict.ReplyTo.Key()}
}

// Registry returns what the records say about a message: the contracts and products that it names and those of its sender,
// each with its repairs, and what was perhaps meant where a number is on no record.
func (s *Store) Registry(ctx context.Context, q RegistryQuery) (responder.Registry, error) {
	reg, err := (&registryReader{from: storeReading{s, ctx}, zones: zones{}}).find(q)
	if err != nil {
		return reg, fmt.Errorf("looking up contracts: %w", err)
	}
	return reg, nil
}

// registry fills in what the records say about a message and the case that it belongs to.
func (b *batch) registry(r *responder.Reading, f *responder.Facts) error {
	if r.Verdict.Kind.Machine() {
		return nil
	}
	q := QueryOf(r)
	if c := f.Case; c != nil {
		if q.Serial == "" {
			q.Serial = c.Serial
		}
		if q.Contract == "" {
			q.Contract = c.Contract
		}
	}
	var err error
	f.Registry, err = (&registryReader{from: b.t, zones: zones{}}).find(q)
	return err
}

// storeReading asks the readers.
type storeReading struct {
	s   *Store
	ctx context.Context
}

func (r storeReading) get(query string, args []any, dest ...any) (bool, error) {
	return r.s.get(r.ctx, query, args, dest...)
}

func (r storeReading) each(query string, args []any, fn func(scanner) error) error {
	return r.s.each(r.ctx, query, args, fn)
}

// registryReader answers one query.
type registryReader struct {
	from     reading
	zones    zones
	repaired bool             // there are repairs on record at all
	by       map[int64]string // what puts the sender on the contracts of a customer
}

// hit is a row that a query leads to.
type hit struct{ contract, product int64 }

func (r *registryReader) find(q RegistryQuery) (responder.Registry, error) {
	var reg responder.Registry
	serial, number := responder.CodeKey(q.Serial), responder.CodeKey(q.Contract)
	var bySerial, byNumber hit
	_, err := r.from.get(`SELECT (SELECT max(id) IS NOT NULL FROM contracts), (SELECT max(id) IS NOT NULL FROM repairs),
		coalesce((SELECT contract_id FROM products WHERE key = ?1), 0), coalesce((SELECT id FROM products WHERE key = ?1), 0),
		coalesce((SELECT id FROM contracts WHERE key = ?2), 0)`,
		[]any{serial, number}, &reg.Known, &r.repaired, &bySerial.contract, &bySerial.product, &byNumber.contract)
	if err != nil || !reg.Known {
		return reg, err
	}
	if err := r.sender(q); err != nil {
		return reg, err
	}
	if bySerial.contract != 0 {
		err = r.add(&reg, bySerial, responder.BySerial)
	}
	if err == nil && byNumber.contract != 0 && byNumber.contract != bySerial.contract {
		err = r.add(&reg, byNumber, responder.ByNumber)
	}
	if err == nil && !slices.ContainsFunc(reg.Contracts, func(c responder.Contract) bool { return c.OnIt }) {
		err = r.ofSender(&reg, bySerial.contract, byNumber.contract)
	}
	if err == nil && serial != "" && bySerial.contract == 0 {
		err = r.near(&reg, "serial", serial)
	}
	if err == nil && number != "" && byNumber.contract == 0 {
		err = r.near(&reg, "contract", number)
	}
	return reg, err
}

// sender finds the customers whose address or own domain both the writer of the message and the one who gets the answer
// have: what the records say must not go to another address than the one that may know it.
func (r *registryReader) sender(q RegistryQuery) error {
	var err error
	if r.by, err = r.customers(q.Customer); err != nil || len(r.by) == 0 || q.ReplyTo == q.Customer || q.ReplyTo == "" {
		return err
	}
	answered, err := r.customers(q.ReplyTo)
	if err != nil {
		return err
	}
	for id := range r.by {
		switch {
		case answered[id] == "":
			delete(r.by, id)
		case answered[id] == responder.ByDomain:
			r.by[id] = responder.ByDomain
		}
	}
	return nil
}

// customers maps the customers that an address belongs to onto what it belongs to them by.
func (r *registryReader) customers(addr string) (map[int64]string, error) {
	by := map[int64]string{}
	if addr == "" {
		return by, nil
	}
	err := r.from.each(`SELECT customer_id, 1 FROM customer_addresses WHERE address = ?1
		UNION ALL SELECT customer_id, 0 FROM customer_domains WHERE domain = ?2 LIMIT 100`, []any{addr, domainOf(addr)}, func(rows scanner) error {
		var id int64
		var address bool
		err := rows.Scan(&id, &address)
		if address {
			by[id] = responder.ByAddress
		} else if by[id] == "" {
			by[id] = responder.ByDomain
		}
		return err
	})
	return by, err
}

// ofSender adds the contracts of the sender that the message does not name.
func (r *registryReader) ofSender(reg *responder.Registry, named ...int64) error {
	customers := make([]int64, 0, len(r.by))
	for id := range r.by {
		customers = append(customers, id)
	}
	slices.Sort(customers)
	var ids []int64
	var by []string
	for _, c := range customers {
		err := r.from.each("SELECT id FROM contracts WHERE customer_id = ? LIMIT ?", []any{c, maxMatches}, func(rows scanner) error {
			var id int64
			err := rows.Scan(&id)
			if !slices.Contains(named, id) {
				ids, by = append(ids, id), append(by, r.by[c])
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for i, id := range ids[:min(len(ids), maxMatches)] {
		if err := r.add(reg, hit{contract: id}, by[i]); err != nil {
			return err
		}
	}
	return nil
}

// add reads a contract, with the product that is named or the only one on it.
func (r *registryReader) add(reg *responder.Registry, h hit, by string) error {
	c := responder.Contract{By: by}
	var customer int64
	var key, predecessor, zone, first, last, pfirst, plast string
	_, err := r.from.get(`SELECT c.number, c.key, c.customer_id, u.name, c.zone, c.first_day, c.last_day, c.office, c.city, c.province,
		(SELECT count(*) FROM (SELECT 1 FROM products WHERE contract_id = c.id LIMIT 1000)),
		coalesce(p.serial, ''), coalesce(p.model, ''), coalesce(p.first_day, ''), coalesce(p.last_day, ''), coalesce(p.predecessor, '')
		FROM contracts c JOIN customers u ON u.id = c.customer_id
		LEFT JOIN products p ON p.id = iif(?2 <> 0, ?2, (SELECT max(id) FROM products WHERE contract_id = c.id)) WHERE c.id = ?1`,
		[]any{h.contract, h.product}, &c.Number, &key, &customer, &c.Customer, &zone, &first, &last, &c.Office, &c.City, &c.Province,
		&c.Products, &c.Serial, &c.Model, &pfirst, &plast, &predecessor)
	if err != nil {
		return err
	}
	if h.product == 0 && c.Products != 1 {
		c.Serial, c.Model, pfirst, plast, predecessor = "", "", "", "", ""
	}
	c.Via = r.by[customer]
	c.OnIt = c.Via != ""
	c.Start, c.End = r.zones.day(or(pfirst, first), zone), r.zones.after(or(plast, last), zone)
	if r.repaired {
		if c.Repairs, err = r.repairs(c.Serial, predecessor, key); err != nil {
			return err
		}
	}
	reg.Contracts = append(reg.Contracts, c)
	return nil
}

// repairs reads the repairs of a product and of those that it replaced; without a product, those that are on record for
// the contract alone.
func (r *registryReader) repairs(serial, predecessor, contract string) ([]responder.Repair, error) {
	rows, err := r.repairRows(serial, predecessor, contract)
	out := make([]responder.Repair, len(rows))
	for i := range rows {
		out[i] = rows[i].Repair
	}
	return out, err
}

// repairRows is repairs with who recorded each, the earliest first. contract is a key.
func (r *registryReader) repairRows(serial, predecessor, contract string) ([]RepairRow, error) {
	var out []RepairRow
	scan := func(rows scanner) error {
		var p RepairRow
		var at int64
		err := rows.Scan(&p.Case, &p.Serial, &at, &p.OK, &p.Who)
		p.At = fromMS(at)
		out = append(out, p)
		return err
	}
	const columns = "SELECT coalesce(case_id, 0), serial, at, ok, who FROM repairs "
	key := responder.CodeKey(serial)
	if key == "" {
		if err := r.from.each(columns+"WHERE contract_key = ?1 AND contract_key <> '' ORDER BY id DESC LIMIT ?2", []any{contract, maxRepairs}, scan); err != nil {
			return nil, err
		}
	}
	for n := 0; key != "" && n <= maxReplaced; n++ {
		if err := r.from.each(columns+"WHERE key = ?1 AND key <> '' ORDER BY id DESC LIMIT ?2", []any{key, maxRepairs}, scan); err != nil {
			return nil, err
		}
		if n > 0 {
			predecessor = ""
			if _, err := r.from.get("SELECT predecessor FROM products WHERE key = ?", []any{key}, &predecessor); err != nil {
				return nil, err
			}
		}
		key = responder.CodeKey(predecessor)
	}
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b RepairRow) int { return a.At.Compare(b.At) })
	return out, nil
}

// near looks for numbers that were perhaps meant: those that differ only in characters that look alike, else those that
// are one slip away.
func (r *registryReader) near(reg *responder.Registry, what, key string) error {
	keys := responder.NearKeys(key)
	if len(keys) == 0 {
		return nil
	}
	before := len(reg.Near)
	if err := r.nearest(reg, what, keys[:1]); err != nil || len(reg.Near) > before {
		return err
	}
	keys = keys[1:]
	// Where no number on record begins as this one does, the slip is in its beginning.
	if head := []rune(responder.NearKey(key)); len(head) > nearHead {
		prefix := string(head[:nearHead])
		query := "SELECT EXISTS (SELECT 1 FROM products WHERE near >= ?1 AND near < ?2)"
		if what == "contract" {
			query = "SELECT EXISTS (SELECT 1 FROM contracts WHERE near >= ?1 AND near < ?2)"
		}
		var common bool
		if _, err := r.from.get(query, []any{prefix, prefix + "\U0010FFFF"}, &common); err != nil {
			return err
		}
		if !common {
			keys = slices.DeleteFunc(keys, func(k string) bool { return strings.HasPrefix(k, prefix) })
		}
	}
	return r.nearest(reg, what, keys)
}

// nearHead is how many characters the beginning of a number has.
const nearHead = 4

func (r *registryReader) nearest(reg *responder.Registry, what string, keys []string) error {
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	query := `SELECT p.serial, c.number, u.name FROM json_each(?1) j CROSS JOIN products p ON p.near = j.value
		JOIN contracts c ON c.id = p.contract_id JOIN customers u ON u.id = c.customer_id LIMIT ?2`
	if what == "contract" {
		query = `SELECT '', c.number, u.name FROM json_each(?1) j CROSS JOIN contracts c ON c.near = j.value
			JOIN customers u ON u.id = c.customer_id LIMIT ?2`
	}
	return r.from.each(query, []any{string(list), maxNearHits}, func(rows scanner) error {
		var serial, number, name string
		err := rows.Scan(&serial, &number, &name)
		words := fmt.Sprintf("contract %s of %s", number, name)
		if serial != "" {
			words = fmt.Sprintf("serial %s of %s", serial, words)
		}
		reg.Near = append(reg.Near, words)
		return err
	})
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
