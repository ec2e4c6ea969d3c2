package memory

import (
	"bytes"
	"crypto/subtle"
	"io"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// session is one connection. The server calls its methods from one goroutine, Idle aside.
type session struct {
	srv  *IMAP
	conn *imapserver.Conn
	user *user
	f    *folder

	// The library does not wait for Idle before it calls Close.
	mu   sync.Mutex
	view *imapserver.SessionTracker
}

func (s *session) setView(f *folder, v *imapserver.SessionTracker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.f, s.view = f, v
}

func (s *session) idleView() *imapserver.SessionTracker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view
}

var _ imapserver.SessionMove = (*session)(nil)
var _ imapserver.SessionNamespace = (*session)(nil)

func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

func (s *session) Close() error {
	s.srv.mu.Lock()
	delete(s.srv.conns, s.conn)
	s.srv.mu.Unlock()
	return s.Unselect()
}

func (s *session) Login(name, password string) error {
	s.srv.mu.Lock()
	u := s.srv.users[name]
	s.srv.mu.Unlock()
	if u == nil || subtle.ConstantTimeCompare([]byte(u.password), []byte(password)) != 1 {
		return imapserver.ErrAuthFailed
	}
	s.user = u
	return nil
}

func (s *session) Select(name string, _ *imap.SelectOptions) (*imap.SelectData, error) {
	f := s.user.get(name)
	if f == nil {
		return nil, no(imap.ResponseCodeNonExistent, "No such mailbox")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s.setView(f, f.tracker.NewSession())
	flags := []imap.Flag{imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft}
	return &imap.SelectData{
		Flags:          flags,
		PermanentFlags: append(flags[:len(flags):len(flags)], imap.FlagWildcard),
		NumMessages:    uint32(len(f.l)),
		UIDNext:        f.next,
		UIDValidity:    f.validity,
	}, nil
}

func (s *session) Unselect() error {
	if s.view != nil {
		s.view.Close()
	}
	s.setView(nil, nil)
	return nil
}

func (s *session) Create(name string, _ *imap.CreateOptions) error {
	if !s.user.create(name) {
		return no(imap.ResponseCodeAlreadyExists, "Mailbox already exists")
	}
	return nil
}

func (s *session) Delete(name string) error {
	if !s.user.delete(name) {
		return no(imap.ResponseCodeNonExistent, "No such mailbox")
	}
	return nil
}

func (s *session) Rename(from, to string, _ *imap.RenameOptions) error {
	if !s.user.rename(from, to) {
		return no(imap.ResponseCodeCannot, "Cannot rename")
	}
	return nil
}

func (s *session) Subscribe(string) error   { return nil }
func (s *session) Unsubscribe(string) error { return nil }

func (s *session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: '/'}}}, nil
}

func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: '/'})
	}
	for _, name := range s.user.names() {
		match := false
		for _, p := range patterns {
			match = match || imapserver.MatchList(name, '/', ref, p)
		}
		use := specialUse(name)
		if !match || options.SelectSpecialUse && use == "" {
			continue
		}
		data := &imap.ListData{Mailbox: name, Delim: '/'}
		if use != "" && (options.ReturnSpecialUse || options.SelectSpecialUse) {
			data.Attrs = append(data.Attrs, use)
		}
		if options.ReturnStatus != nil {
			data.Status, _ = s.Status(name, options.ReturnStatus)
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

// specialUse is the attribute of RFC 6154 that a folder of this name carries here.
func specialUse(name string) imap.MailboxAttr {
	switch name {
	case "Sent":
		return imap.MailboxAttrSent
	case "Junk":
		return imap.MailboxAttrJunk
	case "Drafts":
		return imap.MailboxAttrDrafts
	case "Trash":
		return imap.MailboxAttrTrash
	}
	return ""
}

func (s *session) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	f := s.user.get(name)
	if f == nil {
		return nil, no(imap.ResponseCodeNonExistent, "No such mailbox")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	data := &imap.StatusData{Mailbox: name, UIDNext: f.next, UIDValidity: f.validity}
	var all, unseen, deleted uint32
	var size int64
	for _, m := range f.l {
		all++
		size += int64(len(m.raw))
		if !m.has(imap.FlagSeen) {
			unseen++
		}
		if m.has(imap.FlagDeleted) {
			deleted++
		}
	}
	if options.NumMessages {
		data.NumMessages = &all
	}
	if options.NumUnseen {
		data.NumUnseen = &unseen
	}
	if options.NumDeleted {
		data.NumDeleted = &deleted
	}
	if options.NumRecent {
		data.NumRecent = new(uint32)
	}
	if options.Size {
		data.Size = &size
	}
	return data, nil
}

func (s *session) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	f := s.user.get(name)
	if f == nil {
		return nil, no(imap.ResponseCodeTryCreate, "No such mailbox")
	}
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, r); err != nil {
		return nil, err
	}
	if int64(buf.Len()) != r.Size() {
		return nil, io.ErrUnexpectedEOF // the connection broke inside the literal: nothing is stored
	}
	m := f.add(buf.Bytes(), options.Time, options.Flags)
	return &imap.AppendData{UIDValidity: f.validity, UID: m.uid}, nil
}

func (s *session) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.view.Poll(w, allowExpunge)
}

// Idle also polls: the tracker tells only of what comes after it began to listen, and mail may have come just before.
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	view := s.idleView()
	if view == nil {
		<-stop
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- view.Idle(w, stop) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			if err := view.Poll(w, true); err != nil {
				return err
			}
		}
	}
}

func (s *session) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	s.f.remove(func(m *message) bool {
		return m.has(imap.FlagDeleted) && (uids == nil || uids.Contains(m.uid))
	})
	return nil // the poll that ends the command writes the numbers
}

func (s *session) Store(w *imapserver.FetchWriter, set imap.NumSet, change *imap.StoreFlags, _ *imap.StoreOptions) error {
	s.f.store(set, s.view, change)
	if change.Silent {
		return nil
	}
	return s.Fetch(w, set, &imap.FetchOptions{Flags: true})
}

func (s *session) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	data, _, err := s.copyTo(set, dest)
	return data, err
}

func (s *session) copyTo(set imap.NumSet, dest string) (*imap.CopyData, map[imap.UID]bool, error) {
	to := s.user.get(dest)
	if to == nil {
		return nil, nil, no(imap.ResponseCodeTryCreate, "No such mailbox")
	}
	if to == s.f {
		return nil, nil, no("", "Source and destination mailboxes are identical")
	}
	data := &imap.CopyData{UIDValidity: to.validity}
	uids := make(map[imap.UID]bool)
	for _, sel := range s.f.pick(set, s.view) {
		s.f.mu.Lock()
		flags := sel.m.flagList()
		s.f.mu.Unlock()
		added := to.add(sel.m.raw, sel.m.internal, flags)
		data.SourceUIDs.AddNum(sel.m.uid)
		data.DestUIDs.AddNum(added.uid)
		uids[sel.m.uid] = true
	}
	if len(uids) == 0 {
		return nil, uids, nil
	}
	return data, uids, nil
}

func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	data, uids, err := s.copyTo(set, dest)
	if err != nil || data == nil {
		return err // a set that names nothing is no error (RFC 6851, 3.1), and has no COPYUID
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	s.f.remove(func(m *message) bool { return uids[m.uid] })
	return nil
}
