package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"aftercare/mailbox"
	"aftercare/mailbox/imap"
	"aftercare/responder"
	"aftercare/store"
)

// sink puts on record what a watcher finds.
type sink struct {
	app *App
	box *box
}

var (
	_ imap.Sink   = (*sink)(nil)
	_ imap.Reader = (*sink)(nil)
)

// Start tells a watcher where to read on. A folder seen for the first time begins as `since` says; the start mark stays for
// good, so that a renumbered folder is not taken for new mail.
func (s *sink) Start(ctx context.Context, o imap.Opened) (imap.Start, error) {
	c := store.Cursor{Account: o.Account, Folder: o.Folder, UIDValidity: o.UIDValidity, Until: max(o.UIDNext, 1) - 1}
	switch since := s.box.cfg.Since; {
	case since.All:
	case since.Date.IsZero():
		c.UID, c.Start = max(o.UIDNext, 1)-1, s.app.now()
	default:
		c.Start = since.Date
	}
	c, err := s.app.store.Watch(ctx, c)
	if err != nil {
		return imap.Start{}, err
	}
	return imap.Start{Cursor: imap.Cursor{UIDValidity: c.UIDValidity, UID: c.UID}, Since: c.Start.Truncate(time.Second)}, nil
}

// ahead is a message read before its turn, and by which engine.
type ahead struct {
	engine *responder.Engine
	took   time.Duration
	store.Incoming
}

// Read reads a batch on all cores, ahead of its Deliver.
func (s *sink) Read(_ context.Context, batch []mailbox.Raw) {
	a := s.app
	e, now := a.engine.Load(), a.now()
	a.inParallel(len(batch), func(i int) {
		began := time.Now()
		in := a.read(e, batch[i], now)
		batch[i].Ahead = &ahead{engine: e, took: time.Since(began), Incoming: in}
	})
}

// Deliver records a batch in one transaction. What was not read ahead, or by an engine that has been replaced since, is read
// first: a batch is wholly one engine's.
func (s *sink) Deliver(ctx context.Context, batch []mailbox.Raw, c imap.Cursor) error {
	began := time.Now()
	a := s.app
	e := a.engine.Load()
	now := a.now()
	in, before := make([]store.Incoming, len(batch)), make([]time.Duration, len(batch))
	a.inParallel(len(batch), func(i int) {
		if r, ok := batch[i].Ahead.(*ahead); ok && r.engine == e {
			in[i], before[i] = r.Incoming, r.took
		} else {
			in[i] = a.read(e, batch[i], now)
		}
		in[i].File = s.box.filing.Mode != imap.Leave && !batch[i].Sent // what our people sent stays where it is
		in[i].Cursor = &c.UID
	})
	if err := unreadable(in); err != nil {
		return err // our own disk failed while the mail was read: it is fetched again
	}
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision { return e.Decide(r, f, now) }
	recs, err := a.store.Record(ctx, in, decide, now)
	a.board.Set("store", err, a.now())
	if err != nil {
		return err
	}
	a.outbox.Wake()
	s.box.poke()
	took := time.Since(began) / time.Duration(len(batch))
	for i, r := range recs {
		a.opt.Trace("committed", r.Message)
		if r.Err != nil {
			a.log.Error("quarantined a message", "mailbox", r.Key.Account, "folder", r.Key.Folder, "uid", r.Key.UID, "err", r.Err)
			a.wakeTick()
		}
		a.log.Debug("recorded", "message", r.Message, "disposition", r.Disposition, "reason", r.Reason, "case", r.Case)
		if a.opt.Recorded != nil {
			a.opt.Recorded(r, in[i].Reading, before[i]+took)
		}
	}
	return nil
}

// unreadable tells whether the bytes of a message could not be read where they were spooled.
func unreadable(in []store.Incoming) error {
	for i := range in {
		if in[i].Reading == nil {
			continue
		}
		for _, d := range in[i].Reading.Message.Defects {
			if strings.HasPrefix(d, "read: ") {
				return fmt.Errorf("the spooled bytes of message %d cannot be read: %s", in[i].Raw.UID, d)
			}
		}
	}
	return nil
}

// read makes a reading; what panics on a mail costs that mail its quarantine and nothing else.
func (a *App) read(e *responder.Engine, raw mailbox.Raw, now time.Time) (in store.Incoming) {
	in.Raw = raw
	defer func() {
		if p := recover(); p != nil {
			in.Reading, in.Err = nil, fmt.Errorf("reading the message: panic: %v", p)
			a.log.Error("a message made the reader panic", "uid", raw.UID, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	a.opt.Trace("fetched", int64(raw.UID))
	if a.opt.BeforeRead != nil {
		a.opt.BeforeRead(raw)
	}
	m := mailbox.Parse(raw.Body, raw.Size, a.limits())
	in.Reading = e.Read(&m, raw, now)
	return in
}

func (a *App) limits() mailbox.Limits {
	l := mailbox.DefaultLimits()
	c := a.cfg.Limits
	l.Depth, l.Parts, l.HeaderBytes, l.Text = c.Depth, c.Parts, c.HeaderBytes, c.Text
	return l
}

// inParallel calls f for 0 to n-1 on as many goroutines as there are cores, and waits.
func (a *App) inParallel(n int, f func(int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	wg.Wait()
}

func (s *sink) Deleted(ctx context.Context, keys []mailbox.Key) error {
	return s.app.store.Missing(ctx, keys, responder.Deleted, s.app.now())
}

func (s *sink) Missing(ctx context.Context, keys []mailbox.Key) error {
	return s.app.store.Missing(ctx, keys, responder.Gone, s.app.now())
}

// Poisoned quarantines a mail that the server has and does not hand over.
func (s *sink) Poisoned(ctx context.Context, key mailbox.Key, why error) error {
	s.app.log.Error("a message cannot be read from the server", "mailbox", key.Account, "folder", key.Folder, "uid", key.UID, "err", why)
	_, err := s.app.store.Record(ctx, []store.Incoming{{Raw: mailbox.Raw{Key: key, Internal: s.app.now()}, Err: why}}, nil, s.app.now())
	s.app.wakeTick()
	return err
}

func (s *sink) Advance(ctx context.Context, account, folder string, c imap.Cursor) error {
	return s.app.store.Advance(ctx, store.Cursor{Account: account, Folder: folder, UIDValidity: c.UIDValidity, UID: c.UID})
}
