package classify

import "math"

// The weights of a model in rows of equal width: what each class gets, nothing up to a multiple of lanes, and last the square
// of the feature's own value.

// lanes is how many sums stay in registers at a time: with their products, all that there are.
const lanes = 6

// stride is the width of a row.
func stride(classes int) int { return (classes + lanes) / lanes * lanes }

// step is one row to add: where it begins in the weights, and how many times it counts.
type step struct {
	at int32
	x  float32
}

// brief is the upper half of a float32, which keeps two digits: a weight needs no more, and a model that is kept in memory
// takes half the room.
type brief uint16

func shorten(x float32) brief {
	bits := math.Float32bits(x)
	return brief((bits + 0x7fff + bits>>16&1) >> 16) // to the nearest, of two the even one; weights are finite
}

func (b brief) value() float32 { return math.Float32frombits(uint32(b) << 16) }

// pack lays weights [row*classes+class] out in rows. Those of the space come first, in the order given, and are multiplied by
// their inverse document frequency, so that a feature needs no other table.
func pack(w, idf []float32, order []int32, classes int) []brief {
	width := stride(classes)
	out := make([]brief, len(w)/classes*width)
	for r := range len(w) / classes {
		row := out[r*width:][:width]
		from, scale := r, float32(1)
		if r < len(idf) {
			from = int(order[r])
			scale = idf[from]
			row[width-1] = shorten(scale * scale)
		}
		for k, x := range w[from*classes:][:classes] {
			row[k] = shorten(x * scale)
		}
	}
	return out
}

// gather adds up the rows of the steps in acc, which is as wide as a row. Its last value means nothing.
func gather(acc []float32, weights []brief, steps []step) {
	for ; len(acc) >= lanes; acc, weights = acc[lanes:], weights[lanes:] {
		var a, b, c, d, e, f float32
		for _, s := range steps {
			w, x := (*[lanes]brief)(weights[s.at:]), s.x
			a += x * w[0].value()
			b += x * w[1].value()
			c += x * w[2].value()
			d += x * w[3].value()
			e += x * w[4].value()
			f += x * w[5].value()
		}
		acc[0], acc[1], acc[2], acc[3], acc[4], acc[5] = a, b, c, d, e, f
	}
}
