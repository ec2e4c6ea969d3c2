//go:build linux || darwin

package health

import "syscall"

// diskFree returns the bytes free to us, and all, of the file system that a path lies on.
func diskFree(path string) (free, total uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	size := uint64(s.Bsize)
	return s.Bavail * size, s.Blocks * size, nil
}
