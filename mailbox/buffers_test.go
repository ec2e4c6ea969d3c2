package mailbox

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
)

// TestBuffersKeepNothing: a Message says the same before and after other mails were read in the same room, and whatever
// was read before.
func TestBuffersKeepNothing(t *testing.T) {
	seeds := append(parseSeeds(), benchMail(), string(mail8KB()), "Subject: only\n\n> cited\nown words\n> cited again\nmore of them\n\n\n\n-- \nAnn\n")
	var first []Message
	var want []string
	for _, raw := range seeds {
		m := parse(raw)
		first, want = append(first, m), append(want, dump(t, &m))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 3 * len(seeds) {
				k := i * 7 % len(seeds)
				if m := parse(seeds[k]); dump(t, &m) != want[k] {
					t.Errorf("mail %d reads otherwise behind others", k)
				}
			}
		})
	}
	wg.Wait()
	for i := range first {
		if dump(t, &first[i]) != want[i] {
			t.Errorf("mail %d changed while others were read", i)
		}
	}
}

func dump(t *testing.T, m *Message) string {
	b, err := json.Marshal(m)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// TestBlock: what is cut out of a text as one piece is what its lines joined are.
func TestBlock(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"one line", "words\n", "words"},
		{"in a row", "one\ntwo\n", "one\ntwo"},
		{"a gap", "one\n\ntwo\n", "one\n\ntwo"},
		{"a wide gap", "one\n\n\n\ntwo\nthree\n", "one\n\ntwo\nthree"},
		{"a gap with a space", "one\n \ntwo\n", "one\n\ntwo"},
		{"spaces at the end", "one  \ntwo\n", "one\ntwo"},
		{"spaces at the head", "  one\n  two\n", "one\n  two"},
		{"a quote between", "one\n> cited\ntwo\n", "one\n> cited\ntwo"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := cutBody(row.text).New; got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestFoldEnds(t *testing.T) {
	for in, want := range map[string]string{"": "", "a\r\nb": "a\nb", "a\rb": "a\nb", "a\r\r\nb\r\n": "a\nb\n", "a\r\r\rb": "a\n\n\nb", "\r\r": "\n\n", "a\r\n\r\nb\rc": "a\n\nb\nc"} {
		if got := string(foldEnds([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	many := strings.Repeat("\r", 1<<20) // takes minutes when each CR looks at all that follow
	if got := foldEnds([]byte(many + "x")); len(got) != len(many)+1 {
		t.Errorf("%d bytes of %d", len(got), len(many)+1)
	}
}

// TestHashOfWhiteSpace: white space counts as one space wherever it stands, also where it lies across the words of eight
// bytes that are looked at together.
func TestHashOfWhiteSpace(t *testing.T) {
	hash := func(subject string) [32]byte { return (&Message{Subject: subject}).contentHash() }
	for n := 1; n < 20; n++ {
		for _, mark := range []string{"!", "a"} {
			head, tail := strings.Repeat("x", n), mark+" words and 字 more"
			want := hash(head + " " + tail)
			for _, gap := range []string{"  ", "\n", " \n", "\n ", "\u3000", " \u3000", "\t\r\n"} {
				if hash(head+gap+tail) != want || hash(head+gap+strings.ReplaceAll(tail, " ", gap)+gap) != want {
					t.Errorf("%d letters and %q: another hash", n, gap)
				}
			}
			if hash(head+tail) == want {
				t.Errorf("%d letters: a space less makes no other hash", n)
			}
		}
	}
	if a, b := hash("one two"), hash("one\x1ftwo"); a == b {
		t.Error("a control character counts as white space")
	}
}
