package mailbox

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseAddresses(t *testing.T) {
	tests := []struct {
		name, in string
		want     []Address
	}{
		{"bare", "a@b.example", []Address{{"", "a@b.example"}}},
		{"angle", "Ann Lee <a@b.example>", []Address{{"Ann Lee", "a@b.example"}}},
		{"quoted", `"Lee, Ann" <a@b.example>, c@d.example`, []Address{{"Lee, Ann", "a@b.example"}, {"", "c@d.example"}}},
		{"comment as name", "a@b.example (Ann Lee)", []Address{{"Ann Lee", "a@b.example"}}},
		{"comment beside a name", "Ann (x) <a@b.example>", []Address{{"Ann", "a@b.example"}}},
		{"encoded name", "=?utf-8?B?546L5bCP5piO?= <w@b.example>", []Address{{"王小明", "w@b.example"}}},
		{"encoded name in quotes", `"=?utf-8?B?546L5bCP5piO?=" <w@b.example>`, []Address{{"王小明", "w@b.example"}}},
		{"encoded comma", "=?utf-8?Q?Lee=2C_Ann?= <a@b.example>", []Address{{"Lee, Ann", "a@b.example"}}},
		{"raw comma in a Q word", "=?utf-8?Q?Lee,_Ann?= <a@b.example>", []Address{{"Lee, Ann", "a@b.example"}}},
		{"name and address encoded together", "=?utf-8?B?546LIDx3QGIuZXhhbXBsZT4=?=", []Address{{"王", "w@b.example"}}},
		{"no closing bracket", "Ann <a@b.example", []Address{{"Ann", "a@b.example"}}},
		{"no closing bracket before the next", "Ann <a@b.example, Bob <c@d.example>", []Address{{"Ann", "a@b.example"}, {"Bob", "c@d.example"}}},
		{"no brackets", "Ann Lee a@b.example", []Address{{"Ann Lee", "a@b.example"}}},
		{"stray bracket", "a@b.example>", []Address{{"", "a@b.example"}}},
		{"semicolons", "a@b.example; c@d.example;", []Address{{"", "a@b.example"}, {"", "c@d.example"}}},
		{"spaces only", "a@b.example c@d.example", []Address{{"", "a@b.example"}, {"", "c@d.example"}}},
		{"angles without comma", "<a@b.example> <c@d.example>", []Address{{"", "a@b.example"}, {"", "c@d.example"}}},
		{"group", "Friends: a@b.example, Bob <c@d.example>;", []Address{{"", "a@b.example"}, {"Bob", "c@d.example"}}},
		{"empty group", "undisclosed-recipients:;", nil},
		{"route", "Ann <@r1.example,@r2.example:a@b.example>", []Address{{"Ann", "a@b.example"}}},
		{"spaces in brackets", "Ann < a@b.example >", []Address{{"Ann", "a@b.example"}}},
		{"mailto", "<mailto:a@b.example>", []Address{{"", "a@b.example"}}},
		{"mailto without brackets", "mailto:a@b.example", []Address{{"", "a@b.example"}}},
		{"quoted local part", `"ann lee"@b.example`, []Address{{"", `"ann lee"@b.example`}}},
		{"quoted local part in brackets", `Ann <"ann > lee"@b.example>`, []Address{{"Ann", `"ann > lee"@b.example`}}},
		{"unclosed quote", `"Ann <a@b.example>`, []Address{{"Ann", "a@b.example"}}},
		{"escaped quote", `"An\"n" <a@b.example>`, []Address{{`An"n`, "a@b.example"}}},
		{"address as name", "a@b.example <c@d.example>", []Address{{"a@b.example", "c@d.example"}}},
		{"address in single quotes", "'a@b.example' <a@b.example>", []Address{{"a@b.example", "a@b.example"}}},
		{"IDN", "王 <王@例子.example>", []Address{{"王", "王@例子.example"}}},
		{"domain literal", "a@[192.0.2.1]", []Address{{"", "a@[192.0.2.1]"}}},
		{"no address", "MAILER-DAEMON", []Address{{"MAILER-DAEMON", ""}}},
		{"no domain", "<MAILER-DAEMON>", []Address{{"MAILER-DAEMON", ""}}},
		{"doubled brackets", "Ann <<a@b.example>>", []Address{{"Ann", "a@b.example"}}},
		{"name behind", "<a@b.example> Ann", []Address{{"Ann", "a@b.example"}}},
		{"dot in the name", "Ann Q. Lee <a@b.example>", []Address{{"Ann Q. Lee", "a@b.example"}}},
		{"Exchange", "/O=ORG/OU=X/CN=ANN", []Address{{"/O=ORG/OU=X/CN=ANN", ""}}},
		{"too long", "<" + strings.Repeat("a", 400) + "@b.example>", nil},
		{"empty", " , ,; ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, over := parseAddresses(tt.in, 10)
			if !slices.Equal(got, tt.want) || over {
				t.Errorf("%s\ngot  %+v\nwant %+v", tt.in, got, tt.want)
			}
		})
	}
}

