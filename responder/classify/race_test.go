//go:build race

package classify

// Under the race detector training takes thirty times as long: fewer folds, and no figures.
const (
	raceDetector = true
	testFolds    = 2
)
