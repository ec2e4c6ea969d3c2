package classify

import (
	"math"
	"slices"
)

// readings is what the machine says of a text and of its parts, and what the second stage makes of it.
type readings struct {
	n     int       // parts
	whole []float32 // by class: the score of the text
	parts []float32 // [part*classes+class]
	first []float64 // by class: the probability of the whole text by the first stage
	share []float64 // probabilities of one part
	peak  []float64 // by class: the highest probability in any part that says anything
	mean  []float32 // by class: the mean probability over the parts
	input []float32 // of the second stage, made when it first judges
	lead  []float64 // by class: the probability that it leads
	flag  []float64 // by class: the probability that it is expressed at all
}

func newReadings(classes int) readings {
	return readings{
		whole: make([]float32, classes),
		parts: make([]float32, maxParts*classes),
		first: make([]float64, classes),
		share: make([]float64, classes),
		peak:  make([]float64, classes),
		mean:  make([]float32, classes),
		lead:  make([]float64, classes),
		flag:  make([]float64, classes),
	}
}

const (
	gateLevel  = -0.2 // score of the best class at which a part counts by half; a greeting has less
	gateSlope  = 8.0
	wholeShare = 0.85 // of the probability of the whole text in the mixture with its parts, without a second stage
)

// pool leaves in peak and mean what the parts say.
func (r *readings) pool(temper float64) {
	clear(r.peak)
	clear(r.mean)
	k := len(r.whole)
	for p := range r.n {
		z := r.parts[p*k:][:k]
		softmax(z, r.share, temper)
		gate := 1.0
		if r.n > 1 {
			gate = 1 / (1 + math.Exp(-gateSlope*(float64(slices.Max(z))-gateLevel)))
		}
		for c, x := range r.share {
			r.peak[c] = max(r.peak[c], x*gate)
			r.mean[c] += float32(x*gate) / float32(r.n)
		}
	}
}

// mix mixes the probabilities of the whole text with the clearest verdicts on its parts.
func (r *readings) mix(scores []float64) {
	if r.n < 2 {
		return
	}
	sum := 1e-9
	for _, p := range r.peak {
		sum += p * p
	}
	for k := range scores {
		scores[k] = wholeShare*scores[k] + (1-wholeShare)*r.peak[k]*r.peak[k]/sum
	}
}
