package mailbox

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func parse(raw string) Message { return Parse(strings.NewReader(raw), int64(len(raw)), Limits{}) }

// crlf writes lines as a mail has them.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestParseWhole(t *testing.T) {
	m := parse(crlf(`Return-Path: <>
Received: from a.example by mx.example.com; Tue, 3 Feb 2026 10:00:05 +0800
From: =?gb2312?B?zfXD9w==?= <Wang@Customer.example>
Reply-To: Service <desk@customer.example>
Sender: robot@customer.example
To: support@example.com, Sales <sales@example.com>
Cc: boss@customer.example
Subject: Pump
 P-200	=?utf-8?B?5YGc5py6?=
Date: Tue, 3 Feb 2026 10:00:00 +0800
Message-ID: <m1@customer.example>
In-Reply-To: <r1@example.com>
References: <r0@example.com> <r1@example.com>
Content-Type: text/plain; charset=utf-8

It stopped.
`))
	if m.From[0] != (Address{"王明", "Wang@Customer.example"}) || m.ReplyTo[0].Addr != "desk@customer.example" || m.Sender.Addr != "robot@customer.example" ||
		len(m.To) != 2 || len(m.Cc) != 1 || m.Subject != "Pump P-200 停机" || m.MessageID != "m1@customer.example" || !m.NullSender || m.ReturnPath != "" {
		t.Errorf("header read as %+v", m)
	}
	if !m.Date.Equal(time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC)) || !slices.Equal(m.References, []string{"r0@example.com", "r1@example.com"}) || !slices.Equal(m.InReplyTo, []string{"r1@example.com"}) {
		t.Errorf("date %v, references %q, in reply to %q", m.Date, m.References, m.InReplyTo)
	}
	if len(m.Received) != 1 || m.Received[0].By != "mx.example.com" || strings.TrimSpace(m.Body.Full) != "It stopped." || len(m.Defects) != 0 {
		t.Errorf("received %+v, body %q, defects %q", m.Received, m.Body.Full, m.Defects)
	}
}