func TestParseAddressesLimit(t *testing.T) {
	got, over := parseAddresses(strings.Repeat("a@b.example, ", 20), 7)
	if len(got) != 7 || !over {
		t.Errorf("got %d addresses, over %v; want 7, true", len(got), over)
	}
}

func TestParseDate(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"RFC 5322", "Wed, 17 May 2000 19:35:05 -0400", "2000-05-17T23:35:05Z"},
		{"comment", "Wed, 17 May 2000 19:35:05 -0400 (EDT)", "2000-05-17T23:35:05Z"},
		{"no weekday", "3 Feb 2026 10:00 +0800", "2026-02-03T02:00:00Z"},
		{"two-digit year", "Fri, 3 Feb 99 10:00:00 GMT", "1999-02-03T10:00:00Z"},
		{"two-digit year of this century", "3 Feb 26 10:00:00 GMT", "2026-02-03T10:00:00Z"},
		{"three-digit year", "3 Feb 102 10:00:00 GMT", "2002-02-03T10:00:00Z"},
		{"no zone", "Tue, 3 Feb 2026 10:00:00", "2026-02-03T10:00:00Z"},
		{"asctime", "Tue Feb  3 10:00:00 2026", "2026-02-03T10:00:00Z"},
		{"asctime with zone", "Tue Feb  3 10:00:00 EST 2026", "2026-02-03T15:00:00Z"},
		{"RFC 850", "Tuesday, 03-Feb-26 10:00:00 GMT", "2026-02-03T10:00:00Z"},
		{"ISO", "2026-02-03T10:00:00+08:00", "2026-02-03T02:00:00Z"},
		{"ISO with Z and fraction", "2026-02-03T10:00:00.123Z", "2026-02-03T10:00:00Z"},
		{"SQL", "2026-02-03 10:00:00 +0800", "2026-02-03T02:00:00Z"},
		{"slashes", "2026/2/3 10:00", "2026-02-03T10:00:00Z"},
		{"American", "2/17/2026 10:00", "2026-02-17T10:00:00Z"},
		{"GMT with offset", "Tue, 3 Feb 2026 10:00:00 GMT+0800", "2026-02-03T02:00:00Z"},
		{"colon in the zone", "Tue, 3 Feb 2026 10:00:00 +08:00", "2026-02-03T02:00:00Z"},
		{"AM and PM", "Tue, 3 Feb 2026 1:05:00 PM +0000", "2026-02-03T13:05:00Z"},
		{"Chinese weekday", "星期二, 3 Feb 2026 10:00:00 +0800", "2026-02-03T02:00:00Z"},
		{"Chinese", "2026年2月3日 下午3:05", "2026-02-03T15:05:00Z"},
		{"Chinese month", "周二, 3 二月 2026 10:00:00 +0800", "2026-02-03T02:00:00Z"},
		{"German month", "Di, 3 Dez 2025 10:00:00 +0100", "2025-12-03T09:00:00Z"},
		{"doubled sign", "Fri, 22 Aug 2003 9:15:19 --0700", "2003-08-22T16:15:19Z"},
		{"weekday glued on", "Tue,3 Feb 2026 10:00:00 +0000", "2026-02-03T10:00:00Z"},
		{"words", "Whenever", ""},
		{"no day", "Feb 2026", ""},
		{"month 13", "2026-13-03 10:00", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseDate(tt.in)
			s := ""
			if ok {
				s = got.UTC().Format(time.RFC3339)
			}
			if s != tt.want {
				t.Errorf("%q: got %q, want %q", tt.in, s, tt.want)
			}
		})
	}
}

func TestParseReceived(t *testing.T) {
	r := parseReceived("from mx.example.net (mx.example.net [192.0.2.7] by (fake; x)) by Mail.Example.COM (Postfix; y) with ESMTP id 4A; Tue, 3 Feb 2026 10:00:00 +0800 (CST)")
	want := Received{By: "mail.example.com", From: "mx.example.net", Time: time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC)}
	if r.By != want.By || r.From != want.From || !r.Time.Equal(want.Time) {
		t.Errorf("got %+v, want %+v", r, want)
	}
}

func TestMessageIDs(t *testing.T) {
	tests := []struct {
		name, in string
		limit    int
		want     []string
	}{
		{"two", "<a@b> <c@d>", 9, []string{"a@b", "c@d"}},
		{"glued", "<a@b><c@d>", 9, []string{"a@b", "c@d"}},
		{"no brackets", "a@b, c@d", 9, []string{"a@b", "c@d"}},
		{"phrase", `"your message of Monday" <a@b>`, 9, []string{"a@b"}},
		{"no end bracket", "<a@b <c@d>", 9, []string{"a@b", "c@d"}},
		{"folded inside", "<a.very. long@b>", 9, []string{"a.very.long@b"}},
		{"first and newest", "<1@x> <2@x> <3@x> <4@x> <5@x>", 3, []string{"1@x", "4@x", "5@x"}},
		{"words only", "your message", 9, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := appendIDs(nil, tt.in, tt.limit)
			for i := range got {
				got[i] = strings.TrimSpace(got[i])
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
