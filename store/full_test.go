package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"aftercare/responder"
)

// smallDisk mounts a file system of a few megabytes and returns its folder. Without the right to mount the test is skipped.
func smallDisk(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("SKIP: a full disk needs Linux and root to mount a small one")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=3m", "aftercare-test", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIP: a full disk needs a small file system, and mounting one failed: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmounting: %v: %s", err, out)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	dir, ctx := smallDisk(t), context.Background()
	s := openAt(t, filepath.Join(dir, "a.db"), Options{})
	var failed error
	uid := uint32(0)
	for failed == nil && uid < 200 {
		uid++
		in := post{uid: uid, from: "a@x.example", text: string(rune(uid))}.incoming()
		body := bytes.Repeat([]byte{byte(uid)}, 100<<10)
		in.Raw.Body, in.Raw.Size = bytes.NewReader(body), int64(len(body))
		_, failed = s.Record(ctx, []Incoming{in}, decider(t0), t0)
	}
	if !errors.Is(failed, ErrFull) {
		t.Fatalf("after %d messages: %v", uid, failed)
	}
	kept := int64(uid - 1)
	c, _, err := s.Cursor(ctx, "support", "INBOX")
	if err != nil || int64(c.UID) != kept {
		t.Errorf("the cursor stands at %d, want %d; %v", c.UID, kept, err)
	}
	for _, table := range []string{"messages", "raw", "outbox", "outbox_raw"} {
		if n := number(t, s, "SELECT count(*) FROM "+table); table == "messages" && n != kept || n > kept {
			t.Errorf("%d rows of %s, want %d", n, table, kept)
		}
	}
	sound(t, s)
	if out, err := exec.Command("mount", "-o", "remount,size=12m", dir).CombinedOutput(); err != nil {
		t.Fatalf("making room: %v: %s", err, out)
	}
	out := record(t, s, t0, post{uid: uid, from: "z@x.example", text: "room again"})
	if out[0].Disposition != responder.Answered {
		t.Errorf("with room again: %+v", out[0])
	}
	sound(t, s)
}
