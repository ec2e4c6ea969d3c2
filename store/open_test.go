package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"aftercare/responder"
)

func TestOpenCreatesAPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c#d.db")
	s := openAt(t, path, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		fi, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, fi.Mode())
		}
	}
}

func TestOpenAgainFindsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	ctx := context.Background()
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(ctx, []Incoming{{}}, nil, t0); err == nil {
		t.Error("a write after Close was taken")
	}
	s = openAt(t, path, Options{ReadOnly: true})
	if f, err := s.Case(ctx, 1); err != nil || f.Customer != "a@x.example" {
		t.Errorf("case %+v, %v", f, err)
	}
	if err := s.Pause(ctx, "eve", t0); !errors.Is(err, ErrClosed) {
		t.Errorf("writing to a database opened read-only: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	newer := filepath.Join(dir, "newer.db")
	s, err := Open(context.Background(), newer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.write(context.Background(), "ageing", t0, func(t *tx) error {
		return t.exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte("this is no database at all, it is a text that somebody put there\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		opt        Options
		is         error
	}{
		{"a newer schema", newer, Options{}, ErrNewer},
		{"a newer schema, read-only", newer, Options{ReadOnly: true}, ErrNewer},
		{"a text file", text, Options{}, nil},
		{"a folder", dir, Options{}, nil},
		{"a folder that is not there", filepath.Join(dir, "no", "a.db"), Options{}, nil},
		{"nothing, read-only", filepath.Join(dir, "none.db"), Options{ReadOnly: true}, os.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open(context.Background(), tt.path, tt.opt)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it was opened"), s.Close()))
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestMigrateFromTheFirstSchema brings a database of the first schema, with rows in it, up to date.
func TestMigrateFromTheFirstSchema(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "old.db")
	db, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	p, err := provider(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile("testdata/schema1.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, string(rows)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path, Options{})
	f, err := s.Case(ctx, 1)
	if err != nil || f.Class != "repair" || len(f.Windows) != 1 || len(f.Visits) != 1 || len(f.Messages) != 1 || len(f.Mails) != 1 {
		t.Errorf("the old case reads %+v, %v", f, err)
	}
	jobs := claim(t, s, 10, t0)
	if len(jobs) != 1 || string(jobs[0].Raw) != "old reply" {
		t.Errorf("the old reply reads %+v", jobs)
	}
	if out := record(t, s, t0, post{uid: 6, from: "b@x.example", text: "new", tokens: []responder.Token{{Case: 1, Outbox: 1}}}); out[0].Case != 1 {
		t.Errorf("an answer to the old case: %+v", out[0])
	}
	if damage, err := s.CheckFile(ctx); err != nil || len(damage) != 0 {
		t.Errorf("damage %v, %v", damage, err)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	first, second := openAt(t, path, Options{}), openAt(t, path, Options{})
	release, err := first.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Lock(); !errors.Is(err, ErrLocked) {
		t.Errorf("a second daemon: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = second.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

// TestTwoWriters has two stores on one file, as the daemon and a command are, write at once.
func TestTwoWriters(t *testing.T) {
	const each = 40
	path := filepath.Join(t.TempDir(), "a.db")
	stores := []*Store{openAt(t, path, Options{}), openAt(t, path, Options{})}
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() {
			for n := range each {
				in := post{uid: uint32(n + 1), folder: fmt.Sprint("F", i), from: fmt.Sprintf("%d.%d@x.example", i, n), text: "1"}.incoming()
				if _, err := s.Record(context.Background(), []Incoming{in}, decider(t0), t0); err != nil {
					t.Error(err)
				}
				if _, err := s.Cases(context.Background(), CaseFilter{Limit: 5}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := number(t, stores[0], "SELECT count(*) FROM cases"); n != 2*each {
		t.Errorf("%d cases, want %d", n, 2*each)
	}
	g, err := stores[1].Generation(context.Background())
	if err != nil || g.All < 2*each {
		t.Errorf("generation %+v, %v", g, err)
	}
	sound(t, stores[1])
}

func TestWriteGivesUpWithItsContext(t *testing.T) {
	s := open(t, Options{})
	s.turn <- struct{}{}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Pause(ctx, "eve", t0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-s.turn
}

func TestQueuedIsSignalled(t *testing.T) {
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	select {
	case <-s.Queued():
	default:
		t.Error("no signal after a reply was queued")
	}
	record(t, s, t0, post{uid: 2, kind: responder.KindNewsletter, from: "n@x.example", text: "2"})
	select {
	case <-s.Queued():
		t.Error("a signal without mail")
	case <-time.After(0):
	}
}

func TestNewFilesHaveLargePages(t *testing.T) {
	s := open(t, Options{})
	if got := number(t, s, "SELECT page_size FROM pragma_page_size"); got != pageSize {
		t.Errorf("pages of %d bytes, want %d", got, pageSize)
	}
	if got := number(t, s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"); got != 1 {
		t.Error("no write-ahead log")
	}
}
