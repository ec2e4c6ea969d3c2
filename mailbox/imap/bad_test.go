package imap_test

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/mailbox/imap"
)

// badAccount is the account of a server of a script.
func badAccount(at string) imap.Account {
	host, port, _ := net.SplitHostPort(at)
	p, _ := strconv.Atoi(port)
	return imap.Account{Host: host, Port: p, Security: imap.Plain, Username: "support", Secret: secret("secret")}
}

// bad is a scripted server in the shape that watching wants.
type bad struct {
	server
	b *mailtest.BadIMAP
}

func (b bad) account() imap.Account { return badAccount(b.b.Addr) }

func threeMails() map[uint32]string {
	return map[uint32]string{1: string(text(1)), 2: string(text(2)), 3: string(text(3))}
}

func sendFetch(s string) func(*mailtest.Talk) { return func(k *mailtest.Talk) { k.Send("%s", s) } }

// TestOneBadMail: whatever the server makes of UID 2, the mails around it are delivered, and UID 2 is on record.
func TestOneBadMail(t *testing.T) {
	tests := []struct {
		name string
		do   func(*mailtest.Talk)
		only int // the first so many times; 0 is always
		how  string
		why  error
	}{
		{"unknown item", sendFetch("* 2 FETCH (UID 2 X-NEW 1)\r\n"), 0, "poisoned", nil},
		{"unknown item once", sendFetch("* 2 FETCH (UID 2 X-NEW 1)\r\n"), 1, "delivered", nil},
		{"impossible date", sendFetch("* 2 FETCH (UID 2 INTERNALDATE \"bogus\")\r\n"), 0, "poisoned", nil},
		{"unknown response", sendFetch("* XFUTURE 2\r\n"), 0, "poisoned", nil},
		{"silently absent", func(*mailtest.Talk) {}, 0, "poisoned", imap.ErrNoBody},
		{"silently absent once", func(*mailtest.Talk) {}, 1, "delivered", nil},
		{"body is NIL", sendFetch("* 2 FETCH (UID 2 BODY[] NIL)\r\n"), 0, "poisoned", imap.ErrNoBody},
		{"body before the UID", sendFetch("* 2 FETCH (BODY[] {3}\r\nabc UID 2)\r\n"), 0, "poisoned", imap.ErrNoBody},
		{"no answer for ever", func(k *mailtest.Talk) { k.Hang() }, 0, "poisoned", imap.ErrTimeout},
		{"no answer once", func(k *mailtest.Talk) { k.Hang() }, 1, "delivered", nil},
		{"dropped in the literal", func(k *mailtest.Talk) {
			k.Send("* 2 FETCH (UID 2 BODY[] {1000}\r\nabc")
			k.Drop()
		}, 0, "poisoned", nil},
		{"dropped in the literal once", func(k *mailtest.Talk) {
			k.Send("* 2 FETCH (UID 2 BODY[] {1000}\r\nabc")
			k.Drop()
		}, 1, "delivered", nil},
		{"endless literal", func(k *mailtest.Talk) {
			k.Send("* 2 FETCH (UID 2 BODY[] {99999999999}\r\n")
			k.Flood(strings.Repeat("x", 1024))
		}, 0, "poisoned", imap.ErrTooBig},
		{"literal that stops", func(k *mailtest.Talk) {
			k.Send("* 2 FETCH (UID 2 BODY[] {2000000}\r\nabc")
			k.Hang()
		}, 0, "poisoned", imap.ErrTimeout},
		{"goodbye in the middle", func(k *mailtest.Talk) {
			k.Send("* BYE too busy\r\n")
			k.Drop()
		}, 1, "delivered", nil},
		{"garbage", sendFetch("\x00\xff\xfe)(*&\r\n"), 0, "poisoned", nil},
		{"size that is a lie", sendFetch("* 2 FETCH (UID 2 RFC822.SIZE 5 BODY[] {12}\r\nSubject: x\r\n)\r\n"), 0, "delivered", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var times atomic.Int32
			srv := mailtest.StartBadIMAP(t, threeMails(), func(b *mailtest.BadIMAP) {
				b.OnFetch = func(k *mailtest.Talk, uid uint32) bool {
					if uid != 2 || tt.only > 0 && int(times.Add(1)) > tt.only {
						return false
					}
					tt.do(k)
					return true
				}
			})
			s := newSink(t)
			watching(t, bad{b: srv}, s, func(a *imap.Account) {
				a.CommandTimeout = 300 * time.Millisecond
				a.MaxMailBytes = 10 << 20
				a.Poll = 50 * time.Millisecond
			})
			s.until("all mails", func() bool { return s.cursor("INBOX").UID == 3 })
			for _, uid := range []uint32{1, 3} {
				if got, _ := s.get(uid); got.how != "delivered" {
					t.Errorf("UID %d is %q", uid, got.how)
				}
			}
			got, _ := s.get(2)
			if got.how != tt.how || tt.why != nil && !errors.Is(got.why, tt.why) {
				t.Errorf("UID 2 is %s (%v), want %s (%v)", got.how, got.why, tt.how, tt.why)
			}
			// The way on is free.
			srv.Put(4, string(text(4)))
			s.until("the next mail", func() bool { return s.cursor("INBOX").UID == 4 })
		})
	}
}

