package templates

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

func TestRenderConditions(t *testing.T) {
	rows := []struct {
		name, body string
		vars       Vars
		text, html string
	}{
		{"known", "{{#if name}}\nDear {{name}},\n{{else}}\nHello,\n{{/if}}", Vars{CustomerName: "Mei"}, "Dear Mei,\n", `<p>Dear Mei,</p>`},
		{"not known", "{{#if name}}\nDear {{name}},\n{{else}}\nHello,\n{{/if}}", Vars{}, "Hello,\n", `<p>Hello,</p>`},
		{"not", "A{{#if not name}}B{{else}}C{{/if}}", Vars{}, "AB\n", `<p>AB</p>`},
		{"nested", "A{{#if name}}B{{#if city}}C{{/if}}D{{/if}}E", Vars{CustomerName: "x"}, "ABDE\n", `<p>ABDE</p>`},
		{"blank is not known", "A{{#if name}}B{{/if}}", Vars{CustomerName: " \u3000\t"}, "A\n", `<p>A</p>`},
		{"in emphasis", "**A {{name}}** b", Vars{CustomerName: "<x>"}, "A <x> b\n", `<strong>A &lt;x&gt;</strong> b`},
		{"in a title of a link", "[A](https://a.example \"{{name}}\")", Vars{CustomerName: `"x`}, "A (https://a.example)\n", `title="&#34;x"`},
		{"company link", "A\n{{#if company.url}}\n[site]({{company.url}})\n{{/if}}", Vars{Company: Company{URL: "https://c.example/?a=1&b=2"}}, "A\n\nsite (https://c.example/?a=1&b=2)\n", `href="https://c.example/?a=1&amp;b=2"`},
		{"list", "A\n\n{{list missing}}", Vars{Missing: []string{"serial", "no-such-fact", "phone"}}, "A\n\n- the serial number (on the type plate)\n- a telephone number where we can reach you\n", `<li>the serial number`},
		{"phrase", "A {{missing}}", Vars{Missing: []string{"product", "proof", "city"}}, "the product or model, a copy of the contract or invoice, or a message from the address that the contract names and the city where", `<p>`},
		{"list in a list", "- a\n{{#if name}}\n- b\n{{/if}}\n- c", Vars{CustomerName: "x"}, "- a\n\n- b\n\n- c\n", `<li>b</li>`},
		{"numbers", "3. a\n4. b", Vars{}, "3. a\n4. b\n", `<ol start="3">`},
		{"quote", "> a\n> b", Vars{}, "> a b\n", `<blockquote>`},
		{"hard break", "a\\\nb", Vars{}, "a\nb\n", `a<br>` + "\nb"},
		{"escapes", `\*a\* &amp; &copy;`, Vars{}, "*a* & ©\n", `*a* &amp; ©`},
		{"heading", "# Hello\n\nyou", Vars{}, "Hello\n-----\n\nyou\n", `<h1>Hello</h1>`},
		{"table", "| a | b |\n|---|---|\n| {{name}} | 2 |", Vars{CustomerName: "x|y"}, "a | b\nx|y | 2\n", `<td>x|y</td>`},
		{"comment", "a{{! b }}c\n{{! d }}\ne", Vars{}, "ac e\n", "ac\ne"},
		{"program text", "```\na  b\n```", Vars{}, "    a  b\n", "<pre><code>a  b"},
		{"label", "{{label case}}", Vars{}, "Case\n", "Case"},
		{"also", "{{understood}}", Vars{Class: "repair", Also: []string{"visit", "complaint", "repair", "x"}}, "a report of a fault or a request for repair; and also as a request concerning a visit on site and a complaint\n", "<p>"},
		{"class that nobody knows", "{{understood}}", Vars{Class: "x"}, "a message for our customer service\n", "<p>"},
	}
	files := map[string]string{"layout/style.yaml": "{}", "layout/staff.txt": "{{body}}"}
	for i, row := range rows {
		files[fmt.Sprintf("staff/row-%d.en.md", i)] = "---\nlanguage: en\nsubject: Hello\n---\nX\n\n" + row.body
	}
	set, problems := loadOver(t, files, Options{})
	if set == nil {
		t.Fatal(problems)
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r, err := set.RenderStaff(fmt.Sprintf("row-%d", i), "en", row.vars)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(r.Text, "X\n\n"); !strings.Contains(got, row.text) || strings.HasSuffix(row.text, "\n") && got != row.text {
				t.Errorf("text %q, want %q", got, row.text)
			}
			if !strings.Contains(r.HTML, row.html) {
				t.Errorf("no %q in the HTML:\n%s", row.html, r.HTML)
			}
		})
	}
}

