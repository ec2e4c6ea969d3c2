package classify

import "testing"

func TestTraditionalCharactersAreReadAsSimplifiedOnes(t *testing.T) {
	if len(simplified) != 2*(lastHan-firstHan+1) {
		t.Fatalf("a table of %d bytes", len(simplified))
	}
	for in, want := range map[rune]rune{'機': '机', '壞': '坏', '退': '退', '無': '无', '修': '修', '龟': '龟', '龜': '龟', 'a': 'a', 'あ': 'あ', '〇': '〇', '𠀀': '𠀀'} {
		if got := simplify(in); got != want {
			t.Errorf("%c: got %c, want %c", in, got, want)
		}
	}
	for r := rune(firstHan); r <= lastHan; r++ {
		if s := simplify(r); simplify(s) != s {
			t.Errorf("%c is read as %c, and that as %c", r, s, simplify(s))
		}
	}
}

// The same words in both forms are the same text to the model.
func TestAMailInTraditionalCharacters(t *testing.T) {
	m := modelForTest(t)
	for _, pair := range [][2]string{
		{"機器壞了，請儘快派人來維修。", "机器坏了，请尽快派人来维修。"},
		{"維修兩次仍然無法使用，我們要求退貨並退款。", "维修两次仍然无法使用，我们要求退货并退款。"},
		{"請問如何設定溫度？說明書上沒有寫。", "请问如何设定温度？说明书上没有写。"},
	} {
		a, b := m.Classify(pair[0], "zh"), m.Classify(pair[1], "zh")
		if a.Class != b.Class || a.Confidence != b.Confidence || a.Certain != b.Certain {
			t.Errorf("%s: %s (%.3f), %s: %s (%.3f)", pair[0], a.Class, a.Confidence, pair[1], b.Class, b.Confidence)
		}
	}
}
