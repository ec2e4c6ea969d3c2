package outbox

import (
	"strings"
	"testing"

	"aftercare/internal/mailtest"
)

func TestPath(t *testing.T) {
	long := strings.Repeat("a", 64)
	tests := []struct {
		name, in, want string // want "" is refused
	}{
		{"plain", "anna@customer.example", "anna@customer.example"},
		{"plus and signs", "anna+x=y_z'@customer.example", "anna+x=y_z'@customer.example"},
		{"dots of a carrier", "a..b.@docomo.example", "a..b.@docomo.example"},
		{"quoted", `"anna b"@customer.example`, `"anna b"@customer.example`},
		{"quoted at sign and bracket", `"a@b> x"@customer.example`, `"a@b> x"@customer.example`},
		{"quoted quote", `"a\"b"@customer.example`, `"a\"b"@customer.example`},
		{"address literal", "anna@[192.0.2.1]", "anna@[192.0.2.1]"},
		{"IPv6 literal", "anna@[IPv6:2001:db8::1]", "anna@[IPv6:2001:db8::1]"},
		{"Chinese domain", "anna@例子.公司", "anna@xn--fsqu00a.xn--55qx5d"},
		{"one label", "anna@localhost", "anna@localhost"},
		{"underscore", "anna@my_host.example", "anna@my_host.example"},

		{"empty", "", ""},
		{"no at sign", "anna", ""},
		{"no local part", "@customer.example", ""},
		{"no domain", "anna@", ""},
		{"parameter", "a@b> SIZE=1", ""},
		{"second command", "a@b>\r\nRCPT TO:<x@y.example", ""},
		{"second command in the local part", "a\r\nRCPT TO:<x@y.example", ""},
		{"line feed", "a\n@b.example", ""},
		{"null", "a\x00@b.example", ""},
		{"bracket in the local part", "a>b@c.example", ""},
		{"space", "a b@c.example", ""},
		{"route", "@relay.example:a@b.example", ""},
		{"quote that ends early", `"a" SIZE=1"@b.example`, ""},
		{"quote with a line", "\"a\r\nDATA\"@b.example", ""},
		{"quoted-pair of a line end", "\"a\\\r\"@b.example", ""},
		{"quote that is not closed", `"a\"@b.example`, ""},
		{"literal with more", "a@[1.2.3.4]> SIZE=1", ""},
		{"literal with a bracket", "a@[1.2.3.4>]", ""},
		{"letters outside ASCII", "änna@customer.example", ""},
		{"broken UTF-8", "a@\xff\xfe.example", ""},
		{"empty label", "a@b..example", ""},
		{"local part of 65 bytes", long + "a@b.example", ""},
		{"long label", "a@" + long + ".example", ""},
		{"too long in all", "a@" + strings.Repeat("abcdefg.", 40) + "example", ""},
		{"full width at sign in the domain", "a@b＠c.example", ""},
		{"full width stop and bracket", "a@b＞ SIZE=1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := path(tt.in)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"a@b.example", `"a b"@c.example`, "a@b>\r\nRCPT TO:<x", "a@例子.公司", "a@[1.2.3.4]", `"\\"@x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := path(s)
		if err != nil {
			return
		}
		if len(got) > 254 || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q became %q", s, got)
		}
		if strings.ContainsAny(got, " <>") && got[0] != '"' {
			t.Errorf("%q became %q", s, got)
		}
	})
}

// TestHostile is that what cannot stand in SMTP fails, is told, and never comes near a connection.
func TestHostile(t *testing.T) {
	tests := []struct {
		name string
		job  Job
	}{
		{"recipient with a command", Job{To: "a@b>\r\nRCPT TO:<x@y.example"}},
		{"recipient with a parameter", Job{To: "a@b> SIZE=1"}},
		{"recipient outside ASCII", Job{To: "änna@customer.example"}},
		{"sender with a command", Job{EnvelopeFrom: "a@b>\r\nRCPT TO:<x@y.example"}},
		{"bare carriage return", Job{Raw: []byte("Subject: x\r\n\r\nhi\r.\r\nMAIL FROM:<x@y.example>\r\n")}},
		{"carriage return at the end", Job{Raw: []byte("Subject: x\r\n\r\nhi\r")}},
		{"empty mail", Job{Raw: []byte{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := mailtest.StartBadSMTP(t, nil)
			q := newQueue(t)
			tt.job.ID = 1
			q.add(tt.job, Job{ID: 2})
			r := start(t, q, nil, at(bad.Addr))
			got := q.outcome(1, OutcomeFailed)
			if got.Detail == "" || strings.ContainsAny(got.Detail, "\r\n") {
				t.Errorf("detail %q", got.Detail)
			}
			q.outcome(2, OutcomeSent)
			r.stop()
			if n := commands(bad, "RCPT"); n != 1 {
				t.Errorf("%d RCPT: %q", n, bad.Commands())
			}
		})
	}
	t.Run("empty recipient", func(t *testing.T) {
		if _, err := checked(Job{Raw: []byte("x")}); err == nil {
			t.Error("taken")
		}
	})
}

// TestBody is that lines which could end the mail arrive as text.
func TestBody(t *testing.T) {
	bad := mailtest.StartBadSMTP(t, nil)
	q := newQueue(t)
	q.add(Job{ID: 1, Raw: []byte("Subject: x\r\n\r\nlone\n.\nMAIL FROM:<x@y.example>\r\n.\r\n..\r\nend")})
	r := start(t, q, nil, at(bad.Addr))
	q.outcome(1, OutcomeSent)
	r.stop()
	want := "Subject: x\r\n\r\nlone\r\n.\r\nMAIL FROM:<x@y.example>\r\n.\r\n..\r\nend\r\n"
	if got := bad.Mails(); len(got) != 1 || got[0] != want {
		t.Errorf("%q", got)
	}
}
