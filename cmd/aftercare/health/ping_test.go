package health

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pings counts requests without a network.
type pings struct {
	n    atomic.Int32
	fail atomic.Bool
	date time.Time
}

func (p *pings) RoundTrip(*http.Request) (*http.Response, error) {
	p.n.Add(1)
	if p.fail.Load() {
		return nil, errDown
	}
	h := http.Header{}
	if !p.date.IsZero() {
		h.Set("Date", p.date.UTC().Format(http.TimeFormat))
	}
	return &http.Response{StatusCode: 200, Header: h, Body: http.NoBody}, nil
}

func TestPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p, err := NewPing("https://watch.example/SECRET", time.Minute, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		wire := &pings{}
		p.client.Transport = wire
		b := NewBoard(time.Now)
		b.Set(Store, nil, time.Now())
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); p.Run(ctx, b.Well) }()
		for _, step := range []struct {
			name string
			do   func()
			wait time.Duration
			want int32
		}{
			{"at once", func() {}, 0, 1},
			{"each minute", func() {}, 10 * time.Minute, 10},
			{"silent in trouble", func() { b.Set(Store, errDown, time.Now()) }, time.Hour, 0},
			{"and again when well", func() { b.Set(Store, nil, time.Now()) }, time.Hour, 60},
			{"a broken template is no reason for silence", func() { b.Set(Templates, errDown, time.Now()) }, time.Hour, 60},
			{"failing pings go on", func() { wire.fail.Store(true) }, 10 * time.Minute, 10},
			{"and work again", func() { wire.fail.Store(false) }, 10 * time.Minute, 10},
		} {
			before := wire.n.Load()
			step.do()
			pass(step.wait)
			if step.name == "at once" {
				before = 0
			}
			if got := wire.n.Load() - before; got != step.want {
				t.Errorf("%s: %d pings, want %d", step.name, got, step.want)
			}
		}
		cancel()
		<-ended
		if n := strings.Count(log.String(), "failed"); n != 1 || !strings.Contains(log.String(), "works again") || strings.Contains(log.String(), "SECRET") {
			t.Errorf("logged %s", log.String())
		}
	})
}

func TestPingTellsTheSkew(t *testing.T) {
	for _, tt := range []struct {
		name string
		by   time.Duration
		want time.Duration
	}{
		{"equal", 0, 0}, {"ahead", 10 * time.Minute, 10 * time.Minute}, {"behind", -time.Hour, -time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := NewPing("https://watch.example/", time.Minute, t0, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			p.client.Transport = &pings{date: t0().Add(tt.by)}
			got := time.Duration(-1)
			p.Skew = func(d time.Duration) { got = d }
			if err := p.once(context.Background()); err != nil || got != tt.want {
				t.Errorf("skew %v, error %v", got, err)
			}
		})
	}
}

func TestPingOverARealServer(t *testing.T) {
	var n atomic.Int32
	got := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Method + " " + r.URL.Path
		if n.Add(1) == 1 {
			w.WriteHeader(500)
		}
	}))
	defer srv.Close()
	p, err := NewPing(srv.URL+"/x", time.Millisecond*20, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); p.Run(ctx, func() bool { return true }) }()
	for range 3 {
		if s := <-got; s != "GET /x" {
			t.Errorf("asked %s", s)
		}
	}
	cancel()
	<-ended
	if _, err := NewPing(srv.URL, 0, time.Now, nil); err == nil {
		t.Error("an interval of nothing is accepted")
	}
}

func TestProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBoard(time.Now)
		var full atomic.Bool
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			RunProbes(ctx, b, time.Now,
				Probe{Disk, time.Minute, time.Second, func(context.Context) error {
					if full.Load() {
						return errors.New("full")
					}
					return nil
				}},
				Probe{Store, time.Minute, time.Second, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
				Probe{Oldest, time.Minute, time.Second, func(context.Context) error { // heeds no context
					if !full.Load() {
						return nil
					}
					time.Sleep(time.Hour)
					return nil
				}})
		}()
		pass(2 * time.Second)
		check := func(when string, want map[string]bool) {
			t.Helper()
			for _, c := range b.Snapshot() {
				if c.OK != want[c.Name] {
					t.Errorf("%s: %+v", when, c)
				}
			}
		}
		check("at first", map[string]bool{Disk: true, Store: false, Oldest: true})
		full.Store(true)
		pass(2 * time.Minute)
		check("full, and one hangs", map[string]bool{Disk: false, Store: false, Oldest: true})
		pass(5 * time.Minute)
		check("one hangs for long", map[string]bool{Disk: false, Store: false, Oldest: false})
		cancel()
		<-ended
	})
}

func TestDiskRoom(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name  string
		path  string
		bytes uint64
		share float64
		bad   bool
	}{
		{"no demand", dir, 0, 0, false},
		{"more bytes than any disk has", dir, 1 << 62, 0, true},
		{"more than all of it", dir, 0, 1.01, true},
		{"no such folder", dir + "/none", 0, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := DiskRoom(tt.path, tt.bytes, tt.share)(context.Background()); (err != nil) != tt.bad {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestOldestUnanswered(t *testing.T) {
	for _, tt := range []struct {
		name string
		ago  time.Duration // 0: none waits
		err  error
		want string
	}{
		{"none", 0, nil, ""},
		{"within", 2 * time.Hour, nil, ""},
		{"too long", 2*time.Hour + time.Minute, nil, "2h1m0s"},
		{"not known", 0, errDown, "connection refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := OldestUnanswered(func(context.Context) (time.Time, error) {
				if tt.ago == 0 {
					return time.Time{}, tt.err
				}
				return t0().Add(-tt.ago), tt.err
			}, t0, 2*time.Hour)(context.Background())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestSkew(t *testing.T) {
	limit := 3 * time.Minute
	for _, tt := range []struct {
		name  string
		ahead time.Duration
		want  string
	}{
		{"none", 0, ""}, {"small", limit, ""}, {"small, behind", -limit, ""},
		{"our clock is slow", limit + time.Second, "3m1s behind"}, {"our clock is fast", -time.Hour, "1h0m0s ahead"},
	} {
		err := Skew(tt.ahead, limit)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if err := ArrivalSkew(t0().Add(-72*time.Hour), t0(), limit); err != nil {
		t.Errorf("an old mail: %v", err)
	}
	if err := ArrivalSkew(t0().Add(time.Hour), t0(), limit); err == nil {
		t.Error("a mail from the future says nothing")
	}
	asked, answered := t0(), t0().Add(10*time.Second)
	for at, want := range map[int]time.Duration{-5: -5 * time.Second, 0: 0, 7: 0, 10: 0, 15: 5 * time.Second} {
		if got := Ahead(t0().Add(time.Duration(at)*time.Second), asked, answered); got != want {
			t.Errorf("a server's time %d s after the question: %v ahead", at, got)
		}
	}
}
