package mailtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// BadIMAP is a small IMAP server, in plain text, that takes any login. It behaves until a hook says otherwise. Its one
// folder answers to every name.
type BadIMAP struct {
	Addr string

	// Greeting is the first line; "" is an ordinary one.
	Greeting string
	// Caps are the capabilities, for example "IMAP4rev1 IDLE".
	Caps string
	// OnCommand sees each command before it is carried out: its tag, its name ("SELECT", "UID FETCH") and the rest of its
	// line. It returns true when it has answered. It runs on many goroutines.
	OnCommand func(k *Talk, tag, name, args string) bool
	// OnFetch sees each mail before it is sent. It returns true when it has sent what it wanted of it.
	OnFetch func(k *Talk, uid uint32) bool

	mu    sync.Mutex
	mails map[uint32]string
	log   []string
}

// StartBadIMAP starts the server for the life of the test; change sets its hooks, and may be nil.
func StartBadIMAP(t testing.TB, mails map[uint32]string, change func(*BadIMAP)) *BadIMAP {
	t.Helper()
	b := &BadIMAP{Caps: "IMAP4rev1 IDLE UIDPLUS", mails: mails}
	if change != nil {
		change(b)
	}
	b.Addr = StartScript(t, b.serve)
	return b
}

// Put adds a mail; connections that idle are not told.
func (b *BadIMAP) Put(uid uint32, raw string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails[uid] = raw
}

// Commands are all the lines that clients have sent, without their tags.
func (b *BadIMAP) Commands() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.log)
}

func (b *BadIMAP) uids() []uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []uint32
	for u := range b.mails {
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}

func (b *BadIMAP) serve(k *Talk) {
	greeting := b.Greeting
	if greeting == "" {
		greeting = "* OK [CAPABILITY " + b.Caps + "] ready"
	}
	k.Send("%s\r\n", greeting)
	for {
		tag, rest, _ := strings.Cut(k.Line(), " ")
		name, args, _ := strings.Cut(rest, " ")
		name = strings.ToUpper(name)
		if name == "UID" {
			var sub string
			sub, args, _ = strings.Cut(args, " ")
			name += " " + strings.ToUpper(sub)
		}
		b.mu.Lock()
		b.log = append(b.log, rest)
		b.mu.Unlock()
		if b.OnCommand != nil && b.OnCommand(k, tag, name, args) {
			continue
		}
		b.Obey(k, tag, name, args)
	}
}

// Obey carries out a command as a good server does.
func (b *BadIMAP) Obey(k *Talk, tag, name, args string) {
	uids := b.uids()
	switch name {
	case "CAPABILITY":
		k.Send("* CAPABILITY %s\r\n", b.Caps)
	case "ID":
		k.Send("* ID (\"name\" \"bad\")\r\n")
	case "SELECT":
		next := uint32(1)
		if len(uids) > 0 {
			next = uids[len(uids)-1] + 1
		}
		k.Send("* %d EXISTS\r\n* OK [UIDVALIDITY 7] here\r\n* OK [UIDNEXT %d] here\r\n* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] here\r\n* FLAGS (\\Deleted \\Seen)\r\n", len(uids), next)
	case "UID SEARCH":
		k.Send("* SEARCH%s\r\n", b.search(uids, args))
	case "UID FETCH":
		for i, u := range uids {
			if !inSet(firstWord(args), u, uids) || b.OnFetch != nil && b.OnFetch(k, u) {
				continue
			}
			b.SendMail(k, i+1, u)
		}
	case "IDLE":
		k.Send("+ idling\r\n")
		k.Line()
	case "LOGOUT":
		k.Send("* BYE\r\n")
	}
	k.Send("%s OK done\r\n", tag)
}

// SendMail sends a mail in answer to a FETCH, as a good server does.
func (b *BadIMAP) SendMail(k *Talk, seq int, uid uint32) {
	b.mu.Lock()
	raw := b.mails[uid]
	b.mu.Unlock()
	k.Send("* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE \"10-Nov-2026 12:00:00 +0000\" BODY[] {%d}\r\n%s)\r\n", seq, uid, len(raw), len(raw), raw)
}

func (b *BadIMAP) search(uids []uint32, args string) string {
	if strings.Contains(args, "DELETED") || strings.Contains(args, "ANSWERED") {
		return ""
	}
	_, set, ok := strings.Cut(args, "UID ")
	var out strings.Builder
	for _, u := range uids {
		if !ok || inSet(firstWord(set), u, uids) {
			fmt.Fprintf(&out, " %d", u)
		}
	}
	return out.String()
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// inSet tells whether a UID is in a set like "3:*,7"; "*" is the last of all.
func inSet(set string, uid uint32, all []uint32) bool {
	number := func(s string) uint32 {
		if s == "*" {
			if len(all) == 0 {
				return 0
			}
			return all[len(all)-1]
		}
		n, _ := strconv.ParseUint(s, 10, 32)
		return uint32(n)
	}
	for _, r := range strings.Split(set, ",") {
		from, to, ok := strings.Cut(r, ":")
		if !ok {
			to = from
		}
		a, b := number(from), number(to)
		if uid >= min(a, b) && uid <= max(a, b) {
			return true
		}
	}
	return false
}
