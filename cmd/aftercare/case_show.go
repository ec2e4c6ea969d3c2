package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

type caseShowCmd struct {
	readFlags
	Case caseArg `arg:"" help:"The case."`
	Text bool    `help:"Also the new words of each message, and the held replies."`
}

func (s *caseShowCmd) Run(env *environment) error {
	id, err := s.Case.number()
	if err != nil {
		return err
	}
	c, st, err := s.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	f, err := st.Case(env.ctx, id)
	if err != nil {
		return missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	}
	if s.JSON {
		return printJSON(env.out, newCaseFileJSON(&f))
	}
	p := casePrinter{w: env.out, zone: c.Company.Location, now: env.now()}
	p.head(&f)
	p.windows(f.Windows)
	p.visits(f.Visits)
	for _, m := range f.Messages {
		p.line("message", "%s  %s  %s: %s  [%s %s]", shortTime(m.Clock, p.zone), m.Kind, or(m.Sender, "nobody"), m.Subject, m.Disposition, m.Reason)
		if s.Text {
			p.text(env, st, m.ID, limitsOf(c))
		}
	}
	for _, m := range f.Mails {
		p.line("mail", "%d  %s to %s, %s: %s", m.ID, m.Kind, m.To, mailState(&m, p.zone), m.Subject)
		if s.Text && m.State == store.StateDraft {
			words, err := draftWords(env.ctx, st, m.ID)
			if err != nil {
				return err
			}
			fmt.Fprint(env.out, indented(words, "    > "))
		}
	}
	return nil
}

// casePrinter writes a case for people.
type casePrinter struct {
	w    io.Writer
	zone *time.Location
	now  time.Time
}

func (p *casePrinter) line(name, format string, args ...any) {
	if s := strings.TrimSpace(oneLine(fmt.Sprintf(format, args...))); s != "" {
		fmt.Fprintf(p.w, "  %-11s %s\n", name, s)
	}
}

func (p *casePrinter) head(f *store.CaseFile) {
	fmt.Fprintf(p.w, "%s  %s  %s\n", responder.FormatCase(f.ID), f.State, oneLine(f.Subject))
	p.line("customer", "%s %s", f.CustomerName, f.Customer)
	p.line("opened", "%s by %s", shortTime(f.Opened, p.zone), f.Channel)
	p.line("class", "%s  %s", classWords(&f.Case), strings.Join(f.Because, "; "))
	p.line("office", "%s", f.Office)
	p.line("facts", "%s", strings.Join(factWords(mailbox.Facts{Serial: f.Serial, Contract: f.Contract, Phone: f.Phone, City: f.City, Province: f.Province}), ", "))
	p.line("entitled", "%s %s  %s", f.Entitlement, f.Rung, f.Record)
	p.line("taken by", "%s", f.Taken)
	p.line("reason", "%s", f.Reason)
	for _, l := range f.Links {
		p.line("linked", "%s", responder.FormatCase(l))
	}
}

func (p *casePrinter) windows(ws []sla.Window) {
	for _, w := range ws {
		state := "open"
		switch {
		case !w.Met.IsZero() && w.Met.After(w.Due):
			state = "met late at " + shortTime(w.Met, p.zone)
		case !w.Met.IsZero():
			state = "met at " + shortTime(w.Met, p.zone)
		case !w.Dropped.IsZero():
			state = "dropped at " + shortTime(w.Dropped, p.zone)
		case w.Due.Before(p.now):
			state = "MISSED"
		}
		p.line("window", "%s  from %s, due %s: %s", w.Clock, shortTime(w.Opened, p.zone), shortTime(w.Due, p.zone), state)
	}
}

func (p *casePrinter) visits(vs []sla.Visit) {
	for _, v := range vs {
		p.line("visit", "%d  %s  %s %s (%s), on site by %s, at %s, %s", v.ID, v.State, v.City, v.Province, v.Zone, shortTime(v.OnSiteDue, p.zone), shortTime(v.At, p.zone), or(v.Person, "nobody named"))
	}
}

// text prints the new words of a message.
func (p *casePrinter) text(env *environment, st *store.Store, id int64, lim mailbox.Limits) {
	raw, err := st.Raw(env.ctx, id)
	if err != nil {
		p.line("", "(its text is not on record any more)")
		return
	}
	m := mailbox.Parse(raw, raw.Size, lim)
	fmt.Fprint(p.w, indented(m.Body.New, "    | "))
}

