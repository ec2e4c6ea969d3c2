package mailbox

// The values of base64Table beside 0..63.
const (
	b64Pad   = 64
	b64Space = 65
	b64Bad   = 66
)

// base64Table maps a byte to its base64 value; it is computed once and never changes.
var base64Table = func() (t [256]byte) {
	for i := range t {
		t[i] = b64Bad
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['='] = b64Pad
	for _, c := range []byte(" \t\r\n\x00") {
		t[c] = b64Space
	}
	return t
}()

// base64Decoder decodes base64 (RFC 2045, 6.8) that comes in pieces. Foreign characters are passed over and counted;
// padding in the middle ends a quantum and no more.
type base64Decoder struct {
	acc  uint32
	n    int // sextets in acc
	size int64
	bad  int
}

// append decodes piece and appends to dst while it is shorter than limit; d.size goes on counting.
func (d *base64Decoder) append(dst, piece []byte, limit int) []byte {
	if d.n == 0 {
		dst, piece = d.quanta(dst, piece, limit)
	}
	acc, n := d.acc, d.n
	for _, c := range piece {
		v := base64Table[c]
		if v < b64Pad {
			acc = acc<<6 | uint32(v)
			if n++; n == 4 {
				d.size += 3
				if len(dst)+3 <= limit {
					dst = append(dst, byte(acc>>16), byte(acc>>8), byte(acc))
				}
				acc, n = 0, 0
			}
			continue
		}
		switch v {
		case b64Pad:
			d.acc, d.n = acc, n
			dst = d.finish(dst, limit)
			acc, n = 0, 0
		case b64Bad:
			d.bad++
		}
	}
	d.acc, d.n = acc, n
	return dst
}

// quanta is append for the whole quanta at the begin of piece that hold nothing else; it returns what follows them.
func (d *base64Decoder) quanta(dst, piece []byte, limit int) (out, rest []byte) {
	for len(piece) >= 4 && len(dst)+3 <= limit {
		a, b, c, e := base64Table[piece[0]], base64Table[piece[1]], base64Table[piece[2]], base64Table[piece[3]]
		if a|b|c|e >= b64Pad {
			break
		}
		v := uint32(a)<<18 | uint32(b)<<12 | uint32(c)<<6 | uint32(e)
		dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
		d.size += 3
		piece = piece[4:]
	}
	return dst, piece
}

// count is append for a part that is not kept.
func (d *base64Decoder) count(piece []byte) {
	n := d.n
	for _, c := range piece {
		v := base64Table[c]
		if v < b64Pad {
			n++
			continue
		}
		switch v {
		case b64Pad:
			d.size += quantum(n)
			n = 0
		case b64Bad:
			d.bad++
		}
	}
	d.size += int64(n/4) * 3
	d.n = n % 4
}

// quantum is the bytes that n sextets hold.
func quantum(n int) int64 { return int64(n/4)*3 + [4]int64{0, 0, 1, 2}[n%4] }

// finish ends an unpadded quantum.
func (d *base64Decoder) finish(dst []byte, limit int) []byte {
	d.size += quantum(d.n)
	if len(dst)+2 <= limit {
		switch d.n {
		case 2:
			dst = append(dst, byte(d.acc>>4))
		case 3:
			dst = append(dst, byte(d.acc>>10), byte(d.acc>>2))
		}
	}
	d.acc, d.n = 0, 0
	return dst
}
