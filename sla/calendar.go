package sla

import (
	"slices"
	"time"
)

// Span is a piece of a working day in minutes after local midnight; To may be 24*60.
type Span struct{ From, To int }

// Calendar is the office hours of a place. A nil Calendar counts every minute. Its fields are not changed once it is in use.
type Calendar struct {
	Zone     *time.Location    // nil is UTC
	Week     [7][]Span         // by time.Weekday, spans ascending and apart
	Holidays map[string]bool   // "2026-10-01": closed
	MakeUp   map[string][]Span // a day worked in exchange for a holiday (调休), whatever its weekday
}

// horizon bounds every walk over days, so that a calendar without a working hour cannot hang the program.
const horizon = 2 * 366

// Add returns the instant at which d of working time has passed since start. Where d of it does not come within two
// years (a calendar that nobody works by) it falls back to start plus d.
func (c *Calendar) Add(start time.Time, d time.Duration) time.Time {
	if c == nil {
		return start.Add(d)
	}
	if c.idle() {
		return c.addMakeUp(start, d)
	}
	day, left := c.civil(start), d
	for range horizon {
		var t time.Time
		if t, left = c.addOn(day, start, left); !t.IsZero() {
			return t
		}
		day = day.AddDate(0, 0, 1)
	}
	return start.Add(d)
}

// addMakeUp is Add where no weekday is worked: only the make-up days count, and there are few of them.
func (c *Calendar) addMakeUp(start time.Time, d time.Duration) time.Time {
	left := d
	for _, day := range c.makeUpDays() {
		if day.Before(c.civil(start)) {
			continue
		}
		var t time.Time
		if t, left = c.addOn(day, start, left); !t.IsZero() {
			return t
		}
	}
	return start.Add(d)
}

// addOn lets d run over the hours of one day from start on. It returns where d ran out, or the zero time and
// what is left of it.
func (c *Calendar) addOn(day, start time.Time, d time.Duration) (time.Time, time.Duration) {
	for _, s := range c.spans(day) {
		from, to := c.at(day, s.From), c.at(day, s.To)
		if from.Before(start) {
			from = start
		}
		left := to.Sub(from)
		if left <= 0 {
			continue
		}
		if d <= left {
			return from.Add(d), 0
		}
		d -= left
	}
	return time.Time{}, d
}

// Share returns the instant at which a share of the working time from a to b has passed. Where there is none between
// them, the share is of wall-clock time, so that a warning still comes before the end.
func (c *Calendar) Share(a, b time.Time, share float64) time.Time {
	return c.share(a, b, c.Between(a, b), share)
}

// share is Share where the working time from a to b is known.
func (c *Calendar) share(a, b time.Time, working time.Duration, share float64) time.Time {
	if share >= 1 || !b.After(a) {
		return b
	}
	if working <= 0 {
		return a.Add(time.Duration(float64(b.Sub(a)) * share))
	}
	return c.Add(a, time.Duration(float64(working)*share))
}

func (c *Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// civil is the local day of an instant, written as noon UTC of the same date. Days are counted on these and not on
// local midnights: some zones change their clocks at midnight, and then a day has none.
func (c *Calendar) civil(t time.Time) time.Time {
	y, m, d := t.In(c.zone()).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

// at is the instant of a wall-clock minute of a day, so that a span keeps its hours over a change to summer time.
func (c *Calendar) at(day time.Time, minute int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, minute, 0, 0, c.zone())
}

// Works tells whether the day of an instant has working hours. A nil calendar works every day.
func (c *Calendar) Works(t time.Time) bool { return c == nil || len(c.spans(c.civil(t))) > 0 }

// spans returns the working spans of a day.
func (c *Calendar) spans(day time.Time) []Span {
	if len(c.MakeUp) > 0 || len(c.Holidays) > 0 {
		d := day.Format(time.DateOnly)
		if s, ok := c.MakeUp[d]; ok {
			return s
		}
		if c.Holidays[d] {
			return nil
		}
	}
	return c.Week[day.Weekday()]
}

// idle tells whether no weekday is worked.
func (c *Calendar) idle() bool {
	for _, s := range c.Week {
		if len(s) > 0 {
			return false
		}
	}
	return true
}

// makeUpDays are the make-up days in order; a key that is no date is none.
func (c *Calendar) makeUpDays() []time.Time {
	var days []time.Time
	for d := range c.MakeUp {
		if day, ok := parseDay(d); ok {
			days = append(days, day)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

// parseDay reads "2026-10-01" as a civil day.
func parseDay(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t.Add(12 * time.Hour), err == nil
}