func TestQuotedLinesStayQuoted(t *testing.T) {
	v := Sample("en")
	v.Staff.Excerpt = "one\n-- \n\nthree"
	r, err := defaultSet(t).RenderStaff("further", "en", v)
	if err != nil || !strings.Contains(r.Text, "\n> one\n> --\n>\n> three\n") || !strings.Contains(r.HTML, "one<br>\n--<br>\n<br>\nthree") {
		t.Errorf("%v\n%s\n%s", err, r.Text, r.HTML)
	}
}

func TestDatesFollowLanguageAndZone(t *testing.T) {
	set := defaultSet(t)
	at := time.Date(2026, 3, 1, 23, 5, 0, 0, time.UTC)
	shanghai, kolkata, lima := time.FixedZone("CST", 8*3600), time.FixedZone("IST", 5*3600+1800), time.FixedZone("PET", -5*3600)
	for _, row := range []struct {
		lang string
		fn   function
		zone *time.Location
		want string
	}{
		{"en", asIs, nil, "Sunday 1 March 2026, 23:05 (UTC)"},
		{"en", asIs, shanghai, "Monday 2 March 2026, 07:05 (UTC+8)"},
		{"en", asIs, kolkata, "Monday 2 March 2026, 04:35 (UTC+5:30)"},
		{"en", asIs, lima, "Sunday 1 March 2026, 18:05 (UTC−5)"},
		{"en", asDate, shanghai, "Monday 2 March 2026"},
		{"zh", asIs, shanghai, "2026年3月2日（星期一）07:05（UTC+8）"},
		{"zh", asTime, shanghai, "07:05"},
	} {
		if got := set.languages[row.lang].moment(at, row.fn, row.zone); got != row.want {
			t.Errorf("got %s, want %s", got, row.want)
		}
	}
}

func TestStatutoryLineByCountry(t *testing.T) {
	set := defaultSet(t)
	for _, row := range []struct{ country, lang, want string }{
		{"CN", "zh", "消费者权益保护法"}, {"cn", "en", "People's Republic of China"}, {"AU", "en", "Australian Consumer Law"},
		{"AU", "zh", "所在地法律"}, {"FR", "en", "the law of your country"}, {"", "zh", "所在地法律"},
	} {
		v := Sample(row.lang)
		v.Country = row.country
		tpl, _ := set.Find("repair." + row.lang)
		r, err := set.Render(tpl, v)
		if err != nil || !strings.Contains(r.Text, row.want) {
			t.Errorf("%s in %s: no %q (%v)", row.country, row.lang, row.want, err)
		}
	}
}

func TestSubjectsKeepOneTag(t *testing.T) {
	set := defaultSet(t)
	tpl, _ := set.Find("repair.en")
	for _, row := range []struct{ subject, want string }{
		{"Pump", "Re: Pump [AC-000123]"},
		{"Re: AW: 回复：Pump", "Re: Pump [AC-000123]"},
		{"Re: Pump [AC-000123]", "Re: Pump [AC-000123]"},
		{"[AC-000123] Re: Pump", "Re: Pump [AC-000123]"},
		{"Pump [AC-000999]", "Re: Pump [AC-000999] [AC-000123]"},
		{"Re:", "Your message [AC-000123]"},
		{"", "Your message [AC-000123]"},
		{"Note: valve", "Re: Note: valve [AC-000123]"},
	} {
		v := Sample("en")
		v.Subject = row.subject
		if r, err := set.Render(tpl, v); err != nil || r.Subject != row.want {
			t.Errorf("%q became %q (%v), want %q", row.subject, r.Subject, err, row.want)
		}
	}
}

func TestRightToLeftValuesAreKeptApart(t *testing.T) {
	set := defaultSet(t)
	tpl, _ := set.Find("repair.en")
	v := Sample("en")
	v.CustomerName = "דנה <כהן>"
	r, err := set.Render(tpl, v)
	if err != nil || !strings.Contains(r.HTML, `<bdi dir="auto">דנה &lt;כהן&gt;</bdi>`) || !strings.Contains(r.Text, "\u2068דנה <כהן>\u2069") {
		t.Errorf("%v\n%s", err, r.Text)
	}
}

