package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// ErrNewer is returned by Open for a database that a newer version of the program has written.
var ErrNewer = errors.New("the database was written by a newer version of aftercare")

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the schema up to date, each step in a transaction of its own. It uses connections of its own, since
// goose wants more than one.
func migrate(ctx context.Context, path string, readOnly bool) (err error) {
	db, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := provider(db)
	if err != nil {
		return err
	}
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema version of %s: %w", path, wrap(err))
	}
	switch {
	case current == newest:
		return nil
	case current > newest:
		return fmt.Errorf("%s: %w: its schema is %d, this program knows up to %d; run the newer program, or restore a backup of the older schema", path, ErrNewer, current, newest)
	case readOnly:
		return fmt.Errorf("%s: its schema is %d and this program needs %d: start the daemon once, which brings it up to date", path, current, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema of %s from %d to %d: %w", path, current, newest, wrap(err))
	}
	return nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("reading the built-in migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("preparing the migrations: %w", err)
	}
	return p, nil
}
