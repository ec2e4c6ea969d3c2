package outbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
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
	Helo        string
	Auth        string // "password", "xoauth2", "oauthbearer" or "none"
	Username    string
	Secret      func(context.Context) (string, error) // the password or an access token, asked for at each login
	Connections int
	Timeout     time.Duration // for each command; the end of data has DataTimeout
	PerMinute   int           // brake on mail to customers, 0 for none
	PerDay      int
}

// Name is how the server is written on record: host:port.
func (s *Server) Name() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

// DataTimeout is the wait for the answer to the end of data (RFC 5321, 4.5.3.2.6).
const DataTimeout = 10 * time.Minute

// session is one open connection. It belongs to one worker.
type session struct {
	client *smtp.Client
	conn   net.Conn
	used   int // mails sent over it
}

// open connects, secures and logs in. Its errors never hold the secret.
func (s *Server) open(ctx context.Context) (*session, error) {
	ses := &session{}
	opts := []mail.Option{
		mail.WithPort(s.Port), mail.WithTimeout(s.Timeout), mail.WithSMTPAuth(mail.SMTPAuthNoAuth), mail.WithoutSMTPUTF8(),
		mail.WithoutNoop(), mail.WithoutRset(), mail.WithTLSConfig(s.tlsConfig()), mail.WithDialContextFunc(s.dialer(&ses.conn)),
	}
	if s.Helo != "" {
		opts = append(opts, mail.WithHELO(s.Helo))
	}
	switch s.Security {
	case TLS:
		opts = append(opts, mail.WithSSL())
	case StartTLS:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	}
	c, err := mail.NewClient(s.Host, opts...)
	if err != nil {
		return nil, fmt.Errorf("setting up the connection to %s: %w", s.Name(), err)
	}
	stop := context.AfterFunc(ctx, func() {
		if ses.conn != nil {
			ses.conn.Close()
		}
	})
	defer stop()
	ses.client, err = c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		ses.close()
		return nil, fmt.Errorf("connecting to %s: %w", s.Name(), err)
	}
	if err := s.login(ctx, ses.client); err != nil {
		ses.close()
		return nil, fmt.Errorf("logging in to %s as %s: %w", s.Name(), s.Username, err)
	}
	return ses, nil
}

func (s *Server) tlsConfig() *tls.Config {
	c := s.TLS
	if c == nil {
		return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	}
	if c.ServerName == "" {
		c = c.Clone()
		c.ServerName = s.Host
	}
	return c
}

// dialer keeps hold of the connection beneath the client: it is what cancelling cuts.
func (s *Server) dialer(conn *net.Conn) mail.DialContextFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		d := net.Dialer{KeepAlive: 30 * time.Second}
		var c net.Conn
		var err error
		if s.Security == TLS {
			c, err = (&tls.Dialer{NetDialer: &d, Config: s.tlsConfig()}).DialContext(ctx, network, addr)
		} else {
			c, err = d.DialContext(ctx, network, addr)
		}
		if err != nil {
			return nil, err
		}
		*conn = c
		return c, nil
	}
}

func (s *Server) login(ctx context.Context, c *smtp.Client) error {
	if s.Auth == "none" || s.Auth == "" {
		return nil
	}
	ok, offered := c.Extension("AUTH")
	if !ok {
		return errors.New("the server offers no login (AUTH)")
	}
	secret, err := s.Secret(ctx)
	if err != nil {
		return err
	}
	a, err := s.mechanism(strings.Fields(strings.ToUpper(offered)), secret)
	if err != nil {
		return err
	}
	return c.Auth(a)
}

// mechanism picks the strongest login that both sides know. Without TLS a password only travels as a proof.
func (s *Server) mechanism(offered []string, secret string) (smtp.Auth, error) {
	has := func(m string) bool { return slices.Contains(offered, m) }
	open := s.Security == Plain
	switch {
	case s.Auth == "xoauth2" && has("XOAUTH2"):
		return smtp.XOAuth2Auth(s.Username, secret), nil
	case s.Auth == "oauthbearer" && has("OAUTHBEARER"):
		return bearer{s, secret}, nil
	case s.Auth != "password":
		return nil, fmt.Errorf("the server does not offer %s (it offers %s)", s.Auth, strings.Join(offered, ", "))
	case open && has("SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(s.Username, secret), nil
	case open && has("CRAM-MD5"):
		return smtp.CRAMMD5Auth(s.Username, secret), nil
	case has("PLAIN"):
		return smtp.PlainAuth("", s.Username, secret, s.Host, open), nil
	case has("LOGIN"):
		return smtp.LoginAuth(s.Username, secret, s.Host, open), nil
	case has("SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(s.Username, secret), nil
	}
	return nil, fmt.Errorf("no login in common with the server (it offers %s)", strings.Join(offered, ", "))
}

// bearer is OAUTHBEARER (RFC 7628) for go-mail's client.
type bearer struct {
	s     *Server
	token string
}

func (b bearer) Start(*smtp.ServerInfo) (string, []byte, error) {
	c := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: b.s.Username, Token: b.token, Host: b.s.Host, Port: b.s.Port})
	return c.Start()
}

// Next answers the server's error message with the dummy response that RFC 7628, 3.2.3 asks for, so that the failure ends
// with its code.
func (b bearer) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return []byte{1}, nil
	}
	return nil, nil
}

// close ends the session without waiting for anybody.
func (ses *session) close() {
	if ses != nil && ses.conn != nil {
		ses.conn.Close()
	}
}

// quit says goodbye, then closes.
func (ses *session) quit() {
	if ses == nil {
		return
	}
	if ses.client != nil && ses.client.UpdateDeadline(2*time.Second) == nil {
		_ = ses.client.Quit() // a server that does not answer it has all our mail anyway
	}
	ses.close()
}
