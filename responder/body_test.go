package responder

import (
	"bytes"
	"strings"
	"testing"

	"github.com/emersion/go-message/textproto"
)

// A field that is written at once must look as go-message writes it, up to and beyond the length from which that folds.
func TestHeadersAreWrittenAsGoMessageWritesThem(t *testing.T) {
	values := []string{"", " ", "1.0", "ends with a blank ", " begins with one", "tab\tinside", "=?utf-8?q?=C3=BC?=", "名字", "<a@b.example> <c@d.example>"}
	for n := 40; n < 90; n++ {
		values = append(values, strings.Repeat("x", n), strings.Repeat("word ", n/5)+"end")
	}
	values = append(values, strings.Repeat("long ", 300), strings.Repeat("x", 1200))
	for _, key := range []string{"To", "Subject", "X-Auto-Response-Suppress"} {
		for _, v := range values {
			var h textproto.Header
			h.Add("Mime-Version", "1.0")
			h.Add(key, v)
			var want bytes.Buffer
			if err := textproto.WriteHeader(&want, h); err != nil {
				t.Fatal(err)
			}
			var w bodyWriter
			if err := w.header(h); err != nil || w.b.String() != want.String() {
				t.Errorf("%s: got %q, %v\nwant %q", key, w.b.String(), err, want.String())
			}
		}
	}
}

// What would break out of its field is an error, never a field.
func TestAFieldThatEndsItsLineIsRefused(t *testing.T) {
	for _, v := range []string{"a\r\nBcc: x@y.example", "a\nb", "a\rb"} {
		var h textproto.Header
		h.Add("Subject", v)
		var w bodyWriter
		if err := w.header(h); err == nil {
			t.Errorf("%q was written: %q", v, w.b.String())
		}
	}
}
