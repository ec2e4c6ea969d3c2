package main

import (
	"slices"
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"plain", "pump, Größe 4 · 水泵", "pump, Größe 4 · 水泵"},
		{"escape sequence", "a\x1b[2Jb", "a[2Jb"},
		{"C1 control", "a\u009b31mb", "a31mb"},
		{"bidi override", "a\u202egpj.exe", "agpj.exe"},
		{"zero width", "a\u200bb\ufeffc", "abc"},
		{"line separator", "a\u2028b", "ab"},
		{"bell, return and tab", "a\x07\r\tb", "a b"},
		{"broken UTF-8", "a\xffb", "ab"},
		{"lines stay", "a\nb", "a\nb"},
	} {
		if got := printable(row.in); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, row := range []struct {
		name, in string
		n        int
		want     string
	}{
		{"fits", "pump", 4, "pump"},
		{"too long", "pumps", 4, "pum…"},
		{"Han take two columns", "水泵坏了", 8, "水泵坏了"},
		{"Han cut", "水泵坏了", 7, "水泵坏…"},
		{"Han cut at an odd column", "水泵坏了", 6, "水泵…"},
	} {
		if got := cut(row.in, row.n); got != row.want || columns(got) > row.n {
			t.Errorf("%s: %q (%d columns), want %q", row.name, got, columns(got), row.want)
		}
	}
}

func TestTableAlignsHan(t *testing.T) {
	tb := newTable("name", "n")
	tb.add("水泵", "1")
	tb.add("a\x1b[31mb", "2")
	var b strings.Builder
	tb.print(&b)
	if want := "name    n\n水泵    1\na[31mb  2\n"; b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestInOrder(t *testing.T) {
	var in, got []int
	for i := range 1000 {
		in = append(in, i)
	}
	if err := inOrder(nil, in, func(i int) int { return 2 * i }, func(n int) { got = append(got, n/2) }); err != nil || !slices.Equal(in, got) {
		t.Errorf("got %v, %v", got, err)
	}
	stop := make(chan struct{})
	n := 0
	err := inOrder(stop, in, func(i int) int { return i }, func(int) {
		if n++; n == 10 {
			close(stop)
		}
	})
	if err == nil || n == len(in) {
		t.Errorf("stopped after 10: %d came, error %v", n, err)
	}
}

func TestAlignLines(t *testing.T) {
	got := alignLines([]string{"a", "b", "c"}, []string{"a", "x", "c", "d"})
	want := [][2]string{{"a", "a"}, {"b", ""}, {"", "x"}, {"c", "c"}, {"", "d"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
