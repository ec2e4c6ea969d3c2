package templates

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// page makes a template of class repair in English out of a body.
func page(body string) string {
	return "---\nclass: repair\nlanguage: en\nsubject: \"Re: {{subject}} [{{case}}]\"\n---\n\n" + body
}

func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// tiny is a set with one short template a class and language: it loads quickly, and the shared files of the default set
// come with it.
func tiny(t *testing.T) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	for _, dir := range []string{"layout", "language", "parts", "rules"} {
		names, err := fs.Glob(Default(), dir+"/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(Default(), name)
			if err != nil {
				t.Fatal(err)
			}
			m[name] = &fstest.MapFile{Data: data}
		}
	}
	for _, lang := range []string{"en", "zh"} {
		for _, class := range defaultClasses() {
			subject := ""
			if class == ClassAckBare {
				subject = "subject: Hello\n"
			}
			m["reply/"+class+"."+lang+".md"] = &fstest.MapFile{Data: []byte("---\nclass: " + class + "\nlanguage: " + lang + "\n" + subject + "---\nHello")}
		}
		m["staff/notice."+lang+".md"] = &fstest.MapFile{Data: []byte("---\nlanguage: " + lang + "\n---\nHello")}
	}
	return m
}

func defaultClasses() []string {
	return []string{"repair", "replacement", "return", "service", "usage", "project", "training", "feedback", "complaint", "visit",
		ClassOther, ClassAckFurther, ClassAckBare, "visit-arranged", "visit-moved", "visit-cancelled"}
}

func loadOver(t *testing.T, files map[string]string, opt Options) (*Set, Problems) {
	t.Helper()
	if opt.Base == nil {
		opt.Base = tiny(t)
	}
	set, err := Load(folder(files), opt)
	if err == nil {
		return set, nil
	}
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatalf("Load gave no Problems but %v", err)
	}
	return nil, ps
}

