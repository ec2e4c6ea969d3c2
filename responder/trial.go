package responder

import (
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/sla"
	"aftercare/templates"
)

// Trial composes a rendered template as a mail to somebody who wants to see it, from the named account: the same bytes a
// customer would get, but for the numbers. It belongs to no case and is not put on record; when it comes back it is known
// for our own. It returns the envelope sender with it.
func (e *Engine) Trial(account, to string, r templates.Rendered, now time.Time) (from string, raw []byte, err error) {
	a := e.account(account)
	raw, _, err = e.compose(letter{account: a, to: mailbox.Address{Addr: strings.TrimSpace(to)}, token: Token{Outbox: now.UnixMilli()},
		automatic: "auto-generated", rendered: r, now: now})
	return a.Address, raw, err
}

// PreviewVars is what a first reply to a case would say, to a sender who is on the contract that the case rests on: for staff
// who want to see a template filled in. visit may be nil.
func (e *Engine) PreviewVars(c Case, visit *sla.Visit, now time.Time) templates.Vars {
	c.told = told{ok: true, ref: c.Record}
	return e.vars(&c, now, e.Plan.ReplyDue(c.Opened), visit)
}
