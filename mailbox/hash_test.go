package mailbox

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestHash(t *testing.T) {
	const (
		head = "From: Wang <wang@c.example>\nDate: Tue, 3 Feb 2026 10:00:00 +0800\nSubject: 停机\nMessage-ID: <1@c.example>\n"
		text = "泵停机了\n请派人\n"
		utf8 = "Content-Type: text/plain; charset=utf-8\n"
	)
	base := parse(head + utf8 + "\n" + text)
	b64 := base64.StdEncoding.EncodeToString([]byte(text))
	gbk := string(encode(t, simplifiedchinese.GBK, text))
	tests := []struct {
		name, raw string
		same      bool
	}{
		{"other trace fields", "Received: from x by y; Tue, 3 Feb 2026 10:00:09 +0800\nX-Spam: no\n" + head + utf8 + "\n" + text, true},
		{"CRLF", crlf(head + utf8 + "\n" + text), true},
		{"base64", head + utf8 + "Content-Transfer-Encoding: base64\n\n" + b64 + "\n", true},
		{"another charset", head + "Content-Type: text/plain; charset=gbk\n\n" + gbk, true},
		{"encoded subject", strings.Replace(head, "停机", "=?utf-8?B?5YGc5py6?=", 1) + utf8 + "\n" + text, true},
		{"date in another zone", strings.Replace(head, "10:00:00 +0800", "02:00:00 +0000", 1) + utf8 + "\n" + text, true},
		{"white space", head + utf8 + "\n" + "\n泵停机了 \n\n请派人", true},
		{"other name of the sender", strings.Replace(head, "Wang ", "W ", 1) + utf8 + "\n" + text, true},
		{"one part more around", head + "Content-Type: multipart/mixed; boundary=q\n\n--q\n" + utf8 + "\n" + text + "--q--\n", true},
		{"other Message-ID", strings.Replace(head, "<1@", "<2@", 1) + utf8 + "\n" + text, true},
		{"other text", head + utf8 + "\n" + text + "急", false},
		{"other subject", strings.Replace(head, "停机", "维修", 1) + utf8 + "\n" + text, false},
		{"other sender", strings.Replace(head, "wang@", "li@", 1) + utf8 + "\n" + text, false},
		{"other date", strings.Replace(head, "10:00:00", "10:00:01", 1) + utf8 + "\n" + text, false},
		{"words joined", head + utf8 + "\n" + "泵停机了请派人\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if m := parse(tt.raw); (m.Hash == base.Hash) != tt.same {
				t.Errorf("same %v, want %v", m.Hash == base.Hash, tt.same)
			}
		})
	}
}

func TestContentHash(t *testing.T) {
	with, without := parse("From: a@b.example\nMessage-ID: <1@b>\n\nhi\n"), parse("From: a@b.example\n\nhi\n")
	t1 := time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	t2 := t1.Add(time.Minute)
	switch {
	case with.ContentHash(t1) != with.Hash || with.ContentHash(t2) != with.Hash:
		t.Error("arrival counts although there is a Message-ID")
	case without.ContentHash(t1) == without.ContentHash(t2) || without.ContentHash(t1) == without.Hash:
		t.Error("arrival does not count although there is no Message-ID")
	case without.ContentHash(t1) != without.ContentHash(t1.In(time.FixedZone("", 8*3600))):
		t.Error("the zone of the arrival counts")
	case without.ContentHash(time.Time{}) != without.Hash:
		t.Error("an unknown arrival counts")
	}
}