func TestLoadRefuses(t *testing.T) {
	const file = "reply/repair.en.md"
	for _, row := range []struct {
		name, file, src string
		want            string // in one problem's line
	}{
		{"no front matter", file, "Hello", "reply/repair.en.md:1:1: front matter is missing"},
		{"front matter not closed", file, "---\nclass: repair\nHello", "front matter is missing"},
		{"broken YAML", file, "---\nclass: [repair\n---\nHello", "reply/repair.en.md:2"},
		{"unknown key", file, "---\nclass: repair\nlanguage: en\ngrand: none\n---\nHello", `reply/repair.en.md:4:1: grand: unknown key; did you mean grant?`},
		{"a second fault in the front matter", file, "---\nclass: repair\nlanguage: en\ngrand: none\noff: maybe\n---\nHello", `reply/repair.en.md:5:6: off: "maybe": expected true or false`},
		{"key twice", file, "---\nclass: repair\nclass: return\nlanguage: en\n---\nHello", "reply/repair.en.md:3"},
		{"unknown class", file, "---\nclass: repiar\nlanguage: en\n---\nHello", `reply/repair.en.md:2:8: class: "repiar" is not among the classes of language/en.yaml (did you mean repair?)`},
		{"no class", file, "---\nlanguage: en\n---\nHello", "class: is missing"},
		{"unknown language", file, "---\nclass: repair\nlanguage: eng\n---\nHello", `"eng" has no file in language/ (did you mean en?)`},
		{"unknown entitlement", file, "---\nclass: repair\nlanguage: en\nentitlement: in waranty\n---\nHello", "(did you mean in warranty?)"},
		{"unknown rung", file, "---\nclass: repair\nlanguage: en\nentitlement: in warranty\nrung: repairs\n---\nHello", "(did you mean repair?)"},
		{"unknown grant", file, "---\nclass: repair\nlanguage: en\ngrant: free\n---\nHello", `grant: "free" is no grant`},
		{"grant without record", file, "---\nclass: repair\nlanguage: en\ngrant: repair\n---\nHello", "reply/repair.en.md:4:8: grant: repair promises more than the record it is for (any entitlement)"},
		{"grant above rung", "reply/return.in-warranty.en.md", "---\nclass: return\nlanguage: en\nentitlement: in warranty\ngrant: return\n---\nHello", "promises more than the record it is for (in warranty, rung repair)"},
		{"grant after the term", "reply/return.out-of-warranty.en.md", "---\nclass: return\nlanguage: en\nentitlement: out of warranty\ngrant: repair\n---\nHello", "promises more than the record it is for (out of warranty)"},
		{"rung without warranty", file, "---\nclass: repair\nlanguage: en\nentitlement: unknown\nrung: repair\n---\nHello", "rung: has a meaning only with entitlement: in warranty"},
		{"words promise more than the grant", file, page("We repair it free of charge."), `"free of charge" promises more than grant: none covers`},
		{"refusal", file, page("Your claim is rejected."), `"your claim is rejected" promises more`},
		{"refusal in Chinese", "reply/return.zh.md", "---\nclass: return\nlanguage: zh\n---\n您的要求不予受理。", "不予受理"},
		{"two for one slot", "reply/repair-new.en.md", page("Hello"), "is for the same class, language, entitlement and rung as"},
		{"unknown variable", file, page("Hello {{nmae}},"), `reply/repair.en.md:7:7: unknown variable "nmae" (did you mean name?)`},
		{"unknown variable in subject", file, "---\nclass: repair\nlanguage: en\nsubject: \"[{{case}}] {{sbject}}\"\n---\nHello", `reply/repair.en.md:4`},
		{"variable for staff", file, page("{{evidence}}"), "evidence is for mails to staff only"},
		{"variable for layout", file, page("{{logo}}"), "logo can be used in layout/ only"},
		{"unknown function", file, page("{{dat due}}"), `unknown function "dat" (did you mean date?)`},
		{"function on a wrong variable", file, page("{{date name}}"), "{{date}} needs a time, and name is a text"},
		{"list inside a line", file, page("Send {{list missing}} please"), "has to stand alone on its line"},
		{"pairs as text", file, page("{{facts}}"), "write {{table facts}}"},
		{"unknown label", file, page("{{label cas}}"), `(did you mean case?)`},
		{"unknown part", file, page("{{> greting}}"), `there is no parts/greting.en.md (did you mean greeting?)`},
		{"part in a part", "parts/greeting.en.md", "{{> next}}", "a part cannot contain another part"},
		{"fault in a part has the part's line", "parts/greeting.en.md", "Hello\n{{nmae}}", `parts/greeting.en.md:2:1: unknown variable "nmae"`},
		{"mark not closed", file, page("Hello {{name"), "reply/repair.en.md:7:7: {{ without }}"},
		{"mark not opened", file, page("Hello name}}"), "reply/repair.en.md:7:11: }} without {{"},
		{"if not closed", file, page("{{#if name}}\nHello"), "{{#if}} without {{/if}}"},
		{"end without if", file, page("Hello\n{{/if}}"), "{{/if}} without {{#if}}"},
		{"else without if", file, page("Hello\n{{else}}"), "{{else}} without {{#if}}"},
		{"if across paragraphs", file, page("A {{#if name}}b\n\nc{{/if}} d"), "begins in one paragraph"},
		{"if across emphasis", file, page("**A {{#if name}}b** c{{/if}} d"), "begins in one paragraph"},
		{"empty paragraph", file, page("{{#if name}}Dear {{name}}{{/if}}\n\nHello"), "an empty <p> is left"},
		{"empty mail", file, page("{{#if name}}\nHello\n{{/if}}"), "with nothing known: the mail is empty"},
		{"subject too long", file, "---\nclass: repair\nlanguage: en\nsubject: \"[{{case}}] " + strings.Repeat("long ", 40) + "\"\n---\nHello", "the subject has 211 characters, more than 200"},
		{"subject without case", file, "---\nclass: repair\nlanguage: en\nsubject: Thank you\n---\nHello", "the subject needs [{{case}}]"},
		{"case in the bare acknowledgement", "reply/ack-bare.en.md", "---\nclass: ack-bare\nlanguage: en\nsubject: Hello\n---\nYour case {{case}}", "case: a sender who failed the checks gets no data"},
		{"relative link", file, page("[help](help.html)"), `reply/repair.en.md:7:1: broken link "help.html"`},
		{"link without host", file, page("[help](https:///x)"), "is not the name of a host"},
		{"script link", file, page("[help](javascript:alert)"), `broken link "javascript:alert"`},
		{"broken mail link", file, page("[mail](mailto:service)"), "expected mailto:name@company.example"},
		{"broken telephone link", file, page("[call](tel:service)"), "expected tel: and digits"},
		{"text variable as link", file, page("[help]({{product}})"), "product cannot stand in a link"},
		{"link that can be empty", file, page("[help]({{company.url}})"), "a link has no address"},
		{"reference without address", file, page("[help][site]"), "there is no address for this name"},
		{"picture that is not there", file, page("![plan](files/plan.png)"), `picture "files/plan.png": there is no such file`},
		{"picture from the web", file, page("![plan](https://x.example/plan.png)"), "mail clients block pictures from elsewhere"},
		{"attachment that is not there", file, "---\nclass: repair\nlanguage: en\nattachments:\n  - files/manaul.pdf\n---\nHello", `reply/repair.en.md:5:5: attachment "files/manaul.pdf": there is no such file`},
		{"attachment outside", file, "---\nclass: repair\nlanguage: en\nattachments: [../secret]\n---\nHello", "expected a path inside the template folder"},
		{"attachments no list", file, "---\nclass: repair\nlanguage: en\nattachments: a.pdf\n---\nHello", `attachments: "a.pdf": expected a list`},
		{"HTML block", file, page("<div>Hello</div>"), "reply/repair.en.md:7"},
		{"HTML in a line", file, page("Hello <b>you</b>"), "HTML in a template"},
		{"program text by accident", file, page("Hello\n\n    indented"), "four blanks"},
		{"emphasis that did not take", file, page("** Hello ** you"), "reply/repair.en.md:7:1: the emphasis did not take"},
		{"emphasis beside Chinese punctuation", "reply/repair.zh.md", "---\nclass: repair\nlanguage: zh\n---\n**案件号：**请保留", "the emphasis did not take"},
		{"struck out", file, page("~~Hello~~"), "mail clients show ~~"},
		{"check box", file, page("- [ ] done"), "check boxes"},
		{"reserved word", file, page("zQ7v1v7Qz"), "cannot be used in a template"},
		{"not UTF-8", file, page("Gr\xfc\xdfe"), "is not UTF-8"},
		{"a control character", file, page("Dear\n\x00Ann"), `control character "\x00"`},
		{"too long", file, page(strings.Repeat("Hello\n", 60000)), "more than the limit"},
		{"page that Gmail cuts off", file, page(strings.Repeat("Hello **you** there, and more.\n\n", 1500)), "Gmail cuts mails off"},
		{"staff template misnamed", "staff/alert.en.md", "---\nlanguage: zh\n---\nHello", "call it STEP.zh.md"},
		{"staff template with a grant", "staff/alert.en.md", "---\nlanguage: en\ngrant: none\n---\nHello", "grant: has no meaning in a mail to staff"},
		{"switched off and missing", file, "---\nclass: repair\nlanguage: en\noff: true\n---\nHello", "class repair has no template in en"},
		{"layout without body", "layout/reply.html", "<html></html>", "needs {{body}} exactly once, found it 0 times"},
		{"layout with a script", "layout/reply.html", "<html><body>\n<script>x</script>{{body}}</body></html>", "layout/reply.html:2: <script> does not survive in every mail client"},
		{"layout with an open element", "layout/reply.html", "<html><body><table>{{body}}</body></html>", "</body> without its start tag"},
		{"layout with a variable in a style", "layout/reply.html", "<html><body style=\"{{title}}\">{{body}}</body></html>", "cannot stand in the attribute style"},
		{"layout with a variable in a sheet", "layout/reply.html", "<html><head><style>{{title}}</style></head><body>{{body}}</body></html>", "cannot stand in <style>"},
		{"layout with a variable in a comment", "layout/reply.html", "<html><!-- {{title}} --><body>{{body}}</body></html>", "cannot stand in a comment"},
		{"layout with an unquoted value", "layout/reply.html", "<html lang={{language}}><body>{{body}}</body></html>", "needs double quotes"},
		{"layout with an event", "layout/reply.html", "<html><body onload=\"{{title}}\">{{body}}</body></html>", "attribute onload"},
		{"layout with an import of styles", "layout/reply.html", "<html><head><style>@import 'x';</style></head><body>{{body}}</body></html>", "@import does not survive"},
		{"style that Gmail drops", "layout/style.yaml", "p: \"background:url(x)\"\n", "layout/style.yaml: style url( does not survive in Gmail"},
		{"style that breaks out", "layout/style.yaml", "p: 'color:red\" onclick=\"x'\n", "a style cannot hold"},
		{"language file with an unknown key", "language/en.yaml", "language: en\ncolour: red\n", "language/en.yaml:2"},
		{"language without template", "language/fr.yaml", "language: fr\n", "language/fr.yaml"},
		{"rule file with an unknown key", "rules/clients.yaml", "- {tga: p}\n", "rules/clients.yaml:1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, problems := loadOver(t, map[string]string{row.file: row.src}, Options{})
			if !strings.Contains(problems.Error(), row.want) {
				t.Errorf("no problem says %q; found:\n%s", row.want, problems.Error())
			}
		})
	}
}

