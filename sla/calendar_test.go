package sla

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// when reads "2026-11-02 09:00" in a zone.
func when(t testing.TB, zone, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// office is a calendar of 09:00-12:00 and 13:00-18:00 from Monday to Friday.
func office(t testing.TB, zone string) *Calendar {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	c := &Calendar{Zone: loc}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Week[d] = []Span{{9 * 60, 12 * 60}, {13 * 60, 18 * 60}}
	}
	return c
}

// roundTheClock is a calendar of whole days, every day.
func roundTheClock(t testing.TB, zone string) *Calendar {
	c := office(t, zone)
	for d := range c.Week {
		c.Week[d] = []Span{{0, 24 * 60}}
	}
	return c
}

func TestCalendarAdd(t *testing.T) {
	const shanghai, berlin, newYork, cairo = "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo"
	plain := func(zone string) *Calendar { return office(t, zone) }
	swap := office(t, shanghai)
	swap.Holidays = map[string]bool{"2026-10-01": true, "2026-10-02": true, "2026-10-10": true}
	swap.MakeUp = map[string][]Span{"2026-10-10": {{9 * 60, 12 * 60}, {13 * 60, 18 * 60}}}
	night := &Calendar{Zone: swap.Zone}
	night.Week[time.Friday] = []Span{{22 * 60, 24 * 60}}
	night.Week[time.Saturday] = []Span{{0, 2 * 60}}
	for _, tt := range []struct {
		name  string
		cal   *Calendar
		zone  string
		start string
		d     time.Duration
		want  string
	}{
		{"no calendar counts every hour", nil, shanghai, "2026-11-07 23:00", 4 * time.Hour, "2026-11-08 03:00"},
		{"inside a morning", plain(shanghai), shanghai, "2026-11-02 09:30", 2 * time.Hour, "2026-11-02 11:30"},
		{"over lunch", plain(shanghai), shanghai, "2026-11-02 11:00", 4 * time.Hour, "2026-11-02 16:00"},
		{"during lunch", plain(shanghai), shanghai, "2026-11-02 12:20", time.Hour, "2026-11-02 14:00"},
		{"ends with the morning, not after lunch", plain(shanghai), shanghai, "2026-11-02 10:00", 2 * time.Hour, "2026-11-02 12:00"},
		{"before opening", plain(shanghai), shanghai, "2026-11-02 03:00", 30 * time.Minute, "2026-11-02 09:30"},
		{"after closing", plain(shanghai), shanghai, "2026-11-02 18:00", time.Minute, "2026-11-03 09:01"},
		{"over the night", plain(shanghai), shanghai, "2026-11-02 17:00", 2 * time.Hour, "2026-11-03 10:00"},
		{"over the weekend", plain(shanghai), shanghai, "2026-11-06 16:00", 4 * time.Hour, "2026-11-09 11:00"},
		{"on a Sunday", plain(shanghai), shanghai, "2026-11-08 10:00", 4 * time.Hour, "2026-11-09 14:00"},
		{"three working days", plain(shanghai), shanghai, "2026-11-05 09:00", 24 * time.Hour, "2026-11-09 18:00"},
		{"year end", plain(shanghai), shanghai, "2026-12-31 17:00", 2 * time.Hour, "2027-01-01 10:00"},
		{"29 February", plain(shanghai), shanghai, "2028-02-28 17:00", 2 * time.Hour, "2028-02-29 10:00"},
		{"after 29 February", plain(shanghai), shanghai, "2028-02-29 17:00", 2 * time.Hour, "2028-03-01 10:00"},
		{"over a holiday", swap, shanghai, "2026-09-30 17:00", 2 * time.Hour, "2026-10-05 10:00"},
		{"a worked Saturday that is also named a holiday", swap, shanghai, "2026-10-09 17:00", 2 * time.Hour, "2026-10-10 10:00"},
		{"the Saturday after is free again", swap, shanghai, "2026-10-16 17:00", 2 * time.Hour, "2026-10-19 10:00"},
		{"until 24:00 and on", night, shanghai, "2026-11-06 20:00", 3 * time.Hour, "2026-11-07 01:00"},
		{"ends at 24:00", night, shanghai, "2026-11-06 20:00", 2 * time.Hour, "2026-11-07 00:00"},
		{"clocks forward between, office hours stay", plain(berlin), berlin, "2026-03-27 17:00", 2 * time.Hour, "2026-03-30 10:00"},
		{"clocks back between, office hours stay", plain(berlin), berlin, "2026-10-23 17:00", 2 * time.Hour, "2026-10-26 10:00"},
		{"the night that loses an hour", roundTheClock(t, berlin), berlin, "2026-03-29 00:00", 3 * time.Hour, "2026-03-29 04:00"},
		{"the night that gains an hour", roundTheClock(t, newYork), newYork, "2026-11-01 00:00", 4 * time.Hour, "2026-11-01 03:00"},
		{"the day without a midnight", roundTheClock(t, cairo), cairo, "2026-04-23 22:00", 3 * time.Hour, "2026-04-24 02:00"},
		{"over the day without a midnight", plain(cairo), cairo, "2026-04-23 17:00", 9 * time.Hour, "2026-04-24 18:00"},
		{"asked in another zone, over the lunch of this one", plain(newYork), shanghai, "2026-11-03 01:00", 2 * time.Hour, "2026-11-03 04:00"},
		{"no zone is UTC", &Calendar{Week: [7][]Span{1: {{9 * 60, 17 * 60}}}}, "UTC", "2026-11-02 08:00", time.Hour, "2026-11-02 10:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.cal.Add(when(t, tt.zone, tt.start), tt.d)
			if want := when(t, tt.zone, tt.want); !got.Equal(want) {
				t.Errorf("%v after %s is %v, want %v", tt.d, tt.start, got.In(want.Location()), want)
			}
		})
	}
}

