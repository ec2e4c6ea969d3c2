package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/store"
	"aftercare/templates"
)

type templateHistoryCmd struct {
	readFlags
	Limit int `help:"At most so many." default:"50"`
}

func (h *templateHistoryCmd) Run(env *environment) error {
	c, st, err := h.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	sets, err := st.TemplateSets(env.ctx, h.Limit+1)
	if err != nil {
		return err
	}
	type row struct {
		Set     int64    `json:"set"`
		At      any      `json:"at"`
		Who     string   `json:"who"`
		Hash    string   `json:"hash"`
		Note    string   `json:"note,omitempty"`
		Changed []string `json:"changed"` // against the set before
	}
	rows := []row{}
	t := newTable("set", "accepted", "by", "what changed", "note")
	for i, s := range sets {
		changed := []string{}
		if i+1 < len(sets) {
			if changed, err = changedBetween(env.ctx, st, sets[i+1].ID, s.ID); err != nil {
				return err
			}
		}
		rows = append(rows, row{s.ID, jsonTime(s.At), s.Who, s.Hash, s.Note, changed})
		t.add(strconv.FormatInt(s.ID, 10), shortTime(s.At, c.Company.Location), or(s.Who, "-"), inShort(changed), s.Note)
	}
	if len(rows) > h.Limit { // the one more was read to compare with
		rows, t.rows = rows[:h.Limit], t.rows[:h.Limit]
	}
	if h.JSON {
		return printJSON(env.out, rows)
	}
	t.print(env.out)
	return nil
}

// changedBetween lists what differs between two accepted sets: "+" added, "-" removed, "~" changed.
func changedBetween(ctx context.Context, st *store.Store, old, new int64) ([]string, error) {
	before, err := st.TemplateFiles(ctx, old)
	if err != nil {
		return nil, err
	}
	after, err := st.TemplateFiles(ctx, new)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for name, data := range after {
		if was, ok := before[name]; !ok {
			out = append(out, "+"+name)
		} else if !bytes.Equal(was, data) {
			out = append(out, "~"+name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			out = append(out, "-"+name)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(a[1:], b[1:]) })
	return out, nil
}

// inShort names the first of some files and counts the others.
func inShort(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

type templateDiffCmd struct {
	configFlag
	Old int64 `arg:"" help:"The number of a set, as template history shows it."`
	New int64 `arg:"" optional:"" help:"Another. Default: the folder as it is now."`
}

func (d *templateDiffCmd) Run(env *environment) error {
	c, st, err := d.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	before, err := st.TemplateFiles(env.ctx, d.Old)
	if err != nil {
		return noSet(err, d.Old)
	}
	var after map[string][]byte
	if d.New != 0 {
		if after, err = st.TemplateFiles(env.ctx, d.New); err != nil {
			return noSet(err, d.New)
		}
	} else {
		set, err := app.LoadTemplates(c)
		if err != nil {
			return refusedSet(err)
		}
		after = app.SetFiles(set)
	}
	changes := templates.DiffFiles(before, after)
	for _, ch := range changes {
		env.printf("%s %s\n%s", ch.What, ch.File, printable(ch.Diff))
	}
	if len(changes) == 0 {
		env.printf("nothing differs\n")
	}
	return nil
}

// acceptedSet loads a set that is on record.
func acceptedSet(ctx context.Context, c *config.Config, st *store.Store, id int64) (*templates.Set, error) {
	files, err := st.TemplateFiles(ctx, id)
	if err != nil {
		return nil, noSet(err, id)
	}
	set, err := app.LoadTemplateFiles(c, files)
	if err != nil {
		return nil, fmt.Errorf("set %d does not pass the checks of this version: %w", id, refusedSet(err))
	}
	return set, nil
}

func noSet(err error, id int64) error {
	return missing(err, fmt.Sprintf("template set %d", id), "`aftercare template history` shows them")
}
