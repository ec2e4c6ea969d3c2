package main

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropPages gives back the pages of the program file that starting has read and serving seldom needs: templates to check,
// migrations, the parsers of the command line and of YAML. They are clean, so the kernel reads those that are used again from
// its cache. What fails costs memory only.
func dropPages() {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range cleanMappings(f, exe) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

// mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// cleanMappings reads, in the form of smaps (proc(5)), where a file is mapped just as it is on the disk: nothing of it can be
// written, and nothing was. What a loader has relocated before it took the right to write away would be lost.
func cleanMappings(smaps io.Reader, file string) (list []mapping) {
	var m mapping
	ours := false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) >= 5 && strings.Contains(f[0], "-"):
			m, ours = addresses(f[0])
			ours = ours && !strings.Contains(f[1], "w") && strings.Join(f[5:], " ") == file
		case ours && len(f) >= 2 && f[0] == "Anonymous:":
			if f[1] == "0" {
				list = append(list, m)
			}
			ours = false
		}
	}
	return list
}

func addresses(s string) (mapping, bool) {
	from, to, _ := strings.Cut(s, "-")
	a, errA := strconv.ParseUint(from, 16, strconv.IntSize)
	b, errB := strconv.ParseUint(to, 16, strconv.IntSize)
	return mapping{uintptr(a), uintptr(b)}, errA == nil && errB == nil && b > a
}
