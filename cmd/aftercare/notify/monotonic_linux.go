package notify

import "golang.org/x/sys/unix"

// monotonic returns CLOCK_MONOTONIC in microseconds.
func monotonic() (int64, bool) {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0, false
	}
	return ts.Nano() / 1000, true
}