func mailState(m *store.Mail, zone *time.Location) string {
	switch {
	case !m.Bounced.IsZero():
		return "came back at " + shortTime(m.Bounced, zone)
	case !m.Sent.IsZero():
		return "sent at " + shortTime(m.Sent, zone)
	case m.State == store.StateDraft:
		return "waits for a person (case send, edit or drop)"
	case m.Reason != "":
		return m.State + " (" + string(m.Reason) + ")"
	}
	return m.State
}

type caseFileJSON struct {
	caseJSON
	Members  []string      `json:"members"`
	Links    []string      `json:"links,omitempty"`
	Windows  []windowJSON  `json:"windows"`
	Visits   []visitJSON   `json:"visits"`
	Messages []messageJSON `json:"messages"`
	Mails    []mailJSON    `json:"mails"`
}

func newCaseFileJSON(f *store.CaseFile) caseFileJSON {
	var due time.Time
	out := caseFileJSON{Members: f.Members, Windows: []windowJSON{}, Visits: []visitJSON{}, Messages: []messageJSON{}, Mails: []mailJSON{}}
	for _, w := range f.Windows {
		if w.Open() && (due.IsZero() || w.Due.Before(due)) {
			due = w.Due
		}
		out.Windows = append(out.Windows, windowJSON{string(w.Clock), jsonTime(w.Opened), jsonTime(w.Due), jsonTime(w.Met), jsonTime(w.Dropped)})
	}
	out.caseJSON = newCaseJSON(&f.Case, f.Channel, due)
	for _, l := range f.Links {
		out.Links = append(out.Links, responder.FormatCase(l))
	}
	for _, v := range f.Visits {
		out.Visits = append(out.Visits, newVisitJSON(v))
	}
	for _, m := range f.Messages {
		out.Messages = append(out.Messages, newMessageJSON(m))
	}
	for _, m := range f.Mails {
		out.Mails = append(out.Mails, mailJSON{m.ID, string(m.Lane), m.Kind, m.To, m.State, m.Subject, m.MessageID, m.Template, m.TemplateVersion,
			jsonTime(m.Queued), jsonTime(m.Deadline), jsonTime(m.Sent), jsonTime(m.Bounced), m.Attempt, string(m.Reason)})
	}
	return out
}

type windowJSON struct {
	Clock   string     `json:"clock"`
	Opened  *time.Time `json:"opened"`
	Due     *time.Time `json:"due"`
	Met     *time.Time `json:"met,omitempty"`
	Dropped *time.Time `json:"dropped,omitempty"`
}

type mailJSON struct {
	ID        int64      `json:"mail"`
	Lane      string     `json:"lane"`
	Kind      string     `json:"kind"`
	To        string     `json:"to"`
	State     string     `json:"state"`
	Subject   string     `json:"subject"`
	MessageID string     `json:"message_id"`
	Template  string     `json:"template,omitempty"`
	Version   string     `json:"template_version,omitempty"`
	Queued    *time.Time `json:"queued"`
	Deadline  *time.Time `json:"deadline"`
	Sent      *time.Time `json:"sent,omitempty"`
	Bounced   *time.Time `json:"bounced,omitempty"`
	Attempt   int        `json:"attempt"`
	Reason    string     `json:"reason,omitempty"`
}

type messageJSON struct {
	ID          int64      `json:"message"`
	MessageID   string     `json:"message_id,omitempty"`
	Case        string     `json:"case,omitempty"`
	Received    *time.Time `json:"received"`
	Size        int64      `json:"size"`
	Disposition string     `json:"disposition"`
	Reason      string     `json:"reason,omitempty"`
	Evidence    []string   `json:"evidence,omitempty"`
	Kind        string     `json:"kind,omitempty"`
	From        string     `json:"from,omitempty"`
	Subject     string     `json:"subject,omitempty"`
	Class       string     `json:"class,omitempty"`
}

func newMessageJSON(m store.Message) messageJSON {
	out := messageJSON{ID: m.ID, MessageID: m.MessageID, Received: jsonTime(m.Clock), Size: m.Size, Disposition: string(m.Disposition), Reason: string(m.Reason),
		Evidence: m.Evidence, Kind: string(m.Kind), From: m.Sender, Subject: m.Subject, Class: m.Class}
	if m.Case != 0 {
		out.Case = responder.FormatCase(m.Case)
	}
	return out
}
