package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"aftercare/cmd/aftercare/config"
	"aftercare/internal/mailtest/shipped"
)

// TestMain lets the scripts run the program that main runs, as a process of its own.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"aftercare": scripted}) }

// scripted is main with a clock that a script can set: $NOW, where it is given.
func scripted() {
	now := time.Now
	if s := os.Getenv("NOW"); s != "" {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			panic(err)
		}
		now = func() time.Time { return at }
	}
	env := &environment{ctx: context.Background(), in: os.Stdin, out: os.Stdout, err: os.Stderr, now: now}
	os.Exit(execute(env, os.Args[1:]))
}

// TestScripts runs testdata/*.txt. Beside the built-in commands a script has
//
//	servers              starts an IMAP and an SMTP server; sets $IMAP_PORT and $SMTP_PORT; what is sent to the mailbox arrives in it
//	envsubst FILE        puts the ports into a file
//	tick TIME            says what is due at TIME, by config.yaml
//	receive TIME FILE... puts mails on record as the daemon would that got them at TIME, by config.yaml
//	                     (-draft first: replies wait for a person)
//	sent CASE FILE       writes the mail to the customer of a case, as it is sent, into a file
//	accept CONFIG        puts the templates of a configuration on record, as the daemon does when it takes them over
//	look TIME            says what is due at TIME, as the daemon's tick does; its mails are not written
//	quarantine FILE      puts a mail into quarantine
func TestScripts(t *testing.T) {
	cache := t.TempDir()
	trainOnce(t, filepath.Join(cache, "aftercare"))
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CACHE_HOME", cache)
			e.Setenv("NOW", "2026-03-02T08:00:00Z")
			if err := os.WriteFile(filepath.Join(e.WorkDir, shipped.Secret), []byte("secret\n"), 0o600); err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(e.WorkDir, "config.yaml")); err == nil {
				return nil
			}
			return os.WriteFile(filepath.Join(e.WorkDir, "config.yaml"), []byte(shipped.Config), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"servers": startServers, "envsubst": envsubst, "receive": receive, "quarantine": quarantine, "look": look, "sent": sentMail, "accept": accept, "tick": tick,
		},
	})
}

// trainOnce puts the built-in model where the scripts' commands look for it: they run side by side, and each would train.
func trainOnce(t *testing.T, dir string) {
	t.Helper()
	work := t.TempDir()
	program, err := shipped.Build(t.Context(), work)
	if err != nil {
		t.Fatal(err)
	}
	model, err := shipped.Train(t.Context(), program, work, config.Default().Classes.Certainty)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(model, filepath.Join(dir, filepath.Base(model))); err != nil {
		t.Fatal(err)
	}
}
