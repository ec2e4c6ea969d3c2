package app

import (
	"context"
	"sync"
	"time"

	"aftercare/mailbox"
	"aftercare/responder/outbox"
)

const (
	// freshness is how long a look at \Answered is good for, the one that came with the fetch included. Under load replies
	// leave at once, and another look at the server would cost more than it tells.
	freshness = 5 * time.Second
	// lookAhead is how many messages are looked at together: under a backlog the next replies answer the next messages.
	lookAhead = 500
)

// looks remembers what the last look at \Answered showed. The zero value has looked at nothing.
type looks struct {
	mu       sync.Mutex
	at       time.Time
	from, to mailbox.Key // the first and the last message that it covered
	answered map[mailbox.Key]bool
}

func (l *looks) covers(k mailbox.Key, now time.Time) bool {
	return now.Sub(l.at) < freshness && k.Account == l.from.Account && k.Folder == l.from.Folder && k.UIDValidity == l.from.UIDValidity &&
		k.UID >= l.from.UID && k.UID <= l.to.UID
}

// answered asks the server whether a person has answered the message meanwhile.
func (a *App) answered(ctx context.Context, j outbox.Job) (bool, error) {
	if j.Answers == (mailbox.Key{}) || a.now().Sub(j.Queued) < freshness {
		return false, nil
	}
	b := a.boxes[j.Answers.Account]
	if b == nil {
		return false, nil
	}
	is, err := b.look(ctx, j.Answers)
	if err != nil || !is {
		return false, err
	}
	// The outbox cancels this mail; the windows that the person has met, and other mail to the same effect, stand on record.
	_, err = a.store.CancelAnswered(ctx, []mailbox.Key{j.Answers}, a.now())
	return true, err
}

// look tells whether \Answered stands on a message, as it was at most freshness ago.
func (b *box) look(ctx context.Context, k mailbox.Key) (bool, error) {
	l := &b.looks
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.covers(k, b.app.now()) {
		return l.answered[k], nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.cfg.IMAP.Timeout)
	defer cancel()
	keys := make([]mailbox.Key, 0, lookAhead)
	for uid := k.UID; len(keys) < lookAhead && uid >= k.UID; uid++ {
		next := k
		next.UID = uid
		keys = append(keys, next)
	}
	at := b.app.now()
	answered, err := b.watcher.Answered(ctx, keys...)
	if err != nil {
		return false, err
	}
	l.at, l.from, l.to, l.answered = at, k, keys[len(keys)-1], answered
	return answered[k], nil
}
