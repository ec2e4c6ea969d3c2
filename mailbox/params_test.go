package mailbox

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestParseValue(t *testing.T) {
	tests := []struct {
		name, in, value string
		params          map[string]string
	}{
		{"plain", "text/plain", "text/plain", nil},
		{"upper case", "TEXT/Plain; CharSet=UTF-8", "text/plain", map[string]string{"charset": "UTF-8"}},
		{"quoted", `multipart/mixed; boundary="a;b=c"`, "multipart/mixed", map[string]string{"boundary": "a;b=c"}},
		{"no semicolon", "multipart/mixed boundary=\"x\"", "multipart/mixed", map[string]string{"boundary": "x"}},
		{"comment", "text/plain (note; x=y); charset=utf-8 (note)", "text/plain", map[string]string{"charset": "utf-8"}},
		{"spaces around =", "text/plain; charset = utf-8", "text/plain", map[string]string{"charset": "utf-8"}},
		{"unquoted spaces", "attachment; filename=my new file.pdf; size=3", "attachment", map[string]string{"filename": "my new file.pdf", "size": "3"}},
		{"unquoted spaces, no semicolon", "attachment; filename=my file.pdf size=3", "attachment", map[string]string{"filename": "my file.pdf", "size": "3"}},
		{"no value", `filename="x.pdf"`, "", map[string]string{"filename": "x.pdf"}},
		{"empty value", `; filename="x.pdf"`, "", map[string]string{"filename": "x.pdf"}},
		{"word without =", "text/html;iso-8859-1", "text/html", map[string]string{}},
		{"unclosed quote", `text/plain; charset="utf-8; format=flowed`, "text/plain", map[string]string{"charset": "utf-8", "format": "flowed"}},
		{"quote inside", `attachment; filename="a "b" c.pdf"`, "attachment", map[string]string{"filename": `a "b" c.pdf`}},
		{"windows path", `attachment; filename="C:\dir\a.pdf"`, "attachment", map[string]string{"filename": `C:\dir\a.pdf`}},
		{"twice", "attachment; filename=a.pdf; filename=b.pdf", "attachment", map[string]string{"filename": "a.pdf"}},
		{"extended", "attachment; filename*=UTF-8'zh'%E6%B3%B5.pdf", "attachment", map[string]string{"filename": "泵.pdf"}},
		{"extended gb2312", "attachment; filename*=gb2312''%B1%C3.pdf", "attachment", map[string]string{"filename": "泵.pdf"}},
		{"extended beats plain", "attachment; filename=x.pdf; filename*=utf-8''%E6%B3%B5.pdf", "attachment", map[string]string{"filename": "泵.pdf"}},
		{"extended under a plain name", "attachment; filename=utf-8''%E6%B3%B5.pdf", "attachment", map[string]string{"filename": "泵.pdf"}},
		{"continued", `attachment; filename*0="a long "; filename*1="name.pdf"`, "attachment", map[string]string{"filename": "a long name.pdf"}},
		{"continued out of order", `attachment; filename*1="name.pdf"; filename*0="a long "`, "attachment", map[string]string{"filename": "a long name.pdf"}},
		{"continued, character cut in two", "attachment; filename*0*=utf-8''%E6%B3; filename*1*=%B5.pdf", "attachment", map[string]string{"filename": "泵.pdf"}},
		{"continued, mark missing later", "attachment; filename*0*=utf-8''%E6%B3%B5; filename*1=%E6%B3%B5.pdf", "attachment", map[string]string{"filename": "泵泵.pdf"}},
		{"continued encoded words", `attachment; filename*0="=?utf-8?B?5rO1?="; filename*1=".pdf"`, "attachment", map[string]string{"filename": "泵.pdf"}},
		{"encoded word", `attachment; filename="=?utf-8?B?5rO1LnBkZg==?="`, "attachment", map[string]string{"filename": "泵.pdf"}},
		{"encoded word unquoted", `attachment; filename==?utf-8?B?5rO1LnBkZg==?=`, "attachment", map[string]string{"filename": "泵.pdf"}},
		{"two encoded words", `attachment; filename="=?utf-8?B?5rO1?= =?utf-8?Q?.pdf?="`, "attachment", map[string]string{"filename": "泵.pdf"}},
		{"no charset", "attachment; filename*=%E6%B3%B5.pdf", "attachment", map[string]string{"filename": "泵.pdf"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, ps := parseValue(tt.in)
			if v != tt.value || !maps.Equal(ps, tt.params) {
				t.Errorf("%s\ngot  %q %q\nwant %q %q", tt.in, v, ps, tt.value, tt.params)
			}
		})
	}
}

// A raw GBK or UTF-8 file name has to survive the header reader too.
func TestRawFileNames(t *testing.T) {
	tests := []struct {
		name string
		raw  []byte
	}{
		{"utf-8", []byte("设备故障照片.pdf")},
		{"gbk", encode(t, simplifiedchinese.GBK, "设备故障照片.pdf")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"" + string(tt.raw) + "\"\r\n\r\nx\r\n")
			if len(m.Attachments) != 1 || m.Attachments[0].Name != "设备故障照片.pdf" {
				t.Errorf("attachments %+v", m.Attachments)
			}
		})
	}
}

func TestSafeFileName(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "report.pdf", "report.pdf"},
		{"path", "../../etc/passwd", "passwd"},
		{"windows path", `C:\Users\x\a.pdf`, "a.pdf"},
		{"drive", "C:a.pdf", "a.pdf"},
		{"dots", "..", ""},
		{"slash at the end", "a/", "a_"},
		{"hidden", ".bashrc", "_bashrc"},
		{"control characters", "a\x00b\r\nc\x1b.txt", "abc.txt"},
		{"right-to-left override", "invoice\u202efdp.exe", "invoicefdp.exe"},
		{"reserved", `a<b>|c?.txt`, "a_b__c_.txt"},
		{"device", "CON.txt", "_CON.txt"},
		{"com port", "com1", "_com1"},
		{"trailing dots", "a.txt. .", "a.txt"},
		{"Han", "设备 照片.jpg", "设备 照片.jpg"},
		{"ideographic space", "设备\u3000照片.jpg", "设备 照片.jpg"},
		{"empty", " ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := safeFileName(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	long := safeFileName(strings.Repeat("泵", 500) + ".pdf")
	if len(long) > maxFileName || !strings.HasSuffix(long, ".pdf") || !utf8.ValidString(long) {
		t.Errorf("long name became %q", long)
	}
}
