package imap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"aftercare/mailbox"
)

// Errors of the work on a folder.
var (
	// ErrGone: the folder has another UIDVALIDITY by now, so the key names nothing.
	ErrGone = errors.New("the folder was renumbered (UIDVALIDITY changed)")
	// ErrCannotMove: the server offers neither MOVE nor UIDPLUS. Without them other people's deleted mail would be
	// expunged along with ours.
	ErrCannotMove = errors.New("the server has neither MOVE nor UIDPLUS, so a mail cannot be moved safely")
	// ErrCannotKeyword: the folder takes no new keywords.
	ErrCannotKeyword = errors.New("the folder takes no new keywords")
)

// worker holds the connection for work besides the watching. It is kept open from one use to the next.
type worker struct {
	w    *Watcher
	turn chan struct{} // holds a token while the connection is free

	// Guarded by turn.
	c        *conn
	selected string
	data     *goimap.SelectData
}

func newWorker(w *Watcher) *worker {
	k := &worker{w: w, turn: make(chan struct{}, 1)}
	k.turn <- struct{}{}
	return k
}

// use runs f with a live connection. A connection that went stale meanwhile is replaced first; an error of f that is not
// the server's plain refusal closes the connection.
func (k *worker) use(ctx context.Context, f func(c *conn) error) error {
	select {
	case <-k.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { k.turn <- struct{}{} }()
	if err := k.ready(ctx); err != nil {
		return err
	}
	err := f(k.c)
	if err != nil && !survivable(err) {
		k.drop()
	}
	return err
}

func survivable(err error) bool {
	var refused *goimap.Error
	return errors.As(err, &refused) || errors.Is(err, ErrGone) || errors.Is(err, ErrCannotMove) || errors.Is(err, ErrCannotKeyword)
}

func (k *worker) ready(ctx context.Context) error {
	if k.c != nil {
		// The NOOP also shows what has changed in the selected folder.
		if k.c.do(ctx, "NOOP", func() error { return k.c.client.Noop().Wait() }) == nil {
			return nil
		}
		k.drop()
	}
	c, err := dial(ctx, &k.w.account, &k.w.skipID)
	if err != nil {
		return err
	}
	k.c = c
	return nil
}

func (k *worker) drop() {
	k.c.kill()
	_ = k.c.client.Close()
	k.c, k.selected, k.data = nil, "", nil
}

func (k *worker) close() {
	<-k.turn
	defer func() { k.turn <- struct{}{} }()
	if k.c != nil {
		k.c.close(context.Background())
		k.c, k.selected, k.data = nil, "", nil
	}
}

// open selects a folder and checks that keys still name mails in it; a validity of 0 checks nothing.
func (k *worker) open(ctx context.Context, folder string, validity uint32) error {
	if k.selected != folder {
		k.selected, k.data = "", nil
		if err := k.c.do(ctx, "selecting "+folder, func() (err error) {
			k.data, err = k.c.client.Select(folder, nil).Wait()
			return err
		}); err != nil {
			return err
		}
		k.selected = folder
	}
	if validity != 0 && k.data.UIDValidity != validity {
		err := fmt.Errorf("%s: %w: %d, not %d", folder, ErrGone, k.data.UIDValidity, validity)
		k.selected = "" // select anew the next time
		return err
	}
	return nil
}

// Answered tells which of the mails carry \Answered now. Mails that are no longer in their folder are not in the result.
// ErrGone, when a folder was renumbered.
func (w *Watcher) Answered(ctx context.Context, keys ...mailbox.Key) (map[mailbox.Key]bool, error) {
	out := make(map[mailbox.Key]bool, len(keys))
	err := w.work.use(ctx, func(c *conn) error {
		for _, group := range byFolder(keys) {
			if err := w.work.open(ctx, group[0].Folder, group[0].UIDValidity); err != nil {
				return err
			}
			set := uidSet(uidsOf(group))
			there, err := c.search(ctx, "searching for mails", goimap.SearchCriteria{UID: []goimap.UIDSet{set}})
			if err != nil {
				return err
			}
			answered, err := c.search(ctx, "searching for answered mails", goimap.SearchCriteria{
				UID: []goimap.UIDSet{set}, Flag: []goimap.Flag{goimap.FlagAnswered},
			})
			if err != nil {
				return err
			}
			for _, k := range group {
				if there.Contains(goimap.UID(k.UID)) {
					out[k] = answered.Contains(goimap.UID(k.UID))
				}
			}
		}
		return nil
	})
	return out, err
}

// Fetch reads one mail again, for example one that was Poisoned. The caller closes the body with the function returned.
// ErrNoBody when the server does not hand it over.
func (w *Watcher) Fetch(ctx context.Context, key mailbox.Key) (raw mailbox.Raw, closeBody func(), err error) {
	var got *mail
	err = w.work.use(ctx, func(c *conn) error {
		if err := w.work.open(ctx, key.Folder, key.UIDValidity); err != nil {
			return err
		}
		return c.fetch(ctx, &w.account, []uint32{key.UID}, func(m mail) error { got = &m; return nil })
	})
	switch {
	case err != nil && got != nil:
		got.body.close()
		fallthrough
	case err != nil:
		return mailbox.Raw{}, func() {}, err
	case got == nil:
		return mailbox.Raw{}, func() {}, fmt.Errorf("UID %d of %s: %w", key.UID, key.Folder, ErrNoBody)
	}
	return got.raw(key, false, w.folder(key.Folder)), got.body.close, nil
}

// folder is what is configured about a folder.
func (w *Watcher) folder(name string) Folder {
	if i := slices.IndexFunc(w.account.Folders, func(f Folder) bool { return f.Name == name }); i >= 0 {
		return w.account.Folders[i]
	}
	return Folder{Name: name}
}

// HasMessageID tells whether a folder holds a message with this Message-ID (without angle brackets).
func (w *Watcher) HasMessageID(ctx context.Context, folder, id string) (bool, error) {
	found := false
	err := w.work.use(ctx, func(c *conn) error {
		if err := w.work.open(ctx, folder, 0); err != nil {
			return err
		}
		var err error
		found, err = c.hasMessageID(ctx, id)
		return err
	})
	return found, err
}

func (c *conn) hasMessageID(ctx context.Context, id string) (bool, error) {
	set, err := c.search(ctx, "searching for a Message-ID", goimap.SearchCriteria{
		Header: []goimap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}},
	})
	return len(set) > 0, err
}

