package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

const asksForVisit = "Hello, please send a technician to our site, the pump stopped. Serial number PX-100-2233."

// TestPolicy4_3_ALaterMailSaysWhere: a place that nobody knew counts as the same city until a mail says where.
func TestPolicy4_3_ALaterMailSaysWhere(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		headers    []string
		zone       sla.Zone
		office     string
		time       time.Duration
	}{
		{"in the office's city", "It stands in 上海.", nil, sla.ZoneCity, "Shanghai", 24 * time.Hour},
		{"in the province of another office", "The site is in Suzhou.", nil, sla.ZoneProvince, "Nanjing", 48 * time.Hour},
		{"in the city of another office", "我们在南京。", nil, sla.ZoneCity, "Nanjing", 24 * time.Hour},
		{"elsewhere", "我们的工厂在成都。", nil, sla.ZoneElse, "Shanghai", 72 * time.Hour},
		{"a mail that says nothing of it", "When do you come?", nil, sla.ZoneUnknown, "Shanghai", 24 * time.Hour},
		{"a mail that may be a machine's", "The site is in Suzhou.", []string{"Precedence: bulk"}, sla.ZoneUnknown, "Shanghai", 24 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			first := d.mail(asksForVisit)
			asked := d.clock
			if v := d.file(first.Case).Visits; len(v) != 1 || v[0].Zone != sla.ZoneUnknown || !v[0].OnSiteDue.Equal(asked.Add(24*time.Hour)) {
				t.Fatalf("visits %+v", v)
			}
			d.send()
			d.clock = d.clock.Add(time.Hour)
			d.mail(tt.text, append([]string{"In-Reply-To: <m1@client.example>"}, tt.headers...)...)
			v := d.file(first.Case).Visits[0]
			if v.Zone != tt.zone || v.Office != tt.office || !v.ArrangeDue.Equal(asked.Add(tt.time)) || !v.OnSiteDue.Equal(v.ArrangeDue) {
				t.Errorf("visit %+v", v)
			}
			if c := d.file(first.Case); c.Office != tt.office {
				t.Errorf("the case is with %s", c.Office)
			}
		})
	}
}

// TestPolicy4_3_NewDueTimesAreToldAgain: a due time that moved makes new steps.
func TestPolicy4_3_NewDueTimesAreToldAgain(t *testing.T) {
	d := newDesk(t, "")
	d.mail(asksForVisit)
	d.send()
	d.set("2026-11-24 22:30")
	if got := d.look(); !slices.Contains(got, "visit-arrange-soon duty@staff.example") {
		t.Errorf("said %q", got)
	}
	d.mail("我们的工厂在成都。", "In-Reply-To: <m1@client.example>")
	if got := d.look(); slices.Contains(got, "visit-arrange-soon duty@staff.example") {
		t.Errorf("half of three days is not over: said %q", got)
	}
	d.set("2026-11-25 22:30")
	if got := d.look(); !slices.Contains(got, "visit-arrange-soon duty@staff.example") || slices.Contains(got, "visit-arrange-overdue duty@staff.example") {
		t.Errorf("said %q", got)
	}
}

