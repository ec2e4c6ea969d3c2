package mailbox

import (
	"bytes"
	"errors"
	"io"
)

// bufferBytes is the largest window that lines holds of a mail.
const bufferBytes = 64 << 10

// lines hands out the lines of a mail in one pass, through a window of at most bufferBytes. A line longer than the window
// comes in pieces: all but the last have term 0, and all but the first have start false. What line returns is valid
// until the next call.
type lines struct {
	r    io.ReaderAt
	size int64 // bytes of the mail
	off  int64 // of the first byte behind buf
	buf  []byte
	pos  int
	cr   bool  // a bare CR ends a line in this mail
	err  error // the first read error that was not the end

	line  []byte
	term  int  // bytes of the line end
	start bool // line stands at the start of a line
	last  int  // pos before the last next
	was   bool // start before the last next
	mid   bool // the next piece continues a line
	nth   int  // number of the current line, from 1
}

func newLines(r io.ReaderAt, size int64) *lines { return new(buffers).lines(r, size) }

// lines makes lines whose window is that of b. Its capacity is what it would be without b: where a long line is cut must
// not depend on the mail before.
func (b *buffers) lines(r io.ReaderAt, size int64) *lines {
	l := &lines{r: r, size: max(size, 0)}
	need := int(min(l.size+1, bufferBytes))
	b.window = room(b.window, need)
	l.buf = b.window[:0:need]
	l.fill()
	l.cr = bareCR(l.buf)
	return l
}

// bareCR tells whether lines end in a lone CR (old Macintosh) rather than in LF or CRLF.
func bareCR(b []byte) bool {
	lf := bytes.Count(b, []byte{'\n'})
	if bytes.Count(b, []byte{'\r'}) <= lf {
		return false
	}
	cr := 0
	for i := 0; i+1 < len(b); i++ {
		if b[i] == '\r' && b[i+1] != '\n' && b[i+1] != '\r' {
			cr++
		}
	}
	return cr > lf
}

// fill drops what was read and reads on until the window is full. It reports whether bytes were added.
func (l *lines) fill() bool {
	if l.pos > 0 {
		n := copy(l.buf[:cap(l.buf)], l.buf[l.pos:])
		l.buf, l.pos = l.buf[:n], 0
	}
	added := false
	for len(l.buf) < cap(l.buf) && l.off < l.size && l.err == nil {
		room := l.buf[len(l.buf):cap(l.buf)]
		if rest := l.size - l.off; int64(len(room)) > rest {
			room = room[:rest]
		}
		n, err := l.r.ReadAt(room, l.off)
		l.buf = l.buf[:len(l.buf)+n]
		l.off += int64(n)
		added = added || n > 0
		if errors.Is(err, io.EOF) || (err == nil && n == 0) {
			l.size = l.off
		} else if err != nil {
			l.err = err
		}
	}
	return added
}

// next moves to the next line or piece of a line; false at the end of the mail.
func (l *lines) next() bool {
	i := l.index()
	for i < 0 && l.off < l.size && l.err == nil && (l.pos > 0 || len(l.buf) < cap(l.buf)) {
		if !l.fill() {
			break
		}
		i = l.index()
	}
	if l.pos == len(l.buf) {
		return false
	}
	l.last, l.was = l.pos, l.mid
	l.start = !l.mid
	if l.start {
		l.nth++
	}
	rest := l.buf[l.pos:]
	if i < 0 {
		l.line, l.term, l.mid = rest, 0, true
		l.pos = len(l.buf)
		return true
	}
	l.cut(rest, i)
	return true
}

// index finds the end of the line that begins at pos, or -1.
func (l *lines) index() int {
	if l.cr {
		return bytes.IndexAny(l.buf[l.pos:], "\r\n")
	}
	return bytes.IndexByte(l.buf[l.pos:], '\n')
}

// cut takes the line whose end is at rest[i].
func (l *lines) cut(rest []byte, i int) {
	end := i + 1
	if rest[i] == '\r' && end < len(rest) && rest[end] == '\n' {
		end++
	}
	for i > 0 && rest[i-1] == '\r' {
		i--
	}
	l.line, l.term, l.mid = rest[:i], end-i, false
	l.pos += end
}

// unread steps back before the last line; once only.
func (l *lines) unread() {
	l.pos, l.mid = l.last, l.was
	if l.start {
		l.nth--
	}
}

// raw is the last line with its line end, as it stood.
func (l *lines) raw() []byte { return l.buf[l.last:l.pos] }

// offset is where the last line begins in the mail.
func (l *lines) offset() int64 { return l.off - int64(len(l.buf)-l.last) }

// here is where the next line begins in the mail.
func (l *lines) here() int64 { return l.off - int64(len(l.buf)-l.pos) }

// seek goes to the line that begins at off.
func (l *lines) seek(off int64) {
	l.buf, l.pos, l.last, l.mid, l.off = l.buf[:0], 0, 0, false, off
}

// peek returns up to n of the bytes that come next, without moving. The last line stays valid in l.line only.
func (l *lines) peek(n int) []byte {
	if len(l.buf)-l.pos < n && l.off < l.size {
		at, length := l.pos-l.last, len(l.line)
		l.pos = l.last
		l.fill()
		l.pos, l.last, l.line = at, 0, l.buf[:length]
	}
	return l.buf[l.pos:min(len(l.buf), l.pos+n)]
}
