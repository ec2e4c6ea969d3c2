package app

import (
	"context"
	"slices"

	"aftercare/sla"
)

// absences are those that staff have put on record, by address; a name that is not on the staff any more is left out.
func (a *App) absences(ctx context.Context) ([]sla.Absence, error) {
	as, err := a.store.Absences(ctx, a.now().AddDate(0, -1, 0)) // steps of a long downtime are told by who was there then
	if err != nil {
		return nil, err
	}
	var out []sla.Absence
	for _, r := range as {
		who, ok := a.cfg.Address(r.Who)
		if !ok {
			continue
		}
		deputy, _ := a.cfg.Address(r.Deputy)
		out = append(out, sla.Absence{Who: who, From: r.Begin, To: r.End, Deputy: deputy})
	}
	return out, nil
}

// readAbsences takes over who is away, and has everything that is open looked at again when that changed.
func (a *App) readAbsences(ctx context.Context) error {
	away, err := a.absences(ctx)
	if err != nil {
		return err
	}
	a.partsMu.Lock()
	same := slices.Equal(away, a.parts.Away)
	a.partsMu.Unlock()
	if same {
		return nil
	}
	if err := a.swap(func(p *Parts) { p.Away = away }); err != nil {
		return err
	}
	return a.store.Replan(ctx, planHash(&a.engine.Load().Plan))
}
