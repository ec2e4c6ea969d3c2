package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/cmd/aftercare/notify"
	"aftercare/store"
)

// configFlag is the flag that names the configuration.
type configFlag struct {
	Config string `short:"c" default:"config.yaml" help:"The configuration file." placeholder:"FILE"`
}

func (f configFlag) load() (*config.Config, error) {
	c, err := config.Load(f.Config)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// openStore opens the database of the configuration for a command beside the daemon.
func (f configFlag) openStore(ctx context.Context) (*config.Config, *store.Store, error) {
	c, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, filepath.Join(c.Data, "aftercare.db"), store.Options{})
	return c, st, err
}

type runCmd struct {
	configFlag
}

func (r *runCmd) Run(env *environment) error {
	settled := tuneMemory()
	c, err := r.load()
	if err != nil {
		return err
	}
	log := newLogger(env, c.Log)
	if err := store.ReservePages(); err != nil {
		log.Debug("memory of the database", "err", err)
	}
	n, err := notify.FromEnv(os.Getenv, os.Getpid())
	if err != nil {
		log.Warn("systemd cannot be told", "err", err)
	}
	opt := app.Options{Config: c, Log: log, Notify: n, Ready: settled}
	if c.Log.Level == "debug" {
		opt.Trace = func(phase string, id int64) { log.Debug("phase", "phase", phase, "id", id) }
	}
	return app.Run(env.ctx, opt)
}

// tuneMemory keeps what is resident small: garbage is collected at seven tenths of what lives instead of all of it. About 12
// MB live, so collections are short. What the operator sets in GOGC holds. settled is to be called once everything is
// started.
func tuneMemory() (settled func()) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(70)
	}
	return func() { // what starting took is not needed again
		debug.FreeOSMemory()
		dropPages()
	}
}

func newLogger(env *environment, c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // the configuration was checked; this is not reached
	}
	opt := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(env.err, opt))
	}
	return slog.New(slog.NewTextHandler(env.err, opt))
}
