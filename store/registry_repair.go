package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
)

// ErrNoProduct is returned for a repair when neither the case nor its caller names a product or contract.
var ErrNoProduct = errors.New("no product: neither the case nor the command names a serial or contract number")

// NewRepair is a finished repair as a person records it.
type NewRepair struct {
	Case   int64
	Serial string    // of the product; "" takes it from the case, or from a contract of one product
	At     time.Time // when it was finished
	OK     bool      // it met the technical requirements
	Who    string
}

// RepairDone is what was put on record.
type RepairDone struct {
	Serial, Contract string // the number that it goes by
	Known            bool   // that number is on record
	Again            bool   // the same repair was on record already; its result is now this one
}

// RecordRepair puts a finished repair on record. A second record of the same case, product and time corrects the first. The
// rung of the case follows where it is in warranty: after a repair that did not meet the requirements replacement and return
// are open (policy 2.2, 2.3). ErrNotFound when there is no such case.
func (s *Store) RecordRepair(ctx context.Context, n NewRepair, now time.Time) (RepairDone, error) {
	var done RepairDone
	words := "not ok"
	if n.OK {
		words = "ok"
	}
	what := note{what: "repaired", who: n.Who, detail: fmt.Sprintf("finished at %s: %s", n.At.UTC().Format(time.RFC3339), words)}
	err := s.onCase(ctx, n.Case, now, what, func(t *tx) error {
		var err error
		if done, err = t.repaired(n); err != nil {
			return err
		}
		key, contract := responder.CodeKey(done.Serial), responder.CodeKey(done.Contract)
		if key != "" {
			contract = ""
		}
		changed, err := t.run("UPDATE repairs SET ok = ?, who = ? WHERE case_id = ? AND key = ? AND contract_key = ? AND at = ?",
			n.OK, n.Who, n.Case, key, contract, ms(n.At))
		if err != nil {
			return err
		}
		if done.Again = changed > 0; !done.Again {
			err = t.exec("INSERT INTO repairs (case_id, serial, key, contract_key, at, ok, who, recorded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				n.Case, done.Serial, key, contract, ms(n.At), n.OK, n.Who, ms(now))
		}
		if err != nil {
			return err
		}
		return t.climb(n.Case, key)
	})
	return done, err
}

// repaired finds out which product or contract a repair is of.
func (t *tx) repaired(n NewRepair) (RepairDone, error) {
	d := RepairDone{Serial: strings.TrimSpace(n.Serial)}
	if d.Serial == "" {
		if _, err := t.get("SELECT serial, contract FROM cases WHERE id = ?", []any{n.Case}, &d.Serial, &d.Contract); err != nil {
			return d, err
		}
	}
	if key := responder.CodeKey(d.Serial); key != "" {
		d.Contract = ""
		ok, err := t.get(`SELECT p.serial, c.number FROM products p JOIN contracts c ON c.id = p.contract_id WHERE p.key = ?`, []any{key}, &d.Serial, &d.Contract)
		d.Known = ok
		return d, err
	}
	key := responder.CodeKey(d.Contract)
	if key == "" {
		return d, ErrNoProduct
	}
	var id int64
	ok, err := t.get("SELECT id, number FROM contracts WHERE key = ?", []any{key}, &id, &d.Contract)
	if err != nil || !ok {
		return d, err
	}
	d.Known = true
	var serials int
	var only string
	if _, err := t.get("SELECT count(*), coalesce(max(serial), '') FROM products WHERE contract_id = ?", []any{id}, &serials, &only); err != nil {
		return d, err
	}
	if serials == 1 {
		d.Serial = only
	}
	return d, nil
}

// climb brings the rung of the case to what the last repair of its product says. key is the product that was repaired just
// now: one that is not the case's says nothing of its rung.
func (t *tx) climb(id int64, key string) error {
	var serial string
	if _, err := t.get("SELECT serial FROM cases WHERE id = ?", []any{id}, &serial); err != nil {
		return err
	}
	own := responder.CodeKey(serial)
	if own != "" && key != "" && key != own {
		return nil
	}
	var last bool
	if _, err := t.get("SELECT ok FROM repairs WHERE case_id = ?1 AND case_id IS NOT NULL AND (?2 = '' OR key IN ('', ?2)) ORDER BY at DESC, id DESC LIMIT 1", []any{id, own}, &last); err != nil {
		return err
	}
	rung := "repair"
	if !last {
		rung = "return"
	}
	return t.exec("UPDATE cases SET rung = ? WHERE id = ? AND entitlement = 'in warranty'", rung, id)
}
