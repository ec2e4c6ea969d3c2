package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"aftercare/cmd/aftercare/config"
	"aftercare/cmd/aftercare/health"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

// clock makes the ticks: at the cron line, when somebody asks, and when something happened that staff must hear of. The
// schedule only wakes it; what is due is read from the record, so that a missed or doubled run does not matter.
func (a *App) clock(ctx context.Context) error {
	due := make(chan struct{}, 1)
	c := cron.New(cron.WithLocation(a.cfg.Company.Location), cron.WithLogger(cron.DiscardLogger))
	if _, err := c.AddFunc(a.cfg.Schedule.Tick, func() {
		select {
		case due <- struct{}{}:
		default: // the last one is still at work
		}
	}); err != nil {
		return fmt.Errorf("the schedule: %w", err)
	}
	c.Start()
	defer func() { <-c.Stop().Done() }()
	a.board.Expect(health.Tick, 20*time.Minute, a.now())
	generation := time.NewTicker(time.Second)
	defer generation.Stop()
	a.tick(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-due:
			a.tick(ctx)
		case <-a.tickNow:
			a.tick(ctx)
		case answer := <-a.opt.Tick:
			answer <- a.tick(ctx)
		case <-a.store.Queued():
			a.outbox.Wake()
		case <-generation.C:
			a.lookAtGeneration(ctx)
		}
	}
}

// wakeTick asks for a tick at once.
func (a *App) wakeTick() {
	select {
	case a.tickNow <- struct{}{}:
	default:
	}
}

// tick says what is due.
func (a *App) tick(ctx context.Context) TickDone {
	a.lookAnswered(ctx)
	res, err := a.store.Tick(ctx, a.now(), a.tickRules())
	if ctx.Err() == nil {
		a.board.Set(health.Tick, err, a.now())
	}
	if err != nil && ctx.Err() == nil {
		a.log.Error("a tick", "err", err)
	}
	for _, s := range res.Steps {
		a.log.Info("said", "step", s.Name, "about", s.Subject, "to", s.Recipient, "due", s.Due)
		if a.opt.Said != nil {
			a.opt.Said(s)
		}
	}
	if res.Said > 0 && a.outbox != nil {
		a.outbox.Wake()
	}
	if derr := a.digests(ctx); derr != nil && ctx.Err() == nil {
		a.log.Error("the digest", "err", derr)
	}
	return TickDone{Result: res, Err: err}
}

// tickRules is what a tick asks the engine of the moment.
func (a *App) tickRules() store.TickRules { return TickRules(a.cfg, a.engine.Load()) }

// TickRules is what a tick asks an engine.
func TickRules(c *config.Config, e *responder.Engine) store.TickRules {
	return store.TickRules{
		WindowSteps: e.Plan.WindowSteps,
		VisitSteps:  e.Plan.VisitSteps,
		NoticeSteps: func(n store.Notice, now time.Time) []sla.Step { return noticeSteps(&e.Plan, n, now) },
		Maintenance: func(m store.Maintenance, now time.Time) (store.MaintenancePlan, error) {
			return planMaintenance(e, c.Visits.Maintenance, m, now)
		},
		Notify: e.Notify,
	}
}

// noticeSteps says who hears of a notice: the head of the chain; of news of a visit, the customer.
func noticeSteps(p *sla.Plan, n store.Notice, now time.Time) []sla.Step {
	if n.Visit != 0 {
		return []sla.Step{{Name: n.Kind, Recipient: sla.Customer, At: n.At}}
	}
	name := map[string]string{store.NoticeQuarantined: "quarantine", store.NoticeMailFailed: "undelivered", store.NoticeMailUnknown: "undelivered"}[n.Kind]
	if name == "" {
		name = "notice"
	}
	chain := p.ChainAt("", "", now)
	var steps []sla.Step
	for _, to := range chain[:min(len(chain), 1)] {
		steps = append(steps, sla.Step{Name: name, Recipient: to, At: n.At})
	}
	return steps
}

// lookAtGeneration takes up what the command line has changed.
func (a *App) lookAtGeneration(ctx context.Context) {
	g, err := a.store.Generation(ctx)
	if err != nil {
		if ctx.Err() == nil {
			a.board.Set(health.Store, err, a.now())
			a.log.Error("reading the generation", "err", err)
		}
		return
	}
	if g.All == a.generation.All {
		return
	}
	if g.Settings != a.generation.Settings {
		if err := a.readSettings(ctx); err != nil {
			a.log.Error("reading the settings", "err", err)
			return
		}
		a.wakeLearning()
	}
	a.generation = g
	a.outbox.Wake()
}

// readSettings takes over what stands in the database: whether mail to customers rests.
func (a *App) readSettings(ctx context.Context) error {
	since, who, err := a.store.Paused(ctx)
	if err != nil {
		return err
	}
	now := !since.IsZero()
	if was := a.paused.Swap(now); was != now {
		a.log.Log(ctx, slog.LevelWarn, map[bool]string{true: "paused: mail to customers rests", false: "resumed: mail to customers goes out"}[now], "by", who)
		if a.outbox != nil {
			a.outbox.Wake()
		}
	}
	return a.readAbsences(ctx)
}

// planHash tells one configured plan from another.
func planHash(p *sla.Plan) string {
	b, err := json.Marshal(p)
	if err != nil {
		return time.Now().String() // cannot be compared: look at everything once
	}
	sum := sha256.Sum256(append(b, p.Zone.String()...))
	return hex.EncodeToString(sum[:8])
}
