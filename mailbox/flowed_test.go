package mailbox

import "testing"

func TestUnflow(t *testing.T) {
	for _, row := range []struct {
		name, text string
		delSp      bool
		want       string
	}{
		{"fixed lines stay", "a\nb", false, "a\nb"},
		{"soft break joins", "the pump \nleaks", false, "the pump leaks"},
		{"three lines", "a \nb \nc\nd", false, "a b c\nd"},
		{"DelSp takes the space", "泵漏 \n油", true, "泵漏油"},
		{"CRLF", "a \r\nb\r\n", false, "a b\n"},
		{"quote depths do not join", "> a \nb", false, "> a \nb"},
		{"quotes join", "> a \n> b", false, "> a b"},
		{"deep quotes", ">> a \n>> b\n> c", false, ">> a b\n> c"},
		{"signature mark never joins", "a \n-- \nAnn", false, "a \n-- \nAnn"},
		{"space stuffing", " From here\n >not a quote", false, "From here\n>not a quote"},
		{"empty lines stay", "\n\na", false, "\n\na"},
		{"empty", "", false, ""},
		{"open at the end", "a ", false, "a "},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := unflow(row.text, row.delSp); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
