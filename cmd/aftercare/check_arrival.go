package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/mailbox/imap"
)

// arrival is a test mail that came back.
type arrival struct {
	folder  string
	junk    bool
	message *mailbox.Message
	at      time.Time
}

// lookout watches a mailbox for test mails. It records nothing and changes nothing on the server.
type lookout struct {
	watcher *imap.Watcher
	cancel  context.CancelFunc
	done    chan struct{}

	mu   sync.Mutex
	got  []arrival
	more chan struct{} // closed and renewed when something came
}

// lookFor begins to watch the folders of a mailbox, INBOX and the junk folder among them, from now on. It returns once every
// folder is open. Call stop when done.
func lookFor(ctx context.Context, m *config.Mailbox) (*lookout, error) {
	acc, err := app.WatchAccount(m)
	if err != nil {
		return nil, err
	}
	acc.Poll, acc.Log = 2*time.Second, slog.New(slog.DiscardHandler)
	l := &lookout{done: make(chan struct{}), more: make(chan struct{})}
	opened := &openings{from: map[string]imap.Cursor{}, ready: make(chan struct{}), want: len(acc.Folders)}
	if l.watcher, err = imap.New(acc, &arrivals{l: l, opened: opened}); err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(ctx)
	l.cancel = cancel
	go func() {
		defer close(l.done)
		_ = l.watcher.Run(run) // it ends with run, and returns nil then
	}()
	select {
	case <-opened.ready:
		return l, nil
	case <-time.After(probeTime):
		err = imap.ErrTimeout
	case <-ctx.Done():
		err = ctx.Err()
	}
	l.stop()
	return nil, err
}

func (l *lookout) stop() {
	l.cancel()
	<-l.done
	_ = l.watcher.Close()
}

// await waits for a mail until ctx ends; nil when it does not come.
func (l *lookout) await(ctx context.Context, p probe) *arrival {
	for {
		l.mu.Lock()
		more := l.more
		for i := range l.got {
			if a := &l.got[i]; a.message.MessageID == p.id || strings.Contains(a.message.Subject, p.mark) {
				l.mu.Unlock()
				return a
			}
		}
		l.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return nil
		}
	}
}

// openings tells when every folder is open, and where its new mail begins.
type openings struct {
	mu    sync.Mutex
	from  map[string]imap.Cursor
	want  int
	ready chan struct{}
}

// opened returns the cursor that the folder was first opened with: a connection that breaks hides nothing.
func (o *openings) opened(folder string, c imap.Cursor) imap.Cursor {
	o.mu.Lock()
	defer o.mu.Unlock()
	if had, ok := o.from[folder]; ok && had.UIDValidity == c.UIDValidity {
		return had
	}
	o.from[folder] = c
	if len(o.from) == o.want {
		select {
		case <-o.ready:
		default:
			close(o.ready)
		}
	}
	return c
}

// arrivals is the sink of a lookout.
type arrivals struct {
	l      *lookout
	opened *openings
}

func (a *arrivals) Start(_ context.Context, o imap.Opened) (imap.Start, error) {
	return imap.Start{Cursor: a.opened.opened(o.Folder, imap.Cursor{UIDValidity: o.UIDValidity, UID: max(o.UIDNext, 1) - 1})}, nil
}

func (a *arrivals) Deliver(_ context.Context, batch []mailbox.Raw, _ imap.Cursor) error {
	a.l.mu.Lock()
	defer a.l.mu.Unlock()
	for _, raw := range batch {
		m := mailbox.Parse(raw.Body, raw.Size, mailbox.Limits{})
		if !strings.HasPrefix(m.Subject, "aftercare test mail ") {
			continue
		}
		a.l.got = append(a.l.got, arrival{folder: raw.Folder, junk: raw.Junk, message: &m, at: time.Now()})
	}
	close(a.l.more)
	a.l.more = make(chan struct{})
	return nil
}

func (*arrivals) Deleted(context.Context, []mailbox.Key) error               { return nil }
func (*arrivals) Missing(context.Context, []mailbox.Key) error               { return nil }
func (*arrivals) Poisoned(context.Context, mailbox.Key, error) error         { return nil }
func (*arrivals) Advance(context.Context, string, string, imap.Cursor) error { return nil }
