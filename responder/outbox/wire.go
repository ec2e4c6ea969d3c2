package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"time"
)

// exchange is one command of the envelope and the answer that goes on from it (RFC 5321, 4.3.2).
type exchange struct {
	command string
	want    int // a code, or its first digits
}

// envelope says whom a mail is from and for, and asks for its text. A server that offers PIPELINING gets all of it at once
// (RFC 2920): one way there and back instead of three. The error is the first refusal, or the connection's. A refusal of MAIL
// that is about the login is errAccount. After an error the session is of no more use, since answers may be outstanding; no
// text has been sent.
func (ses *session) envelope(s *Server, to envelope) error {
	cs := []exchange{{"MAIL FROM:<" + to.from + ">", 250}, {"RCPT TO:<" + to.to + ">", 25}, {"DATA", 354}}
	together := 1
	if ok, _ := ses.client.Extension("PIPELINING"); ok && !s.OneByOne {
		together = len(cs)
	}
	for group := range slices.Chunk(cs, together) {
		if err := ses.step(s.Timeout, func() error { return ses.say(group) }); err != nil {
			return err
		}
		for _, x := range group {
			err := ses.step(s.Timeout, func() error { _, _, err := ses.client.Text.ReadResponse(x.want); return err })
			var said *textproto.Error
			if x == cs[0] && errors.As(err, &said) && slices.Contains(accountCodes, said.Code) {
				return fmt.Errorf("%w: %w", errAccount, &textproto.Error{Code: said.Code, Msg: oneLine(said.Msg)})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// say writes commands. What they are made of was checked before: see checked.
func (ses *session) say(cs []exchange) error {
	w := ses.client.Text.W
	for _, x := range cs {
		if _, err := w.WriteString(x.command + "\r\n"); err != nil {
			return err
		}
	}
	return w.Flush()
}

// text writes the mail and the end of data, block by block, each with its own time. The end of data is the last to be
// written: after an error the server cannot have seen it.
func (ses *session) text(raw []byte, timeout time.Duration) error {
	const block = 64 << 10
	ses.room = stuffed(ses.room[:0], raw)
	for b := range slices.Chunk(ses.room, block) {
		err := ses.step(timeout, func() error {
			if _, err := ses.client.Text.W.Write(b); err != nil {
				return err
			}
			return ses.client.Text.W.Flush()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stuffed appends a mail as it goes over the wire (RFC 5321, 4.5.2): lines end in CRLF, a dot at the begin of a line is
// doubled, and a line with a dot alone ends it.
func stuffed(out, raw []byte) []byte {
	out = slices.Grow(out, len(raw)+len(raw)/64+8)
	for line := range bytes.SplitAfterSeq(raw, []byte("\n")) {
		if len(line) == 0 {
			break // behind the last line
		}
		if line[0] == '.' {
			out = append(out, '.')
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		out = append(append(out, line...), '\r', '\n')
	}
	return append(out, ".\r\n"...)
}
