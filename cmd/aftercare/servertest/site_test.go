package servertest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/store"
)

// patience is how long a test waits for what must come. It is never what a test measures.
const patience = 30 * time.Second

// eventually returns once ok says so, and fails the test when it never does.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	over := time.NewTimer(patience)
	defer over.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-over.C:
			t.Fatalf("%s: not within %v", what, patience)
		case <-look.C:
		}
	}
}

// clock is the time that the daemon lives in.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// certainty makes the model easily certain: what is tested here is what the daemon does with a class, not how well it is told.
const certainty = 0.7

// model is the trained classifier of the built-in classes, made once for all tests.
var model = sync.OnceValues(func() (*classify.Model, error) {
	if err := build(); err != nil {
		return nil, err
	}
	set, err := classify.DefaultClasses()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(built.model)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return classify.Read(set, f)
})

// box is one watched mailbox: a user of the server, with more lines of its configuration.
type box struct {
	user string
	more []string
}

// setup is what a test's configuration has beside the servers.
type setup struct {
	boxes []box             // nil is support alone
	top   []string          // more lines at the top level
	files map[string]string // beside the configuration
}

// site is one company with its daemon.
type site struct {
	t      testing.TB
	dir    string
	post   post
	clock  *clock
	cfg    *config.Config
	beside *store.Store // the database as another process sees it; open while the daemon runs

	ticks chan chan<- app.TickDone
	end   context.CancelFunc
	ended chan error

	mu   sync.Mutex
	recs []record
}

// record is one message that the daemon has put on record.
type record struct {
	store.Recorded
	msg   *mailbox.Message // nil when it could not be read
	class string
}

// newSite writes the configuration; start starts the daemon.
func newSite(t testing.TB, p post, set setup) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), post: p, clock: &clock{}, ticks: make(chan chan<- app.TickDone)}
	if set.boxes == nil {
		set.boxes = []box{{user: "support"}}
	}
	s.write("password", secret+"\n")
	s.write("ca.pem", string(p.authority()))
	for name, text := range set.files {
		s.write(name, text)
	}
	var boxes strings.Builder
	for _, b := range set.boxes {
		fmt.Fprintf(&boxes, "  - name: %[1]s\n    address: %[1]s@support.example\n    imap: {%[2]s, username: %[1]s, password: {file: password}}\n    smtp: {%[3]s, username: %[1]s}\n",
			b.user, p.imapKeys(b.user), p.smtpKeys(b.user))
		since := true
		for _, line := range b.more {
			fmt.Fprintf(&boxes, "    %s\n", line)
			since = since && !strings.HasPrefix(line, "since:")
		}
		if since {
			boxes.WriteString("    since: all\n")
		}
	}
	path := s.write("config.yaml", fmt.Sprintf(configText, boxes.String(), strings.Join(set.top, "\n")))
	var err error
	if s.cfg, err = config.Load(path); err != nil {
		t.Fatalf("the configuration of the test:\n%v", err)
	}
	t.Cleanup(s.stop)
	return s
}

const configText = `company: {name: Example Service, time_zone: Asia/Shanghai, phone: "+86 21 5550 0100"}
data: data
mailboxes:
%sstaff:
  - {name: Duty, address: duty@staff.example}
  - {name: Lead, address: lead@staff.example}
escalation: [Duty, Lead]
schedule: {digest: ""} # else a run after eight on a working morning sends one mail more
offices:
  - {name: Shanghai, city: 上海, province: 上海, centre: true, phone: "+86 21 5550 0100", staff: [Duty]}
%s
`

func (s *site) write(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// options is what app.Run is called with.
func (s *site) options() app.Options {
	m, err := model()
	if err != nil {
		s.t.Fatal(err)
	}
	return app.Options{
		Config: s.cfg, Log: slog.New(slog.NewTextHandler(s.t.Output(), nil)), Now: s.clock.now, Tick: s.ticks, Model: m,
		Recorded: s.recorded,
	}
}

// start runs the daemon until stop; change adds hooks. It returns when everything of the daemon has started.
func (s *site) start(change ...func(*app.Options)) {
	s.t.Helper()
	opt := s.options()
	ready := make(chan struct{})
	opt.Ready = func() { close(ready) }
	for _, f := range change {
		f(&opt)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.end, s.ended = cancel, make(chan error, 1)
	ended := s.ended
	go func() { ended <- app.Run(ctx, opt) }()
	select {
	case err := <-ended:
		cancel()
		s.end = nil
		s.t.Fatalf("the daemon did not start: %v", err)
	case <-ready:
	}
	st, err := store.Open(context.Background(), s.database(), store.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.beside = st
}

func (s *site) database() string { return filepath.Join(s.cfg.Data, "aftercare.db") }

// stop ends the daemon and waits for it; without one it does nothing.
func (s *site) stop() {
	s.t.Helper()
	if s.end == nil {
		return
	}
	s.end()
	s.end = nil
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Errorf("the daemon ended with %v", err)
		}
	case <-time.After(patience):
		s.t.Errorf("the daemon does not end")
	}
	if err := s.beside.Close(); err != nil {
		s.t.Error(err)
	}
	s.beside = nil
}

func (s *site) recorded(r store.Recorded, reading *responder.Reading, _ time.Duration) {
	rec := record{Recorded: r}
	if reading != nil {
		rec.msg, rec.class = reading.Message, reading.Class.Class
	}
	s.mu.Lock()
	s.recs = append(s.recs, rec)
	s.mu.Unlock()
}

// records are all messages put on record so far that match.
func (s *site) records(match func(record) bool) (out []record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.recs {
		if match(r) {
			out = append(out, r)
		}
	}
	return out
}

// await waits until n messages that match are on record, and returns them.
func (s *site) await(t testing.TB, what string, n int, match func(record) bool) (out []record) {
	t.Helper()
	eventually(t, what+" on record", func() bool { out = s.records(match); return len(out) >= n })
	return out
}

// from matches the messages of a sender.
func from(addr string) func(record) bool {
	return func(r record) bool { return r.msg != nil && r.msg.Sender1().Addr == addr }
}

// tick has the daemon make a tick and returns what it said.
func (s *site) tick(t testing.TB) store.TickResult {
	t.Helper()
	answer := make(chan app.TickDone, 1)
	select {
	case s.ticks <- answer:
	case <-time.After(patience):
		t.Fatal("the daemon takes no tick")
	}
	done := <-answer
	if done.Err != nil {
		t.Fatalf("tick: %v", done.Err)
	}
	return done.Result
}

// caseOf reads a case.
func (s *site) caseOf(t testing.TB, id int64) store.CaseFile {
	t.Helper()
	c, err := s.beside.Case(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sound fails the test where something stands on record that must not.
func (s *site) sound(t testing.TB) {
	t.Helper()
	faults, err := s.beside.Integrity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("on record: %s (%s)", f.What, f.About)
	}
}
