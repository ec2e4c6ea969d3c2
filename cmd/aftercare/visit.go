package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

type visitCmd struct {
	List    visitListCmd    `cmd:"" help:"List visits, the nearest due first."`
	Add     visitAddCmd     `cmd:"" help:"Record that a customer asks for a person on site."`
	Arrange visitArrangeCmd `cmd:"" help:"Put a time and a person on record."`
	Move    visitMoveCmd    `cmd:"" help:"Put another time on record for an arranged visit."`
	Place   visitPlaceCmd   `cmd:"" help:"Say where a visit is; its due times follow."`
	Take    visitTakeCmd    `cmd:"" help:"Say that you look after a visit: overdue reminders stop."`
	Done    visitDoneCmd    `cmd:"" help:"Record that a visit was made."`
	Cancel  visitCancelCmd  `cmd:"" help:"Record that there will be no visit."`
}

func visitOpen(v sla.Visit) bool {
	return v.State != sla.VisitDone && v.State != sla.VisitCancelled
}

type visitListCmd struct {
	readFlags
	Case   caseArg `help:"Only visits of this case." placeholder:"CASE"`
	Office string  `help:"Only visits of this office." placeholder:"NAME"`
	Due    string  `help:"Only open visits whose clock ends or which begin within this time from now, such as 24h; 0s: what is overdue." placeholder:"TIME"`
	All    bool    `help:"Also those that are done or cancelled."`
}

func (l *visitListCmd) Run(env *environment) error {
	f := store.VisitFilter{Office: l.Office, Open: !l.All}
	if l.Case != "" {
		id, err := l.Case.number()
		if err != nil {
			return err
		}
		f.Case = id
	}
	if l.Due != "" {
		d, err := time.ParseDuration(l.Due)
		if err != nil || d < 0 {
			return usagef("--due %q: expected a time such as 24h", l.Due)
		}
		f.Due = env.now().Add(d)
	}
	c, st, err := l.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	vs, err := st.Visits(env.ctx, f)
	if err != nil {
		return err
	}
	if l.JSON {
		out := make([]visitJSON, 0, len(vs))
		for _, v := range vs {
			out = append(out, newVisitJSON(v))
		}
		return printJSON(env.out, out)
	}
	zone := c.Company.Location
	t := newTable("visit", "case", "state", "office", "site", "zone", "arrange by", "on site by", "at", "who", "")
	for _, v := range vs {
		t.add(strconv.FormatInt(v.ID, 10), responder.FormatCase(v.Case), string(v.State), or(v.Office, "-"), or(oneLine(v.City+" "+v.Province), "-"), string(v.Zone),
			shortTime(v.ArrangeDue, zone), shortTime(v.OnSiteDue, zone), shortTime(v.At, zone), or(v.Person, "-"), visitNotes(v, env.now(), zone))
	}
	t.print(env.out)
	return nil
}

// visitNotes says what about a visit wants a look.
func visitNotes(v sla.Visit, now time.Time, zone *time.Location) string {
	s := ""
	switch {
	case !visitOpen(v):
	case v.State == sla.VisitRequested && v.ArrangeDue.Before(now), v.Begun.IsZero() && v.OnSiteDue.Before(now) && !v.Wish:
		s = "OVERDUE"
	case v.At.After(v.OnSiteDue) && !v.Wish:
		s = "LATE"
	}
	if !v.Planned.IsZero() {
		s += " planned for " + shortTime(v.Planned, zone)
	}
	if v.Wish {
		s += " customer's wish"
	}
	if v.ChangeAsked {
		s += " change asked"
	}
	return oneLine(s)
}

type visitJSON struct {
	Visit      int64      `json:"visit"`
	Case       string     `json:"case"`
	State      string     `json:"state"`
	Office     string     `json:"office,omitempty"`
	City       string     `json:"city,omitempty"`
	Province   string     `json:"province,omitempty"`
	Zone       string     `json:"zone"`
	Requested  *time.Time `json:"requested"`
	ArrangeDue *time.Time `json:"arrange_due"`
	OnSiteDue  *time.Time `json:"on_site_due"`
	Arranged   *time.Time `json:"arranged,omitempty"`
	At         *time.Time `json:"at,omitempty"`
	Person     string     `json:"person,omitempty"`
	Begun      *time.Time `json:"begun,omitempty"`
	Taken      *time.Time `json:"taken,omitempty"`
	Wish       bool       `json:"wish"`
	Change     bool       `json:"change_asked"`
	Planned    *time.Time `json:"planned,omitempty"`
}

func newVisitJSON(v sla.Visit) visitJSON {
	return visitJSON{v.ID, responder.FormatCase(v.Case), string(v.State), v.Office, v.City, v.Province, string(v.Zone), jsonTime(v.Requested), jsonTime(v.ArrangeDue),
		jsonTime(v.OnSiteDue), jsonTime(v.Arranged), jsonTime(v.At), v.Person, jsonTime(v.Begun), jsonTime(v.Taken), v.Wish, v.ChangeAsked, jsonTime(v.Planned)}
}

// visitArg names a visit.
type visitArg struct {
	Visit string `arg:"" help:"The number of the visit; or a case, where it has one open visit." placeholder:"VISIT|CASE"`
}

// onVisit runs a change of one visit and says what was done.
func (a visitArg) onVisit(env *environment, f writeFlags, change func(*config.Config, *store.Store, sla.Visit) (string, error)) error {
	c, st, err := f.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	v, err := a.find(env, st)
	if err != nil {
		return err
	}
	done, err := change(c, st, v)
	if errors.Is(err, store.ErrTaken) {
		return fmt.Errorf("visit %d: %w; --over takes it", v.ID, err)
	}
	if err != nil {
		return err
	}
	env.printf("visit %d of %s %s\n", v.ID, responder.FormatCase(v.Case), oneLine(done))
	return nil
}

func (a visitArg) find(env *environment, st *store.Store) (sla.Visit, error) {
	if n, err := strconv.ParseInt(a.Visit, 10, 64); err == nil {
		v, err := st.Visit(env.ctx, n)
		return v, missing(err, "visit "+a.Visit, "`aftercare visit list` shows them")
	}
	id, ok := responder.ParseCase(a.Visit)
	if !ok {
		return sla.Visit{}, usagef("%q: expected the number of a visit, or a case such as AC-000123", a.Visit)
	}
	vs, err := st.Visits(env.ctx, store.VisitFilter{Case: id, Open: true})
	if err != nil {
		return sla.Visit{}, err
	}
	if len(vs) != 1 {
		return sla.Visit{}, fmt.Errorf("%s has %d open visits: name one by its number (`aftercare visit list --case %s`)", responder.FormatCase(id), len(vs), responder.FormatCase(id))
	}
	return vs[0], nil
}
