package imap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"aftercare/mailbox"
)

// watch is one watched folder: what it knows outlives its connections.
type watch struct {
	w        *Watcher
	folder   Folder
	log      *slog.Logger
	suspects suspects
	refusals map[uint32]int // how often the server said NO to a mail
	validity uint32         // of both
	progress int            // mails settled on this connection
}

// session is one connection with the folder selected.
type session struct {
	*watch
	c      *conn
	cursor Cursor
	// A rescan goes from the first mail to UID until, and leaves out what arrived before since. It is over when since is
	// zero: then everything above the cursor counts.
	since  time.Time
	until  uint32
	noIdle bool
}

// once connects, reads what is new and stays until something goes wrong. It reports whether it got as far as waiting for
// new mail.
func (w *watch) once(ctx context.Context) (ready bool, err error) {
	c, err := dial(ctx, &w.w.account, &w.w.skipID)
	if err != nil {
		return false, err
	}
	defer c.close(ctx)
	s := &session{watch: w, c: c, noIdle: !c.caps.Has(goimap.CapIdle) && !c.caps.Has(goimap.CapIMAP4rev2)}
	if err := s.selectFolder(ctx); err != nil {
		return false, err
	}
	w.w.status.connected(w.folder.Name, !s.noIdle)
	for {
		if err := s.drain(ctx); err != nil {
			return ready, err
		}
		ready = true
		w.w.status.success(w.folder.Name)
		if err := s.wait(ctx); err != nil {
			return ready, err
		}
	}
}

func (s *session) selectFolder(ctx context.Context) error {
	var data *goimap.SelectData
	if err := s.c.do(ctx, "selecting "+s.folder.Name, func() (err error) {
		data, err = s.c.client.Select(s.folder.Name, nil).Wait()
		return err
	}); err != nil {
		return err
	}
	if data.UIDValidity == 0 {
		return fmt.Errorf("selecting %s: the server gives no UIDVALIDITY, so mails cannot be told apart", s.folder.Name)
	}
	next := uint32(data.UIDNext)
	if next == 0 {
		last, err := s.c.search(ctx, "searching for the last mail", goimap.SearchCriteria{UID: []goimap.UIDSet{{{}}}})
		if err != nil {
			return err
		}
		next = 1
		for _, r := range last {
			next = max(next, uint32(r.Stop)+1)
		}
	}
	start, err := s.w.sink.Start(ctx, Opened{
		Account: s.w.account.Name, Folder: s.folder.Name, UIDValidity: data.UIDValidity, UIDNext: next,
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	if start.Cursor.UIDValidity != data.UIDValidity {
		return fmt.Errorf("%w: cursor of UIDVALIDITY %d for a folder of %d", errSink, start.Cursor.UIDValidity, data.UIDValidity)
	}
	s.cursor = start.Cursor
	if s.cursor.UID == 0 && next > 1 {
		s.since, s.until = start.Since, next-1
	}
	if s.validity != data.UIDValidity {
		s.suspects, s.refusals, s.validity = nil, nil, data.UIDValidity
	}
	return nil
}

// drain reads until a search finds nothing more and the server has told of nothing since.
func (s *session) drain(ctx context.Context) error {
	for {
		select {
		case <-s.c.changed:
		default:
		}
		more, err := s.round(ctx)
		if err != nil {
			return err
		}
		if !more && len(s.c.changed) == 0 {
			return nil
		}
	}
}

// round searches once and settles what it found.
func (s *session) round(ctx context.Context) (more bool, err error) {
	rescan := !s.since.IsZero()
	f, err := s.c.searchNew(ctx, s.cursor.UID, s.until, s.since)
	if err != nil {
		return false, err
	}
	if len(f.uids) == 0 {
		if rescan {
			return true, s.endRescan(ctx)
		}
		return false, nil
	}
	l := newLedger(s.cursor, f.uids)
	before := s.cursor
	err = s.settle(ctx, l, f)
	s.cursor = l.settle()
	s.watch.progress += l.next
	if err != nil {
		return false, err
	}
	if s.cursor == before {
		return false, errors.New("reading new mail: the server keeps announcing mail that it does not show")
	}
	return true, nil
}

// endRescan records that all that was there at the start is read, or older than the start mark. So the next connection
// does not look at it again. What has come since then counts whatever its date: a person may have moved it in.
func (s *session) endRescan(ctx context.Context) error {
	s.since = time.Time{}
	s.cursor.UID = s.until
	return s.advance(ctx, s.cursor)
}

func (s *session) advance(ctx context.Context, c Cursor) error {
	if err := s.w.sink.Advance(ctx, s.w.account.Name, s.folder.Name, c); err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	return nil
}

func (s *session) key(uid uint32) mailbox.Key {
	return mailbox.Key{Account: s.w.account.Name, Folder: s.folder.Name, UIDValidity: s.cursor.UIDValidity, UID: uid}
}

func (s *session) keys(uids []uint32) []mailbox.Key {
	out := make([]mailbox.Key, len(uids))
	for i, u := range uids {
		out[i] = s.key(u)
	}
	return out
}
