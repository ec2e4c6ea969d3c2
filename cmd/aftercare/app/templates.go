package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/fsnotify/fsnotify"

	"aftercare/cmd/aftercare/config"
	"aftercare/cmd/aftercare/health"
	"aftercare/store"
	"aftercare/templates"
)

// LoadTemplates reads the configured template folder over the built-in templates, or these alone.
func LoadTemplates(c *config.Config) (*templates.Set, error) {
	if c.Templates.Dir == "" {
		return templates.Load(templates.Default(), templateOptions(c))
	}
	return LoadTemplateDir(c, c.Templates.Dir)
}

// LoadTemplateDir reads a template folder over the built-in templates.
func LoadTemplateDir(c *config.Config, dir string) (*templates.Set, error) {
	opt := templateOptions(c)
	opt.Base = templates.Default()
	return templates.Load(os.DirFS(dir), opt)
}

func templateOptions(c *config.Config) templates.Options {
	return templates.Options{Fallback: c.Company.Language}
}

// firstTemplates is the set to start with: the folder's own, or, when that fails its check, the last one that was accepted.
func (a *App) firstTemplates(ctx context.Context) (*templates.Set, error) {
	set, err := LoadTemplates(a.cfg)
	if err == nil {
		return set, a.keepTemplates(ctx, set)
	}
	good, at, lastErr := a.lastTemplates(ctx)
	if good == nil {
		return nil, errors.Join(fmt.Errorf("the templates are not usable:\n%w", err), lastErr)
	}
	a.refused(err, at)
	return good, nil
}

// lastTemplates is the set that was accepted last and when, or nil when there is none.
func (a *App) lastTemplates(ctx context.Context) (*templates.Set, time.Time, error) {
	sets, err := a.store.TemplateSets(ctx, 1)
	if err != nil || len(sets) == 0 {
		return nil, time.Time{}, err
	}
	files, err := a.store.TemplateFiles(ctx, sets[0].ID)
	if err != nil {
		return nil, time.Time{}, err
	}
	set, err := LoadTemplateFiles(a.cfg, files)
	return set, sets[0].At, err
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

// keepTemplates puts an accepted set on record.
func (a *App) keepTemplates(ctx context.Context, set *templates.Set) error {
	files := map[string][]byte{}
	for _, name := range set.Files() {
		files[name] = set.Source(name)
	}
	_, err := a.store.SaveTemplates(ctx, store.TemplateSet{Hash: set.Hash(), Who: "daemon"}, files, a.now())
	return err
}

func (a *App) refused(err error, since time.Time) {
	a.board.Set(health.Templates, fmt.Errorf("the templates were refused, those accepted on %s go on answering: %w", since.Format(time.DateTime), err), a.now())
	for _, p := range Problems(err) {
		a.log.Error("templates refused", "problem", p)
	}
}

// settle is how long a folder must be quiet before it is read: editors write a file in several steps.
const settle = 300 * time.Millisecond

// watchTemplates reads the template folder again when something in it has changed, and at SIGHUP. It looks at the folder
// once a minute besides, since not every file system tells.
func (a *App) watchTemplates(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	dir := a.cfg.Templates.Dir
	events := make(<-chan fsnotify.Event)
	w, err := fsnotify.NewWatcher()
	if err != nil {
		a.log.Warn("the template folder is looked at once a minute only", "err", err)
	} else {
		defer w.Close()
		events = w.Events
		a.watchTree(w, dir)
	}
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			quiet.Stop()
			return nil
		case e := <-events:
			if e.Has(fsnotify.Create) && w != nil {
				a.watchTree(w, e.Name)
			}
			quiet.Reset(settle)
		case <-hup:
			quiet.Reset(0)
		case <-minute.C:
			quiet.Reset(0)
		case <-quiet.C:
			a.reloadTemplates(ctx)
		}
	}
}

// watchTree watches a folder and those in it; fsnotify does not go down by itself.
func (a *App) watchTree(w *fsnotify.Watcher, root string) {
	if root == "" {
		return
	}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = w.Add(p)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone again
		}
		return err
	})
	if err != nil {
		a.log.Debug("watching the template folder", "err", err)
	}
}

// reloadTemplates takes over the folder as it is now, whole or not at all.
func (a *App) reloadTemplates(ctx context.Context) {
	set, err := LoadTemplates(a.cfg)
	current := a.engine.Load().Templates
	if err != nil {
		a.refused(err, a.now())
		return
	}
	if set.Hash() != current.Hash() {
		if err := a.keepTemplates(ctx, set); err != nil {
			a.log.Error("keeping the templates; the set before stays", "err", err)
			return
		}
		if err := a.swap(func(p *Parts) { p.Templates = set }); err != nil {
			a.log.Error("taking over the templates; the set before stays", "err", err)
			return
		}
		a.log.Info("templates taken over", "hash", set.Hash(), "warnings", len(set.Warnings()))
	}
	a.board.Set(health.Templates, nil, a.now())
}
