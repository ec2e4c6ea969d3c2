package classify

import (
	"fmt"
	"math/bits"
)

// rank numbers the buckets that training has seen, in ascending order. It is asked for every feature of a text: a bit a bucket
// and a count for every 64 of them stay in the cache, where a table of numbers would be a mebibyte.
type rank struct {
	seen   []uint64
	before []uint32 // by word of seen: how many lie before it
	n      int
}

// newRank numbers the buckets of the list, which ascends.
func newRank(list []uint32) (rank, error) {
	r := rank{seen: make([]uint64, buckets/64), before: make([]uint32, buckets/64), n: len(list)}
	for i, b := range list {
		if b >= buckets || i > 0 && b <= list[i-1] {
			return rank{}, fmt.Errorf("row %d names bucket %d", i, b)
		}
		r.seen[b/64] |= 1 << (b % 64)
	}
	sum := 0
	for w, x := range r.seen {
		r.before[w] = uint32(sum)
		sum += bits.OnesCount64(x)
	}
	return r, nil
}

// of is the number of a bucket, -1 when training has not seen it.
func (r *rank) of(b uint32) int {
	w, bit := b/64, uint64(1)<<(b%64)
	x := r.seen[w]
	if x&bit == 0 {
		return -1
	}
	return int(r.before[w]) + bits.OnesCount64(x&(bit-1))
}

// buckets lists the bucket of every number.
func (r *rank) buckets() []uint32 {
	out := make([]uint32, 0, r.n)
	for w, x := range r.seen {
		for ; x != 0; x &= x - 1 {
			out = append(out, uint32(w*64+bits.TrailingZeros64(x)))
		}
	}
	return out
}
