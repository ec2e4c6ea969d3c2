package classify

import (
	"strings"
	"testing"
)

// benchText strings examples of one language together until there are that many bytes.
func benchText(t testing.TB, lang string, size int) string {
	_, examples := builtInForTest(t)
	var b strings.Builder
	for i := 0; b.Len() < size; i = (i + 37) % len(examples) {
		if examples[i].Language == lang {
			b.WriteString(examples[i].Text + " ")
		}
	}
	return strings.ToValidUTF8(b.String()[:size], "")
}

func BenchmarkClassify(b *testing.B) {
	m := modelForTest(b)
	for _, row := range []struct {
		name, lang string
		size       int
	}{
		{"en 200 B", "en", 200},
		{"en 2 KB", "en", 2 << 10},
		{"en 7 KB", "en", 7 << 10},
		{"zh 2 KB", "zh", 2 << 10},
		{"zh 7 KB", "zh", 7 << 10},
	} {
		text := benchText(b, row.lang, row.size)
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Classify(text, row.lang)
			}
		})
	}
}
