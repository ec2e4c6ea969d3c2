package classify

// The weights of a model in rows of equal width: what each class gets, nothing up to a multiple of four, and last the square
// of the feature's own value. A row is read once, whole, and the sums of twelve classes stay in registers meanwhile.

// stride is the width of a row.
func stride(classes int) int { return (classes + 1 + 3) &^ 3 }

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
	clear(acc)
	for j := 0; j < len(acc); {
		if len(acc)-j >= 12 {
			gather12((*[12]float32)(acc[j:]), weights[j:], steps)
			j += 12
			continue
		}
		gather4((*[4]float32)(acc[j:]), weights[j:], steps)
		j += 4
	}
}

func gather12(acc *[12]float32, weights []float32, steps []step) {
	var a, b, c, d, e, f, g, h, i, j, k, l float32
	for _, s := range steps {
		w, x := (*[12]float32)(weights[s.at:]), s.x
		a += x * w[0]
		b += x * w[1]
		c += x * w[2]
		d += x * w[3]
		e += x * w[4]
		f += x * w[5]
		g += x * w[6]
		h += x * w[7]
		i += x * w[8]
		j += x * w[9]
		k += x * w[10]
		l += x * w[11]
	}
	*acc = [12]float32{a, b, c, d, e, f, g, h, i, j, k, l}
}

func gather4(acc *[4]float32, weights []float32, steps []step) {
	var a, b, c, d float32
	for _, s := range steps {
		w, x := (*[4]float32)(weights[s.at:]), s.x
		a += x * w[0]
		b += x * w[1]
		c += x * w[2]
		d += x * w[3]
	}
	*acc = [4]float32{a, b, c, d}
}
