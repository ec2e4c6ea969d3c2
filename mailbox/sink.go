package mailbox

import "bytes"

// sink takes the lines of one leaf part, undoes the transfer encoding, counts the decoded bytes and keeps up to max of
// them.
type sink struct {
	enc  string
	max  int  // bytes to keep
	wide bool // line ends are not bytes of their own (UTF-16)
	text bool // may turn out not to be base64 at all

	buf     []byte
	size    int64
	b64     base64Decoder
	seen    bool // a line with content was seen
	ended   bool // base64 padding was seen
	over    bool // more than max
	bad     int  // quoted-printable escapes that are none
	alien   int  // lines behind the end of the base64
	lastNL  int  // bytes of the last line end, which belongs to a boundary that follows
	soft    bool // the last line ended in a soft break
	carry   []byte
	scratch []byte
	uu      bool // inside begin .. end
}

// reset readies s for another part; the buffer is kept.
func (s *sink) reset(enc string, max int, text, wide bool) {
	*s = sink{enc: enc, max: max, text: text, wide: wide, buf: s.buf[:0], carry: s.carry[:0], scratch: s.scratch[:0]}
}

// feed takes the line that in stands at.
func (s *sink) feed(in *lines) {
	switch s.enc {
	case "base64":
		s.feedBase64(in)
	case "quoted-printable":
		s.feedQP(in.line, in.term)
	case "x-uuencode":
		s.feedUU(in.line)
	default:
		s.feedRaw(in)
	}
}

func (s *sink) feedRaw(in *lines) {
	if s.wide {
		s.put(in.raw())
		s.lastNL = 0
		return
	}
	s.put(in.line)
	s.newline(in.term)
}

// newline ends a line: one LF in the text, term bytes in the count.
func (s *sink) newline(term int) {
	s.lastNL = term
	if term == 0 {
		return
	}
	s.put(nl)
	s.size += int64(term - 1)
}

var nl = []byte{'\n'}

func (s *sink) put(b []byte) {
	s.size += int64(len(b))
	room := s.max - len(s.buf)
	if len(b) > room {
		s.over = true
		b = b[:max(room, 0)]
	}
	s.buf = append(s.buf, b...)
}

func (s *sink) feedBase64(in *lines) {
	b := in.line
	if len(b) == 0 {
		return
	}
	if s.max == 0 {
		s.b64.count(b)
		return
	}
	if !s.seen {
		s.seen = true
		if s.text && !startsBase64(in) {
			s.enc = "8bit"
			s.feedRaw(in)
			return
		}
	}
	b = in.line
	if s.ended && !looksBase64(b) {
		s.alien++
		return
	}
	s.buf = s.b64.append(s.buf, b, s.max)
	s.ended = s.ended || b[len(b)-1] == '='
}

// startsBase64 tells whether the line and what follows it can be base64, up to the first padding.
func startsBase64(in *lines) bool {
	if !looksBase64(in.line) {
		return false
	}
	if in.line[len(in.line)-1] == '=' {
		return true
	}
	next := in.peek(300)
	if i := bytes.IndexByte(next, '='); i >= 0 {
		next = next[:i]
	}
	if i := bytes.Index(next, []byte("\n--")); i >= 0 {
		next = next[:i]
	}
	return bytes.Count(next, []byte{' '}) < 3
}

// looksBase64 tells whether a line can be base64: no space inside, and few foreign characters in its first hundred.
func looksBase64(b []byte) bool {
	b = bytes.Trim(b, " \t")
	b = b[:min(len(b), 100)]
	bad := 0
	for _, c := range b {
		switch base64Table[c] {
		case b64Space:
			return false
		case b64Bad:
			bad++
		}
	}
	return bad == 0 || bad*10 < len(b)
}

