package servertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"aftercare/cmd/aftercare/app"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
	"aftercare/store"
)

// listener counts the log's lines about a full disk.
type listener struct {
	slog.Handler
	full *atomic.Int64
}

func (l listener) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if strings.Contains(a.Value.String(), store.ErrFull.Error()) {
			l.full.Add(1)
		}
		return true
	})
	return l.Handler.Handle(ctx, r)
}

func (l listener) WithAttrs(as []slog.Attr) slog.Handler {
	return listener{l.Handler.WithAttrs(as), l.full}
}

func (l listener) WithGroup(name string) slog.Handler {
	return listener{l.Handler.WithGroup(name), l.full}
}

// smallDisk mounts a file system of 12 MB over the data folder.
func smallDisk(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("aftercare-test", dir, "tmpfs", 0, "size=12m,mode=700")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("SKIP: needs the right to mount a small file system (root): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
			_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		}
	})
}

// fill writes until the disk is full, and returns what makes room again.
func fill(t *testing.T, dir string) (room func()) {
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Errorf("filling the disk: %v", err)
		return func() {}
	}
	block := make([]byte, 64<<10)
	for size := len(block); size > 0; {
		if _, err = f.Write(block[:size]); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("filling the disk: %v", err)
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			t.Errorf("making room: %v", err)
		}
	}
}

// TestDiskFull: while the disk is full nothing is taken off the server, nothing is lost and nothing is sent twice; when there
// is room again the work goes on by itself.
func TestDiskFull(t *testing.T) {
	var dir string
	var room atomic.Pointer[func()]
	p := newMemoryPost(t, func(c *memory.SMTPConfig) {
		c.OnData = func(d memory.Delivered) memory.Verdict {
			if d.To[0] == "last@customer.example" { // the disk fills up between the mail and its mark
				r := fill(t, dir)
				room.Store(&r)
			}
			return memory.Verdict{}
		}
	})
	s := newSite(t, p, setup{})
	dir = s.cfg.Data
	smallDisk(t, dir)
	t.Cleanup(s.stop) // before the unmount
	var full atomic.Int64
	s.start(func(o *app.Options) { o.Log = slog.New(listener{o.Log.Handler(), &full}) })
	first, _ := s.answered(t, "support", "first@customer.example", repair("first@customer.example", "support@support.example", 0))
	s.marked(t, first.Case)

	empty := fill(t, dir)
	long := "X-Long: " + strings.Repeat("a line that takes room\r\n ", 8000) // the free pages of the database are not enough
	for i := range 5 {
		p.arrive(t, "support", repair(fmt.Sprintf("c%d@customer.example", i), "support@support.example", i, long))
	}
	eventually(t, "the full disk noticed", func() bool { return full.Load() > 0 })
	if n := len(s.records(func(record) bool { return true })); n > 5 {
		t.Fatalf("%d mails are on record, though the disk is full", n)
	}
	empty()
	s.await(t, "what waited", 6, func(r record) bool { return r.Disposition == responder.Answered })
	for i := range 5 {
		s.replies(t, fmt.Sprintf("c%d@customer.example", i), 1)
	}

	p.arrive(t, "support", repair("last@customer.example", "support@support.example", 9))
	last := s.await(t, "the last mail", 1, from("last@customer.example"))[0]
	s.replies(t, "last@customer.example", 1)
	(*room.Load())()
	s.marked(t, last.Case)
	for _, name := range []string{"first", "c0", "c1", "c2", "c3", "c4", "last"} {
		if n := len(p.inbox(t, name+"@customer.example")); n != 1 {
			t.Errorf("%d replies to %s", n, name)
		}
	}
	s.sound(t)
	if damage, err := s.beside.CheckFile(t.Context()); err != nil || len(damage) != 0 {
		t.Errorf("the database: %v, %v", damage, err)
	}
}
