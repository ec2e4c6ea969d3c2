package classify

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

// pack lays weights [row*classes+class] out in rows. Those of the space come first and are multiplied by their inverse
// document frequency, so that a feature needs no other table.
func pack(w, idf []float32, classes int) []float32 {
	width := stride(classes)
	out := make([]float32, len(w)/classes*width)
	for r := range len(w) / classes {
		row := out[r*width:][:width]
		scale := float32(1)
		if r < len(idf) {
			scale = idf[r]
			row[width-1] = scale * scale
		}
		for k, x := range w[r*classes:][:classes] {
			row[k] = x * scale
		}
	}
	return out
}

// gather adds up the rows of the steps in acc, which is as wide as a row. Its last value means nothing.
func gather(acc, weights []float32, steps []step) {
	for ; len(acc) >= lanes; acc, weights = acc[lanes:], weights[lanes:] {
		var a, b, c, d, e, f float32
		for _, s := range steps {
			w, x := (*[lanes]float32)(weights[s.at:]), s.x
			a += x * w[0]
			b += x * w[1]
			c += x * w[2]
			d += x * w[3]
			e += x * w[4]
			f += x * w[5]
		}
		acc[0], acc[1], acc[2], acc[3], acc[4], acc[5] = a, b, c, d, e, f
	}
}
