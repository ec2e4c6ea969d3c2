package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"aftercare/mailbox"
)

// errSpool marks a failure to keep a body on this side; the mail is not to blame.
var errSpool = errors.New("spooling a mail")

// errRead marks a body that broke off on its way here.
var errRead = errors.New("reading a body")

// body is a fetched body, in memory or in a file.
type body struct {
	at   io.ReaderAt
	file *os.File
	name string  // of a file that still has to be removed
	room *[]byte // what at reads from, where that is used again
}

// Bodies of ordinary mail are read into rooms that are used again. A larger one would hold its memory for good.
const (
	roomStep = 4 << 10
	maxRoom  = 16 << 10
)

// spareRooms holds what no body is in any more.
var spareRooms = sync.Pool{New: func() any { return new([]byte) }}

// close gives back what the body takes. It is called once, and nothing reads the body afterwards.
func (b body) close() {
	if b.room != nil {
		spareRooms.Put(b.room)
	}
	if b.file != nil {
		_ = b.file.Close()
	}
	if b.name != "" {
		_ = os.Remove(b.name)
	}
}

// read takes size bytes from r.
func (a *Account) read(r io.Reader, size int64) (body, error) {
	if size <= a.MemoryBytes {
		return readMemory(r, size)
	}
	f, err := os.CreateTemp(a.SpoolDir, "aftercare-mail-*")
	if err != nil {
		return body{}, fmt.Errorf("%w: %w", errSpool, err)
	}
	b := body{at: f, file: f}
	// Without a name the file goes with the process, also when that is killed. Not every system allows it.
	if os.Remove(f.Name()) != nil {
		b.name = f.Name()
	}
	w := &fileWriter{f: f}
	n, err := io.Copy(w, r)
	switch {
	case w.err != nil:
		b.close()
		return body{}, fmt.Errorf("%w: %w", errSpool, w.err)
	case err != nil:
		b.close()
		return body{}, fmt.Errorf("%w: %w", errRead, err)
	case n != size:
		b.close()
		return body{}, fmt.Errorf("%w: %w", errRead, io.ErrUnexpectedEOF)
	}
	return b, nil
}

// readMemory takes a body that fits into memory.
func readMemory(r io.Reader, size int64) (b body, err error) {
	var buf []byte
	if size <= maxRoom {
		b.room = spareRooms.Get().(*[]byte)
		if int64(cap(*b.room)) < size {
			*b.room = make([]byte, (size+roomStep-1)/roomStep*roomStep)
		}
		buf = (*b.room)[:size]
	} else {
		buf = make([]byte, size)
	}
	if _, err := io.ReadFull(r, buf); err != nil {
		b.close()
		return body{}, fmt.Errorf("%w: %w", errRead, err)
	}
	b.at = bytes.NewReader(buf)
	return b, nil
}

// fileWriter remembers that it was the file that failed.
type fileWriter struct {
	f   *os.File
	err error
}

func (w *fileWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.err = err
	return n, err
}

// mail is one fetched message.
type mail struct {
	uid      uint32
	internal time.Time
	size     int64
	body     body
}

func (m *mail) raw(key mailbox.Key, answered bool, f Folder) mailbox.Raw {
	key.UID = m.uid
	return mailbox.Raw{Key: key, Internal: m.internal, Size: m.size, Body: m.body.at, Answered: answered, Junk: f.Junk, Sent: f.Sent}
}
