package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestAbsences(t *testing.T) {
	s, ctx := open(t, Options{}), context.Background()
	day := func(n int) time.Time { return t0.AddDate(0, 0, n) }
	for _, a := range []Absence{
		{Who: "Eve", Begin: day(2), End: day(4), Deputy: "Bob", By: "eve"},
		{Who: "Eve", Begin: day(10), End: day(12), By: "eve"},
		{Who: "Bob", Begin: day(1), End: day(2), By: "eve"},
	} {
		if err := s.AddAbsence(ctx, a, t0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddAbsence(ctx, Absence{Who: "Eve", Begin: day(3), End: day(3)}, t0); err == nil {
		t.Error("an absence without a length was taken")
	}
	as, err := s.Absences(ctx, t0)
	if err != nil || len(as) != 3 || as[0].Who != "Bob" || as[1].Deputy != "Bob" || !as[1].End.Equal(day(4)) {
		t.Fatalf("away: %+v, %v", as, err)
	}
	if as, err := s.Absences(ctx, day(2)); err != nil || len(as) != 2 {
		t.Errorf("from the third day: %+v, %v", as, err)
	}
	g1, _ := s.Generation(ctx)
	if err := s.EndAbsences(ctx, "Eve", "eve", day(3)); err != nil {
		t.Fatal(err)
	}
	if g2, _ := s.Generation(ctx); g2.Settings == g1.Settings {
		t.Error("a running daemon would not hear of it")
	}
	if as, err := s.Absences(ctx, day(2)); err != nil || len(as) != 1 || !as[0].End.Equal(day(3)) {
		t.Errorf("back early: %+v, %v", as, err)
	}
	if err := s.EndAbsences(ctx, "Eve", "eve", day(5)); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody was away: %v", err)
	}
}
