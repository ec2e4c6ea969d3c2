package templates

import (
	"strings"
	"testing"
)

func TestArchiveGivesTheSetBack(t *testing.T) {
	set, problems := loadOver(t, map[string]string{
		"reply/repair.en.md": "---\nclass: repair\nlanguage: en\nattachments: [files/a.pdf]\n---\nHello", "files/a.pdf": "%PDF",
	}, Options{})
	if set == nil {
		t.Fatal(problems)
	}
	packed, err := set.Archive()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := set.Archive(); err != nil || string(again) != string(packed) {
		t.Errorf("packing twice gives different bytes (%v)", err)
	}
	fsys, err := OpenArchive(packed)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Load(fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if back.Hash() != set.Hash() || len(Diff(set, back)) != 0 {
		t.Errorf("hash %s became %s: %v", set.Hash(), back.Hash(), Diff(set, back))
	}
	if _, err := OpenArchive([]byte("no zip")); err == nil {
		t.Error("garbage was opened")
	}
}

func TestVersionsFollowWhatAMailIsMadeOf(t *testing.T) {
	base, _ := loadOver(t, nil, Options{})
	for _, row := range []struct {
		name, file, src string
		changed, same   string // names of templates
	}{
		{"its own file", "reply/repair.en.md", page("Other words"), "repair.en", "repair.zh"},
		{"a part of its language", "parts/greeting.en.md", "Good day,", "repair.en", "repair.zh"},
		{"the layout", "layout/reply.txt", "{{body}}\n", "repair.zh", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, problems := loadOver(t, map[string]string{row.file: row.src}, Options{})
			if set == nil {
				t.Fatal(problems)
			}
			version := func(s *Set, name string) string { tpl, _ := s.Find(name); return tpl.Version }
			if version(set, row.changed) == version(base, row.changed) {
				t.Errorf("%s kept its version", row.changed)
			}
			if row.same != "" && version(set, row.same) != version(base, row.same) {
				t.Errorf("%s has a new version", row.same)
			}
			if set.Hash() == base.Hash() {
				t.Error("the set kept its hash")
			}
			tpl, _ := set.Find(row.changed)
			if r, err := set.Render(tpl, Sample("en")); err != nil || r.Version != tpl.Version || r.Name != row.changed || len(r.Version) != 12 {
				t.Errorf("the mail carries %s %s (%v)", r.Name, r.Version, err)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	a, _ := loadOver(t, map[string]string{"reply/usage.in-warranty.en.md": "---\nclass: usage\nlanguage: en\nentitlement: in warranty\n---\nHello", "files/a.bin": "x"}, Options{})
	b, _ := loadOver(t, map[string]string{"reply/repair.en.md": page("Good day"), "files/a.bin": "y", "files/b.bin": "z"}, Options{})
	var got []string
	for _, c := range Diff(a, b) {
		got = append(got, c.What+" "+c.File)
		if c.File == "reply/repair.en.md" && (!strings.Contains(c.Diff, "-Hello") || !strings.Contains(c.Diff, "+Good day")) {
			t.Errorf("diff:\n%s", c.Diff)
		}
	}
	if want := "changed files/a.bin, added files/b.bin, changed reply/repair.en.md, removed reply/usage.in-warranty.en.md"; strings.Join(got, ", ") != want {
		t.Errorf("got %v\nwant %s", got, want)
	}
	if n := len(Diff(nil, a)); n != len(a.Files()) {
		t.Errorf("against nothing: %d changes, %d files", n, len(a.Files()))
	}
}

func TestNewPassesItsOwnCheck(t *testing.T) {
	set := defaultSet(t)
	for _, row := range []struct{ class, lang, entitlement, rung, file string }{
		{"repair", "en", "", "", "reply/repair.en.md"},
		{"usage", "zh", InWarranty, RungRepair, "reply/usage.in-warranty.repair.zh.md"},
		{"training", "zh", OutOfWarranty, "", "reply/training.out-of-warranty.zh.md"},
	} {
		file, src := set.New(row.class, row.lang, row.entitlement, row.rung)
		if file != row.file {
			t.Errorf("file %s, want %s", file, row.file)
		}
		if _, problems := loadOver(t, map[string]string{file: src}, Options{}); problems != nil {
			t.Errorf("%s:\n%s\n%s", file, problems.Error(), src)
		}
		if !strings.Contains(src, "# What the mail promises") || !strings.Contains(src, "{{") {
			t.Errorf("%s is no commented start:\n%s", file, src)
		}
	}
}

func TestImport(t *testing.T) {
	set := defaultSet(t)
	for _, row := range []struct {
		name, src string
		want      []string // in the source
		notes     []string
	}{
		{"braces", "Subject: Ticket {ticket_id} received\n\nDear {customer_name},\nyour agent is {agent.name}.\n\nBye\n",
			[]string{"subject: 'Ticket [{{case}}] received'", "Dear {{name}},\\\n", "your agent is .\n"},
			[]string{"line 1: {ticket_id} became {{case}}", "line 3: {customer_name} became {{name}}", "line 4: {agent.name} could not be carried over"}},
		{"liquid", "Hi {{ticket.requester.first_name | capitalize}},\n{% if ticket.priority == 'high' %}we hurry{% endif %}",
			[]string{"Hi {{name}},", "we hurry"},
			[]string{`the filter "capitalize" was left out`, "{% if ticket.priority == 'high' %} is logic and could not be carried over"}},
		{"logic in double braces", "{{#if vip}}Dear friend{{/if}} {{ticket.id}}", []string{"Dear friend {{case}}"}, []string{"{{#if vip}} is logic"}},
		{"percent", "Hello %customer_name%, 100% of %{ticket.number}", []string{"Hello {{name}}, 100% of {{case}}"}, nil},
		{"brackets and tags", "[[Ticket Number]] <OTRS_TICKET_TicketNumber> <%= subject %> ${title} #{product_name}", []string{"{{case}} ", "{{subject}} {{subject}} {{product}}"}, []string{"<OTRS_TICKET_TicketNumber> could not be carried over"}},
		{"Markdown signs stay signs", "# 1 offer *today* for_you [now] <b {x\n> quote", []string{`\# 1 offer \*today\* for\_you \[now\]`}, nil},
		{"lists and addresses", "We need:\n* serial\n• photo\n1. date\nSee https://company.example/a_b_c.", []string{"We need:\n\n- serial\n- photo\n1. date\n", "https://company.example/a_b_c."}, nil},
		{"HTML", "<html><head><style>p{}</style></head><p>Dear {name},</p><p>Thanks &amp; bye<br>Us</p><ul><li>one</li></ul>", []string{"Dear {{name}},\n", "Thanks & bye\\\nUs", "- one"}, []string{"the source is HTML"}},
		{"subject without case", "Subject: Thanks\n\nHello", []string{"subject: 'Thanks [{{case}}]'"}, []string{"the subject had no case number"}},
		{"Chinese", "主题：工单{工单号}已受理\n\n{客户姓名}您好，\n工程师：{工程师}", []string{"subject: '工单[{{case}}]已受理'", "{{name}}您好，", "{{visit.person}}"}, nil},
		{"quotes in the subject", "Subject: It's {case}'s turn\n\nHello", []string{"subject: 'It''s [{{case}}]''s turn'"}, nil},
		{"nothing", "", []string{"class: other"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			im := set.Import("other", "en", row.src)
			for _, want := range row.want {
				if !strings.Contains(im.Source, want) {
					t.Errorf("no %q in:\n%s", want, im.Source)
				}
			}
			for _, want := range row.notes {
				if !strings.Contains(strings.Join(im.Notes, "\n"), want) {
					t.Errorf("no note %q in:\n%s", want, strings.Join(im.Notes, "\n"))
				}
			}
			if row.src == "" {
				return
			}
			if _, problems := loadOver(t, map[string]string{im.File: im.Source}, Options{}); problems != nil && !strings.Contains(row.name, "signs") {
				for _, p := range problems {
					if !strings.Contains(p.What, "an empty") {
						t.Errorf("%s\n%s", p, im.Source)
					}
				}
			}
		})
	}
}

func TestImportNamesAreNotAmbiguous(t *testing.T) {
	var fields map[string][]string
	ld := newLoader(defaultSet(t).files, Options{}.withDefaults())
	ld.yaml("rules/import.yaml", &fields)
	seen := map[string]string{}
	for ours, names := range fields {
		for _, name := range names {
			if other, ok := seen[normalName(name)]; ok && other != ours {
				t.Errorf("%q means %s and %s", name, ours, other)
			}
			seen[normalName(name)] = ours
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d names", len(seen))
	}
}

func TestVariablesHaveSamples(t *testing.T) {
	set := defaultSet(t)
	for _, lang := range []string{"en", "zh", "fr"} {
		for _, v := range set.Variables(lang) {
			if v.Sample == "" && v.Name != "logo" || v.About == "" {
				t.Errorf("%s: %+v", lang, v)
			}
		}
	}
	if len(Functions()) == 0 {
		t.Error("no functions")
	}
}

func TestASetOf200Templates(t *testing.T) {
	set, err := Load(many(t, 200), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Templates()); n < 200 {
		t.Errorf("%d templates", n)
	}
	if tpl, why := set.Choose(Key{Class: "special-3", Language: "zh"}); tpl.Name != "special-3.zh" {
		t.Errorf("a class of the admin's own gets %s: %s", tpl.Name, why)
	}
}
