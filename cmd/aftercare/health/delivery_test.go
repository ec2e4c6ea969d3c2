package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func anAlert() Alert {
	return Alert{State: Recovered, Check: SMTP("support"), Detail: "connection refused", Host: "mail1", Since: t0(), Until: t0().Add(90 * time.Second), At: t0().Add(4 * time.Minute)}
}

const wantJSON = `{"id":"smtp:support@1793613600000/recovered","program":"aftercare","host":"mail1","state":"recovered","check":"smtp:support",` +
	`"detail":"connection refused","since":"2026-11-02T10:00:00Z","until":"2026-11-02T10:01:30Z","at":"2026-11-02T10:04:00Z",` +
	`"text":"aftercare on mail1: smtp:support is well again after 1m30s (was: connection refused)"}`

func TestAlertJSON(t *testing.T) {
	got, err := json.Marshal(anAlert())
	if err != nil || string(got) != wantJSON {
		t.Errorf("got %s, %v", got, err)
	}
	trouble := Alert{State: Trouble, Check: Disk, Detail: "full", Since: t0(), At: t0()}
	if got := trouble.Summary(); got != "aftercare: disk in trouble since 2026-11-02T10:00:00Z: full" {
		t.Error(got)
	}
}

func TestWebhook(t *testing.T) {
	for _, tt := range []struct {
		name      string
		answer    int
		err       string // empty: delivered
		permanent bool
	}{
		{"taken", 200, "", false},
		{"taken without a word", 204, "", false},
		{"moved", 302, "redirects are not followed", true},
		{"wrong token", 403, "403", true},
		{"gone", 404, "404", true},
		{"slow down", 429, "429", false},
		{"broken", 503, "503", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got, kind string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got, kind = r.Method+" "+string(body), r.Header.Get("Content-Type")
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.answer)
			}))
			defer srv.Close()
			c, err := Webhook(srv.URL + "/hook/SECRET")
			if err != nil {
				t.Fatal(err)
			}
			err = c.Send(context.Background(), anAlert())
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) || errors.Is(err, ErrPermanent) != tt.permanent {
				t.Errorf("error %v", err)
			}
			if got != "POST "+wantJSON || !strings.HasPrefix(kind, "application/json") {
				t.Errorf("the server got %s %s", kind, got)
			}
		})
	}
}

// TestNoSecretIsTold: no error of a webhook or a ping holds what is secret in its URL.
func TestNoSecretIsTold(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	host := strings.TrimPrefix(closed.URL, "http://")
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://%zz/SECRET")
		w.WriteHeader(301)
	}))
	defer garbage.Close()
	for _, tt := range []struct{ name, url string }{
		{"nobody listens", "http://" + host + "/SECRET?token=SECRET"},
		{"password", "http://user:SECRET@" + host + "/"},
		{"no TLS there", "https://" + strings.TrimPrefix(garbage.URL, "http://") + "/SECRET"},
		{"an odd redirect", garbage.URL + "/SECRET"},
		{"no port", "http://" + host + "SECRET/"},
		{"not a URL", "http://%zzSECRET"},
		{"no scheme", "SECRET"},
		{"a file", "file:///SECRET"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			c, err := Webhook(tt.url)
			if err == nil {
				err = c.Send(context.Background(), anAlert())
			}
			if err == nil || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("webhook: %v", err)
			}
			p, err := NewPing(tt.url, time.Minute, time.Now, logger)
			if err == nil {
				err = p.once(context.Background())
			}
			if err == nil || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("ping: %v", err)
			}
		})
	}
}

func TestWebhookTakesTooLong(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	c, err := Webhook(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.Timeout = 50 * time.Millisecond
	l := newLane(c, time.Now, slog.New(slog.DiscardHandler))
	if err := l.try(context.Background(), anAlert()); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("error %v, want a temporary one", err)
	}
}

// script writes a shell script and returns its path.
func script(t *testing.T, text string) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh here")
	}
	path := filepath.Join(t.TempDir(), "alert.sh")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommand(t *testing.T) {
	t.Setenv("AFTERCARE_TEST_PASSWORD", "SECRET")
	out := filepath.Join(t.TempDir(), "out")
	for _, tt := range []struct{ name, script, want, err string }{
		{"gets the alert and its arguments", `cat > "$1"; printf '%s|%s' "$2" "$#" >> "$1"`, wantJSON + "\n$(reboot) ; x|2", ""},
		{"does not read", `printf ok > "$1"`, "ok", ""},
		{"does not see our secrets", `printf '%s' "${AFTERCARE_TEST_PASSWORD-none}${PATH:+ path}" > "$1"`, "none path", ""},
		{"fails", `echo no route >&2; printf x > "$1"; exit 3`, "x", "exit status 3: no route"},
		{"writes a lot", `printf x > "$1"; i=0; while [ $i -lt 2000 ]; do echo 0123456789; i=$((i+1)); done; exit 1`, "x", "0123456789"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Command([]string{"sh", script(t, tt.script), out, "$(reboot) ; x"})
			if err != nil {
				t.Fatal(err)
			}
			err = c.Send(context.Background(), anAlert())
			if (err == nil) != (tt.err == "") || err != nil && (!strings.Contains(err.Error(), tt.err) || len(err.Error()) > 1000) {
				t.Errorf("error %v", err)
			}
			if got, err := os.ReadFile(out); err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
	for name, argv := range map[string][]string{"none": nil, "empty": {""}, "not there": {"/no/such/program"}} {
		if _, err := Command(argv); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
