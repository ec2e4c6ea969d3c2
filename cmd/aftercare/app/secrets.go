package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/oauth2"

	"aftercare/cmd/aftercare/config"
)

// SigningKey returns the key that signs our Message-IDs: the configured one, or the one in the data folder, which is made
// at the first start when create is set.
func SigningKey(c *config.Config, create bool) ([]byte, error) {
	if c.SigningKey.Given() {
		s, err := c.SigningKey.Read()
		if err != nil {
			return nil, err
		}
		if len(s) < 16 {
			return nil, errors.New("the signing key must have at least 16 characters")
		}
		return []byte(s), nil
	}
	path := filepath.Join(c.Data, "signing.key")
	b, err := os.ReadFile(path)
	if err == nil {
		if k := strings.TrimSpace(string(b)); len(k) >= 32 {
			return []byte(k), nil
		}
		return nil, fmt.Errorf("%s is too short to be a signing key; our own mail would not be known again. Restore it, or remove it to start anew", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	text := hex.EncodeToString(key)
	if !create {
		return []byte(text), nil
	}
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("writing the signing key: %w", err)
	}
	return []byte(text), nil
}

// tlsConfig trusts the system's authorities, or those of a file instead.
func tlsConfig(host, caFile string) (*tls.Config, error) {
	t := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate authority: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", caFile)
	}
	return t, nil
}

// secretFunc returns what logs in: the password, read anew at each login so that it can be changed in place, or an access
// token that is renewed before it runs out.
func secretFunc(auth string, password config.Secret, o config.OAuth) func(context.Context) (string, error) {
	if auth == "password" || auth == "none" {
		return func(context.Context) (string, error) { return password.Read() }
	}
	var mu sync.Mutex
	var token *oauth2.Token
	return func(ctx context.Context) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if token.Valid() {
			return token.AccessToken, nil
		}
		refresh, err := o.RefreshToken.Read()
		if err != nil {
			return "", err
		}
		oc := oauth2.Config{ClientID: o.ClientID, Endpoint: oauth2.Endpoint{TokenURL: o.TokenURL}, Scopes: o.Scopes}
		if o.ClientSecret.Given() {
			if oc.ClientSecret, err = o.ClientSecret.Read(); err != nil {
				return "", err
			}
		}
		t, err := oc.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
		if err != nil {
			var re *oauth2.RetrieveError
			if errors.As(err, &re) { // its text holds the server's whole answer
				return "", fmt.Errorf("getting an access token from %s: %s %s", o.TokenURL, re.ErrorCode, re.ErrorDescription)
			}
			return "", fmt.Errorf("getting an access token from %s: %w", o.TokenURL, err)
		}
		token = t
		return t.AccessToken, nil
	}
}
