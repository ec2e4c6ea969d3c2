package imap

import "sync"

// ledger knows which mails of a round are settled, and so how far the cursor may go: up to the last mail before the first
// that is still owed.
type ledger struct {
	mu       sync.Mutex
	validity uint32
	last     uint32 // the cursor
	uids     []uint32
	next     int // the first owed, in uids
	settled  map[uint32]bool
}

func newLedger(c Cursor, uids []uint32) *ledger {
	return &ledger{validity: c.UIDValidity, last: c.UID, uids: uids, settled: make(map[uint32]bool)}
}

// settle marks mails and returns the cursor that this allows.
func (l *ledger) settle(uids ...uint32) Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range uids {
		l.settled[u] = true
	}
	for l.next < len(l.uids) && l.settled[l.uids[l.next]] {
		l.last = l.uids[l.next]
		delete(l.settled, l.last)
		l.next++
	}
	return Cursor{l.validity, l.last}
}

// after is the cursor that there would be if these mails were settled as well.
func (l *ledger) after(uids []uint32) Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	also := make(map[uint32]bool, len(uids))
	for _, u := range uids {
		also[u] = true
	}
	last := l.last
	for _, u := range l.uids[l.next:] {
		if !l.settled[u] && !also[u] {
			break
		}
		last = u
	}
	return Cursor{l.validity, last}
}

// owed lists what is not settled.
func (l *ledger) owed() []uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []uint32
	for _, u := range l.uids[l.next:] {
		if !l.settled[u] {
			out = append(out, u)
		}
	}
	return out
}
