package app

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"aftercare/cmd/aftercare/config"
	"aftercare/cmd/aftercare/health"
	"aftercare/store"
	"aftercare/templates"
)

// LoadTemplates reads the configured template folder over the built-in templates, or these alone.
func LoadTemplates(c *config.Config) (*templates.Set, error) {
	return loadTemplates(c, templateOptions(c))
}

// CheckTemplates is LoadTemplates with the whole check, also of what is built in and unchanged.
func CheckTemplates(c *config.Config) (*templates.Set, error) {
	opt := templateOptions(c)
	opt.CheckBuiltIn = true
	return loadTemplates(c, opt)
}

func loadTemplates(c *config.Config, opt templates.Options) (*templates.Set, error) {
	if c.Templates.Dir == "" {
		return templates.Load(templates.Default(), opt)
	}
	opt.Base = templates.Default()
	return templates.Load(os.DirFS(c.Templates.Dir), opt)
}

// LoadTemplateDir reads a template folder over the built-in templates.
func LoadTemplateDir(c *config.Config, dir string) (*templates.Set, error) {
	opt := templateOptions(c)
	opt.Base = templates.Default()
	return templates.Load(os.DirFS(dir), opt)
}

// LoadTemplateFiles makes a set of files that were accepted before; nothing is taken from elsewhere.
func LoadTemplateFiles(c *config.Config, files map[string][]byte) (*templates.Set, error) {
	opt := templateOptions(c)
	dir := fstest.MapFS{}
	for name, data := range files {
		dir[name] = &fstest.MapFile{Data: data}
	}
	opt.Base = fstest.MapFS{}
	return templates.Load(dir, opt)
}

func templateOptions(c *config.Config) templates.Options {
	return templates.Options{Fallback: c.Company.Language}
}

// templateState is what is known of the template folder. build makes it, then it belongs to watchTemplates.
type templateState struct {
	stamp string // of the folder when it was last read, "" to read it at the next look
	told  string // the refusal that was logged last, "" for none
}

// firstTemplates is the set to start with: the folder's own, or, when that fails its check, the last one that was accepted.
func (a *App) firstTemplates(ctx context.Context) (*templates.Set, error) {
	last, err := a.store.TemplateSets(ctx, 1)
	if err != nil {
		return nil, err
	}
	a.templates.stamp = folderStamp(a.cfg.Templates.Dir)
	set, err := LoadTemplates(a.cfg)
	if err == nil && len(last) > 0 && last[0].Hash == set.Hash() {
		return set, nil // the usual start: nothing is new, and the files on record need not be read
	}
	good, goodErr := a.lastTemplates(ctx)
	if goodErr != nil {
		return nil, goodErr
	}
	if err == nil {
		err = saved(good.files, set)
	}
	if err == nil {
		return set, a.keepTemplates(ctx, set, good.files)
	}
	if good.files == nil {
		return nil, fmt.Errorf("the templates are not usable:\n%w", err)
	}
	old, oldErr := LoadTemplateFiles(a.cfg, good.files)
	if oldErr != nil {
		return nil, fmt.Errorf("the templates are not usable:\n%w\nand neither are those that were accepted before, for this version of the program:\n%w", err, oldErr)
	}
	a.refused(err, good)
	return old, nil
}

// readTemplates loads the configured set and refuses one in which a file was not saved whole. before are the files that
// were accepted last.
func (a *App) readTemplates(before map[string][]byte) (*templates.Set, error) {
	set, err := LoadTemplates(a.cfg)
	if err != nil {
		return nil, err
	}
	if err := saved(before, set); err != nil {
		return nil, err
	}
	return set, nil
}

// saved is the error for a set in which a file was not saved whole.
func saved(before map[string][]byte, set *templates.Set) error {
	if ps := cutOff(before, set); len(ps) > 0 {
		return ps
	}
	return nil
}

// acceptedFiles is the set that was accepted last, as it is on record; files is nil when there is none.
type acceptedFiles struct {
	store.TemplateSet
	files map[string][]byte
}

