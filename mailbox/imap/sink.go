package imap

import (
	"context"
	"time"

	"aftercare/mailbox"
)

// Cursor is how far a folder is on record: every mail of this UIDValidity with a UID up to UID has its disposition, or
// lies before the start mark.
type Cursor struct {
	UIDValidity uint32
	UID         uint32
}

// Opened is what SELECT told of a folder.
type Opened struct {
	Account     string
	Folder      string
	UIDValidity uint32
	UIDNext     uint32 // the next mail gets this UID or a higher one
}

// Start is where reading begins. Cursor.UIDValidity must be the folder's own; a Cursor.UID of 0 reads from the first mail
// on, and then leaves out what arrived (INTERNALDATE) before Since, unless that is zero.
type Start struct {
	Cursor Cursor
	Since  time.Time
}

// Reader is a Sink that can read a batch ahead of its Deliver, while the batch before is still being recorded. Read leaves
// what it made of a mail in its Ahead. A batch that was read may never be delivered, when the connection or the Sink fails.
type Reader interface {
	Read(ctx context.Context, batch []mailbox.Raw)
}

// Sink takes what a Watcher finds. Each method returns when its matter is on record for good; an error closes the
// connection, and the folder is read again later from what Start then says. So all of them must bear being told the same
// thing again. For one folder they are called one after the other, for several folders at the same time.
type Sink interface {
	// Start is called after every SELECT. Where the UIDVALIDITY on record is another one, the UIDs on record mean nothing
	// any more: the cursor begins at 0, and Since is the stored start mark.
	Start(ctx context.Context, o Opened) (Start, error)
	// Deliver records a batch, in the order of the UIDs, and the cursor with it, in one transaction. The bodies are
	// valid until it returns. The cursor can lie below the batch, when a mail before it is still owed.
	Deliver(ctx context.Context, batch []mailbox.Raw, c Cursor) error
	// Deleted tells of mails that a person had marked \Deleted before they were read. They are not fetched.
	Deleted(ctx context.Context, keys []mailbox.Key) error
	// Missing tells of mails that were found, asked for, and are no longer there: gone before they were read.
	Missing(ctx context.Context, keys []mailbox.Key) error
	// Poisoned tells of a mail that is there and cannot be read, and why. A person has to look at it.
	Poisoned(ctx context.Context, key mailbox.Key, why error) error
	// Advance moves the cursor of a folder, after mails that were not delivered.
	Advance(ctx context.Context, account, folder string, c Cursor) error
}
