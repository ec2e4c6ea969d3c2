package sla

import "time"

// Span is a piece of a working day in minutes after local midnight; To may be 24*60.
type Span struct{ From, To int }

// Calendar is the office hours of a place. A nil Calendar counts every minute.
type Calendar struct {
	Zone     *time.Location
	Week     [7][]Span         // by time.Weekday, spans ascending
	Holidays map[string]bool   // "2026-10-01": closed
	MakeUp   map[string][]Span // a day worked in exchange for a holiday (调休), whatever its weekday
}

// horizon bounds every walk over days, so that a calendar without a working hour cannot hang the program.
const horizon = 2 * 366

// spans returns the working spans of the local day that starts at midnight.
func (c *Calendar) spans(midnight time.Time) []Span {
	d := midnight.Format(time.DateOnly)
	if s, ok := c.MakeUp[d]; ok {
		return s
	}
	if c.Holidays[d] {
		return nil
	}
	return c.Week[midnight.Weekday()]
}

func (c *Calendar) midnight(t time.Time) time.Time {
	y, m, d := t.In(c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.Zone)
}

// at is the instant of a wall-clock minute of the day, so that a span keeps its hours over a change to summer time.
func at(midnight time.Time, minute int) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d, 0, minute, 0, 0, midnight.Location())
}

func nextDay(midnight time.Time) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, midnight.Location())
}

// Add returns the instant at which d of working time has passed since start. Where no working time comes within two
// years it falls back to start plus d.
func (c *Calendar) Add(start time.Time, d time.Duration) time.Time {
	if c == nil {
		return start.Add(d)
	}
	day := c.midnight(start)
	for range horizon {
		for _, s := range c.spans(day) {
			from, to := at(day, s.From), at(day, s.To)
			if from.Before(start) {
				from = start
			}
			if left := to.Sub(from); left > 0 {
				if d <= left {
					return from.Add(d)
				}
				d -= left
			}
		}
		day = nextDay(day)
	}
	return start.Add(d)
}

// Between returns the working time between two instants, 0 when b is not after a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !b.After(a) {
		return 0
	}
	if c == nil {
		return b.Sub(a)
	}
	var sum time.Duration
	for day := c.midnight(a); day.Before(b); day = nextDay(day) {
		for _, s := range c.spans(day) {
			from, to := at(day, s.From), at(day, s.To)
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			if to.After(from) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// Share returns the instant at which a share of the working time from a to b has passed.
func (c *Calendar) Share(a, b time.Time, share float64) time.Time {
	if share >= 1 {
		return b
	}
	return c.Add(a, time.Duration(float64(c.Between(a, b))*share))
}
