package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
)

// TestOneMail measures one mail at a time: from its delivery to the 250 that its reply gets, and the program's own share,
// from the end of the fetch to that 250.
func TestOneMail(t *testing.T) {
	binary := setup(t)
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	models := warm(t, binary, d)
	out := startSink(t, 0)
	s := &site{binary: binary, dir: t.TempDir(), imap: d.IMAP, user: "single", smtp: out.port, sent: "never", log: "debug"}
	s.keep(t, models)
	run := s.start(t)
	time.Sleep(time.Second) // until it waits for mail
	const mails = 20
	var whole, own []time.Duration
	for i := range mails {
		raw := letter(i, time.Now())
		before, _ := out.taken()
		began := time.Now()
		d.Deliver("single", raw)
		if _, ok := out.await(t, before+1, quiet); !ok {
			t.Fatal(run.said())
		}
		out.settle(300 * time.Millisecond) // a notice to staff may go as well
		fetched, accepted, err := phases(run.said())
		if err != nil {
			t.Fatal(err)
		}
		whole, own = append(whole, accepted.Sub(began)), append(own, accepted.Sub(fetched))
	}
	run.stop(t)
	row(t, "one mail, delivery to 250", fmt.Sprintf("median %v, slowest %v", quantile(whole, .5).Round(time.Millisecond), quantile(whole, 1).Round(time.Millisecond)),
		"median under 700 ms, 500 of them the server's")
	row(t, "  own share, fetch to 250", fmt.Sprintf("median %v, slowest %v", quantile(own, .5).Round(time.Millisecond), quantile(own, 1).Round(time.Millisecond)), "under 15 ms")
}

// phases reads from the log, which says milliseconds, when a message was fetched and when its reply was accepted: the mail
// with the lowest number, since notices to staff are numbered behind it.
func phases(log string) (fetched, accepted time.Time, err error) {
	lowest := math.MaxInt
	for line := range strings.Lines(log) {
		stamp, rest, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		_, number, _ := strings.Cut(strings.TrimSpace(rest), " id=")
		id, notNumber := strconv.Atoi(number)
		switch {
		case err != nil || notNumber != nil:
		case strings.Contains(rest, "phase=fetched"):
			fetched = at
		case strings.Contains(rest, "phase=accepted") && id < lowest:
			accepted, lowest = at, id
		}
	}
	if fetched.IsZero() || accepted.IsZero() {
		return fetched, accepted, fmt.Errorf("the phases are not in the log:\n%s", log)
	}
	return fetched, accepted, nil
}
