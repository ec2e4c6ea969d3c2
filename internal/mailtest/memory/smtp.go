package memory

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// SMTPConfig says what an in-process SMTP server does. The zero value takes every mail of everybody, in plain text, on a
// free loopback port.
type SMTPConfig struct {
	Addr     string            // "" is 127.0.0.1:0
	Users    map[string]string // user name -> password, for AUTH PLAIN; nil: no AUTH is offered or wanted
	TLS      *tls.Config       // offered by STARTTLS, or from the first byte when Implicit is set
	Implicit bool
	// OnRcpt decides at RCPT TO and OnData at end-of-data what the client hears; nil takes all. SetOnRcpt and SetOnData
	// change them later. They may be called from many goroutines.
	OnRcpt func(from, to string) Verdict
	OnData func(Delivered) Verdict
	// RewriteMessageID puts another Message-ID in the place of the client's, as some relays do.
	RewriteMessageID bool
	// Deliver is called with each mail that was stored, before the client gets its answer. It may append to an IMAP
	// folder, so that mail comes back.
	Deliver func(Delivered)
}

// Delivered is one mail that was handed over.
type Delivered struct {
	From string // "" is the null sender
	To   []string
	Data []byte // as it is stored
	At   time.Time
	User string // who logged in, or ""
	TLS  bool
}

// Verdict is what the client hears. The zero value is 250.
type Verdict struct {
	Delay time.Duration // before the answer
	Code  int           // 4xx or 5xx refuse; 0 and 250 accept
	Text  string
	// Drop closes the connection in the place of an answer (DropBefore: the mail is stored all the same unless Code
	// refuses it) or right behind it (DropAfter).
	Drop Drop
}

// Drop is when a connection is dropped.
type Drop int

// The moments of a drop.
const (
	DropNever Drop = iota
	DropBefore
	DropAfter
)

// SMTP is a running in-process SMTP server. Its methods may be called from any goroutine.
type SMTP struct {
	cfg  SMTPConfig
	ln   *breakListener
	srv  *smtp.Server
	done chan struct{}

	mu     sync.Mutex
	onRcpt func(from, to string) Verdict
	onData func(Delivered) Verdict
	mails  []Delivered
	more   chan struct{} // closed and renewed whenever a mail comes
	stop   chan struct{}
}

// StartSMTP starts a server. The caller closes it.
func StartSMTP(cfg SMTPConfig) (*SMTP, error) {
	addr := cfg.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for SMTP: %w", err)
	}
	s := &SMTP{
		cfg:    cfg,
		ln:     &breakListener{Listener: ln},
		done:   make(chan struct{}),
		onRcpt: cfg.OnRcpt,
		onData: cfg.OnData,
		more:   make(chan struct{}),
		stop:   make(chan struct{}),
	}
	s.srv = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &smtpSession{srv: s, conn: c}, nil
	}))
	s.srv.Domain = "localhost"
	s.srv.AllowInsecureAuth = true
	s.srv.EnableSMTPUTF8 = true
	s.srv.MaxLineLength = 1 << 20
	s.srv.ErrorLog = log.New(io.Discard, "", 0)
	s.srv.TLSConfig = cfg.TLS
	var listener net.Listener = s.ln
	if cfg.Implicit {
		listener = tls.NewListener(s.ln, cfg.TLS)
		s.srv.TLSConfig = nil
	}
	go func() {
		defer close(s.done)
		_ = s.srv.Serve(listener) // ends when Close closes the listener
	}()
	return s, nil
}

// Addr is the host and port that the server listens on.
func (s *SMTP) Addr() string { return s.ln.Addr().String() }

// Close stops the server and closes its connections.
func (s *SMTP) Close() error {
	s.mu.Lock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.mu.Unlock()
	err := s.srv.Close()
	<-s.done
	return err
}

// SetOnRcpt changes what is decided at RCPT TO; nil takes all.
func (s *SMTP) SetOnRcpt(f func(from, to string) Verdict) {
	s.mu.Lock()
	s.onRcpt = f
	s.mu.Unlock()
}

// SetOnData changes what is decided at end-of-data; nil takes all.
func (s *SMTP) SetOnData(f func(Delivered) Verdict) {
	s.mu.Lock()
	s.onData = f
	s.mu.Unlock()
}

// Messages lists the mails that were stored, oldest first.
func (s *SMTP) Messages() []Delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Count is the number of mails that were stored.
func (s *SMTP) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// Reset forgets the mails.
func (s *SMTP) Reset() {
	s.mu.Lock()
	s.mails = nil
	s.mu.Unlock()
}

// Wait returns when at least n mails were stored, or with the context's error and the number so far.
func (s *SMTP) Wait(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		have, more := len(s.mails), s.more
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d mails, %d came: %w", n, have, ctx.Err())
		}
	}
}

func (s *SMTP) keep(d Delivered) {
	if s.cfg.Deliver != nil {
		s.cfg.Deliver(d)
	}
	s.mu.Lock()
	s.mails = append(s.mails, d)
	close(s.more)
	s.more = make(chan struct{})
	s.mu.Unlock()
}

type smtpSession struct {
	srv  *SMTP
	conn *smtp.Conn
	user string
	from string
	to   []string
}

func (s *smtpSession) Reset()        { s.from, s.to = "", nil }
func (s *smtpSession) Logout() error { return nil }

func (s *smtpSession) AuthMechanisms() []string {
	if s.srv.cfg.Users == nil {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if want, ok := s.srv.cfg.Users[name]; !ok || want != password {
			return smtp.ErrAuthFailed
		}
		s.user = name
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.srv.cfg.Users != nil && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.srv.mu.Lock()
	decide := s.srv.onRcpt
	s.srv.mu.Unlock()
	if decide != nil {
		if err := s.answer(decide(s.from, to)); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, r); err != nil {
		return err
	}
	_, secure := s.conn.TLSConnectionState()
	d := Delivered{From: s.from, To: slices.Clone(s.to), Data: buf.Bytes(), At: time.Now(), User: s.user, TLS: secure}
	if s.srv.cfg.RewriteMessageID {
		d.Data = rewriteMessageID(d.Data, d.At)
	}
	s.srv.mu.Lock()
	decide := s.srv.onData
	s.srv.mu.Unlock()
	var v Verdict
	if decide != nil {
		v = decide(d)
	}
	if v.Code < 400 {
		s.srv.keep(d)
	}
	return s.answer(v)
}

// answer waits, breaks the connection where the verdict says so, and returns the refusal or nil.
func (s *smtpSession) answer(v Verdict) error {
	if v.Delay > 0 {
		timer := time.NewTimer(v.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.srv.stop:
			return errors.New("server closed")
		}
	}
	switch v.Drop {
	case DropBefore:
		_ = underlying(s.conn.Conn()).Close()
	case DropAfter:
		if b, ok := underlying(s.conn.Conn()).(*breakConn); ok {
			b.breakAfterWrite()
		}
	}
	if v.Code < 400 {
		return nil
	}
	text := v.Text
	if text == "" {
		text = "refused by the test"
	}
	return &smtp.SMTPError{Code: v.Code, EnhancedCode: smtp.EnhancedCode{v.Code / 100, 7, 1}, Message: text}
}
