package sla

import (
	"slices"
	"testing"
	"time"
)

// TestVisitTime is policy 4.3: one, two and three days.
func TestVisitTime(t *testing.T) {
	p := testPlan(t)
	for z, want := range map[Zone]time.Duration{
		ZoneCity: 24 * time.Hour, ZoneProvince: 48 * time.Hour, ZoneElse: 72 * time.Hour,
		ZoneUnknown: 24 * time.Hour, "": 24 * time.Hour,
	} {
		if got := p.VisitTime(z); got != want {
			t.Errorf("%q: %v, want %v", z, got, want)
		}
	}
}

// TestVisitDues: one that was asked for goes by its zone, a planned one by its day.
func TestVisitDues(t *testing.T) {
	p := testPlan(t)
	at := func(s string) time.Time { return when(t, "Asia/Shanghai", "2026-11-"+s) }
	asked, planned := Visit{Requested: at("02 10:00")}, Visit{Requested: at("02 10:00"), Planned: at("09 09:00"), OnSiteDue: at("09 23:59")}
	near := planned
	near.Planned, near.OnSiteDue = at("03 09:00"), at("03 23:59")
	for _, tt := range []struct {
		name            string
		visit           Visit
		zone            Zone
		arrange, onSite time.Time
	}{
		{"asked for, same city", asked, ZoneCity, at("03 10:00"), at("03 10:00")},
		{"asked for, elsewhere", asked, ZoneElse, at("05 10:00"), at("05 10:00")},
		{"planned, same city", planned, ZoneCity, at("03 10:00"), at("09 23:59")},
		{"planned, elsewhere", planned, ZoneElse, at("05 10:00"), at("09 23:59")},
		{"planned for a day that is near", near, ZoneElse, at("03 23:59"), at("03 23:59")},
	} {
		if a, o := p.VisitDues(tt.visit, tt.zone); !a.Equal(tt.arrange) || !o.Equal(tt.onSite) {
			t.Errorf("%s: arranged by %s, on site by %s", tt.name, a, o)
		}
	}
}

// TestRepeatsBeginWithTheRequest: planned maintenance that comes on record two days after its day is told once, and from then
// on every four hours.
func TestRepeatsBeginWithTheRequest(t *testing.T) {
	p := testPlan(t)
	due := when(t, "Asia/Shanghai", "2026-11-02 23:59")
	v := Visit{ID: 1, State: VisitRequested, Requested: due.Add(50 * time.Hour), Planned: due.Add(-15 * time.Hour), ArrangeDue: due, OnSiteDue: due}
	count := func(now time.Time) (n int) {
		steps, _ := p.VisitSteps(v, now)
		for _, s := range steps {
			if s.Name == StepArrangeOverdue && s.Recipient == steps[0].Recipient {
				n++
			}
		}
		return n
	}
	for after, want := range map[time.Duration]int{0: 1, time.Hour: 1, 2 * time.Hour: 2, 6 * time.Hour: 3} {
		if n := count(v.Requested.Add(after)); n != want {
			t.Errorf("%s after it came on record it was told %d times, want %d", after, n, want)
		}
	}
}

