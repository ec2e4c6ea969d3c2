package servertest

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"aftercare/cmd/aftercare/app"
)

// book is a log that can be read while it is written.
type book struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestSecretsStayOutOfTheLog: passwords that the servers refuse and the URL of a webhook that fails are told of, and stand
// nowhere.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	p := newMemoryPost(t, nil)
	posts := make(chan struct{}, 100)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		select {
		case posts <- struct{}{}:
		default:
		}
	}))
	defer web.Close()
	s := newSite(t, p, setup{top: []string{"alerts: {webhook: {url: {file: hook}}, after: 1s}"}, files: map[string]string{"hook": web.URL + "/token-4711"}})
	s.write("password", "wrong-word-4711\n")
	var log book
	s.start(func(o *app.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	eventually(t, "the refused login in the log", func() bool { return strings.Contains(log.String(), "uthentication") })
	<-posts
	eventually(t, "the failed webhook in the log", func() bool { return strings.Contains(log.String(), "answered 500") })
	s.stop()
	if strings.Contains(log.String(), "4711") {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "4711") {
				t.Errorf("a secret in the log: %s", line)
			}
		}
	}
}
