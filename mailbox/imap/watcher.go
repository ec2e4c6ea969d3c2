package imap

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Watcher watches the folders of one account and works on its server. Its methods may be called from any goroutine.
type Watcher struct {
	account Account
	sink    Sink
	status  *statuses
	skipID  atomic.Bool
	work    *worker
}

// New makes a Watcher; it connects to nothing yet. The sink may be nil where Run is not called. Whoever calls New calls
// Close when Run has returned and nothing is left to file.
func New(a Account, sink Sink) (*Watcher, error) {
	switch {
	case a.Name == "":
		return nil, errors.New("imap: an account needs a name")
	case a.Host == "":
		return nil, fmt.Errorf("imap: account %s needs a host", a.Name)
	case a.Secret == nil:
		return nil, fmt.Errorf("imap: account %s needs a password or token", a.Name)
	}
	switch a.Security {
	case "", TLS, StartTLS, Plain:
	default:
		return nil, fmt.Errorf("imap: account %s: security %q is none of tls, starttls, plain", a.Name, a.Security)
	}
	switch a.Auth {
	case "", Password, XOAUTH2, OAuthBearer:
	default:
		return nil, fmt.Errorf("imap: account %s: auth %q is none of password, xoauth2, oauthbearer", a.Name, a.Auth)
	}
	seen := make(map[string]bool)
	for _, f := range a.Folders {
		name := f.Name
		if strings.EqualFold(name, "INBOX") { // the one name without case (RFC 9051, 5.1)
			name = "INBOX"
		}
		if name == "" || seen[name] {
			return nil, fmt.Errorf("imap: account %s: folder %q is empty or named twice", a.Name, f.Name)
		}
		seen[name] = true
	}
	w := &Watcher{account: a.withDefaults(), sink: sink, status: newStatuses(a.Folders)}
	w.work = newWorker(w)
	return w, nil
}

// Status is a snapshot of the watched folders, in the order of the account.
func (w *Watcher) Status() []FolderStatus { return w.status.snapshot() }

// Close closes the connection that is kept for filing. Methods that need it afterwards make a new one.
func (w *Watcher) Close() error {
	w.work.close()
	return nil
}

// Run watches until ctx ends, and then returns nil. Trouble with the server or the Sink is logged, shown by Status, and
// tried again.
func (w *Watcher) Run(ctx context.Context) error {
	if w.sink == nil {
		return errors.New("imap: Run needs a sink")
	}
	var wg sync.WaitGroup
	for _, folder := range w.account.Folders {
		f := &watch{w: w, folder: folder, log: w.account.Log.With("account", w.account.Name, "folder", folder.Name)}
		wg.Go(func() { f.run(ctx) })
	}
	<-ctx.Done()
	wg.Wait()
	return nil
}

// run keeps one folder connected.
func (w *watch) run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		began := time.Now()
		w.progress = 0
		ready, err := w.guarded(ctx)
		if ctx.Err() != nil {
			w.w.status.lost(w.folder.Name, context.Cause(ctx), failures)
			return
		}
		failures++
		// A connection that brought mail, or served for a while, ended for reasons of its own.
		if w.progress > 0 || ready && time.Since(began) > w.w.account.RetryMax {
			failures = 1
		}
		w.w.status.lost(w.folder.Name, err, failures)
		pause := backoff(failures, w.w.account.RetryMin, w.w.account.RetryMax)
		w.log.Warn("mail connection ended", "err", err, "failures", failures, "again_in", pause)
		sleep(ctx, pause)
	}
}

// guarded turns a panic into an error: one folder's trouble must not end the others.
func (w *watch) guarded(ctx context.Context) (ready bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic while reading %s: %v\n%s", w.folder.Name, v, debug.Stack())
		}
	}()
	return w.once(ctx)
}

// backoff is the pause after so many failures in a row: none after the first, then doubling from least to most, each
// between half and all of it, so that many daemons do not come back at the same moment.
func backoff(failures int, least, most time.Duration) time.Duration {
	if failures <= 1 {
		return 0
	}
	d := least
	for i := 2; i < failures && d < most; i++ {
		d *= 2
	}
	d = min(d, most)
	return d/2 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
