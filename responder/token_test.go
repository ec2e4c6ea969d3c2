package responder

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestTokens: what we sign we know again, in any case of letters, and nothing else.
func TestTokens(t *testing.T) {
	for _, tok := range []Token{{1, 1}, {123, 456789}, {0, 0}, {math.MaxInt64, math.MaxInt64}} {
		id := SignMessageID(testKey, tok, "Desk.Example")
		if id != strings.ToLower(id) || len(id) > 90 {
			t.Errorf("id %q: expected lower case and under 90 bytes", id)
		}
		for _, form := range []string{id, "<" + id + ">", " <" + strings.ToUpper(id) + "> ", strings.Split(id, "@")[0] + "@rewritten.example"} {
			if got, ok := VerifyMessageID(testKey, form); !ok || got != tok {
				t.Errorf("VerifyMessageID(%q) = %v %v", form, got, ok)
			}
		}
		p, v := SignPlus(testKey, tok, "support@desk.example"), SignVERP(testKey, tok, "support@desk.example")
		if got, ok := VerifyPlus(testKey, strings.ToUpper(p)); !ok || got != tok {
			t.Errorf("VerifyPlus(%q) = %v %v", p, got, ok)
		}
		if got, ok := VerifyVERP(testKey, v); !ok || got != tok {
			t.Errorf("VerifyVERP(%q) = %v %v", v, got, ok)
		}
		if _, ok := VerifyPlus(testKey, v); ok {
			t.Errorf("an envelope address answers a case: %q", v)
		}
		if got, ok := VerifyHeader(testKey, SignHeader(testKey, tok)); !ok || got != tok {
			t.Errorf("VerifyHeader: %v %v", got, ok)
		}
		if len(strings.Split(p, "@")[0]) > 64 {
			t.Errorf("local part of %q is longer than RFC 5321 allows", p)
		}
	}
}

// TestTokensForged: no change of a byte passes, nor another key, nor rubbish.
func TestTokensForged(t *testing.T) {
	id := SignMessageID(testKey, Token{12, 34}, "d.example")
	local := strings.Split(id, "@")[0]
	for i := range len(local) {
		b := []byte(local)
		if b[i] = 'x'; local[i] == 'x' {
			b[i] = 'y'
		}
		if tok, ok := VerifyMessageID(testKey, string(b)+"@d.example"); ok {
			t.Errorf("%q passes as %v", b, tok)
		}
	}
	for _, id := range []string{"", "ac.", "ac...", "ac.1.1.@x", "ac.-1.1.aaaaaaaaaaaaaaaa@x", "ac.1.1.aaaaaaaaaaaaaaaa", "1@x", strings.Repeat("ac.", 1000), id[1:]} {
		if tok, ok := VerifyMessageID(testKey, id); ok {
			t.Errorf("%q passes as %v", id, tok)
		}
	}
	if _, ok := VerifyMessageID(nil, SignMessageID(nil, Token{1, 1}, "x")); ok {
		t.Error("without a key everything is ours")
	}
	if _, ok := VerifyMessageID([]byte("other"), id); ok {
		t.Error("another key's id passes")
	}
	for _, addr := range []string{"", "@", "support@desk.example", "support+@desk.example", "support+c@desk.example", "support+c1-1-aaaaaaaaaaaaaaaa@desk.example"} {
		if _, ok := VerifyPlus(testKey, addr); ok {
			t.Errorf("plus part of %q passes", addr)
		}
	}
}

// TestFindTokens: signed ids in running text.
func TestFindTokens(t *testing.T) {
	a, b := Token{7, 8}, Token{9, 10}
	text := "Mac.example says: Message-ID: <" + SignMessageID(testKey, a, "d.example") + ">\r\nReferences: <" + strings.ToUpper(SignMessageID(testKey, b, "d.example")) + "> <" +
		SignMessageID(testKey, a, "d.example") + "> ac.1.2.nothing mac." + SignMessageID(testKey, Token{5, 5}, "d")[3:]
	if got := FindTokens(testKey, text); !slices.Equal(got, []Token{a, b}) {
		t.Errorf("found %v", got)
	}
	if got := FindTokens(testKey, strings.Repeat("ac.ac.", 10000)); got != nil {
		t.Errorf("found %v in rubbish", got)
	}
}