func TestVisitSteps(t *testing.T) {
	p := testPlan(t)
	at := func(s string) time.Time { return when(t, "Asia/Shanghai", "2026-11-"+s) }
	requested := at("02 10:00")
	arranged := func(on, to string) func(*Visit) {
		return func(v *Visit) { v.State, v.Arranged, v.At, v.Person = VisitArranged, at(on), at(to), "Li" }
	}
	and := func(fs ...func(*Visit)) func(*Visit) {
		return func(v *Visit) {
			for _, f := range fs {
				f(v)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*Visit)
		now    string
		want   []string
		next   string
	}{
		{"requested: the office hears at once", nil, "02 10:00", []string{"visit-requested 02T10:00 field"}, "02 22:00"},
		{"soon: half of the time left", nil, "02 22:00",
			[]string{"visit-requested 02T10:00 field", "visit-arrange-soon 02T22:00 field"}, "03 10:00"},
		{"not arranged in time, then up the chain", nil, "03 14:00", []string{
			"visit-requested 02T10:00 field", "visit-arrange-soon 02T22:00 field", "visit-arrange-overdue 03T10:00 field",
			"visit-arrange-overdue 03T14:00 field", "visit-arrange-overdue 03T14:00 duty"}, "03 18:00"},
		{"taken ends the repeats", func(v *Visit) { v.Taken = at("03 12:00") }, "05 10:00", []string{
			"visit-requested 02T10:00 field", "visit-arrange-soon 02T22:00 field", "visit-arrange-overdue 03T10:00 field"}, ""},
		{"taken before it is due: told once", func(v *Visit) { v.Taken = at("02 11:00") }, "03 10:00", []string{
			"visit-requested 02T10:00 field", "visit-arrange-soon 02T22:00 field", "visit-arrange-overdue 03T10:00 field"}, ""},
		{"another zone has more time", func(v *Visit) {
			v.Zone, v.ArrangeDue = ZoneElse, requested.Add(p.VisitTime(ZoneElse))
		}, "03 23:00", []string{"visit-requested 02T10:00 field", "visit-arrange-soon 03T22:00 field"}, "05 10:00"},
		{"arranged in time: soon and on the day", arranged("02 11:00", "03 09:00"), "03 07:00",
			[]string{"visit-soon 02T22:00 field", "visit-day 03T07:00 field"}, "03 10:00"},
		{"arranged for today after the morning: on the day at once", arranged("02 11:00", "02 17:00"), "02 11:00",
			[]string{"visit-day 02T11:00 field"}, "02 14:00"},
		{"arranged before the morning hour of its day", arranged("02 11:00", "03 06:00"), "03 00:00",
			[]string{"visit-soon 02T20:30 field", "visit-day 03T00:00 field"}, "03 10:00"},
		{"arranged too late is told, one up", arranged("02 11:00", "04 11:00"), "02 11:00",
			[]string{"visit-late 02T11:00 field", "visit-late 02T11:00 duty"}, "03 10:00"},
		{"a later date as the customer's wish is not late", and(arranged("02 11:00", "04 11:00"), func(v *Visit) { v.Wish = true }), "04 07:00",
			[]string{"visit-soon 03T11:00 field", "visit-day 04T07:00 field"}, "04 11:00"},
		{"but overdue after the wished time", and(arranged("02 11:00", "04 11:00"), func(v *Visit) { v.Wish = true }), "04 15:00", []string{
			"visit-soon 03T11:00 field", "visit-day 04T07:00 field", "visit-overdue 04T11:00 field",
			"visit-overdue 04T15:00 field", "visit-overdue 04T15:00 duty"}, "04 19:00"},
		{"not begun by the promise: every four hours up the chain", arranged("02 11:00", "03 09:00"), "03 22:00", []string{
			"visit-soon 02T22:00 field", "visit-day 03T07:00 field",
			"visit-overdue 03T10:00 field",
			"visit-overdue 03T14:00 field", "visit-overdue 03T14:00 duty",
			"visit-overdue 03T18:00 field", "visit-overdue 03T18:00 duty", "visit-overdue 03T18:00 lead",
			"visit-overdue 03T22:00 field", "visit-overdue 03T22:00 duty", "visit-overdue 03T22:00 lead"}, "04 02:00"},
		{"begun: nothing more", and(arranged("02 11:00", "03 09:00"), func(v *Visit) { v.Begun = at("03 09:05") }), "05 22:00", nil, ""},
		{"begun late stays late", and(arranged("02 11:00", "04 11:00"), func(v *Visit) { v.Begun = at("04 11:00") }), "05 22:00",
			[]string{"visit-late 02T11:00 field", "visit-late 02T11:00 duty"}, ""},
		{"done", and(arranged("02 11:00", "03 09:00"), func(v *Visit) { v.State = VisitDone }), "09 00:00", nil, ""},
		{"cancelled", func(v *Visit) { v.State = VisitCancelled }, "09 00:00", nil, ""},
		{"arranged without a time: only its promise counts", func(v *Visit) { v.State, v.Arranged, v.Taken = VisitArranged, at("02 11:00"), at("02 11:00") },
			"03 10:00", []string{"visit-overdue 03T10:00 field"}, ""},
		{"no promise on record", and(arranged("02 11:00", "03 09:00"), func(v *Visit) { v.OnSiteDue = time.Time{} }), "03 09:00",
			[]string{"visit-soon 02T22:00 field", "visit-day 03T07:00 field"}, ""},
		{"no promise to arrange it on record", func(v *Visit) { v.ArrangeDue = time.Time{} }, "09 09:00", []string{"visit-requested 02T10:00 field"}, ""},
		{"an office without staff: the common chain", func(v *Visit) { v.Office = "Beijing" }, "02 10:00", []string{"visit-requested 02T10:00 duty"}, "02 22:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := Visit{ID: 7, Case: 12, State: VisitRequested, Office: "Shanghai", Zone: ZoneCity, Requested: requested,
				ArrangeDue: requested.Add(24 * time.Hour), OnSiteDue: requested.Add(24 * time.Hour)}
			if tt.change != nil {
				tt.change(&v)
			}
			steps, next := p.VisitSteps(v, at(tt.now))
			checkSaid(t, steps, requested.Location(), tt.want...)
			if never := (tt.next == ""); never != next.IsZero() || !never && !next.Equal(at(tt.next)) {
				t.Errorf("next %v, want %q", next, tt.next)
			}
			for _, s := range steps {
				if s.Subject != "visit:7" || s.Case != 12 || s.Visit != 7 || s.Window != 0 {
					t.Errorf("step %+v does not name its visit", s)
				}
			}
		})
	}
}

