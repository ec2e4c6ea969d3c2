package store

import (
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// batch is what one transaction that records messages or queues mail keeps in memory.
type batch struct {
	t      *tx
	now    time.Time
	next   numbers
	paused bool
	crowd  bool // of messages: staff are told in lists
	listed []responder.Listed
	// savepoints tells that each message is applied behind one, so that it can be taken back alone.
	savepoints bool
	folders    map[[2]string]*folderRow

	// Automatic replies of the last hour, counted when first asked for and kept up as this batch adds its own.
	total   int
	counted bool
	domains map[string]int
}

// numbers are the next row numbers. They are real: nobody else writes meanwhile.
type numbers struct{ message, kase, outbox, visit, window int64 }

// folderRow is a row of folders with its changes, written by flush.
type folderRow struct {
	id          int64
	uidvalidity uint32
	rescan      uint32
	uid         uint32
	start       time.Time
	skipped     int64
	dirty       bool
}

func newBatch(t *tx) (*batch, error) {
	b := &batch{t: t, now: t.now, folders: map[[2]string]*folderRow{}, domains: map[string]int{}}
	n := &b.next
	_, err := t.get(`SELECT (SELECT coalesce(max(id), 0) + 1 FROM messages), (SELECT coalesce(max(id), 0) + 1 FROM cases),
		(SELECT coalesce(max(id), 0) + 1 FROM outbox), (SELECT coalesce(max(id), 0) + 1 FROM visits),
		(SELECT coalesce(max(id), 0) + 1 FROM windows), (SELECT paused_at IS NOT NULL FROM state)`,
		nil, &n.message, &n.kase, &n.outbox, &n.visit, &n.window, &b.paused)
	return b, err
}

// forget drops what was counted, after a rollback or a change of replies that are on record.
func (b *batch) forget() {
	b.counted = false
	clear(b.domains)
}

// folder returns the row of a folder, which it creates without a start mark when nobody has watched it yet.
func (b *batch) folder(k mailbox.Key) (*folderRow, error) {
	name := [2]string{k.Account, k.Folder}
	if fo, ok := b.folders[name]; ok {
		return fo, nil
	}
	fo := &folderRow{}
	var start int64
	ok, err := b.t.get("SELECT id, uidvalidity, uid, start, rescan FROM folders WHERE account = ? AND folder = ?",
		[]any{k.Account, k.Folder}, &fo.id, &fo.uidvalidity, &fo.uid, &start, &fo.rescan)
	if err != nil {
		return nil, err
	}
	fo.start = fromMS(start)
	if !ok {
		fo.uidvalidity = k.UIDValidity
		fo.id, err = b.t.insert("INSERT INTO folders (account, folder, uidvalidity) VALUES (?, ?, ?)", k.Account, k.Folder, k.UIDValidity)
		if err != nil {
			return nil, err
		}
	}
	b.folders[name] = fo
	return fo, nil
}

// pass moves the cursor forward as in says. A message of another UIDVALIDITY than the folder's current one does not move
// it: only Watch changes that.
func (fo *folderRow) pass(in *Incoming) {
	fo.dirty = true
	if in.Cursor != nil && in.Raw.UIDValidity == fo.uidvalidity {
		fo.uid = max(fo.uid, *in.Cursor)
	}
}

// before tells whether a message of a rescan arrived before the start mark. What came later than the rescan began is new,
// whatever its dates say. Dates on servers are cut to seconds, so the mark is, too.
func (fo *folderRow) before(in *Incoming) bool {
	if fo.start.IsZero() || in.Raw.UIDValidity != fo.uidvalidity || in.Raw.UID > fo.rescan {
		return false
	}
	at := in.Raw.Internal
	if in.Reading != nil && !in.Reading.Arrived.IsZero() {
		at = in.Reading.Arrived
	}
	return !at.IsZero() && at.Before(fo.start.Truncate(time.Second))
}

// flush writes the cursors.
func (b *batch) flush() error {
	for _, fo := range b.folders {
		if !fo.dirty {
			continue
		}
		err := b.t.exec("UPDATE folders SET uid = max(uid, ?), skipped = skipped + ? WHERE id = ?", fo.uid, fo.skipped, fo.id)
		if err != nil {
			return err
		}
	}
	return nil
}
