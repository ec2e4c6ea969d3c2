package bench

import (
	"fmt"
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
		began := time.Now()
		d.Deliver("single", raw)
		at, ok := out.await(t, i+1, quiet)
		if !ok {
			t.Fatal(run.said())
		}
		whole = append(whole, at.Sub(began))
		time.Sleep(100 * time.Millisecond)
		share, err := ownShare(run.said())
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, share)
	}
	run.stop(t)
	row(t, "one mail, delivery to 250", fmt.Sprintf("median %v, slowest %v", quantile(whole, .5).Round(time.Millisecond), quantile(whole, 1).Round(time.Millisecond)),
		"median under 700 ms, 500 of them the server's")
	row(t, "  own share, fetch to 250", fmt.Sprintf("median %v, slowest %v", quantile(own, .5).Round(time.Millisecond), quantile(own, 1).Round(time.Millisecond)), "under 15 ms")
}

// ownShare reads the times of the two phases from the log, which says milliseconds.
func ownShare(log string) (time.Duration, error) {
	var fetched, accepted time.Time
	for line := range strings.Lines(log) {
		stamp, rest, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		switch {
		case err != nil:
		case strings.Contains(rest, "phase=fetched"):
			fetched = at
		case strings.Contains(rest, "phase=accepted"):
			accepted = at
		}
	}
	if fetched.IsZero() || accepted.IsZero() {
		return 0, fmt.Errorf("the phases are not in the log:\n%s", log)
	}
	return accepted.Sub(fetched), nil
}
