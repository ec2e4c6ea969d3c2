package health

import "time"

// trouble follows one check and decides when it is told. The time in trouble fills a level and the time of being well
// drains it, both at the same pace, between 0 and the configured delay. At the top the trouble is told, at the bottom it
// is over. So a trouble that passes is not told, one that comes and goes is told once, and it is over only when the check
// has been well for as long as the delay.
type trouble struct {
	bad     bool
	at      time.Time     // up to when level has been counted
	level   time.Duration // between 0 and the delay
	started time.Time     // the first failure, zero where there is none
	ended   time.Time     // when the check was last seen to turn well
	told    bool
	detail  string // of the latest failure
}

// advance counts the time up to now, in which the check turned into what c says at c.Since. It returns what is to be told.
func (t *trouble) advance(c Check, after time.Duration, now time.Time) []Alert {
	if t.at.IsZero() {
		t.at = now
		if !c.OK && c.Since.Before(now) {
			t.at = c.Since
		}
	}
	if c.pending {
		t.at = now
		return nil
	}
	var out []Alert
	if t.bad == c.OK { // it turned
		turn := c.Since
		if turn.Before(t.at) {
			turn = t.at
		}
		if turn.After(now) {
			turn = now
		}
		out = t.count(c.Name, turn, after, out)
		t.bad = !c.OK
		if t.bad && t.started.IsZero() {
			t.started = turn
		}
		if !t.bad {
			t.ended = turn
		}
	}
	if !c.OK {
		t.detail = c.Detail
	}
	return t.count(c.Name, now, after, out)
}

// count moves the level up to a time in the state that the check has been in, and appends what that tells.
func (t *trouble) count(name string, to time.Time, after time.Duration, out []Alert) []Alert {
	d := to.Sub(t.at)
	if d < 0 {
		d = 0 // the clock was set back
	}
	t.at = to
	if t.bad {
		t.level = min(after, t.level+d)
		if t.level >= after && !t.told {
			t.told = true
			out = append(out, Alert{State: Trouble, Check: name, Detail: t.detail, Since: t.started, At: to})
		}
		return out
	}
	t.level = max(0, t.level-d)
	if t.level > 0 {
		return out
	}
	if t.told {
		out = append(out, Alert{State: Recovered, Check: name, Detail: t.detail, Since: t.started, Until: t.ended, At: to})
	}
	*t = trouble{at: t.at}
	return out
}

// next is when advance will have something to tell if the check stays as it is, zero where it will not.
func (t *trouble) next(after time.Duration) time.Time {
	switch {
	case t.bad && !t.told:
		return t.at.Add(after - t.level)
	case !t.bad && t.level > 0:
		return t.at.Add(t.level)
	}
	return time.Time{}
}
