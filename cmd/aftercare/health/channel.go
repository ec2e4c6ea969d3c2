package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// ErrPermanent marks a delivery that will not succeed by trying again.
var ErrPermanent = errors.New("permanent failure")

// Channel is one way to tell an operator. Send delivers one alert or returns why not; it ends soon after its context and
// returns no secret in its error.
type Channel struct {
	Name    string // for the log: webhook, command, mail
	Send    func(context.Context, Alert) error
	Timeout time.Duration // of one try; 0: 15 s
	Tries   int           // at most; 0: as many as fit into a day
}

// Mail is a channel by a function that hands the alert to the queue of staff mail.
func Mail(queue func(context.Context, Alert) error) Channel {
	return Channel{Name: "mail", Send: queue, Tries: 10}
}

const (
	queueLimit   = 100              // alerts that wait for one channel; further ones are dropped and logged
	firstBackoff = time.Second      // doubled from try to try
	maxBackoff   = 5 * time.Minute  //
	tooOld       = 24 * time.Hour   // an alert is not delivered later than this
	lastWords    = 3 * time.Second  // for what is queued when the daemon stops
	usualTimeout = 15 * time.Second // of one try
)

// lane delivers to one channel, one alert after the other, in a goroutine of its own.
type lane struct {
	channel Channel
	queue   chan Alert
	now     func() time.Time
	log     *slog.Logger
}

func newLane(c Channel, now func() time.Time, log *slog.Logger) *lane {
	if c.Timeout == 0 {
		c.Timeout = usualTimeout
	}
	return &lane{channel: c, queue: make(chan Alert, queueLimit), now: now, log: log.With("channel", c.Name)}
}

// push queues an alert without waiting.
func (l *lane) push(a Alert) {
	select {
	case l.queue <- a:
	default:
		l.log.Error("alert dropped: too many wait for this channel", "alert", a.ID())
	}
}

// run delivers until ctx ends. What is queued then, and what was under way, gets one more try within lastWords.
func (l *lane) run(ctx context.Context) {
	var unsent []Alert
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case a := <-l.queue:
			if !l.deliver(ctx, a) {
				unsent = append(unsent, a)
			}
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	for {
		select {
		case a := <-l.queue:
			unsent = append(unsent, a)
			continue
		default:
		}
		break
	}
	for _, a := range unsent {
		if err := l.try(last, a); err != nil {
			l.log.Error("alert not delivered before the end", "alert", a.ID(), "err", err)
		}
	}
}

// deliver tries until the alert is delivered or given up, which is logged; false means that ctx ended first.
func (l *lane) deliver(ctx context.Context, a Alert) bool {
	pause := firstBackoff
	for n := 1; ; n++ {
		err := l.try(ctx, a)
		switch {
		case err == nil:
			l.log.Info("alert delivered", "alert", a.ID(), "tries", n)
			return true
		case ctx.Err() != nil:
			return false
		case errors.Is(err, ErrPermanent), n == l.channel.Tries, l.now().Sub(a.At) > tooOld:
			l.log.Error("alert given up", "alert", a.ID(), "tries", n, "err", err)
			return true
		case n == 1:
			l.log.Warn("alert not delivered, trying again", "alert", a.ID(), "err", err)
		}
		if !sleep(ctx, pause/2+rand.N(pause)) {
			return false
		}
		pause = min(2*pause, maxBackoff)
	}
}

// try is one attempt; a panic in a channel costs that attempt.
func (l *lane) try(ctx context.Context, a Alert) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: panic: %v", ErrPermanent, r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, l.channel.Timeout)
	defer cancel()
	return l.channel.Send(ctx, a)
}

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
