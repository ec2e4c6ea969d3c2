package mailtest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a client and a server and spoils their connections on command. Its methods may be called from any
// goroutine.
type Proxy struct {
	Addr string

	target string
	over   chan struct{}
	wg     sync.WaitGroup

	mu     sync.Mutex
	cond   *sync.Cond
	conns  map[net.Conn]bool
	hole   bool
	refuse bool
	delay  time.Duration
	budget int64 // bytes from the server until the cut; below zero there is none
	count  int
}

// StartProxy starts a proxy to host and port for the life of the test.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: ln.Addr().String(), target: target, over: make(chan struct{}), conns: make(map[net.Conn]bool), budget: -1}
	p.cond = sync.NewCond(&p.mu)
	p.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		close(p.over)
		_ = ln.Close()
		p.mu.Lock()
		p.hole = false
		p.mu.Unlock()
		p.Cut()
		p.wg.Wait()
	})
	return p
}

// Delay makes everything from the server late by d from now on.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	p.delay = d
	p.mu.Unlock()
}

// Blackhole swallows everything in both directions while on is set, and keeps the connections open; new ones are taken and
// hear nothing. What is written meanwhile goes on its way afterwards.
func (p *Proxy) Blackhole(on bool) {
	p.mu.Lock()
	p.hole = on
	p.mu.Unlock()
	p.cond.Broadcast()
}

// Refuse closes new connections at once while on is set.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	p.refuse = on
	p.mu.Unlock()
}

// Cut closes all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
	p.cond.Broadcast()
}

// CutAfter closes all connections once n more bytes have come from the server; then it is spent.
func (p *Proxy) CutAfter(n int64) {
	p.mu.Lock()
	p.budget = n
	p.mu.Unlock()
}

// Count is the number of connections so far.
func (p *Proxy) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

func (p *Proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	p.mu.Lock()
	p.count++
	refuse := p.refuse
	p.mu.Unlock()
	if refuse {
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.conns, client)
		delete(p.conns, server)
		p.mu.Unlock()
	}()
	var both sync.WaitGroup
	both.Go(func() { p.pump(server, client, false) })
	both.Go(func() { p.pump(client, server, true) })
	both.Wait()
}

// pump copies from one side to the other, until either is closed; then it closes both.
func (p *Proxy) pump(to, from net.Conn, fromServer bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !p.pass(to, buf[:n], fromServer) {
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) pass(to io.Writer, b []byte, fromServer bool) bool {
	p.mu.Lock()
	for p.hole {
		p.cond.Wait()
	}
	delay, cut := time.Duration(0), false
	if fromServer {
		delay = p.delay
		if p.budget >= 0 {
			if cut = int64(len(b)) >= p.budget; cut {
				b = b[:p.budget]
				p.budget = -1
			} else {
				p.budget -= int64(len(b))
			}
		}
	}
	p.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.over:
			return false
		}
	}
	_, err := to.Write(b)
	if cut {
		p.Cut()
	}
	return err == nil && !cut
}
