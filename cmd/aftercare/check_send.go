package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/outbox"
)

// probe is one test mail on its way.
type probe struct {
	to, id string
	mark   string // stands in the subject: it finds the mail where the Message-ID was rewritten
	sent   time.Time
}

// sendTests sends a mail to the address that the operator named, and two to the mailbox itself: to its address and to a
// plus address of it.
func (k *checkCmd) sendTests(env *environment, c *config.Config, m *config.Mailbox, f *findings) {
	about := "test " + m.Name
	server, err := app.SendServer(m)
	if err != nil {
		f.add(about, problem, "%v", err)
		return
	}
	key, err := app.SigningKey(c, false)
	if err != nil {
		return // said already
	}
	t := &tester{key: key, from: m.Address, server: server, now: env.now(), f: f, about: about}
	if !slices.ContainsFunc(c.Own(), func(a string) bool { return strings.EqualFold(a, k.SendTest) }) {
		if _, ok := t.send(env.ctx, k.SendTest, 0); ok {
			f.add(about, fine, "the server took a mail to %s: look whether it arrives, and not among junk", k.SendTest)
		}
	}
	// The watcher starts before the mails go out, so that it sees them come.
	look, err := lookFor(env.ctx, m)
	if err != nil {
		f.add(about, problem, "the round trip cannot be watched: %v", err)
		return
	}
	defer look.stop()
	self, ok := t.send(env.ctx, m.Address, 1)
	if !ok {
		return
	}
	plusAddr := responder.SignPlus(key, t.token(2), m.Address)
	plus, plusSent := t.send(env.ctx, plusAddr, 2)
	ctx, cancel := context.WithTimeout(env.ctx, k.Wait)
	defer cancel()
	t.judgeSelf(look.await(ctx, self), self, k.Wait)
	if plusSent {
		t.judgePlus(look.await(ctx, plus), m, plus)
	}
}

// tester sends test mails from one mailbox and says what became of them.
type tester struct {
	key    []byte
	from   string
	server outbox.Server
	now    time.Time
	f      *findings
	about  string
}

// token names a mail of no case, so that a daemon that runs beside knows it for our own and lets it lie.
func (t *tester) token(n int64) responder.Token {
	return responder.Token{Case: 0, Outbox: t.now.UnixNano()/1000*10 + n}
}

func (t *tester) send(ctx context.Context, to string, n int64) (probe, bool) {
	tok := t.token(n)
	id := responder.SignMessageID(t.key, tok, t.from[strings.LastIndexByte(t.from, '@')+1:])
	p := probe{to: to, id: id, mark: strings.Split(id, ".")[2], sent: time.Now()}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	r, err := t.server.SendOne(ctx, t.from, to, t.mail(p, tok))
	switch {
	case err != nil:
		t.f.add(t.about, problem, "sending to %s: %v", to, err)
	case r.Outcome != outbox.OutcomeSent:
		level := problem
		if n == 2 {
			level = hint // an address with a plus may be refused; then none is used
		}
		t.f.add(t.about, level, "%s did not take a mail to %s: %s", r.Server, to, r.Detail)
	default:
		return p, true
	}
	return p, false
}

func (t *tester) mail(p probe, tok responder.Token) []byte {
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", t.from}, {"To", p.to}, {"Subject", "aftercare test mail " + p.mark}, {"Date", t.now.Format(time.RFC1123Z)},
		{"Message-ID", "<" + p.id + ">"}, {"References", "<" + p.id + ">"}, {"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"},
		{responder.HeaderName, responder.SignHeader(t.key, tok)}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=us-ascii"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\nThis mail was sent by `aftercare check --send-test`. It can be deleted.\r\n")
	return b.Bytes()
}

func (t *tester) judgeSelf(got *arrival, p probe, wait time.Duration) {
	if got == nil {
		t.f.add(t.about, problem, "a mail to %s was taken and did not come to a watched folder within %v: is it this mailbox that receives it? Look among junk", p.to, wait)
		return
	}
	took := got.at.Sub(p.sent).Round(100 * time.Millisecond)
	level, where := fine, ""
	if got.junk {
		level, where = hint, ", among junk: mail from the mailbox's own server should not be judged so"
	}
	t.f.add(t.about, level, "round trip: a mail to itself came back to %s in %v%s", got.folder, took, where)
	if got.message.MessageID == p.id {
		t.f.add(t.about, fine, "the Message-ID arrives as it was written")
		return
	}
	kept := "nothing of ours survives; answers are found by the subject tag alone"
	if slices.Contains(got.message.References, p.id) {
		kept = "References keep ours, by which answers are found"
	}
	t.f.add(t.about, hint, "the server rewrites the Message-ID (to %s); %s", or(got.message.MessageID, "none"), kept)
}

func (t *tester) judgePlus(got *arrival, m *config.Mailbox, p probe) {
	proved := got != nil && delivered(got.message, p.to)
	switch {
	case proved && m.Plus:
		t.f.add(t.about, fine, "plus addresses reach the mailbox, and are used (plus_addressing: true)")
	case proved:
		t.f.add(t.about, hint, "plus addresses reach the mailbox: plus_addressing: true would make answers find their case even when the subject and the references are lost")
	case m.Plus:
		t.f.add(t.about, problem, "plus_addressing is true, and a mail to %s did not arrive: answers would be lost. Set it to false", p.to)
	default:
		t.f.add(t.about, fine, "plus addresses do not reach the mailbox, and are not used")
	}
}

// delivered tells whether the address, as it was written to, can still be read in the mail.
func delivered(m *mailbox.Message, to string) bool {
	return slices.ContainsFunc(m.To, func(a mailbox.Address) bool { return strings.EqualFold(a.Addr, to) })
}
