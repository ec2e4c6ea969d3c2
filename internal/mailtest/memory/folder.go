package memory

import (
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// user is one login and its folders.
type user struct {
	password string

	mu       sync.Mutex
	folders  map[string]*folder
	validity uint32 // the last UIDVALIDITY given out
}

func newUser(password string, folders []string) *user {
	u := &user{password: password, folders: make(map[string]*folder)}
	for _, name := range append([]string{"INBOX"}, folders...) {
		u.create(name)
	}
	return u
}

// canonical folds the one name that is case-insensitive (RFC 9051, 5.1).
func canonical(name string) string {
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	return strings.TrimRight(name, "/")
}

func (u *user) get(name string) *folder {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.folders[canonical(name)]
}

func (u *user) names() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	names := make([]string, 0, len(u.folders))
	for name := range u.folders {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// create makes a folder, or reports false when there is one of that name.
func (u *user) create(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	name = canonical(name)
	if u.folders[name] != nil {
		return false
	}
	u.validity++
	u.folders[name] = newFolder(u.validity)
	return true
}

func (u *user) delete(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	name = canonical(name)
	if u.folders[name] == nil || name == "INBOX" {
		return false
	}
	delete(u.folders, name)
	return true
}

func (u *user) rename(from, to string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	from, to = canonical(from), canonical(to)
	if u.folders[from] == nil || u.folders[to] != nil || from == "INBOX" {
		return false
	}
	u.folders[to] = u.folders[from]
	delete(u.folders, from)
	return true
}

// replace puts a renumbered copy of f in its place.
func (u *user) replace(f *folder) uint32 {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, old := range u.folders {
		if old != f {
			continue
		}
		u.validity++
		fresh := newFolder(u.validity)
		for _, m := range old.snapshot() {
			fresh.add(m.raw, m.internal, m.flagList())
		}
		u.folders[name] = fresh
		return u.validity
	}
	return 0
}

// message is one mail; its flags are guarded by its folder's lock.
type message struct {
	uid      imap.UID
	raw      []byte
	internal time.Time
	flags    map[imap.Flag]struct{}
}

func (m *message) has(f imap.Flag) bool { _, ok := m.flags[foldFlag(f)]; return ok }

func (m *message) flagList() []imap.Flag {
	l := make([]imap.Flag, 0, len(m.flags))
	for f := range m.flags {
		l = append(l, f)
	}
	sort.Slice(l, func(i, j int) bool { return l[i] < l[j] })
	return l
}

// foldFlag gives system flags their usual spelling; keywords keep the client's.
func foldFlag(f imap.Flag) imap.Flag {
	for _, known := range []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft} {
		if strings.EqualFold(string(f), string(known)) {
			return known
		}
	}
	return f
}

// folder is one mailbox. Sequence numbers are kept for each session by its tracker.
type folder struct {
	validity uint32
	tracker  *imapserver.MailboxTracker

	mu   sync.Mutex
	l    []*message // by UID
	next imap.UID
}

func newFolder(validity uint32) *folder {
	return &folder{validity: validity, tracker: imapserver.NewMailboxTracker(0), next: 1}
}

func (f *folder) add(raw []byte, internal time.Time, flags []imap.Flag) *message {
	if internal.IsZero() {
		internal = time.Now()
	}
	m := &message{raw: raw, internal: internal, flags: make(map[imap.Flag]struct{})}
	for _, fl := range flags {
		m.flags[foldFlag(fl)] = struct{}{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m.uid = f.next
	f.next++
	f.l = append(f.l, m)
	f.tracker.QueueNumMessages(uint32(len(f.l)))
	return m
}

// snapshot copies the list; the flags in the copy are copies too.
func (f *folder) snapshot() []message {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]message, 0, len(f.l))
	for _, m := range f.l {
		c := *m
		c.flags = make(map[imap.Flag]struct{}, len(m.flags))
		for fl := range m.flags {
			c.flags[fl] = struct{}{}
		}
		out = append(out, c)
	}
	return out
}

func (f *folder) stored() []Stored {
	var out []Stored
	for _, m := range f.snapshot() {
		s := Stored{UID: uint32(m.uid), Internal: m.internal, Raw: m.raw}
		for _, fl := range m.flagList() {
			s.Flags = append(s.Flags, string(fl))
		}
		out = append(out, s)
	}
	return out
}

// remove expunges what match names.
func (f *folder) remove(match func(*message) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := make([]*message, 0, len(f.l))
	gone := 0
	for i, m := range f.l {
		if !match(m) {
			kept = append(kept, m)
			continue
		}
		// Each number is given as it stands after the expunges before it.
		f.tracker.QueueExpunge(uint32(i + 1 - gone))
		gone++
	}
	f.l = kept
}

// selected is a message of a set, and the number that the session knows it by.
type selected struct {
	seq uint32
	m   *message
}

// pick lists the messages of a set that the view knows of already. Without a view only UID sets make sense.
func (f *folder) pick(set imap.NumSet, view *imapserver.SessionTracker) []selected {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pickLocked(set, view)
}

func (f *folder) pickLocked(set imap.NumSet, view *imapserver.SessionTracker) []selected {
	f.resolve(set)
	var out []selected
	for i, m := range f.l {
		seq := uint32(i + 1)
		if view != nil {
			seq = view.EncodeSeqNum(seq)
		}
		if seq == 0 {
			continue
		}
		in := false
		switch set := set.(type) {
		case imap.SeqSet:
			in = set.Contains(seq)
		case imap.UIDSet:
			in = set.Contains(m.uid)
		}
		if in {
			out = append(out, selected{seq, m})
		}
	}
	return out
}

// resolve puts the highest number in the place of "*", which is zero in a set.
func (f *folder) resolve(set imap.NumSet) {
	swap := func(start, stop *uint32, last uint32) {
		star := *start == 0 || *stop == 0
		if *start == 0 {
			*start = last
		}
		if *stop == 0 {
			*stop = last
		}
		if star && *start > *stop {
			*start, *stop = *stop, *start
		}
	}
	switch set := set.(type) {
	case imap.SeqSet:
		for i := range set {
			swap(&set[i].Start, &set[i].Stop, uint32(len(f.l)))
		}
	case imap.UIDSet:
		var last uint32
		if n := len(f.l); n > 0 {
			last = uint32(f.l[n-1].uid)
		}
		for i := range set {
			swap((*uint32)(&set[i].Start), (*uint32)(&set[i].Stop), last)
		}
	}
}

// store changes flags and tells the other sessions. The caller's own view is left out.
func (f *folder) store(set imap.NumSet, view *imapserver.SessionTracker, change *imap.StoreFlags) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.pickLocked(set, view) {
		if change.Op == imap.StoreFlagsSet {
			s.m.flags = make(map[imap.Flag]struct{})
		}
		for _, fl := range change.Flags {
			if change.Op == imap.StoreFlagsDel {
				delete(s.m.flags, foldFlag(fl))
			} else {
				s.m.flags[foldFlag(fl)] = struct{}{}
			}
		}
		f.tracker.QueueMessageFlags(f.number(s.m), s.m.uid, s.m.flagList(), view)
	}
}

// number is the position of m in the folder itself.
func (f *folder) number(m *message) uint32 {
	i := sort.Search(len(f.l), func(i int) bool { return f.l[i].uid >= m.uid })
	return uint32(i + 1)
}
