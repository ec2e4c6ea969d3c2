package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerLimit is how much of the answer of a stranger's server is read.
const answerLimit = 64 << 10

// Webhook is a channel that posts each alert as JSON to a URL. The URL is a secret and stands in no error. Redirects are
// not followed. It refuses what is no http or https URL.
func Webhook(secretURL string) (Channel, error) {
	if err := checkURL(secretURL); err != nil {
		return Channel{}, fmt.Errorf("webhook: %w", err)
	}
	client := newClient()
	return Channel{Name: "webhook", Send: func(ctx context.Context, a Alert) error {
		body, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("%w: writing the alert: %w", ErrPermanent, err)
		}
		_, err = request(ctx, client, http.MethodPost, secretURL, body)
		return err
	}}, nil
}

// newClient returns a client that follows no redirect, keeps no connection for the long time between two alerts, and is
// bounded by the context of each request.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second,
			MaxResponseHeaderBytes: answerLimit, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkURL names no part of the URL in its error.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("the URL is no http or https URL")
	}
	return nil
}

// request does one request and returns the header of a 2xx answer. Other answers are errors: permanent where the request
// itself is refused, else temporary.
func request(ctx context.Context, client *http.Client, method, secretURL string, body []byte) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, secretURL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: the URL cannot be used", ErrPermanent)
	}
	req.Header.Set("User-Agent", "aftercare")
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, withoutURL(err, req.URL)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, answerLimit))
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return resp.Header, nil
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code/100 == 5:
		return nil, fmt.Errorf("the server answered %d", code)
	case code/100 == 3:
		return nil, fmt.Errorf("%w: the server answered %d: redirects are not followed", ErrPermanent, code)
	default:
		return nil, fmt.Errorf("%w: the server answered %d", ErrPermanent, code)
	}
}

// withoutURL takes the secret parts of a URL out of an error; the name of the host may stay.
func withoutURL(err error, u *url.URL) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	text := err.Error()
	secrets := []string{u.String(), u.RequestURI(), u.Path, u.RawQuery}
	if p, ok := u.User.Password(); ok {
		secrets = append(secrets, p)
	}
	for _, s := range secrets {
		if len(s) > 1 {
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	return errors.New(text)
}
