package main

import (
	"errors"

	"aftercare/responder"
	"aftercare/store"
)

// repairCmd puts a finished repair on record: the ladder of the policy goes by it (2.1 to 2.3). It is `case repair`;
// `repair` alone is its old name.
type repairCmd struct {
	writeFlags
	Case   caseArg `arg:"" help:"The case in which it was repaired."`
	Result string  `required:"" help:"ok: it meets the technical requirements; not-ok: it does not, replacement and return are open." placeholder:"ok|not-ok"`
	At     string  `help:"When it was finished. Default: now." placeholder:"TIME"`
	Serial string  `help:"The serial number. Default: the one of the case." placeholder:"NUMBER"`
}

func (r *repairCmd) Run(env *environment) error {
	if err := oneOf("--result", r.Result, []string{"ok", "not-ok"}); err != nil {
		return err
	}
	id, err := r.Case.number()
	if err != nil {
		return err
	}
	c, st, err := r.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	at, err := parseTime("--at", r.At, c.Company.Location, env.now())
	if err != nil {
		return err
	}
	if at.After(env.now()) {
		return usagef("--at %s lies ahead: a repair goes on record when it is finished", r.At)
	}
	d, err := st.RecordRepair(env.ctx, store.NewRepair{Case: id, Serial: r.Serial, At: at, OK: r.Result == "ok", Who: r.who()}, env.now())
	if errors.Is(err, store.ErrNoProduct) {
		return usagef("%s names neither a serial nor a contract number: say which product it was with --serial", responder.FormatCase(id))
	}
	if err != nil {
		return missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	}
	of := "contract " + d.Contract
	if d.Serial != "" {
		of = "serial " + d.Serial
	}
	done := "put on record"
	if d.Again {
		done = "corrected"
	}
	env.printf("%s: repair of %s, %s, %s\n", responder.FormatCase(id), oneLine(of), r.Result, done)
	if !d.Known {
		env.printf("That number is on no contract: the repair counts once it is imported.\n")
	}
	return nil
}