func (s *sink) feedQP(line []byte, term int) {
	if len(s.carry) > 0 {
		line = append(s.carry, line...)
		s.carry = line[:0]
	}
	if term > 0 {
		line = bytes.TrimRight(line, " \t")
	} else if i := bytes.LastIndexByte(line, '='); i >= 0 && i+2 >= len(line) { // an escape cut by the end of the window
		s.carry = append(make([]byte, 0, 8), line[i:]...)
		line = line[:i]
	}
	s.soft = false
	if len(line) <= s.max-len(s.buf) {
		n := len(s.buf)
		s.buf = s.unescape(s.buf, line)
		s.size += int64(len(s.buf) - n)
	} else { // at the limit, or not kept
		s.scratch = s.unescape(s.scratch[:0], line)
		s.put(s.scratch)
	}
	if s.soft {
		s.lastNL = 0
		return
	}
	s.newline(term)
}

// unescape appends a line of quoted-printable, decoded; what is no escape is kept as it stands.
func (s *sink) unescape(dst, line []byte) []byte {
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return append(dst, line...)
		}
		dst = append(dst, line[:i]...)
		line = line[i:]
		switch {
		case len(line) == 1:
			s.soft = true
			return dst
		case len(line) > 2 && unhex(line[1]) >= 0 && unhex(line[2]) >= 0:
			dst = append(dst, byte(unhex(line[1])<<4|unhex(line[2])))
			line = line[3:]
		default:
			s.bad++
			dst = append(dst, '=')
			line = line[1:]
		}
	}
}

// feedUU decodes a line of uuencode.
func (s *sink) feedUU(line []byte) {
	if !s.uu {
		s.uu = bytes.HasPrefix(line, []byte("begin "))
		return
	}
	if bytes.HasPrefix(line, []byte("end")) || len(line) == 0 {
		return
	}
	n := int(line[0]-' ') & 63
	for i := 1; i < len(line) && n > 0; i += 4 {
		var q [4]byte
		for k := range q {
			if i+k < len(line) {
				q[k] = (line[i+k] - ' ') & 63
			}
		}
		out := [3]byte{q[0]<<2 | q[1]>>4, q[1]<<4 | q[2]>>2, q[2]<<6 | q[3]}
		m := min(n, 3)
		s.put(out[:m])
		n -= m
	}
}

// finish ends the part. byBoundary says that a boundary line ended it, to which the last line end belongs.
func (s *sink) finish(byBoundary bool, faults *defects) {
	if len(s.carry) > 0 {
		s.put(s.carry)
		s.carry = s.carry[:0]
	}
	if s.enc == "base64" {
		odd := s.b64.n == 1
		s.buf = s.b64.finish(s.buf, s.max)
		s.size = s.b64.size
		s.over = s.over || s.max > 0 && s.size > int64(len(s.buf))
		if odd {
			faults.add("base64: cut short")
		}
		if s.b64.bad > 0 || s.alien > 0 {
			faults.add("base64: foreign characters passed over")
		}
		return
	}
	if s.bad > 0 {
		faults.add("quoted-printable: = without two hex digits")
	}
	if byBoundary && s.lastNL > 0 {
		s.size -= int64(s.lastNL)
		if n := len(s.buf); n > 0 && s.buf[n-1] == '\n' && !s.over {
			s.buf = s.buf[:n-1]
		}
	}
}

// foldEnds turns CRLF, CR CR LF and lone CR into LF, in place.
func foldEnds(b []byte) []byte {
	i := bytes.IndexByte(b, '\r')
	if i < 0 {
		return b
	}
	out := b[:i]
	for b = b[i:]; ; b = b[i:] { // at a CR
		i = 1
		for i < len(b) && b[i] == '\r' {
			i++
		}
		if i < len(b) && b[i] == '\n' {
			i++
			out = append(out, '\n')
		} else { // each of them ends a line
			for range i {
				out = append(out, '\n')
			}
		}
		b = b[i:]
		if i = bytes.IndexByte(b, '\r'); i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
	}
}
