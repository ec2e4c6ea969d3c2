package imap_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/mailbox/imap"
)

// taken is one mail on record.
type taken struct {
	how      string // delivered, deleted, missing, poisoned
	body     string // the first bytes
	size     int64
	answered bool
	junk     bool
	internal time.Time
	why      error
}

// sink is a Sink that keeps its records in memory and checks the promises of the package as it goes.
type sink struct {
	t *testing.T

	mu      sync.Mutex
	since   time.Time
	all     bool // start at the first mail, not at the end
	cursors map[string]imap.Cursor
	seen    map[mailbox.Key]taken
	batches []int
	starts  int
	news    chan struct{}
	// fail is asked before a batch is recorded.
	fail func(batch []mailbox.Raw) error
	// hold is called while a batch is delivered, outside of the lock.
	hold func(batch []mailbox.Raw)
}

func newSink(t *testing.T) *sink {
	return &sink{
		t: t, all: true, cursors: make(map[string]imap.Cursor),
		seen: make(map[mailbox.Key]taken), news: make(chan struct{}, 1),
	}
}

func (s *sink) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *sink) Start(_ context.Context, o imap.Opened) (imap.Start, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tell()
	s.starts++
	place := o.Account + "/" + o.Folder
	c, ok := s.cursors[place]
	switch {
	case !ok && !s.all:
		c = imap.Cursor{UIDValidity: o.UIDValidity, UID: o.UIDNext - 1}
	case !ok, c.UIDValidity != o.UIDValidity:
		c = imap.Cursor{UIDValidity: o.UIDValidity}
	}
	s.cursors[place] = c
	return imap.Start{Cursor: c, Since: s.since}, nil
}

func (s *sink) Deliver(_ context.Context, batch []mailbox.Raw, c imap.Cursor) error {
	if s.hold != nil {
		s.hold(batch)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tell()
	if s.fail != nil {
		if err := s.fail(batch); err != nil {
			return err
		}
	}
	for _, r := range batch {
		head := make([]byte, min(r.Size, 200))
		if _, err := r.Body.ReadAt(head, 0); err != nil && err != io.EOF {
			s.t.Errorf("reading the body of UID %d: %v", r.UID, err)
		}
		// The last byte too: a body cut short would not have it.
		if _, err := r.Body.ReadAt(make([]byte, 1), r.Size-1); r.Size > 0 && err != nil && err != io.EOF {
			s.t.Errorf("reading the end of UID %d: %v", r.UID, err)
		}
		s.put(r.Key, taken{how: "delivered", body: string(head), size: r.Size, answered: r.Answered, junk: r.Junk, internal: r.Internal})
	}
	s.batches = append(s.batches, len(batch))
	s.move(batch[0].Account, batch[0].Folder, c)
	return nil
}

func (s *sink) put(k mailbox.Key, v taken) {
	if old, ok := s.seen[k]; ok && old.how != v.how {
		s.t.Errorf("UID %d is %s and %s", k.UID, old.how, v.how)
	}
	s.seen[k] = v
}

func (s *sink) move(account, folder string, c imap.Cursor) {
	place := account + "/" + folder
	if old := s.cursors[place]; old.UIDValidity == c.UIDValidity && c.UID < old.UID {
		s.t.Errorf("the cursor of %s went back from %v to %v", place, old, c)
	}
	s.cursors[place] = c
}

func (s *sink) Deleted(_ context.Context, keys []mailbox.Key) error {
	return s.note("deleted", keys, nil)
}
func (s *sink) Missing(_ context.Context, keys []mailbox.Key) error {
	return s.note("missing", keys, nil)
}
func (s *sink) Poisoned(_ context.Context, key mailbox.Key, why error) error {
	return s.note("poisoned", []mailbox.Key{key}, why)
}

func (s *sink) note(how string, keys []mailbox.Key, why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tell()
	for _, k := range keys {
		s.put(k, taken{how: how, why: why})
	}
	return nil
}

func (s *sink) Advance(_ context.Context, account, folder string, c imap.Cursor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tell()
	s.move(account, folder, c)
	return nil
}

// get returns what became of a UID of INBOX, whatever the UIDVALIDITY.
func (s *sink) get(uid uint32) (taken, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range s.seen {
		if k.UID == uid && k.Folder == "INBOX" {
			return v, true
		}
	}
	return taken{}, false
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *sink) cursor(folder string) imap.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursors["acct/"+folder]
}

func (s *sink) key(folder string, uid uint32) mailbox.Key {
	return mailbox.Key{Account: "acct", Folder: folder, UIDValidity: s.cursor(folder).UIDValidity, UID: uid}
}

// until waits for a condition that changes with what the sink is told.
func (s *sink) until(what string, cond func() bool) {
	s.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-s.news:
		case <-tick.C: // the condition may hang on something else
		case <-deadline:
			s.t.Fatalf("waited for %s; on record: %s", what, s.dump())
		}
	}
}

func (s *sink) dump() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for k, v := range s.seen {
		lines = append(lines, fmt.Sprintf("%s %d/%d %s (%v)", k.Folder, k.UIDValidity, k.UID, v.how, v.why))
	}
	slices.Sort(lines)
	if len(lines) > 20 {
		lines = append(lines[:20], "...")
	}
	return fmt.Sprintf("%d mails %q, cursors %v, %d starts", len(s.seen), lines, s.cursors, s.starts)
}
