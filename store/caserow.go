package store

import (
	"database/sql"

	"aftercare/responder"
	"aftercare/sla"
)

const caseColumns = `SELECT id, state, account, class, also, subject, language, customer, customer_name, opened, closed,
	person_answered, taken_by, office, entitlement, rung, record, serial, contract, phone, city, province, because, reason,
	auth_failed FROM cases `

// scanner is a *sql.Row, *sql.Rows or a row of the writer.
type scanner interface{ Scan(dest ...any) error }

// scanCase reads a row of caseColumns; members, replies and visits are not in it. dest takes columns after those.
func scanCase(r scanner, c *responder.Case, dest ...any) error {
	var also, because string
	var opened int64
	var closed, answered sql.NullInt64
	cols := []any{&c.ID, &c.State, &c.Account, &c.Class, &also, &c.Subject, &c.Language, &c.Customer, &c.CustomerName, &opened,
		&closed, &answered, &c.Taken, &c.Office, &c.Entitlement, &c.Rung, &c.Record, &c.Serial, &c.Contract, &c.Phone, &c.City,
		&c.Province, &because, &c.Reason, &c.AuthFailed}
	if err := r.Scan(append(cols, dest...)...); err != nil {
		return err
	}
	c.Also, c.Because = unlist(also), unlist(because)
	c.Opened, c.Closed, c.PersonAnswered = fromMS(opened), fromNull(closed), fromNull(answered)
	return nil
}

// loadCase reads a case with its members, its replies and its visits; nil when there is none.
func (t *tx) loadCase(id int64) (*responder.Case, error) {
	var c *responder.Case
	err := t.each(caseColumns+"WHERE id = ?", []any{id}, func(r scanner) error {
		c = &responder.Case{}
		return scanCase(r, c)
	})
	if err != nil || c == nil {
		return nil, err
	}
	err = t.each("SELECT address FROM members WHERE case_id = ? ORDER BY address LIMIT 1000", []any{id}, func(r scanner) error {
		var a string
		err := r.Scan(&a)
		c.Members = append(c.Members, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	var ack sql.NullInt64
	_, err = t.get("SELECT count(*), max(CASE WHEN kind = 'further' THEN queued END) FROM outbox WHERE case_id = ? AND counted = 1",
		[]any{id}, &c.AutoReplies, &ack)
	if err != nil {
		return nil, err
	}
	c.LastAck = fromNull(ack)
	err = t.each(visitColumns+"WHERE case_id = ? AND state IN ('requested', 'arranged') ORDER BY id LIMIT 100", []any{id}, func(r scanner) error {
		v, err := scanVisit(r)
		c.Visits = append(c.Visits, v)
		return err
	})
	return c, err
}

const visitColumns = `SELECT id, case_id, state, office, city, province, zone, requested, arrange_due, onsite_due, arranged, at,
	person, begun, taken, wish, change_asked, planned FROM visits `

func scanVisit(r scanner) (sla.Visit, error) {
	var v sla.Visit
	var requested, arrange, onSite int64
	var arranged, at, begun, taken, planned sql.NullInt64
	err := r.Scan(&v.ID, &v.Case, &v.State, &v.Office, &v.City, &v.Province, &v.Zone, &requested, &arrange, &onSite, &arranged,
		&at, &v.Person, &begun, &taken, &v.Wish, &v.ChangeAsked, &planned)
	v.Requested, v.ArrangeDue, v.OnSiteDue = fromMS(requested), fromMS(arrange), fromMS(onSite)
	v.Arranged, v.At, v.Begun, v.Taken = fromNull(arranged), fromNull(at), fromNull(begun), fromNull(taken)
	v.Planned = fromNull(planned)
	return v, err
}

const windowColumns = `SELECT id, coalesce(case_id, 0), coalesce(message_id, 0), clock, further, unsure, held, class, office,
	channel, opened, due, met, dropped, taken FROM windows `

func scanWindow(r scanner) (sla.Window, error) {
	var w sla.Window
	var opened, due int64
	var met, dropped, taken sql.NullInt64
	err := r.Scan(&w.ID, &w.Case, &w.Message, &w.Clock, &w.Further, &w.Unsure, &w.Held, &w.Class, &w.Office, &w.Channel, &opened, &due,
		&met, &dropped, &taken)
	w.Opened, w.Due = fromMS(opened), fromMS(due)
	w.Met, w.Dropped, w.Taken = fromNull(met), fromNull(dropped), fromNull(taken)
	return w, err
}