func (a *App) lastTemplates(ctx context.Context) (acceptedFiles, error) {
	sets, err := a.store.TemplateSets(ctx, 1)
	if err != nil || len(sets) == 0 {
		return acceptedFiles{}, err
	}
	files, err := a.store.TemplateFiles(ctx, sets[0].ID)
	return acceptedFiles{sets[0], files}, err
}

// keepTemplates puts an accepted set on record, with who wrote what is new in it. The set that is on record as the current
// one is not recorded again.
func (a *App) keepTemplates(ctx context.Context, set *templates.Set, before map[string][]byte) error {
	row := store.TemplateSet{Hash: set.Hash(), Who: "daemon"}
	if changed := changedFiles(before, set); a.cfg.Templates.Dir != "" {
		if who := newestOwner(a.cfg.Templates.Dir, changed); who != "" {
			row.Who = who
		} else if before != nil && len(changed) > 0 {
			row.Note = "built-in templates of version " + Version
		}
	}
	_, err := a.store.SaveTemplates(ctx, row, SetFiles(set), a.now())
	return err
}

// SetFiles are the files of a set by their paths, as the store keeps them.
func SetFiles(set *templates.Set) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range set.Files() {
		files[name] = set.Source(name)
	}
	return files
}

// refused tells the board and the log that the folder is not taken over: the log once for each new reason.
func (a *App) refused(err error, good acceptedFiles) {
	since := good.At.In(a.cfg.Company.Location).Format("2006-01-02 15:04")
	a.board.Set(health.Templates, fmt.Errorf("the templates were refused, set %d of %s goes on answering: %w", good.ID, since, err), a.now())
	if a.templates.told == err.Error() {
		return
	}
	a.templates.told = err.Error()
	for _, p := range Problems(err) {
		a.log.Error("templates refused", "problem", p, "set", good.ID)
	}
}

// reloadTemplates takes over the folder as it is now, whole or not at all. It tells whether the folder stood still
// meanwhile; where it did not, nothing was taken over.
func (a *App) reloadTemplates(ctx context.Context, evenIfMoving bool) bool {
	stamp := folderStamp(a.cfg.Templates.Dir)
	good, err := a.lastTemplates(ctx)
	if err != nil {
		if ctx.Err() == nil {
			a.log.Error("reading the templates on record; the set before stays", "err", err)
		}
		return true
	}
	set, err := a.readTemplates(good.files)
	if !evenIfMoving && folderStamp(a.cfg.Templates.Dir) != stamp {
		return false
	}
	a.templates.stamp = stamp
	if err != nil {
		a.refused(err, good)
		return true
	}
	if err := a.takeOver(ctx, set, good.files); err != nil && ctx.Err() == nil {
		a.templates.stamp = "" // look again
		a.board.Set(health.Templates, err, a.now())
		a.log.Error("templates", "err", err)
	}
	return true
}

// takeOver answers by a set from now on, and has it on record.
func (a *App) takeOver(ctx context.Context, set *templates.Set, before map[string][]byte) error {
	keep := func() error { return a.keepTemplates(ctx, set, before) }
	if set.Hash() == a.engine.Load().Templates.Hash() {
		if err := keep(); err != nil {
			return fmt.Errorf("recording the templates: %w", err)
		}
		if a.templates.told != "" {
			a.log.Info("templates are good again", "hash", set.Hash())
		}
	} else {
		if err := a.swapTemplates(set, keep); err != nil {
			return fmt.Errorf("taking over the new templates; the set before stays: %w", err)
		}
		a.log.Info("templates taken over", "hash", set.Hash(), "warnings", len(set.Warnings()))
	}
	a.templates.told = ""
	a.board.Set(health.Templates, nil, a.now())
	return nil
}

// swapTemplates makes the engine with the set, then has keep record it, and then swaps: no reply is of a set that is not on
// record, and what is on record is in use at once.
func (a *App) swapTemplates(set *templates.Set, keep func() error) error {
	a.partsMu.Lock()
	defer a.partsMu.Unlock()
	p := a.parts
	p.Templates = set
	e, err := NewEngine(a.cfg, p)
	if err != nil {
		return err
	}
	if err := keep(); err != nil {
		return err
	}
	a.parts = p
	a.engine.Store(e)
	return nil
}
