package mailbox

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Whole mails as Chinese mail programs and web forms write them: sender, subject, text and file name in one charset,
// declared rightly, wrongly or not at all.
func TestChineseMail(t *testing.T) {
	const (
		name, subject = "王小明", "离心泵停机，请求上门维修"
		text          = "您好：\n我公司去年购买的离心泵昨天停机，序列号 P200-12345，请尽快安排工程师。\n谢谢！\n"
		file          = "现场照片.jpg"
	)
	gb18030, gbk, big5 := simplifiedchinese.GB18030, simplifiedchinese.GBK, traditionalchinese.Big5
	raw := func(e encoding.Encoding) func(string) string {
		return func(s string) string { return string(encode(t, e, s)) }
	}
	word := func(e encoding.Encoding, charset string) func(string) string {
		return func(s string) string {
			return "=?" + charset + "?B?" + base64.StdEncoding.EncodeToString(encode(t, e, s)) + "?="
		}
	}
	utf8 := func(s string) string { return s }
	tests := []struct {
		name    string
		head    func(string) string
		body    func(string) string
		charset string
	}{
		{"gb2312 throughout", word(gbk, "gb2312"), raw(gbk), "; charset=\"gb2312\""},
		{"gb18030 throughout", word(gb18030, "GB18030"), raw(gb18030), "; charset=GB18030"},
		{"raw gbk, nothing declared", raw(gbk), raw(gbk), ""},
		{"raw gbk, body declared", raw(gbk), raw(gbk), "; charset=gbk"},
		{"raw gbk, declared iso-8859-1", raw(gbk), raw(gbk), "; charset=iso-8859-1"},
		{"raw gbk, declared utf-8", raw(gbk), raw(gbk), "; charset=utf-8"},
		{"raw gbk, unknown charset", raw(gbk), raw(gbk), "; charset=_autodetect"},
		{"utf-8 declared gb2312", word(encoding.Nop, "gb2312"), utf8, "; charset=gb2312"},
		{"raw utf-8, nothing declared", utf8, utf8, ""},
		{"hz", word(gbk, "gb2312"), raw(simplifiedchinese.HZGB2312), "; charset=hz-gb-2312"},
		{"words declared iso-8859-1", word(gbk, "iso-8859-1"), raw(gbk), "; charset=gb2312"},
		{"header and body differ", word(encoding.Nop, "UTF-8"), raw(gbk), "; charset=gb2312"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(crlf("From: \"" + tt.head(name) + "\" <wang@customer.example>\nSubject: " + tt.head(subject) + "\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain" + tt.charset + "\n\n" +
				tt.body(text) + "\n--x\nContent-Type: image/jpeg; name=\"" + tt.head(file) + "\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"" + tt.head(file) + "\"\n\nQUJD\n--x--\n"))
			checkInvariants(t, tt.name, &m)
			if m.Sender1() != (Address{name, "wang@customer.example"}) || m.Subject != subject {
				t.Errorf("from %+v, subject %q", m.From, m.Subject)
			}
			if strings.TrimSpace(m.Body.Full) != strings.TrimSpace(text) {
				t.Errorf("text %q", m.Body.Full)
			}
			if len(m.Attachments) != 1 || m.Attachments[0].Name != file || m.Attachments[0].Size != 3 {
				t.Errorf("attachments %+v", m.Attachments)
			}
		})
	}
	t.Run("traditional", func(t *testing.T) {
		const words = "您好，貴公司的離心泵昨天停機，請儘快安排工程師維修，謝謝。"
		m := parse("From: a@b.example\nSubject: " + word(big5, "big5")("維修申請") + "\nContent-Type: text/plain; charset=big5\n\n" + raw(big5)(words))
		if m.Subject != "維修申請" || m.Body.Full != words {
			t.Errorf("subject %q, text %q", m.Subject, m.Body.Full)
		}
	})
}
