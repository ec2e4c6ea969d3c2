package app

import (
	"context"
	"errors"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/mailbox/imap"
)

// WatchAccount turns a configured mailbox into an account to watch.
func WatchAccount(m *config.Mailbox) (imap.Account, error) {
	t, err := tlsConfig(m.IMAP.Host, m.IMAP.CAFile)
	if err != nil {
		return imap.Account{}, err
	}
	acc := imap.Account{
		Name: m.Name, Host: m.IMAP.Host, Port: m.IMAP.Port, Security: imap.Security(m.IMAP.Security), TLS: t, Username: m.IMAP.Username,
		Auth: imap.Auth(m.IMAP.Auth), Secret: secretFunc(m.IMAP.Auth, m.IMAP.Password, m.IMAP.OAuth),
		Poll: m.IMAP.Poll, IdleRestart: m.IMAP.IdleRestart, CommandTimeout: m.IMAP.Timeout, Version: Version,
	}
	for _, f := range m.Folders {
		acc.Folders = append(acc.Folders, imap.Folder{Name: f.Name, Junk: f.Junk, Sent: f.Sent})
	}
	return acc, nil
}

func (a *App) newBox(m *config.Mailbox) (*box, error) {
	acc, err := WatchAccount(m)
	if err != nil {
		return nil, err
	}
	acc.MaxMailBytes, acc.SpoolDir, acc.Log = a.cfg.Limits.Message, a.cfg.Data, a.log
	b := &box{app: a, cfg: m, wake: make(chan struct{}, 1)}
	switch m.Filing.How {
	case "keyword":
		b.filing = imap.Filing{Mode: imap.Keyword, Target: m.Filing.Keyword}
	case "move":
		b.filing = imap.Filing{Mode: imap.Move, Target: m.Filing.Folder}
	default:
		b.filing = imap.Filing{Mode: imap.Leave}
	}
	b.appends.Store(m.Sent.Copy != "never")
	b.sent.Store(m.Sent.Folder)
	b.watcher, err = imap.New(acc, &sink{app: a, box: b})
	return b, err
}

// poke wakes the side work.
func (b *box) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

const sideBatch = 100

// serverWork files recorded messages and appends sent mails. What is left to do are rows, so that a crash or a server that
// is away costs time and nothing else.
func (b *box) serverWork(ctx context.Context) error {
	look := time.NewTicker(10 * time.Second)
	defer look.Stop()
	for {
		more := b.fileSome(ctx)
		more = b.appendSome(ctx) || more
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		case <-look.C:
		}
	}
}

func (b *box) fileSome(ctx context.Context) (more bool) {
	if b.filing.Mode == imap.Leave {
		return false
	}
	fs, err := b.app.store.PendingFiling(ctx, b.cfg.Name, sideBatch, b.app.now())
	if err != nil || len(fs) == 0 {
		b.failed(ctx, "reading what is to be filed", err)
		return false
	}
	keys := make([]mailbox.Key, len(fs))
	ids := make([]int64, len(fs))
	for i, f := range fs {
		keys[i], ids[i] = f.Key, f.Message
	}
	err = b.watcher.File(ctx, b.filing, keys...)
	if err == nil || errors.Is(err, imap.ErrGone) {
		for _, id := range ids {
			b.app.opt.Trace("filed", id)
		}
		b.failed(ctx, "recording what was filed", b.app.store.FilingDone(context.WithoutCancel(ctx), ids))
		return len(fs) == sideBatch
	}
	if ctx.Err() != nil {
		return false
	}
	b.failed(ctx, "filing messages", err)
	for i, f := range fs {
		next := b.app.now().Add(backOff(f.Attempt + 1))
		b.failed(ctx, "putting off a filing", b.app.store.FilingLater(ctx, ids[i], next, err.Error()))
	}
	return false
}

func (b *box) appendSome(ctx context.Context) (more bool) {
	cs, err := b.app.store.PendingSent(ctx, b.cfg.Name, sideBatch, b.app.now())
	if err != nil || len(cs) == 0 {
		b.failed(ctx, "reading what is to be appended to Sent", err)
		return false
	}
	folder, ok := b.sentFolder(ctx)
	if !ok {
		return false
	}
	for _, c := range cs {
		if folder == "" || !b.appends.Load() {
			b.failed(ctx, "ending a copy for Sent", b.app.store.SentDone(ctx, []int64{c.Outbox}))
			continue
		}
		id := c.MessageID
		if c.Attempt == 0 {
			id = "" // never tried: no need to look for it
		}
		if err := b.app.store.SentTrying(ctx, []int64{c.Outbox}); err != nil {
			b.failed(ctx, "recording an append", err)
			return false
		}
		if _, err := b.watcher.Append(ctx, folder, c.Raw, id, `\Seen`); err != nil {
			if ctx.Err() == nil {
				b.failed(ctx, "appending to "+folder, err)
				b.failed(ctx, "putting off an append", b.app.store.SentLater(ctx, c.Outbox, b.app.now().Add(backOff(c.Attempt+1)), err.Error()))
			}
			return false
		}
		b.failed(ctx, "recording an append", b.app.store.SentDone(context.WithoutCancel(ctx), []int64{c.Outbox}))
	}
	return len(cs) == sideBatch
}

// sentFolder finds the folder for copies. With copy: auto a server that files what it sends by itself gets none from us.
func (b *box) sentFolder(ctx context.Context) (string, bool) {
	if name := b.sent.Load().(string); name != "" {
		return name, true
	}
	r, err := b.watcher.Probe(ctx)
	if err != nil {
		b.failed(ctx, "looking for the Sent folder", err)
		return "", false
	}
	if b.cfg.Sent.Copy == "auto" && FilesItself(r.Capabilities) {
		b.app.log.Info("the server keeps a copy of what it sends; none is appended", "mailbox", b.cfg.Name)
		b.appends.Store(false)
		return "", true
	}
	name := r.Sent
	if name == "" {
		name = "Sent"
	}
	b.sent.Store(name)
	return name, true
}

// FilesItself knows the servers that put what goes out over their SMTP into Sent: Gmail and Microsoft 365.
func FilesItself(capabilities []string) bool {
	for _, c := range capabilities {
		if c == "X-GM-EXT-1" || c == "AUTH=XOAUTH2-MS" {
			return true
		}
	}
	return false
}

func (b *box) failed(ctx context.Context, doing string, err error) {
	if err != nil && ctx.Err() == nil {
		b.app.log.Error(doing, "mailbox", b.cfg.Name, "err", err)
	}
}

// backOff is the pause after the n-th failure of side work.
func backOff(n int) time.Duration {
	return min(5*time.Second<<min(n, 10), time.Hour)
}
