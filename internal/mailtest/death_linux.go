package mailtest

import "syscall"

// attributes puts a server into a process group of its own, and ends it when the test binary dies without a cleanup.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
