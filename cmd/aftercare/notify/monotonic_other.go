//go:build !linux

package notify

// monotonic has nothing to say where there is no systemd.
func monotonic() (int64, bool) { return 0, false }
