// Package app wires the rooms to the running daemon. Run is what `aftercare run` runs, and `aftercare demo`, and the tests.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/cmd/aftercare/health"
	"aftercare/cmd/aftercare/notify"
	"aftercare/mailbox"
	"aftercare/mailbox/imap"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/responder/outbox"
	"aftercare/sla"
	"aftercare/store"
)

// Version is the version of the program, as it introduces itself to servers.
const Version = "0.1.0"

// Options is what Run needs beside the configuration. The zero value of a field has the default named beside it.
type Options struct {
	Config *config.Config
	Log    *slog.Logger     // slog.Default()
	Now    func() time.Time // time.Now
	// Tick makes a tick each time it is received from, beside the schedule; an answer is sent when it is done.
	Tick <-chan chan<- TickDone
	// Recorded hears of each message once it is on record, Said of each step, Marked of what the outbox did; all from the
	// goroutine that did it, so they must be quick and may be called at the same time.
	Recorded func(store.Recorded, *responder.Reading, time.Duration)
	Said     func(store.SaidStep)
	Marked   func([]responder.Result)
	// Trace hears of the phases of each message and mail: fetched, committed, filed, and those of the outbox.
	Trace func(phase string, id int64)
	// BeforeRead is called on each message before it is parsed; what it panics with is the message's fault (for tests).
	BeforeRead func(mailbox.Raw)
	// ResendAfter is how long a mail of unknown outcome waits for proof before it goes out once more; 0 is the outbox's.
	ResendAfter time.Duration
	// Model is used instead of the kept or trained one.
	Model *classify.Model
	// Ready is called once everything is started.
	Ready  func()
	Notify *notify.Notifier // tells systemd; nil tells nobody
}

// TickDone is what a tick that was asked for said.
type TickDone struct {
	Result store.TickResult
	Err    error
}

// App is the running daemon: the values that its goroutines share. Each is either immutable, safe for many goroutines, or
// guarded where it is declared.
type App struct {
	opt    Options
	cfg    *config.Config
	log    *slog.Logger
	now    func() time.Time
	store  *store.Store
	engine atomic.Pointer[responder.Engine] // swapped whole
	boxes  map[string]*box
	outbox *outbox.Outbox
	board  *health.Board
	paused atomic.Bool

	tickNow    chan struct{}
	learnNow   chan struct{}
	generation store.Generation     // owned by clock
	digested   map[string]time.Time // the day of the last digest by office and recipient; owned by clock
	modelKey   string               // of the corrections that the model has learned; owned by learn
	partsMu    sync.Mutex
	parts      Parts // what the engine is made of; guarded by partsMu

	templates templateState // owned by watchTemplates, once it runs
}

// Run runs the daemon until ctx ends, and returns when everything has stopped. An error means that it could not start, or
// that a part failed for good.
func Run(ctx context.Context, opt Options) error {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Trace == nil {
		opt.Trace = func(string, int64) {}
	}
	a := &App{opt: opt, cfg: opt.Config, log: opt.Log, now: opt.Now, boxes: map[string]*box{},
		tickNow: make(chan struct{}, 1), learnNow: make(chan struct{}, 1)}
	a.board = health.NewBoard(a.now)
	release, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer release()
	return a.run(ctx)
}

// open opens the store under its lock and builds the engine. release undoes both.
func (a *App) open(ctx context.Context) (release func(), err error) {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	st, err := store.Open(ctx, filepath.Join(a.cfg.Data, "aftercare.db"), a.storeOptions())
	if err != nil {
		return nil, err
	}
	a.store = st
	unlock, err := st.Lock()
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	release = func() {
		if err := errors.Join(st.Close(), unlock()); err != nil {
			a.log.Error("closing the store", "err", err)
		}
	}
	if err := a.build(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// storeOptions gives the store the plan, so that it knows when each window and visit is to be looked at.
func (a *App) storeOptions() store.Options {
	return store.Options{
		Quarantine: a.cfg.Reply.Window,
		NextWindow: func(w sla.Window) time.Time {
			_, next := a.engine.Load().Plan.WindowSteps(w, w.Opened.Add(-time.Nanosecond))
			return next
		},
		NextVisit: func(v sla.Visit) time.Time {
			_, next := a.engine.Load().Plan.VisitSteps(v, v.Requested.Add(-time.Nanosecond))
			return next
		},
		Crowd: a.cfg.ListFrom,
		List: func(cases []responder.Listed, next int64, now time.Time) (responder.Mail, bool) {
			m, err := a.engine.Load().List(cases, next, now)
			if err != nil {
				a.log.Error("composing a list of cases for staff", "to", cases[0].To, "cases", len(cases), "err", err)
			}
			return m, err == nil
		},
		AppendSent: func(account string) bool {
			b := a.boxes[account]
			return b != nil && b.appends.Load()
		},
	}
}

// build loads what the engine is made of.
func (a *App) build(ctx context.Context) error {
	key, err := SigningKey(a.cfg, true)
	if err != nil {
		return err
	}
	// What the command line changes from here on is taken up by the clock.
	if a.generation, err = a.store.Generation(ctx); err != nil {
		return err
	}
	a.parts = Parts{Key: key}
	if err := a.loadParts(ctx); err != nil {
		return err
	}
	e, err := NewEngine(a.cfg, a.parts)
	if err != nil {
		return err
	}
	a.engine.Store(e)
	for i := range a.cfg.Mailboxes {
		b, err := a.newBox(&a.cfg.Mailboxes[i])
		if err != nil {
			return err
		}
		a.boxes[b.cfg.Name] = b
	}
	servers, err := a.servers()
	if err != nil {
		return err
	}
	a.outbox = outbox.New(a.outboxOptions(servers))
	if err := a.store.Replan(ctx, planHash(&e.Plan)); err != nil {
		return err
	}
	return a.readSettings(ctx)
}

// loadParts loads what the engine is made of. The classes and their model take as long as all the rest: side by side, half
// the start.
func (a *App) loadParts(ctx context.Context) error {
	p := &a.parts
	var restErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		if p.Templates, restErr = a.firstTemplates(ctx); restErr == nil {
			p.base, restErr = newBase(a.cfg, p.Key)
		}
	})
	var err, awayErr error
	p.Classes, p.Model, err = a.firstClasses(ctx)
	p.Away, awayErr = a.absences(ctx)
	wg.Wait()
	return errors.Join(restErr, err, awayErr)
}

