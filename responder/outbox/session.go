package outbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// session is one open connection. It belongs to one worker.
type session struct {
	client *smtp.Client
	conn   *meter
	used   int    // mails sent over it
	room   []byte // for the text of a mail as it goes over the wire
}

// open connects, secures and logs in. Its errors never hold the secret.
func (s *Server) open(ctx context.Context) (*session, error) {
	dial, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(dial, "tcp", s.Name())
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", s.Name(), err)
	}
	ses := &session{conn: &meter{Conn: raw}}
	stop := context.AfterFunc(ctx, ses.close)
	defer stop()
	if err := ses.greet(dial, s); err != nil {
		ses.close()
		return nil, fmt.Errorf("connecting to %s: %w", s.Name(), err)
	}
	if err := ses.client.UpdateDeadline(s.Timeout); err != nil {
		ses.close()
		return nil, fmt.Errorf("connecting to %s: %w", s.Name(), err)
	}
	ses.conn.reset()
	if err := s.login(ctx, ses.client); err != nil {
		ses.close()
		return nil, fmt.Errorf("logging in to %s as %s: %w", s.Name(), s.Username, err)
	}
	return ses, nil
}

// greet secures the connection and says hello.
func (ses *session) greet(ctx context.Context, s *Server) error {
	if err := ses.conn.SetDeadline(time.Now().Add(s.Timeout)); err != nil {
		return err
	}
	ses.conn.reset()
	var conn net.Conn = ses.conn
	if s.Security == TLS {
		t := tls.Client(ses.conn, s.tlsConfig())
		if err := t.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("TLS: %w", err)
		}
		conn = t
	}
	var err error
	if ses.client, err = smtp.NewClient(conn, s.Host); err != nil {
		return err
	}
	ses.client.SkipSMTPUTF8(true)
	if err := ses.client.Hello(s.helo()); err != nil {
		return err
	}
	if s.Security != StartTLS {
		return nil
	}
	if ok, _ := ses.client.Extension("STARTTLS"); !ok {
		return errors.New("the server does not offer STARTTLS, and nothing is sent without")
	}
	if err := ses.client.StartTLS(s.tlsConfig()); err != nil {
		return fmt.Errorf("STARTTLS: %w", err)
	}
	return nil
}

func (s *Server) helo() string {
	if s.Helo != "" {
		return s.Helo
	}
	if name, err := os.Hostname(); err == nil && hostname(name) {
		return name
	}
	return "localhost"
}

func (s *Server) tlsConfig() *tls.Config {
	if s.TLS == nil {
		return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	}
	c := s.TLS.Clone()
	if c.ServerName == "" {
		c.ServerName = s.Host
	}
	return c
}

// step gives the next command its time and runs it.
func (ses *session) step(timeout time.Duration, f func() error) error {
	if err := ses.client.UpdateDeadline(timeout); err != nil {
		return err
	}
	ses.conn.reset()
	return f()
}

// close ends the session without waiting for anybody. It may be called from any goroutine.
func (ses *session) close() { _ = ses.conn.Close() }

// quit says goodbye, then closes, at the latest when ctx ends.
func (ses *session) quit(ctx context.Context) {
	stop := context.AfterFunc(ctx, ses.close)
	defer stop()
	_ = ses.step(2*time.Second, ses.client.Quit) // a server that does not answer it has all our mail anyway
	ses.close()
}

// meter bounds what a server may say in answer to one command, since nothing else does.
type meter struct {
	net.Conn
	left int // the reader's
}

// maxAnswer is far over every honest answer, a TLS handshake with its certificates included.
const maxAnswer = 256 << 10

func (m *meter) reset() { m.left = maxAnswer }

func (m *meter) Read(b []byte) (int, error) {
	if m.left <= 0 {
		return 0, errors.New("the server's answer is too long")
	}
	n, err := m.Conn.Read(b[:min(len(b), m.left)])
	m.left -= n
	return n, err
}
