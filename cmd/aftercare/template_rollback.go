package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"aftercare/cmd/aftercare/app"
	"aftercare/store"
	"aftercare/templates"
)

type templateRollbackCmd struct {
	writeFlags
	Set int64 `arg:"" help:"The number of the set, as template history shows it."`
}

func (*templateRollbackCmd) Help() string {
	return "Files are the source: the files of the set are written back into the configured folder, and those that the set does not have are removed from it. The running daemon " +
		"takes them over within a second or two, as it does after an edit. When the folder cannot be written nothing is changed. What was never accepted is kept in the data folder."
}

func (r *templateRollbackCmd) Run(env *environment) error {
	c, err := r.load()
	if err != nil {
		return err
	}
	if c.Templates.Dir == "" {
		return usagef("no folder is configured (templates.dir): the built-in templates are in use, and there is nothing to write back")
	}
	if _, st, err := r.openToRead(env.ctx); err != nil {
		return err
	} else if err := st.Close(); err != nil {
		return err
	}
	_, st, err := r.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	set, err := acceptedSet(env.ctx, c, st, r.Set)
	if err != nil {
		return err
	}
	p, err := planRollback(c.Templates.Dir, set)
	if err != nil {
		return err
	}
	// The set as it will be: the folder's files over the built-in ones of this version.
	then, err := app.LoadTemplateFiles(c, p.outcome())
	if err != nil {
		return fmt.Errorf("set %d does not go with the built-in files of this version: %w", r.Set, refusedSet(err))
	}
	newest, err := st.TemplateSets(env.ctx, 1)
	if err != nil {
		return err
	}
	last, err := st.TemplateFiles(env.ctx, newest[0].ID) // there is one: r.Set
	if err != nil {
		return err
	}
	p.aside = filepath.Join(c.Data, "templates-set-aside", env.now().UTC().Format("20060102-150405.000"))
	err = p.carryOut(last, func() error {
		_, err := st.SaveTemplates(env.ctx, store.TemplateSet{Hash: then.Hash(), Who: r.who(), Note: fmt.Sprintf("back to set %d", r.Set)}, app.SetFiles(then), env.now())
		return err
	})
	if err != nil {
		return err
	}
	env.printf("set %d is back in %s: %d files written, %d removed\n", r.Set, c.Templates.Dir, len(p.write), len(p.remove))
	if p.kept > 0 {
		env.printf("%d files that were never accepted are kept in %s\n", p.kept, p.aside)
	}
	if then.Hash() != set.Hash() {
		env.printf("It is not the same to the letter: a built-in file that it rests on has changed with the program.\n")
	}
	return nil
}

// rollback is what has to change in a folder.
type rollback struct {
	dir    string
	have   map[string][]byte // the files that it has now
	write  map[string][]byte
	remove []string
	aside  string // where to keep what would be lost
	kept   int
}

// planRollback compares the folder with what it has to hold: the files of the set, but for built-in ones that it need not
// have. Files that are no part of a set stay as they are.
func planRollback(dir string, set *templates.Set) (*rollback, error) {
	have, err := templates.ReadFiles(os.DirFS(dir), templates.Options{})
	if err != nil {
		return nil, fmt.Errorf("reading the template folder %s, nothing was changed: %w", dir, err)
	}
	p := &rollback{dir: dir, have: have, write: map[string][]byte{}}
	for _, name := range set.Files() {
		want := set.Source(name)
		now, there := have[name]
		switch built, err := fs.ReadFile(templates.Default(), name); {
		case there && bytes.Equal(now, want):
		case err != nil || !bytes.Equal(built, want):
			p.write[name] = want
		case there:
			p.remove = append(p.remove, name) // the built-in one takes its place
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if set.Source(name) == nil {
			p.remove = append(p.remove, name)
		}
	}
	return p, nil
}

// outcome is the set that the folder makes after the rollback.
func (p *rollback) outcome() map[string][]byte {
	out, err := templates.ReadFiles(templates.Default(), templates.Options{})
	if err != nil {
		panic(err) // it is embedded
	}
	maps.Copy(out, p.have)
	maps.Copy(out, p.write)
	for _, name := range p.remove {
		delete(out, name)
		if built, err := fs.ReadFile(templates.Default(), name); err == nil {
			out[name] = built
		}
	}
	return out
}

// carryOut writes all files beside their names first, so that a folder that cannot be written is left as it was; then it
// has the set recorded, and puts the files in place. A file is whole at every moment, the old one or the new one.
func (p *rollback) carryOut(accepted map[string][]byte, record func() error) (err error) {
	ready := map[string]string{} // by name in the set
	defer func() {
		for _, tmp := range ready {
			os.Remove(tmp) // gone already where it was renamed
		}
	}()
	unwritable := func(err error) error {
		return fmt.Errorf("the template folder %s cannot be written, nothing was changed: %w", p.dir, err)
	}
	for name, data := range p.write {
		path := p.path(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return unwritable(err)
		}
		if ready[name], err = writeBeside(path, data); err != nil {
			return unwritable(err)
		}
	}
	for _, name := range p.remove { // a file can be removed where one can be made
		tmp, err := writeBeside(p.path(name), nil)
		if err != nil {
			return unwritable(err)
		}
		if err := os.Remove(tmp); err != nil {
			return unwritable(err)
		}
	}
	if err := p.setAside(accepted); err != nil {
		return fmt.Errorf("keeping what was never accepted, nothing was changed: %w", err)
	}
	if err := record(); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	for name, tmp := range ready {
		if err := os.Rename(tmp, p.path(name)); err != nil {
			return fmt.Errorf("writing %s back: %w", name, err)
		}
	}
	for _, name := range p.remove {
		if err := os.Remove(p.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a file that the set does not have: %w", err)
		}
	}
	return nil
}

func (p *rollback) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// writeBeside writes a hidden file, which is no part of a set, next to a path, safe on the disk, and returns its name.
func writeBeside(path string, data []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// setAside keeps the files that are about to go and that no accepted set has: somebody's work that was refused.
func (p *rollback) setAside(accepted map[string][]byte) error {
	for name, data := range p.have {
		_, written := p.write[name]
		if !written && !slices.Contains(p.remove, name) || bytes.Equal(accepted[name], data) {
			continue
		}
		path := filepath.Join(p.aside, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
		p.kept++
	}
	return nil
}
