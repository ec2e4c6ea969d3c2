package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// The waits of the watch. An editor saves a file in several steps and a checkout writes many files: the folder is read once
// it has been quiet for settle, or after patience when it never is.
const (
	settle   = 300 * time.Millisecond
	patience = 5 * time.Second
	maxTries = 10 // readings of a folder that moves meanwhile, before it is taken as it is
)

// watchTemplates reads the template folder again when something in it has changed, and at SIGHUP. It looks at the folder
// once a minute besides, since not every file system tells.
func (a *App) watchTemplates(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	w := a.newFolderWatch()
	defer w.close()
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	quiet, latest := stoppedTimer(), stoppedTimer()
	defer quiet.Stop()
	defer latest.Stop()
	tries := 0
	waiting := false
	read := func() {
		quiet.Stop()
		latest.Stop()
		waiting = false
		w.add(w.dir)
		if tries++; a.reloadTemplates(ctx, tries > maxTries) {
			tries = 0
		} else {
			quiet.Reset(settle)
		}
	}
	if folderStamp(w.dir) != a.templates.stamp {
		read() // it changed between the first reading and the begin of the watch
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-w.events:
			if !w.concerns(e) {
				continue
			}
			if !waiting {
				waiting = true
				latest.Reset(patience)
			}
			quiet.Reset(settle)
		case err := <-w.errors:
			a.log.Warn("watching the template folder", "err", err)
			quiet.Reset(settle) // events were lost
		case <-hup:
			read()
		case <-minute.C:
			if !waiting && folderStamp(w.dir) != a.templates.stamp {
				read()
			}
		case <-quiet.C:
			read()
		case <-latest.C:
			read()
		}
	}
}

func stoppedTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// folderWatch hears of changes in a folder and all below it. Without a watcher its channels are nil: nothing is heard.
type folderWatch struct {
	app    *App
	w      *fsnotify.Watcher
	dir    string // "" for none
	real   string // dir without symbolic links
	events <-chan fsnotify.Event
	errors <-chan error
}

func (a *App) newFolderWatch() *folderWatch {
	f := &folderWatch{app: a, dir: a.cfg.Templates.Dir}
	if f.dir == "" {
		return f
	}
	f.dir = filepath.Clean(f.dir)
	var err error
	if f.w, err = fsnotify.NewWatcher(); err != nil {
		a.log.Warn("the template folder is looked at once a minute only", "err", err)
		return f
	}
	f.events, f.errors = f.w.Events, f.w.Errors
	// The folder above tells when the folder itself is exchanged for another.
	if err := f.w.Add(filepath.Dir(f.dir)); err != nil {
		a.log.Debug("watching the folder above the templates", "err", err)
	}
	f.add(f.dir)
	return f
}

func (f *folderWatch) close() {
	if f.w != nil {
		f.w.Close()
	}
}

// concerns tells whether an event is about the folder, and watches what is new in it.
func (f *folderWatch) concerns(e fsnotify.Event) bool {
	inside := e.Name == f.dir || below(e.Name, f.dir) || f.real != "" && below(e.Name, f.real)
	if inside && e.Has(fsnotify.Create) {
		f.add(e.Name)
	}
	return inside
}

func below(name, dir string) bool { return strings.HasPrefix(name, dir+string(filepath.Separator)) }

// add watches a folder and those in it; fsnotify does not go down by itself. What is watched already stays so.
func (f *folderWatch) add(root string) {
	if f.w == nil {
		return
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return // gone again
	}
	if root == f.dir {
		f.real = real
	}
	err = filepath.WalkDir(real, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = f.w.Add(p)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		f.app.log.Warn("a part of the template folder is looked at once a minute only", "err", err)
	}
}

// maxStamped bounds the files that a stamp covers; a folder with more is read at each look.
const maxStamped = 20000

// folderStamp tells one state of a folder from another, by the names, sizes and times of all files in it. It is "" for a
// folder that is too large for that, and for none.
func folderStamp(dir string) string {
	if dir == "" {
		return ""
	}
	h, n := sha256.New(), 0
	fsys := os.DirFS(dir)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if n++; n > maxStamped {
			return fs.SkipAll
		}
		if err == nil {
			var st fs.FileInfo
			if st, err = fs.Stat(fsys, name); err == nil {
				fmt.Fprintf(h, "%q %v %d %d\n", name, st.Mode(), st.Size(), st.ModTime().UnixNano())
			}
		}
		if err != nil {
			fmt.Fprintf(h, "%q %v\n", name, err)
		}
		return nil
	})
	if err != nil || n > maxStamped {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
