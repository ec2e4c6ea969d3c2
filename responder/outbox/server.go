package outbox

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// The ways of securing a connection.
const (
	TLS      = "tls"      // from the first byte (RFC 8314)
	StartTLS = "starttls" // RFC 3207, required
	Plain    = "plain"    // not at all
)

// Server is where the mails of one account go out.
type Server struct {
	Account     string
	Host        string
	Port        int
	Security    string
	TLS         *tls.Config // nil: the system's roots and Host as name
	Helo        string      // "" is the machine's name
	Auth        string      // "password", "xoauth2", "oauthbearer" or "none"
	Username    string
	Secret      func(context.Context) (string, error) // the password or an access token, asked for at each login
	Connections int                                   // for mail to customers; staff mail has one more. Default 1
	Timeout     time.Duration                         // for connecting with login, and for each command; default 1 min
	DataTimeout time.Duration                         // for the answer to the end of data; default DataTimeout
	OneByOne    bool                                  // the commands of the envelope one by one, whatever the server offers
	PerMinute   int                                   // brake on mail to customers, 0 for none
	PerDay      int

	// Fallback takes mail whose deadline is near while this server is in trouble; nil for none. It is never used for the
	// repetition of a mail that this server may have accepted. Its Account, brake and Fallback are not looked at.
	Fallback *Server
}

// DataTimeout is the wait for the answer to the end of data (RFC 5321, 4.5.3.2.6).
const DataTimeout = 10 * time.Minute

// Name is how the server is written on record: host:port.
func (s *Server) Name() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

func (s Server) withDefaults() Server {
	s.Connections = max(s.Connections, 1)
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	if s.DataTimeout == 0 {
		s.DataTimeout = DataTimeout
	}
	return s
}
