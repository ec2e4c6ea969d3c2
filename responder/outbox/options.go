package outbox

import (
	"context"
	"log/slog"
	"time"
)

// Options is what an Outbox works with. Queue, Servers, Now and Log are needed; a nil function is not asked.
type Options struct {
	Queue   Queue
	Servers []Server
	Now     func() time.Time
	Log     *slog.Logger

	// Answered tells, right before the send, whether a person has answered the message meanwhile; then the reply is
	// cancelled. An error lets the reply go out: a promise is not broken because a look failed.
	Answered func(context.Context, Job) (bool, error)
	// Proof looks for a copy of a mail of unknown outcome that the provider made (never one that we appended). After an
	// error it is asked again for some rounds before the mail is repeated without proof.
	Proof func(context.Context, Job) (bool, error)
	// Paused tells whether mail to customers rests.
	Paused func() bool
	// Trouble tells that an account cannot send, once until it can again. Well tells that it can: after trouble, and after
	// the first mail. Both are called from several goroutines.
	Trouble func(account string, err error)
	Well    func(account string)
	// Marked is called after results are on record, from one goroutine.
	Marked func([]Result)
	// Phase traces where each mail is; see the Phase constants.
	Phase func(phase string, id int64)

	ResendAfter time.Duration // how long a mail of unknown outcome waits for proof before it is repeated; default 30 s
	Grace       time.Duration // how long a mail under way may take to its end when Run is told to stop; default 3 s
	// FallbackBefore is how long before its deadline a mail may go by the fallback server of an account whose own server is
	// in trouble; default 30 min.
	FallbackBefore time.Duration
}

func (opt Options) withDefaults() Options {
	if opt.Phase == nil {
		opt.Phase = func(string, int64) {}
	}
	if opt.ResendAfter == 0 {
		opt.ResendAfter = 30 * time.Second
	}
	if opt.Grace == 0 {
		opt.Grace = 3 * time.Second
	}
	if opt.FallbackBefore == 0 {
		opt.FallbackBefore = 30 * time.Minute
	}
	return opt
}
