package templates

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// TestBuiltInSetIsProven gives the built-in set the whole check, which Load leaves out, and compares: what is compiled at its
// first use is the same.
func TestBuiltInSetIsProven(t *testing.T) {
	checked, err := Load(Default(), Options{CheckBuiltIn: true})
	if err != nil {
		t.Fatal(err)
	}
	if w := checked.Warnings(); len(w) > 0 {
		t.Errorf("warnings:\n%s", w.Error())
	}
	taken, err := Load(Default(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if checked.Hash() != taken.Hash() {
		t.Errorf("hash %s, checked %s", taken.Hash(), checked.Hash())
	}
	for _, want := range checked.Templates() {
		got, ok := taken.Find(want.Name)
		if !ok || got.Version != want.Version || got.Grant != want.Grant || got.work.make == nil || want.work.make != nil {
			t.Errorf("%s: taken as %+v, checked %+v", want.Name, got, want)
			continue
		}
		for _, trial := range trials(want.Language, want.Class) {
			a, b := got.render(&trial.vars), want.render(&trial.vars)
			if a.Subject != b.Subject || a.Text != b.Text || a.HTML != b.HTML || a.Version != b.Version {
				t.Errorf("%s with %s: what is compiled at first use differs", want.Name, trial.name)
			}
		}
	}
}

// TestProven says which templates go unchecked when an admin's folder changes something.
func TestProven(t *testing.T) {
	all := defaultSet(t)
	of := func(lang string) func(Template) bool { return func(t Template) bool { return t.Language == lang } }
	for _, tt := range []struct {
		name, file, add string // what is added at the end of a file
		checked         func(Template) bool
	}{
		{"nothing", "", "", func(Template) bool { return false }},
		{"a reply", "reply/repair.en.md", "\nThank you.\n", func(t Template) bool { return t.Name == "repair.en" }},
		{"a mail to staff", "staff/notice.zh.md", "\n谢谢。\n", func(t Template) bool { return t.Name == "staff/notice.zh" }},
		{"a part", "parts/office.en.md", "\nThank you.\n", of("en")},
		{"a language", "language/zh.yaml", "# ours\n", of("zh")},
		{"a new part", "parts/thanks.en.md", "Thank you.\n", of("en")},
		{"the layout", "layout/reply.txt", "\n--\n", func(Template) bool { return true }},
		{"a logo", "layout/logo.png", "picture", func(Template) bool { return true }},
		{"a rule", "rules/promises.yaml", "# ours\n", func(Template) bool { return true }},
		{"a file that nothing names", "files/manual.pdf", "%PDF", func(Template) bool { return false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := fstest.MapFS{}
			if tt.file != "" {
				dir[tt.file] = &fstest.MapFile{Data: slices.Concat(all.Source(tt.file), []byte(tt.add))}
			}
			set, err := Load(dir, Options{Base: Default()})
			if err != nil {
				t.Fatal(err)
			}
			for _, tpl := range set.Templates() {
				if got, want := tpl.work.make == nil, tt.checked(tpl); got != want {
					t.Errorf("%s: checked %v, want %v", tpl.Name, got, want)
				}
			}
		})
	}
}

// TestFaultBelowUnchangedTemplate breaks what unchanged templates stand on.
func TestFaultBelowUnchangedTemplate(t *testing.T) {
	for _, tt := range []struct{ file, source, want string }{
		{"parts/office.en.md", "{{nonsense}}\n", `parts/office.en.md:1:1: unknown variable "nonsense"`},
		{"parts/greeting.en.md", "<b>Hello</b>\n", "parts/greeting.en.md:1:1: HTML in a template"},
		{"layout/reply.txt", "{{body}}{{nonsense}}\n", `layout/reply.txt:1:9: unknown variable "nonsense"`},
		{"rules/promises.yaml", "- {language: en, phrases: [\"thank you\"], grants: []}\n", "promises more than grant"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			_, err := Load(fstest.MapFS{tt.file: {Data: []byte(tt.source)}}, Options{Base: Default()})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestFirstUseByMany has many goroutines use the same templates for the first time.
func TestFirstUseByMany(t *testing.T) {
	set, err := Load(Default(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	out := make([]string, 8)
	for i := range out {
		wg.Go(func() {
			for _, tpl := range set.Templates()[:20] {
				v := Sample(tpl.Language)
				out[i] += tpl.render(&v).Text
			}
		})
	}
	wg.Wait()
	for i := range out {
		if out[i] == "" || out[i] != out[0] {
			t.Errorf("goroutine %d got another text", i)
		}
	}
}