// Whatever is wrong with a mail, its text, its subject and its sender are read, and the fault has a name.
func TestDamage(t *testing.T) {
	const head = "From: a@b.example\nSubject: pump\n"
	gbk := string(encode(t, simplifiedchinese.GBK, "设备故障"))
	tests := []struct {
		name, raw string
		subject   string
		text      string
		defect    string // the beginning of one, "" for none at all
	}{
		{"line without colon", "From: a@b.example\nthis line is broken\nSubject: pump\n\nhello\n", "pump", "hello", "header: line 2 has no colon"},
		{"no blank line", head + "hello there\nmore\n", "pump", "hello there\nmore", "header: ends at line 3"},
		{"mbox line", "From a@b.example Tue Feb  3 10:00:00 2026\n" + head + "\nhello\n", "pump", "hello", "header: mbox"},
		{"quoted mbox line", ">From a@b.example Tue Feb  3 10:00:00 2026\n" + head + "\nhello\n", "pump", "hello", "header: mbox"},
		{"CR only", strings.ReplaceAll(head+"\nhello\nmore\n", "\n", "\r"), "pump", "hello\nmore", ""},
		{"CR CR LF", strings.ReplaceAll(head+"\nhello\nmore\n", "\n", "\r\r\n"), "pump", "hello\nmore", ""},
		{"mixed line ends", "From: a@b.example\r\nSubject: pump\n\r\nhello\r\nmore\n", "pump", "hello\nmore", ""},
		{"NUL in header and text", "From: a@b.example\nSubject: pu\x00mp\n\nhel\x00lo\n", "pu mp", "hello", "header: NUL"},
		{"raw utf-8 header", "From: a@b.example\nSubject: 设备故障\n\nhello\n", "设备故障", "hello", ""},
		{"raw gbk header", "From: a@b.example\nSubject: " + gbk + "\n\nhello\n", "设备故障", "hello", "header: raw bytes of gb18030"},
		{"space before the colon", "From : a@b.example\nSubject : pump\n\nhello\n", "pump", "hello", ""},
		{"white space line in the header", "From: a@b.example\n \nSubject: pump\n\nhello\n", "pump", "hello", ""},
		{"white space line ends the header", head + " \nhello\n", "pump", "hello", ""},
		{"folded at the head", " folded: x\n" + head + "\nhello\n", "pump", "hello", "header: white space"},
		{"bad base64", head + "Content-Transfer-Encoding: base64\n\naGVsbG8*gd29ybGQ\n", "pump", "hello world", "base64: foreign"},
		{"base64 cut short", head + "Content-Transfer-Encoding: base64\n\naGVsbG8gd29ybGQh\nYQ=\n", "pump", "hello world!a", ""},
		{"base64 that is none", head + "Content-Transfer-Encoding: base64\n\nhello, it is plain text!\n", "pump", "hello, it is plain text!", "base64: the text is not"},
		{"footer behind base64", head + "Content-Transfer-Encoding: base64\n\naGVsbG8=\n_____ list footer, plain\n", "pump", "hello", "base64: foreign"},
		{"padding in the middle", head + "Content-Transfer-Encoding: base64\n\naGVsbA==bw==\n", "pump", "hello", ""},
		{"bad quoted-printable", head + "Content-Transfer-Encoding: quoted-printable\n\nhel=ZZlo=\n= x=3D\n", "pump", "hel=ZZlo= x=", "quoted-printable:"},
		{"unknown encoding", head + "Content-Transfer-Encoding: zip64\n\nhello\n", "pump", "hello", "mime: unknown Content-Transfer"},
		{"misspelt encoding", head + "Content-Transfer-Encoding: quoted/printable\n\nhel=6Co\n", "pump", "hello", ""},
		{"unreadable type", head + "Content-Type: garbage\n\nhello\n", "pump", "hello", "mime: unreadable Content-Type"},
		{"no closing boundary", head + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n", "pump", "hello", "mime: closing boundary missing"},
		{"no boundary parameter", head + "Content-Type: multipart/mixed\n\npre\n--x\nContent-Type: text/plain\n\nhello\n--x--\n", "pump", "hello", "mime: multipart without a boundary"},
		{"another boundary", head + "Content-Type: multipart/mixed; boundary=y\n\n--x\nContent-Type: text/plain\n\nhello\n--x--\n", "pump", "hello", "mime: parts under a boundary"},
		{"boundary never comes", head + "Content-Type: multipart/mixed; boundary=x\n\nhello\n", "pump", "hello", "mime: multipart without parts"},
		{"no blank line in front of a boundary", head + "Content-Type: multipart/mixed; boundary=x\n--x\n\nhello\n--x--\n", "pump", "hello", "header: ends without a blank line"},
		{"text behind the end", head + "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: image/png\n\n--x--\nhello\n", "pump", "hello", "mime: text behind"},
		{"parts behind the end", head + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x--\n--x\n\nmore\n--x--\n", "pump", "hello\n\nmore", ""},
		{"two Subjects", head + "Subject: other\n\nhello\n", "pump", "hello", "header: more than one Subject"},
		{"two Froms", head + "From: c@d.example\n\nhello\n", "pump", "hello", "header: more than one From"},
		{"unreadable date", head + "Date: yesterday\n\nhello\n", "pump", "hello", "header: unreadable Date"},
		{"no header at all", "hello there,\nthe pump stopped\n", "", "hello there,\nthe pump stopped", "header: ends at line 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(tt.raw)
			checkInvariants(t, tt.name, &m)
			if m.Subject != tt.subject || strings.TrimRight(m.Body.Full, "\n") != tt.text {
				t.Errorf("subject %q, text %q; want %q, %q", m.Subject, m.Body.Full, tt.subject, tt.text)
			}
			if tt.subject != "" && m.Sender1().Addr != "a@b.example" {
				t.Errorf("sender %+v", m.From)
			}
			found := slices.ContainsFunc(m.Defects, func(d string) bool { return strings.HasPrefix(d, tt.defect) })
			if tt.defect == "" && len(m.Defects) > 0 || tt.defect != "" && !found {
				t.Errorf("defects %q, want %q", m.Defects, tt.defect)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	for _, raw := range []string{"", "\n", "\r\n\r\n", "\x00", "From", ":", "--", "Content-Type: multipart/mixed; boundary=x", "Content-Type: message/rfc822\n\n"} {
		m := parse(raw)
		checkInvariants(t, raw, &m)
		if m.Sender1() != (Address{}) {
			t.Errorf("%q: sender %+v", raw, m.Sender1())
		}
	}
}

func TestBodyChoice(t *testing.T) {
	alt := func(plain, html string) string {
		return "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n" + plain + "\n--x\nContent-Type: text/html\n\n" + html + "\n--x--\n"
	}
	tests := []struct{ name, raw, want string }{
		{"plain says as much", alt("the pump has stopped", "<p>the pump <b>has</b> stopped</p>"), "the pump has stopped"},
		{"plain is empty", alt("", "<p>the pump has stopped</p>"), "the pump has stopped"},
		{"plain is a stub", alt("view in HTML", "<p>the pump has stopped and we do not know why, please help us</p>"), "the pump has stopped and we do not know why, please help us"},
		{"HTML is a stub", alt("the pump has stopped", "<p>see text</p>"), "the pump has stopped"},
		{"style does not count", alt("the pump has stopped", "<style>"+strings.Repeat("p { margin: 0 } ", 50)+"</style><p>the pump has stopped</p>"), "the pump has stopped"},
		{"HTML in a related", "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n \n--x\nContent-Type: multipart/related; boundary=y\n\n--y\nContent-Type: text/html\n\n<p>the pump</p>\n--y\nContent-Type: image/png\nContent-ID: <1>\n\nx\n--y--\n--x--\n", "the pump"},
		{"two inline texts", "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\none\n--x\nContent-Type: image/png\n\nx\n--x\nContent-Type: text/plain\n\ntwo\n--x--\n", "one\n\ntwo"},
		{"text and HTML in a mixed", "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nthe same words\n--x\nContent-Type: text/html\n\n<p>the same words</p>\n--x--\n", "the same words"},
		{"attached text is a file", "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\none\n--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=log.txt\n\ntwo\n--x--\n", "one"},
		{"named text behind the first", "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\none\n--x\nContent-Type: text/plain; name=log.txt\n\ntwo\n--x--\n", "one"},
		{"named text shown inline", "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\none\n--x\nContent-Type: text/plain\nContent-Disposition: inline; filename=log.txt\n\ntwo\n--x--\n", "one"},
		{"named first text", "Content-Type: text/plain; name=mail.txt\n\none\n", "one"},
		{"named alternative", "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain; name=a.txt\n\n\n--x\nContent-Type: text/html; name=a.html\n\n<p>the pump</p>\n--x--\n", "the pump"},
		{"HTML only", "Content-Type: text/html\n\n<p>the pump</p>\n", "the pump"},
		{"HTML with its charset inside", "Content-Type: text/html\n\n<meta charset=\"gb2312\"><p>\xb1\xc3</p>\n", "泵"},
		{"a report's text", "Content-Type: multipart/report; boundary=x\n\n--x\n\nundelivered\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n--x\nContent-Type: text/rfc822-headers\n\nSubject: s\n--x--\n", "undelivered"},
		{"flowed", "Content-Type: text/plain; format=flowed\n\nthe pump \nstopped\n", "the pump stopped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse("From: a@b.example\n" + tt.raw)
			if got := strings.TrimSpace(m.Body.Full); got != tt.want {
				t.Errorf("got %q, want %q; defects %q", got, tt.want, m.Defects)
			}
		})
	}
}

func TestParts(t *testing.T) {
	inner := "From: c@d.example\nSubject: inner\n\nthe inner text\n"
	m := parse(crlf("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nplease handle\n--x\nContent-Type: message/rfc822\n\n" + inner +
		"--x\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 50))) +
		"\n--x\nContent-Type: image/png\nContent-ID: <pic@1>\nContent-Disposition: inline\n\n12345\n--x--\n"))
	var types []string
	for _, p := range m.Parts {
		types = append(types, p.Type)
	}
	if want := []string{"multipart/mixed", "text/plain", "message/rfc822", "application/pdf", "image/png"}; !slices.Equal(types, want) {
		t.Fatalf("parts %q, want %q", types, want)
	}
	if len(m.Forwarded) != 1 || m.Forwarded[0].Subject != "inner" || strings.TrimSpace(m.Forwarded[0].Body.Full) != "the inner text" {
		t.Errorf("forwarded %+v", m.Forwarded)
	}
	if n := int64(len(crlf(inner))) - 2; m.Parts[2].Size < n || m.Parts[2].Size > n+2 {
		t.Errorf("size of the inner message %d, it has %d bytes", m.Parts[2].Size, n)
	}
	want := []Attachment{{Name: "", Type: "message/rfc822", Size: m.Parts[2].Size}, {Name: "a.pdf", Type: "application/pdf", Size: 50}, {Type: "image/png", Size: 5, Inline: true}}
	if !slices.Equal(m.Attachments, want) {
		t.Errorf("attachments %+v, want %+v", m.Attachments, want)
	}
}

// failingReader fails from offset at on.
type failingReader struct {
	text string
	at   int64
}

func (r failingReader) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.at {
		return 0, errors.New("disk on fire")
	}
	return copy(p, r.text[off:r.at]), nil
}

// What could be read before a read error is a mail with a defect.
func TestReadError(t *testing.T) {
	const raw = "From: a@b.example\nSubject: pump\n\nhello there\n"
	m := Parse(failingReader{raw, 40}, int64(len(raw)), Limits{})
	if m.Subject != "pump" || !strings.HasPrefix(m.Body.Full, "hello") || !slices.Contains(m.Defects, "read: disk on fire") {
		t.Errorf("subject %q, text %q, defects %q", m.Subject, m.Body.Full, m.Defects)
	}
	m = Parse(strings.NewReader(raw), int64(len(raw))+1000, Limits{})
	if strings.TrimSpace(m.Body.Full) != "hello there" || len(m.Defects) != 0 {
		t.Errorf("a mail shorter than its size: text %q, defects %q", m.Body.Full, m.Defects)
	}
}

func TestForwardedOnly(t *testing.T) {
	m := parse("From: a@b.example\nContent-Type: message/rfc822\n\nFrom: c@d.example\nSubject: inner\n\nthe inner text\n")
	if m.Body.New != "" || strings.TrimSpace(m.Body.Quoted) != "the inner text" || m.Body.Forward == nil || m.Body.Forward.From.Addr != "c@d.example" {
		t.Errorf("body %+v", m.Body)
	}
	enc := base64.StdEncoding.EncodeToString([]byte("From: c@d.example\nSubject: inner\n\nthe inner text\n"))
	m = parse("From: a@b.example\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + enc + "\n")
	if len(m.Forwarded) != 1 || m.Forwarded[0].Subject != "inner" {
		t.Errorf("message under base64 not opened: %+v", m)
	}
}

func TestMarks(t *testing.T) {
	tests := []struct {
		name, raw         string
		encrypted, signed bool
	}{
		{"none", "\nhello\n", false, false},
		{"S/MIME signed", "Content-Type: multipart/signed; boundary=x; protocol=\"application/pkcs7-signature\"\n\n--x\n\nhi\n--x\nContent-Type: application/pkcs7-signature\n\nx\n--x--\n", false, true},
		{"S/MIME opaque", "Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx\n", false, true},
		{"S/MIME encrypted", "Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data\n\nx\n", true, false},
		{"PGP/MIME encrypted", "Content-Type: multipart/encrypted; boundary=x\n\n--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x--\n", true, false},
		{"inline PGP", "\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n", true, false},
		{"inline PGP signed", "\n-----BEGIN PGP SIGNED MESSAGE-----\n\nabc\n", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if m := parse("From: a@b.example\n" + tt.raw); m.Encrypted != tt.encrypted || m.Signed != tt.signed {
				t.Errorf("encrypted %v, signed %v", m.Encrypted, m.Signed)
			}
		})
	}
}

func TestUUEncode(t *testing.T) {
	const file = "begin 644 ../cat.txt\n#0V%T\n`\nend\n"
	tests := []struct {
		name, text, want string
		files            []Attachment
	}{
		{"a file", "see below\n" + file + "bye\n", "see below\nbye", []Attachment{{Name: "cat.txt", Type: "application/octet-stream", Size: 3}}},
		{"no end", "see below\nbegin 644 cat.txt\n#0V%T\n", "see below\nbegin 644 cat.txt\n#0V%T", nil},
		{"words", "we\nbegin 2026 with\na question about the pump that is long enough\nend\n", "we\nbegin 2026 with\na question about the pump that is long enough\nend", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse("From: a@b.example\n\n" + tt.text)
			if strings.TrimSpace(m.Body.Full) != tt.want || !slices.Equal(m.Attachments, tt.files) {
				t.Errorf("text %q, files %+v", m.Body.Full, m.Attachments)
			}
		})
	}
}
