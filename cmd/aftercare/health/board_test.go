package health

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// t0 is when the tests begin.
func t0() time.Time { return time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC) }

// hand is a clock that a test moves.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) move(d time.Duration) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
	return h.at
}

func TestBoardSince(t *testing.T) {
	down, other := errors.New("connection refused"), errors.New("login\r\nfailed\x00")
	for _, tt := range []struct {
		name  string
		sets  []error // one a minute
		ok    bool
		since int // minutes
		text  string
	}{
		{"well at once", []error{nil}, true, 0, ""},
		{"well all the time", []error{nil, nil, nil}, true, 0, ""},
		{"down at once", []error{down}, false, 0, "connection refused"},
		{"turned down", []error{nil, nil, down}, false, 2, "connection refused"},
		{"down for another reason is the same trouble", []error{nil, down, other}, false, 1, "login failed"},
		{"well again", []error{nil, down, down, nil, nil}, true, 3, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &hand{at: t0()}
			b := NewBoard(h.now)
			for i, err := range tt.sets {
				b.Set(Store, err, t0().Add(time.Duration(i)*time.Minute))
			}
			got := b.Snapshot()
			want := Check{Name: Store, OK: tt.ok, Detail: tt.text, Since: t0().Add(time.Duration(tt.since) * time.Minute)}
			if len(got) != 1 || got[0] != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if b.Well() != tt.ok {
				t.Errorf("well is %v", b.Well())
			}
		})
	}
}

func TestBoardSilence(t *testing.T) {
	h := &hand{at: t0()}
	b := NewBoard(h.now)
	b.Expect(Tick, 5*time.Minute, h.now())
	if c := b.Snapshot()[0]; !c.OK || !c.pending || c.Detail == "" {
		t.Fatalf("expected and not heard of: %+v", c)
	}
	h.move(5 * time.Minute)
	if c := b.Snapshot()[0]; c.OK || c.Detail != "no sign of life since 2026-11-02T10:00:00Z" || !c.Since.Equal(h.now()) {
		t.Fatalf("silent from the start: %+v", c)
	}
	b.Set(Tick, nil, h.move(time.Minute))
	if c := b.Snapshot()[0]; !c.OK || c.pending || !c.Since.Equal(t0().Add(6*time.Minute)) {
		t.Fatalf("heard of: %+v", c)
	}
	h.move(4 * time.Minute)
	b.Set(Tick, nil, h.now())
	h.move(4 * time.Minute)
	if c := b.Snapshot()[0]; !c.OK || !c.Since.Equal(t0().Add(6*time.Minute)) {
		t.Fatalf("each sign counts anew: %+v", c)
	}
	b.Set(Tick, errors.New("x"), h.now())
	since := h.now()
	h.move(time.Hour)
	if c := b.Snapshot()[0]; c.OK || c.Detail != "x" || !c.Since.Equal(since) {
		t.Fatalf("in trouble, then silent: %+v", c)
	}
	b.Drop(Tick)
	if got := b.Snapshot(); len(got) != 0 || !b.Well() {
		t.Fatalf("dropped: %+v", got)
	}
}

func TestSilent(t *testing.T) {
	h := &hand{at: t0()}
	b := NewBoard(h.now)
	b.Set(Store, errors.New("x"), h.now()) // may be silent
	b.Expect(Tick, 5*time.Minute, h.now())
	for _, tt := range []struct {
		name string
		wait time.Duration
		set  bool
		err  error
		want string
	}{
		{"not yet", 5*time.Minute - 1, false, nil, ""},
		{"from the start", 1, false, nil, "tick: no sign of life since 2026-11-02T10:00:00Z"},
		{"a sign", time.Minute, true, nil, ""},
		{"trouble is a sign too", 4 * time.Minute, true, errors.New("disk full"), ""},
		{"silent in trouble", 5 * time.Minute, false, nil, "tick: no sign of life since 2026-11-02T10:10:00Z"},
	} {
		h.move(tt.wait)
		if tt.set {
			b.Set(Tick, tt.err, h.now())
		}
		err := b.Silent()
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if b.Silent(Tick) == nil || b.Silent(Disk, Store) != nil {
		t.Errorf("of tick %v, of others %v", b.Silent(Tick), b.Silent(Disk, Store))
	}
}

func TestBoardSignals(t *testing.T) {
	b := NewBoard(t0)
	woken := func(f func()) bool {
		c := b.Changed()
		f()
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for _, tt := range []struct {
		name string
		do   func()
		want bool
	}{
		{"a new check", func() { b.Set(Disk, nil, t0()) }, true},
		{"the same again", func() { b.Set(Disk, nil, t0()) }, false},
		{"trouble", func() { b.Set(Disk, errors.New("full"), t0()) }, true},
		{"the same trouble", func() { b.Set(Disk, errors.New("fuller"), t0()) }, false},
		{"well", func() { b.Set(Disk, nil, t0()) }, true},
		{"gone", func() { b.Drop(Disk) }, true},
	} {
		if got := woken(tt.do); got != tt.want {
			t.Errorf("%s: woken %v", tt.name, got)
		}
	}
}

func TestVital(t *testing.T) {
	for name, want := range map[string]bool{
		IMAP("support", "INBOX"): true, SMTP("support"): true, Store: true, Oldest: true, ClockSkew: true, Disk: true, Tick: true,
		Templates: false, Classes: false,
	} {
		b := NewBoard(t0)
		b.Set(name, errors.New("x"), t0())
		if b.Well() == want {
			t.Errorf("%s in trouble: well is %v", name, b.Well())
		}
	}
}

func TestOneLine(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"as it is", "connection refused", "connection refused"},
		{"lines and tabs", "a\r\n\tb\n", "a b"},
		{"controls", "a\x00\x1b[31mb\x7f", "a[31mb"},
		{"broken UTF-8", "a\xffb", "a?b"},
		{"long", strings.Repeat("a", 600), strings.Repeat("a", 500) + "…"},
		{"long, cut between letters", strings.Repeat("邮", 600), strings.Repeat("邮", 166) + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := oneLine(tt.in); got != tt.want || !utf8.ValidString(got) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestBoardFromManyGoroutines(t *testing.T) {
	b := NewBoard(t0)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 200 {
				var err error
				if n%2 == 1 {
					err = fmt.Errorf("failure %d", n)
				}
				b.Set(IMAP("a", fmt.Sprint(i%3)), err, t0())
				b.Snapshot()
				b.Changed()
			}
		})
	}
	wg.Wait()
	if n := len(b.Snapshot()); n != 3 {
		t.Errorf("%d checks", n)
	}
}
