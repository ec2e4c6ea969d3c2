// Package notify tells systemd how the daemon stands: sd_notify(3) over the socket that systemd names in NOTIFY_SOCKET,
// and the watchdog of sd_watchdog_enabled(3). Where nobody listens every call does nothing.
package notify

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Notifier speaks to the service manager that started the process. The zero Notifier, and a nil one, speak to nobody.
// Its methods may be called from any goroutine.
type Notifier struct {
	socket   string
	watchdog time.Duration
}

// FromEnv reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID with a function such as os.Getenv; pid is our own process
// id, since a watchdog that is meant for another process is none of ours. It opens nothing.
func FromEnv(getenv func(string) string, pid int) (*Notifier, error) {
	n := &Notifier{socket: getenv("NOTIFY_SOCKET")}
	if n.socket == "" {
		return n, nil
	}
	if n.socket[0] != '/' && n.socket[0] != '@' {
		return &Notifier{}, fmt.Errorf("NOTIFY_SOCKET: expected a path or an abstract name of a Unix socket, not %q", n.socket)
	}
	usec := getenv("WATCHDOG_USEC")
	if usec == "" {
		return n, nil
	}
	if p := getenv("WATCHDOG_PID"); p != "" && p != strconv.Itoa(pid) {
		return n, nil
	}
	us, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || us <= 0 || us > int64(365*24*time.Hour/time.Microsecond) {
		return n, fmt.Errorf("WATCHDOG_USEC: expected microseconds, not %q", usec)
	}
	n.watchdog = time.Duration(us) * time.Microsecond
	return n, nil
}

// Watched tells how long systemd waits for a sign of life before it ends the process, 0 where it does not watch.
func (n *Notifier) Watched() time.Duration {
	if n == nil {
		return 0
	}
	return n.watchdog
}

// Ready says that start-up, or a reload, is over.
func (n *Notifier) Ready(status string) error { return n.send("READY=1", "STATUS="+status) }

// Reloading says that the configuration is being read again; Ready ends it. It carries the monotonic time that
// Type=notify-reload asks for, where the system tells one.
func (n *Notifier) Reloading() error {
	lines := []string{"RELOADING=1"}
	if us, ok := monotonic(); ok {
		lines = append(lines, "MONOTONIC_USEC="+strconv.FormatInt(us, 10))
	}
	return n.send(lines...)
}

// Stopping says that the daemon is on its way out.
func (n *Notifier) Stopping() error { return n.send("STOPPING=1") }

// Status gives a line for `systemctl status`.
func (n *Notifier) Status(s string) error { return n.send("STATUS=" + s) }

// ExtendTimeout asks for so much time from now on for a start or a stop that takes long, such as a migration.
func (n *Notifier) ExtendTimeout(d time.Duration) error {
	return n.send("EXTEND_TIMEOUT_USEC=" + strconv.FormatInt(d.Microseconds(), 10))
}

// Watchdog gives a sign of life at once and at every half of the watchdog's time for as long as alive says nil, and
// returns when ctx ends; without a watchdog it returns at once. While alive says an error the sign is held back and the
// error goes to report, once a row, and to systemd as the status: systemd then ends the process. A sign that cannot be
// sent goes to report too.
func (n *Notifier) Watchdog(ctx context.Context, alive func() error, report func(error)) {
	if n.Watched() == 0 {
		return
	}
	beat := time.NewTicker(n.watchdog / 2)
	defer beat.Stop()
	last := ""
	for {
		err := alive()
		if err != nil {
			err = fmt.Errorf("no sign of life for systemd: %w", err)
		} else {
			err = n.send("WATCHDOG=1")
		}
		if err != nil && err.Error() != last {
			report(err)
			_ = n.Status(err.Error()) // the report is the one that counts
		}
		last = ""
		if err != nil {
			last = err.Error()
		}
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// send writes one datagram of lines. A value can start no line of its own.
func (n *Notifier) send(lines ...string) error {
	if n == nil || n.socket == "" {
		return nil
	}
	for i, l := range lines {
		lines[i] = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, strings.ToValidUTF8(l, "?"))
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("telling systemd %s: %w", lines[0], err)
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return fmt.Errorf("telling systemd %s: %w", lines[0], err)
	}
	if _, err := conn.Write([]byte(strings.Join(lines, "\n"))); err != nil {
		return fmt.Errorf("telling systemd %s: %w", lines[0], err)
	}
	return nil
}

// sendTimeout bounds a call while the manager's queue is full.
const sendTimeout = 5 * time.Second
