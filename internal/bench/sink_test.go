package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is Postfix's smtp-sink: it takes every mail and counts.
type sink struct {
	port int

	mu   sync.Mutex
	n    int
	last time.Time // when n was seen to grow
}

// startSink starts a sink for the life of the test. Its counter is looked at every pause: seldom while a rate is measured,
// so that the looking costs nothing; with 0 each answer is seen at once.
func startSink(t *testing.T, pause time.Duration) *sink {
	t.Helper()
	path, err := exec.LookPath("smtp-sink")
	if err != nil {
		path = "/usr/sbin/smtp-sink"
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("SKIP: needs smtp-sink, which comes with Postfix")
	}
	s := &sink{port: freePort(t)}
	cmd := exec.Command(path, "-c", "-u", "nobody", fmt.Sprintf("inet:127.0.0.1:%d", s.port), "1000")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	counted := make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it ends by no other way
		<-counted
		_ = cmd.Wait()
	})
	go func() {
		defer close(counted)
		s.count(out.Read, pause)
	}()
	awaitPort(t, s.port)
	return s
}

// count reads the counters: "sess=1 quit=0 mesg=17" with a carriage return behind each.
func (s *sink) count(read func([]byte) (int, error), pause time.Duration) {
	buf := make([]byte, 64<<10)
	for {
		n, err := read(buf)
		if i := strings.LastIndex(string(buf[:n]), "mesg="); i >= 0 {
			digits, _, _ := strings.Cut(string(buf[i+len("mesg="):n]), "\r")
			if m, err := strconv.Atoi(strings.TrimSpace(digits)); err == nil {
				s.mu.Lock()
				if m > s.n {
					s.n, s.last = m, time.Now()
				}
				s.mu.Unlock()
			}
		}
		if err != nil {
			return
		}
		time.Sleep(pause)
	}
}

func (s *sink) taken() (int, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n, s.last
}

// await returns when n mails were taken, with the time of the last. It gives up when none comes for quiet.
func (s *sink) await(t *testing.T, n int, quiet time.Duration) (time.Time, bool) {
	t.Helper()
	began := time.Now()
	for {
		got, last := s.taken()
		if got >= n {
			return last, true
		}
		if last.Before(began) {
			last = began
		}
		if time.Since(last) > quiet {
			t.Errorf("%d of %d mails were sent", got, n)
			return last, false
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// settle returns when none has come for a while.
func (s *sink) settle(while time.Duration) {
	for _, last := s.taken(); time.Since(last) < while; _, last = s.taken() {
		time.Sleep(20 * time.Millisecond)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func awaitPort(t *testing.T, port int) {
	t.Helper()
	for range 500 {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("nothing listens on port %d", port)
}
