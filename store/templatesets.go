package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// TemplateSet is one accepted set of template files.
type TemplateSet struct {
	ID   int64
	Hash string // as the set names itself
	At   time.Time
	Who  string
	Note string
}

// SaveTemplates puts an accepted set on record unless it is the current one already, and returns its number. Files that
// did not change are kept once.
func (s *Store) SaveTemplates(ctx context.Context, set TemplateSet, files map[string][]byte, now time.Time) (int64, error) {
	var id int64
	err := s.write(ctx, "keeping the templates", now, func(t *tx) error {
		var current string
		if _, err := t.get("SELECT id, hash FROM template_sets ORDER BY id DESC LIMIT 1", nil, &id, &current); err != nil {
			return err
		}
		if current == set.Hash && id != 0 {
			t.quiet = true
			return nil
		}
		t.settings = true
		var err error
		id, err = t.insert("INSERT INTO template_sets (hash, at, who, note) VALUES (?, ?, ?, ?)", set.Hash, ms(now), set.Who, set.Note)
		if err != nil {
			return err
		}
		for _, path := range slices.Sorted(maps.Keys(files)) {
			sum := sha256.Sum256(files[path])
			hash := hex.EncodeToString(sum[:])
			if err := t.exec("INSERT OR IGNORE INTO template_blobs (hash, bytes) VALUES (?, ?)", hash, nonNil(files[path])); err != nil {
				return err
			}
			if err := t.exec("INSERT INTO template_files (set_id, path, hash) VALUES (?, ?, ?)", id, path, hash); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// nonNil keeps an empty file from being stored as NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// TemplateSets lists the accepted sets, the newest (the current one) first.
func (s *Store) TemplateSets(ctx context.Context, limit int) ([]TemplateSet, error) {
	var sets []TemplateSet
	err := s.each(ctx, "SELECT id, hash, at, who, note FROM template_sets ORDER BY id DESC LIMIT ?", []any{orDefault(limit, 100)}, func(r scanner) error {
		var set TemplateSet
		var at int64
		err := r.Scan(&set.ID, &set.Hash, &at, &set.Who, &set.Note)
		set.At = fromMS(at)
		sets = append(sets, set)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing template sets: %w", err)
	}
	return sets, nil
}

// TemplateFiles returns the files of a set by their paths.
func (s *Store) TemplateFiles(ctx context.Context, set int64) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := s.each(ctx, `SELECT f.path, b.bytes FROM template_files f JOIN template_blobs b ON b.hash = f.hash WHERE f.set_id = ?`, []any{set}, func(r scanner) error {
		var path string
		var bytes []byte
		err := r.Scan(&path, &bytes)
		files[path] = bytes
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading template set %d: %w", set, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("reading template set %d: %w", set, ErrNotFound)
	}
	return files, nil
}
