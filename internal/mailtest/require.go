package mailtest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// RequireServers skips the test, with one line that says why, where Dovecot or Postfix cannot be run. With
// AFTERCARE_REQUIRE_SERVERS=1 it fails the test instead.
func RequireServers(t testing.TB) {
	t.Helper()
	why := unavailable()
	switch {
	case why == "":
	case os.Getenv("AFTERCARE_REQUIRE_SERVERS") == "1":
		t.Fatalf("mail servers are required (AFTERCARE_REQUIRE_SERVERS=1): %s", why)
	default:
		t.Skipf("SKIP: needs real mail servers: %s (scripts/install-servers.sh installs them)", why)
	}
}

// unavailable says what is missing, or "".
func unavailable() string {
	var missing []string
	for _, p := range []string{"/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp", master} {
		if _, err := os.Stat(p); err != nil {
			missing = append(missing, p)
		}
	}
	for _, p := range []string{"dovecot", "postfix"} {
		if _, err := lookPath(p); err != nil {
			missing = append(missing, p)
		}
	}
	switch {
	case len(missing) > 0:
		return "not installed: " + strings.Join(missing, ", ")
	case os.Getuid() != 0:
		return "they run as root only"
	}
	return ""
}

// lookPath also looks where the programs of a system administrator lie. A path is taken as it is.
func lookPath(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	return exec.LookPath("/usr/sbin/" + name)
}

// tempDir is a directory that other users may enter, with a path short enough for sockets in it.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mailtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// freePorts finds n loopback ports that nobody listens on.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		// All stay open until the last is found, so that they differ.
		defer func() { _ = ln.Close() }()
		ports[i] = ln.Addr().(*net.TCPAddr).Port
	}
	return ports
}
