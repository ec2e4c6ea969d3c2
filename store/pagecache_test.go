package store

import (
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// The room must be large enough for a page with what a new version of SQLite keeps beside it: else all pages lie elsewhere.
func TestPagesLieInTheReservedRoom(t *testing.T) {
	const role = "AFTERCARE_TEST_RESERVE"
	if os.Getenv(role) == "" { // once a process, before its first database
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), role+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if err := ReservePages(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "a.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if used := pageStatus(t, lib.SQLITE_STATUS_PAGECACHE_USED); used == 0 {
		t.Error("no page lies in the room")
	}
	if bytes := pageStatus(t, lib.SQLITE_STATUS_PAGECACHE_OVERFLOW); bytes > 0 {
		t.Errorf("%d bytes of pages lie elsewhere", bytes)
	}
	if ReservePages() == nil {
		t.Error("a second room, and no error")
	}
}

// pageStatus is a counter of SQLite's, of the whole process.
func pageStatus(t *testing.T, what int32) int32 {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xmalloc(tls, 8)
	defer libc.Xfree(tls, p)
	if code := lib.Xsqlite3_status(tls, what, p, p+4, 0); code != lib.SQLITE_OK {
		t.Fatalf("asking SQLite: %d", code)
	}
	return int32(binary.NativeEndian.Uint32(libc.GoBytes(p, 4)))
}
