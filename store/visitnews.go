package store

import (
	"strings"

	"aftercare/responder"
	"aftercare/sla"
)

// The kinds of notices that the customer hears: news of a visit.
const (
	NoticeVisitArranged  = responder.StepVisitArranged
	NoticeVisitMoved     = responder.StepVisitMoved
	NoticeVisitCancelled = responder.StepVisitCancelled
)

// visit reads a visit in whatever state; nil when there is none.
func (t *tx) visit(id int64) (*sla.Visit, error) {
	var v *sla.Visit
	err := t.each(visitColumns+"WHERE id = ?", []any{id}, func(r scanner) error {
		one, err := scanVisit(r)
		v = &one
		return err
	})
	return v, err
}

// visitNews puts down what the customer is to hear of a change of a visit. News that nobody has been told yet is out of
// date by then and falls away. A visit that is recorded only after it began is no news.
func (t *tx) visitNews(what string, was *sla.Visit) error {
	is, err := t.visit(was.ID)
	if err != nil || is == nil {
		return err
	}
	kind := newsOf(what, was, is)
	if kind == "" && what != "visit-begun" && what != "visit-done" {
		return nil
	}
	if kind != "" && !is.At.IsZero() && is.At.Before(t.now) && kind != NoticeVisitCancelled {
		kind = ""
	}
	var pending string
	if _, err := t.get("SELECT kind FROM notices WHERE visit_id = ? AND said IS NULL LIMIT 1", []any{is.ID}, &pending); err != nil {
		return err
	}
	if pending != "" {
		if err := t.exec("UPDATE notices SET said = ? WHERE visit_id = ? AND said IS NULL", ms(t.now), is.ID); err != nil {
			return err
		}
	}
	if kind == NoticeVisitMoved && pending == NoticeVisitArranged {
		kind = NoticeVisitArranged // of the time before nobody has heard
	}
	if kind == "" {
		return nil
	}
	return t.notice(Notice{Kind: kind, Case: is.Case, Visit: is.ID})
}

// newsOf is the kind of news that a change makes, "" for none.
func newsOf(what string, was, is *sla.Visit) string {
	switch {
	case what == "visit-cancelled":
		return NoticeVisitCancelled
	case what != "visit-arranged":
		return ""
	case was.State == sla.VisitRequested:
		return NoticeVisitArranged
	case !is.At.Equal(was.At):
		return NoticeVisitMoved
	case is.Person != was.Person:
		return NoticeVisitArranged
	}
	return ""
}

// visitFacts adds what the mail of a step about a visit may say. News to the customer answers the newest mail of the case.
func (k *ticker) visitFacts(st dueStep, f *responder.Facts) (err error) {
	if f.Visit, err = k.t.visit(st.Visit); err != nil || st.Recipient != sla.Customer {
		return err
	}
	_, err = k.t.get(`SELECT coalesce(message_id, '') FROM messages WHERE case_id = ? AND kind = 'person' AND disposition <> 'duplicate'
		ORDER BY id DESC LIMIT 1`, []any{st.Case}, &f.MessageID)
	return err
}

// assign gives a case, with its windows that still run, to the office that is responsible for it.
func (b *batch) assign(id int64, office string) error {
	if err := b.t.exec("UPDATE cases SET office = ? WHERE id = ?", office, id); err != nil {
		return err
	}
	return b.t.exec("UPDATE windows SET office = ?, next_at = 0 WHERE case_id = ? AND met IS NULL AND dropped IS NULL", office, id)
}

// place moves visits of a case to where they are now known to be. New due times are new keys: what was said about the old
// ones is said again about these.
func (b *batch) place(id int64, visits []sla.Visit, message int64) error {
	for _, v := range visits {
		n, err := b.t.run(`UPDATE visits SET city = ?, province = ?, office = ?, zone = ?, arrange_due = ?, onsite_due = ?, next_at = 0
			WHERE id = ? AND case_id = ? AND state IN ('requested', 'arranged')`,
			v.City, v.Province, v.Office, string(v.Zone), ms(v.ArrangeDue), ms(v.OnSiteDue), v.ID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		detail := strings.TrimSpace(visitName(v.ID) + " " + v.City + " " + v.Province + " (" + string(v.Zone) + ")")
		if err := b.note(note{caseID: id, message: message, what: "visit-placed", detail: detail}); err != nil {
			return err
		}
	}
	return nil
}