// Append puts a message into a folder unless one with its Message-ID (without angle brackets; "" does not look) lies
// there already. It reports whether it did. An error after the body was sent leaves open whether it was stored: calling
// again is safe.
func (w *Watcher) Append(ctx context.Context, folder string, raw []byte, id string, flags ...string) (bool, error) {
	done := false
	err := w.work.use(ctx, func(c *conn) error {
		if id != "" {
			if err := w.work.open(ctx, folder, 0); err != nil {
				return err
			}
			found, err := c.hasMessageID(ctx, id)
			if err != nil || found {
				return err
			}
		}
		err := c.stream(ctx, "appending to "+folder, func(step func()) error {
			return appendRaw(c.client, folder, raw, flags, step)
		})
		done = err == nil
		return err
	})
	return done, err
}

func appendRaw(client *imapclient.Client, folder string, raw []byte, flags []string, step func()) error {
	options := &goimap.AppendOptions{}
	for _, f := range flags {
		options.Flags = append(options.Flags, goimap.Flag(f))
	}
	cmd := client.Append(folder, int64(len(raw)), options)
	for len(raw) > 0 {
		n := min(len(raw), progress)
		if _, err := cmd.Write(raw[:n]); err != nil {
			_ = cmd.Close()
			return err
		}
		raw = raw[n:]
		step()
	}
	if err := cmd.Close(); err != nil {
		return err
	}
	_, err := cmd.Wait()
	return err
}

// commandKeys is the most keys in one command: a line of more than 8 KB is refused by some servers.
const commandKeys = 500

// byFolder groups keys that can share a command, each group in the order of its UIDs.
func byFolder(keys []mailbox.Key) [][]mailbox.Key {
	type place struct {
		folder   string
		validity uint32
	}
	groups := make(map[place][]mailbox.Key)
	var order []place
	for _, k := range keys {
		p := place{k.Folder, k.UIDValidity}
		if groups[p] == nil {
			order = append(order, p)
		}
		groups[p] = append(groups[p], k)
	}
	out := make([][]mailbox.Key, 0, len(order))
	for _, p := range order {
		slices.SortFunc(groups[p], func(a, b mailbox.Key) int { return cmp.Compare(a.UID, b.UID) })
		out = slices.AppendSeq(out, slices.Chunk(groups[p], commandKeys))
	}
	return out
}

func uidsOf(keys []mailbox.Key) []uint32 {
	out := make([]uint32, len(keys))
	for i, k := range keys {
		out[i] = k.UID
	}
	return out
}
