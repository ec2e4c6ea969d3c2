// Package demo shows the whole job on sample mail: it starts an IMAP and an SMTP server inside the process, writes a
// configuration for them, and runs the same app.Run as the daemon. It has no loop of its own: it puts mails into the
// mailbox, moves the clock, and prints what the daemon does.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
	"aftercare/responder/classify"
)

// Options is how the demo runs.
type Options struct {
	Out   io.Writer
	Log   *slog.Logger // nil: the daemon's log is thrown away
	Stay  bool         // keep the servers until ctx ends
	Keep  string       // a folder that keeps the database and the sent mails
	Model *classify.Model
}

// stage is the running demo.
type stage struct {
	opt    Options
	dir    string
	imap   *memory.IMAP
	smtp   *memory.SMTP
	clock  *clock
	out    *printer
	ticks  chan chan<- app.TickDone
	samps  []sample
	sent   *sentMails
	marked chan []responder.Result
}

// Run plays the demo and returns when it is over, or, with Stay, when ctx ends.
func Run(ctx context.Context, opt Options) error {
	s := &stage{opt: opt, clock: &clock{}, out: newPrinter(opt.Out), ticks: make(chan chan<- app.TickDone), marked: make(chan []responder.Result, 1000)}
	var err error
	if s.samps, err = samples(); err != nil {
		return err
	}
	clean, err := s.folder()
	if err != nil {
		return err
	}
	defer clean()
	if err := s.servers(); err != nil {
		return err
	}
	defer s.smtp.Close()
	defer s.imap.Close()
	s.sent = &sentMails{smtp: s.smtp}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	return s.play(ctx, cfg)
}

// folder is where the database lies: a temporary one, or the one to keep.
func (s *stage) folder() (clean func(), err error) {
	if s.opt.Keep != "" {
		s.dir = s.opt.Keep
		if _, err := os.Stat(filepath.Join(s.dir, "aftercare.db")); err == nil {
			return nil, fmt.Errorf("%s holds a database already; name another folder", s.dir)
		}
		return func() {}, os.MkdirAll(s.dir, 0o755)
	}
	if s.dir, err = os.MkdirTemp("", "aftercare-demo-*"); err != nil {
		return nil, fmt.Errorf("making a folder for the demo: %w", err)
	}
	return func() { os.RemoveAll(s.dir) }, nil
}

const user, password = "support", "demo"

func (s *stage) servers() (err error) {
	if s.imap, err = memory.StartIMAP(memory.IMAPConfig{Users: map[string]string{user: password}}); err != nil {
		return err
	}
	if s.smtp, err = memory.StartSMTP(memory.SMTPConfig{Users: map[string]string{user: password}}); err != nil {
		s.imap.Close()
	}
	return err
}

// config is the configuration that the daemon runs with: a file as an operator would write it.
func (s *stage) config() (*config.Config, error) {
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return nil, err
	}
	ih, ip, _ := strings.Cut(s.imap.Addr(), ":")
	sh, sp, _ := strings.Cut(s.smtp.Addr(), ":")
	text := fmt.Sprintf(configText, ih, ip, user, secret, sh, sp)
	path := filepath.Join(s.dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return config.Load(path)
}

const configText = `company: {name: Example Service, time_zone: Asia/Shanghai, phone: "+86 21 5550 0100"}
data: .
mailboxes:
  - name: support
    address: support@aftercare.example
    aliases: [service@aftercare.example]
    since: all
    imap: {host: %s, port: %s, security: plain, username: %s, password: {file: %s}}
    smtp: {host: %s, port: %s, security: plain}
staff:
  - {name: Duty, address: duty@staff.example}
  - {name: Lead, address: lead@staff.example}
  - {name: Manager, address: manager@staff.example}
escalation: [Duty, Lead, Manager]
offices:
  - {name: Shanghai, city: 上海, province: 上海, centre: true, phone: "+86 21 5550 0100", staff: [Duty]}
`

// play runs the daemon and the scenes beside it.
func (s *stage) play(ctx context.Context, cfg *config.Config) error {
	log := s.opt.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ready := make(chan struct{})
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- app.Run(run, app.Options{
			Config: cfg, Log: log, Now: s.clock.now, Tick: s.ticks, Model: s.opt.Model,
			Recorded: s.out.recorded, Marked: func(rs []responder.Result) { s.marked <- rs }, Ready: func() { close(ready) },
		})
	}()
	select {
	case err := <-ended:
		stop()
		return err
	case <-ready:
	}
	err := s.scenes(run)
	if err == nil && s.opt.Stay {
		s.stay()
		<-ctx.Done()
	}
	stop()
	if e := <-ended; err == nil {
		err = e
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return s.keep()
}

// stay says how to look.
func (s *stage) stay() {
	s.out.head("The servers stay. Ctrl-C ends them.")
	fmt.Fprintf(s.out.w, "  IMAP  %s, no encryption, user %q, password %q: the support mailbox; put a mail into INBOX and watch it answered\n", s.imap.Addr(), user, password)
	fmt.Fprintf(s.out.w, "  SMTP  %s, the same login: where the daemon sends\n", s.smtp.Addr())
	fmt.Fprintf(s.out.w, "  look  aftercare case list -c %s\n", filepath.Join(s.dir, "config.yaml"))
}

// keep writes the sent mails beside the database.
func (s *stage) keep() error {
	if s.opt.Keep == "" {
		return nil
	}
	dir := filepath.Join(s.opt.Keep, "sent")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, m := range s.smtp.Messages() {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.eml", i+1)), m.Data, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out.w, "Kept: %s/aftercare.db, %s/*.eml\n", s.opt.Keep, dir)
	return nil
}

// wait polls until done says so; the daemon works on its own goroutines.
func wait(ctx context.Context, what string, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-look.C:
		}
	}
	return nil
}
