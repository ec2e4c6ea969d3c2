package classify

import (
	"slices"
	"testing"
)

func TestRankNumbersBucketsInTheirOrder(t *testing.T) {
	list := []uint32{0, 1, 63, 64, 127, 4096, 70_000, buckets - 1}
	r, err := newRank(list)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.buckets(); !slices.Equal(got, list) {
		t.Errorf("got %v, want %v", got, list)
	}
	for b := range uint32(buckets) {
		if got, want := r.of(b), slices.Index(list, b); got != want {
			t.Fatalf("bucket %d: got %d, want %d", b, got, want)
		}
	}
	for _, bad := range [][]uint32{{buckets}, {3, 3}, {4, 3}} {
		if _, err := newRank(bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}
