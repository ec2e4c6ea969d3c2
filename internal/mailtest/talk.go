package mailtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Talk is one connection of a scripted server. A method that cannot go on, because the other side is gone or the test is
// over, ends the script of that connection.
type Talk struct {
	N    int // the number of the connection, from 1
	conn net.Conn
	r    *bufio.Reader
}

// StartScript starts a server that runs a script for each connection, each on a goroutine of its own, and returns its host
// and port. A script that returns closes its connection.
func StartScript(t testing.TB, script func(*Talk)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := make(map[net.Conn]bool)
	wg.Go(func() {
		for n := 1; ; n++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[conn] = true
			mu.Unlock()
			select {
			case <-over: // the cleanup may have passed this connection by
				_ = conn.Close()
			default:
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				script(&Talk{N: n, conn: conn, r: bufio.NewReader(conn)})
			})
		}
	})
	t.Cleanup(func() {
		close(over)
		_ = ln.Close()
		mu.Lock()
		for c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return ln.Addr().String()
}

// Line reads one line, without its end.
func (k *Talk) Line() string {
	s, err := k.r.ReadString('\n')
	if err != nil {
		runtime.Goexit()
	}
	return strings.TrimRight(s, "\r\n")
}

// Send writes as it is; the line ends are the caller's.
func (k *Talk) Send(format string, args ...any) {
	if _, err := fmt.Fprintf(k.conn, format, args...); err != nil {
		runtime.Goexit()
	}
}

// Take reads n bytes and throws them away.
func (k *Talk) Take(n int64) {
	if _, err := io.CopyN(io.Discard, k.r, n); err != nil {
		runtime.Goexit()
	}
}

// Hang says nothing more. It ends when the other side closes the connection, or with the test.
func (k *Talk) Hang() {
	_, _ = io.Copy(io.Discard, k.r)
	runtime.Goexit()
}

// Drop closes the connection.
func (k *Talk) Drop() {
	_ = k.conn.Close()
	runtime.Goexit()
}

// Flood writes the same text until the other side is gone.
func (k *Talk) Flood(s string) {
	for {
		k.Send("%s", s)
	}
}
