package app

import (
	"context"

	"aftercare/mailbox"
)

// askAnswered bounds how many messages are asked about before a tick.
const askAnswered = 500

// lookAnswered asks the servers which of the messages that are about to be warned about a person has answered by hand
// (\Answered): their windows are met, and nobody is warned. A server that does not answer costs a warning too many.
func (a *App) lookAnswered(ctx context.Context) {
	keys, err := a.store.DueKeys(ctx, a.now(), askAnswered)
	if err != nil {
		a.log.Error("looking for answered messages", "err", err)
		return
	}
	by := map[string][]mailbox.Key{}
	for _, k := range keys {
		if b := a.boxes[k.Account]; b != nil && b.connected() {
			by[k.Account] = append(by[k.Account], k)
		}
	}
	var done []mailbox.Key
	for account, ks := range by {
		one, cancel := context.WithTimeout(ctx, a.boxes[account].cfg.IMAP.Timeout)
		m, err := a.boxes[account].watcher.Answered(one, ks...)
		cancel()
		if err != nil {
			a.log.Debug("looking for answered messages", "mailbox", account, "err", err)
			continue
		}
		for k, yes := range m {
			if yes {
				done = append(done, k)
			}
		}
	}
	if len(done) == 0 {
		return
	}
	if _, err := a.store.CancelAnswered(ctx, done, a.now()); err != nil {
		a.log.Error("recording that a person has answered", "err", err)
	}
}

// connected tells whether a folder of the mailbox is connected, so that asking is not waiting.
func (b *box) connected() bool {
	for _, f := range b.watcher.Status() {
		if f.Connected {
			return true
		}
	}
	return false
}