// TestPolicy4_3_TheCustomerHearsOfAVisit: when it is arranged, moved or cancelled by command.
func TestPolicy4_3_TheCustomerHearsOfAVisit(t *testing.T) {
	at := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	arrange := func(d *desk, at time.Time, who string) {
		d.t.Helper()
		d.must(d.store.ArrangeVisit(context.Background(), 1, store.Arrangement{At: at, Person: who, Who: "duty"}, d.clock))
	}
	cancel := func(d *desk) {
		d.t.Helper()
		d.must(d.store.CancelVisit(context.Background(), 1, "duty", "", d.clock))
	}
	news := func(d *desk) (out []string) {
		d.t.Helper()
		for _, s := range d.look() {
			if strings.HasSuffix(s, " "+sla.Customer) {
				out = append(out, strings.TrimSuffix(s, " "+sla.Customer))
			}
		}
		return out
	}
	for _, tt := range []struct {
		name string
		do   func(d *desk) []string
		want []string
	}{
		{"arranged", func(d *desk) []string { arrange(d, at, "Wang Lei"); return news(d) }, []string{"visit-arranged"}},
		{"said once", func(d *desk) []string { arrange(d, at, "Wang Lei"); news(d); return news(d) }, nil},
		{"moved", func(d *desk) []string {
			arrange(d, at, "Wang Lei")
			news(d)
			arrange(d, at.Add(time.Hour), "")
			return news(d)
		}, []string{"visit-moved"}},
		{"moved before anybody heard of it", func(d *desk) []string {
			arrange(d, at, "Wang Lei")
			arrange(d, at.Add(time.Hour), "")
			return news(d)
		}, []string{"visit-arranged"}},
		{"somebody else goes", func(d *desk) []string { arrange(d, at, "Wang Lei"); news(d); arrange(d, at, "Zhao"); return news(d) }, []string{"visit-arranged"}},
		{"put down again as it was", func(d *desk) []string {
			arrange(d, at, "Wang Lei")
			news(d)
			arrange(d, at, "Wang Lei")
			return news(d)
		}, nil},
		{"cancelled", func(d *desk) []string { arrange(d, at, "Wang Lei"); news(d); cancel(d); return news(d) }, []string{"visit-cancelled"}},
		{"arranged and cancelled before anybody heard", func(d *desk) []string { arrange(d, at, "Wang Lei"); cancel(d); return news(d) }, []string{"visit-cancelled"}},
		{"put down after it was made", func(d *desk) []string { arrange(d, d.clock.Add(-time.Minute), "Wang Lei"); return news(d) }, nil},
		{"done before anybody heard", func(d *desk) []string {
			arrange(d, at, "Wang Lei")
			d.must(d.store.DoneVisit(context.Background(), 1, d.clock, "duty", d.clock))
			return news(d)
		}, nil},
		{"taken", func(d *desk) []string {
			d.must(d.store.TakeVisit(context.Background(), 1, "duty", false, d.clock))
			return news(d)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			d.mail(asksForVisit)
			d.send()
			d.look()
			d.clock = d.clock.Add(time.Hour)
			if got := tt.do(d); !slices.Equal(got, tt.want) {
				t.Errorf("the customer heard %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPolicy4_3_NewsOfAVisitIsAMail: in the customer's language and thread, with time, person and place; it stops no clock,
// is counted for no cap, and an answer by a person does not take it back.
func TestPolicy4_3_NewsOfAVisitIsAMail(t *testing.T) {
	d := newDesk(t, "")
	rec := d.mail("请派工程师上门检修,我们在上海。", "From: =?utf-8?b?6ZmI5qKF?= <mei@client.example>", "Subject: =?utf-8?b?5rC05rO1?=")
	d.send()
	d.clock = d.clock.Add(time.Hour)
	before := len(d.running(rec.Case))
	d.must(d.store.ArrangeVisit(context.Background(), 1, store.Arrangement{At: time.Date(2026, 11, 25, 1, 30, 0, 0, time.UTC), Person: "Wang Lei", Who: "duty"}, d.clock))
	d.look()
	d.must(d.store.AnswerCase(context.Background(), rec.Case, d.clock.Add(-time.Minute), "duty", "telephone", d.clock))
	jobs, err := d.store.Claim(context.Background(), responder.LaneCustomer, 10, nil, d.clock)
	if err != nil || len(jobs) != 1 || jobs[0].Kind != responder.MailVisit || jobs[0].To != "mei@client.example" {
		t.Fatalf("waiting: %+v, %v", jobs, err)
	}
	m := mailbox.Parse(strings.NewReader(string(jobs[0].Raw)), int64(len(jobs[0].Raw)), mailbox.DefaultLimits())
	for _, want := range []string{"Wang Lei", "9:30", "上海"} {
		if !strings.Contains(m.Body.New, want) {
			t.Errorf("%q is not in\n%s", want, m.Body.New)
		}
	}
	if !slices.Contains(m.InReplyTo, "m1@client.example") || m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(m.Subject, "[AC-000001]") {
		t.Errorf("in reply to %q, %s, subject %s", m.InReplyTo, m.Header.Get("Auto-Submitted"), m.Subject)
	}
	f := d.file(rec.Case)
	if f.AutoReplies != 1 {
		t.Errorf("%d automatic replies are counted", f.AutoReplies)
	}
	if before != 1 {
		t.Errorf("%d clocks ran before", before)
	}
}

// TestPolicy4_3_WhoIsNotToldOfAVisit: nobody to write to, or nobody who may be written to.
func TestPolicy4_3_WhoIsNotToldOfAVisit(t *testing.T) {
	ctx := context.Background()
	at := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		do   func(d *desk)
	}{
		{"an address that is blocked", func(d *desk) {
			d.mail(asksForVisit)
			d.send()
			d.must(d.store.Block(ctx, "ann@client.example", "duty", "", d.clock))
		}},
		{"a caller without an address", func(d *desk) {
			_, err := d.store.OpenCase(ctx, store.NewCase{Case: responder.Case{Class: "visit"}, Channel: store.ChannelPhone, Answered: d.clock,
				Visits: []sla.Visit{{Requested: d.clock, ArrangeDue: d.clock.Add(24 * time.Hour), OnSiteDue: d.clock.Add(24 * time.Hour)}}}, d.clock)
			d.must(err)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, "")
			tt.do(d)
			d.must(d.store.ArrangeVisit(ctx, 1, store.Arrangement{At: at, Person: "Wang Lei", Who: "duty"}, d.clock))
			d.look()
			if kinds := d.send(); len(kinds) != 0 {
				t.Errorf("sent %q", kinds)
			}
		})
	}
}

// TestPolicy4_3_RemindersOfAVisit follows one visit through its reminders, with some downtime at the end.
func TestPolicy4_3_RemindersOfAVisit(t *testing.T) {
	d := newDesk(t, "")
	d.mail(asksForVisit)
	d.send()
	said := func() (out []string) {
		for _, s := range d.look() {
			if strings.HasPrefix(s, "visit-") && !strings.HasSuffix(s, sla.Customer) {
				out = append(out, s)
			}
		}
		return out
	}
	check := func(at string, want ...string) {
		t.Helper()
		d.set(at)
		if got := said(); !slices.Equal(got, want) {
			t.Errorf("%s: said %q, want %q", at, got, want)
		}
	}
	check("2026-11-24 10:00", "visit-requested duty@staff.example")
	d.must(d.store.ArrangeVisit(context.Background(), 1, store.Arrangement{At: time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC), Person: "wang lei", Wish: true, Who: "duty"}, d.clock))
	check("2026-11-26 06:59", "visit-soon duty@staff.example")
	check("2026-11-26 07:00", "visit-tomorrow wang@staff.example")
	// Six hours of downtime over the visit itself: caught up, each once, in order.
	check("2026-11-27 13:00", "visit-day duty@staff.example", "visit-two-hours wang@staff.example",
		"visit-overdue duty@staff.example", "visit-overdue duty@staff.example", "visit-overdue lead@staff.example")
	check("2026-11-27 13:00")
}
