package classify

import (
	"strings"
	"testing"
)

// TestLongTexts: of a long story the begin and the end are read word by word, and all of it for phrases.
func TestLongTexts(t *testing.T) {
	m := modelForTest(t)
	idle := map[string]string{
		"en": strings.Repeat("The hall was painted blue in March and the trucks came on Monday with timber for the roof. ", 60),
		"zh": strings.Repeat("三月份大厅刷成了蓝色，星期一卡车送来了屋顶用的木料。", 60),
	}
	for _, tt := range []struct{ name, lang, first, middle, last, want string }{
		{"at the begin", "en", "The pump leaks oil and the motor has stopped, please repair it. ", "", "", "repair"},
		{"at the end", "en", "", "", "Our compressor has broken down again, please repair it as soon as you can.", "repair"},
		{"a phrase in the middle", "en", "", "We want our money back. ", "", "return"},
		{"at the begin, in Chinese", "zh", "水泵漏油，电机停了，请尽快维修。", "", "", "repair"},
		{"at the end, in Chinese", "zh", "", "", "空压机又坏了，请安排维修。", "repair"},
		{"a phrase in the middle, in Chinese", "zh", "", "我要投诉你们的服务态度。", "", "complaint"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := m.Classify(tt.first+idle[tt.lang]+tt.middle+idle[tt.lang]+tt.last, tt.lang)
			if !r.Has(tt.want) {
				t.Errorf("%s, also %v: no %s", r.Class, r.Also, tt.want)
			}
		})
	}
}

func TestPassMutesTheMiddle(t *testing.T) {
	for _, tt := range []struct {
		name       string
		words      int
		from, to   int // muted, -1: none
		statements string
	}{
		{"as long as is read", featuresFirst + featuresLast, -1, -1, "x "},
		{"one more", featuresFirst + featuresLast + 1, featuresFirst, featuresFirst + 1, "x "},
		{"long", 2000, featuresFirst, 2000 - featuresLast, "x "},
		{"Chinese", 2000, featuresFirst, 2000 - featuresLast, "机"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s scan
			s.read(strings.Repeat(tt.statements, tt.words))
			if len(s.tokens) != tt.words {
				t.Fatalf("%d tokens", len(s.tokens))
			}
			for i, k := range s.tokens {
				if k.muted != (i >= tt.from && i < tt.to) {
					t.Fatalf("token %d: muted is %v", i, k.muted)
				}
			}
		})
	}
}
