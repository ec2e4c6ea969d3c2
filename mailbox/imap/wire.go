package imap

import (
	"net"
	"sync/atomic"
	"time"
)

// wire is the network connection beneath a client. It counts what comes in, for the watchdog, and takes no read
// deadlines: the client library sets its own (30 s within a response, 5 minutes for a literal), which a slow line or a
// busy sink would miss. The watchdog closes the connection instead.
type wire struct {
	net.Conn
	in atomic.Int64
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.in.Add(int64(n))
	return n, err
}

func (w *wire) SetReadDeadline(time.Time) error { return nil }

func (w *wire) SetDeadline(t time.Time) error { return w.SetWriteDeadline(t) }
