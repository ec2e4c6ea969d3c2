package mailbox

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

const returned = "From: support@example.com\nMessage-ID: <ours.1@example.com>\nSubject: Re: pump\n\nwe wrote\n"

func report(ctype, machine, back string) string {
	return "From: MAILER-DAEMON@mx.example\nSubject: failure\nContent-Type: " + ctype + "; boundary=x\n\n--x\n\nsorry\n--x\n" + machine + "\n--x\n" + back + "\n--x--\n"
}

func TestReport(t *testing.T) {
	const (
		dsn = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ok@d.example\nAction: delivered\nStatus: 2.0.0\n\n" +
			"Original-Recipient: rfc822;al@d.example\nFinal-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.1.1 (no such user)\nDiagnostic-Code: smtp; 550 5.1.1\n no such user\n"
		mdn  = "Content-Type: message/disposition-notification\n\nReporting-UA: x\nFinal-Recipient: rfc822; a@d.example\nOriginal-Message-ID: <ours.1@example.com>\nDisposition: manual-action/MDN-sent-manually; displayed\n"
		arf  = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <a@d.example>\n"
		full = "Content-Type: message/rfc822\n\n" + returned
		head = "Content-Type: text/rfc822-headers\n\nFrom: support@example.com\nMessage-ID: <ours.1@example.com>\n"
	)
	rcpt := []string{"a@d.example"}
	tests := []struct {
		name, raw  string
		kind       ReportKind
		action     string
		status     string
		diagnostic string
		recipients []string
		original   string // its Message-ID
	}{
		{"DSN", report("multipart/report; report-type=delivery-status", dsn, full), ReportDelivery, "failed", "5.1.1", "550 5.1.1 no such user", []string{"ok@d.example", "a@d.example", "al@d.example"}, "<ours.1@example.com>"},
		{"DSN with a header only", report("multipart/report", dsn, head), ReportDelivery, "failed", "5.1.1", "550 5.1.1 no such user", []string{"ok@d.example", "a@d.example", "al@d.example"}, "<ours.1@example.com>"},
		{"DSN declared as mixed", report("multipart/mixed", dsn, full), ReportDelivery, "failed", "5.1.1", "550 5.1.1 no such user", []string{"ok@d.example", "a@d.example", "al@d.example"}, "<ours.1@example.com>"},
		{"no action", report("multipart/report", "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@d.example\nStatus: 4.4.1\n", full), ReportDelivery, "delayed", "4.4.1", "", rcpt, "<ours.1@example.com>"},
		{"MDN", report("multipart/report; report-type=disposition-notification", mdn, full), ReportDisposition, "displayed", "", "manual-action/MDN-sent-manually; displayed", rcpt, "<ours.1@example.com>"},
		{"ARF", report("multipart/report; report-type=feedback-report", arf, full), ReportFeedback, "abuse", "", "", rcpt, "<ours.1@example.com>"},
		{"machine part missing", report("multipart/report; report-type=delivery-status", "Content-Type: text/plain\n\nx", full), ReportDelivery, "", "", "", nil, "<ours.1@example.com>"},
		{"unknown report", report("multipart/report; report-type=x", "Content-Type: text/plain\n\nx", ""), ReportOther, "", "", "", nil, ""},
		{"base64 status", report("multipart/report", "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZC5leGFtcGxlDQpBY3Rpb246IGZhaWxlZA0KU3RhdHVzOiA1LjAuMA0K", full), ReportDelivery, "failed", "5.0.0", "", rcpt, "<ours.1@example.com>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(tt.raw)
			r := m.Report
			if r == nil {
				t.Fatalf("no report; parts %+v", m.Parts)
			}
			if r.Kind != tt.kind || r.Action != tt.action || r.Status != tt.status || r.Diagnostic != tt.diagnostic || !slices.Equal(r.Recipients, tt.recipients) || r.Original.Get("Message-ID") != tt.original {
				t.Errorf("got %+v", *r)
			}
			if len(m.Defects) > 0 {
				t.Errorf("defects %q", m.Defects)
			}
		})
	}
}

func TestNoReport(t *testing.T) {
	if m := parse("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nfyi\n--x\nContent-Type: message/rfc822\n\n" + returned + "\n--x--\n"); m.Report != nil {
		t.Errorf("a forwarded mail is taken for a report: %+v", *m.Report)
	}
}

func TestCalendar(t *testing.T) {
	m := parse("From: a@b.example\nContent-Type: text/calendar; charset=utf-8; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n" +
		"SUMMARY;LANGUAGE=zh:上门\n 维修\\, P-200\nUID:visit-7@example.com\nATTENDEE;CN=\"Lee: Ann\";PARTSTAT=ACCEPTED:mailto:a@b.example\nEND:VEVENT\nEND:VCALENDAR\n")
	want := Calendar{Method: "REPLY", Summary: "上门维修, P-200", UID: "visit-7@example.com", Status: "ACCEPTED"}
	if m.Calendar == nil || *m.Calendar != want {
		t.Errorf("got %+v, want %+v", m.Calendar, want)
	}
	if m.Body.Full != "" {
		t.Errorf("the calendar is taken for text: %q", m.Body.Full)
	}
}

// tnefAttr writes one attribute of a TNEF stream.
func tnefAttr(level byte, id uint32, data []byte) []byte {
	b := []byte{level}
	b = binary.LittleEndian.AppendUint32(b, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(append(b, data...), 0, 0)
}

// mapiUnicode writes one PtypString property.
func mapiUnicode(id uint16, s string) []byte {
	var v []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		v = binary.LittleEndian.AppendUint16(v, u)
	}
	b := binary.LittleEndian.AppendUint16(nil, 0x1f)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
	b = append(b, v...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func TestTNEF(t *testing.T) {
	head := binary.LittleEndian.AppendUint32(nil, tnefSignature)
	head = append(head, 1, 0)
	stream := slices.Concat(head,
		tnefAttr(1, tnefCodepage, []byte{0xa8, 3, 0, 0, 0, 0, 0, 0}),
		tnefAttr(1, tnefBody, append([]byte("\xb1\xc3\xcd\xa3\xbb\xfa"), 0)),
		tnefAttr(2, tnefRendData, make([]byte, 14)),
		tnefAttr(2, tnefAttachTitle, []byte("LONGNA~1.PDF\x00")),
		tnefAttr(2, tnefAttachData, make([]byte, 1234)),
		tnefAttr(2, tnefAttachProp, append([]byte{1, 0, 0, 0}, mapiUnicode(propLongName, "../照片.pdf")...)),
	)
	raw := "From: a@b.example\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n\n"
	tests := []struct {
		name, stream, text string
		files              []string
		damaged            bool
	}{
		{"whole", string(stream), "泵停机", []string{"winmail.dat", "照片.pdf"}, false},
		{"cut in the file", string(stream[:200]), "泵停机", []string{"winmail.dat", "LONGNA_1.PDF"}, true},
		{"no TNEF", "hello", "", []string{"winmail.dat"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(raw + strings.ReplaceAll(tt.stream, "\r\n", "\n"))
			var names []string
			for _, a := range m.Attachments {
				names = append(names, strings.ReplaceAll(a.Name, "~", "_"))
			}
			if m.Body.Full != tt.text || !slices.Equal(names, tt.files) || slices.Contains(m.Defects, "tnef: cut short or damaged") != tt.damaged {
				t.Errorf("text %q, files %q, defects %q", m.Body.Full, names, m.Defects)
			}
		})
	}
}
