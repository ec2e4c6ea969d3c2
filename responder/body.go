package responder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"

	"aftercare/templates"
)

// bodyWriter writes the parts of a mail one after the other into one buffer (RFC 2046). Headers are go-message's; the
// bodies are encoded straight into the buffer, since a chain of writers for each part costs more than the rest of a reply.
type bodyWriter struct {
	b     bytes.Buffer
	id    string // of the mail, which its boundaries are made of
	fresh bool   // the header of a multipart was just written
}

// keptBuffer bounds what is kept of a buffer for the next mail: one large attachment must not hold its memory for good.
const keptBuffer = 256 << 10

// spareBodies holds the buffers of mails that were written; nothing that they hold is read again.
var spareBodies = sync.Pool{New: func() any { return new(bodyWriter) }}

// writeMail writes text and HTML as alternatives, what belongs to the HTML beside it, and attachments around both. What is
// written is copied out at its exact size.
func writeMail(top message.Header, r *templates.Rendered, id string) ([]byte, error) {
	w := spareBodies.Get().(*bodyWriter)
	w.b.Reset()
	w.id, w.fresh = id, false
	w.b.Grow(sizeHint(r))
	err := w.mail(top, r)
	if w.b.Cap() > keptBuffer {
		return w.b.Bytes(), err
	}
	raw := bytes.Clone(w.b.Bytes())
	spareBodies.Put(w)
	return raw, err
}

func (w *bodyWriter) mail(top message.Header, r *templates.Rendered) error {
	if len(r.Attachments) == 0 {
		return w.alternatives(top, r, 0)
	}
	return w.branch(top, "multipart/mixed", 0, func(sep string) error {
		w.open(sep)
		if err := w.alternatives(message.Header{}, r, 1); err != nil {
			return err
		}
		return w.files(sep, r.Attachments)
	})
}

// sizeHint is about how large a mail gets, rather too much.
func sizeHint(r *templates.Rendered) int {
	n := 2048 + encodedSize(r.Text) + encodedSize(r.HTML)
	for _, fs := range [][]templates.File{r.Inline, r.Attachments} {
		for _, f := range fs {
			n += 512 + len(f.Data)/54*74
		}
	}
	return n
}

func (w *bodyWriter) alternatives(h message.Header, r *templates.Rendered, n int) error {
	return w.branch(h, "multipart/alternative", n, func(sep string) error {
		w.open(sep)
		w.leaf("text/plain", r.Text)
		w.open(sep)
		if len(r.Inline) == 0 {
			w.leaf("text/html", r.HTML)
			return nil
		}
		return w.branch(message.Header{}, "multipart/related", n+2, func(sep string) error {
			w.open(sep)
			w.leaf("text/html", r.HTML)
			return w.files(sep, r.Inline)
		})
	})
}

// branch writes a multipart entity. fill writes its parts, each behind a delimiter made of sep.
func (w *bodyWriter) branch(h message.Header, kind string, n int, fill func(sep string) error) error {
	sep := boundary(w.id, n)
	h.SetContentType(kind, map[string]string{"boundary": sep})
	if err := w.header(h.Header); err != nil {
		return err
	}
	w.fresh = true
	if err := fill(sep); err != nil {
		return err
	}
	w.b.WriteString("\r\n--" + sep + "--\r\n")
	return nil
}

// foldFrom is the length of a line from which go-message folds a field.
const foldFrom = 76

// header writes a header as textproto.WriteHeader does. A field that needs no folding goes straight into the buffer; of any
// other go-message makes the bytes, or says what is wrong with it.
func (w *bodyWriter) header(h textproto.Header) error {
	for f := h.Fields(); f.Next(); {
		k, v := f.Key(), f.Value()
		if v != "" && len(k)+len(": ")+len(v) <= foldFrom && !strings.ContainsAny(v, "\r\n") {
			w.b.WriteString(k)
			w.b.WriteString(": ")
			w.b.WriteString(v)
			w.b.WriteString("\r\n")
			continue
		}
		raw, err := f.Raw()
		if err != nil {
			return err
		}
		w.b.Write(raw)
	}
	w.b.WriteString("\r\n")
	return nil
}

// open writes the delimiter before a part.
func (w *bodyWriter) open(sep string) {
	if !w.fresh { // the first delimiter follows the header at once
		w.b.WriteString("\r\n")
	}
	w.fresh = false
	w.b.WriteString("--" + sep + "\r\n")
}

// leaf writes a part of text, whose lines end in "\n".
func (w *bodyWriter) leaf(kind, text string) {
	name, encode := encodingFor(text)
	w.b.WriteString("Content-Type: " + kind + "; charset=utf-8\r\nContent-Transfer-Encoding: " + name + "\r\n\r\n")
	w.b.Write(encode(w.b.AvailableBuffer(), text))
}

func (w *bodyWriter) files(sep string, fs []templates.File) error {
	for _, f := range fs {
		var h message.Header
		h.SetContentType(f.Type, map[string]string{"name": f.Name})
		h.Set("Content-Transfer-Encoding", "base64")
		disposition := "attachment"
		if f.CID != "" {
			disposition = "inline"
			h.Set("Content-Id", "<"+f.CID+">")
		}
		h.SetContentDisposition(disposition, map[string]string{"filename": f.Name})
		w.open(sep)
		if err := w.header(h.Header); err != nil {
			return err
		}
		w.b.Write(appendBase64(w.b.AvailableBuffer(), f.Data))
	}
	return nil
}

// boundary is derived from the mail's id, which nobody can foresee and no text can hold by chance.
func boundary(id string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", id, n))
	return "=_" + hex.EncodeToString(sum[:15])
}
