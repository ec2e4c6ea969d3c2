//go:build unix

package health

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCommandIsKilledWhole: the command is killed with what it started, also when it ignores gentler signals.
func TestCommandIsKilledWhole(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	c, err := Command([]string{"sh", script(t, "trap '' TERM INT HUP\nsleep 600 &\necho $! $$ > \"$1.new\" && mv \"$1.new\" \"$1\"\nwait\n"), pids})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sent := make(chan error, 1)
	go func() { sent <- c.Send(ctx, anAlert()) }()
	var started []string
	for deadline := time.Now().Add(20 * time.Second); len(started) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the command did not start")
		}
		if data, err := os.ReadFile(pids); err == nil {
			started = strings.Fields(string(data))
		}
	}
	cancel()
	if err := <-sent; err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v", err)
	}
	for _, s := range started {
		pid, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		if !ends(pid) {
			t.Errorf("process %d of %v still runs", pid, started)
		}
	}
}

// ends waits until a process is gone or only a corpse that nobody has fetched.
func ends(pid int) bool {
	for range 1000 {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err == nil && strings.Contains(string(stat), ") Z ") {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}
