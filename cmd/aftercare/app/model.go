package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aftercare/responder/classify"
	"aftercare/store"
)

// AllExamples is the built-in examples and the corrections of staff on record; st may be nil.
func AllExamples(ctx context.Context, st *store.Store) ([]classify.Example, error) {
	said, err := Corrections(ctx, st)
	if err != nil {
		return nil, err
	}
	return withBuiltIn(said)
}

// withBuiltIn is the built-in examples and those that staff have said.
func withBuiltIn(said []classify.Example) ([]classify.Example, error) {
	out, err := classify.BuiltInExamples()
	return append(out, said...), err
}

// Corrections is what staff have said of mails; st may be nil.
func Corrections(ctx context.Context, st *store.Store) ([]classify.Example, error) {
	if st == nil {
		return nil, nil
	}
	list, err := st.Examples(ctx, "")
	out := make([]classify.Example, len(list))
	for i, e := range list {
		out[i] = classify.Example{Class: e.Class, Text: e.Text, Language: e.Language, By: e.Who, At: e.At}
	}
	return out, err
}

// KeptModel returns the model that was trained before from these classes, the built-in examples and what staff have said, or
// nil when none is kept in dir.
func KeptModel(dir string, set *classify.Set, said []classify.Example, opt classify.Options) (*classify.Model, error) {
	f, err := os.Open(modelPath(dir, classify.Key(set, said, opt)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the kept model: %w", err)
	}
	defer f.Close()
	return classify.Read(set, f)
}

// NewModel trains on the built-in examples and what staff have said, as far as the set has their classes.
func NewModel(set *classify.Set, said []classify.Example, opt classify.Options) (*classify.Model, error) {
	examples, err := withBuiltIn(said)
	if err != nil {
		return nil, err
	}
	return classify.Train(set, set.For(examples), opt)
}

// TrainModel is NewModel and keeps the model in dir; earlier ones are removed. A folder that cannot be written costs the
// keeping only: the error is returned beside the model.
func TrainModel(dir string, set *classify.Set, said []classify.Example, opt classify.Options) (*classify.Model, error) {
	m, err := NewModel(set, said, opt)
	if err != nil {
		return nil, err
	}
	return m, keepModel(modelPath(dir, classify.Key(set, said, opt)), m)
}

func modelPath(dir, key string) string { return filepath.Join(dir, key+".model") }

// keepModel writes beside the final name first, so that no half a model is ever found.
func keepModel(path string, m *classify.Model) error {
	data, err := m.Marshal()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keeping the model: %w", err)
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return fmt.Errorf("keeping the model: %w", err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("keeping the model: %w", err)
	}
	old, _ := filepath.Glob(filepath.Join(dir, "*.model"))
	for _, o := range old {
		if o != path {
			os.Remove(o) // a model of other classes or examples; it is trained again when it is wanted
		}
	}
	return nil
}

// ModelFor returns the kept model of dir, or trains one. It is for the commands that need an answer at once; the daemon
// starts with the phrases and trains beside its work.
func ModelFor(dir string, set *classify.Set, said []classify.Example, opt classify.Options) (*classify.Model, error) {
	if m, err := KeptModel(dir, set, said, opt); err == nil && m != nil {
		return m, nil
	}
	m, err := TrainModel(dir, set, said, opt)
	if m == nil {
		return nil, err
	}
	return m, nil
}

// CacheDir is where commands without a data folder keep the model.
func CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "aftercare")
}
