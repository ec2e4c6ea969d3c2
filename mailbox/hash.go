package mailbox

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ContentHash identifies the content of a message across folders, mailboxes and servers. It is SHA-256 over the From
// addresses, the Date, the Subject and the decoded text parts, white space collapsed; trace fields, boundaries and
// transfer encodings do not enter. A message without a Message-ID is told apart from a like one by arrival, to the second,
// too; a message with one has the same hash whatever arrival is.
func (m *Message) ContentHash(arrival time.Time) [32]byte {
	if m.MessageID != "" || arrival.IsZero() {
		return m.contentHash()
	}
	h := sha256.New()
	sum := m.contentHash()
	h.Write(sum[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(arrival.Unix())))
	h.Sum(sum[:0])
	return sum
}

func (m *Message) contentHash() (sum [32]byte) {
	f := folder{h: sha256.New()}
	for _, a := range m.From {
		f.text(a.Key())
		f.end()
	}
	f.end()
	if m.Date.IsZero() {
		f.text(m.Header.Get("Date"))
	} else {
		f.buf = binary.BigEndian.AppendUint64(f.buf, uint64(m.Date.Unix()))
	}
	f.end()
	f.text(m.Subject)
	f.end()
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Text != "" {
			f.text(p.Text)
			f.end()
		}
	}
	f.flush()
	f.h.Sum(sum[:0])
	return sum
}

// folder feeds text into a hash with its white space collapsed.
type folder struct {
	h     hash.Hash
	store [1024]byte
	buf   []byte
}

// end marks the end of one piece, so that pieces cannot be taken for each other.
func (f *folder) end() { f.buf = append(f.buf, 0) }

func (f *folder) text(s string) {
	if f.buf == nil {
		f.buf = f.store[:0]
	}
	s = strings.TrimSpace(s)
	for s != "" {
		i := gapAt(s)
		f.write(s[:i])
		rest := strings.TrimLeftFunc(s[i:], unicode.IsSpace)
		if rest != "" && i < len(s) {
			f.write(" ")
		}
		s = rest
	}
}

// gapAt is the index of the first white space of s that is more than one space between words, or the length of s.
func gapAt(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c > ' ' && c < utf8.RuneSelf:
		case c == ' ':
			if i+1 == len(s) || s[i+1] <= ' ' || s[i+1] >= utf8.RuneSelf && spaceRune(s[i+1:]) {
				return i
			}
		case c < ' ':
			if c >= '\t' && c <= '\r' {
				return i
			}
		case c == 0xc2 || c >= 0xe1 && c <= 0xe3: // no other lead byte begins a white space
			if spaceRune(s[i:]) {
				return i
			}
		}
	}
	return len(s)
}

func spaceRune(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

func (f *folder) write(s string) {
	for len(s) > 0 {
		if len(f.buf) == cap(f.buf) {
			f.flush()
		}
		n := copy(f.buf[len(f.buf):cap(f.buf)], s)
		f.buf = f.buf[:len(f.buf)+n]
		s = s[n:]
	}
}

func (f *folder) flush() {
	f.h.Write(f.buf)
	f.buf = f.buf[:0]
}
