package outbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/wneessen/go-mail/smtp"
)

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
		return fmt.Errorf("getting the password or token: %w", err)
	}
	a, err := s.mechanism(strings.Fields(strings.ToUpper(offered)), secret)
	if err != nil {
		return err
	}
	return s.hidden(c.Auth(a), secret)
}

// hidden takes the secret out of an error: some servers repeat what they were sent.
func (s *Server) hidden(err error, secret string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	enc := base64.StdEncoding.EncodeToString
	for _, h := range []string{secret, enc([]byte(secret)), enc([]byte("\x00" + s.Username + "\x00" + secret)),
		enc([]byte("user=" + s.Username + "\x01auth=Bearer " + secret + "\x01\x01"))} {
		if h != "" {
			text = strings.ReplaceAll(text, h, "(hidden)")
		}
	}
	return errors.New(oneLine(text))
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
