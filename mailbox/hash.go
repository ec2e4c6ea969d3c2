package mailbox

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// ContentHash identifies the content of a message across folders, mailboxes and servers. It is SHA-256 over the From
// addresses, the Date, the Subject and the decoded text parts, white space collapsed; trace fields, boundaries and
// transfer encodings do not enter. A message without a Message-ID is told apart from a like one by arrival, to the second,
// too; a message with one has the same hash whatever arrival is. The first four bytes are that time, arrival's or the Date's,
// so that messages of one time lie together in an index: a store touches few pages of it.
func (m *Message) ContentHash(arrival time.Time) [32]byte {
	if m.MessageID != "" || arrival.IsZero() {
		return m.contentHash()
	}
	h := sha256.New()
	sum := m.contentHash()
	h.Write(sum[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(arrival.Unix())))
	h.Sum(sum[:0])
	binary.BigEndian.PutUint32(sum[:], uint32(arrival.Unix()))
	return sum
}

func (m *Message) contentHash() (sum [32]byte) {
	f := spareFolders.Get().(*folder)
	defer spareFolders.Put(f)
	f.h.Reset()
	f.n = 0
	for _, a := range m.From {
		f.text(a.Key())
		f.end()
	}
	f.end()
	if m.Date.IsZero() {
		f.text(m.Header.Get("Date"))
	} else {
		var at [8]byte
		binary.BigEndian.PutUint64(at[:], uint64(m.Date.Unix()))
		f.write(string(at[:]))
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
	if !m.Date.IsZero() {
		binary.BigEndian.PutUint32(sum[:], uint32(m.Date.Unix()))
	}
	return sum
}

// folder feeds text into a hash with its white space collapsed.
type folder struct {
	h   hash.Hash
	buf [2048]byte
	n   int // bytes of buf that wait
}

// spareFolders holds folders that are not in use; contentHash readies one.
var spareFolders = sync.Pool{New: func() any { return &folder{h: sha256.New()} }}

// end marks the end of one piece, so that pieces cannot be taken for each other.
func (f *folder) end() { f.write("\x00") }

func (f *folder) text(s string) {
	s = strings.TrimSpace(s)
	for s != "" {
		i := gapAt(s)
		f.write(s[:i])
		if i == len(s) {
			return
		}
		// Mostly the gap is one line end; the text has none at its end.
		if i++; s[i-1] != '\n' || s[i] <= ' ' || s[i] >= utf8.RuneSelf {
			i += len(s[i-1:]) - len(strings.TrimLeftFunc(s[i-1:], unicode.IsSpace)) - 1
		}
		f.write(" ")
		s = s[i:]
	}
}

// gapAt is the index of the first white space of s that is more than one space between words, or the length of s.
func gapAt(s string) int {
	for i := plainWords(s); i < len(s); i++ {
		c := s[i]
		switch {
		case c > ' ' && c < utf8.RuneSelf:
		case c >= 0xe4 && i+3 <= len(s): // Han: what follows the lead byte is of the same character
			i += 2
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

// plainWords is how many bytes at the begin of s hold nothing but ASCII words with single spaces between, looked at eight
// at a time; the last of them is no space.
func plainWords(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i, last := 0, uint64(0) // last: a space ends the eight before
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if x&highs != 0 || (x-' '*ones)&highs != 0 { // a byte beyond ASCII, or a control
			break
		}
		blank := x ^ ' '*ones
		blank = (blank - ones) & ^blank & highs // of each space the high bit, and perhaps that of an ! behind one
		if blank&(blank<<8|last<<7) != 0 {
			break
		}
		last = blank >> 63
	}
	return i - int(last)
}

func spaceRune(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

func (f *folder) write(s string) {
	for len(s) > len(f.buf)-f.n {
		k := copy(f.buf[f.n:], s)
		f.n += k
		s = s[k:]
		f.flush()
	}
	f.n += copy(f.buf[f.n:], s)
}

func (f *folder) flush() {
	f.h.Write(f.buf[:f.n])
	f.n = 0
}
