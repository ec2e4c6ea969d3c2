package mailbox

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// mail8KB is a mail of about 8 KB as a customer's mail program writes it: trace fields, two alternatives.
func mail8KB() []byte {
	var b strings.Builder
	for i := range 4 {
		fmt.Fprintf(&b, "Received: from mx%d.example.net (mx%d.example.net [192.0.2.%d])\r\n\tby mail.example.com (Postfix) with ESMTPS id 4ABCDEF%d\r\n\tfor <support@example.com>; Tue, 3 Feb 2026 10:0%d:00 +0800 (CST)\r\n", i, i, i, i, 9-i)
	}
	b.WriteString("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.example; s=s1;\r\n\tbh=" + strings.Repeat("Ab1/", 11) + ";\r\n\tb=" + strings.Repeat("Zz9+", 86) + "\r\n")
	b.WriteString("From: =?UTF-8?B?546L5bCP5piO?= <wang@customer.example>\r\nTo: Support <support@example.com>\r\n")
	b.WriteString("Subject: =?UTF-8?Q?Pump_P-200_=E5=81=9C=E6=9C=BA?=\r\nDate: Tue, 3 Feb 2026 10:00:00 +0800\r\nMessage-ID: <1234.abcd@customer.example>\r\n")
	b.WriteString("References: <a1@example.com> <a2@example.com>\r\nIn-Reply-To: <a2@example.com>\r\nMIME-Version: 1.0\r\nUser-Agent: Thunderbird\r\n")
	b.WriteString("Content-Type: multipart/alternative; boundary=\"=_b0undary_12345\"\r\n\r\nThis is a multi-part message in MIME format.\r\n--=_b0undary_12345\r\n")
	b.WriteString("Content-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	for i := range 30 {
		fmt.Fprintf(&b, "Line %d: the pump stops after ten minutes and shows error E-%d, =E8=AF=B7=\r\nfix.\r\n", i, i)
	}
	b.WriteString("\r\n--=_b0undary_12345\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><head><style>p {margin:0}</style></head><body>\r\n")
	for i := range 34 {
		fmt.Fprintf(&b, "<p class=3D\"x\">Line %d: the pump stops after ten minutes and shows error=\r\n E-%d, =E8=AF=B7fix.</p>\r\n", i, i)
	}
	b.WriteString("</body></html>\r\n--=_b0undary_12345--\r\n")
	return []byte(b.String())
}

// BenchmarkParse8KB reads a mail of 8 KB; the aim for parse, guard and text together is 8,000 a second on one core.
func BenchmarkParse8KB(b *testing.B) {
	raw := mail8KB()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	r := bytes.NewReader(raw)
	for b.Loop() {
		Parse(r, int64(len(raw)), Limits{})
	}
}

// BenchmarkWalk8KB is the same without taking the text apart.
func BenchmarkWalk8KB(b *testing.B) {
	raw := mail8KB()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	r := bytes.NewReader(raw)
	lim := DefaultLimits()
	for b.Loop() {
		var m Message
		b := &buffers{}
		w := newWalker(b.lines(r, int64(len(raw))), b, lim, &defects{limit: 10})
		w.run(&m)
	}
}
