package mailbox

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// checkInvariants fails when m breaks what a Message promises whatever the bytes were.
func checkInvariants(t testing.TB, name string, m *Message) {
	t.Helper()
	text := func(what, s string) {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			t.Errorf("%s: %s is not clean UTF-8: %.60q", name, what, s)
		}
	}
	line := func(what, s string) {
		text(what, s)
		if strings.ContainsAny(s, "\r\n") {
			t.Errorf("%s: %s holds a line break: %.60q", name, what, s)
		}
	}
	lim := DefaultLimits()
	for _, f := range m.Header {
		line("field name", f.Name)
		line("field value", f.Value)
		line("raw field", f.Raw)
	}
	line("subject", m.Subject)
	line("message id", m.MessageID)
	for _, id := range append(append([]string{}, m.References...), m.InReplyTo...) {
		line("reference", id)
	}
	for _, as := range [][]Address{m.From, m.To, m.Cc, m.ReplyTo, {m.Sender}} {
		for _, a := range as {
			line("name", a.Name)
			line("address", a.Addr)
			if a.Addr != "" && !strings.Contains(a.Addr, "@") {
				t.Errorf("%s: address without @: %q", name, a.Addr)
			}
		}
	}
	for _, p := range m.Parts {
		line("type", p.Type)
		line("file name", p.Name)
		text("part text", p.Text)
		line("charset", p.Charset)
		line("encoding", p.Encoding)
		for k, v := range p.Params {
			line("parameter", k+v)
		}
		if strings.ContainsAny(p.Name, `/\`) || strings.HasPrefix(p.Name, ".") {
			t.Errorf("%s: file name is not safe: %q", name, p.Name)
		}
		if p.Size < 0 || p.Depth < 0 || int64(len(p.Text)) > 4*lim.Text {
			t.Errorf("%s: part out of bounds: size %d, depth %d, %d bytes of text", name, p.Size, p.Depth, len(p.Text))
		}
	}
	for _, s := range []string{m.Body.Full, m.Body.New, m.Body.Quoted, m.Body.Signature, m.Body.Disclaimer} {
		text("body", s)
	}
	for _, d := range m.Defects {
		line("defect", d)
	}
	if len(m.Defects) > lim.Defects+1 || len(m.References) > lim.References || len(m.From) > lim.Addresses || len(m.To) > lim.Addresses {
		t.Errorf("%s: limits passed", name)
	}
	for _, in := range m.Forwarded {
		checkInvariants(t, name+" inner", in)
	}
}