func TestPicturesAndAttachments(t *testing.T) {
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	set, problems := loadOver(t, map[string]string{
		"layout/logo.png": logo.String(), "files/plan.png": logo.String(), "files/manual.pdf": "%PDF",
		"reply/repair.en.md": "---\nclass: repair\nlanguage: en\nattachments: [files/manual.pdf]\n---\nHello\n\n![the plan](files/plan.png)\n",
	}, Options{})
	if set == nil {
		t.Fatal(problems)
	}
	tpl, _ := set.Find("repair.en")
	r, err := set.Render(tpl, Sample("en"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Inline {
		if !strings.Contains(r.HTML, `src="cid:`+f.CID+`"`) || f.Type != "image/png" || !bytes.Equal(f.Data, logo.Bytes()) {
			t.Errorf("%s is not shown", f.CID)
		}
	}
	if len(r.Inline) != 2 || len(r.Attachments) != 1 || r.Attachments[0].Name != "manual.pdf" || r.Attachments[0].Type != "application/pdf" {
		t.Errorf("%d pictures, attachments %v", len(r.Inline), r.Attachments)
	}
	if !strings.Contains(r.HTML, `alt="Example Machinery Ltd"`) || !strings.Contains(r.Text, "the plan") {
		t.Error("a picture has no words")
	}
}

// TestAMailIsWhollyOfOneSet swaps sets while others render.
func TestAMailIsWhollyOfOneSet(t *testing.T) {
	sets := make([]*Set, 2)
	for i, word := range []string{"old", "new"} {
		m := fstest.MapFS{}
		for _, lang := range []string{"en", "zh"} {
			m["parts/office."+lang+".md"] = &fstest.MapFile{Data: []byte("office " + word)}
		}
		m["layout/reply.txt"] = &fstest.MapFile{Data: []byte("{{body}}\nlayout " + word + "\n")}
		m["reply/repair.en.md"] = &fstest.MapFile{Data: []byte(page("body " + word + "\n\n{{> office}}"))}
		set, err := Load(m, Options{Base: tiny(t)})
		if err != nil {
			t.Fatal(err)
		}
		sets[i] = set
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 100 {
				set, other := sets[(worker+i)%2], sets[(worker+i+1)%2]
				tpl, _ := set.Choose(Key{Class: "repair", Language: "en"})
				r, err := other.Render(tpl, Sample("en")) // even by the wrong set
				words := [2]string{"old", "new"}
				mine, theirs := words[(worker+i)%2], words[(worker+i+1)%2]
				if err != nil || strings.Count(r.Text, mine) != 3 || strings.Contains(r.Text, theirs) {
					t.Errorf("%v\n%s", err, r.Text)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestRenderOfNothing(t *testing.T) {
	if _, err := defaultSet(t).Render(Template{Name: "x"}, Vars{}); err == nil {
		t.Error("a template of no set was rendered")
	}
}

func TestWithoutLinks(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"pump HX-2.5 at 3.2 bar", "pump HX-2.5 at 3.2 bar"},
		{"Dr.Smith of Smith & Co.", "Dr.Smith of Smith & Co."},
		{"see https://a.example", "see [link]"},
		{"see WWW.a.b", "see [link]"},
		{"a.com, b.co.uk/x c.top!", "[link] [link] [link]"},
		{"me@firm.cn", "[link]"},
		{"访问a.com领奖", "[link]"},
		{"no.1 v1.0.comic", "no.1 v1.0.comic"},
	} {
		if got := withoutLinks(row.in, "[link]"); got != row.want {
			t.Errorf("%q became %q, want %q", row.in, got, row.want)
		}
	}
}

func TestALanguageFromRightToLeft(t *testing.T) {
	src := string(defaultSet(t).Source("language/en.yaml"))
	src = strings.NewReplacer("language: en", "language: he", "direction: ltr", "direction: rtl", "case: Case", "case: פנייה").Replace(src)
	set, problems := loadOver(t, map[string]string{"language/he.yaml": src, "reply/repair.he.md": "---\nclass: repair\nlanguage: he\n---\nשלום {{name}}\n\n{{table facts}}"}, Options{})
	if set == nil {
		t.Fatal(problems)
	}
	tpl, _ := set.Choose(Key{Class: "repair", Language: "he-IL"})
	r, err := set.Render(tpl, Sample("en"))
	if err != nil || !strings.Contains(r.HTML, `<html lang="he" dir="rtl"`) || !strings.Contains(r.HTML, `<bdi dir="auto">פנייה</bdi>`) || r.Language != "he" {
		t.Errorf("%v\n%s", err, r.HTML)
	}
	if tpl, why := set.Choose(Key{Class: "usage", Language: "he"}); tpl.Name != "usage.en" {
		t.Errorf("a class without a template in Hebrew gets %s: %s", tpl.Name, why)
	}
}
