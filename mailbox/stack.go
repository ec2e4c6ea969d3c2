package mailbox

import "bytes"

// maxStack bounds how many multiparts are followed into each other; far above Limits.Depth, so that text at the bottom
// of a deep nest is still found.
const maxStack = 10000

// linearStack is the depth up to which boundaries are looked for one by one; deeper nests use the index.
const linearStack = 16

// frame is an entity whose parts are being read: a multipart, or a message inside a message (then boundary is "").
type frame struct {
	boundary string
	msg      *Message // what the children belong to
	depth    int      // of the children in msg
	part     int      // index in the parent's Parts, -1 when it is not recorded
	children int
	digest   bool     // RFC 2046, 5.1.5: the parts are messages when they do not say otherwise
	closed   bool     // its closing boundary was seen
	inner    *Message // the message that this frame reads, nil for a multipart
	from     int64    // where inner begins in the mail
	prev     int      // an outer frame with the same boundary, -1 for none
}

// frames is the stack of open entities, outermost first.
type frames struct {
	list  []frame
	index map[string]int // innermost frame of a boundary; nil while the stack is small
}

func (s *frames) push(f frame) {
	f.prev = -1
	s.list = append(s.list, f)
	if len(s.list) <= linearStack {
		return
	}
	if s.index == nil {
		s.index = make(map[string]int, 2*linearStack)
		for i := range s.list {
			s.enter(i)
		}
		return
	}
	s.enter(len(s.list) - 1)
}

func (s *frames) enter(i int) {
	f := &s.list[i]
	if f.boundary == "" {
		return
	}
	if p, ok := s.index[f.boundary]; ok {
		f.prev = p
	}
	s.index[f.boundary] = i
}

// pop takes the innermost frame off.
func (s *frames) pop() frame {
	f := s.list[len(s.list)-1]
	s.list = s.list[:len(s.list)-1]
	if s.index != nil && f.boundary != "" {
		if f.prev >= 0 {
			s.index[f.boundary] = f.prev
		} else {
			delete(s.index, f.boundary)
		}
	}
	return f
}

// rename gives the innermost frame another boundary.
func (s *frames) rename(boundary string) {
	f := s.pop()
	f.boundary = boundary
	s.push(f)
}

// match tells whether line, which begins with two hyphens, is the boundary of an open multipart, and which: the innermost
// that fits (RFC 2046, 5.1.1). White space at its end is ignored.
func (s *frames) match(line []byte) (at int, closing, ok bool) {
	t := bytes.TrimRight(line[2:], " \t\r\x00")
	if s.index != nil {
		if i, ok := s.index[string(t)]; ok {
			return i, false, true
		}
		if c, ok := bytes.CutSuffix(t, []byte("--")); ok {
			if i, ok := s.index[string(c)]; ok {
				return i, true, true
			}
		}
		return 0, false, false
	}
	for i := len(s.list) - 1; i >= 0; i-- {
		b := s.list[i].boundary
		if b == "" || len(t) < len(b) || string(t[:len(b)]) != b {
			continue
		}
		if len(t) == len(b) {
			return i, false, true
		}
		if string(t[len(b):]) == "--" {
			return i, true, true
		}
	}
	return 0, false, false
}
