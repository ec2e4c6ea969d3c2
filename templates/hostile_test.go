package templates

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// hostile are values that a stranger may write into any field of a mail.
var hostile = []struct{ name, value string }{
	{"script", `<script>alert(1)</script>`},
	{"broken tag", `<img src=x onerror=alert(1)`},
	{"out of an attribute", `" onmouseover="alert(1)" x="`},
	{"out of a quoted attribute", `' onmouseover='alert(1)`},
	{"end of the page", `</td></table></body></html><h1>Paid</h1>`},
	{"comment", `<!-- --><![endif]--><style>*{display:none}</style>`},
	{"entity", `&lt;script&gt;&#60;b&#62;`},
	{"Markdown link", `[your refund](https://evil.example)`},
	{"Markdown emphasis", `**free** _of_ ~~charge~~ # title`},
	{"Markdown picture", `![x](https://evil.example/x.png)`},
	{"bare link", `pay at https://evil.example/now or www.evil.example or evil.com/pay`},
	{"header", "x\r\nBcc: everybody@evil.example\r\n\r\nbody"},
	{"lone carriage return", "x\rBcc: everybody@evil.example"},
	{"line separators", "x\u2028Bcc: a@b\u2029\u0085y\v\f"},
	{"template", `{{case}} {{#if name}}x{{/if}} {{.Foo}} ${x} #{x} %{x}`},
	{"spaced braces", "{\u200b{case}\u200b}"},
	{"template mark", `zQ7v3v7Qz`},
	{"signature mark", "-- \nour terms"},
	{"direction", "abc\u202egnp.exe\u2066\u2069"},
	{"hidden", "a\u200bb\ufeffc\u2060d\U000e0041e"},
	{"null", "a\x00b\x07c"},
	{"no UTF-8", "a\xff\xfe\xc3\x28b"},
	{"Hebrew", "שלום <b>"},
	{"format", "%s%n%x$(id)`id`;DROP TABLE cases"},
	{"long", strings.Repeat("A", 100_000)},
	{"long without end", strings.Repeat("<[{(", 50_000)},
	{"blank", " \t\u3000 "},
}

// TestHostileValues puts each hostile value into each text field in turn, and all at once, and holds each part of the mail
// against a mail with harmless values: the same elements, the same attributes, the same lines.
func TestHostileValues(t *testing.T) {
	set := defaultSet(t)
	for _, row := range hostile {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for i, name := range []string{"repair.en", "staff/bounced.en", "return.in-warranty.return.zh", "visit-arranged.en", "ack-further.zh", "ack-bare.en", "staff/visit-overdue.zh", "staff/digest.en"} {
				tpl, ok := set.Find(name)
				if !ok {
					t.Fatalf("no template %s", name)
				}
				fields := []string{"all"}
				if i < 2 {
					fields = append(textFields(), "all")
				}
				for _, field := range fields {
					checkHostile(t, set, tpl, field, row.value)
				}
			}
		})
	}
}

func checkHostile(t *testing.T, set *Set, tpl Template, field, value string) {
	t.Helper()
	safe, bad := Sample(tpl.Language), Sample(tpl.Language)
	put(&safe, field, "harmless")
	put(&bad, field, value)
	want, err := set.Render(tpl, safe)
	if err != nil {
		t.Fatal(err)
	}
	got, err := set.Render(tpl, bad)
	if err != nil {
		t.Fatal(err)
	}
	where := tpl.Name + ", " + field
	if strings.ContainsFunc(got.Subject, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\u202e' }) || len([]rune(got.Subject)) > maxSubject {
		t.Errorf("%s: subject %q", where, got.Subject)
	}
	for _, part := range []string{got.Subject, got.Text, got.HTML} {
		for _, never := range []string{"{{", "}}", "\r", "\x00", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", "\ufffd", "Refused"} {
			if strings.Contains(part, never) {
				t.Errorf("%s: %q came through", where, never)
			}
		}
	}
	ours := field == "all" || strings.HasPrefix(field, "Office.") || strings.HasPrefix(field, "Company.") || field == "Visit.Person"
	if tpl.Class != ClassStaff && !ours && strings.Contains(got.Text+got.Subject+got.HTML, "evil.example/") {
		t.Errorf("%s: a stranger's link came through:\n%s", where, got.Text)
	}
	if a, b := outline(want.HTML), outline(got.HTML); a != b && cleanLine(value, 300) != "" && bareSubject(value, "") != "" {
		t.Errorf("%s: the page has other elements:\n%s\n%s", where, a, b)
	}
	if strings.Count(got.Text, "\n-- \n") != 1 {
		t.Errorf("%s: %d signature marks", where, strings.Count(got.Text, "\n-- \n"))
	}
	if len(got.HTML) > maxPage {
		t.Errorf("%s: %d bytes of HTML", where, len(got.HTML))
	}
}

