package outbox

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"
)

// The phases of one mail, as they are traced.
const (
	PhaseClaimed   = "claimed"
	PhaseAfterData = "after-data" // the end of data is written, its answer is awaited
	PhaseAccepted  = "accepted"   // 250 was read, nothing is on record yet
	PhaseMarked    = "marked"
)

// errLost is a connection that ended before the server could have accepted anything.
var errLost = errors.New("the connection was lost before the mail was handed over")

// errAccount is a refusal that concerns the login, not the mail.
var errAccount = errors.New("the server refuses the account")

// accountCodes are answers to MAIL that are never about the mail: not the right moment (503, and 502 of some), no login or a
// bad one (RFC 4954, 6).
var accountCodes = []int{502, 503, 530, 534, 535, 538}

// transmit hands one mail to the server. The second result tells whether the session can be used again. An error means
// that the mail was not tried to the end and that it is the connection's or the account's fault (errLost, errAccount).
func (ses *session) transmit(s *Server, j Job, to envelope, phase func(string, int64), now func() time.Time) (Result, bool, error) {
	r := Result{ID: j.ID, Server: s.Name()}
	err := ses.envelope(s, to)
	if errors.Is(err, errAccount) {
		return r, false, err
	}
	if err != nil {
		if codeOf(err) == 421 && ses.used > 0 {
			return r, false, fmt.Errorf("%w: %s", errLost, oneLine(err.Error())) // the server's word for an idle connection
		}
		return refused(r, err, now())
	}
	if err := ses.text(j.Raw, s.Timeout); err != nil {
		return r, false, fmt.Errorf("%w: %w", errLost, err)
	}
	phase(PhaseAfterData, j.ID)
	var code int
	var answer string
	err = ses.step(s.DataTimeout, func() (err error) { code, answer, err = ses.client.Text.ReadResponse(2); return err })
	r.At = now()
	switch {
	case err == nil:
		phase(PhaseAccepted, j.ID)
		r.Outcome, r.Code, r.Detail = OutcomeSent, code, oneLine(answer)
		ses.used++
		return r, true, nil
	case codeOf(err) < 400 || codeOf(err) > 599:
		r.Outcome, r.Detail = OutcomeUnknown, oneLine(err.Error())
		return r, false, nil
	}
	return refused(r, err, r.At)
}

// refused sorts a negative answer: 4xx again later, 5xx for good, anything else is a lost connection.
func refused(r Result, err error, at time.Time) (Result, bool, error) {
	code := codeOf(err)
	if code < 400 || code > 599 {
		return r, false, fmt.Errorf("%w: %w", errLost, err)
	}
	r.At, r.Code, r.Detail = at, code, oneLine(err.Error())
	r.Outcome = OutcomeLater
	if code >= 500 {
		r.Outcome = OutcomeFailed
	}
	// After a refusal the transaction must be reset before the next one; a new connection is the surest reset.
	return r, false, nil
}

func codeOf(err error) int {
	var te *textproto.Error
	if errors.As(err, &te) {
		return te.Code
	}
	return 0
}

// oneLine makes a server's words fit for a log and a history.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "")
	}
	return s
}
