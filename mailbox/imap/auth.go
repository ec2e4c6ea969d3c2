package imap

import (
	"context"
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// ErrLogin is wrapped by the error of a login that the server refused: the password or token is wrong, or the account is
// locked. Trying again soon does not help.
var ErrLogin = errors.New("the server refused the login")

// login authenticates, unless the server greeted with PREAUTH.
func (c *conn) login(ctx context.Context, a *Account) error {
	if c.client.State() == goimap.ConnStateAuthenticated {
		return nil
	}
	secret, err := a.Secret(ctx)
	if err != nil {
		return fmt.Errorf("reading the secret of %s: %w", a.Username, err)
	}
	err = c.do(ctx, "logging in as "+a.Username, func() error {
		caps := c.client.Caps()
		switch {
		case a.Auth == XOAUTH2:
			return c.client.Authenticate(&xoauth2{a.Username, secret})
		case a.Auth == OAuthBearer:
			return c.client.Authenticate(sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{
				Username: a.Username, Token: secret, Host: a.Host, Port: a.Port,
			}))
		case caps.Has(goimap.AuthCap("PLAIN")):
			return c.client.Authenticate(sasl.NewPlainClient("", a.Username, secret))
		case caps.Has(goimap.CapLoginDisabled):
			return errors.New("the server takes no password on this connection (LOGINDISABLED)")
		default:
			return c.client.Login(a.Username, secret).Wait()
		}
	})
	var refused *goimap.Error
	var token *sasl.OAuthBearerError
	if errors.As(err, &refused) || errors.As(err, &token) || errors.Is(err, errToken) {
		return fmt.Errorf("%w: %w", ErrLogin, err)
	}
	return err
}

var errToken = errors.New("the token was not accepted")

// xoauth2 is the client side of XOAUTH2. Its error challenge is not answered: the caller drops the connection.
type xoauth2 struct{ user, token string }

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x *xoauth2) Next(challenge []byte) ([]byte, error) {
	return nil, fmt.Errorf("%w: %.200q", errToken, challenge)
}
