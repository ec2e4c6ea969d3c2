package sla

import "time"

// walkDays is how many whole days Between adds up one by one; more are counted by weeks.
const walkDays = 21

// Between returns the working time between two instants, 0 when b is not after a. Its cost does not grow with the
// distance, only with the number of holidays, make-up days and clock changes that lie between.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !b.After(a) {
		return 0
	}
	if c == nil {
		return b.Sub(a)
	}
	first, last := c.civil(a), c.civil(b)
	sum := c.worked(first, a, b)
	if !last.After(first) {
		return sum
	}
	return sum + c.wholeDays(first.AddDate(0, 0, 1), last) + c.worked(last, a, b)
}

// worked is the working time of one day that lies between two instants.
func (c *Calendar) worked(day, a, b time.Time) time.Duration {
	var sum time.Duration
	for _, s := range c.spans(day) {
		from, to := c.at(day, s.From), c.at(day, s.To)
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
	return sum
}

// whole is the working time of a day from its begin to its end, clock changes counted.
func (c *Calendar) whole(day time.Time) time.Duration {
	return c.worked(day, c.at(day, -24*60), c.at(day, 2*24*60))
}

// wholeDays is the working time of the days from first up to and without end.
func (c *Calendar) wholeDays(first, end time.Time) time.Duration {
	days := int(end.Sub(first) / (24 * time.Hour))
	var sum time.Duration
	if days <= walkDays {
		for i := range days {
			sum += c.whole(first.AddDate(0, 0, i))
		}
		return sum
	}
	for i, spans := range c.Week {
		n := days / 7
		if (i-int(first.Weekday())+7)%7 < days%7 {
			n++
		}
		sum += time.Duration(n) * nominal(spans)
	}
	for day := range c.unusual(first, end) {
		sum += c.whole(day) - nominal(c.Week[day.Weekday()])
	}
	return sum
}

// nominal is the length of a day's spans where the clocks do not change.
func nominal(spans []Span) time.Duration {
	minutes := 0
	for _, s := range spans {
		minutes += s.To - s.From
	}
	return time.Duration(minutes) * time.Minute
}

// unusual are the days from first up to and without end whose working time may differ from that of their weekday:
// holidays, make-up days, and the days about a change of the clocks.
func (c *Calendar) unusual(first, end time.Time) map[time.Time]bool {
	days := map[time.Time]bool{}
	note := func(day time.Time) {
		if !day.Before(first) && day.Before(end) {
			days[day] = true
		}
	}
	for d := range c.Holidays {
		if day, ok := parseDay(d); ok {
			note(day)
		}
	}
	for d := range c.MakeUp {
		if day, ok := parseDay(d); ok {
			note(day)
		}
	}
	for t := c.at(first, -24*60); ; {
		_, change := t.In(c.zone()).ZoneBounds()
		if change.IsZero() || c.civil(change).After(end) {
			return days
		}
		day := c.civil(change)
		for _, by := range []int{-1, 0, 1} {
			note(day.AddDate(0, 0, by))
		}
		t = change
	}
}
