package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"aftercare/sla"
)

// VisitFilter selects visits; zero fields select everything.
type VisitFilter struct {
	Case   int64
	Office string
	Open   bool      // neither done nor cancelled
	Due    time.Time // open, and one of its clocks ends or it begins before this time
	Limit  int       // 1,000 when 0
}

// Visits lists visits, the nearest due first where Due or Open is set, else by number.
func (s *Store) Visits(ctx context.Context, f VisitFilter) ([]sla.Visit, error) {
	where, args, order := []string{"1 = 1"}, []any{}, "id"
	if f.Case != 0 {
		where, args = append(where, "case_id = ?"), append(args, f.Case)
	}
	if f.Office != "" {
		where, args = append(where, "office = ?"), append(args, f.Office)
	}
	if f.Open || !f.Due.IsZero() {
		where = append(where, "state IN ('requested', 'arranged')")
		order = "coalesce(at, arrange_due), id"
	}
	if !f.Due.IsZero() {
		where, args = append(where, "(CASE state WHEN 'requested' THEN arrange_due ELSE min(coalesce(at, onsite_due), onsite_due) END) < ?"), append(args, ms(f.Due))
	}
	var vs []sla.Visit
	err := s.each(ctx, visitColumns+"WHERE "+strings.Join(where, " AND ")+" ORDER BY "+order+" LIMIT ?", append(args, orDefault(f.Limit, 1000)), func(r scanner) error {
		v, err := scanVisit(r)
		vs = append(vs, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing visits: %w", err)
	}
	return vs, nil
}

// Visit returns one visit.
func (s *Store) Visit(ctx context.Context, id int64) (sla.Visit, error) {
	v, err := scanVisit(s.readDB.QueryRowContext(ctx, visitColumns+"WHERE id = ?", id))
	if err != nil {
		return v, fmt.Errorf("reading visit %d: %w", id, notFound(err))
	}
	return v, nil
}

// AddVisit records a visit of a case and returns its number.
func (s *Store) AddVisit(ctx context.Context, v sla.Visit, who string, now time.Time) (int64, error) {
	err := s.onCase(ctx, v.Case, now, note{what: "visit-requested", who: who}, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		v.ID, err = b.insertVisit(v)
		return err
	})
	return v.ID, err
}

// onVisit changes a visit that is neither done nor cancelled, and notes it with its case. set is the list of an UPDATE.
func (s *Store) onVisit(ctx context.Context, id int64, now time.Time, n note, set string, args ...any) error {
	return s.write(ctx, fmt.Sprintf("%s %d", n.what, id), now, func(t *tx) error {
		was, err := t.visit(id)
		if err != nil {
			return err
		}
		if was == nil {
			return ErrNotFound
		}
		if was.State == sla.VisitDone || was.State == sla.VisitCancelled {
			return fmt.Errorf("the visit is %s", was.State)
		}
		n.caseID = was.Case
		if err := t.exec("UPDATE visits SET next_at = 0, "+set+" WHERE id = ?", append(args, id)...); err != nil {
			return err
		}
		n.detail = strings.TrimSpace(visitName(id) + " " + n.detail)
		if err := t.note(n); err != nil {
			return err
		}
		if err := t.visitNews(n.what, was); err != nil {
			return err
		}
		return t.audit(n.who, n.what, visitName(id), n.detail)
	})
}

// Arrangement is a time and a person for a visit.
type Arrangement struct {
	At     time.Time
	Person string
	Wish   bool // a later time is the customer's wish and no breach
	Who    string
}

// ArrangeVisit puts a time and a person on record; for a visit that is arranged already it moves it. The wish of the
// customer, once on record, stays. The next tick tells the customer.
func (s *Store) ArrangeVisit(ctx context.Context, id int64, a Arrangement, now time.Time) error {
	n := note{what: "visit-arranged", who: a.Who, detail: "for " + a.At.UTC().Format(time.RFC3339) + " by " + a.Person}
	return s.onVisit(ctx, id, now, n, `arranged = CASE state WHEN 'requested' THEN ? ELSE coalesce(arranged, ?) END, state = 'arranged', at = ?,
		person = CASE ? WHEN '' THEN person ELSE ? END, wish = max(wish, ?), change_asked = 0`,
		ms(now), ms(now), ms(a.At), a.Person, a.Person, a.Wish)
}

// BeginVisit records that the visit has begun.
func (s *Store) BeginVisit(ctx context.Context, id int64, at time.Time, who string, now time.Time) error {
	return s.onVisit(ctx, id, now, note{what: "visit-begun", who: who}, "begun = coalesce(begun, ?)", ms(at))
}

// DoneVisit records that the visit was made and began at a time.
func (s *Store) DoneVisit(ctx context.Context, id int64, begun time.Time, who string, now time.Time) error {
	return s.onVisit(ctx, id, now, note{what: "visit-done", who: who}, "state = 'done', begun = coalesce(begun, ?), ended = ?", ms(begun), ms(now))
}

// CancelVisit records that there will be no visit, and why. The next tick tells the customer that there is none.
func (s *Store) CancelVisit(ctx context.Context, id int64, who, why string, now time.Time) error {
	return s.onVisit(ctx, id, now, note{what: "visit-cancelled", who: who, detail: why}, "state = 'cancelled', ended = ?", ms(now))
}

// TakeVisit records that who looks after a visit: its overdue chain stops. ErrTaken, with the name, when somebody else has
// it, unless over is set.
func (s *Store) TakeVisit(ctx context.Context, id int64, who string, over bool, now time.Time) error {
	return s.write(ctx, fmt.Sprintf("taking visit %d", id), now, func(t *tx) error {
		var has, state string
		var caseID int64
		ok, err := t.get("SELECT taken_by, state, case_id FROM visits WHERE id = ?", []any{id}, &has, &state, &caseID)
		if err != nil {
			return err
		}
		switch {
		case !ok:
			return ErrNotFound
		case has == who:
			t.quiet = true
			return nil
		case state == string(sla.VisitDone) || state == string(sla.VisitCancelled):
			return fmt.Errorf("the visit is %s", state)
		case has != "" && !over:
			return fmt.Errorf("%w by %s", ErrTaken, has)
		}
		if err := t.exec("UPDATE visits SET taken = ?, taken_by = ?, next_at = 0 WHERE id = ?", ms(now), who, id); err != nil {
			return err
		}
		if err := t.exec("INSERT INTO acknowledgements (at, who, subject, case_id, visit_id) VALUES (?, ?, ?, ?, ?)",
			ms(now), who, visitName(id), caseID, id); err != nil {
			return err
		}
		return t.note(note{caseID: caseID, what: "visit-taken", who: who, detail: visitName(id)})
	})
}

// PlaceVisit records where a visit is, with the office, the zone and the ends of its clocks that follow from it.
func (s *Store) PlaceVisit(ctx context.Context, v sla.Visit, who string, now time.Time) error {
	n := note{what: "visit-placed", who: who, detail: strings.TrimSpace(v.City + " " + v.Province + " (" + string(v.Zone) + ")")}
	return s.onVisit(ctx, v.ID, now, n, "city = ?, province = ?, office = ?, zone = ?, arrange_due = ?, onsite_due = ?",
		v.City, v.Province, v.Office, string(v.Zone), ms(v.ArrangeDue), ms(v.OnSiteDue))
}
