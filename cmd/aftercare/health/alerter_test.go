package health

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a channel that keeps what it gets.
type recorder struct {
	mu   sync.Mutex
	got  []string
	fail func(n int) error // what the n-th try, from 1, answers
	n    int
}

func (r *recorder) send(_ context.Context, a Alert) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	if r.fail != nil {
		if err := r.fail(r.n); err != nil {
			return err
		}
	}
	r.got = append(r.got, string(a.State)+" "+a.Check)
	return nil
}

func (r *recorder) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *recorder) tries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// alerting runs an Alerter on a fresh Board within a bubble of synctest; stop ends it and waits.
func alerting(set Alerts) (b *Board, stop func()) {
	b = NewBoard(time.Now)
	set.Now = time.Now
	if set.Log == nil {
		set.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		NewAlerter(b, set).Run(ctx)
	}()
	return b, func() { cancel(); <-ended }
}

var errDown = errors.New("connection refused")

// pass lets time go by and everything that is due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestOneAlertAndOneRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		b, stop := alerting(Alerts{After: 2 * time.Minute, Channels: []Channel{{Name: "a", Send: r.send}}})
		defer stop()
		b.Set(SMTP("s"), nil, time.Now())
		b.Set(Store, errDown, time.Now())
		pass(time.Minute)
		b.Set(Store, nil, time.Now()) // passed
		b.Set(SMTP("s"), errDown, time.Now())
		for range 60 { // an hour down, said again each minute
			pass(time.Minute)
			b.Set(SMTP("s"), errDown, time.Now())
		}
		if got := r.told(); !slices.Equal(got, []string{"trouble smtp:s"}) {
			t.Fatalf("after an hour: %q", got)
		}
		b.Set(SMTP("s"), nil, time.Now())
		pass(119 * time.Second)
		if got := r.told(); len(got) != 1 {
			t.Fatalf("too early: %q", got)
		}
		pass(24 * time.Hour)
		if got := r.told(); !slices.Equal(got, []string{"trouble smtp:s", "recovered smtp:s"}) {
			t.Errorf("told %q", got)
		}
	})
}

func TestSilenceIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		b, stop := alerting(Alerts{After: time.Minute, Channels: []Channel{{Name: "a", Send: r.send}}})
		defer stop()
		b.Expect(Tick, 5*time.Minute, time.Now())
		b.Set(Tick, nil, time.Now())
		pass(6*time.Minute - time.Second)
		if got := r.told(); len(got) != 0 {
			t.Fatalf("too early: %q", got)
		}
		pass(time.Second)
		if got := r.told(); !slices.Equal(got, []string{"trouble tick"}) {
			t.Errorf("told %q", got)
		}
	})
}

func TestDroppedCheckIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		b, stop := alerting(Alerts{After: time.Minute, Channels: []Channel{{Name: "a", Send: r.send}}})
		defer stop()
		b.Set(IMAP("s", "Old"), errDown, time.Now())
		pass(time.Hour)
		b.Drop(IMAP("s", "Old"))
		pass(time.Hour)
		if got := r.told(); !slices.Equal(got, []string{"trouble imap:s/Old", "recovered imap:s/Old"}) {
			t.Errorf("told %q", got)
		}
	})
}

func TestChannelsAreIndependent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var good recorder
		bad := recorder{fail: func(int) error { return errDown }}
		stuck := Channel{Name: "stuck", Timeout: time.Hour, Send: func(ctx context.Context, _ Alert) error { <-ctx.Done(); return ctx.Err() }}
		panics := Channel{Name: "panics", Send: func(context.Context, Alert) error { panic("x") }}
		b, stop := alerting(Alerts{Channels: []Channel{stuck, panics, {Name: "bad", Send: bad.send}, {Name: "good", Send: good.send}}})
		b.Set(Store, errDown, time.Now())
		synctest.Wait()
		if got := good.told(); !slices.Equal(got, []string{"trouble store"}) {
			t.Errorf("at once: %q", got)
		}
		for range 300 { // more than any queue holds
			b.Set(Store, nil, time.Now())
			synctest.Wait()
			b.Set(Store, errDown, time.Now())
			synctest.Wait()
		}
		if got := good.told(); len(got) != 601 {
			t.Errorf("%d alerts while others are stuck", len(got))
		}
		begin := time.Now()
		stop()
		if took := time.Since(begin); took > lastWords {
			t.Errorf("the end took %v", took)
		}
	})
}