func TestBadServer(t *testing.T) {
	refuse := func(k *mailtest.Talk, tag string) bool {
		k.Send("%s NO [SERVERBUG] out of order\r\n", tag)
		return true
	}
	var first atomic.Bool
	tests := []struct {
		name string
		set  func(*mailtest.BadIMAP)
		want map[uint32]string
	}{
		{"FETCH refused for one mail", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, tag, name, args string) bool {
				// A server that gives up at the bad mail: what is before it comes, the rest does not.
				if name != "UID FETCH" || !strings.HasPrefix(args, "2") && !strings.HasPrefix(args, "1:3") {
					return false
				}
				if strings.HasPrefix(args, "1:3") {
					b.SendMail(k, 1, 1)
				}
				return refuse(k, tag)
			}
		}, map[uint32]string{1: "delivered", 2: "poisoned", 3: "delivered"}},
		{"ID answered with NIL values", func(b *mailtest.BadIMAP) {
			b.Caps += " ID"
			b.OnCommand = func(k *mailtest.Talk, tag, name, _ string) bool {
				if name != "ID" {
					return false
				}
				k.Send("* ID (\"name\" NIL)\r\n%s OK\r\n", tag)
				return true
			}
		}, nil},
		{"IDLE refused", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, tag, name, _ string) bool { return name == "IDLE" && refuse(k, tag) }
		}, nil},
		{"no IDLE", func(b *mailtest.BadIMAP) { b.Caps = "IMAP4rev1" }, nil},
		{"VANISHED told while idling", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, _, name, _ string) bool {
				if name != "IDLE" || k.N > 3 {
					return false
				}
				k.Send("+ idling\r\n* VANISHED 3\r\n")
				k.Line()
				return true
			}
		}, nil},
		{"DONE is never answered", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, _, name, _ string) bool {
				if name != "IDLE" || k.N > 1 {
					return false
				}
				k.Send("+ idling\r\n")
				k.Hang()
				return true
			}
		}, nil},
		{"IDLE answered by nothing", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, _, name, _ string) bool {
				if name != "IDLE" || k.N > 1 {
					return false
				}
				k.Hang()
				return true
			}
		}, nil},
		{"no UIDNEXT", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, tag, name, _ string) bool {
				if name != "SELECT" {
					return false
				}
				k.Send("* 3 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n%s OK\r\n", tag)
				return true
			}
		}, nil},
		{"goodbye and hang-up on the first login", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, _, name, _ string) bool {
				if name == "LOGIN" && k.N == 1 {
					k.Send("* BYE shutting down\r\n")
					k.Drop()
				}
				return false
			}
		}, nil},
		{"silence at the first SELECT", func(b *mailtest.BadIMAP) {
			b.OnCommand = func(k *mailtest.Talk, _, name, _ string) bool {
				if name == "SELECT" && first.CompareAndSwap(false, true) {
					k.Hang()
				}
				return false
			}
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := mailtest.StartBadIMAP(t, threeMails(), tt.set)
			s := newSink(t)
			watching(t, bad{b: srv}, s, func(a *imap.Account) {
				a.CommandTimeout = 300 * time.Millisecond
				a.Poll = 50 * time.Millisecond
			})
			s.until("all mails", func() bool { return s.cursor("INBOX").UID == 3 })
			for uid := uint32(1); uid <= 3; uid++ {
				want := "delivered"
				if tt.want != nil {
					want = tt.want[uid]
				}
				if got, _ := s.get(uid); got.how != want {
					t.Errorf("UID %d is %s (%v), want %s", uid, got.how, got.why, want)
				}
			}
			srv.Put(4, string(text(4)))
			s.until("the next mail", func() bool { return s.cursor("INBOX").UID == 4 })
			if n := len(s.seen); n != 4 {
				t.Errorf("%d mails on record, want 4", n)
			}
		})
	}
}

// TestServerThatCannotBeUsed: the trouble is shown, and passes.
func TestServerThatCannotBeUsed(t *testing.T) {
	tests := []struct {
		name string
		set  func(b *mailtest.BadIMAP, well *atomic.Bool)
		want error
	}{
		{"silence at login", func(b *mailtest.BadIMAP, well *atomic.Bool) {
			b.OnCommand = func(k *mailtest.Talk, _, name, _ string) bool {
				if name == "LOGIN" && !well.Load() {
					k.Hang()
				}
				return false
			}
		}, imap.ErrTimeout},
		{"login refused", func(b *mailtest.BadIMAP, well *atomic.Bool) {
			b.OnCommand = func(k *mailtest.Talk, tag, name, _ string) bool {
				if name != "LOGIN" || well.Load() {
					return false
				}
				k.Send("%s NO [AUTHENTICATIONFAILED] wrong\r\n", tag)
				return true
			}
		}, imap.ErrLogin},
		{"no UIDVALIDITY", func(b *mailtest.BadIMAP, well *atomic.Bool) {
			b.OnCommand = func(k *mailtest.Talk, tag, name, _ string) bool {
				if name != "SELECT" || well.Load() {
					return false
				}
				k.Send("* 3 EXISTS\r\n%s OK\r\n", tag)
				return true
			}
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var well atomic.Bool
			srv := mailtest.StartBadIMAP(t, threeMails(), func(b *mailtest.BadIMAP) { tt.set(b, &well) })
			s := newSink(t)
			w := watching(t, bad{b: srv}, s, func(a *imap.Account) { a.CommandTimeout = 200 * time.Millisecond })
			s.until("trouble", func() bool {
				st := w.Status()[0]
				return !st.Connected && st.Err != nil && st.Failures >= 2
			})
			if err := w.Status()[0].Err; tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("the status says %v, want %v", err, tt.want)
			}
			well.Store(true)
			s.until("recovery", func() bool { st := w.Status()[0]; return st.Connected && st.Err == nil && s.count() == 3 })
		})
	}
}

