package mailbox

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallLimits make the fuzzer reach every limit with few bytes.
var smallLimits = Limits{Depth: 3, Parts: 6, HeaderBytes: 2000, FieldBytes: 200, Text: 500, References: 3, Addresses: 4, Fields: 20, Defects: 8, Forwarded: 3}

// FuzzParse looks for panics, hangs and broken promises in Parse.
func FuzzParse(f *testing.F) {
	for _, s := range parseSeeds() {
		f.Add([]byte(s))
	}
	if dir := os.Getenv("AFTERCARE_DATA"); dir != "" {
		for _, path := range mailFiles(f, filepath.Join(dir, "mail")) {
			if b, err := os.ReadFile(path); err == nil && len(b) < 16<<10 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(bytes.NewReader(raw), int64(len(raw)), Limits{})
		checkInvariants(t, "default limits", &m)
		small := Parse(bytes.NewReader(raw), int64(len(raw)), smallLimits)
		checkInvariants(t, "small limits", &small)
		if len(small.Parts) > smallLimits.Parts+1 || len(small.Defects) > smallLimits.Defects+1 || len(small.References) > smallLimits.References || len(small.Body.Full) > int(smallLimits.Text) {
			t.Errorf("small limits passed: %d parts, %d defects, %d references, %d bytes of text", len(small.Parts), len(small.Defects), len(small.References), len(small.Body.Full))
		}
	})
}

// parseSeeds are mails that touch every branch of the reader.
func parseSeeds() []string {
	return []string{
		"From: =?gb2312?B?zfXD9w==?= <w@c.example>\r\nTo: a: b@c, \"d\" <e@f>;\r\nDate: Tue, 3 Feb 2026 10:00:00 +0800 (CST)\r\nReferences: <a@b> <c@d>\r\nReceived: from a (b) by c; 3 Feb 26 10:00 GMT\r\nReturn-Path: <>\r\n\r\nhi\r\n",
		"Content-Type: multipart/alternative; boundary=\"x\"\n\n--x\nContent-Type: text/plain; charset=gbk; format=flowed\nContent-Transfer-Encoding: quoted-printable\n\n=B1=C3 =\n--x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+aGk8L3A+\n--x--\n",
		"Content-Type: multipart/report\n\n--y\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n\n--y\nContent-Type: message/rfc822\n\nSubject: x\n\nq\n--y--\n",
		"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\neJ8+IgEAAQyAAgAGAAAAaGVsbG8AAAA=\n",
		"Content-Type: text/calendar\n\nMETHOD:REPLY\nATTENDEE;PARTSTAT=X:mailto:a\n",
		"Content-Disposition: attachment; filename*0*=utf-8''%E6%B3; filename*1*=%B5.pdf\nContent-Type: x\n\n",
		"Content-Type: text/plain; charset=utf-7\n\n+ZeVnLIqe-\n",
		"Content-Type: text/plain; charset=hz\n\n~{<:Ky~}\n",
		"Content-Type: text/plain; charset=iso-2022-kr\n\n\x1b$)C\x0e>H\x0f\n",
		"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nVABlAHMAdAA=\n",
		"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKaGk=\n",
		"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#86)C\n`\nend\n",
		"From x\nno colon\r\nSubject: \xc9\xe8\xb1\xb8\rA: b\r\r\n\r\nx\x00y",
		strings.Repeat("Content-Type: multipart/mixed; boundary=a\n\n--a\n", 6) + "\nx\n--a--\n",
	}
}
