package outbox

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// The phases of one mail, as they are traced.
const (
	PhaseClaimed   = "claimed"
	PhaseAfterData = "after-data" // the end of data was written, its answer is awaited
	PhaseAccepted  = "accepted"   // 250 was read, nothing is on record yet
	PhaseMarked    = "marked"
)

// errLost is a connection that ended before the server could have accepted anything.
var errLost = errors.New("the connection was lost before the mail was handed over")

// errAccount is a refusal that concerns the login, not the mail.
var errAccount = errors.New("the server refuses the account")

// transmit hands one mail to the server. The second result tells whether the session can be used again. An error means
// that the mail was not tried to the end and that it is the connection's or the account's fault (errLost, errAccount).
func (ses *session) transmit(s *Server, j Job, phase func(string, int64), now func() time.Time) (Result, bool, error) {
	r := Result{ID: j.ID, Server: s.Name()}
	step := func(f func() error) error {
		if err := ses.client.UpdateDeadline(s.Timeout); err != nil {
			return err
		}
		return f()
	}
	err := step(func() error { return ses.client.Mail("<" + j.EnvelopeFrom + ">") })
	if code := codeOf(err); code == 530 || code == 534 || code == 535 || code == 538 {
		return r, false, fmt.Errorf("%w: %v", errAccount, err)
	}
	if err == nil {
		err = step(func() error { return ses.client.Rcpt("<" + j.To + ">") })
	}
	if err != nil {
		return refused(r, err, now())
	}
	var w interface {
		Write([]byte) (int, error)
		Close() error
	}
	if err = step(func() (err error) { w, err = ses.client.Data(); return err }); err != nil {
		return refused(r, err, now())
	}
	if _, err := w.Write(j.Raw); err != nil {
		return r, false, fmt.Errorf("%w: %v", errLost, err)
	}
	if err := ses.client.UpdateDeadline(DataTimeout); err != nil {
		return r, false, fmt.Errorf("%w: %v", errLost, err)
	}
	phase(PhaseAfterData, j.ID)
	err = w.Close()
	r.At = now()
	if err == nil {
		phase(PhaseAccepted, j.ID)
		r.Outcome, r.Code = OutcomeSent, 250
		if dc, ok := w.(*smtp.DataCloser); ok {
			r.Detail = oneLine(dc.ServerResponse())
		}
		ses.used++
		return r, true, nil
	}
	if codeOf(err) == 0 {
		r.Outcome, r.Detail = OutcomeUnknown, oneLine(err.Error())
		return r, false, nil
	}
	return refused(r, err, r.At)
}

// refused sorts a negative answer: 4xx again later, 5xx for good, no code at all is a lost connection.
func refused(r Result, err error, at time.Time) (Result, bool, error) {
	code := codeOf(err)
	if code == 0 {
		return r, false, fmt.Errorf("%w: %v", errLost, err)
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
