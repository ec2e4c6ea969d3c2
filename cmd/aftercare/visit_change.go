package main

import (
	"fmt"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

type visitAddCmd struct {
	writeFlags
	Case     caseArg `arg:"" help:"The case."`
	At       string  `help:"When it was asked for. Default now." placeholder:"TIME"`
	City     string  `help:"City of the site. Default: the case's." placeholder:"TEXT"`
	Province string  `help:"Province of the site. Default: the case's." placeholder:"TEXT"`
	Office   string  `help:"The responsible office. Default: by the site." placeholder:"NAME"`
}

func (a *visitAddCmd) Run(env *environment) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	at, err := parseTime("--at", a.At, c.Company.Location, env.now())
	if err != nil {
		return err
	}
	if at.After(env.now()) {
		return usagef("--at %q lies in the future: it is the time at which the customer asked", a.At)
	}
	if err := knownOffice(c, a.Office); err != nil {
		return err
	}
	return a.onCase(env, a.Case, "", func(st *store.Store, id int64) error {
		f, err := st.Case(env.ctx, id)
		if err != nil {
			return err
		}
		v := sla.Visit{Case: id, Requested: at, City: a.City, Province: a.Province, Office: a.Office}
		if v.City == "" && v.Province == "" {
			v.City, v.Province = f.City, f.Province
		}
		if v, err = newVisit(c, v); err != nil {
			return err
		}
		n, err := st.AddVisit(env.ctx, v, a.who(), env.now())
		if err != nil {
			return err
		}
		env.printf("visit %d of %s (%s, office %s): to be arranged, and on site, by %s\n", n, responder.FormatCase(id), v.Zone, or(v.Office, "-"), shortTime(v.OnSiteDue, c.Company.Location))
		return nil
	})
}

type visitArrangeCmd struct {
	writeFlags
	visitArg
	At     string `required:"" help:"When it begins." placeholder:"TIME"`
	Person string `required:"" help:"Who goes." placeholder:"NAME"`
	Wish   bool   `help:"A later date than promised is the customer's wish and no breach."`
}

func (a *visitArrangeCmd) Run(env *environment) error {
	return a.onVisit(env, a.writeFlags, func(c *config.Config, st *store.Store, v sla.Visit) (string, error) {
		return arrange(env, c, st, v, store.Arrangement{Person: a.Person, Wish: a.Wish, Who: a.who()}, a.At)
	})
}

type visitMoveCmd struct {
	writeFlags
	visitArg
	At     string `required:"" help:"When it begins now." placeholder:"TIME"`
	Person string `help:"Who goes, where that changes." placeholder:"NAME"`
	Wish   bool   `help:"The new date is the customer's wish and no breach."`
}

func (a *visitMoveCmd) Run(env *environment) error {
	return a.onVisit(env, a.writeFlags, func(c *config.Config, st *store.Store, v sla.Visit) (string, error) {
		if v.State != sla.VisitArranged {
			return "", fmt.Errorf("visit %d is %s: only an arranged visit can be moved; `aftercare visit arrange` puts a time and a person on record", v.ID, v.State)
		}
		return arrange(env, c, st, v, store.Arrangement{Person: a.Person, Wish: a.Wish, Who: a.who()}, a.At)
	})
}

func arrange(env *environment, c *config.Config, st *store.Store, v sla.Visit, a store.Arrangement, at string) (string, error) {
	var err error
	if a.At, err = parseTime("--at", at, c.Company.Location, time.Time{}); err != nil {
		return "", err
	}
	if a.At.Before(v.Requested) {
		return "", usagef("--at %q lies before the request of %s", at, shortTime(v.Requested, c.Company.Location))
	}
	if err := st.ArrangeVisit(env.ctx, v.ID, a, env.now()); err != nil {
		return "", err
	}
	late := ""
	if a.At.After(v.OnSiteDue) && !a.Wish && !v.Wish {
		late = "; that is after the promised " + shortTime(v.OnSiteDue, c.Company.Location) + " and counts as a breach, unless --wish says that the customer wants it so"
	}
	return "begins " + shortTime(a.At, c.Company.Location) + ", " + or(a.Person, v.Person) + late, nil
}

type visitPlaceCmd struct {
	writeFlags
	visitArg
	City     string `help:"City of the site." placeholder:"TEXT"`
	Province string `help:"Province of the site." placeholder:"TEXT"`
}

func (a *visitPlaceCmd) Run(env *environment) error {
	if a.City == "" && a.Province == "" {
		return usagef("expected --city, --province or both")
	}
	return a.onVisit(env, a.writeFlags, func(c *config.Config, st *store.Store, v sla.Visit) (string, error) {
		v.City, v.Province, v.Office = a.City, a.Province, ""
		v, err := newVisit(c, v)
		if err != nil {
			return "", err
		}
		if err := st.PlaceVisit(env.ctx, v, a.who(), env.now()); err != nil {
			return "", err
		}
		return fmt.Sprintf("is %s of office %s: on site by %s", v.Zone, or(v.Office, "-"), shortTime(v.OnSiteDue, c.Company.Location)), nil
	})
}

type visitTakeCmd struct {
	writeFlags
	visitArg
	Over bool `help:"Take it although somebody else has it."`
}

func (a *visitTakeCmd) Run(env *environment) error {
	return a.onVisit(env, a.writeFlags, func(_ *config.Config, st *store.Store, v sla.Visit) (string, error) {
		return "is yours, " + a.who(), st.TakeVisit(env.ctx, v.ID, a.who(), a.Over, env.now())
	})
}

type visitDoneCmd struct {
	writeFlags
	visitArg
	Begun string `help:"When it began. Default: the arranged time, or now." placeholder:"TIME"`
}

func (a *visitDoneCmd) Run(env *environment) error {
	return a.onVisit(env, a.writeFlags, func(c *config.Config, st *store.Store, v sla.Visit) (string, error) {
		def := env.now()
		if !v.At.IsZero() && v.At.Before(def) {
			def = v.At
		}
		begun, err := parseTime("--begun", a.Begun, c.Company.Location, def)
		if err != nil {
			return "", err
		}
		if begun.After(env.now()) || begun.Before(v.Requested) {
			return "", usagef("--begun %q: expected a time between the request (%s) and now", a.Begun, shortTime(v.Requested, c.Company.Location))
		}
		return "is done, begun " + shortTime(begun, c.Company.Location), st.DoneVisit(env.ctx, v.ID, begun, a.who(), env.now())
	})
}

type visitCancelCmd struct {
	writeFlags
	visitArg
	Why string `required:"" help:"Why, for the record." placeholder:"TEXT"`
}

func (a *visitCancelCmd) Run(env *environment) error {
	return a.onVisit(env, a.writeFlags, func(_ *config.Config, st *store.Store, v sla.Visit) (string, error) {
		return "is cancelled", st.CancelVisit(env.ctx, v.ID, a.who(), a.Why, env.now())
	})
}
