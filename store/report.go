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

// What a Tally counts. The four clocks carry the names that they have in sla.
const (
	TallyReply   = string(sla.ClockReply)   // the promised first response (policy 4.2)
	TallyPerson  = string(sla.ClockPerson)  // the answer by a person (policy 4.2)
	TallyArrange = string(sla.ClockArrange) // a visit gets a time and a person (policy 4.3)
	TallyOnSite  = string(sla.ClockOnSite)  // a visit begins (policy 4.3)
	TallyMessage = "message"                // what became of a message; Result is its disposition
	TallyMail    = "mail"                   // what became of a mail to a customer; Result is its state, or "bounced"
	TallyVisit   = "visit"                  // visits asked for; Result is their state
)

// The results of a clock. Each of its tallies has exactly one, so that their sum is what was opened.
const (
	ResultMet      = "met"      // in time
	ResultLate     = "late"     // met after its end
	ResultMissed   = "missed"   // open, its end is past
	ResultRunning  = "running"  // open, its end is to come
	ResultDropped  = "dropped"  // ended without being met: the case was closed, the visit cancelled, or none was owed
	ResultRecorded = "recorded" // telephone and in person, answered: recorded by staff, not measured
)

// ResultBounced is a mail that the server accepted and that came back.
const ResultBounced = "bounced"

// Tally is how often something was so. All tallies of a Report differ in what stands before N.
type Tally struct {
	What    string
	Week    string // the ISO week in which it began, "2026-W09", in the zone of the report
	Office  string
	Class   string
	Channel string
	Further bool // a window that a further mail on an open case opened
	Result  string
	Reason  responder.Reason // of the message that opened a window, of a message, of a mail that was not sent
	N       int
}

// Report is what was opened, received, written and asked for in a time.
type Report struct {
	From, To time.Time // To exclusive
	Tallies  []Tally
}

// reportPart is the query of one kind of thing; %s is the number of the week of a column.
type reportPart struct {
	about, week, query string
}

// reportParts read each table once. Parameters: from, to, now.
var reportParts = [...]reportPart{
	{"windows", "w.opened", `SELECT w.clock, %s, w.office, w.class, w.channel, w.further,
		CASE WHEN w.met IS NOT NULL AND w.channel IN ('phone', 'in-person') THEN 'recorded' WHEN w.met <= w.due THEN 'met' WHEN w.met IS NOT NULL THEN 'late'
			WHEN w.dropped IS NOT NULL THEN 'dropped' WHEN w.due > ?3 THEN 'running' ELSE 'missed' END, coalesce(m.reason, ''), count(*)
		FROM windows w LEFT JOIN messages m ON m.id = w.message_id WHERE w.opened >= ?1 AND w.opened < ?2`},
	{"visits to arrange", "v.requested", `SELECT 'arrange', %s, v.office, c.class, c.channel, 0,
		CASE WHEN coalesce(v.arranged, v.begun) <= v.arrange_due THEN 'met' WHEN coalesce(v.arranged, v.begun) IS NOT NULL THEN 'late'
			WHEN v.state = 'cancelled' THEN 'dropped' WHEN v.arrange_due > ?3 THEN 'running' ELSE 'missed' END, '', count(*)
		FROM visits v JOIN cases c ON c.id = v.case_id WHERE v.requested >= ?1 AND v.requested < ?2 AND v.arrange_due > 0`},
	// A later date is no breach where the customer wished for it (policy 4.3); where nobody came by then it is one.
	{"visits on site", "v.requested", `SELECT 'on-site', %s, v.office, c.class, c.channel, 0,
		CASE WHEN v.begun <= v.onsite_due OR v.begun IS NOT NULL AND v.wish THEN 'met' WHEN v.begun IS NOT NULL THEN 'late'
			WHEN v.state = 'cancelled' THEN 'dropped' WHEN iif(v.wish, max(v.onsite_due, coalesce(v.at, 0)), v.onsite_due) > ?3 THEN 'running'
			ELSE 'missed' END, '', count(*)
		FROM visits v JOIN cases c ON c.id = v.case_id WHERE v.requested >= ?1 AND v.requested < ?2 AND v.onsite_due > 0`},
	{"messages", arrival, `SELECT 'message', %s, coalesce(c.office, ''), m.class, 'email', 0, m.disposition, m.reason, count(*)
		FROM messages m LEFT JOIN cases c ON c.id = m.case_id WHERE ` + arrival + ` >= ?1 AND ` + arrival + ` < ?2`},
	{"mails", "o.queued", `SELECT 'mail', %s, coalesce(c.office, ''), coalesce(c.class, ''), coalesce(c.channel, 'email'), 0,
		iif(o.bounced IS NULL, o.state, 'bounced'), o.reason, count(*)
		FROM outbox o LEFT JOIN cases c ON c.id = o.case_id WHERE o.queued >= ?1 AND o.queued < ?2 AND o.lane = 'customer'`},
	{"visits", "v.requested", `SELECT 'visit', %s, v.office, c.class, c.channel, 0, v.state, '', count(*)
		FROM visits v JOIN cases c ON c.id = v.case_id WHERE v.requested >= ?1 AND v.requested < ?2`},
}

// arrival is when a message reached the company; of one that was gone before it was read only the record is known.
const arrival = "coalesce(nullif(m.clock, 0), m.recorded)"

// Report counts what began from from up to to, as it stands at now. Weeks are those of zone.
func (s *Store) Report(ctx context.Context, from, to, now time.Time, zone *time.Location) (Report, error) {
	rep := Report{From: from, To: to}
	for _, p := range reportParts {
		query := fmt.Sprintf(p.query, weekNumber(p.week, from, to, zone)) + " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
		args := []any{ms(from), ms(to)}
		if strings.Contains(query, "?3") {
			args = append(args, ms(now))
		}
		err := s.each(ctx, query, args, func(r scanner) error {
			var t Tally
			var week int64
			err := r.Scan(&t.What, &week, &t.Office, &t.Class, &t.Channel, &t.Further, &t.Result, &t.Reason, &t.N)
			t.Week = weekName(week)
			rep.Tallies = append(rep.Tallies, t)
			return err
		})
		if err != nil {
			return rep, fmt.Errorf("counting %s: %w", p.about, err)
		}
	}
	slices.SortFunc(rep.Tallies, func(a, b Tally) int { return cmp.Or(whatOrder(a.What)-whatOrder(b.What), compareTallies(a, b)) })
	return rep, nil
}

func whatOrder(what string) int {
	return slices.Index([]string{TallyReply, TallyPerson, TallyArrange, TallyOnSite, TallyMessage, TallyMail, TallyVisit}, what)
}

func compareTallies(a, b Tally) int {
	further := 0
	if a.Further != b.Further {
		further = 1
		if b.Further {
			further = -1
		}
	}
	return cmp.Or(cmp.Compare(a.Week, b.Week), cmp.Compare(a.Office, b.Office), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Channel, b.Channel),
		further, cmp.Compare(a.Result, b.Result), cmp.Compare(a.Reason, b.Reason))
}
