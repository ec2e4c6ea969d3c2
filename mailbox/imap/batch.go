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

// batcher gathers fetched mails, reads them and delivers them on goroutines of its own, so that the next ones are fetched and
// read meanwhile. A batch goes as soon as the Sink is free: one mail alone at once, many together under load.
type batcher struct {
	a *Account
	batcherSteps

	ch     chan []mail
	failed chan struct{} // closed when a step has failed
	done   chan struct{}
	err    error // valid when failed is closed

	batch []mail
	bytes int64
}

// batcherSteps is what is done with a batch: read, while the one before it may still be under delivery, then deliver.
type batcherSteps struct {
	read    func(ctx context.Context, batch []mail) []mailbox.Raw
	deliver func(ctx context.Context, batch []mailbox.Raw) error
}

// readBatch is a batch between the two steps.
type readBatch struct {
	mails []mail
	raws  []mailbox.Raw
	err   error // of a panic
}

func newBatcher(ctx context.Context, a *Account, steps batcherSteps) *batcher {
	b := &batcher{a: a, batcherSteps: steps, ch: make(chan []mail), failed: make(chan struct{}), done: make(chan struct{})}
	ready := make(chan readBatch)
	go b.readAll(ctx, ready)
	go b.deliverAll(ctx, ready)
	return b
}

func (b *batcher) readAll(ctx context.Context, ready chan<- readBatch) {
	defer close(ready)
	for batch := range b.ch {
		r := readBatch{mails: batch}
		r.err = guarded(func() error { r.raws = b.read(ctx, batch); return nil })
		ready <- r
	}
}

func (b *batcher) deliverAll(ctx context.Context, ready <-chan readBatch) {
	defer close(b.done)
	for r := range ready {
		if b.err == nil {
			if r.err == nil {
				r.err = guarded(func() error { return b.deliver(ctx, r.raws) })
			}
			if r.err != nil {
				b.err = fmt.Errorf("%w: %w", errSink, r.err)
				close(b.failed)
			}
		}
		closeAll(r.mails)
	}
}

// guarded turns a panic of the Sink into its error.
func guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
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
