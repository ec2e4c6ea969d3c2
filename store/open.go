package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // registers the driver

	"aftercare/responder"
	"aftercare/sla"
)

// Options says what the store cannot know by itself. The zero value works.
type Options struct {
	// Quarantine is the reply window of a message that could not be read (default 2 hours): a person is told in time.
	Quarantine time.Duration
	// NextWindow and NextVisit return when the first step of a new window or visit is due, so that a tick need not look at
	// it before. Nil means at the next tick. They are called inside the transaction and must be quick.
	NextWindow func(sla.Window) time.Time
	NextVisit  func(sla.Visit) time.Time
	// AppendSent tells whether mail to customers from an account is to be appended to its Sent folder. Nil means never.
	AppendSent func(account string) bool
	// From Crowd messages in one transaction on, what a person must look at is told in lists, which List composes; next is the
	// number that its mail will have. False leaves the cases to the warnings of their windows. Crowd 0: never.
	Crowd int
	List  func(cases []responder.Listed, next int64, now time.Time) (responder.Mail, bool)
	// ReadOnly opens an existing database for questions only; nothing is migrated.
	ReadOnly bool
}

// Store is an open database. Its methods may be called from any goroutine. Close it when nothing uses it any more.
type Store struct {
	path   string
	opt    Options
	turn   chan struct{} // holds one token while somebody writes
	writer *writer       // nil when opened read-only; owned by whoever holds turn
	group  *group        // the open transaction; owned by whoever holds turn
	readDB *sql.DB
	queued chan struct{}
	buf    []byte // for pieces of raw messages; owned by whoever holds turn

	waiting atomic.Int32 // writes that wait for turn

	closing sync.Once
	closed  chan struct{}
	result  error // of closing
}

// Open opens or creates the database at path and brings its schema up to date. A database of a newer version of the
// program is refused (ErrNewer) and left as it is. The file is readable by its owner only.
func Open(ctx context.Context, path string, opt Options) (*Store, error) {
	if opt.Quarantine <= 0 {
		opt.Quarantine = 2 * time.Hour
	}
	if err := prepareFile(path, opt.ReadOnly); err != nil {
		return nil, err
	}
	if err := migrate(ctx, path, opt.ReadOnly); err != nil {
		return nil, err
	}
	s := &Store{
		path: path, opt: opt, turn: make(chan struct{}, 1),
		queued: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	var err error
	if s.readDB, err = sql.Open("sqlite", dsn(path, true)); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	s.readDB.SetMaxOpenConns(max(2, runtime.NumCPU()))
	s.readDB.SetMaxIdleConns(keptReaders)
	if opt.ReadOnly {
		return s, nil
	}
	if s.writer, err = openWriter(s.readDB.Driver(), dsn(path, false)); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s for writing: %w", path, err), s.Close())
	}
	return s, nil
}

// Path is where the database lies.
func (s *Store) Path() string { return s.path }

// Queued is signalled after a write of this process that put mail into the outbox.
func (s *Store) Queued() <-chan struct{} { return s.queued }

// Close waits for the write that is under way and closes the database. Further calls return what the first did.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.turn <- struct{}{} // never given back: nothing writes after this
		if s.group != nil {
			s.commit()
		}
		close(s.closed)
		var errs []error
		if s.writer != nil {
			errs = append(errs, s.writer.close())
		}
		if s.readDB != nil {
			errs = append(errs, s.readDB.Close())
		}
		s.result = errors.Join(errs...)
	})
	return s.result
}

// prepareFile creates the file for its owner only; SQLite gives its companions the same mode.
func prepareFile(path string, readOnly bool) error {
	if readOnly {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("opening the database: %w", err)
		}
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening the database in %s: %w", filepath.Dir(path), err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("creating %s: %w", path, err)
	}
	return nil
}

// pageSize is the size of the pages of a new file: most mails and replies are about as long.
const pageSize = 8192

// dsn names the database for the driver. IMMEDIATE from the first statement of a transaction, since one that reads first
// and writes later fails as soon as somebody else has written in between.
func dsn(path string, readOnly bool) string {
	q := url.Values{}
	q.Add("_txlock", "immediate")
	for _, p := range []string{"busy_timeout(10000)", "foreign_keys(1)", "synchronous(FULL)", "temp_store(MEMORY)"} {
		q.Add("_pragma", p)
	}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", readerCache))
	} else {
		q.Add("_pragma", fmt.Sprintf("page_size(%d)", pageSize))
		q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", writerCache))
		q.Add("_pragma", fmt.Sprintf("wal_autocheckpoint(%d)", 16<<20/pageSize)) // pages that change often are copied less often
		q.Add("_pragma", "journal_size_limit(67108864)")
		q.Add("_journal_mode", "WAL") // no _pragma: the driver sorts those, and this one fixes the size of the pages
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}
	if !filepath.IsAbs(path) {
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
	}
	return u.String()
}
