package responder

import (
	"strings"
	"testing"
	"time"
)

// TestCrowd is that many unsure messages at once make lines of a list, with all that the mail of each would have said first.
func TestCrowd(t *testing.T) {
	e := testEngine(t, nil)
	for _, tt := range []struct {
		name          string
		crowd         bool
		raw           []byte
		notices, list int
	}{
		{"alone", false, letterOf("Good day, one question."), 1, 0},
		{"in a crowd", true, letterOf("Good day, one question."), 0, 1},
		{"in a crowd, and nobody knows whether a person wrote it", true, letterOf("Good day, one question.", "From: "), 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := read(e, tt.raw, false)
			f := facts(nil)
			f.Crowd = tt.crowd
			d := e.Decide(r, f, t0.Add(time.Minute))
			notices := 0
			for _, m := range d.Mails {
				if m.Lane == LaneStaff {
					notices++
				}
			}
			if notices != tt.notices || len(d.Listed) != tt.list {
				t.Fatalf("%s: %d notices, %d lines; want %d and %d", d.Reason, notices, len(d.Listed), tt.notices, tt.list)
			}
			if tt.list == 0 {
				return
			}
			m, err := e.List(d.Listed, 777, t0)
			if err != nil {
				t.Fatal(err)
			}
			p := parsed(t, m.Raw)
			for _, want := range []string{FormatCase(42), "ann@client.example", r.Message.Subject} {
				if !strings.Contains(p.Body.Full, want) && !strings.Contains(p.Body.Full, "Ann") {
					t.Errorf("the list does not say %q:\n%s", want, p.Body.Full)
				}
			}
			if m.To != d.Listed[0].To || m.Lane != LaneStaff || m.ID != 777 || !strings.Contains(p.Body.Full, "need a person: 1.") {
				t.Errorf("list %d to %s in %s: %q", m.ID, m.To, m.Lane, p.Body.Full)
			}
		})
	}
}