// TestMovedVisitIsToldAgain: a due time that moved makes new keys for what is about the visit's time, and only for that.
func TestMovedVisitIsToldAgain(t *testing.T) {
	p := testPlan(t)
	at := func(s string) time.Time { return when(t, "Asia/Shanghai", "2026-11-"+s) }
	v := Visit{ID: 7, State: VisitArranged, Office: "Shanghai", Requested: at("02 10:00"), Arranged: at("02 11:00"), At: at("04 09:00"),
		ArrangeDue: at("05 10:00"), OnSiteDue: at("05 10:00")}
	before, _ := p.VisitSteps(v, at("06 00:00"))
	v.At = at("05 09:00")
	after, _ := p.VisitSteps(v, at("06 00:00"))
	told := map[key]bool{}
	for _, s := range before {
		told[keyOf(s)] = true
	}
	var again []string
	for _, s := range after {
		if !told[keyOf(s)] {
			again = append(again, s.Name)
		}
	}
	if !slices.Equal(again, []string{StepVisitSoon, StepVisitDay}) {
		t.Errorf("after the move %v are told again", again)
	}
}

// TestMorningOverClockChange: "on the day" keeps its hour of the wall clock, also where the day has no midnight.
func TestMorningOverClockChange(t *testing.T) {
	for _, tt := range []struct{ name, zone, arranged, at, want string }{
		{"clocks forward", "Europe/Berlin", "2026-03-27 10:00", "2026-03-29 14:00", "2026-03-29 07:00"},
		{"clocks back", "America/New_York", "2026-10-30 10:00", "2026-11-01 14:00", "2026-11-01 07:00"},
		{"no midnight", "Africa/Cairo", "2026-04-22 10:00", "2026-04-24 14:00", "2026-04-24 07:00"},
		{"year end", "Asia/Shanghai", "2026-12-30 10:00", "2027-01-01 09:00", "2027-01-01 07:00"},
		{"29 February", "Asia/Shanghai", "2028-02-27 10:00", "2028-02-29 09:00", "2028-02-29 07:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := testPlan(t)
			v := Visit{State: VisitArranged, Arranged: when(t, tt.zone, tt.arranged), At: when(t, tt.zone, tt.at)}
			p.Zone = v.At.Location()
			if got, want := p.dayOf(v), when(t, tt.zone, tt.want); !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	t.Run("a plan without a zone counts in UTC", func(t *testing.T) {
		v := Visit{At: when(t, "UTC", "2026-11-02 09:00")}
		if got := (&Plan{Morning: 7 * time.Hour}).dayOf(v); !got.Equal(when(t, "UTC", "2026-11-02 07:00")) {
			t.Errorf("got %v", got)
		}
	})
}

func TestResponsible(t *testing.T) {
	offices := []Office{
		{Name: "Shanghai", City: "上海", Province: "上海", Centre: true},
		{Name: "Suzhou", City: "苏州", Province: "江苏"},
		{Name: "Nanjing", City: "南京", Province: "江苏"},
		{Name: "Chaoyang", City: "朝阳", Province: "辽宁"},
	}
	for _, tt := range []struct {
		name, city, province, office string
		zone                         Zone
	}{
		{"same city", "南京", "江苏", "Nanjing", ZoneCity},
		{"same city, province not said", "南京", "", "Nanjing", ZoneCity},
		{"same province: its first office", "无锡", "江苏", "Suzhou", ZoneProvince},
		{"a city of the same name elsewhere", "朝阳", "吉林", "Shanghai", ZoneElse},
		{"another province", "成都", "四川", "Shanghai", ZoneElse},
		{"a province without its city could be the office's own", "", "江苏", "Suzhou", ZoneUnknown},
		{"a municipality", "", "上海", "Shanghai", ZoneUnknown},
		{"a city that no office is in, province not said", "成都", "", "Shanghai", ZoneUnknown},
		{"another province, city not said", "", "四川", "Shanghai", ZoneElse},
		{"nothing known", "", "", "Shanghai", ZoneUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, z := Responsible(offices, tt.city, tt.province)
			if o.Name != tt.office || z != tt.zone {
				t.Errorf("got %s, %s; want %s, %s", o.Name, z, tt.office, tt.zone)
			}
		})
	}
	t.Run("no centre named: the first office", func(t *testing.T) {
		if o, z := Responsible(offices[1:], "成都", "四川"); o.Name != "Suzhou" || z != ZoneElse {
			t.Errorf("got %s, %s", o.Name, z)
		}
	})
	t.Run("no office", func(t *testing.T) {
		if o, z := Responsible(nil, "", ""); o.Name != "" || z != ZoneUnknown {
			t.Errorf("got %+v, %s", o, z)
		}
	})
}