func TestCalendarWithoutHours(t *testing.T) {
	start := when(t, "Asia/Shanghai", "2026-11-02 09:00")
	makeUp := func(days ...string) *Calendar {
		c := &Calendar{Zone: start.Location(), MakeUp: map[string][]Span{"not a day": {{0, 60}}}}
		for _, d := range days {
			c.MakeUp[d] = []Span{{9 * 60, 10 * 60}}
		}
		return c
	}
	closed := office(t, "Asia/Shanghai")
	closed.Holidays = map[string]bool{}
	for i := range 3 * 366 {
		closed.Holidays[start.AddDate(0, 0, i).Format(time.DateOnly)] = true
	}
	for _, tt := range []struct {
		name string
		cal  *Calendar
		d    time.Duration
		want string
	}{
		{"nothing at all", &Calendar{}, 4 * time.Hour, "2026-11-02 13:00"},
		{"nothing but holidays for years", closed, 4 * time.Hour, "2026-11-02 13:00"},
		{"only make-up days", makeUp("2026-11-14", "2026-11-07"), 90 * time.Minute, "2026-11-14 09:30"},
		{"too few make-up days", makeUp("2026-11-07"), 90 * time.Minute, "2026-11-02 10:30"},
		{"make-up days that are over", makeUp("2026-11-01"), time.Hour, "2026-11-02 10:00"},
		{"a make-up day later than two years", makeUp("2030-01-01"), time.Hour, "2030-01-01 10:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := tt.cal.Add(start, tt.d), when(t, "Asia/Shanghai", tt.want); !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestCalendarBetween(t *testing.T) {
	swap := office(t, "Asia/Shanghai")
	swap.Holidays = map[string]bool{"2026-10-01": true, "2026-10-02": true, "2026-10-03": true, "never": true}
	swap.MakeUp = map[string][]Span{"2026-10-10": {{9 * 60, 12 * 60}}}
	for _, tt := range []struct {
		name, zone string
		cal        *Calendar
		a, b       string
		want       time.Duration
	}{
		{"no calendar", "Asia/Shanghai", nil, "2026-11-07 00:00", "2026-11-09 00:00", 48 * time.Hour},
		{"backwards is nothing", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-03 12:00", "2026-11-02 12:00", 0},
		{"one day, lunch not counted", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-02 00:00", "2026-11-02 23:59", 8 * time.Hour},
		{"from lunch to lunch", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-02 12:30", "2026-11-03 12:30", 8 * time.Hour},
		{"a weekend", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-06 18:00", "2026-11-09 09:00", 0},
		{"a week", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-11-02 00:00", "2026-11-09 00:00", 40 * time.Hour},
		{"a year of 261 weekdays", "Asia/Shanghai", office(t, "Asia/Shanghai"), "2026-01-01 00:00", "2027-01-01 00:00", 261 * 8 * time.Hour},
		{"two holidays, one of them a Saturday too, and a make-up morning", "Asia/Shanghai", swap, "2026-10-01 00:00", "2026-11-01 00:00", (22-2)*8*time.Hour + 3*time.Hour},
		{"a year has its hours whatever the clocks do", "Europe/Berlin", roundTheClock(t, "Europe/Berlin"), "2026-01-01 00:00", "2027-01-01 00:00", 365 * 24 * time.Hour},
		{"the lost hour", "Europe/Berlin", roundTheClock(t, "Europe/Berlin"), "2026-03-01 00:00", "2026-04-01 00:00", (31*24 - 1) * time.Hour},
		{"the gained hour", "America/New_York", roundTheClock(t, "America/New_York"), "2026-11-01 00:00", "2026-12-01 00:00", (30*24 + 1) * time.Hour},
		{"over days without a midnight", "Africa/Cairo", office(t, "Africa/Cairo"), "2026-04-01 00:00", "2026-05-01 00:00", 22 * 8 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.cal.Between(when(t, tt.zone, tt.a), when(t, tt.zone, tt.b)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestBetweenAgreesWithWalking compares the count by weeks with a walk over every day, and Add with Between.
func TestBetweenAgreesWithWalking(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for _, zone := range []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"} {
		t.Run(zone, func(t *testing.T) {
			c := office(t, zone)
			c.Week[time.Saturday] = []Span{{0, 3 * 60}, {22 * 60, 24 * 60}}
			c.Week[time.Sunday] = []Span{{60, 4 * 60}}
			c.Holidays, c.MakeUp = map[string]bool{}, map[string][]Span{}
			base := when(t, zone, "2010-01-01 00:00")
			for range 150 {
				c.Holidays[base.AddDate(0, 0, rnd.IntN(3600)).Format(time.DateOnly)] = true
				c.MakeUp[base.AddDate(0, 0, rnd.IntN(3600)).Format(time.DateOnly)] = []Span{{9 * 60, 12*60 + rnd.IntN(300)}}
			}
			for range 60 {
				a := base.Add(time.Duration(rnd.Int64N(int64(9 * 365 * 24 * time.Hour)))).Truncate(time.Second)
				b := a.Add(time.Duration(rnd.Int64N(int64(400 * 24 * time.Hour)))).Truncate(time.Second)
				got, want := c.Between(a, b), time.Duration(0)
				for day := c.civil(a); !day.After(c.civil(b)); day = day.AddDate(0, 0, 1) {
					want += c.worked(day, a, b)
				}
				if got != want {
					t.Fatalf("between %v and %v: %v by weeks, %v day by day", a, b, got, want)
				}
				if end := c.Add(a, got); got > 0 && (end.After(b) || c.Between(end, b) != 0) {
					t.Fatalf("%v after %v is %v, beyond %v", got, a, end, b)
				}
			}
		})
	}
}

func TestShare(t *testing.T) {
	c := office(t, "Asia/Shanghai")
	for _, tt := range []struct {
		name, a, b string
		share      float64
		want       string
	}{
		{"half of a working day is after lunch", "2026-11-02 09:00", "2026-11-02 18:00", 0.5, "2026-11-02 14:00"},
		{"over the weekend", "2026-11-06 16:00", "2026-11-09 11:00", 0.75, "2026-11-09 10:00"},
		{"the whole is the end", "2026-11-06 16:00", "2026-11-08 11:00", 1, "2026-11-08 11:00"},
		{"no office hours between: of the wall clock", "2026-11-07 10:00", "2026-11-07 14:00", 0.5, "2026-11-07 12:00"},
		{"an end before the start", "2026-11-03 10:00", "2026-11-02 10:00", 0.5, "2026-11-02 10:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := c.Share(when(t, "Asia/Shanghai", tt.a), when(t, "Asia/Shanghai", tt.b), tt.share)
			if want := when(t, "Asia/Shanghai", tt.want); !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func BenchmarkBetween(b *testing.B) {
	c := office(b, "Europe/Berlin")
	c.Holidays = map[string]bool{}
	start := when(b, "Europe/Berlin", "2020-01-01 10:00")
	for i := range 60 {
		c.Holidays[start.AddDate(0, 0, i*36).Format(time.DateOnly)] = true
	}
	for _, days := range []int{1, 7, 90, 2000} {
		b.Run(fmt.Sprint(days, "d"), func(b *testing.B) {
			for b.Loop() {
				c.Between(start, start.AddDate(0, 0, days))
			}
		})
	}
}
