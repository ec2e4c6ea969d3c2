//go:build unix

package health

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// killWhole puts a command into a process group of its own, which is killed as one when the context ends.
func killWhole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
