package templates

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// many makes a folder of n reply templates, all classes of the default set and then further classes of an admin.
func many(tb testing.TB, n int) fstest.MapFS {
	set, err := Load(Default(), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	m := fstest.MapFS{}
	for _, name := range set.Files() {
		m[name] = &fstest.MapFile{Data: set.Source(name)}
	}
	en, zh := string(set.Source("language/en.yaml")), string(set.Source("language/zh.yaml"))
	count := len(set.Templates())
	for i := 0; count < n; i++ {
		class := fmt.Sprintf("special-%d", i)
		en = addClass(en, class, "a special request")
		zh = addClass(zh, class, "特别要求")
		for _, lang := range []string{"en", "zh"} {
			_, body, _, _ := splitFront(string(set.Source("reply/repair." + lang + ".md")))
			m["reply/"+class+"."+lang+".md"] = &fstest.MapFile{Data: []byte("---\nclass: " + class + "\nlanguage: " + lang + "\n---\n" + body)}
			count++
		}
	}
	m["language/en.yaml"], m["language/zh.yaml"] = &fstest.MapFile{Data: []byte(en)}, &fstest.MapFile{Data: []byte(zh)}
	return m
}

func BenchmarkLoad200(b *testing.B) {
	fsys := many(b, 200)
	b.ReportAllocs()
	for b.Loop() {
		set, err := Load(fsys, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if n := len(set.Templates()); n < 200 {
			b.Fatalf("only %d templates", n)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	set, err := Load(Default(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, lang := range []string{"en", "zh"} {
		b.Run(lang, func(b *testing.B) {
			v := Sample(lang)
			b.ReportAllocs()
			for b.Loop() {
				t, _ := set.Choose(Key{Class: "repair", Language: lang, Entitlement: InWarranty})
				if _, err := set.Render(t, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkChoose(b *testing.B) {
	set, err := Load(Default(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		set.Choose(Key{Class: "return", Language: "zh-CN", Entitlement: InWarranty, Rung: RungReturn})
	}
}
