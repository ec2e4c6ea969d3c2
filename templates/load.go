package templates

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed default
var embedded embed.FS

// Default gives the embedded set: the whole folder, ready to be copied out or used as Options.Base.
func Default() fs.FS {
	sub, err := fs.Sub(embedded, "default")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}

// Options of Load. The zero value is the default of each.
type Options struct {
	Base          fs.FS    // files that the folder does not have are taken from here; nil: only layout, languages, parts and rules of Default
	Languages     []string // languages that every class must have a template in; default en, zh and Fallback
	Fallback      string   // language of last resort; default the first of Languages
	MaxAttachment int64    // bytes of one attachment; default 5 MB
	MaxTotal      int64    // bytes of all files that go with one mail; default 10 MB
	// CheckBuiltIn checks also those templates that are built in and unchanged, as is all that they stand on. They have been
	// checked when the program was made; without it they are compiled at their first use.
	CheckBuiltIn bool
}

func (o Options) withDefaults() Options {
	tags := tagsDown(o.Fallback)
	if len(o.Languages) == 0 {
		o.Languages = []string{"en", "zh"}
		if n := len(tags); n > 0 && !slices.Contains(o.Languages, tags[n-1]) {
			o.Languages = append(o.Languages, tags[0])
		}
	}
	if len(tags) == 0 {
		tags = o.Languages
	}
	o.Fallback = tags[0]
	for _, tag := range tags { // zh-CN is zh where there is no zh-cn
		if slices.Contains(o.Languages, tag) {
			o.Fallback = tag
			break
		}
	}
	if o.MaxAttachment == 0 {
		o.MaxAttachment = 5 << 20
	}
	if o.MaxTotal == 0 {
		o.MaxTotal = 10 << 20
	}
	return o
}

const (
	maxFiles     = 5000
	maxSetBytes  = 64 << 20
	sharedPrefix = "layout/ language/ parts/ rules/"
)

// Load reads a folder, checks it and compiles it. The error is of type Problems when the folder could be read: it lists all
// that is wrong, and the set is not to be used. Load(Default(), Options{}) gives the embedded set.
func Load(fsys fs.FS, opt Options) (*Set, error) {
	opt = opt.withDefaults()
	rep := &report{}
	files, err := gather(fsys, opt, rep)
	if err != nil {
		return nil, err
	}
	ld := newLoader(files, opt)
	ld.report.list = append(ld.report.list, rep.list...)
	if !opt.CheckBuiltIn {
		if ld.builtIn, err = unchanged(files); err != nil {
			return nil, err
		}
	}
	ld.load()
	errs, warnings := ld.report.split()
	if len(errs) > 0 {
		return nil, errs
	}
	ld.set.warnings = warnings
	return ld.set, nil
}

// gather reads every file of the set into memory: the folder's own, then what the base has besides.
func gather(fsys fs.FS, opt Options, rep *report) (map[string][]byte, error) {
	files := map[string][]byte{}
	if err := readTree(files, fsys, opt, rep, nil); err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	base, only := opt.Base, func(string) bool { return true }
	if base == nil {
		base = Default()
		only = func(name string) bool { return strings.Contains(sharedPrefix, path.Dir(name)+"/") }
	}
	if err := readTree(files, base, opt, rep, only); err != nil {
		return nil, fmt.Errorf("reading base templates: %w", err)
	}
	return files, nil
}

// ReadFiles reads what Load would read of a folder itself, without a base and without a check. Like Load it leaves out
// hidden files and what editors leave behind; line ends come as \n.
func ReadFiles(fsys fs.FS, opt Options) (map[string][]byte, error) {
	files, rep := map[string][]byte{}, &report{}
	if err := readTree(files, fsys, opt.withDefaults(), rep, nil); err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	errs, _ := rep.split()
	if len(errs) > 0 {
		return nil, errs
	}
	return files, nil
}

func readTree(files map[string][]byte, fsys fs.FS, opt Options, rep *report, only func(string) bool) error {
	total := int64(0)
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name != "." && ignored(d.Name()) {
				return fs.SkipDir
			}
			return nil
		case ignored(d.Name()) || only != nil && (!only(name) || files[name] != nil):
			return nil
		}
		info, err := fs.Stat(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an editor took it away meanwhile
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		limit := opt.MaxAttachment
		if isSource(name) {
			limit = maxSource
		}
		if info.Size() > limit {
			rep.add(place{file: name}, "has %d bytes, more than the limit of %d", info.Size(), limit)
			return nil
		}
		if total += info.Size(); total > maxSetBytes || len(files) >= maxFiles {
			return fmt.Errorf("the folder holds more than %d files or %d bytes", maxFiles, maxSetBytes)
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if isSource(name) {
			data = []byte(strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n"))
		}
		files[name] = data
		return nil
	})
}

// ignored says which files are not part of the set: hidden ones, and what editors leave while they save.
func ignored(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "#") || strings.HasSuffix(base, "~") ||
		strings.HasSuffix(base, ".swp") || strings.HasSuffix(base, ".tmp") || strings.HasSuffix(base, ".bak") || base == "README.md" || base == "4913"
}

func isSource(name string) bool {
	switch path.Ext(name) {
	case ".md", ".yaml", ".html", ".txt":
		return !strings.HasPrefix(name, "files/")
	}
	return false
}

func hashFiles(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d\n", name, len(files[name]))
		h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func mapsKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
