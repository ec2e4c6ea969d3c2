package mailtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Client is another person's mail program: it looks at folders and changes them. It holds no connection; each method
// makes one. Trouble fails the test.
type Client struct {
	t    testing.TB
	addr string // plain IMAP
	user string
}

// Client returns a mail program of a user of the Dovecot.
func (d *Dovecot) Client(user string) *Client { return NewClient(d.t, d.IMAP, user) }

// NewClient returns a mail program for a server that takes Secret in plain text.
func NewClient(t testing.TB, addr, user string) *Client { return &Client{t, addr, user} }

// in opens a folder ("" none) and runs f.
func (c *Client) in(folder string, f func(*imapclient.Client) error) {
	c.t.Helper()
	if err := c.try(folder, func(cl *imapclient.Client, _ *imap.SelectData) error { return f(cl) }); err != nil {
		c.t.Fatalf("mail program of %s, in %s: %v", c.user, folder, err)
	}
}

func (c *Client) try(folder string, f func(*imapclient.Client, *imap.SelectData) error) error {
	cl, err := imapclient.DialInsecure(c.addr, nil)
	if err != nil {
		return err
	}
	defer func() { _ = cl.Close() }()
	if err := cl.Login(c.user, Secret).Wait(); err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	var data *imap.SelectData
	if folder != "" {
		if data, err = cl.Select(folder, nil).Wait(); err != nil {
			return fmt.Errorf("selecting: %w", err)
		}
	}
	if err := f(cl, data); err != nil {
		return err
	}
	return cl.Logout().Wait()
}

// Append puts a message into a folder and returns its UID. A zero internal date is the present.
func (c *Client) Append(folder string, raw []byte, internal time.Time, flags ...string) uint32 {
	c.t.Helper()
	var uid uint32
	c.in("", func(cl *imapclient.Client) error {
		cmd := cl.Append(folder, int64(len(raw)), &imap.AppendOptions{Time: internal, Flags: toFlags(flags)})
		if _, err := cmd.Write(raw); err != nil {
			return err
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		data, err := cmd.Wait()
		if err == nil {
			uid = uint32(data.UID)
		}
		return err
	})
	return uid
}

// Message is a mail in a folder.
type Message struct {
	UID      uint32
	Flags    []string
	Internal time.Time
	Raw      []byte
}

// List reads a folder, in the order of its UIDs, and leaves \Seen as it is.
func (c *Client) List(folder string) []Message {
	c.t.Helper()
	var out []Message
	err := c.try(folder, func(cl *imapclient.Client, data *imap.SelectData) error {
		if data.NumMessages == 0 {
			return nil
		}
		section := &imap.FetchItemBodySection{Peek: true}
		all := imap.UIDSet{{Start: 1}}
		msgs, err := cl.Fetch(all, &imap.FetchOptions{
			UID: true, Flags: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section},
		}).Collect()
		for _, m := range msgs {
			item := Message{UID: uint32(m.UID), Internal: m.InternalDate, Raw: m.FindBodySection(section)}
			for _, f := range m.Flags {
				item.Flags = append(item.Flags, string(f))
			}
			out = append(out, item)
		}
		return err
	})
	if err != nil {
		c.t.Fatalf("mail program of %s, in %s: %v", c.user, folder, err)
	}
	return out
}

// Flag adds flags to a mail.
func (c *Client) Flag(folder string, uid uint32, flags ...string) {
	c.t.Helper()
	c.in(folder, func(cl *imapclient.Client) error {
		return cl.Store(imap.UIDSetNum(imap.UID(uid)), &imap.StoreFlags{
			Op: imap.StoreFlagsAdd, Silent: true, Flags: toFlags(flags),
		}, nil).Close()
	})
}

// Remove deletes mails for good.
func (c *Client) Remove(folder string, uids ...uint32) {
	c.t.Helper()
	c.in(folder, func(cl *imapclient.Client) error {
		var set imap.UIDSet
		for _, u := range uids {
			set.AddNum(imap.UID(u))
		}
		return errors.Join(
			cl.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(),
			cl.UIDExpunge(set).Close(),
		)
	})
}

// Move moves a mail to another folder.
func (c *Client) Move(folder string, uid uint32, to string) {
	c.t.Helper()
	c.in(folder, func(cl *imapclient.Client) error {
		_, err := cl.Move(imap.UIDSetNum(imap.UID(uid)), to).Wait()
		return err
	})
}

func toFlags(flags []string) []imap.Flag {
	out := make([]imap.Flag, len(flags))
	for i, f := range flags {
		out[i] = imap.Flag(f)
	}
	return out
}
