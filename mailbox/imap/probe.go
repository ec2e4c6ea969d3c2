package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
)

// Report is what a server can do and holds, for `check`.
type Report struct {
	Capabilities []string
	Encrypted    bool
	Idle         bool // new mail is told at once
	Move         bool // a mail can be moved without touching others
	ID           bool
	Folders      []FolderReport // those to be watched, in the order of the account
	All          []string       // names of all folders, at most 1,000
	Sent, Junk   string         // the folders that the server marks as such (RFC 6154), or ""
	Does         []string       // what the daemon will therefore do, in sentences
}

// FolderReport is one watched folder.
type FolderReport struct {
	Name        string
	Err         error // why it cannot be read; nil when it can
	Messages    uint32
	UIDValidity uint32
	UIDNext     uint32
	Keywords    bool // it takes new keywords
}

// Probe logs in and looks, on a connection of its own. It changes nothing on the server. The error is that of the
// connection or login; trouble with one folder stands in its report.
func (w *Watcher) Probe(ctx context.Context) (Report, error) {
	a := &w.account
	c, err := dial(ctx, a, &w.skipID)
	if err != nil {
		return Report{}, err
	}
	defer c.close(ctx)
	r := Report{
		Encrypted: a.Security != Plain,
		Idle:      c.caps.Has(goimap.CapIdle) || c.caps.Has(goimap.CapIMAP4rev2),
		Move:      c.canMove(),
		ID:        c.caps.Has(goimap.CapID),
	}
	for name := range c.caps {
		r.Capabilities = append(r.Capabilities, string(name))
	}
	slices.Sort(r.Capabilities)
	if err := c.listFolders(ctx, &r); err != nil {
		return r, err
	}
	for _, f := range a.Folders {
		fr, err := c.examine(ctx, f.Name)
		if err != nil {
			return r, err
		}
		r.Folders = append(r.Folders, fr)
	}
	r.Does = does(a, &r)
	return r, nil
}

func (c *conn) listFolders(ctx context.Context, r *Report) error {
	var options *goimap.ListOptions
	if c.caps.Has(goimap.CapSpecialUse) && c.caps.Has(goimap.CapListExtended) || c.caps.Has(goimap.CapIMAP4rev2) {
		options = &goimap.ListOptions{ReturnSpecialUse: true}
	}
	return c.do(ctx, "listing folders", func() error {
		cmd := c.client.List("", "*", options)
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			if len(r.All) < 1000 {
				r.All = append(r.All, data.Mailbox)
			}
			if slices.Contains(data.Attrs, goimap.MailboxAttrSent) && r.Sent == "" {
				r.Sent = data.Mailbox
			}
			if slices.Contains(data.Attrs, goimap.MailboxAttrJunk) && r.Junk == "" {
				r.Junk = data.Mailbox
			}
		}
		return cmd.Close()
	})
}

// examine opens a folder for reading only. It selects, not examines: the daemon will, and EXAMINE shows no permanent
// flags.
func (c *conn) examine(ctx context.Context, name string) (FolderReport, error) {
	r := FolderReport{Name: name}
	var data *goimap.SelectData
	err := c.do(ctx, "selecting "+name, func() (err error) {
		data, err = c.client.Select(name, nil).Wait()
		return err
	})
	var refused *goimap.Error
	if errors.As(err, &refused) {
		r.Err = err
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Messages, r.UIDValidity, r.UIDNext = data.NumMessages, data.UIDValidity, uint32(data.UIDNext)
	r.Keywords = slices.Contains(data.PermanentFlags, goimap.FlagWildcard)
	return r, nil
}

func does(a *Account, r *Report) []string {
	var out []string
	if r.Idle {
		out = append(out, fmt.Sprintf("sees new mail at once (IDLE), and looks every %v besides", min(a.Poll, a.IdleRestart)))
	} else {
		out = append(out, fmt.Sprintf("looks for new mail every %v (the server has no IDLE)", a.Poll))
	}
	if r.Move {
		out = append(out, "can move a mail to another folder")
	} else {
		out = append(out, "cannot move mail: "+ErrCannotMove.Error())
	}
	if !r.Encrypted {
		out = append(out, "sends the password and all mail in clear text")
	}
	if r.Sent == "" {
		out = append(out, "finds no folder marked as Sent: name it, where replies are to be kept there")
	}
	return out
}
