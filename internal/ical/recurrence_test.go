package ical

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDays(t *testing.T) {
	for _, tt := range []struct {
		name, rule, first, from, to string
		want                        string
	}{
		{"each quarter on its first Monday", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "2026-01-01", "2026-01-01", "2026-12-31", "2026-01-05 2026-04-06 2026-07-06 2026-10-05"},
		{"the same day of each third month", "FREQ=MONTHLY;INTERVAL=3", "2026-02-10", "2026-03-01", "2026-12-31", "2026-05-10 2026-08-10 2026-11-10"},
		{"written in small letters, with spaces and its name", "rrule:freq=yearly; interval=1;", "2026-03-01", "2026-01-01", "2028-12-31", "2026-03-01 2027-03-01 2028-03-01"},
		{"the last working day of a month", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", "2026-01-01", "2026-03-31", "2026-01-30 2026-02-27 2026-03-31"},
		{"months without the day are left out", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01", "2026-01-01", "2026-06-30", "2026-01-31 2026-03-31 2026-05-31"},
		{"29 February", "FREQ=YEARLY", "2024-02-29", "2024-01-01", "2032-12-31", "2024-02-29 2028-02-29 2032-02-29"},
		{"the last day of February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2023-01-01", "2023-01-01", "2025-12-31", "2023-02-28 2024-02-29 2025-02-28"},
		{"every second week over the year's end", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-12-10", "2026-12-11", "2027-02-01", "2026-12-24 2027-01-07 2027-01-21"},
		{"a number of times", "FREQ=DAILY;INTERVAL=10;COUNT=3", "2026-01-01", "2026-01-05", "2027-01-01", "2026-01-11 2026-01-21"},
		{"until a day, which belongs to it", "FREQ=WEEKLY;UNTIL=20260115", "2026-01-01", "2026-01-01", "2027-01-01", "2026-01-01 2026-01-08 2026-01-15"},
		{"week 20 by ISO 8601", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "2026-01-01", "2026-01-01", "2027-12-31", "2026-05-11 2027-05-17"},
		{"the first day does not count where the rule has it not", "FREQ=WEEKLY;BYDAY=MO", "2026-01-01", "2026-01-01", "2026-01-12", "2026-01-05 2026-01-12"},
		{"nothing before its first day", "FREQ=WEEKLY", "2026-01-08", "2025-01-01", "2026-01-08", "2026-01-08"},
		{"no day at all", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", "2026-01-01", "2026-01-01", "2199-12-31", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ParseRule(tt.rule)
			if err != nil {
				t.Fatal(err)
			}
			days, err := r.Days(day(t, tt.first), day(t, tt.from), day(t, tt.to), 50)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range days {
				got = append(got, d.Format(time.DateOnly))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

func TestParseRuleRefuses(t *testing.T) {
	for _, tt := range []struct{ name, rule, want string }{
		{"nothing", "", "is no part of a rule"},
		{"words", "every quarter", "is no part of a rule"},
		{"no frequency", "INTERVAL=3", "FREQ is missing"},
		{"each hour", "FREQ=HOURLY", "too often"},
		{"each second", "FREQ=SECONDLY;INTERVAL=1000", "too often"},
		{"an hour of the day", "FREQ=DAILY;BYHOUR=9", "a rule names days"},
		{"Easter, which is no part of the standard", "FREQ=YEARLY;BYEASTER=1", "no part that is read"},
		{"a start, which has a column of its own", "FREQ=YEARLY;DTSTART=20260101", "no part that is read"},
		{"a part twice", "FREQ=DAILY;FREQ=YEARLY", "twice"},
		{"an interval of nothing", "FREQ=DAILY;INTERVAL=0", "expected 1 to 1000"},
		{"a huge interval", "FREQ=DAILY;INTERVAL=9223372036854775807", "expected 1 to 1000"},
		{"a huge count", "FREQ=DAILY;COUNT=100000", "expected 1 to 1000"},
		{"count and until", "FREQ=DAILY;COUNT=1;UNTIL=20260101", "exclude each other"},
		{"a day that there is not", "FREQ=MONTHLY;BYMONTHDAY=32", "bymonthday must be between"},
		{"a weekday that there is not", "FREQ=MONTHLY;BYDAY=XX", "undefined weekday"},
		{"the 53rd Monday of a month", "FREQ=MONTHLY;BYDAY=53MO", "up to 5"},
		{"the 53rd last Monday of a month", "FREQ=MONTHLY;BYDAY=-53MO", "up to 5"},
		{"the sixth last Monday of a January", "FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "up to 5"},
		{"the second Monday of a week", "FREQ=WEEKLY;BYDAY=2MO", "MONTHLY or YEARLY only"},
		{"days of the year each month", "FREQ=MONTHLY;BYYEARDAY=100", "YEARLY only"},
		{"weeks each month", "FREQ=MONTHLY;BYWEEKNO=10", "YEARLY only"},
		{"a position among nothing", "FREQ=YEARLY;BYSETPOS=2", "picks among"},
		{"two lines", "DTSTART:20260101\nFREQ=DAILY", "no part"},
		{"a long one", "FREQ=DAILY;BYMONTHDAY=" + strings.Repeat("1,", 100) + "1", "up to 200"},
		{"many values", "FREQ=YEARLY;BYMONTHDAY=" + strings.Repeat("1,", 70) + "1", "more than 60"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseRule(tt.rule); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestDaysTheSameFarOn: the days are worked out 7,600 years ahead, and are those that the calendar has.
func TestDaysTheSameFarOn(t *testing.T) {
	r, err := ParseRule("FREQ=DAILY;INTERVAL=7")
	if err != nil {
		t.Fatal(err)
	}
	first := day(t, "1999-12-29")
	days, err := r.Days(first, first, day(t, "2101-01-01"), 10000)
	if err != nil || len(days) != 5271 {
		t.Fatalf("%d days, %v", len(days), err)
	}
	for i, d := range days {
		if want := first.AddDate(0, 0, 7*i); !d.Equal(want) {
			t.Fatalf("day %d is %s, want %s", i, d, want)
		}
	}
}

// TestDaysEnd: rules that have no further day, and those that have one each day, end all the same.
func TestDaysEnd(t *testing.T) {
	for _, rule := range []string{
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO;BYSETPOS=2",
		"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "FREQ=DAILY;INTERVAL=1000;BYMONTHDAY=31;BYMONTH=4",
	} {
		r, err := ParseRule(rule)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		if days, err := r.Days(day(t, "2026-01-01"), day(t, "2026-01-01"), day(t, "2199-01-01"), 5); err != nil || len(days) != 0 {
			t.Errorf("%s: %v, %v", rule, days, err)
		}
	}
	r, err := ParseRule("FREQ=DAILY")
	if err != nil {
		t.Fatal(err)
	}
	if days, err := r.Days(day(t, "1970-01-01"), day(t, "2026-01-01"), day(t, "2199-01-01"), 5); err != nil || len(days) != 5 {
		t.Errorf("%v, %v", days, err)
	}
}

// FuzzParseRule: whatever is written in a cell ends, without a panic, and gives days in order and in range.
func FuzzParseRule(f *testing.F) {
	for _, s := range []string{"FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "FREQ=MONTHLY;BYDAY=-5MO;BYSETPOS=-366", "FREQ=YEARLY;BYDAY=-53MO",
		"FREQ=DAILY;BYMONTH=13", "FREQ=WEEKLY;WKST=SU;UNTIL=00010101"} {
		f.Add(s)
	}
	first, from, to := day(f, "2026-01-01"), day(f, "2026-02-01"), day(f, "2040-01-01")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRule(s)
		if err != nil {
			return
		}
		days, err := r.Days(first, from, to, 20)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range days {
			if d.Before(from) || d.After(to) || i > 0 && !d.After(days[i-1]) {
				t.Fatalf("%s: %v", s, days)
			}
		}
		if again, err := ParseRule(r.String()); err != nil || again.String() != r.String() || !slices.Equal(again.opt.Bymonthday, r.opt.Bymonthday) {
			t.Fatalf("%s reads back as %s, %v", s, again, err)
		}
	})
}
