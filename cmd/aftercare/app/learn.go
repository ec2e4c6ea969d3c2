package app

import (
	"context"

	"aftercare/cmd/aftercare/health"
	"aftercare/responder/classify"
)

// trainOptions is how the model is trained.
func (a *App) trainOptions() classify.Options {
	return classify.Options{Precision: a.cfg.Classes.Certainty}
}

// learn trains the model beside the work whenever the classes or the examples are not those of the model in use, and swaps
// the engine whole. It takes one training at a time.
func (a *App) learn(ctx context.Context) error {
	if a.opt.Model != nil {
		return nil
	}
	a.board.Set(health.Classes, nil, a.now())
	if a.modelKey == "" { // no model was kept for these examples
		a.wakeLearning()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.learnNow:
		}
		if err := a.learnOnce(ctx); err != nil && ctx.Err() == nil {
			a.board.Set(health.Classes, err, a.now())
			a.log.Error("training the classifier; the model before stays", "err", err)
		} else {
			a.board.Set(health.Classes, nil, a.now())
		}
	}
}

func (a *App) wakeLearning() {
	select {
	case a.learnNow <- struct{}{}:
	default:
	}
}

func (a *App) learnOnce(ctx context.Context) error {
	set := a.engine.Load().Model.Set()
	said, err := Corrections(ctx, a.store)
	if err != nil {
		return err
	}
	key := classify.Key(set, said, a.trainOptions())
	if key == a.modelKey && a.engine.Load().Model.Learned() {
		return nil
	}
	m, err := KeptModel(a.modelDir(), set, said, a.trainOptions())
	if m == nil || err != nil {
		if m, err = TrainModel(a.modelDir(), set, said, a.trainOptions()); m == nil {
			return err
		}
		if err != nil {
			a.log.Warn("the model could not be kept and will be trained again at the next start", "err", err)
		}
		a.log.Info("the classifier is trained", "examples", m.Examples())
	}
	a.modelKey = key
	return a.swap(func(p *Parts) { p.Model = m })
}

// swap builds the engine anew with other parts.
func (a *App) swap(change func(*Parts)) error {
	a.partsMu.Lock()
	defer a.partsMu.Unlock()
	p := a.parts
	change(&p)
	e, err := NewEngine(a.cfg, p)
	if err != nil {
		return err
	}
	a.parts = p
	a.engine.Store(e)
	return nil
}
