package imap

import (
	"slices"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

func TestLedger(t *testing.T) {
	l := newLedger(Cursor{7, 10}, []uint32{11, 12, 15, 20})
	steps := []struct {
		name   string
		settle []uint32
		want   uint32
		owed   []uint32
	}{
		{"nothing yet", nil, 10, []uint32{11, 12, 15, 20}},
		{"the first", []uint32{11}, 11, []uint32{12, 15, 20}},
		{"behind a gap", []uint32{15}, 11, []uint32{12, 20}},
		{"the gap", []uint32{12}, 15, []uint32{20}},
		{"again what is settled", []uint32{12}, 15, []uint32{20}},
		{"the last", []uint32{20}, 20, nil},
	}
	for _, st := range steps {
		if got := l.after(st.settle); got != (Cursor{7, st.want}) {
			t.Errorf("%s: after = %v, want UID %d", st.name, got, st.want)
		}
		if got := l.settle(st.settle...); got != (Cursor{7, st.want}) {
			t.Errorf("%s: settle = %v, want UID %d", st.name, got, st.want)
		}
		if got := l.owed(); !slices.Equal(got, st.owed) {
			t.Errorf("%s: owed %v, want %v", st.name, got, st.owed)
		}
	}
}

func TestNums(t *testing.T) {
	const most = ^uint32(0)
	tests := []struct {
		name  string
		set   goimap.UIDSet
		above uint32
		want  []uint32
	}{
		{"nothing", nil, 0, nil},
		{"below the bound, as n:* gives", goimap.UIDSet{{Start: 5, Stop: 5}}, 5, nil},
		{"in order", goimap.UIDSet{{Start: 9, Stop: 9}, {Start: 3, Stop: 4}}, 3, []uint32{4, 9}},
		{"twice the same", goimap.UIDSet{{Start: 3, Stop: 4}, {Start: 4, Stop: 5}}, 0, []uint32{3, 4, 5}},
		{"a range without end", goimap.UIDSet{{Start: 1, Stop: goimap.UID(most)}}, 0, []uint32{1, 2, 3, 4, 5}},
		{"the last number there is", goimap.UIDSet{{Start: goimap.UID(most), Stop: goimap.UID(most)}}, most - 1, []uint32{most}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := nums(tt.set, tt.above, 5); !slices.Equal(got, tt.want) {
				t.Errorf("nums = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	tests := []struct {
		failures    int
		least, most time.Duration
	}{
		{0, 0, 0},
		{1, 0, 0},
		{2, 500 * time.Millisecond, time.Second},
		{3, time.Second, 2 * time.Second},
		{5, 4 * time.Second, 8 * time.Second},
		{100, 30 * time.Second, time.Minute},
	}
	for _, tt := range tests {
		for range 100 {
			if d := backoff(tt.failures, time.Second, time.Minute); d < tt.least || d > tt.most {
				t.Fatalf("after %d failures the pause is %v, want %v to %v", tt.failures, d, tt.least, tt.most)
			}
		}
	}
}

func TestUIDSetJoinsNeighbours(t *testing.T) {
	if got := uidSet([]uint32{1, 2, 3, 7, 9, 10}).String(); got != "1:3,7,9:10" {
		t.Errorf("set is %s", got)
	}
}