// firstClasses is the classes and the model to start with.
func (a *App) firstClasses(ctx context.Context) (*classify.Set, *classify.Model, error) {
	set, err := LoadClasses(a.cfg)
	if err != nil {
		return nil, nil, err
	}
	model, err := a.firstModel(ctx, set)
	return set, model, err
}

// firstModel is the kept model, or the phrases alone until the first training is done: a start never trains.
func (a *App) firstModel(ctx context.Context, set *classify.Set) (*classify.Model, error) {
	if a.opt.Model != nil {
		return a.opt.Model, nil
	}
	said, err := Corrections(ctx, a.store)
	if err != nil {
		return nil, err
	}
	m, err := KeptModel(a.modelDir(), set, said, a.trainOptions())
	if err != nil {
		a.log.Warn("the kept model is not usable and will be trained again", "err", err)
	}
	if m == nil {
		return classify.PhraseModel(set), nil
	}
	a.modelKey = classify.Key(set, said, a.trainOptions()) // so that learn has nothing to do
	return m, nil
}

func (a *App) modelDir() string { return filepath.Join(a.cfg.Data, "models") }

// run starts every part and waits for all of them. The first that fails ends the others.
func (a *App) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	part := func(name string, f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	for _, b := range a.boxes {
		part("watching "+b.cfg.Name, b.watcher.Run)
		part("filing in "+b.cfg.Name, b.serverWork)
	}
	part("outbox", a.outbox.Run)
	part("clock", a.clock)
	part("learning", a.learn)
	part("templates", a.watchTemplates)
	part("health", a.health)
	a.log.Info("running", "mailboxes", len(a.boxes), "mode", a.cfg.Mode, "data", a.cfg.Data)
	a.warnings()
	part("watchdog", a.watchdog)
	a.told("telling systemd of the start", a.opt.Notify.Ready(fmt.Sprintf("watching %d mailboxes", len(a.boxes))))
	if a.opt.Ready != nil {
		a.opt.Ready()
	}
	<-ctx.Done()
	a.told("telling systemd of the stop", a.opt.Notify.Stopping())
	wg.Wait()
	for _, b := range a.boxes {
		if err := b.watcher.Close(); err != nil {
			a.log.Debug("closing the connection", "mailbox", b.cfg.Name, "err", err)
		}
	}
	a.log.Info("stopped")
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// watchdog tells systemd that the daemon is alive as long as ticks come.
func (a *App) watchdog(ctx context.Context) error {
	a.opt.Notify.Watchdog(ctx, func() error { return a.board.Silent(health.Tick) }, func(err error) { a.told("the watchdog", err) })
	return nil
}

func (a *App) told(doing string, err error) {
	if err != nil {
		a.log.Warn(doing, "err", err)
	}
}

// warnings says loudly what the configuration allows and most would not want.
func (a *App) warnings() {
	for _, m := range a.cfg.Mailboxes {
		if m.IMAP.Security == "plain" {
			a.log.Warn("mail is read WITHOUT encryption (imap.security: plain)", "mailbox", m.Name)
		}
		if m.SMTP.Security == "plain" {
			a.log.Warn("mail is sent WITHOUT encryption (smtp.security: plain)", "mailbox", m.Name)
		}
	}
	if a.cfg.Mode == "shadow" {
		a.log.Warn("shadow mode: nothing is sent to customers")
	}
	if a.cfg.RedirectTo != "" {
		a.log.Warn("every mail to a customer goes to one address instead", "redirect_to", a.cfg.RedirectTo)
	}
}

// box is one watched mailbox with the connection that its side work goes over.
type box struct {
	app     *App
	cfg     *config.Mailbox
	watcher *imap.Watcher
	filing  imap.Filing
	appends atomic.Bool  // replies are appended to Sent by us
	sent    atomic.Value // string: the name of the Sent folder, "" while unknown
	wake    chan struct{}
	looks   looks
}
