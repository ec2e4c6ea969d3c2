package store

import (
	"slices"
	"strings"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// apply writes a message with all that its decision changes and returns the mails as they were queued.
func (b *batch) apply(fo *folderRow, in *Incoming, f *responder.Facts, d *responder.Decision) ([]responder.Mail, error) {
	e := &d.Effects
	if e.Open != nil {
		e.Open.ID = f.NextCase
		e.Case = f.NextCase
		if err := b.openCase(e.Open, "email"); err != nil {
			return nil, err
		}
	}
	m := b.messageRow(fo, in)
	m.caseID, m.disposition, m.reason, m.evidence = e.Case, d.Disposition, d.Reason, d.Evidence
	if err := b.keepMessage(in, f.Message, m); err != nil {
		return nil, err
	}
	if err := b.changeCase(e, f.Message); err != nil {
		return nil, err
	}
	reply, err := b.openWindows(e, f.Message)
	if err != nil {
		return nil, err
	}
	for _, v := range e.Visits {
		if v.Case == 0 {
			v.Case = e.Case
		}
		if _, err := b.insertVisit(v); err != nil {
			return nil, err
		}
	}
	if err := b.bounced(e.Bounced, e.Case, f.Message); err != nil {
		return nil, err
	}
	return b.queueAll(d.Mails, e.Case, reply, f.Message)
}

// openCase inserts c under its own number.
func (b *batch) openCase(c *responder.Case, channel string) error {
	if c.State == "" {
		c.State = responder.CaseOpen
	}
	if c.Opened.IsZero() {
		c.Opened = b.now
	}
	err := b.t.exec(`INSERT INTO cases (id, state, channel, account, class, also, subject, language, customer, customer_name, opened, moved,
		person_answered, office, entitlement, rung, record, serial, contract, phone, city, province, because, reason, auth_failed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.State, channel, c.Account, c.Class, list(c.Also), c.Subject, c.Language, c.Customer, c.CustomerName, ms(c.Opened),
		ms(b.now), nullMS(c.PersonAnswered), c.Office, c.Entitlement, c.Rung, c.Record, c.Serial, c.Contract, c.Phone, c.City,
		c.Province, list(c.Because), string(c.Reason), c.AuthFailed)
	if err != nil {
		return err
	}
	b.next.kase++
	if c.Customer != "" {
		if err := b.member(c.ID, c.Customer); err != nil {
			return err
		}
	}
	for _, a := range c.Members {
		if a == c.Customer {
			continue
		}
		if err := b.member(c.ID, a); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) member(id int64, addr string) error {
	addr = strings.ToLower(strings.TrimSpace(addr))
	if addr == "" {
		return nil
	}
	return b.t.exec("INSERT OR IGNORE INTO members (address, case_id) VALUES (?, ?)", addr, id)
}

// changeCase applies what changes of a case that may have stood before.
func (b *batch) changeCase(e *responder.Effects, message int64) error {
	id := e.Case
	if id == 0 {
		return nil
	}
	type change struct {
		when bool
		do   func() error
	}
	t, at := b.t, ms(b.now)
	changes := []change{
		{e.Open == nil && !e.Quiet, func() error { return t.exec("UPDATE cases SET moved = ? WHERE id = ?", at, id) }},
		{e.Link != 0, func() error {
			return t.exec("INSERT OR IGNORE INTO links (case_id, other_id, at) VALUES (?, ?, ?)", id, e.Link, at)
		}},
		{e.Reopen, func() error {
			if err := t.exec("UPDATE cases SET state = 'open', closed = NULL WHERE id = ?", id); err != nil {
				return err
			}
			return b.note(note{caseID: id, message: message, what: "reopened"})
		}},
		{e.Member != "", func() error { return b.member(id, e.Member) }},
		{len(e.Also) > 0, func() error { return b.addIntents(id, e.Also) }},
		{e.Open == nil, func() error { return b.fill(id, e) }},
		{e.Grant != nil, func() error { return b.grant(id, e.Grant, message) }},
		{len(e.Meet) > 0, func() error { return b.meet(id, e.Meet, e.MetAt) }},
		{e.Answered, func() error {
			return t.exec("UPDATE cases SET person_answered = max(coalesce(person_answered, 0), ?) WHERE id = ?", ms(e.MetAt), id)
		}},
		{e.Cancel != "", func() error { return b.cancel(id, e.Cancel, message) }},
		{len(e.Asked) > 0, func() error { return b.ask(id, e.Asked, message) }},
		{e.Office != "", func() error { return b.assign(id, e.Office) }},
		{len(e.Placed) > 0, func() error { return b.place(id, e.Placed, message) }},
		{e.Note != "", func() error { return b.note(note{caseID: id, message: message, what: "note", detail: e.Note}) }},
	}
	for _, c := range changes {
		if !c.when {
			continue
		}
		if err := c.do(); err != nil {
			return err
		}
	}
	return nil
}

// fill puts facts that the writer states into the fields of the case that are still empty.
func (b *batch) fill(id int64, e *responder.Effects) error {
	f := e.Fill
	if f.Serial+f.Contract+f.Phone+f.City+f.Province == "" {
		return nil
	}
	return b.t.exec(`UPDATE cases SET serial = CASE serial WHEN '' THEN ? ELSE serial END,
		contract = CASE contract WHEN '' THEN ? ELSE contract END, phone = CASE phone WHEN '' THEN ? ELSE phone END,
		city = CASE city WHEN '' THEN ? ELSE city END, province = CASE province WHEN '' THEN ? ELSE province END WHERE id = ?`,
		f.Serial, f.Contract, f.Phone, f.City, f.Province, id)
}

func (b *batch) addIntents(id int64, also []string) error {
	var class, have string
	ok, err := b.t.get("SELECT class, also FROM cases WHERE id = ?", []any{id}, &class, &have)
	if err != nil || !ok {
		return err
	}
	all := unlist(have)
	for _, a := range also {
		if a != class && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return b.t.exec("UPDATE cases SET also = ? WHERE id = ?", list(all), id)
}

// meet ends the open windows of a case for some clocks, those that were open at the time.
func (b *batch) meet(id int64, clocks []sla.Clock, at time.Time) error {
	if at.IsZero() {
		at = b.now
	}
	for _, c := range clocks {
		err := b.t.exec(`UPDATE windows SET met = ? WHERE case_id = ? AND clock = ? AND opened <= ? AND met IS NULL AND dropped IS NULL`,
			ms(at), id, string(c), ms(at))
		if err != nil {
			return err
		}
	}
	return nil
}

// ask marks visits of the case whose change the customer asks for; they are looked at by the next tick.
func (b *batch) ask(id int64, visits []int64, message int64) error {
	for _, v := range visits {
		n, err := b.t.run("UPDATE visits SET change_asked = 1, next_at = 0 WHERE id = ? AND case_id = ?", v, id)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if err := b.note(note{caseID: id, message: message, what: "visit-change-asked", detail: visitName(v)}); err != nil {
			return err
		}
	}
	return nil
}

// openWindows inserts the windows of a decision and returns the number of the one that a reply would meet, 0 for none.
func (b *batch) openWindows(e *responder.Effects, message int64) (reply int64, err error) {
	for _, w := range e.Windows {
		if w.Case == 0 {
			w.Case = e.Case
		}
		if w.Message == 0 {
			w.Message = message
		}
		id, err := b.insertWindow(w, "email")
		if err != nil {
			return 0, err
		}
		if w.Clock == sla.ClockReply {
			reply = id
		}
	}
	return reply, nil
}

func (b *batch) insertWindow(w sla.Window, channel string) (int64, error) {
	w.ID = b.next.window
	next := int64(0)
	if f := b.t.s.opt.NextWindow; f != nil {
		next = laterMS(f(w))
	}
	err := b.t.exec(`INSERT INTO windows (id, case_id, message_id, clock, channel, further, unsure, held, class, office, opened, due, met,
		dropped, taken, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.ID, nullID(w.Case), nullID(w.Message), string(w.Clock), channel, w.Further, w.Unsure, w.Held, w.Class, w.Office,
		ms(w.Opened), ms(w.Due), nullMS(w.Met), nullMS(w.Dropped), nullMS(w.Taken), next)
	if err == nil {
		b.next.window++
	}
	return w.ID, err
}

func (b *batch) insertVisit(v sla.Visit) (int64, error) {
	v.ID = b.next.visit
	if v.State == "" {
		v.State = sla.VisitRequested
	}
	if v.Zone == "" {
		v.Zone = sla.ZoneUnknown
	}
	next := int64(0)
	if f := b.t.s.opt.NextVisit; f != nil {
		next = laterMS(f(v))
	}
	err := b.t.exec(`INSERT INTO visits (id, case_id, state, office, city, province, zone, requested, arrange_due, onsite_due, arranged, at,
		person, begun, taken, wish, change_asked, planned, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.ID, v.Case, string(v.State), v.Office, v.City, v.Province, string(v.Zone), ms(v.Requested), ms(v.ArrangeDue), ms(v.OnSiteDue),
		nullMS(v.Arranged), nullMS(v.At), v.Person, nullMS(v.Begun), nullMS(v.Taken), v.Wish, v.ChangeAsked, nullMS(v.Planned), next)
	if err == nil {
		b.next.visit++
	}
	return v.ID, err
}

// laterMS is the time of a next look; the zero time is never.
func laterMS(at time.Time) int64 {
	if at.IsZero() {
		return never
	}
	return ms(at)
}
