package imap

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"aftercare/mailbox"
)

// errSink marks an error of the Sink: neither the server nor a mail is to blame.
var errSink = errors.New("recording mail")

// batcher gathers fetched mails and delivers them on a goroutine of its own, so that the next ones are read meanwhile. A
// batch goes as soon as the Sink is free: one mail alone at once, many together under load.
type batcher struct {
	a       *Account
	deliver func(ctx context.Context, batch []mail) error

	ch     chan []mail
	failed chan struct{} // closed when deliver has failed
	done   chan struct{}
	err    error // valid when failed is closed

	batch []mail
	bytes int64
}

func newBatcher(ctx context.Context, a *Account, deliver func(context.Context, []mail) error) *batcher {
	b := &batcher{a: a, deliver: deliver, ch: make(chan []mail), failed: make(chan struct{}), done: make(chan struct{})}
	go b.run(ctx)
	return b
}

func (b *batcher) run(ctx context.Context) {
	defer close(b.done)
	for batch := range b.ch {
		if b.err == nil {
			if err := b.guarded(ctx, batch); err != nil {
				b.err = fmt.Errorf("%w: %w", errSink, err)
				close(b.failed)
			}
		}
		closeAll(batch)
	}
}

// guarded turns a panic of the Sink into its error.
func (b *batcher) guarded(ctx context.Context, batch []mail) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return b.deliver(ctx, batch)
}

func closeAll(batch []mail) {
	for _, m := range batch {
		m.body.close()
	}
}

// add takes a mail, and waits when the batch is full and the Sink busy.
func (b *batcher) add(ctx context.Context, m mail) error {
	b.batch = append(b.batch, m)
	b.bytes += m.size
	select {
	case <-b.failed: // what follows would be read for nothing
		return b.err
	default:
	}
	if len(b.batch) >= b.a.BatchMails || b.bytes >= b.a.BatchBytes {
		return b.flush(ctx)
	}
	select {
	case b.ch <- b.batch:
		b.batch, b.bytes = nil, 0
	default:
	}
	return nil
}

// flush hands over what is gathered.
func (b *batcher) flush(ctx context.Context) error {
	if len(b.batch) == 0 {
		return nil
	}
	select {
	case b.ch <- b.batch:
		b.batch, b.bytes = nil, 0
		return nil
	case <-b.failed:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close delivers the rest and waits for the goroutine.
func (b *batcher) close(ctx context.Context) error {
	err := b.flush(ctx)
	close(b.ch)
	<-b.done
	closeAll(b.batch)
	if b.err != nil {
		return b.err
	}
	return err
}

// keyed makes the Raws of a batch.
func keyed(batch []mail, key mailbox.Key, answered map[uint32]bool, f Folder) []mailbox.Raw {
	out := make([]mailbox.Raw, len(batch))
	for i := range batch {
		out[i] = batch[i].raw(key, answered[batch[i].uid], f)
	}
	return out
}
