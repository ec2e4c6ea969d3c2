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
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range mappings(f, exe) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

// mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// mappings reads, in the form of proc(5), where a file is mapped and cannot be written: pages that were written to would be
// lost.
func mappings(maps io.Reader, file string) (list []mapping) {
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 6 || strings.Contains(f[1], "w") || strings.Join(f[5:], " ") != file {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		a, errA := strconv.ParseUint(from, 16, strconv.IntSize)
		b, errB := strconv.ParseUint(to, 16, strconv.IntSize)
		if errA == nil && errB == nil && b > a {
			list = append(list, mapping{uintptr(a), uintptr(b)})
		}
	}
	return list
}
