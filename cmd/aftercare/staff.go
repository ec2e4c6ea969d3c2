package main

import (
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/store"
)

type staffCmd struct {
	Away staffAwayCmd `cmd:"" help:"Record that somebody is away: what they would be told goes to the deputy."`
	Back staffBackCmd `cmd:"" help:"Record that somebody is back: absences end now, later ones are taken back."`
	List staffListCmd `cmd:"" help:"List staff, and who is away."`
}

type staffAwayCmd struct {
	writeFlags
	Name   string `arg:"" help:"The name in the configuration."`
	From   string `arg:"" help:"First day, or the time: 2026-12-24, '2026-12-24 13:00'."`
	To     string `arg:"" help:"Last day, or the time of coming back."`
	Deputy string `help:"Who is told instead. Default: the next in the order of escalation." placeholder:"NAME"`
}

func (a *staffAwayCmd) Run(env *environment) error {
	c, st, err := a.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	for _, name := range []string{a.Name, a.Deputy} {
		if _, ok := c.Address(name); !ok && name != "" {
			return usagef("%q is not on the staff: expected a name of `staff` in the configuration", name)
		}
	}
	if a.Deputy == a.Name {
		return usagef("--deputy %q: expected somebody else", a.Deputy)
	}
	begin, end, err := config.ParseAway(a.From, a.To, c.Company.Location)
	if err != nil {
		return usageError{err}
	}
	err = st.AddAbsence(env.ctx, store.Absence{Who: a.Name, Begin: begin, End: end, Deputy: a.Deputy, By: a.who()}, env.now())
	if err != nil {
		return err
	}
	zone := c.Company.Location
	env.printf("%s is away from %s to %s; %s is told instead\n", a.Name, shortTime(begin, zone), shortTime(end, zone), or(a.Deputy, "the next in the order of escalation"))
	return nil
}

type staffBackCmd struct {
	writeFlags
	Name string `arg:"" help:"The name in the configuration."`
}

func (b *staffBackCmd) Run(env *environment) error {
	_, st, err := b.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.EndAbsences(env.ctx, b.Name, b.who(), env.now()); err != nil {
		return missing(err, b.Name+" as away", "`aftercare staff list` shows who is; what stands in the configuration ends there")
	}
	env.printf("%s is back\n", b.Name)
	return nil
}

type staffListCmd struct{ readFlags }

type awayJSON struct {
	Name   string     `json:"name"`
	From   *time.Time `json:"from"`
	To     *time.Time `json:"to"`
	Deputy string     `json:"deputy,omitempty"`
	Now    bool       `json:"now"`
}

func (l *staffListCmd) Run(env *environment) error {
	c, st, err := l.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	as, err := st.Absences(env.ctx, env.now())
	if err != nil {
		return err
	}
	as = append(configured(c, env.now()), as...)
	if l.JSON {
		out := make([]awayJSON, 0, len(as))
		for _, a := range as {
			out = append(out, awayJSON{a.Who, jsonTime(a.Begin), jsonTime(a.End), a.Deputy, !env.now().Before(a.Begin)})
		}
		return printJSON(env.out, out)
	}
	t := newTable("name", "address", "away", "deputy")
	for _, s := range c.Staff {
		t.add(s.Name, s.Address, "", "")
		for _, a := range as {
			if a.Who == s.Name {
				t.add("", "", shortTime(a.Begin, c.Company.Location)+" to "+shortTime(a.End, c.Company.Location), or(a.Deputy, "the next"))
			}
		}
	}
	t.print(env.out)
	return nil
}

// configured are the absences of the configuration that have not ended.
func configured(c *config.Config, now time.Time) (out []store.Absence) {
	for _, s := range c.Staff {
		for _, a := range s.Away {
			begin, end, err := config.ParseAway(a.From, a.To, c.Company.Location)
			if err == nil && end.After(now) {
				out = append(out, store.Absence{Who: s.Name, Begin: begin, End: end, Deputy: a.Deputy})
			}
		}
	}
	return out
}
