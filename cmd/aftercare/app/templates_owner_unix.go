//go:build unix

package app

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// ownerOf is the name of a file's owner, or its number where it has no name; "" when it is not known.
func ownerOf(st fs.FileInfo) string {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.FormatUint(uint64(sys.Uid), 10)
	u, err := user.LookupId(id)
	if err != nil {
		return "uid " + id
	}
	return u.Username
}
