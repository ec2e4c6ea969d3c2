package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"aftercare/cmd/aftercare/health"
	"aftercare/responder"
)

func smtpCheck(account string) string { return health.SMTP(account) }

// health watches over the daemon itself: the checks, the alerts, the page and the ping.
func (a *App) health(ctx context.Context) error {
	channels, err := a.channels()
	if err != nil {
		return err
	}
	host, _ := os.Hostname() // "" is told as it is
	alerter := health.NewAlerter(a.board, health.Alerts{After: a.cfg.Alerts.After, Channels: channels, Host: host,
		File: filepath.Join(a.cfg.Data, "alerts.json"), Now: a.now, Log: a.log})
	var wg sync.WaitGroup
	defer wg.Wait()
	if a.cfg.Health.Listen != "" {
		l, err := net.Listen("tcp", a.cfg.Health.Listen)
		if err != nil {
			return fmt.Errorf("health.listen: %w", err)
		}
		wg.Go(func() {
			if err := a.board.ServeOn(ctx, l); err != nil && ctx.Err() == nil {
				a.log.Error("the health page", "err", err)
			}
		})
	}
	wg.Go(func() { alerter.Run(ctx) })
	if u := a.cfg.Alerts.Ping.URL; u.Given() {
		ping, err := a.ping()
		if err != nil {
			return err
		}
		wg.Go(func() { ping.Run(ctx, a.board.Well) })
	}
	health.RunProbes(ctx, a.board, a.now,
		health.Probe{Name: health.Store, Every: 20 * time.Second, Timeout: 10 * time.Second, Check: a.storeCheck},
		health.Probe{Name: health.Disk, Every: time.Minute, Timeout: 10 * time.Second, Check: health.DiskRoom(a.cfg.Data, 64<<20, 0.01)},
		health.Probe{Name: health.Oldest, Every: 30 * time.Second, Timeout: 10 * time.Second,
			Check: health.OldestUnanswered(a.oldest, a.now, a.cfg.Reply.Window)},
		health.Probe{Name: "imap", Every: 5 * time.Second, Timeout: 5 * time.Second, Check: a.imapCheck})
	return nil
}

func (a *App) ping() (*health.Ping, error) {
	url, err := a.cfg.Alerts.Ping.URL.Read()
	if err != nil {
		return nil, err
	}
	p, err := health.NewPing(url, a.cfg.Alerts.Ping.Every, a.now, a.log)
	if err != nil {
		return nil, err
	}
	p.Skew = func(ahead time.Duration) {
		a.board.Set(health.ClockSkew, health.Skew(ahead, health.SkewLimit), a.now())
	}
	return p, nil
}

// channels are the ways an alert can go.
func (a *App) channels() ([]health.Channel, error) {
	var out []health.Channel
	c := a.cfg.Alerts
	if c.Webhook.URL.Given() {
		url, err := c.Webhook.URL.Read()
		if err != nil {
			return nil, err
		}
		ch, err := health.Webhook(url)
		if err != nil {
			return nil, fmt.Errorf("alerts.webhook: %w", err)
		}
		out = append(out, ch)
	}
	if len(c.Command) > 0 {
		ch, err := health.Command(c.Command)
		if err != nil {
			return nil, fmt.Errorf("alerts.command: %w", err)
		}
		out = append(out, ch)
	}
	names := c.Mail
	if len(names) == 0 {
		names = a.cfg.Escalation[:1]
	}
	for _, n := range names {
		if addr, ok := a.cfg.Address(n); ok {
			out = append(out, health.Mail(func(ctx context.Context, al health.Alert) error { return a.alertMail(ctx, addr, al) }))
		}
	}
	return out, nil
}

// alertMail queues an alert for one colleague.
func (a *App) alertMail(ctx context.Context, to string, al health.Alert) error {
	var failed error
	_, err := a.store.Send(ctx, func(next int64) responder.Mail {
		m, err := a.engine.Load().Alert(to, al.Check, al.Summary(), al.State != health.Trouble, next, a.now())
		failed = err
		return m
	}, a.now())
	if failed != nil {
		return failed
	}
	a.outbox.Wake()
	return err
}

// storeCheck looks whether the database answers.
func (a *App) storeCheck(ctx context.Context) error {
	_, err := a.store.Generation(ctx)
	return err
}

// imapCheck puts the state of every watched folder on the board; itself it fails when any of them does.
func (a *App) imapCheck(context.Context) error {
	var first error
	for _, b := range a.boxes {
		for _, f := range b.watcher.Status() {
			var err error
			if !f.Connected {
				err = f.Err
				if err == nil {
					err = fmt.Errorf("not connected yet")
				}
			}
			a.board.Set(health.IMAP(b.cfg.Name, f.Folder), err, a.now())
			if err != nil && first == nil {
				first = fmt.Errorf("%s/%s: %w", b.cfg.Name, f.Folder, err)
			}
		}
	}
	return first
}

// oldest is when the message that waits longest for its reply reached the company.
func (a *App) oldest(ctx context.Context) (time.Time, error) {
	opened, _, _, err := a.store.Oldest(ctx)
	return opened, err
}
