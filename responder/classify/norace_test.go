//go:build !race

package classify

const (
	raceDetector = false
	testFolds    = 0 // the default
)
