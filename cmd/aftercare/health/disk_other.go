//go:build !linux && !darwin

package health

import "math"

// diskFree knows nothing of the file system here and finds it empty.
func diskFree(string) (free, total uint64, err error) { return math.MaxUint64, math.MaxUint64, nil }
