package templates

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// builtIn tells which files of a set are the program's own, byte for byte.
type builtIn struct {
	same   map[string]bool // by path, of every built-in file: the set has it unchanged
	shared bool            // layout/ and rules/ are unchanged, and nothing was added to them
}

// unchanged compares the files of a set with the built-in ones.
func unchanged(files map[string][]byte) (*builtIn, error) {
	b, own := &builtIn{same: map[string]bool{}}, Default()
	err := fs.WalkDir(own, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(own, name)
		b.same[name] = bytes.Equal(files[name], data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the built-in templates: %w", err)
	}
	b.shared = b.all(files, func(name string) bool { return path.Dir(name) == "layout" || path.Dir(name) == "rules" })
	return b, nil
}

// all says whether those files that are wanted are the same in the set and in the built-in one, with none more or less.
func (b *builtIn) all(files map[string][]byte, wanted func(name string) bool) bool {
	for name, same := range b.same {
		if wanted(name) && !same {
			return false
		}
	}
	for name := range files {
		if wanted(name) && !b.same[name] {
			return false
		}
	}
	return true
}

// language says whether all that templates of a language share is unchanged: its language file and its parts.
func (b *builtIn) language(files map[string][]byte, tag string) bool {
	return b.shared && b.all(files, func(name string) bool {
		return name == "language/"+tag+".yaml" || path.Dir(name) == "parts" && strings.HasSuffix(name, "."+tag+".md")
	})
}

// proven says whether the check of a template can find nothing: the template is built in and unchanged, and so is
// everything that it stands on. Our own tests give the built-in set the whole check. What names further files (attachments,
// pictures) is always checked.
func (ld *loader) proven(t *Template, f *front, body string) bool {
	if ld.builtIn == nil || !ld.builtIn.same[t.File] || len(f.attachments) > 0 || strings.Contains(body, "![") {
		return false
	}
	ok, known := ld.unchanged[t.Language]
	if !known {
		ok = ld.builtIn.language(ld.files, t.Language)
		ld.unchanged[t.Language] = ok
	}
	return ok
}

// work is the compiled part of a template: made at load where it is checked, at its first use where it is proven. Many
// goroutines may ask for it.
type work struct {
	once sync.Once
	make func() *program
	done *program
}

func (w *work) program() *program {
	w.once.Do(func() {
		if w.make != nil {
			w.done, w.make = w.make(), nil
		}
	})
	return w.done
}

// later compiles a proven template when it is first used.
func (ld *loader) later(f *front, t Template, body string, at place) *work {
	return &work{make: func() *program {
		own := *ld // reports go nowhere: there are none, and loading is over
		own.report = &report{}
		return own.compile(f, &t, body, at)
	}}
}
