package responder

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestPhraseSet: every phrase is found where a plain search finds it as a whole word, overlapping ones too.
func TestPhraseSet(t *testing.T) {
	phrases := []string{"he", "she", "his", "hers", "unsubscri*", "自动回复", "回复", "out of office", "of", "réponse automatique", ":"}
	set, ok := newPhraseSet(phrases)
	if !ok {
		t.Fatal("too many phrases")
	}
	rows := []struct{ text, want string }{
		{"", ""},
		{"she said", "she"},
		{"ushers", ""},
		{"to he: hers", "he : hers"},
		{"Unsubscribe here", "unsubscri*"},
		{"reunsubscribe", ""},
		{"自动回复：询价", "自动回复 回复 :"},
		{"Out  of\r\n office", "of out of office"},
		{"Out of\u00a0Office", "of out of office"},
		{"RÉPONSE AUTOMATIQUE", "réponse automatique"},
		{"Ｏｕｔ　ｏｆ　ｏｆｆｉｃｅ", "of out of office"},
	}
	for _, r := range rows {
		var got []string
		set.each(fold(nil, r.text, 1000), func(n, start, end int) bool {
			got = append(got, phrases[n])
			return true
		})
		if s := strings.Join(got, " "); s != r.want {
			t.Errorf("%q: found %q, want %q", r.text, s, r.want)
		}
	}
}

// TestFold: the form that phrases are compared in.
func TestFold(t *testing.T) {
	rows := []struct{ in, want string }{
		{"  A \t\n B ", "a b "},
		{"I’m “here”", "i'm \"here\""},
		{"【自动回复】：好！", "[自动回复]:好!"},
		{"zero\u200bwidth", "zerowidth"},
		{"ÄÖÜ Éé Автоответ", "äöü éé автоответ"},
		{"bad \xff byte", "bad \ufffd byte"},
	}
	for _, r := range rows {
		if got := string(fold(nil, r.in, 100)); got != r.want {
			t.Errorf("fold(%q) = %q, want %q", r.in, got, r.want)
		}
	}
	if got := fold(nil, strings.Repeat("字", 100), 50); len(got) > 53 {
		t.Errorf("fold went past its limit: %d bytes", len(got))
	}
}

// TestPhraseSetRandom compares with a plain search, over texts of few letters so that phrases lie in each other.
func TestPhraseSetRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(n int) string {
		b := make([]byte, 0, n)
		for range 1 + r.IntN(n) {
			b = append(b, "aab bc.d"[r.IntN(8)])
		}
		return strings.TrimSpace(string(b)) + "c"
	}
	for range 300 {
		var phrases []string
		for range 12 {
			phrases = append(phrases, word(5)+[...]string{"", "", "*"}[r.IntN(3)])
		}
		slices.Sort(phrases)
		phrases = slices.Compact(phrases)
		set, ok := newPhraseSet(phrases)
		if !ok {
			t.Fatal("too many phrases")
		}
		text := []byte(word(60))
		var got, want []string
		set.each(text, func(n, start, end int) bool {
			got = append(got, fmt.Sprint(phrases[n], start))
			return true
		})
		for _, p := range phrases {
			bare, open := strings.CutSuffix(p, "*")
			for i := range text {
				if bytes.HasPrefix(text[i:], []byte(bare)) && wholeWord(text, i, i+len(bare), open) {
					want = append(want, fmt.Sprint(p, i))
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q: found %q, want %q", phrases, text, got, want)
		}
	}
}
