package outbox

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func rawMail(id int64) []byte {
	return fmt.Appendf(nil, "From: support@service.example\r\nTo: anna@customer.example\r\nSubject: Reply %d\r\nMessage-ID: <%d@service.example>\r\n\r\n"+
		"Dear Anna,\r\n.a line with a dot in front\r\n.\r\nGoodbye\r\n", id, id)
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// record is a list that several goroutines write.
type record struct {
	mu   sync.Mutex
	list []string
}

func (r *record) add(s string) {
	r.mu.Lock()
	r.list = append(r.list, s)
	r.mu.Unlock()
}

func (r *record) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.list, " ")
}

// safeBuffer is a log that several goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// rig is an outbox at work, with what it says.
type rig struct {
	*Outbox
	q      *queue
	clock  *clock
	health *record // "trouble:ACCOUNT" and "well:ACCOUNT"
	log    *safeBuffer
	stop   func() // stops it and waits; the end of the test does it too
}

// start runs an outbox on the queue. change may set options.
func start(t testing.TB, q *queue, change func(*Options), servers ...Server) *rig {
	t.Helper()
	r := &rig{q: q, clock: &clock{now: t0}, health: &record{}, log: &safeBuffer{}}
	opt := Options{
		Queue: q, Servers: servers, Now: r.clock.Now, Grace: 500 * time.Millisecond, ResendAfter: 50 * time.Millisecond,
		Log:     slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Trouble: func(a string, err error) { r.health.add("trouble:" + a); fmt.Fprintln(r.log, "trouble", err) },
		Well:    func(a string) { r.health.add("well:" + a) },
	}
	if change != nil {
		change(&opt)
	}
	r.Outbox = New(opt)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("Run does not end")
		}
		noneLeft(t)
	})
	t.Cleanup(r.stop)
	return r
}

// within moves the clock minute by minute until a mail has an outcome, at most for d.
func (r *rig) within(t *testing.T, d time.Duration, id int64, want Outcome) Result {
	t.Helper()
	for end := r.clock.Now().Add(d); r.clock.Now().Before(end); r.clock.add(time.Minute) {
		r.Wake()
		for range 20 {
			for _, got := range r.q.look(id).results {
				if got.Outcome == want {
					return got
				}
			}
			time.Sleep(time.Millisecond)
		}
	}
	t.Fatalf("mail %d: not %s within %v: %+v", id, want, d, r.q.look(id).results)
	return Result{}
}

// noneLeft fails the test when a goroutine of an outbox still lives.
func noneLeft(t testing.TB) {
	t.Helper()
	var stacks string
	for range 100 {
		buf := make([]byte, 1<<20)
		stacks = string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(stacks, "outbox.(*Outbox)") && !strings.Contains(stacks, "outbox.(*worker)") && !strings.Contains(stacks, "outbox.(*session)") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("goroutines are left:\n%s", stacks)
}

// at is a server in plain text without login, with times that a test can wait for.
func at(addr string) Server {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		panic(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		panic(err)
	}
	return Server{Account: "support", Host: host, Port: n, Security: Plain, Auth: "none", Helo: "client.example", Timeout: 5 * time.Second, DataTimeout: 5 * time.Second}
}

// hasty gives a server short times.
func hasty(s Server) Server {
	s.Timeout, s.DataTimeout = 200*time.Millisecond, 200*time.Millisecond
	return s
}

func startMemory(t testing.TB, cfg memory.SMTPConfig) *memory.SMTP {
	t.Helper()
	s, err := memory.StartSMTP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// commands counts the lines of a client that start with a word.
func commands(b *mailtest.BadSMTP, word string) int {
	n := 0
	for _, line := range b.Commands() {
		if strings.HasPrefix(strings.ToUpper(line), word) {
			n++
		}
	}
	return n
}
