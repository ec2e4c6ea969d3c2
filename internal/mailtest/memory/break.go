package memory

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// breakListener hands out connections that can be told to break.
type breakListener struct{ net.Listener }

func (l *breakListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &breakConn{Conn: c}, nil
}

// breakConn closes itself behind the write that follows breakAfterWrite.
type breakConn struct {
	net.Conn
	armed atomic.Bool
}

func (c *breakConn) breakAfterWrite() { c.armed.Store(true) }

func (c *breakConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.armed.Load() {
		_ = c.Close()
	}
	return n, err
}

// underlying is the connection beneath TLS.
func underlying(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c
}

// rewriteMessageID replaces the first Message-ID field of a mail, or adds one.
func rewriteMessageID(raw []byte, now time.Time) []byte {
	head, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		return raw
	}
	fresh := fmt.Sprintf("Message-ID: <rewritten.%d@relay.invalid>", now.UnixNano())
	lines := strings.Split(string(head), "\r\n")
	out := make([]string, 0, len(lines)+1)
	skip := false
	for _, line := range lines {
		folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		if folded && skip {
			continue
		}
		skip = !folded && len(line) >= 11 && strings.EqualFold(line[:11], "Message-ID:")
		if !skip {
			out = append(out, line)
		}
	}
	return []byte(strings.Join(append(out, fresh), "\r\n") + "\r\n\r\n" + string(body))
}

// Trace puts the lines on top of a mail that a final delivery writes (RFC 5321, 4.4): Return-Path and Received. A Deliver
// hook that feeds an IMAP folder uses it, so that what comes back looks delivered.
func Trace(d Delivered, by string) []byte {
	to := ""
	if len(d.To) > 0 {
		to = d.To[0]
	}
	head := fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: from localhost (localhost [127.0.0.1])\r\n\tby %s with ESMTP\r\n\tfor <%s>; %s\r\n",
		d.From, to, by, to, d.At.Format(time.RFC1123Z))
	return append([]byte(head), d.Data...)
}