func TestLoadRefusesFilesTooLarge(t *testing.T) {
	files := map[string]string{
		"reply/repair.en.md": "---\nclass: repair\nlanguage: en\nattachments: [files/a.pdf, files/b.pdf]\n---\nHello",
		"files/a.pdf":        strings.Repeat("a", 800), "files/b.pdf": strings.Repeat("b", 800),
	}
	for _, row := range []struct {
		name, want string
		opt        Options
	}{
		{"one file", "files/a.pdf: has 800 bytes, more than the limit of 500", Options{MaxAttachment: 500}},
		{"all files of a mail", "have 1600 bytes together, more than the limit of 1000", Options{MaxTotal: 1000}},
		{"within the limits", "", Options{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, problems := loadOver(t, files, row.opt)
			if got := problems.Error(); row.want == "" && set == nil || !strings.Contains(got, row.want) {
				t.Errorf("want %q, got:\n%s", row.want, got)
			}
		})
	}
}

func TestLoadWarns(t *testing.T) {
	set, problems := loadOver(t, map[string]string{
		"reply/repair.en.md":            page("[help](http://company.example)\n\n#### Small\n\n| a | b | c | d |\n|---|---|---|---|\n| 1 | 2 | 3 | 4 |\n"),
		"reply/notes.docx":              "x",
		"reply/usage.in-warranty.en.md": "---\nclass: usage\nlanguage: en\nentitlement: in warranty\n---\nHello",
	}, Options{})
	if set == nil {
		t.Fatal(problems)
	}
	for _, want := range []string{"use https", "heading of level 4", "more than three columns", "reply/notes.docx: warning: is not used", "class usage, in warranty, rung repair, language zh gets usage.zh"} {
		if !strings.Contains(set.Warnings().Error(), want) {
			t.Errorf("no warning says %q; found:\n%s", want, set.Warnings().Error())
		}
	}
}

