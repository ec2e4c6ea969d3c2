package demo

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/internal/mailtest/memory"
	"aftercare/mailbox"
	"aftercare/store"
)

// clock is the time that the daemon lives in; it can be moved forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// scenes plays the mails, then the clock.
func (s *stage) scenes(ctx context.Context) error {
	s.out.head("The mails arrive")
	run := fmt.Sprint(time.Now().UnixNano())
	for i, m := range s.samps {
		reply, subject := "", ""
		if m.needs != "" {
			var err error
			if reply, subject, err = s.replyTo(ctx, m.needs); err != nil {
				return err
			}
		}
		raw, err := m.raw(run, s.clock.now(), reply, subject)
		if err != nil {
			return err
		}
		if _, err := s.imap.Append(user, "INBOX", raw, time.Now()); err != nil {
			return err
		}
		if err := wait(ctx, "sample "+m.name, func() bool { return s.out.count() > i }); err != nil {
			return err
		}
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	for _, scene := range []struct {
		title string
		ahead time.Duration
	}{
		{"An hour later: windows that nobody has answered are at risk", 61 * time.Minute},
		{"Two hours after they came: the windows are missed", 60 * time.Minute},
		{"Half a day later: visits are due soon", 11 * time.Hour},
		{"The next day: visits are overdue", 12 * time.Hour},
	} {
		s.out.head(scene.title)
		s.clock.forward(scene.ahead)
		if err := s.tick(ctx); err != nil {
			return err
		}
	}
	s.out.summary(s.smtp.Messages())
	return nil
}

// replyTo is the Message-ID and subject of the reply that went to an address.
func (s *stage) replyTo(ctx context.Context, addr string) (id, subject string, err error) {
	err = wait(ctx, "the reply to "+addr, func() bool {
		for _, m := range s.smtp.Messages() {
			if len(m.To) == 1 && m.To[0] == addr {
				p := parse(m)
				id, subject = p.MessageID, p.Subject
				return true
			}
		}
		return false
	})
	return id, subject, err
}

// settle waits until every mail that the outbox has is out.
func (s *stage) settle(ctx context.Context) error {
	return wait(ctx, "the replies", func() bool { return s.smtp.Count() >= s.out.queued() })
}

// tick asks the daemon for a tick and shows each step with the mail that staff got.
func (s *stage) tick(ctx context.Context) error {
	answer := make(chan app.TickDone, 1)
	select {
	case s.ticks <- answer:
	case <-ctx.Done():
		return ctx.Err()
	}
	done := <-answer
	if done.Err != nil {
		return done.Err
	}
	if err := wait(ctx, "the mails of the tick", func() bool {
		return !slices.ContainsFunc(done.Result.Steps, func(st store.SaidStep) bool { return st.Outbox != 0 && s.sent.of(st.Outbox) == nil })
	}); err != nil {
		return err
	}
	s.out.steps(done.Result.Steps, s.sent)
	return nil
}

func parse(m memory.Delivered) mailbox.Message {
	return mailbox.Parse(byteReader(m.Data), int64(len(m.Data)), mailbox.DefaultLimits())
}
