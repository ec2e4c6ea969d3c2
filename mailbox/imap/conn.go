package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// ErrTimeout is wrapped by the error of a command whose answer did not come in time.
var ErrTimeout = errors.New("no answer in time")

// conn is a logged-in connection. One goroutine uses it at a time; kill may come from any.
type conn struct {
	client  *imapclient.Client
	wire    *wire
	timeout time.Duration
	caps    goimap.CapSet
	changed chan struct{} // holds a token after the server told of a change
	paused  atomic.Bool   // the reader waits for us, not for the server
}

// dial connects, protects, logs in and introduces itself. Whoever calls it closes the connection.
func dial(ctx context.Context, a *Account, skipID *atomic.Bool) (*conn, error) {
	netConn, err := dialWire(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", a.addr(), err)
	}
	c := &conn{wire: &wire{Conn: netConn}, timeout: a.CommandTimeout, changed: make(chan struct{}, 1)}
	if err := c.open(ctx, a, skipID); err != nil {
		c.kill()
		if c.client != nil {
			_ = c.client.Close() // waits for the goroutine that reads
		}
		return nil, err
	}
	return c, nil
}

func dialWire(ctx context.Context, a *Account) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, a.CommandTimeout)
	defer cancel()
	if a.Security == TLS {
		d := tls.Dialer{Config: a.tlsConfig()}
		return d.DialContext(ctx, "tcp", a.addr())
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", a.addr())
}

func (c *conn) open(ctx context.Context, a *Account, skipID *atomic.Bool) error {
	options := &imapclient.Options{
		TLSConfig: a.tlsConfig(),
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			// Called by the goroutine that reads: it must do no more than leave word.
			Mailbox: func(d *imapclient.UnilateralDataMailbox) {
				if d.NumMessages != nil {
					c.wake()
				}
			},
		},
	}
	if a.Security == StartTLS {
		if err := c.do(ctx, "STARTTLS", func() (err error) {
			c.client, err = imapclient.NewStartTLS(c.wire, options)
			return err
		}); err != nil {
			return err
		}
	} else {
		c.client = imapclient.New(c.wire, options)
	}
	if err := c.do(ctx, "waiting for the greeting", c.client.WaitGreeting); err != nil {
		return err
	}
	if err := c.login(ctx, a); err != nil {
		return err
	}
	if err := c.do(ctx, "asking for capabilities", func() error {
		if c.caps = c.client.Caps(); c.caps == nil {
			return errors.New("the server told none")
		}
		return nil
	}); err != nil {
		return err
	}
	if err := c.introduce(ctx, a, skipID); err != nil {
		return err
	}
	return c.enableUTF8(ctx, a)
}

// introduce sends ID, which some providers demand before SELECT. An answer that breaks the connection (NIL values do) is
// remembered, and the next connection goes without.
func (c *conn) introduce(ctx context.Context, a *Account, skip *atomic.Bool) error {
	if !c.caps.Has(goimap.CapID) || skip.Load() {
		return nil
	}
	version := a.Version
	if version == "" {
		version = "dev"
	}
	err := c.do(ctx, "ID", func() error {
		_, err := c.client.ID(&goimap.IDData{Name: "aftercare", Version: version}).Wait()
		return err
	})
	var refused *goimap.Error
	if err == nil || errors.As(err, &refused) {
		return nil
	}
	skip.Store(true)
	return err
}

// enableUTF8 makes the server expect the form in which the client library writes folder names to an IMAP4rev2 server.
func (c *conn) enableUTF8(ctx context.Context, a *Account) error {
	if !c.caps.Has(goimap.CapIMAP4rev2) || !c.caps.Has(goimap.CapEnable) && c.caps.Has(goimap.CapIMAP4rev1) {
		return nil
	}
	err := c.do(ctx, "ENABLE IMAP4rev2", func() error {
		_, err := c.client.Enable(goimap.CapIMAP4rev2).Wait()
		return err
	})
	var refused *goimap.Error
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

func (c *conn) wake() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// kill closes the network connection. Every waiting command then ends with an error.
func (c *conn) kill() { _ = c.wire.Close() }

// close says goodbye to the server where it still listens.
func (c *conn) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = c.do(ctx, "LOGOUT", func() error { return c.client.Logout().Wait() })
	c.kill()
	_ = c.client.Close() // waits for the goroutine that reads
}

// do runs one command under the watchdog: when its answer does not come in time, or ctx ends, the connection is closed,
// and that ends the command.
func (c *conn) do(ctx context.Context, what string, command func() error) error {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	stop := context.AfterFunc(limited, c.kill)
	err := command()
	if stop() {
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}
	return fmt.Errorf("%s: %w", what, c.killed(ctx))
}

func (c *conn) killed(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w (%v)", ErrTimeout, c.timeout)
}

// progress is the least that must come within the timeout while a FETCH runs.
const progress = 64 << 10

// stream runs a command whose answer may take long: it lives as long as 64 KiB or a step comes within each timeout.
// Time that is spent while paused is set does not count.
func (c *conn) stream(ctx context.Context, what string, command func(step func()) error) error {
	var steps atomic.Int64
	var killed atomic.Bool
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(c.timeout)
		defer tick.Stop()
		seenBytes, seenSteps := c.wire.in.Load(), steps.Load()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
			case <-tick.C:
				bytes, n := c.wire.in.Load(), steps.Load()
				alive := bytes-seenBytes >= progress || n != seenSteps || c.paused.Load()
				seenBytes, seenSteps = bytes, n
				if alive {
					continue
				}
			}
			killed.Store(true)
			c.kill()
			return
		}
	}()
	err := command(func() { steps.Add(1) })
	close(done)
	<-ended
	switch {
	case killed.Load():
		return fmt.Errorf("%s: %w", what, c.killed(ctx))
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
