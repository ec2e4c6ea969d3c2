package app

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"aftercare/templates"
)

// changedFiles lists the files of a set that are new or other than before, sorted. Where nothing was accepted before, the
// built-in files are what was before.
func changedFiles(before map[string][]byte, set *templates.Set) []string {
	var changed []string
	for _, name := range set.Files() {
		if old, ok := earlier(before, name); !ok || !bytes.Equal(old, set.Source(name)) {
			changed = append(changed, name)
		}
	}
	return changed
}

// earlier is a file as it was accepted before.
func earlier(before map[string][]byte, name string) ([]byte, bool) {
	if before != nil {
		data, ok := before[name]
		return data, ok
	}
	data, err := fs.ReadFile(templates.Default(), name)
	return data, err == nil
}

// cutOff finds the files that were perhaps not saved whole, since the power or the editor went: they end in the middle of
// a line, and the file accepted before did not. The front of a template may well pass every other check.
func cutOff(before map[string][]byte, set *templates.Set) (ps templates.Problems) {
	for _, name := range changedFiles(before, set) {
		switch path.Ext(name) {
		case ".md", ".yaml", ".html", ".txt":
		default:
			continue
		}
		old, _ := earlier(before, name)
		now := set.Source(name)
		if bytes.HasSuffix(old, []byte("\n")) && !bytes.HasSuffix(now, []byte("\n")) {
			ps = append(ps, templates.Problem{File: name, Line: bytes.Count(now, []byte("\n")) + 1,
				What: "ends in the middle of a line, which the file accepted before did not: it was perhaps not saved whole; end it with a line break"})
		}
	}
	return ps
}

// newestOwner is who owns the newest of some files in a folder: the one who saved it last. "" when the folder has none of
// them, or the owner is not known.
func newestOwner(dir string, names []string) string {
	var newest time.Time
	who := ""
	for _, name := range names {
		st, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || who != "" && !st.ModTime().After(newest) {
			continue
		}
		if owner := ownerOf(st); owner != "" {
			newest, who = st.ModTime(), owner
		}
	}
	return who
}
