package store

import (
	"context"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// endless is a body of any size that takes no memory.
type endless struct{ size int64 }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	n := min(int64(len(p)), e.size-off)
	for i := range n {
		p[i] = byte('a' + (off+i)%23)
	}
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// resident is the most memory that the process has had, in MiB.
func resident(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skipf("SKIP: no /proc to read the memory from: %v", err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb >> 10
		}
	}
	t.Skip("SKIP: /proc does not tell the peak of memory")
	return 0
}

// TestExamLargeMailsTakeLittleMemory keeps two mails of 25 MB and reads them back; what each half adds to the peak of the
// process is printed, and bounded.
func TestExamLargeMailsTakeLittleMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIP: the race detector takes memory of its own; make exam measures this")
	}
	const size = 25 << 20
	s := open(t, Options{})
	record(t, s, t0, post{uid: 1, from: "a@x.example", text: "1"})
	debug.FreeOSMemory()
	start := resident(t)
	for uid := uint32(2); uid < 4; uid++ {
		in := post{uid: uid, from: "a@x.example", text: strconv.Itoa(int(uid))}.incoming()
		in.Raw.Body, in.Raw.Size = endless{size}, size
		if _, err := s.Record(context.Background(), []Incoming{in}, decider(t0), t0); err != nil {
			t.Fatal(err)
		}
	}
	kept := resident(t)
	for message := int64(2); message < 4; message++ {
		raw, err := s.Raw(context.Background(), message)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, raw); err != nil || n != size {
			t.Errorf("read %d bytes back, %v", n, err)
		}
	}
	read := resident(t)
	t.Logf("two mails of 25 MB added %d MiB to the peak when kept, %d MiB more when read", kept-start, read-kept)
	if kept-start > 20 || read-kept > 40 {
		t.Error("that is too much: 20 and 40 are allowed")
	}
}
