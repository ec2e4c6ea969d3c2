package memory

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// IMAPConfig says what an in-process IMAP server offers. The zero value is a plain-text server on a free loopback port,
// with no users.
type IMAPConfig struct {
	Addr     string            // "" is 127.0.0.1:0
	Users    map[string]string // user name -> password
	Folders  []string          // besides INBOX, for every user; nil is Sent, Junk, Processed and Failed
	TLS      *tls.Config       // offered by STARTTLS, or from the first byte when Implicit is set
	Implicit bool
	// NoMove and NoUIDPlus leave these extensions out of the capabilities.
	NoMove, NoUIDPlus bool
	// Log receives the server's own troubles; nil throws them away.
	Log *log.Logger
}

// IMAP is a running in-process IMAP server. Its methods may be called from any goroutine.
type IMAP struct {
	ln   net.Listener
	srv  *imapserver.Server
	done chan struct{}

	mu    sync.Mutex
	users map[string]*user
	conns map[*imapserver.Conn]struct{}
}

// StartIMAP starts a server. The caller closes it.
func StartIMAP(cfg IMAPConfig) (*IMAP, error) {
	addr := cfg.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for IMAP: %w", err)
	}
	s := &IMAP{
		ln:    ln,
		done:  make(chan struct{}),
		users: make(map[string]*user),
		conns: make(map[*imapserver.Conn]struct{}),
	}
	folders := cfg.Folders
	if folders == nil {
		folders = []string{"Sent", "Junk", "Processed", "Failed"}
	}
	for name, password := range cfg.Users {
		s.users[name] = newUser(password, folders)
	}
	logger := cfg.Log
	if logger == nil {
		logger = log.New(io.Discard, "", 0)
	}
	s.srv = imapserver.New(&imapserver.Options{
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			s.mu.Lock()
			s.conns[c] = struct{}{}
			s.mu.Unlock()
			return &session{srv: s, conn: c}, nil, nil
		},
		Caps:         capabilities(cfg),
		Logger:       logger,
		TLSConfig:    cfg.TLS,
		InsecureAuth: true,
	})
	listener := ln
	if cfg.Implicit {
		listener = tls.NewListener(ln, cfg.TLS)
	}
	go func() {
		defer close(s.done)
		_ = s.srv.Serve(listener) // ends when Close closes the listener
	}()
	return s, nil
}

func capabilities(cfg IMAPConfig) imap.CapSet {
	caps := imap.CapSet{
		imap.CapIMAP4rev1:    {},
		imap.CapNamespace:    {},
		imap.CapSpecialUse:   {},
		imap.CapListExtended: {},
		imap.CapListStatus:   {},
		imap.CapESearch:      {},
	}
	if !cfg.NoMove {
		caps[imap.CapMove] = struct{}{}
	}
	if !cfg.NoUIDPlus {
		caps[imap.CapUIDPlus] = struct{}{}
	}
	return caps
}

// Addr is the host and port that the server listens on.
func (s *IMAP) Addr() string { return s.ln.Addr().String() }

// Close stops the server and closes its connections.
func (s *IMAP) Close() error {
	err := s.srv.Close()
	<-s.done
	s.DropConnections()
	return err
}

// DropConnections closes every connection without a word, as a crash or a firewall does. The server goes on.
func (s *IMAP) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.NetConn().Close()
	}
}

var errNoFolder = errors.New("no such user or folder")

func (s *IMAP) folder(user, name string) (*folder, error) {
	s.mu.Lock()
	u := s.users[user]
	s.mu.Unlock()
	if u != nil {
		if f := u.get(name); f != nil {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s of %s: %w", name, user, errNoFolder)
}

// Append puts a message into a folder and returns its UID. A zero internal date is the present.
func (s *IMAP) Append(user, folder string, raw []byte, internal time.Time, flags ...string) (uint32, error) {
	f, err := s.folder(user, folder)
	if err != nil {
		return 0, err
	}
	return uint32(f.add(raw, internal, imapFlags(flags)).uid), nil
}

// Stored is a message as it lies in a folder.
type Stored struct {
	UID      uint32
	Flags    []string // sorted
	Internal time.Time
	Raw      []byte
}

// Messages lists a folder in the order of its UIDs; an unknown folder is empty.
func (s *IMAP) Messages(user, folder string) []Stored {
	f, err := s.folder(user, folder)
	if err != nil {
		return nil
	}
	return f.stored()
}

// SetFlags adds (or with on false removes) flags of a message, as another client would.
func (s *IMAP) SetFlags(user, folder string, uid uint32, on bool, flags ...string) error {
	f, err := s.folder(user, folder)
	if err != nil {
		return err
	}
	op := imap.StoreFlagsAdd
	if !on {
		op = imap.StoreFlagsDel
	}
	f.store(imap.UIDSetNum(imap.UID(uid)), nil, &imap.StoreFlags{Op: op, Flags: imapFlags(flags)})
	return nil
}

// Remove deletes a message for good, as another client's expunge would.
func (s *IMAP) Remove(user, folder string, uid uint32) error {
	f, err := s.folder(user, folder)
	if err != nil {
		return err
	}
	f.remove(func(m *message) bool { return m.uid == imap.UID(uid) })
	return nil
}

// Renumber gives a folder a new UIDVALIDITY and its messages new UIDs from 1, as a restored or rebuilt mailbox has, and
// drops the connections, because no client survives that. It returns the new UIDVALIDITY.
func (s *IMAP) Renumber(user, folder string) (uint32, error) {
	f, err := s.folder(user, folder)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	u := s.users[user]
	s.mu.Unlock()
	validity := u.replace(f)
	s.DropConnections()
	return validity, nil
}

func imapFlags(flags []string) []imap.Flag {
	out := make([]imap.Flag, len(flags))
	for i, f := range flags {
		out[i] = imap.Flag(f)
	}
	return out
}
