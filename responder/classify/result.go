package classify

import "slices"

// Result is what a text was found to be.
type Result struct {
	Class      string      // the leading class; the fallback when nothing is known
	Also       []string    // further intents, the strongest first
	Confidence float64     // that Class is right, 0 to 1, calibrated on held-out examples
	Certain    bool        // high enough to act upon without a person
	Candidates []Candidate // all classes that got a share, best first, at most five
	Because    []string    // the phrases and words that decided, for people
}

// Candidate is a class and its share of the probability.
type Candidate struct {
	Class string  `json:"class"`
	Score float64 `json:"score"`
}

// Has says whether the class leads or is a further intent.
func (r Result) Has(class string) bool {
	return r.Class == class || slices.Contains(r.Also, class)
}
