package bench

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to look into the database afterwards

	"aftercare/internal/mailtest"
)

const (
	quiet      = 30 * time.Second // without a mail: the drain is stuck
	drainLimit = 64 << 20
)

// TestDrain empties a mailbox of waiting mails into replies: with AFTERCARE_BENCH_MAILS mails (10,000), as many times as
// AFTERCARE_BENCH_ROUNDS says (once). CEILING is a command that does the same work with no decision in it; it gets a mailbox
// and a sink of its own in the same run, named by IMAP_ADDR, IMAP_USER, IMAP_PASSWORD and SMTP_PORT in its environment.
func TestDrain(t *testing.T) {
	binary := setup(t)
	n, rounds := number(t, "AFTERCARE_BENCH_MAILS", 10_000), number(t, "AFTERCARE_BENCH_ROUNDS", 1)
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	models := warm(t, binary, d)
	for r := range rounds {
		ours := drainOurs(t, d, binary, models, fmt.Sprintf("ours%d", r), "never", n)
		row(t, fmt.Sprintf("drain of %d mails", n), fmt.Sprintf("%.0f mails/s", ours), "")
		if ceiling := os.Getenv("CEILING"); ceiling != "" {
			theirs := drainCeiling(t, d, ceiling, fmt.Sprintf("theirs%d", r), n)
			row(t, "the ceiling, same mails", fmt.Sprintf("%.0f mails/s", theirs), "")
			row(t, "ratio", fmt.Sprintf("%.2f", ours/theirs), "at least 0.45, goal 0.70")
		}
		if os.Getenv("AFTERCARE_BENCH_COPIES") != "" {
			copies := drainOurs(t, d, binary, models, fmt.Sprintf("copies%d", r), "always", n)
			row(t, "drain, with copies into Sent", fmt.Sprintf("%.0f mails/s", copies), "")
		}
	}
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s: %q is no number", name, s)
	}
	return n
}

// fill puts n mails into a fresh mailbox and opens it once, so that the server has numbered them before anybody is timed.
func fill(t *testing.T, d *mailtest.Dovecot, user string, n int) {
	t.Helper()
	raws, now := make([][]byte, n), time.Now()
	for i := range raws {
		raws[i] = letter(i, now)
	}
	d.Fill(user, raws...)
	if got := len(d.Client(user).List("INBOX")); got != n {
		t.Fatalf("%d of %d mails lie in the mailbox", got, n)
	}
}

// drainOurs returns the mails per second from the start of the watching to the last reply accepted.
func drainOurs(t *testing.T, d *mailtest.Dovecot, binary, models, user, copies string, n int) float64 {
	t.Helper()
	fill(t, d, user, n)
	out := startSink(t, 5*time.Millisecond)
	s := &site{binary: binary, dir: t.TempDir(), imap: d.IMAP, user: user, smtp: out.port, sent: copies}
	s.keep(t, models)
	run := s.start(t)
	_, ok := out.await(t, n, quiet)
	out.settle(2 * time.Second) // notices to staff go to the same sink
	hwm, used := peak(t, run.cmd.Process.Pid), cpu(t, run.cmd.Process.Pid)
	if !ok {
		t.Log(run.said())
	}
	run.stop(t)
	sent, last := replies(t, filepath.Join(s.dir, "data", "aftercare.db"))
	if sent != n {
		t.Errorf("%d of %d mails were answered", sent, n)
	}
	row(t, "  peak of memory, copies "+copies, mib(hwm), "under "+mib(drainLimit))
	row(t, "  processor time a mail", (used / time.Duration(n)).Round(time.Microsecond).String(), "")
	atMost(t, "the drain", hwm, drainLimit)
	return float64(n) / last.Sub(run.running).Seconds()
}

// replies reads how many replies to customers were accepted, and when the last of them was.
func replies(t *testing.T, path string) (n int, last time.Time) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var at int64
	if err := db.QueryRow("SELECT count(*), coalesce(max(sent), 0) FROM outbox WHERE lane = 'customer' AND state = 'sent'").Scan(&n, &at); err != nil {
		t.Fatal(err)
	}
	var writes int
	if err := db.QueryRow("SELECT generation FROM state").Scan(&writes); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d transactions", writes)
	return n, time.UnixMilli(at)
}

// drainCeiling times the command from its start to the last mail that the sink took.
func drainCeiling(t *testing.T, d *mailtest.Dovecot, command, user string, n int) float64 {
	t.Helper()
	fill(t, d, user, n)
	out := startSink(t, 5*time.Millisecond)
	cmd := exec.Command("sh", "-c", "exec "+command)
	cmd.Env = append(os.Environ(), "IMAP_ADDR="+d.IMAP, "IMAP_USER="+user, "IMAP_PASSWORD="+mailtest.Secret, "SMTP_PORT="+strconv.Itoa(out.port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	began := time.Now()
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("CEILING: %v\n%s", err, said)
	}
	t.Logf("the ceiling says: %s", said)
	last, _ := out.await(t, n, time.Second)
	row(t, "  processor time a mail", ((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()) / time.Duration(n)).Round(time.Microsecond).String(), "")
	return float64(n) / last.Sub(began).Seconds()
}
