package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"aftercare/responder"
)

// TestListsOfACrowd is that staff get one mail for many cases that come together, and one a case otherwise.
func TestListsOfACrowd(t *testing.T) {
	tests := []struct {
		name       string
		mails      int
		crowd      int
		broken     bool
		lists      []int // how many cases each names
		told, dumb int64 // cases whose history says so
	}{
		{"few", 4, 5, false, nil, 0, 0},
		{"as many as make a crowd", 6, 5, false, []int{3, 3}, 6, 0},
		{"more than a list holds", 2*responder.ListMax + 10, 5, false, []int{responder.ListMax, responder.ListMax, 5, 5}, 2*responder.ListMax + 10, 0},
		{"the list cannot be written", 6, 5, true, []int{3, 3}, 0, 6},
		{"never", 6, 0, false, nil, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lists []int
			s := open(t, Options{Crowd: tt.crowd, List: func(cs []responder.Listed, next int64, now time.Time) (responder.Mail, bool) {
				lists = append(lists, len(cs))
				for _, c := range cs {
					if c.To != cs[0].To {
						t.Errorf("a list to %s names a case for %s", cs[0].To, c.To)
					}
				}
				return responder.Mail{ID: next, Lane: responder.LaneStaff, Kind: responder.MailList, Account: "support", To: cs[0].To,
					MessageID: fmt.Sprintf("list.%d@aftercare.example", next), Raw: []byte("list"), Deadline: now}, !tt.broken
			}})
			in := make([]Incoming, tt.mails)
			for i := range in {
				in[i] = post{uid: uint32(i + 1), from: fmt.Sprintf("c%d@x%d.example", i, i), text: fmt.Sprint(i)}.incoming()
			}
			_, err := s.Record(context.Background(), in, func(r *responder.Reading, f responder.Facts) responder.Decision {
				d := decideFirst(r, f, t0)
				if f.Crowd {
					d.Listed = []responder.Listed{{To: fmt.Sprintf("duty%d@desk.example", f.NextCase%2), Account: "support", Case: f.NextCase}}
				}
				return d
			}, t0)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(lists, func(a, b int) int { return b - a })
			if !slices.Equal(lists, tt.lists) {
				t.Errorf("lists of %d cases, want %d", lists, tt.lists)
			}
			queued := number(t, s, "SELECT count(*) FROM outbox WHERE kind = 'list' AND state = 'queued' AND lane = 'staff'")
			if want := int64(len(tt.lists)); !tt.broken && queued != want || tt.broken && queued != 0 {
				t.Errorf("%d lists are queued", queued)
			}
			told := number(t, s, "SELECT count(DISTINCT h.case_id) FROM history h JOIN outbox o ON o.id = h.outbox_id WHERE h.what = 'told-in-list'")
			dumb := number(t, s, "SELECT count(DISTINCT case_id) FROM history WHERE what = 'not-told'")
			if told != tt.told || dumb != tt.dumb {
				t.Errorf("%d cases were told of, %d were not; want %d and %d", told, dumb, tt.told, tt.dumb)
			}
			sound(t, s)
		})
	}
}