// TestWhatIsAsked: nothing beyond what is needed, nothing that changes the mailbox.
func TestWhatIsAsked(t *testing.T) {
	srv := mailtest.StartBadIMAP(t, threeMails(), nil)
	s := newSink(t)
	watching(t, bad{b: srv}, s, func(a *imap.Account) { a.Poll = 20 * time.Millisecond })
	s.until("all mails", func() bool { return s.cursor("INBOX").UID == 3 })
	// Several searches later the last mail, which "4:*" also names, has not been fetched again.
	s.until("some searches", func() bool {
		n := 0
		for _, c := range srv.Commands() {
			if strings.HasPrefix(c, "UID SEARCH") && strings.Contains(c, "4:*") {
				n++
			}
		}
		return n >= 3
	})
	fetches := 0
	for _, c := range srv.Commands() {
		name, _, _ := strings.Cut(c, " ")
		if !slices.Contains([]string{"LOGIN", "AUTHENTICATE", "CAPABILITY", "SELECT", "UID", "IDLE", "NOOP"}, name) {
			t.Errorf("the watcher sent %q", c)
		}
		if strings.HasPrefix(c, "UID FETCH") {
			fetches++
			items := c[strings.IndexByte(c, '(')+1 : strings.LastIndexByte(c, ')')]
			got := strings.Fields(items)
			slices.Sort(got)
			if want := []string{"BODY.PEEK[]", "INTERNALDATE", "RFC822.SIZE", "UID"}; !slices.Equal(got, want) {
				t.Errorf("FETCH asks for %v, want %v", got, want)
			}
		}
		if strings.HasPrefix(c, "UID STORE") || strings.HasPrefix(c, "UID EXPUNGE") || strings.HasPrefix(c, "UID MOVE") {
			t.Errorf("the watcher sent %q", c)
		}
	}
	if fetches != 1 {
		t.Errorf("%d FETCHes, want 1", fetches)
	}
}

// TestNoPasswordInClearText: where STARTTLS is wanted, its absence ends the matter.
func TestNoPasswordInClearText(t *testing.T) {
	tests := []struct {
		name   string
		answer string
	}{
		{"not offered", "%s BAD unknown\r\n"},
		{"agreed to and not done", "%s OK go on\r\n* OK in clear text\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := mailtest.StartBadIMAP(t, nil, func(b *mailtest.BadIMAP) {
				b.OnCommand = func(k *mailtest.Talk, tag, name, _ string) bool {
					if name == "STARTTLS" {
						k.Send(tt.answer, tag)
					}
					return name == "STARTTLS"
				}
			})
			a := badAccount(srv.Addr)
			a.Name, a.Security, a.CommandTimeout = "acct", imap.StartTLS, time.Second
			w, err := imap.New(a, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Probe(t.Context()); err == nil {
				t.Error("the probe succeeded")
			}
			for _, c := range srv.Commands() {
				if strings.Contains(c, "LOGIN") || strings.Contains(c, "AUTHENTICATE") {
					t.Errorf("the client sent %q", c)
				}
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	good := func() imap.Account {
		a := badAccount("127.0.0.1:1")
		a.Name, a.Folders = "acct", []imap.Folder{{Name: "INBOX"}}
		return a
	}
	tests := []struct {
		name string
		set  func(*imap.Account)
		want string // part of the error; "" is none
	}{
		{"a good account", func(*imap.Account) {}, ""},
		{"no name", func(a *imap.Account) { a.Name = "" }, "name"},
		{"no host", func(a *imap.Account) { a.Host = "" }, "host"},
		{"no secret", func(a *imap.Account) { a.Secret = nil }, "password"},
		{"unknown security", func(a *imap.Account) { a.Security = "ssl" }, `"ssl"`},
		{"unknown auth", func(a *imap.Account) { a.Auth = "kerberos" }, `"kerberos"`},
		{"a folder twice", func(a *imap.Account) { a.Folders = append(a.Folders, imap.Folder{Name: "inbox"}) }, "twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := good()
			tt.set(&a)
			_, err := imap.New(a, nil)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("New returns %v, want %q", err, tt.want)
			}
		})
	}
}
