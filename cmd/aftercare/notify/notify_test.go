package notify

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// listen is a service manager's socket; get returns the next datagram.
func listen(t *testing.T) (socket string, get func() string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Skip("no Unix datagram sockets here:", err)
	}
	t.Cleanup(func() { l.Close() })
	return socket, func() string {
		t.Helper()
		if err := l.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 4096)
		n, err := l.Read(buf)
		if err != nil {
			t.Fatal("nothing was said:", err)
		}
		return string(buf[:n])
	}
}

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func TestFromEnv(t *testing.T) {
	for _, tt := range []struct {
		name     string
		env      map[string]string
		socket   string
		watchdog time.Duration
		err      string
	}{
		{"not under systemd", nil, "", 0, ""},
		{"a watchdog without a socket", map[string]string{"WATCHDOG_USEC": "5"}, "", 0, ""},
		{"a socket", map[string]string{"NOTIFY_SOCKET": "/run/n"}, "/run/n", 0, ""},
		{"an abstract one", map[string]string{"NOTIFY_SOCKET": "@n"}, "@n", 0, ""},
		{"not a Unix socket", map[string]string{"NOTIFY_SOCKET": "vsock:2:1"}, "", 0, "NOTIFY_SOCKET"},
		{"a watchdog", map[string]string{"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000"}, "/run/n", 30 * time.Second, ""},
		{"a watchdog for us", map[string]string{"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"}, "/run/n", 30 * time.Second, ""},
		{"a watchdog for another", map[string]string{"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"}, "/run/n", 0, ""},
		{"no number", map[string]string{"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "soon"}, "/run/n", 0, "WATCHDOG_USEC"},
		{"nothing to wait for", map[string]string{"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "0"}, "/run/n", 0, "WATCHDOG_USEC"},
		{"beyond any time", map[string]string{"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "9223372036854775807"}, "/run/n", 0, "WATCHDOG_USEC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := FromEnv(env(tt.env), 77)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want one about %q", err, tt.err)
			}
			if n.socket != tt.socket || n.Watched() != tt.watchdog {
				t.Errorf("got %+v", n)
			}
		})
	}
}

func TestSays(t *testing.T) {
	socket, get := listen(t)
	n, err := FromEnv(env(map[string]string{"NOTIFY_SOCKET": socket}), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		say  func() error
		want string // a regular expression
	}{
		{"ready", func() error { return n.Ready("watching 2 folders") }, `^READY=1\nSTATUS=watching 2 folders$`},
		{"reloading", n.Reloading, `^RELOADING=1(\nMONOTONIC_USEC=[0-9]+)?$`},
		{"stopping", n.Stopping, `^STOPPING=1$`},
		{"more time", func() error { return n.ExtendTimeout(90 * time.Second) }, `^EXTEND_TIMEOUT_USEC=90000000$`},
		{"a status cannot say more than itself", func() error { return n.Status("a\nSTOPPING=1\xff") }, `^STATUS=a STOPPING=1\?$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.say(); err != nil {
				t.Fatal(err)
			}
			if got := get(); !regexp.MustCompile(tt.want).MatchString(got) {
				t.Errorf("said %q, want %s", got, tt.want)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	for name, n := range map[string]*Notifier{"nil": nil, "zero": {}} {
		if err := errors.Join(n.Ready("x"), n.Reloading(), n.Stopping(), n.Status("x")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		n.Watchdog(context.Background(), func() error { t.Error("asked"); return nil }, func(error) {}) // returns at once
	}
	gone := &Notifier{socket: filepath.Join(t.TempDir(), "gone")}
	if err := gone.Ready(""); err == nil {
		t.Error("a socket that is gone is no error")
	}
}

func TestWatchdog(t *testing.T) {
	socket, get := listen(t)
	n := &Notifier{socket: socket, watchdog: 20 * time.Millisecond}
	var dead atomic.Bool
	var reports atomic.Int32
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.Watchdog(ctx, func() error {
			if dead.Load() {
				return errors.New("tick hangs")
			}
			return nil
		}, func(error) { reports.Add(1) })
	}()
	for range 3 {
		if got := get(); got != "WATCHDOG=1" {
			t.Fatalf("said %q", got)
		}
	}
	dead.Store(true)
	for {
		got := get()
		if got == "WATCHDOG=1" {
			continue // on its way before
		}
		if got != "STATUS=no sign of life for systemd: tick hangs" {
			t.Fatalf("said %q", got)
		}
		break
	}
	time.Sleep(5 * n.watchdog) // more beats, all held back
	dead.Store(false)
	if got := get(); got != "WATCHDOG=1" {
		t.Errorf("after the hang said %q", got)
	}
	cancel()
	<-ended
	if reports.Load() != 1 {
		t.Errorf("%d reports of one hang", reports.Load())
	}
}
