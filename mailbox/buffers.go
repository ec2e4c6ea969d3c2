package mailbox

import "sync"

// keptBuffer bounds what is kept of a buffer for the next mail: one large mail must not hold its memory for good.
const keptBuffer = 256 << 10

// buffers is the room that one mail is read in. Nothing of it goes into a Message: what stays is copied out. Most of what
// reading a small mail would allocate is this, so it is used again.
type buffers struct {
	window []byte // of lines
	leaf   []byte // the decoded bytes of one part
	pre    []byte // the text in front of the first part
	head   []byte // a header block
	spans  []span
}

// spareBuffers and spareCutters hold the room of mails that were read; what they hold never shows.
var (
	spareBuffers = sync.Pool{New: func() any { return new(buffers) }}
	spareCutters = sync.Pool{New: func() any { return new(cutter) }}
)

// release takes the buffers back from the walker that read with them.
func (b *buffers) release(w *walker) {
	b.leaf, b.pre, b.head, b.spans = w.leafOf.buf, w.pre, w.head.buf, w.head.spans
	if cap(b.window)+cap(b.leaf)+cap(b.pre)+cap(b.head)+32*cap(b.spans) <= keptBuffer {
		spareBuffers.Put(b)
	}
}

// room returns b emptied, with room for n bytes at least.
func room(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, 0, n)
	}
	return b[:0]
}
