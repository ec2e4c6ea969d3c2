package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Handler serves GET /healthz: 200 while every vital check is well, else 503. The body is JSON, {"status": "ok", "degraded"
// or "failing", "checks": [...]}; with ?text it is plain text, a check a line.
func (b *Board) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		checks := b.Snapshot()
		status, code := summarise(checks)
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.URL.Query().Has("text") {
			h.Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(asText(status, checks)))
			return
		}
		h.Set("Content-Type", "application/json")
		w.WriteHeader(code)
		if checks == nil {
			checks = []Check{}
		}
		_ = json.NewEncoder(w).Encode(struct { // the client is gone: nothing is left to do
			Status string  `json:"status"`
			Checks []Check `json:"checks"`
		}{status, checks})
	})
	return mux
}

func summarise(checks []Check) (string, int) {
	status, code := "ok", http.StatusOK
	for _, c := range checks {
		switch {
		case c.OK:
		case c.Vital():
			return "failing", http.StatusServiceUnavailable
		default:
			status = "degraded"
		}
	}
	return status, code
}

func asText(status string, checks []Check) string {
	var s strings.Builder
	s.WriteString(status + "\n")
	for _, c := range checks {
		word := "ok"
		if !c.OK {
			word = "FAIL"
		}
		line := fmt.Sprintf("%-4s %s since %s %s", word, c.Name, c.Since.UTC().Format(time.RFC3339), c.Detail)
		s.WriteString(strings.TrimSpace(line) + "\n")
	}
	return s.String()
}

// Serve listens on a TCP address and serves the Board until ctx ends; it returns when the listener is closed and the last
// answer is given, within a few seconds.
func (b *Board) Serve(ctx context.Context, addr string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listening for /healthz: %w", err)
	}
	return b.ServeOn(ctx, l)
}

// ServeOn is Serve on a listener, which it closes.
func (b *Board) ServeOn(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: b.Handler(), MaxHeaderBytes: 8 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving /healthz: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	err := srv.Shutdown(stop)
	if err != nil {
		err = srv.Close() // somebody keeps a connection busy
	}
	if serveErr := <-ended; !errors.Is(serveErr, http.ErrServerClosed) {
		return fmt.Errorf("serving /healthz: %w", serveErr)
	}
	return err
}
