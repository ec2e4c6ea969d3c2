package contractfile

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// forms are the expressions that tell how a cell was written.
type forms struct{ power, decimal, ymd, dmy, cjk *regexp.Regexp }

func newForms() forms {
	return forms{
		power:   regexp.MustCompile(`^[0-9]+([.,][0-9]+)?[eE][+-][0-9]+$`),
		decimal: regexp.MustCompile(`^[0-9]+[.,]0+$`),
		ymd:     regexp.MustCompile(`^([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})$`),
		dmy:     regexp.MustCompile(`^([0-9]{1,2})([-/. ])([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})$`),
		cjk:     regexp.MustCompile(`^([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]?$`),
	}
}

// Digits of a number: Excel shows one with more than 11 as 1.23E+11 unless it is formatted, and keeps no more than 15.
const (
	shownDigits = 11
	keptDigits  = 15
)

// code reads a serial or contract number. A number that a spreadsheet has changed is refused: its digits are gone, or may be.
func (f *forms) code(c cell) (string, error) {
	s := strings.TrimSpace(c.text)
	if s == "" {
		return "", nil
	}
	if c.number {
		return numberCode(s, c)
	}
	plain := width.Fold.String(s)
	switch {
	case f.power.MatchString(plain):
		return "", fmt.Errorf("a spreadsheet has turned this number into a power of ten and its last digits are lost: format the column as text and enter it again from the source")
	case f.decimal.MatchString(plain):
		return "", fmt.Errorf("a program has turned this number into a decimal, zeros at its front may be lost: export the column as text")
	case strings.HasPrefix(s, "#") && (strings.HasSuffix(s, "!") || s == "#N/A" || s == "#NAME?"):
		return "", fmt.Errorf("a formula of the spreadsheet has failed here")
	case len(s) > 64:
		return "", fmt.Errorf("too long for a number: up to 64 bytes")
	}
	return s, nil
}

// numberCode is a code that a workbook stores as a number.
func numberCode(s string, c cell) (string, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 0 || v != math.Trunc(v) || c.date {
		return "", fmt.Errorf("the workbook has a number, a date or a fraction here: format the column as text and enter it again from the source")
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	zeros := c.format != "" && strings.Trim(c.format, "0") == ""
	switch {
	case len(digits) > keptDigits:
		return "", fmt.Errorf("a workbook keeps 15 digits of a number and this has %d, the last are lost: format the column as text and enter it again from the source", len(digits))
	case len(digits) > shownDigits && !zeros && c.format != "@":
		return "", fmt.Errorf("the workbook has a number here that it shows as %s, its last digits may be lost: format the column as text and enter it again from the source",
			strings.Replace(strconv.FormatFloat(v, 'E', 2, 64), "E+0", "E+", 1))
	case zeros && len(digits) < len(c.format):
		digits = strings.Repeat("0", len(c.format)-len(digits)) + digits
	}
	return digits, nil
}

// The years that a day may lie in.
const minYear, maxYear = 1970, 2200

// wanted says what a date looks like.
const wanted = "expected a date such as 2026-01-31"

// day reads a date.
func (f *forms) day(c cell, order Order) (time.Time, error) {
	s := strings.TrimSpace(width.Fold.String(c.text))
	if s == "" {
		return time.Time{}, nil
	}
	if c.number {
		return serialDay(s, c.old)
	}
	if i := strings.IndexAny(s, " T"); i >= 8 && strings.Contains(s[i:], ":") {
		s = s[:i] // a time behind the date: 2026/1/31 0:00
	}
	if m := f.ymd.FindStringSubmatch(s); m != nil {
		return date(m[1], m[2], m[3])
	}
	if m := f.cjk.FindStringSubmatch(s); m != nil {
		return date(m[1], m[2], m[3])
	}
	if m := f.dmy.FindStringSubmatch(s); m != nil {
		return dayMonth(m, order)
	}
	if len(s) == 8 && strings.Trim(s, "0123456789") == "" {
		return date(s[:4], s[4:6], s[6:])
	}
	if strings.Trim(s, "0123456789") == "" && len(s) == 5 {
		return serialDay(s, false)
	}
	for _, layout := range []string{"2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "2-Jan-2006", "2-Jan-06"} {
		if t, err := time.Parse(layout, s); err == nil {
			return inRange(t)
		}
	}
	return time.Time{}, fmt.Errorf("is no date: %s", wanted)
}

// dayMonth reads a date with the year last. A point says day first; else the numbers have to tell, or the caller.
func dayMonth(m []string, order Order) (time.Time, error) {
	a, b, year := m[1], m[3], m[4]
	if len(year) == 2 {
		return time.Time{}, fmt.Errorf("the year has two digits: %s", wanted)
	}
	first, _ := strconv.Atoi(a)  // digits: the expression has seen to that
	second, _ := strconv.Atoi(b) // the same
	switch {
	case m[2] == ".", first > 12, first == second:
		return date(year, b, a)
	case second > 12:
		return date(year, a, b)
	case order == DayMonth:
		return date(year, b, a)
	case order == MonthDay:
		return date(year, a, b)
	}
	return time.Time{}, fmt.Errorf("can be read in two ways, day or month first: %s, or say which with --dates", wanted)
}

func date(y, m, d string) (time.Time, error) {
	t, err := time.Parse("2006-1-2", y+"-"+strings.TrimLeft(m, "0")+"-"+strings.TrimLeft(d, "0"))
	if err != nil {
		return time.Time{}, fmt.Errorf("there is no such day: %s", wanted)
	}
	return inRange(t)
}

func inRange(t time.Time) (time.Time, error) {
	if t.Year() < minYear || t.Year() > maxYear {
		return time.Time{}, fmt.Errorf("lies in the year %d: expected one from %d to %d", t.Year(), minYear, maxYear)
	}
	return t, nil
}

// serialDay is the day that a workbook counts: from the end of 1899, or from 1904.
func serialDay(s string, old bool) (time.Time, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 0 || v > 200000 {
		return time.Time{}, fmt.Errorf("is no day of a workbook: %s", wanted)
	}
	from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if old {
		from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return inRange(from.AddDate(0, 0, int(v)))
}

// lastDay is the last day of a term of some months: the day before the one of the same number, or the end of the month
// where there is none. From 29 February 2024 twelve months go to 28 February 2025, from 31 January one month to the last
// of February.
func lastDay(first time.Time, months int) time.Time {
	y, m, d := first.Date()
	end := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	next := end.AddDate(0, 0, d-1)
	if next.Month() != end.Month() {
		return end.AddDate(0, 1, -1)
	}
	return next.AddDate(0, 0, -1)
}

const maxMonths = 1200

// term reads a length: 24, 24 months, 2 years, 2年. unit is that of a bare number.
func (n names) term(c cell, unit string) (months int, err error) {
	s := strings.TrimSpace(width.Fold.String(c.text))
	if s == "" {
		return 0, nil
	}
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	v, err := strconv.Atoi(s[:end])
	rest := strings.TrimSpace(s[end:])
	if c.number && strings.Trim(rest, ".0") == "" {
		rest = ""
	}
	if rest != "" {
		unit = n["unit "+fold(rest)]
	}
	if err != nil || unit == "" || v <= 0 {
		return 0, fmt.Errorf("is no length of a term: expected months such as 24, or 2 years")
	}
	if unit == "unit_years" {
		v *= 12
	}
	if v > maxMonths {
		return 0, fmt.Errorf("is longer than %d months", maxMonths)
	}
	return v, nil
}
