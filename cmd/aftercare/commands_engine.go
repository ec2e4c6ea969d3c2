package main

import (
	"context"
	"fmt"
	"path/filepath"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/responder/classify"
	"aftercare/store"
)

// storedParts are the parts of the engine as the daemon has them: with its key, and a model that knows the corrections of
// staff. The model is the one that the daemon keeps; where it keeps none yet one is trained for this command alone.
func storedParts(ctx context.Context, c *config.Config, st *store.Store) (app.Parts, error) {
	var p app.Parts
	var err error
	if p.Key, err = app.SigningKey(c, true); err != nil {
		return p, err
	}
	if p.Classes, err = app.LoadClasses(c); err != nil {
		return p, err
	}
	if p.Templates, err = app.LoadTemplates(c); err != nil {
		return p, fmt.Errorf("the templates are not usable:\n%w", err)
	}
	said, err := app.Corrections(ctx, st)
	if err != nil {
		return p, err
	}
	p.Model, err = modelFor(c, p.Classes, said)
	return p, err
}

// modelFor is the kept model of these classes and corrections, or a new one that is not kept: what lies in the data folder is
// the daemon's.
func modelFor(c *config.Config, set *classify.Set, said []classify.Example) (*classify.Model, error) {
	opt := classify.Options{Precision: c.Classes.Certainty}
	if m, err := app.KeptModel(filepath.Join(c.Data, "models"), set, said, opt); err == nil && m != nil {
		return m, nil
	}
	if m, err := app.KeptModel(app.CacheDir(), set, said, opt); err == nil && m != nil {
		return m, nil
	}
	return app.NewModel(set, said, opt)
}