// TestTags: case numbers in subjects.
func TestTags(t *testing.T) {
	if got := SubjectTag(123); got != "[AC-000123]" {
		t.Errorf("SubjectTag(123) = %q", got)
	}
	if got := FormatCase(12345678); got != "AC-12345678" {
		t.Errorf("FormatCase = %q", got)
	}
	rows := []struct {
		subject string
		want    []int64
	}{
		{"Re: Unit stopped [AC-000123]", []int64{123}},
		{"[ac-000123] x [AC-000124] [AC-000123]", []int64{123, 124}},
		{"回复：设备停机【AC-000123】", []int64{123}},
		{"[ AC-000123 ]", []int64{123}},
		{"AC-000123", nil},
		{"[AC-123]", nil},
		{"[AC-000000]", nil},
		{"[AC-9999999999999999999999]", nil},
		{"[XAC-000123]", nil},
		{"[AC-000123", nil},
	}
	for _, r := range rows {
		if got := ParseTags(r.subject); !slices.Equal(got, r.want) {
			t.Errorf("ParseTags(%q) = %v, want %v", r.subject, got, r.want)
		}
	}
	for s, want := range map[string]int64{"AC-000123": 123, "[ac-7]": 7, " 12 ": 12, "x": 0, "-1": 0, "": 0} {
		if n, ok := ParseCase(s); n*int64(b2i(ok)) != want {
			t.Errorf("ParseCase(%q) = %d %v, want %d", s, n, ok, want)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestHints: what a mail says about its conversation, in order of weight.
func TestHints(t *testing.T) {
	g := testGuard(t, nil)
	a, b := Token{1, 2}, Token{3, 4}
	ida, idb := SignMessageID(testKey, a, "desk.example"), SignMessageID(testKey, b, "desk.example")
	rows := []struct {
		name, head, body string
		rcpt             []string
		want             Hints
	}{
		{"nothing", "", words, nil, Hints{}},
		{"both fields", "In-Reply-To: <" + ida + ">\nReferences: <old@x.example> <" + idb + "> <new@x.example> <" + ida + ">", words, nil,
			Hints{Tokens: []Token{a, b}, MessageIDs: []string{"new@x.example", "old@x.example"}}},
		{"newest first", "References: <1@x.example> <2@x.example> <3@x.example>\nIn-Reply-To: <2@x.example>", words, nil, Hints{MessageIDs: []string{"2@x.example", "3@x.example", "1@x.example"}}},
		{"a forged id is a stranger's", "In-Reply-To: <ac.1.2.aaaaaaaaaaaaaaaa@desk.example>", words, nil, Hints{MessageIDs: []string{"ac.1.2.aaaaaaaaaaaaaaaa@desk.example"}}},
		{"tags", "Subject: Re: [AC-000009] and [AC-000010]", words, nil, Hints{Tags: []int64{9, 10}}},
		{"plus part in To", "To: " + SignPlus(testKey, a, "support@desk.example"), words, nil, Hints{Plus: &a}},
		{"plus part in Delivered-To", "Delivered-To: " + SignPlus(testKey, b, "support@desk.example"), words, nil, Hints{Plus: &b}},
		{"plus part told by the caller", "", words, []string{"x@y.example", SignPlus(testKey, b, "support@desk.example")}, Hints{Plus: &b}},
		{"a read receipt", "Content-Type: multipart/report; report-type=disposition-notification; boundary=r", "--r\nContent-Type: text/plain\n\nRead.\n--r\nContent-Type: message/disposition-notification\n\n" +
			"Final-Recipient: rfc822; jane@customer.example\nOriginal-Message-ID: <" + ida + ">\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--r--\n", nil, Hints{Tokens: []Token{a}}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := g.Hints(parseBytes([]byte(raw(r.head, r.body))), r.rcpt...)
			if !slices.Equal(got.Tokens, r.want.Tokens) || !slices.Equal(got.MessageIDs, r.want.MessageIDs) || !slices.Equal(got.Tags, r.want.Tags) ||
				(got.Plus == nil) != (r.want.Plus == nil) || got.Plus != nil && *got.Plus != *r.want.Plus {
				t.Errorf("got %+v, want %+v", got, r.want)
			}
		})
	}
}
