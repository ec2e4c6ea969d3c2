package templates

import "testing"

func TestCleanLine(t *testing.T) {
	for _, row := range []struct {
		name, in string
		limit    int
		want     string
	}{
		{"plain", "a pump", 9, "a pump"},
		{"Chinese", "液压泵，停机。", 9, "液压泵，停机。"},
		{"both", "泵 P-200 停机", 20, "泵 P-200 停机"},
		{"as long as allowed", "液压泵停机", 5, "液压泵停机"},
		{"too long", "液压泵停机了", 5, "液压泵停机…"},
		{"two spaces", "泵  停机", 9, "泵 停机"},
		{"wide space", "泵\u3000停机", 9, "泵 停机"},
		{"spaces around", " 泵停机 ", 9, "泵停机"},
		{"braces", "泵{{x}}", 9, "泵{ {x} }"},
		{"one brace", "泵{x}", 9, "泵{x}"},
		{"a control", "泵\a停机", 9, "泵停机"},
		{"zero width", "泵\u200b停机", 9, "泵停机"},
		{"byte order mark", "泵\ufeff停机", 9, "泵停机"},
		{"turned around", "泵\u202e停机", 9, "泵停机"},
		{"private use", "泵\ue000停机", 9, "泵停机"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := cleanLine(row.in, row.limit); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestCleanLines(t *testing.T) {
	for in, want := range map[string]string{"": "", "\n\n": "", "one\ntwo": "one\ntwo", "\none\r\n\n 二 \n": "one\n\n二", "一二三四五六七八九十\nmore": "一二三四五六七八九十\nmor…"} {
		if got := cleanLines(in, 14); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
