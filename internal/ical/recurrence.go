// Package ical is what iCalendar (RFC 5545) is used for: rules of recurrence. The library behind it stays in here; values
// come out.
package ical

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Limits of a rule: what is written by people is far below, and what is above could only keep the program busy.
const (
	maxRule     = 200 // bytes
	maxValues   = 60  // in one part
	maxInterval = 1000
)

// farOn is how far ahead days are worked out. The library looks for the next day of a rule that has none until the year
// 9999. The Gregorian calendar repeats itself, days of the week too, every 400 years: 7,600 years on the same days come
// out, and the end is near.
const farOn = 7600

// The parts of a rule that are read (RFC 5545, section 3.3.10). A rule is about days, so the parts of a day are none of it.
const known = "FREQ INTERVAL COUNT UNTIL BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS WKST"

// Rule is a checked rule of recurrence, of whole days.
type Rule struct {
	text string
	opt  rrule.ROption
}

// ParseRule reads the value of an RRULE, such as FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO. Errors say what was expected.
func ParseRule(s string) (r Rule, err error) {
	defer func() {
		if recover() != nil {
			r, err = Rule{}, fmt.Errorf("cannot be worked out")
		}
	}()
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "RRULE:"), ";")
	if err := checkParts(s); err != nil {
		return Rule{}, err
	}
	opt, err := rrule.StrToROption(s)
	if err != nil {
		return Rule{}, fmt.Errorf("is no rule of recurrence (%v): expected one such as FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", err)
	}
	if err := checkRule(opt); err != nil {
		return Rule{}, err
	}
	if _, err := rrule.NewRRule(*opt); err != nil {
		return Rule{}, err
	}
	return Rule{text: s, opt: *opt}, nil
}

// String is the rule as it is kept: upper case, without spaces.
func (r Rule) String() string { return r.text }

// checkParts looks at the form of a rule before the library reads it.
func checkParts(s string) error {
	if len(s) > maxRule {
		return fmt.Errorf("has %d bytes: a rule has up to %d", len(s), maxRule)
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ";") {
		name, value, ok := strings.Cut(part, "=")
		switch {
		case !ok || value == "":
			return fmt.Errorf("%q is no part of a rule: expected one such as FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", part)
		case name == "BYHOUR" || name == "BYMINUTE" || name == "BYSECOND":
			return fmt.Errorf("%s is not read: a rule names days", name)
		case !slices.Contains(strings.Fields(known), name):
			return fmt.Errorf("%q is no part that is read: expected %s", name, strings.ReplaceAll(known, " ", ", "))
		case seen[name]:
			return fmt.Errorf("%s is there twice", name)
		case strings.Count(value, ",") >= maxValues:
			return fmt.Errorf("%s has more than %d values", name, maxValues)
		}
		seen[name] = true
		if name == "INTERVAL" || name == "COUNT" {
			if n, err := strconv.Atoi(value); err != nil || n < 1 || n > maxInterval {
				return fmt.Errorf("%s=%s: expected 1 to %d", name, value, maxInterval)
			}
		}
	}
	switch {
	case !seen["FREQ"]:
		return fmt.Errorf("FREQ is missing: expected DAILY, WEEKLY, MONTHLY or YEARLY")
	case seen["COUNT"] && seen["UNTIL"]:
		return fmt.Errorf("COUNT and UNTIL exclude each other")
	}
	return nil
}

// checkRule looks at what the parts say together. The library does without some of it and goes wrong.
func checkRule(o *rrule.ROption) error {
	switch {
	case o.Freq > rrule.DAILY:
		return fmt.Errorf("FREQ=%v is too often: expected DAILY, WEEKLY, MONTHLY or YEARLY", o.Freq)
	case len(o.Byweekno) > 0 && o.Freq != rrule.YEARLY:
		return fmt.Errorf("BYWEEKNO goes with FREQ=YEARLY only")
	case len(o.Byyearday) > 0 && o.Freq != rrule.YEARLY:
		return fmt.Errorf("BYYEARDAY goes with FREQ=YEARLY only")
	case len(o.Bymonthday) > 0 && o.Freq == rrule.WEEKLY:
		return fmt.Errorf("BYMONTHDAY does not go with FREQ=WEEKLY")
	case len(o.Bysetpos) > 0 && len(o.Byweekday)+len(o.Bymonthday)+len(o.Byyearday)+len(o.Byweekno)+len(o.Bymonth) == 0:
		return fmt.Errorf("BYSETPOS picks among the days that another part names, and there is none")
	}
	most := 0 // of the number before a day of the week
	switch {
	case len(o.Byweekno) > 0:
	case o.Freq == rrule.MONTHLY, o.Freq == rrule.YEARLY && len(o.Bymonth) > 0:
		most = 5
	case o.Freq == rrule.YEARLY:
		most = 53
	}
	for _, d := range o.Byweekday {
		switch n := d.N(); {
		case n != 0 && most == 0:
			return fmt.Errorf("BYDAY=%v: a number before the day goes with FREQ=MONTHLY or YEARLY only", d)
		case n > most || n < -most:
			return fmt.Errorf("BYDAY=%v: expected a number up to %d before the day", d, most)
		}
	}
	return nil
}

// Days returns the days of the rule that begins on first, from from up to and including to, at most limit of them. All are
// midnights in UTC and stand for calendar days, in whatever zone. The first day itself counts only where the rule has it.
func (r Rule) Days(first, from, to time.Time, limit int) (days []time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			days, err = nil, fmt.Errorf("working out %s: %v", r.text, p)
		}
	}()
	opt := r.opt
	opt.Dtstart = later(first, farOn)
	until := later(opt.Until, farOn)
	if end := later(to, farOn); opt.Until.IsZero() || until.After(end) {
		until = end
	}
	opt.Until = until
	rule, err := rrule.NewRRule(opt)
	if err != nil {
		return nil, fmt.Errorf("working out %s: %w", r.text, err)
	}
	next := rule.Iterator()
	for len(days) < limit {
		day, ok := next()
		if !ok {
			break
		}
		if day = later(day, -farOn); !day.Before(from) {
			days = append(days, day)
		}
	}
	return days, nil
}

// later is the day of a moment, some years off, at midnight in UTC.
func later(t time.Time, years int) time.Time {
	y, m, d := t.Date()
	return time.Date(y+years, m, d, 0, 0, 0, 0, time.UTC)
}
