package health

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestHealthz(t *testing.T) {
	for _, tt := range []struct {
		name   string
		set    map[string]error
		code   int
		status string
	}{
		{"nothing known", nil, 200, "ok"},
		{"well", map[string]error{Store: nil, Disk: nil}, 200, "ok"},
		{"broken templates: the last good ones serve", map[string]error{Store: nil, Templates: errDown}, 200, "degraded"},
		{"a vital one", map[string]error{SMTP("a"): errDown, Store: nil, Classes: errDown}, 503, "failing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := NewBoard(t0)
			for n, err := range tt.set {
				b.Set(n, err, t0())
			}
			w := httptest.NewRecorder()
			b.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
			var got struct {
				Status string
				Checks []Check
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if w.Code != tt.code || got.Status != tt.status || got.Checks == nil || len(got.Checks) != len(tt.set) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			for _, c := range got.Checks {
				if c.OK != (tt.set[c.Name] == nil) || !c.Since.Equal(t0()) {
					t.Errorf("%+v", c)
				}
			}
		})
	}
}

func TestHealthzRequests(t *testing.T) {
	b := NewBoard(t0)
	b.Set(Store, nil, t0())
	b.Set(IMAP("support", "INBOX"), errDown, t0())
	const text = "failing\nFAIL imap:support/INBOX since 2026-11-02T10:00:00Z connection refused\nok   store since 2026-11-02T10:00:00Z\n"
	for _, tt := range []struct {
		name, method, target string
		code                 int
		body                 string // where not empty
	}{
		{"text", "GET", "/healthz?text", 503, text},
		{"head", "HEAD", "/healthz", 503, ""},
		{"post", "POST", "/healthz", 405, ""},
		{"elsewhere", "GET", "/", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			b.Handler().ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, nil))
			if w.Code != tt.code || tt.body != "" && w.Body.String() != tt.body {
				t.Errorf("%d %q", w.Code, w.Body)
			}
		})
	}
}

func TestServe(t *testing.T) {
	b := NewBoard(t0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(context.Background(), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "listening for /healthz") {
		t.Errorf("an address that is taken: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.ServeOn(ctx, l) }()
	client := &http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get("http://" + l.Addr().String() + "/healthz?text")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "ok\n" {
		t.Errorf("%q, %v", body, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("still listening")
	}
}
