package store

import (
	"context"
	"fmt"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// Cursor is how far a folder has been read: every message up to UID is on record, or arrived before Start.
type Cursor struct {
	Account     string
	Folder      string
	UIDValidity uint32
	UID         uint32
	Start       time.Time // the start mark; zero means everything is ours to answer
	Skipped     int64     // messages passed over since they arrived before Start
	// Until is for Watch: the highest UID that lies there now. Up to it a scan from the beginning leaves out what arrived
	// before Start.
	Until uint32
}

// Cursor returns the cursor of a folder and whether the folder is known.
func (s *Store) Cursor(ctx context.Context, account, folder string) (Cursor, bool, error) {
	c := Cursor{Account: account, Folder: folder}
	var start int64
	ok, err := s.get(ctx, "SELECT uidvalidity, uid, start, skipped FROM folders WHERE account = ? AND folder = ?",
		[]any{account, folder}, &c.UIDValidity, &c.UID, &start, &c.Skipped)
	if err != nil {
		return c, false, fmt.Errorf("reading the cursor of %s/%s: %w", account, folder, err)
	}
	c.Start = fromMS(start)
	return c, ok, nil
}

// Watch returns the cursor to read a folder from, given the UIDVALIDITY that the server shows now. A folder seen for the
// first time starts as c says; of one that is known the start mark stays as it was, and a new UIDVALIDITY puts the cursor
// back to 0, so that the folder is scanned again.
func (s *Store) Watch(ctx context.Context, c Cursor) (Cursor, error) {
	err := s.write(ctx, fmt.Sprintf("watching %s/%s", c.Account, c.Folder), time.Time{}, func(t *tx) error {
		var have Cursor
		var start int64
		ok, err := t.get("SELECT uidvalidity, uid, start, skipped FROM folders WHERE account = ? AND folder = ?",
			[]any{c.Account, c.Folder}, &have.UIDValidity, &have.UID, &start, &have.Skipped)
		if err != nil {
			return err
		}
		if !ok {
			return t.exec("INSERT INTO folders (account, folder, uidvalidity, uid, start, rescan) VALUES (?, ?, ?, ?, ?, ?)",
				c.Account, c.Folder, c.UIDValidity, c.UID, ms(c.Start), c.Until)
		}
		c.Start, c.Skipped = fromMS(start), have.Skipped
		if have.UIDValidity == c.UIDValidity {
			c.UID, t.quiet = have.UID, true
			return nil
		}
		c.UID = 0
		return t.exec("UPDATE folders SET uidvalidity = ?, uid = 0, rescan = ? WHERE account = ? AND folder = ?",
			c.UIDValidity, c.Until, c.Account, c.Folder)
	})
	return c, err
}

// Advance moves the cursor of a folder forward over messages that are on record or not ours. A cursor of another
// UIDVALIDITY than the folder's moves nothing.
func (s *Store) Advance(ctx context.Context, c Cursor) error {
	return s.write(ctx, fmt.Sprintf("moving the cursor of %s/%s", c.Account, c.Folder), time.Time{}, func(t *tx) error {
		n, err := t.run("UPDATE folders SET uid = ?1 WHERE account = ?2 AND folder = ?3 AND uidvalidity = ?4 AND uid < ?1",
			c.UID, c.Account, c.Folder, c.UIDValidity)
		t.quiet = n == 0
		return err
	})
}

// Cursors returns the cursors of all folders ever watched.
func (s *Store) Cursors(ctx context.Context) ([]Cursor, error) {
	var cs []Cursor
	err := s.each(ctx, "SELECT account, folder, uidvalidity, uid, start, skipped FROM folders ORDER BY account, folder", nil, func(r scanner) error {
		var c Cursor
		var start int64
		if err := r.Scan(&c.Account, &c.Folder, &c.UIDValidity, &c.UID, &start, &c.Skipped); err != nil {
			return err
		}
		c.Start = fromMS(start)
		cs = append(cs, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the cursors: %w", err)
	}
	return cs, nil
}

// Missing records messages that were seen and could not be read any more: gone before they were fetched, or deleted by a
// person. what is responder.Gone or responder.Deleted. The cursor stays, since an earlier message may still be owed; see
// Advance.
func (s *Store) Missing(ctx context.Context, keys []mailbox.Key, what responder.Disposition, now time.Time) error {
	reason := responder.ReasonGone
	if what == responder.Deleted {
		reason = responder.ReasonDeleted
	}
	return s.write(ctx, "recording messages that are gone", now, func(t *tx) error {
		b, err := newBatch(t)
		if err != nil {
			return err
		}
		for _, k := range keys {
			fo, err := b.folder(k)
			if err != nil {
				return err
			}
			known, _, err := b.known(fo, k, nil)
			if err != nil {
				return err
			}
			if known == nil {
				err = t.exec("INSERT INTO messages (id, folder, uidvalidity, uid, recorded, disposition, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
					b.next.message, fo.id, k.UIDValidity, k.UID, ms(now), what, reason)
				if err != nil {
					return err
				}
				b.next.message++
			}
		}
		return nil
	})
}
