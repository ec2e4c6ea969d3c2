package store

import (
	"errors"
	"fmt"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// What the connections of a store may keep of the file, in KiB. Two readers stay open (Open).
const (
	writerCache = 2000
	readerCache = 500
	keptReaders = 2
)

const (
	pageExtra = 320 // bytes that SQLite keeps beside each page: SQLITE_CONFIG_PCACHE_HDRSZ says 272
	sparePage = 32  // pages: below ten free ones SQLite takes for want of memory
)

// ReservePages gives SQLite one room for the pages that all connections of a store keep, of the size that they have. Without
// it each page takes the next power of two, almost twice as much. It holds for the whole process, and works only before its
// first database is opened; an error costs nothing but the memory.
func ReservePages() error {
	const (
		slot  = pageSize + pageExtra
		slots = (writerCache+keptReaders*readerCache)<<10/pageSize + sparePage
	)
	tls := libc.NewTLS()
	defer tls.Close()
	room := libc.Xmalloc(tls, slot*slots) // SQLite keeps it for the life of the process
	if room == 0 {
		return errors.New("reserving room for the pages of the database: out of memory")
	}
	args := libc.NewVaList(room, int32(slot), int32(slots))
	defer libc.Xfree(tls, args)
	if code := lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_PAGECACHE, args); code != lib.SQLITE_OK {
		libc.Xfree(tls, room)
		return fmt.Errorf("reserving room for the pages of the database: SQLite says %d", code)
	}
	return nil
}