func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tries int
		fail  func(n int) error
		wait  time.Duration
		told  int
		made  int
	}{
		{"at once", 0, nil, time.Minute, 1, 1},
		{"the third time", 0, func(n int) error {
			if n < 3 {
				return errDown
			}
			return nil
		}, time.Minute, 1, 3},
		{"permanent", 0, func(int) error { return ErrPermanent }, 48 * time.Hour, 0, 1},
		{"few tries", 3, func(int) error { return errDown }, 48 * time.Hour, 0, 3},
		{"a night without network", 0, func(n int) error {
			if n < 90 {
				return errDown
			}
			return nil
		}, 12 * time.Hour, 1, 90},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := recorder{fail: tt.fail}
				b, stop := alerting(Alerts{Channels: []Channel{{Name: "a", Send: r.send, Tries: tt.tries}}})
				defer stop()
				b.Set(Store, errDown, time.Now())
				pass(tt.wait)
				if len(r.told()) != tt.told || r.tries() != tt.made {
					t.Errorf("told %q in %d tries", r.told(), r.tries())
				}
			})
		})
	}
	t.Run("given up after a day", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := recorder{fail: func(int) error { return errDown }}
			b, stop := alerting(Alerts{Channels: []Channel{{Name: "a", Send: r.send}}})
			defer stop()
			b.Set(Store, errDown, time.Now())
			pass(25 * time.Hour)
			n := r.tries()
			pass(25 * time.Hour)
			if r.tries() != n || n < 200 || n > 700 {
				t.Errorf("%d tries in a day, %d in two", n, r.tries())
			}
		})
	})
}

func TestLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder{fail: func(n int) error {
			if n == 1 {
				return errDown
			}
			return nil
		}}
		b, stop := alerting(Alerts{Channels: []Channel{{Name: "a", Send: r.send}}})
		b.Set(Disk, errDown, time.Now())
		b.Set(Store, errDown, time.Now())
		synctest.Wait()
		stop()
		if got := r.told(); len(got) != 2 {
			t.Errorf("before the end: %q", got)
		}
	})
}

func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "alerts.json")
		var r recorder
		set := Alerts{After: time.Minute, File: file, Channels: []Channel{{Name: "a", Send: r.send}}}
		b, stop := alerting(set)
		for _, c := range []string{Store, Disk, Tick} {
			b.Set(c, errDown, time.Now())
		}
		pass(time.Hour)
		stop()
		if got := r.told(); len(got) != 3 {
			t.Fatalf("before: %q", got)
		}
		b, stop = alerting(set)
		defer stop()
		b.Expect(Store, 24*time.Hour, time.Now())
		pass(10 * time.Minute) // a slow start
		b.Set(Store, errDown, time.Now())
		b.Set(Disk, nil, time.Now())
		pass(2 * time.Minute)
		if got := r.told()[3:]; !slices.Equal(got, []string{"recovered disk"}) {
			t.Fatalf("after the restart: %q", got)
		}
		pass(2 * time.Hour)
		if got := r.told()[4:]; !slices.Equal(got, []string{"recovered tick"}) {
			t.Fatalf("a check that is made no more: %q", got)
		}
		b.Set(Store, nil, time.Now())
		pass(time.Hour)
		if got := r.told()[5:]; !slices.Equal(got, []string{"recovered store"}) {
			t.Errorf("at last: %q", got)
		}
		list, err := readTold(file)
		if err != nil || len(list) != 0 {
			t.Errorf("the file still holds %v, %v", list, err)
		}
	})
}

func TestRestartFileIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, file := range []string{t.TempDir(), filepath.Join(t.TempDir(), "no", "folder")} {
			var log strings.Builder
			var r recorder
			b, stop := alerting(Alerts{File: file, Channels: []Channel{{Name: "a", Send: r.send}}, Log: slog.New(slog.NewTextHandler(&log, nil))})
			b.Set(Store, errDown, time.Now())
			pass(time.Second)
			stop()
			if len(r.told()) != 1 || !strings.Contains(log.String(), "told") {
				t.Errorf("told %q, logged %s", r.told(), log.String())
			}
		}
	})
}
