package imap

import (
	"context"
	"errors"
	"fmt"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Reasons for which a mail is Poisoned, besides the error that broke the connection.
var (
	ErrTooBig = errors.New("the mail is larger than the limit")
	ErrNoBody = errors.New("the server has the mail and does not hand it over")
)

// tooBig carries the UID of a mail over the limit out of a FETCH.
type tooBig struct {
	uid  uint32
	size int64
}

func (e *tooBig) Error() string {
	return fmt.Sprintf("UID %d has %d bytes: %v", e.uid, e.size, ErrTooBig)
}
func (e *tooBig) Unwrap() error { return ErrTooBig }

// bodySection is BODY.PEEK[]: all of it, and \Seen stays as it is.
func bodySection() *goimap.FetchItemBodySection { return &goimap.FetchItemBodySection{Peek: true} }

// fetch asks for mails in one FETCH and hands each over as it comes. each owns the body from then on. An error of each
// closes the connection. Mails that come without a body, or do not come, are simply not handed over.
func (c *conn) fetch(ctx context.Context, a *Account, uids []uint32, each func(mail) error) error {
	options := &goimap.FetchOptions{
		UID: true, RFC822Size: true, InternalDate: true,
		BodySection: []*goimap.FetchItemBodySection{bodySection()},
	}
	return c.stream(ctx, fmt.Sprintf("fetching %d mails", len(uids)), func(step func()) error {
		cmd := c.client.Fetch(uidSet(uids), options)
		var failed error
		for failed == nil {
			msg := cmd.Next()
			if msg == nil {
				break
			}
			m, ok, err := a.readMail(msg)
			if err == nil && ok {
				c.paused.Store(true)
				err = each(m)
				c.paused.Store(false)
				step()
			}
			failed = err
		}
		if failed != nil {
			c.kill() // what is still to come is not wanted
		}
		if errors.Is(failed, errRead) {
			// The library's reader goes on as soon as a body has failed; to touch the body before it has ended is a race.
			<-c.client.Closed()
		}
		if err := cmd.Close(); failed == nil {
			failed = err
		}
		return failed
	})
}

// readMail takes one response apart. ok is false for a response that carries no body.
func (a *Account) readMail(msg *imapclient.FetchMessageData) (m mail, ok bool, err error) {
	for {
		switch item := msg.Next().(type) {
		case nil:
			return m, ok && m.uid != 0, nil
		case imapclient.FetchItemDataUID:
			m.uid = uint32(item.UID)
		case imapclient.FetchItemDataInternalDate:
			m.internal = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || ok {
				continue
			}
			m.size = item.Literal.Size()
			if m.size > a.MaxMailBytes {
				return m, false, &tooBig{m.uid, m.size}
			}
			if m.body, err = a.read(item.Literal, m.size); err != nil {
				return m, false, err
			}
			ok = true
		}
	}
}

// dates fetches INTERNALDATE alone.
func (c *conn) dates(ctx context.Context, uids []uint32) (map[uint32]time.Time, error) {
	out := make(map[uint32]time.Time, len(uids))
	err := c.stream(ctx, fmt.Sprintf("fetching %d dates", len(uids)), func(step func()) error {
		cmd := c.client.Fetch(uidSet(uids), &goimap.FetchOptions{UID: true, InternalDate: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			step()
			var uid uint32
			var at time.Time
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					uid = uint32(item.UID)
				case imapclient.FetchItemDataInternalDate:
					at = item.Time
				}
			}
			out[uid] = at
		}
		return cmd.Close()
	})
	return out, err
}

func uidSet(uids []uint32) goimap.UIDSet {
	var set goimap.UIDSet
	for _, u := range uids {
		// Ascending UIDs make ranges without a search for their place.
		if n := len(set); n > 0 && uint32(set[n-1].Stop)+1 == u {
			set[n-1].Stop = goimap.UID(u)
			continue
		}
		set = append(set, goimap.UIDRange{Start: goimap.UID(u), Stop: goimap.UID(u)})
	}
	return set
}
