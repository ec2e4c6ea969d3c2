package servertest

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aftercare/internal/mailtest/shipped"
	"aftercare/store"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// built is the plain binary and the model that it has trained, made once for all tests of a run.
var built struct {
	once        sync.Once
	dir         string
	path, model string
	err         error
}

// build makes what built holds.
func build() error {
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "aftercare-binary-"); built.err != nil {
			return
		}
		if built.path, built.err = shipped.Build(context.Background(), built.dir); built.err == nil {
			built.model, built.err = shipped.Train(context.Background(), built.path, built.dir, certainty)
		}
	})
	return built.err
}

func binary(t testing.TB) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return built.path
}

// phase is a line of the child's log: where one message or mail is.
type phase struct {
	name string
	id   int64
}

// outgoing tells the phases whose number is an outbox row from those of a message.
func (p phase) outgoing() bool {
	return p.name == "claimed" || p.name == "after-data" || p.name == "accepted" || p.name == "marked"
}

// child is a running `aftercare run`.
type child struct {
	t    testing.TB
	cmd  *exec.Cmd
	done chan struct{} // closed when all that it logged is read
	err  error         // how it ended; valid when done is closed

	mu     sync.Mutex
	phases []phase
	ready  bool
	tail   []string
	target func(phase) bool // when it says so, the child is killed at once
}

// runChild starts the binary on the configuration of a site, whose log level must be debug.
func (s *site) runChild(target func(phase) bool) *child {
	s.t.Helper()
	c := &child{t: s.t, cmd: exec.Command(binary(s.t.(*testing.T)), "run", "-c", filepath.Join(s.dir, "config.yaml")), done: make(chan struct{}), target: target}
	logged, err := c.cmd.StderrPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(c.done)
		lines := bufio.NewScanner(logged)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			c.line(lines.Text())
		}
		c.err = c.cmd.Wait()
	}()
	s.t.Cleanup(func() {
		c.kill()
		<-c.done
	})
	eventually(s.t, "the child running", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.ready || c.ended()
	})
	return c
}

func (c *child) line(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tail) == 30 {
		c.tail = c.tail[1:]
	}
	c.tail = append(c.tail, s)
	if strings.Contains(s, "msg=running ") {
		c.ready = true
	}
	_, rest, ok := strings.Cut(s, " msg=phase phase=")
	if !ok {
		return
	}
	name, id, _ := strings.Cut(rest, " id=")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		c.t.Errorf("a line of the child's log: %q", s)
		return
	}
	p := phase{name, n}
	if c.target != nil && c.target(p) {
		c.kill()
		c.target = nil
	}
	c.phases = append(c.phases, p)
}

// kill ends the child as a power cut would.
func (c *child) kill() { _ = c.cmd.Process.Kill() }

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// terminate asks the child to stop, and waits until it has.
func (c *child) terminate() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Fatal("the child does not end after SIGTERM")
	}
	if c.err != nil {
		c.t.Errorf("the child ended with %v after SIGTERM; its last words:\n%s", c.err, strings.Join(c.tail, "\n"))
	}
}

// keepModel puts the trained model where the daemon keeps it, so that no child trains.
func (s *site) keepModel() {
	s.t.Helper()
	binary(s.t)
	data, err := os.ReadFile(built.model)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(s.cfg.Data, "models"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.cfg.Data, "models", filepath.Base(built.model)), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// look opens the database for a moment while no daemon runs.
func (s *site) look(f func(*store.Store)) {
	s.t.Helper()
	st, err := store.Open(context.Background(), s.database(), store.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	f(st)
	if err := st.Close(); err != nil {
		s.t.Fatal(err)
	}
}
