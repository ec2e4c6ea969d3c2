package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"aftercare/responder"
	"aftercare/sla"
)

// Event is one thing that happened to a case or a message.
type Event struct {
	At       time.Time
	What     string // "received", "mail-queued", "mail-sent", "window-opened", "step" ..., and the words of history
	Reason   responder.Reason
	Who      string // a person, where one did it
	Detail   string // for people
	Evidence []string
	Message  int64
	Outbox   int64
}

// Why returns everything that happened to a case, in order.
func (s *Store) Why(ctx context.Context, caseID int64) ([]Event, error) {
	var found bool
	if _, err := s.get(ctx, "SELECT EXISTS (SELECT 1 FROM cases WHERE id = ?)", []any{caseID}, &found); err != nil {
		return nil, fmt.Errorf("reading %s: %w", caseName(caseID), err)
	}
	if !found {
		return nil, fmt.Errorf("%s: %w", caseName(caseID), ErrNotFound)
	}
	msgs, err := s.MessagesOfCase(ctx, caseID)
	if err != nil {
		return nil, err
	}
	mails, err := s.MailsOfCase(ctx, caseID)
	if err != nil {
		return nil, err
	}
	es := append(messageEvents(msgs), mailEvents(mails)...)
	for _, part := range []func(context.Context, int64) ([]Event, error){s.windowEvents, s.stepEvents} {
		more, err := part(ctx, caseID)
		if err != nil {
			return nil, err
		}
		es = append(es, more...)
	}
	more, err := s.historyEvents(ctx, "case_id = ?", caseID)
	return inOrder(append(es, more...)), err
}

// WhyMessage returns what happened to the messages with a Message-ID; where they belong to cases, everything of those.
func (s *Store) WhyMessage(ctx context.Context, messageID string) ([]Event, error) {
	messageID = strings.Trim(messageID, "<> ")
	msgs, err := s.MessagesByID(ctx, messageID)
	if err != nil {
		return nil, err
	}
	var cases []int64
	var loose []Message
	for _, m := range msgs {
		if m.Case == 0 {
			loose = append(loose, m)
		} else if !slices.Contains(cases, m.Case) {
			cases = append(cases, m.Case)
		}
	}
	if len(msgs) == 0 {
		m, err := s.MailByMessageID(ctx, messageID)
		if err != nil {
			return nil, err
		}
		if m.Case == 0 {
			return inOrder(mailEvents([]Mail{m})), nil
		}
		cases = append(cases, m.Case)
	}
	es := messageEvents(loose)
	for _, m := range loose {
		more, err := s.historyEvents(ctx, "message_id = ?", m.ID)
		if err != nil {
			return nil, err
		}
		es = append(es, more...)
	}
	for _, id := range cases {
		more, err := s.Why(ctx, id)
		if err != nil {
			return nil, err
		}
		es = append(es, more...)
	}
	return inOrder(es), nil
}

func inOrder(es []Event) []Event {
	slices.SortStableFunc(es, func(a, b Event) int { return cmp.Compare(ms(a.At), ms(b.At)) })
	return es
}

func messageEvents(msgs []Message) []Event {
	var es []Event
	for _, m := range msgs {
		detail := fmt.Sprintf("%s from %s: %s", m.Kind, m.Sender, m.Subject)
		if m.Class != "" {
			detail += fmt.Sprintf(" (class %s, %.2f)", m.Class, m.Confidence)
		}
		es = append(es,
			Event{At: m.Clock, What: "received", Detail: detail, Message: m.ID},
			Event{At: m.Recorded, What: string(m.Disposition), Reason: m.Reason, Evidence: m.Evidence, Message: m.ID})
	}
	return es
}

func mailEvents(mails []Mail) []Event {
	var es []Event
	for _, m := range mails {
		detail := fmt.Sprintf("%s to %s: %s", m.Kind, m.To, m.Subject)
		if m.Template != "" {
			detail += fmt.Sprintf(" (template %s %s)", m.Template, m.TemplateVersion)
		}
		what := "mail-queued"
		switch m.State {
		case StateShadow:
			what = "mail-not-sent-shadow"
		case StateDraft:
			what = "mail-drafted"
		}
		es = append(es, Event{At: m.Queued, What: what, Detail: detail, Outbox: m.ID})
		if !m.Sent.IsZero() {
			e := Event{At: m.Sent, What: "mail-sent", Outbox: m.ID,
				Detail: strings.TrimSpace(fmt.Sprintf("attempt %d, %s accepted it: %d %s", m.Attempt, cmp.Or(m.Server, "the server"), m.Code, oneLine(m.Detail)))}
			if m.Late() {
				e.What = "mail-sent-late"
			}
			es = append(es, e)
		}
	}
	return es
}

func (s *Store) windowEvents(ctx context.Context, caseID int64) ([]Event, error) {
	ws, err := s.Windows(ctx, caseID)
	if err != nil {
		return nil, err
	}
	var es []Event
	for _, w := range ws {
		name := string(w.Clock)
		es = append(es, Event{At: w.Opened, What: "window-opened", Message: w.Message, Detail: name + ", due " + w.Due.Format(time.RFC3339)})
		switch {
		case !w.Met.IsZero() && w.Met.After(w.Due):
			es = append(es, Event{At: w.Met, What: "window-met-late", Message: w.Message, Detail: name})
		case !w.Met.IsZero():
			es = append(es, Event{At: w.Met, What: "window-met", Message: w.Message, Detail: name})
		case !w.Dropped.IsZero():
			es = append(es, Event{At: w.Dropped, What: "window-dropped", Message: w.Message, Detail: name})
		}
	}
	return es, nil
}

// ToldStep is a step on record.
type ToldStep struct {
	sla.Step
	Said   time.Time // when it was put on record; At is when it was due to be said
	Outbox int64     // its mail, 0 for none
}

// Steps returns what was said about a case, in the order in which it was said.
func (s *Store) Steps(ctx context.Context, caseID int64) ([]ToldStep, error) {
	var out []ToldStep
	err := s.each(ctx, "SELECT subject, name, recipient, due, at, said, coalesce(outbox_id, 0) FROM steps WHERE case_id = ? ORDER BY id", []any{caseID}, func(r scanner) error {
		st := ToldStep{Step: sla.Step{Case: caseID}}
		var due, at, said int64
		err := r.Scan(&st.Subject, &st.Name, &st.Recipient, &due, &at, &said, &st.Outbox)
		st.Due, st.At, st.Said = fromMS(due), fromMS(at), fromMS(said)
		out = append(out, st)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the steps of %s: %w", caseName(caseID), err)
	}
	return out, nil
}

func (s *Store) stepEvents(ctx context.Context, caseID int64) ([]Event, error) {
	steps, err := s.Steps(ctx, caseID)
	es := make([]Event, 0, len(steps))
	for _, st := range steps {
		es = append(es, Event{At: st.Said, What: "step", Outbox: st.Outbox, Detail: fmt.Sprintf("%s to %s, due at %s", st.Name, st.Recipient, st.At.Format(time.RFC3339))})
	}
	return es, err
}

func (s *Store) historyEvents(ctx context.Context, where string, id int64) ([]Event, error) {
	var es []Event
	err := s.each(ctx, "SELECT at, what, reason, who, detail, coalesce(message_id, 0), coalesce(outbox_id, 0) FROM history WHERE "+where+" ORDER BY id", []any{id}, func(r scanner) error {
		var e Event
		var at int64
		err := r.Scan(&at, &e.What, &e.Reason, &e.Who, &e.Detail, &e.Message, &e.Outbox)
		e.At = fromMS(at)
		es = append(es, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	return es, nil
}