// outline lists the elements and attributes of a page without the values that are text, and without <br> and <bdi>, which
// values may bring.
func outline(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			token := z.Token()
			if token.Data == "br" || token.Data == "bdi" {
				continue
			}
			b.WriteString(token.Data)
			for _, a := range token.Attr {
				b.WriteString(" " + a.Key)
				if a.Key == "href" || a.Key == "style" {
					b.WriteString("=" + a.Val)
				}
			}
			b.WriteByte('\n')
		case html.CommentToken:
			b.WriteString("comment\n")
		}
	}
}

// textFields lists the paths of all string fields of Vars that carry text from outside.
func textFields() []string {
	var paths []string
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for i := range t.NumField() {
			f := t.Field(i)
			switch name := prefix + f.Name; {
			case f.Type.Kind() == reflect.String, f.Type == reflect.TypeFor[[]string]():
				switch name {
				case "CaseRef", "Class", "Also", "Missing", "Entitlement", "Rung", "Country", "Company.URL", "Company.Name", "Staff.Clock": // ours, from configuration or code
				default:
					paths = append(paths, name)
				}
			case f.Type.Kind() == reflect.Struct && f.Type.NumField() > 0 && f.Type.Field(0).IsExported():
				walk(f.Type, name+".")
			}
		}
	}
	walk(reflect.TypeFor[Vars](), "")
	return paths
}

func put(v *Vars, field, value string) {
	if field == "all" {
		for _, f := range textFields() {
			put(v, f, value)
		}
		return
	}
	at := reflect.ValueOf(v).Elem()
	for name := range strings.SplitSeq(field, ".") {
		at = at.FieldByName(name)
	}
	if at.Kind() == reflect.String {
		at.SetString(value)
		return
	}
	at.Set(reflect.ValueOf([]string{value, value}))
}

func TestOddURLsOfTheCompanyAreLeftOut(t *testing.T) {
	set := defaultSet(t)
	tpl, _ := set.Find("repair.en")
	for _, url := range []string{"javascript:alert(1)", `https://x.example/"onclick="`, "https://x.example/ a", "data:text/html,x", "https://x.example/\r\nBcc: a", "//x.example"} {
		v := Sample("en")
		v.Company.URL = url
		r, err := set.Render(tpl, v)
		if err != nil || strings.Contains(r.HTML, "<a ") {
			t.Errorf("%q made a link: %v", url, err)
		}
	}
}

func FuzzRender(f *testing.F) {
	set := defaultSet(f)
	names := []string{"repair.en", "visit.in-warranty.zh", "staff/bounced.en"}
	for _, row := range hostile {
		f.Add(row.value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range names {
			tpl, _ := set.Find(name)
			checkHostile(t, set, tpl, "all", value)
		}
	})
}

// FuzzLoad feeds sources of templates to the loader: it must refuse or accept, never panic.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{page("Hello {{name}}"), page("{{#if name}}\na\n{{else}}\nb\n{{/if}}"), page("- a\n{{#if name}}\n- b\n{{/if}}"), page("[x]({{company.url}}) **{{case}}**"), page("> {{subject}}\n\n| a |\n|---|\n| {{name}} |"), page("{{> greeting}}\n{{list missing}}\n{{table facts}}")} {
		f.Add(s)
	}
	base := defaultSet(f)
	ready := newLoader(base.files, Options{}.withDefaults())
	ready.prepare()
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 4096 {
			return
		}
		ld, set := *ready, *ready.set
		set.byName, set.bySlot, set.templates = map[string]Template{}, map[slot]Template{}, nil
		ld.report, ld.set = &report{}, &set
		if !ld.readable("reply/fuzz.en.md", src) {
			return // as every file of a set is looked at first
		}
		ld.template("reply/fuzz.en.md", src)
		if tpl, ok := ld.set.byName["fuzz.en"]; ok && tpl.Class != ClassAckBare {
			checkHostile(t, ld.set, tpl, "all", "{{case}}<b>")
		}
	})
}
