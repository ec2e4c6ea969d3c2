package app

import (
	"context"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/responder/outbox"
)

// SendServer turns the SMTP part of a configured mailbox into a server to send by, with its fallback.
func SendServer(m *config.Mailbox) (outbox.Server, error) {
	s, err := sendServer(m.Name, &m.SMTP)
	if err != nil || m.Fallback == nil {
		return s, err
	}
	f, err := sendServer(m.Name, m.Fallback)
	s.Fallback = &f
	return s, err
}

func sendServer(account string, c *config.SMTP) (outbox.Server, error) {
	t, err := tlsConfig(c.Host, c.CAFile)
	if err != nil {
		return outbox.Server{}, err
	}
	return outbox.Server{Account: account, Host: c.Host, Port: c.Port, Security: c.Security, TLS: t, Helo: c.Helo,
		Auth: c.Auth, Username: c.Username, Secret: secretFunc(c.Auth, c.Password, c.OAuth),
		Connections: c.Connections, Timeout: c.Timeout, OneByOne: c.OneByOne, PerMinute: c.Rate.Minute, PerDay: c.Rate.Day}, nil
}

func (a *App) servers() ([]outbox.Server, error) {
	var out []outbox.Server
	for i := range a.cfg.Mailboxes {
		s, err := SendServer(&a.cfg.Mailboxes[i])
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *App) outboxOptions(servers []outbox.Server) outbox.Options {
	return outbox.Options{
		Queue: a.store, Servers: servers, Now: a.now, Log: a.log,
		Answered: a.answered, Proof: a.proof, Paused: a.paused.Load,
		Trouble: func(account string, err error) { a.board.Set(smtpCheck(account), err, a.now()) },
		Well:    func(account string) { a.board.Set(smtpCheck(account), nil, a.now()) },
		Marked:  a.marked,
		Phase:   a.opt.Trace,

		ResendAfter: a.opt.ResendAfter,
	}
}

// proof looks for the copy that a provider keeps of what it sends. Where copies are appended by us nothing is proved.
func (a *App) proof(ctx context.Context, j outbox.Job) (bool, error) {
	b := a.boxes[j.Account]
	if b == nil {
		return false, nil
	}
	folder, ok := b.sentFolder(ctx)
	if !ok || b.appends.Load() || b.cfg.Sent.Copy != "auto" {
		return false, nil
	}
	if folder == "" {
		r, err := b.watcher.Probe(ctx)
		if err != nil || r.Sent == "" {
			return false, err
		}
		folder = r.Sent
	}
	return b.watcher.HasMessageID(ctx, folder, j.MessageID)
}

// marked hears what became of mails: copies are due, and staff are told at once of what failed.
func (a *App) marked(rs []responder.Result) {
	tell := false
	for _, r := range rs {
		switch r.Outcome {
		case responder.OutcomeFailed, responder.OutcomeUnknown:
			tell = true
			a.log.Warn("a mail did not go out", "outbox", r.ID, "outcome", r.Outcome, "server", r.Server, "code", r.Code, "detail", r.Detail)
		case responder.OutcomeLater:
			a.log.Info("a mail has to wait", "outbox", r.ID, "until", r.Next, "code", r.Code, "detail", r.Detail)
		}
	}
	for _, b := range a.boxes {
		b.poke()
	}
	if tell {
		a.wakeTick()
	}
	if a.opt.Marked != nil {
		a.opt.Marked(rs)
	}
}