func TestLoadAcceptsBoldBesideChinesePunctuation(t *testing.T) {
	if set, problems := loadOver(t, map[string]string{"reply/repair.zh.md": "---\nclass: repair\nlanguage: zh\n---\n**案件号**：请保留，**{{case}}**也是。"}, Options{}); set == nil {
		t.Error(problems)
	}
}

func TestLoadNeedsEveryClassInEveryLanguage(t *testing.T) {
	_, err := Load(folder(map[string]string{"reply/other.en.md": "---\nclass: other\nlanguage: en\n---\nHello"}), Options{})
	for _, want := range []string{"class repair has no template in en", "class other has no template in zh", "staff/notice.en.md is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no problem says %q: %v", want, err)
		}
	}
	_, err = Load(folder(nil), Options{Base: Default(), Languages: []string{"en", "de"}})
	if err == nil || !strings.Contains(err.Error(), `the language "de" has no file`) {
		t.Errorf("a language without file: %v", err)
	}
}

func TestLoadReportsEveryProblemOnceAndInOrder(t *testing.T) {
	_, problems := loadOver(t, map[string]string{"reply/repair.en.md": page("{{a1}} {{b1}}\n\n{{c1}}"), "reply/other.en.md": page("{{d1}}")}, Options{})
	var places []string
	for _, p := range problems {
		places = append(places, p.File+":"+p.What)
	}
	want := `reply/other.en.md:unknown variable "d1"|reply/repair.en.md:unknown variable "a1"|reply/repair.en.md:unknown variable "b1"|reply/repair.en.md:unknown variable "c1"`
	if got := strings.Join(places, "|"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestLoadIgnoresWhatEditorsLeave(t *testing.T) {
	set, problems := loadOver(t, map[string]string{"reply/.repair.en.md.swp": "x", "reply/repair.en.md~": "x", "reply/#repair.en.md#": "x", ".git/config": "x", "reply/4913": "x", "README.md": "x"}, Options{})
	if set == nil || len(set.Warnings()) > 0 {
		t.Errorf("problems %v", problems)
	}
	if base, _ := loadOver(t, nil, Options{}); base.Hash() != set.Hash() {
		t.Error("the hash changed")
	}
}

type brokenFS struct{ fs.FS }

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }

func TestLoadSaysWhenTheFolderCannotBeRead(t *testing.T) {
	if _, err := Load(brokenFS{}, Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

// addClass adds a class to a language file.
func addClass(src, class, words string) string {
	return strings.Replace(src, "classes:\n", "classes:\n  "+class+": "+words+"\n", 1)
}

func TestFallbackLanguage(t *testing.T) {
	for _, row := range []struct {
		name string
		opt  Options
		want string // fallback, or the error
	}{
		{"default", Options{}, "en"},
		{"Chinese first", Options{Fallback: "zh"}, "zh"},
		{"a region", Options{Fallback: "zh-CN"}, "zh"},
		{"first of the languages", Options{Languages: []string{"zh"}}, "zh"},
		{"a language without file", Options{Fallback: "de"}, `the language "de" has no file`},
		{"not among the languages", Options{Languages: []string{"en"}, Fallback: "zh"}, `the fallback language "zh" is not among the languages [en]`},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, problems := loadOver(t, nil, row.opt)
			got := problems.Error()
			if set != nil {
				tpl, _ := set.Choose(Key{Class: "repair", Language: "fr"})
				got = tpl.Language
			}
			if !strings.Contains(got, row.want) {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}
