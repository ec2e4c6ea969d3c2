package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	sets, err := st.TemplateSets(env.ctx, h.Limit)
	if err != nil {
		return err
	}
	type row struct {
		Set  int64  `json:"set"`
		At   any    `json:"at"`
		Who  string `json:"who"`
		Hash string `json:"hash"`
		Note string `json:"note,omitempty"`
	}
	rows := []row{}
	t := newTable("set", "accepted", "by", "hash", "note")
	for _, s := range sets {
		rows = append(rows, row{s.ID, jsonTime(s.At), s.Who, s.Hash, s.Note})
		t.add(strconv.FormatInt(s.ID, 10), shortTime(s.At, c.Company.Location), or(s.Who, "-"), cut(s.Hash, 13), s.Note)
	}
	if h.JSON {
		return printJSON(env.out, rows)
	}
	t.print(env.out)
	return nil
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
	before, err := acceptedSet(env.ctx, c, st, d.Old)
	if err != nil {
		return err
	}
	var after *templates.Set
	if d.New != 0 {
		after, err = acceptedSet(env.ctx, c, st, d.New)
	} else if after, err = app.LoadTemplates(c); err != nil {
		err = refusedSet(err)
	}
	if err != nil {
		return err
	}
	changes := templates.Diff(before, after)
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
		return nil, missing(err, fmt.Sprintf("template set %d", id), "`aftercare template history` shows them")
	}
	set, err := app.LoadTemplateFiles(c, files)
	if err != nil {
		return nil, fmt.Errorf("set %d does not pass the checks of this version: %w", id, refusedSet(err))
	}
	return set, nil
}

type templateRollbackCmd struct {
	configFlag
	Set int64 `arg:"" help:"The number of the set, as template history shows it."`
}

func (*templateRollbackCmd) Help() string {
	return "Files are the source: the files of the set are written back into the configured folder, and those that the set does not have are removed from it. The running daemon " +
		"takes them over within a second or two, as it does after an edit. When the folder cannot be written nothing is changed."
}

func (r *templateRollbackCmd) Run(env *environment) error {
	c, st, err := r.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if c.Templates.Dir == "" {
		return usagef("no folder is configured (templates.dir): the built-in templates are in use, and there is nothing to write back")
	}
	set, err := acceptedSet(env.ctx, c, st, r.Set)
	if err != nil {
		return err
	}
	p, err := planRollback(c.Templates.Dir, set)
	if err != nil {
		return err
	}
	if err := p.carryOut(); err != nil {
		return err
	}
	now, err := app.LoadTemplates(c)
	if err != nil {
		return fmt.Errorf("the files are written back, and yet %w", refusedSet(err))
	}
	env.printf("set %d is back in %s: %d files written, %d removed\n", r.Set, c.Templates.Dir, len(p.write), len(p.remove))
	if now.Hash() != set.Hash() {
		env.printf("It is not the same to the letter: a built-in file that it rests on has changed with the program.\n")
	}
	return nil
}

// rollback is what has to change in a folder.
type rollback struct {
	dir    string
	write  map[string][]byte
	remove []string
}

// setFolders are the folders of a set; what lies elsewhere in an admin's folder is none of ours.
var setFolders = [...]string{"reply", "staff", "parts", "language", "layout", "rules", "files"}

// planRollback compares the folder with what it has to hold: the files of the set that are not the built-in ones.
func planRollback(dir string, set *templates.Set) (*rollback, error) {
	p := &rollback{dir: dir, write: map[string][]byte{}}
	builtIn := templates.Default()
	wanted := map[string]bool{}
	for _, name := range set.Files() {
		want := set.Source(name)
		if have, err := fs.ReadFile(builtIn, name); err == nil && bytes.Equal(have, want) {
			continue
		}
		wanted[name] = true
		if have, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || !bytes.Equal(have, want) {
			p.write[name] = want
		}
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		top, _, _ := strings.Cut(name, "/")
		if slices.Contains(setFolders[:], top) && !wanted[name] && !strings.HasPrefix(d.Name(), ".") {
			p.remove = append(p.remove, name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the template folder: %w", err)
	}
	return p, nil
}

// carryOut writes all files beside their names first, so that a folder that cannot be written is left as it was.
func (p *rollback) carryOut() (err error) {
	ready := map[string]string{}
	defer func() {
		for tmp := range ready {
			os.Remove(tmp) // gone already where it was renamed
		}
	}()
	for name, data := range p.write {
		path := filepath.Join(p.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("the template folder cannot be written, nothing was changed: %w", err)
		}
		f, err := os.CreateTemp(filepath.Dir(path), ".rollback-*")
		if err != nil {
			return fmt.Errorf("the template folder cannot be written, nothing was changed: %w", err)
		}
		ready[f.Name()] = path
		_, err = f.Write(data)
		if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
			return fmt.Errorf("the template folder cannot be written, nothing was changed: %w", err)
		}
	}
	for tmp, path := range ready {
		if err := os.Rename(tmp, path); err != nil {
			return fmt.Errorf("writing %s back: %w", path, err)
		}
	}
	for _, name := range p.remove {
		if err := os.Remove(filepath.Join(p.dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a file that the set does not have: %w", err)
		}
	}
	return nil
}
