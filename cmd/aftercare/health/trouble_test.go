package health

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// play is a check over time: "60- 30+" is a minute in trouble and half a minute well. It is looked at each second, or
// only when told to by next. What was told is returned as "trouble@120", seconds from the begin.
func play(t *testing.T, script string, after time.Duration, byNext bool) []string {
	t.Helper()
	var tr trouble
	var out []string
	note := func(as []Alert) {
		for _, a := range as {
			s := fmt.Sprintf("%s@%d since %d", a.State, int(a.At.Sub(t0()).Seconds()), int(a.Since.Sub(t0()).Seconds()))
			if !a.Until.IsZero() {
				s += fmt.Sprintf(" until %d", int(a.Until.Sub(t0()).Seconds()))
			}
			out = append(out, s)
		}
	}
	now := t0()
	for _, phase := range strings.Fields(script) {
		var secs int
		var sign string
		if _, err := fmt.Sscanf(phase, "%d%s", &secs, &sign); err != nil {
			t.Fatal(err)
		}
		c := Check{Name: Store, OK: sign == "+", Since: now, Detail: "x"}
		end := now.Add(time.Duration(secs) * time.Second)
		for {
			note(tr.advance(c, after, now))
			next := now.Add(time.Second)
			if byNext {
				next = tr.next(after)
			}
			if next.IsZero() || !next.Before(end) {
				break
			}
			now = next
		}
		now = end
	}
	return out
}

func TestTrouble(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		after        time.Duration
		want         []string
	}{
		{"well", "600+", 2 * time.Minute, nil},
		{"passes within the delay", "10+ 119- 600+", 2 * time.Minute, nil},
		{"lasts", "10+ 600-", 2 * time.Minute, []string{"trouble@130 since 10"}},
		{"in trouble from the start", "600-", 2 * time.Minute, []string{"trouble@120 since 0"}},
		{"over after a delay of being well", "600- 600+", 2 * time.Minute,
			[]string{"trouble@120 since 0", "recovered@720 since 0 until 600"}},
		{"a short lull is no end", "600- 100+ 600- 600+", 2 * time.Minute,
			[]string{"trouble@120 since 0", "recovered@1420 since 0 until 1300"}},
		{"comes and goes, mostly gone", "60- 90+ 60- 90+ 60- 90+ 60- 90+", 2 * time.Minute, nil},
		{"comes and goes, mostly there: told once", "60- 10+ 60- 10+ 60- 10+ 60- 10+ 60- 600+", 2 * time.Minute,
			[]string{"trouble@160 since 0", "recovered@460 since 0 until 340"}},
		{"twice", "200- 300+ 200- 300+", 2 * time.Minute, []string{
			"trouble@120 since 0", "recovered@320 since 0 until 200", "trouble@620 since 500", "recovered@820 since 500 until 700"}},
		{"no delay: told at once, each way", "10+ 5- 5+ 5-", 0,
			[]string{"trouble@10 since 10", "recovered@15 since 10 until 15", "trouble@20 since 20"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, byNext := range []bool{false, true} {
				if got := play(t, tt.script, tt.after, byNext); !slices.Equal(got, tt.want) {
					t.Errorf("woken by next %v: told %q, want %q", byNext, got, tt.want)
				}
			}
		})
	}
}

// TestTroubleNotLookedAt: what happened between two looks is counted by when the check turned.
func TestTroubleNotLookedAt(t *testing.T) {
	at := func(s int) time.Time { return t0().Add(time.Duration(s) * time.Second) }
	var tr trouble
	tr.advance(Check{OK: true, Since: at(0)}, time.Minute, at(0))
	tr.advance(Check{OK: false, Since: at(10), Detail: "x"}, time.Minute, at(10))
	got := tr.advance(Check{OK: true, Since: at(100)}, time.Minute, at(300)) // suspended for five minutes
	if len(got) != 2 || got[0].State != Trouble || got[1].State != Recovered || !got[1].Until.Equal(at(100)) {
		t.Errorf("told %+v", got)
	}
	if got := tr.advance(Check{OK: true, Since: at(100)}, time.Minute, at(50)); len(got) != 0 {
		t.Errorf("a clock set back tells %+v", got)
	}
	var pending trouble
	for s := range 500 {
		if got := pending.advance(Check{OK: true, pending: true, Since: at(0)}, time.Minute, at(s)); len(got) != 0 {
			t.Fatalf("what is not known yet tells %+v", got)
		}
	}
}
