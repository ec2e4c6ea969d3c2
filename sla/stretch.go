package sla

import "time"

// Rest says why a clock rests or runs in a Stretch.
type Rest string

// Why a clock rests or runs.
const (
	EveryHour   Rest = "every hour counts"
	OfficeHours Rest = "office hours"
	MakeUpHours Rest = "a day worked in exchange for a holiday" // 调休
	OutOfHours  Rest = "out of office hours"
	Holiday     Rest = "a holiday"
)

// Stretch is a piece of time in which a clock runs, or rests.
type Stretch struct {
	From, To time.Time
	Runs     bool
	Why      Rest
}

// Stretches takes the time between two instants apart into stretches that follow each other without a gap; what runs of
// them is Between(from, to). At most limit of them are returned: where the last one ends before to there are more.
func (c *Calendar) Stretches(from, to time.Time, limit int) []Stretch {
	if !to.After(from) || limit <= 0 {
		return nil
	}
	if c == nil {
		return []Stretch{{From: from, To: to, Runs: true, Why: EveryHour}}
	}
	var out []Stretch
	for day, at := c.civil(from), from; at.Before(to); day = day.AddDate(0, 0, 1) {
		out = c.stretchesOf(out, day, at, to)
		if len(out) > limit {
			return out[:limit]
		}
		if len(out) > 0 {
			at = out[len(out)-1].To
		}
	}
	return out
}

// stretchesOf adds those of one day from an instant on, up to another one or the end of the day.
func (c *Calendar) stretchesOf(out []Stretch, day, from, to time.Time) []Stretch {
	end := c.at(day, 24*60)
	if to.Before(end) {
		end = to
	}
	runs, rests := OfficeHours, OutOfHours
	key := day.Format(time.DateOnly)
	if _, ok := c.MakeUp[key]; ok {
		runs = MakeUpHours
	} else if c.Holidays[key] {
		rests = Holiday
	}
	for _, s := range c.spans(day) {
		begin, stop := later(c.at(day, s.From), from), c.at(day, s.To)
		if stop.After(end) {
			stop = end
		}
		if !stop.After(begin) {
			continue
		}
		out = join(out, Stretch{From: from, To: begin, Why: rests})
		out = join(out, Stretch{From: begin, To: stop, Runs: true, Why: runs})
		from = stop
	}
	return join(out, Stretch{From: from, To: end, Why: rests})
}

// join adds a stretch, to the last one where nothing lies between and both are alike. An empty one adds nothing.
func join(out []Stretch, s Stretch) []Stretch {
	if !s.To.After(s.From) {
		return out
	}
	if n := len(out); n > 0 && out[n-1].Runs == s.Runs && out[n-1].Why == s.Why {
		out[n-1].To = s.To
		return out
	}
	return append(out, s)
}
