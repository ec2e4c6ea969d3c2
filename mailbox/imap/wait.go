package imap

import (
	"context"
	"errors"
	"fmt"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// wait returns when it is time to search again: the server told of something, or the pause is over.
func (s *session) wait(ctx context.Context) error {
	if s.noIdle {
		return s.poll(ctx)
	}
	var idle *imapclient.IdleCommand
	err := s.c.do(ctx, "IDLE", func() (err error) {
		idle, err = s.c.client.Idle()
		return err
	})
	var refused *goimap.Error
	if errors.As(err, &refused) {
		s.noIdle = true
		s.w.status.connected(s.folder.Name, false)
		return s.poll(ctx)
	}
	if err != nil {
		return err
	}
	err = s.pause(ctx, min(s.w.account.Poll, s.w.account.IdleRestart))
	if ctx.Err() != nil {
		s.c.kill() // DONE is not worth waiting for
	}
	// The IDLE is closed whatever happened: it holds a goroutine and the lock of the client.
	if derr := s.c.do(ctx, "leaving IDLE", func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	}); err == nil {
		err = derr
	}
	return err
}

// poll waits, then lets the server look at the folder: a SEARCH alone need not.
func (s *session) poll(ctx context.Context) error {
	if err := s.pause(ctx, s.w.account.Poll); err != nil {
		return err
	}
	return s.c.do(ctx, "NOOP", func() error { return s.c.client.Noop().Wait() })
}

var errClosed = errors.New("the server closed the connection")

// pause waits for a word from the server, for at most d.
func (s *session) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.c.changed:
		s.c.wake() // the drain that follows takes it
		return nil
	case <-timer.C:
		return nil
	case <-s.c.client.Closed():
		return fmt.Errorf("waiting for mail in %s: %w", s.folder.Name, errClosed)
	case <-ctx.Done():
		return ctx.Err()
	}
}
