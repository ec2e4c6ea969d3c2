package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/store"
)

// readFlags are those of every command that only looks.
type readFlags struct {
	configFlag
	JSON bool `help:"Print for programs."`
}

// openToRead opens the database for questions; it must be there.
func (f configFlag) openToRead(ctx context.Context) (*config.Config, *store.Store, error) {
	c, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(c.Data, "aftercare.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no database in %s yet: `aftercare run` makes it, and so does `aftercare case open`", c.Data)
	}
	st, err := store.Open(ctx, path, store.Options{ReadOnly: true})
	return c, st, err
}

// writeFlags are those of every command that changes something on record.
type writeFlags struct {
	configFlag
	By string `help:"Who does it, for the record. Default: the user of this machine." placeholder:"NAME"`
}

func (f writeFlags) who() string { return or(f.By, operator()) }

// openToWrite opens the database, and makes it where it is not there yet.
func (f writeFlags) openToWrite(ctx context.Context) (*config.Config, *store.Store, error) {
	c, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making the data folder: %w", err)
	}
	st, err := store.Open(ctx, filepath.Join(c.Data, "aftercare.db"), store.Options{})
	return c, st, err
}

// caseArg is the number of a case as people write it.
type caseArg string

func (a caseArg) number() (int64, error) {
	n, ok := responder.ParseCase(string(a))
	if !ok {
		return 0, usagef("%q is no case: expected a number such as AC-000123", string(a))
	}
	return n, nil
}

// onCase runs a change of one case and says what was done.
func (f writeFlags) onCase(env *environment, arg caseArg, done string, change func(*store.Store, int64) error) error {
	id, err := arg.number()
	if err != nil {
		return err
	}
	_, st, err := f.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := change(st, id); err != nil {
		return missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	}
	if done != "" {
		env.printf("%s %s\n", responder.FormatCase(id), done)
	}
	return nil
}

// missing turns "not on record" into words that say what to do.
func missing(err error, what, look string) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s is not on record: %s", what, look)
	}
	return err
}

// timeForms are the forms in which a time may be given; those without a zone are in the company's.
var timeForms = [...]string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05"}

// parseTime reads a time from the command line. "" is def.
func parseTime(flag, s string, zone *time.Location, def time.Time) (time.Time, error) {
	if s == "" {
		return def, nil
	}
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef(`%s %q: expected a time such as "2026-11-24 15:04" (in %s) or 2026-11-24T15:04:00+08:00`, flag, s, zone)
}

// parseDay reads a day or a time; a day is its midnight in the zone.
func parseDay(flag, s string, zone *time.Location, def time.Time) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, nil
	}
	t, err := parseTime(flag, s, zone, def)
	if err != nil {
		return t, usagef(`%s %q: expected a day such as 2026-11-24, or a time such as "2026-11-24 15:04" (in %s)`, flag, s, zone)
	}
	return t, nil
}

// oneOf checks a word of the command line.
func oneOf(what, v string, words []string) error {
	for _, w := range words {
		if v == w {
			return nil
		}
	}
	return usagef("%s %q: expected one of %s", what, v, strings.Join(words, ", "))
}
