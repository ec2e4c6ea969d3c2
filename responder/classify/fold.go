package classify

// wordFold sums up what the words of the examples weigh with all their n-grams, so that a known word costs one row.
type wordFold struct {
	slots []uint32  // open addressing by hash: number of a word plus 1, 0 is free
	keys  []uint32  // upper half of the hash, by word
	lost  []float32 // by word: sum of the squares of the values that have no weight
	base  int       // row of the first word among the weights
}

// newFold folds the words of the documents into a machine whose weights are known, and returns the rows of the words as well.
func newFold(docs []document, sp *space, weights []float32, classes int, gramWeight float32) (wordFold, []brief) {
	f := wordFold{base: len(weights) / classes}
	width := stride(classes)
	var rows []brief
	sum := make([]float32, width)
	seen := make(map[uint32]bool)
	var grams []feat
	for i := range docs {
		for _, w := range docs[i].words {
			key := uint32(w.hash >> 32)
			if seen[key] {
				continue
			}
			seen[key] = true
			f.keys = append(f.keys, key)
			grams = append(grams[:0], feat{bucket(w.hash), 1})
			grams = appendGrams(grams, []byte(w.text), gramWeight)
			known, lost := float32(0), float32(0)
			clear(sum)
			for _, g := range grams {
				r := sp.row[g.id]
				if r < 0 {
					lost += g.weight * g.weight * sp.rarest * sp.rarest
					continue
				}
				v := g.weight * sp.idf[r]
				known += v * v
				for k, x := range weights[int(r)*classes:][:classes] {
					sum[k] += v * x
				}
			}
			sum[width-1] = known
			for _, x := range sum {
				rows = append(rows, shorten(x))
			}
			f.lost = append(f.lost, lost)
		}
	}
	f.index()
	return f, rows
}

// index fills the slots from the keys.
func (f *wordFold) index() {
	size := 16
	for size < 2*len(f.keys) {
		size *= 2
	}
	f.slots = make([]uint32, size)
	for i, key := range f.keys {
		at := int(key) & (size - 1)
		for f.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		f.slots[at] = uint32(i + 1)
	}
}

// find returns the number of the word with this hash, or -1.
func (f *wordFold) find(hash uint64) int {
	key := uint32(hash >> 32)
	mask := len(f.slots) - 1
	for at := int(key) & mask; ; at = (at + 1) & mask {
		i := f.slots[at]
		if i == 0 {
			return -1
		}
		if f.keys[i-1] == key {
			return int(i - 1)
		}
	}
}
