package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercare/internal/mailtest"
)

// site is the folder of one daemon with its configuration, the mailbox that it watches and the server that takes its mail.
type site struct {
	binary, dir string
	imap        string // host and port
	user        string
	smtp        int // port
	sent        string
	log         string // level
}

const siteConfig = `company: {name: Bench Equipment Co., time_zone: UTC, phone: "+86 21 5550 0100"}
data: %[1]s/data
mailboxes:
  - name: support
    address: support@support.example
    imap: {host: 127.0.0.1, port: %[2]s, security: plain, username: %[3]s, password: {file: %[1]s/secret}}
    smtp: {host: 127.0.0.1, port: %[4]d, security: plain, auth: none}
    since: all
    sent: {copy: %[5]s}
caps: {sender_2h: 1000000, sender_day: 1000000, domain_hour: 1000000, total_hour: 1000000}
staff: [{name: Duty, address: duty@desk.example}]
escalation: [Duty]
log: {level: %[6]s}
`

// write puts the configuration into the site's folder.
func (s *site) write(t *testing.T) (config string) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.imap)
	if err != nil {
		t.Fatal(err)
	}
	if s.log == "" {
		s.log = "info"
	}
	config = filepath.Join(s.dir, "config.yaml")
	text := fmt.Sprintf(siteConfig, s.dir, port, s.user, s.smtp, s.sent, s.log)
	for name, content := range map[string]string{config: text, filepath.Join(s.dir, "secret"): mailtest.Secret + "\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// daemon is a running `aftercare run`.
type daemon struct {
	cmd     *exec.Cmd
	started time.Time
	running time.Time // when the line that says so was read
	lines   chan string
	done    chan error
}

// start runs the daemon and returns once it says that it is running.
func (s *site) start(t *testing.T) *daemon {
	t.Helper()
	d := &daemon{cmd: exec.Command(s.binary, "run", "-c", s.write(t)), lines: make(chan string, 1<<16), done: make(chan error, 1)}
	logs, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.started = time.Now()
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.cmd.Process.Kill() }) // it is gone already when all went well
	up := make(chan struct{})
	go func() {
		for sc := bufio.NewScanner(logs); sc.Scan(); {
			line := sc.Text()
			if strings.Contains(line, "msg=running ") {
				d.running = time.Now()
				close(up)
			}
			select {
			case d.lines <- line:
			default: // nobody reads that many
			}
		}
		close(d.lines)
		d.done <- d.cmd.Wait()
	}()
	select {
	case <-up:
	case <-time.After(30 * time.Second):
		t.Fatalf("the daemon does not start:\n%s", d.said())
	}
	return d
}

// said is what was logged and not read yet.
func (d *daemon) said() string {
	var b strings.Builder
	for {
		select {
		case l, ok := <-d.lines:
			if !ok {
				return b.String()
			}
			fmt.Fprintln(&b, l)
		default:
			return b.String()
		}
	}
}

// peak is the most memory that was resident so far, in bytes.
func peak(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(status) {
		if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "VmHWM:" {
			kb, err := strconv.ParseInt(string(f[1]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("the system does not tell the peak of memory")
	return 0
}

// cpu is the processor time that a process has used so far.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// stop ends the daemon as an operator would.
func (d *daemon) stop(t *testing.T) {
	t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-d.done:
		if err != nil {
			t.Errorf("the daemon ended with %v:\n%s", err, d.said())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the daemon does not stop")
	}
}

// warm runs a daemon on an empty mailbox until its model is trained, which happens once in the life of a data folder, and
// returns the folder that holds the model.
func warm(t *testing.T, binary string, d *mailtest.Dovecot) string {
	t.Helper()
	s := &site{binary: binary, dir: t.TempDir(), imap: d.IMAP, user: "empty", smtp: 9, sent: "never"}
	run := s.start(t)
	models := filepath.Join(s.dir, "data", "models")
	for range 600 {
		if m, _ := filepath.Glob(filepath.Join(models, "*.model")); len(m) > 0 {
			t.Logf("peak of the first start, with training: %s", mib(peak(t, run.cmd.Process.Pid)))
			run.stop(t)
			return models
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no model is trained:\n%s", run.said())
	return ""
}

// keep gives a new site the trained model.
func (s *site) keep(t *testing.T, models string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(s.dir, "data", "models"), os.DirFS(models)); err != nil {
		t.Fatal(err)
	}
}
