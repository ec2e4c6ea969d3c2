package responder

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"aftercare/sla"
	"aftercare/templates"
)

// Digest is what an office is told in the morning.
type Digest struct {
	Office   string
	Windows  []DigestLine // open, the next to end first
	Visits   []sla.Visit  // neither done nor cancelled, the next due first
	Held     []DigestLine // drafts that wait for a person
	Junk     []string     // what lay in the junk folder, a line each
	Machines []DigestCount
}

// DigestLine is one window or draft of a digest.
type DigestLine struct {
	Case    int64
	What    string // the clock, or the subject of the draft
	Due     time.Time
	Class   string
	Name    string // the customer's
	Address string
	Taken   string // who has the case
}

// DigestCount is how many messages had a reason.
type DigestCount struct {
	Reason Reason
	N      int
}

// digestMax bounds the lines of each list that are written out.
const digestMax = 50

// Digest composes the morning mail of an office to one colleague: a line each, the overdue ones marked.
func (e *Engine) Digest(to string, d Digest, outbox int64, now time.Time) (Mail, error) {
	v := templates.Vars{Company: e.Company, Office: e.office(d.Office), Now: now, Zone: e.Zone}
	for _, l := range d.Windows {
		v.Staff.Windows = append(v.Staff.Windows, e.digestLine(l, now))
	}
	for i := range d.Visits {
		v.Staff.Visits = append(v.Staff.Visits, e.digestVisit(&d.Visits[i], now))
	}
	for _, l := range d.Held {
		v.Staff.Held = append(v.Staff.Held, e.digestLine(l, now))
	}
	for _, c := range d.Machines {
		v.Staff.Junk = append(v.Staff.Junk, fmt.Sprintf("%s: %d", c.Reason, c.N))
	}
	v.Staff.Junk = append(v.Staff.Junk, d.Junk...)
	for _, list := range []*[]string{&v.Staff.Windows, &v.Staff.Visits, &v.Staff.Held, &v.Staff.Junk} {
		if len(*list) > digestMax {
			*list = append((*list)[:digestMax:digestMax], "…")
		}
	}
	v.Staff.Commands = []string{"aftercare case list --waiting", "aftercare visit list"}
	m, err := e.toStaff(staffMail{kind: "digest", to: to, token: Token{Outbox: outbox}, vars: v, now: now})
	m.Kind = "digest"
	return m, err
}

// digestLine is a window or a draft in one line that needs no language.
func (e *Engine) digestLine(l DigestLine, now time.Time) string {
	return e.line(l.Due, now, FormatCase(l.Case), l.What, l.Class, cmp.Or(l.Name, l.Address), l.Taken)
}

func (e *Engine) digestVisit(v *sla.Visit, now time.Time) string {
	due, begin := v.ArrangeDue, ""
	if v.State == sla.VisitArranged {
		due = v.OnSiteDue
		if v.Wish {
			due = v.At
		}
		if !v.Begun.IsZero() {
			due = time.Time{} // both clocks are met
		}
		begin = "→ " + v.At.In(e.Zone).Format("2006-01-02 15:04")
	}
	return e.line(due, now, FormatCase(v.Case), fmt.Sprintf("visit %d", v.ID), string(v.State), site(v), begin, v.Person)
}

// line joins what is known; what is overdue begins with a mark.
func (e *Engine) line(due, now time.Time, words ...string) string {
	var out []string
	if !due.IsZero() {
		mark := ""
		if due.Before(now) {
			mark = "! "
		}
		out = append(out, mark+due.In(e.Zone).Format("2006-01-02 15:04"))
	}
	for _, w := range words {
		if w = headerWord(strings.TrimSpace(w)); w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, " · ")
}
