package templates

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
)

// Files lists the paths of every file of the set, sorted, those taken from the base included.
func (s *Set) Files() []string { return slices.Sorted(maps.Keys(s.files)) }

// Source gives the bytes of one file of the set; nil when there is none. Do not change them.
func (s *Set) Source(file string) []byte { return s.files[file] }

// Archive packs the whole set into a zip, the same bytes for the same files: the record of an accepted set. OpenArchive gives
// it back as a folder, and Load of that folder without a Base gives a set with the same Hash.
func (s *Set) Archive() ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range s.Files() {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(s.files[name])
		}
		if err != nil {
			return nil, fmt.Errorf("packing %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("packing the set: %w", err)
	}
	return b.Bytes(), nil
}

// OpenArchive opens what Archive made.
func OpenArchive(data []byte) (fs.FS, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("opening a packed set: %w", err)
	}
	return z, nil
}

// Change is one file that differs between two sets.
type Change struct {
	File string
	What string // "added", "removed", "changed"
	Diff string // unified diff; "" for files that are no text
}

// Diff lists what differs from old to new, by file. A nil set has no files.
func Diff(old, new *Set) []Change { return DiffFiles(filesOf(old), filesOf(new)) }

// DiffFiles is Diff for files that need not pass the checks, by their paths.
func DiffFiles(before, after map[string][]byte) []Change {
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var changes []Change
	for _, name := range names {
		a, inOld := before[name]
		b, inNew := after[name]
		if inOld && inNew && bytes.Equal(a, b) {
			continue
		}
		c := Change{File: name, What: "changed"}
		switch {
		case !inOld:
			c.What = "added"
		case !inNew:
			c.What = "removed"
		}
		if isSource(name) {
			c.Diff = string(diff.Diff("old/"+name, a, "new/"+name, b))
		}
		changes = append(changes, c)
	}
	return changes
}

func filesOf(s *Set) map[string][]byte {
	if s == nil {
		return nil
	}
	return s.files
}
