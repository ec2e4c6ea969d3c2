package outbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Capabilities is what a server offers once the login has passed, for people who set it up.
type Capabilities struct {
	Server     string // host:port
	Encrypted  bool
	Auth       []string // the logins that it offers (RFC 4954)
	MaxSize    int64    // RFC 1870; 0 when it names no limit
	DSN        bool     // RFC 3461
	Pipelining bool     // RFC 2920
	UTF8       bool     // RFC 6531
}

// Probe connects, secures and logs in as the outbox does, and looks at what the server offers. Nothing is sent. The error
// is that of the connection or the login, without the secret.
func (s *Server) Probe(ctx context.Context) (Capabilities, error) {
	c := Capabilities{Server: s.Name(), Encrypted: s.Security != Plain}
	ses, err := s.once().open(ctx)
	if err != nil {
		return c, err
	}
	defer ses.bye()
	if ok, words := ses.client.Extension("AUTH"); ok {
		c.Auth = strings.Fields(strings.ToUpper(words))
		slices.Sort(c.Auth)
	}
	if ok, words := ses.client.Extension("SIZE"); ok {
		c.MaxSize, _ = strconv.ParseInt(strings.TrimSpace(words), 10, 64) // without a number there is no limit
	}
	c.DSN, _ = ses.client.Extension("DSN")
	c.Pipelining, _ = ses.client.Extension("PIPELINING")
	c.UTF8, _ = ses.client.Extension("SMTPUTF8")
	return c, nil
}

// SendOne hands one mail to the server, outside the queue: a test that somebody asked for. from and to are bare addresses,
// "" for from is the null sender. An error means that the server could not be reached or did not let us in; what it said to
// the mail itself stands in the result (OutcomeSent, OutcomeLater, OutcomeFailed or OutcomeUnknown).
func (s *Server) SendOne(ctx context.Context, from, to string, raw []byte) (Result, error) {
	r := Result{Server: s.Name(), Outcome: OutcomeUnknown}
	for _, a := range []string{from, to} {
		if strings.ContainsAny(a, "<> \r\n\t") {
			return r, fmt.Errorf("%q is no address", a)
		}
	}
	one := s.once()
	ses, err := one.open(ctx)
	if err != nil {
		return r, err
	}
	defer ses.bye()
	stop := context.AfterFunc(ctx, func() { ses.close() })
	defer stop()
	answer, err := ses.hand(one, envelope{from, to}, raw)
	if err == nil {
		r.Outcome, r.Code, r.Detail = OutcomeSent, 250, oneLine(answer)
		return r, nil
	}
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	r.Code, r.Detail = codeOf(err), oneLine(err.Error())
	switch {
	case r.Code >= 500:
		r.Outcome = OutcomeFailed
	case r.Code >= 400:
		r.Outcome = OutcomeLater
	}
	return r, nil
}

// hand goes through one mail transaction (RFC 5321, 3.3), as every mail of the queue does, and returns what the server said at
// its end.
func (ses *session) hand(s *Server, to envelope, raw []byte) (answer string, err error) {
	if err := ses.envelope(s, to); err != nil {
		return "", err
	}
	if err := ses.text(raw, s.Timeout); err != nil {
		return "", err
	}
	err = ses.step(3*s.Timeout, func() (err error) { _, answer, err = ses.client.Text.ReadResponse(250); return err })
	return answer, err
}

// bye ends a session that was opened for one purpose.
func (ses *session) bye() {
	if ses.client.UpdateDeadline(2*time.Second) == nil {
		_ = ses.client.Quit() // what it was opened for is done
	}
	ses.close()
}

// once is the server with a wait for each command, where none is set.
func (s *Server) once() *Server {
	one := *s
	if one.Timeout == 0 {
		one.Timeout = time.Minute
	}
	return &one
}
