// Command aftercare watches a company's support mailboxes: it opens a case for each message, answers inside the promised
// window from a template, tells staff in time when it must not or cannot, and keeps every on-site visit from being
// forgotten. One file a subcommand lies beside this one; the wiring of the daemon is package app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // zones are known also where the system has no database of them

	"github.com/alecthomas/kong"

	"aftercare/cmd/aftercare/app"
)

// The exit statuses.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := &environment{ctx: ctx, out: os.Stdout, err: os.Stderr, in: os.Stdin, now: time.Now}
	code := execute(env, os.Args[1:])
	stop()
	os.Exit(code)
}

// environment is what a command may touch of the world; tests hand in their own.
type environment struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
}

func (e *environment) printf(format string, args ...any) { fmt.Fprintf(e.out, format, args...) }

// cli is the command line. Each command's struct stands in its own file.
type cli struct {
	Run     runCmd     `cmd:"" help:"Watch the mailboxes and answer: the daemon."`
	Demo    demoCmd    `cmd:"" help:"Show the whole job in half a minute, with embedded servers and sample mail; nothing to set up."`
	Check   checkCmd   `cmd:"" help:"Check configuration, templates and classes, then log in and say what the servers can do."`
	Pause   pauseCmd   `cmd:"" help:"Stop replies to customers; everything is still recorded."`
	Resume  resumeCmd  `cmd:"" help:"Let replies to customers go out again."`
	Staff   staffCmd   `cmd:"" help:"Say who is away, and who stands in."`
	Version versionCmd `cmd:"" help:"Print the version."`
	commands
}

// usageError is wrong use of a command, exit status 2.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// execute runs one command line and returns the exit status: 0, 1 when it failed, 2 for wrong use.
func execute(env *environment, args []string) (code int) {
	var c cli
	exited := -1
	p, err := kong.New(&c, kong.Name("aftercare"), kong.Description("After-sales mail: every message on record, answered in time or told to staff."),
		kong.Writers(env.out, env.err), kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.UsageOnError(), kong.Bind(env), kong.BindTo(env.ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(env.err, "aftercare:", err)
		return exitFailed
	}
	k, err := p.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(env.err, "aftercare:", err)
		return exitUsage
	}
	if err := k.Run(env); err != nil {
		fmt.Fprintln(env.err, "aftercare:", err)
		if u := (usageError{}); errors.As(err, &u) {
			return exitUsage
		}
		return exitFailed
	}
	return 0
}

type versionCmd struct{}

func (versionCmd) Run(env *environment) error {
	env.printf("aftercare %s\n", app.Version)
	return nil
}
