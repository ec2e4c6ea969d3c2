package health

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Probe is a check that the daemon makes by itself from time to time.
type Probe struct {
	Name    string
	Every   time.Duration
	Timeout time.Duration // of one check
	Check   func(context.Context) error
}

// RunProbes makes each probe at once and then at its interval, and sets it on the Board, until ctx ends; it returns when
// all have ended. Each has its own goroutine, and one that hangs is in trouble after three intervals.
func RunProbes(ctx context.Context, b *Board, now func() time.Time, probes ...Probe) {
	var wg sync.WaitGroup
	for _, p := range probes {
		b.Expect(p.Name, 3*p.Every+p.Timeout, now())
		wg.Go(func() {
			for {
				one, cancel := context.WithTimeout(ctx, p.Timeout)
				err := p.Check(one)
				cancel()
				if ctx.Err() != nil {
					return
				}
				b.Set(p.Name, err, now())
				if !sleep(ctx, p.Every) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// DiskRoom returns a check that fails when less than minBytes or less than minShare (0 to 1) of the file system of a
// folder is free to us.
func DiskRoom(folder string, minBytes uint64, minShare float64) func(context.Context) error {
	return func(context.Context) error {
		free, total, err := diskFree(folder)
		if err != nil {
			return fmt.Errorf("asking for the free space of %s: %w", folder, err)
		}
		if free < minBytes || float64(free) < minShare*float64(total) {
			return fmt.Errorf("%s has %d MiB free of %d MiB", folder, free>>20, total>>20)
		}
		return nil
	}
}

// OldestUnanswered returns a check that fails when the oldest message that still waits for its reply has waited longer
// than limit. oldest returns when it reached the company, or the zero time where none waits.
func OldestUnanswered(oldest func(context.Context) (time.Time, error), now func() time.Time, limit time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		at, err := oldest(ctx)
		if err != nil {
			return fmt.Errorf("looking for the oldest unanswered message: %w", err)
		}
		if waited := now().Sub(at); !at.IsZero() && waited > limit {
			return fmt.Errorf("a message has waited for its reply for %v, since %s", waited.Round(time.Second), at.UTC().Format(time.RFC3339))
		}
		return nil
	}
}

// Ahead is what a server's clock is ahead of ours (negative: behind) when it told a time at some moment between asked and
// answered, our times. What the wait leaves open counts as no difference.
func Ahead(server, asked, answered time.Time) time.Duration {
	if server.Before(asked) {
		return server.Sub(asked)
	}
	if server.After(answered) {
		return server.Sub(answered)
	}
	return 0
}

// SkewLimit is a difference of clocks that is no trouble: a tenth of the time that is left at the last warning.
const SkewLimit = 3 * time.Minute

// Skew judges what a clock is ahead of ours: an error beyond limit in either direction.
func Skew(ahead, limit time.Duration) error {
	switch {
	case ahead > limit:
		return fmt.Errorf("this machine's clock is %v behind the server's", ahead.Round(time.Second))
	case -ahead > limit:
		return fmt.Errorf("this machine's clock is %v ahead of the server's", (-ahead).Round(time.Second))
	}
	return nil
}

// ArrivalSkew judges the INTERNALDATE of a mail that was just read (RFC 3501 2.3.3) against our clock. Only a date in the
// future proves anything: an old one may be an old mail.
func ArrivalSkew(internal, now time.Time, limit time.Duration) error {
	return Skew(max(0, internal.Sub(now)), limit)
}
