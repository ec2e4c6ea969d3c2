package classify

import (
	"bytes"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLoadClassesNamesWhatIsWrong(t *testing.T) {
	const head = "languages: [en]\nweights: {clear: 2}\nclasses:\n"
	for _, row := range []struct{ name, yaml, want string }{
		{"unknown key", head + "  - name: a\n    mode: send\n    colour: red\n", "c.yaml:6: classes[0].colour: unknown key"},
		{"wrong type", head + "  - name: a\n    mode: send\n    priority: high\n", "c.yaml:6:"},
		{"bad mode", head + "  - name: a\n    mode: later\n", `c.yaml:5: classes[0].mode: "later": expected send, hold or none`},
		{"bad window", head + "  - name: a\n    mode: send\n    window: soon\n", `c.yaml:6: classes[0].window: "soon": expected a duration`},
		{"same name", head + "  - name: a\n    mode: send\n  - name: a\n    mode: send\n", "c.yaml:6: classes[1].name"},
		{"two fallbacks", head + "  - {name: a, mode: send, fallback: true}\n  - {name: b, mode: send, fallback: true}\n", "classes[1].fallback"},
		{"unknown strength", head + "  - name: a\n    mode: send\n    phrases: {en: {loud: [x]}}\n", "one of the strengths under weights"},
		{"bad phrase", head + "  - name: a\n    mode: send\n    phrases: {en: {clear: ['..']}}\n", `expected ".." between two words`},
		{"bad name", head + "  - name: 'a b'\n    mode: send\n", "classes[0].name"},
		{"none", "classes: []\n", "at least one class"},
		{"not YAML", "classes: [", "c.yaml:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := LoadClasses([]byte(row.yaml), "c.yaml")
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want an error with %q", err, row.want)
			}
		})
	}
}

func TestLoadClassesReportsAllBadValues(t *testing.T) {
	_, err := LoadClasses([]byte("classes:\n  - {name: a, mode: x}\n  - {name: b, mode: y, urgency: z}\n"), "c.yaml")
	if err == nil || strings.Count(err.Error(), "expected") != 3 {
		t.Errorf("got %v, want three faults", err)
	}
}

func TestClassesThatAnAdministratorAdds(t *testing.T) {
	extra := string(defaultClasses) + `
  - name: recall
    priority: 70
    mode: hold
    description: {en: A recall notice, zh: 召回}
    phrases: {en: {strong: [recall*]}, zh: {strong: [召回]}}
`
	set, err := LoadClasses([]byte(extra), "classes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Is my heater part of the recall?", "请问这批是否在召回之列"} {
		if r := PhraseModel(set).Classify(text, ""); !r.Has("recall") {
			t.Errorf("%s: got %v, want recall among the intents", text, r)
		}
	}
	_, examples := builtInForTest(t)
	problems := strings.Join(set.Problems(examples), "\n")
	if !strings.Contains(problems, `class recall: 0 examples in "en"`) {
		t.Errorf("problems do not mention the missing examples:\n%s", problems)
	}
	if m, err := Train(set, examples[:300], Options{Folds: testFolds}); err != nil || m.Classify("There is a recall of the heater.", "en").Certain {
		t.Errorf("a class without examples is certain on one phrase, or training failed: %v", err)
	}
}

func TestProblemsNameExamplesOfUnknownClasses(t *testing.T) {
	set, _ := builtInForTest(t)
	problems := strings.Join(set.Problems([]Example{{Class: "gone", Text: "x"}}), "\n")
	if !strings.Contains(problems, `1 examples name the class "gone"`) {
		t.Errorf("got:\n%s", problems)
	}
}

func TestPhrases(t *testing.T) {
	set, _ := builtInForTest(t)
	m := PhraseModel(set)
	for _, row := range []struct{ name, text, class, also string }{
		{"several intents", "Third breakdown, I want my money back, send somebody.", "return", "visit repair"},
		{"denied", "This is no complaint, just wanted to say thanks", "feedback", ""},
		{"turned", "Thanks for the training, but now the pump leaks", "repair", ""},
		{"denied zh", "不是投诉，只是想说服务很好", "feedback", ""},
		{"turned zh", "谢谢培训，但是泵坏了", "repair", ""},
		{"apostrophe left out", "the printer doesnt print", "repair", ""},
		{"typographic apostrophe", "the printer doesn’t print", "repair", ""},
		{"full width", "ｈｏｗ ｔｏ ｃｌｅａｎ ｉｔ", "usage", ""},
		{"across a wrapped line", "I want my money\nback", "return", ""},
		{"nothing known", "lorem ipsum dolor", "other", ""},
		{"empty", "", "other", ""},
		{"no text at all", "\x00\xff\xfe", "other", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := m.Classify(row.text, "")
			if r.Class != row.class || strings.Join(r.Also, " ") != row.also {
				t.Errorf("got %s also %v because %q, want %s also %q", r.Class, r.Also, r.Because, row.class, row.also)
			}
		})
	}
}

func TestUnknownTextIsOtherAndNotCertain(t *testing.T) {
	m := modelForTest(t)
	for _, text := range []string{"", "zxcv qwer asdf", "12 34 56", "ἐν ἀρχῇ ἦν ὁ λόγος", "これは何ですか", "\xff\xfe\x00"} {
		if r := m.Classify(text, ""); r.Class != "other" || r.Certain {
			t.Errorf("%q: got %s, certain %v", text, r.Class, r.Certain)
		}
	}
	text := "The pump broke down and does not start any more, please repair it."
	if r := m.Classify(text, "de"); r.Certain {
		t.Error("certain of a text in a language without examples")
	}
	if r := m.Classify(text, "en"); r.Class != "repair" || len(r.Because) == 0 {
		t.Errorf("got %+v, want repair with reasons", r)
	}
}

func TestTrainingIsDeterministicAndKept(t *testing.T) {
	set, examples := builtInForTest(t)
	var few []Example
	for i := 0; i < len(examples); i += 20 {
		few = append(few, examples[i])
	}
	examples = few
	a, err := Train(set, examples, Options{Seed: 7, Folds: testFolds})
	if err != nil {
		t.Fatal(err)
	}
	turned := make([]Example, len(examples))
	for i, e := range examples {
		turned[len(turned)-1-i] = e
	}
	b, err := Train(set, turned, Options{Seed: 7, Folds: testFolds})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, again) {
		t.Error("the order of the examples changed the model")
	}
	c, err := Read(set, bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples[:50] {
		if x, y := a.Classify(e.Text, e.Language), c.Classify(e.Text, e.Language); !reflect.DeepEqual(x, y) {
			t.Fatalf("the restored model says %+v, the first %+v", y, x)
		}
	}
	if Key(set, examples, Options{Seed: 7}) != Key(set, turned, Options{Seed: 7}) {
		t.Error("the key depends on the order of the examples")
	}
	if Key(set, examples, Options{}) == Key(set, examples[1:], Options{}) {
		t.Error("the key does not depend on the examples")
	}
	for name, bad := range map[string][]byte{"empty": nil, "cut": kept[:len(kept)/2], "flipped": append(append([]byte(nil), kept[:100]...), append([]byte{kept[100] ^ 1}, kept[101:]...)...)} {
		if _, err := Read(set, bytes.NewReader(bad)); err == nil {
			t.Errorf("%s: a damaged model was read", name)
		}
	}
}

func TestModelServesManyAtOnce(t *testing.T) {
	m := modelForTest(t)
	_, examples := builtInForTest(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, e := range examples[:100] {
				if r := m.Classify(e.Text, e.Language); r.Class == "" {
					t.Error("no class")
				}
			}
		})
	}
	wg.Wait()
}

func TestTSVRoundTrip(t *testing.T) {
	in := []Example{
		{Class: "repair", Text: "a\tb\nc\\n", Language: "en", By: "kim@example.com", At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},
		{Class: "other", Text: "你好"},
	}
	var b bytes.Buffer
	if err := WriteTSV(&b, in); err != nil {
		t.Fatal(err)
	}
	out, err := ReadTSV(&b, "x.tsv")
	if err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v, %v", out, err)
	}
	if out, err := ReadTSV(strings.NewReader("\ufeffrepair\tit leaks\r\n\n# note\n"), "x"); err != nil || len(out) != 1 || out[0].Text != "it leaks" {
		t.Errorf("label TAB text: got %+v, %v", out, err)
	}
}

func TestReadTSVTakesFurtherIntents(t *testing.T) {
	list, err := ReadTSV(strings.NewReader("replacement,repair,visit\ten\t\t\tSend another one.\nrepair\ten\t\t\tIt leaks.\n"), "x.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Class != "replacement" || !reflect.DeepEqual(list[0].Also, []string{"repair", "visit"}) || list[1].Also != nil {
		t.Fatalf("got %+v", list)
	}
	var b strings.Builder
	if err := WriteTSV(&b, list); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadTSV(strings.NewReader(b.String()), "x.tsv"); err != nil || !reflect.DeepEqual(again, list) {
		t.Errorf("written and read again: %+v, %v", again, err)
	}
}

func TestReadTSVNamesEveryBadLine(t *testing.T) {
	_, err := ReadTSV(strings.NewReader("one column\nrepair\tok\na\tb\tc\n\tno class\nrepair\ten\tkim\tyesterday\ttext\n"), "x.tsv")
	for _, want := range []string{"x.tsv:1:", "x.tsv:3:", "x.tsv:4:", `x.tsv:5: when "yesterday"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestMask(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"address", "write to anna.b@example.co.uk now", "write to [email] now"},
		{"link", "see https://example.com/a?b=1 please", "see [link] please"},
		{"international phone", "call +44 20 7946 0958 today", "call [phone] today"},
		{"mobile", "电话13812345678，谢谢", "电话[phone]，谢谢"},
		{"serial", "serial AB-123456 leaks", "serial [number] leaks"},
		{"number", "order 48213 is late", "order [number] is late"},
		{"small numbers stay", "3 pumps, 2 leak", "3 pumps, 2 leak"},
		{"greeting", "Dear Tom Baker, it leaks", "Dear [name], it leaks"},
		{"closing", "it leaks\n\nBest regards,\nAnna Berg", "it leaks\n\nBest regards,\n[name]"},
		{"title", "Mr. Kane was rude", "Mr. [name] was rude"},
		{"name zh", "我叫王小明，机器坏了", "我叫[name]，机器坏了"},
		{"title zh", "请联系李经理", "请联系[name]经理"},
		{"street", "we are at 12 Mill Lane now", "we are at [address] now"},
		{"no names", "the pump leaks", "the pump leaks"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Mask(row.in); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestLowerBound(t *testing.T) {
	for _, row := range []struct {
		name    string
		k, n    int
		alpha   float64
		lo, top float64
	}{
		{"no failure in 59", 59, 59, .05, .950, .951},
		{"no failure in 58", 58, 58, .05, .949, .950},
		{"one failure in 93", 92, 93, .05, .949, .951},
		{"all failures", 0, 10, .05, 0, 0},
		{"half", 50, 100, .05, .413, .415},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := lowerBound(row.k, row.n, row.alpha); got < row.lo || got > row.top {
				t.Errorf("got %.4f, want %.3f to %.3f", got, row.lo, row.top)
			}
		})
	}
}

func TestThresholdNeedsEvidence(t *testing.T) {
	few, many := make([]trial, 40), make([]trial, 400)
	for i := range few {
		few[i] = trial{1 - float64(i)/1000, true}
	}
	for i := range many {
		many[i] = trial{1 - float64(i)/1000, i < 200 || i%2 == 0}
	}
	if got := threshold(few, .95); got <= 1 {
		t.Errorf("forty right ones give the threshold %.3f, they prove nothing", got)
	}
	if got := threshold(many, .95); got < .79 || got > .83 {
		t.Errorf("got the threshold %.3f; the first two hundred are right, then every second", got)
	}
}

func TestEvaluateIsRepeatable(t *testing.T) {
	set, examples := builtInForTest(t)
	e := Evaluation{Set: set, PerClass: 15, Seeds: []uint64{1, 2}, Options: Options{Folds: testFolds}}
	for i, x := range examples {
		if i%16 == 0 {
			e.Train = append(e.Train, x)
		}
	}
	a, err := Evaluate(e)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Evaluate(e)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) || a.SD == nil || len(a.Runs) != 2 || len(a.Classes) != 11 {
		t.Errorf("two evaluations differ, or lack a table: %+v", a)
	}
	if _, err := Evaluate(Evaluation{Set: set, Train: examples, Split: .7, PerClass: 3}); err == nil {
		t.Error("split and per-class together were taken")
	}
}

func TestExamAllocationsAndMemory(t *testing.T) {
	if raceDetector {
		t.Skip("SKIP: the race detector changes allocations and memory")
	}
	trained := modelForTest(t)
	kept, err := trained.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // the second one empties the pools
	runtime.ReadMemStats(&before)
	m, err := Read(trained.Set(), bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	size := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	for _, text := range []string{longText(t), "The pump leaks oil since noon. Please send somebody."} {
		if x, y := trained.Classify(text, "en"), m.Classify(text, "en"); !reflect.DeepEqual(x, y) {
			t.Errorf("the restored model says %+v, the first %+v", y, x)
		}
	}
	text := longText(t)
	allocations := testing.AllocsPerRun(200, func() { m.Classify(text, "en") })
	t.Logf("model with the built-in examples: %.1f MiB; one text of %d bytes: %.0f allocations", float64(size)/(1<<20), len(text), allocations)
	if size > maxModelBytes {
		t.Errorf("the model takes %d bytes, %d are allowed", size, maxModelBytes)
	}
	if allocations > maxAllocations {
		t.Errorf("%.0f allocations, %d are allowed", allocations, maxAllocations)
	}
	runtime.KeepAlive(m)
	runtime.KeepAlive(kept)
	runtime.KeepAlive(trained)
}

func longText(t testing.TB) string {
	_, examples := builtInForTest(t)
	var b strings.Builder
	for i := 0; b.Len() < examTextBytes; i += 37 {
		b.WriteString(examples[i%900].Text + " ")
	}
	return b.String()[:examTextBytes]
}

func BenchmarkClassify2KB(b *testing.B) {
	m := modelForTest(b)
	text := longText(b)
	b.ReportAllocs()
	for b.Loop() {
		m.Classify(text, "en")
	}
}

func BenchmarkTrain11x100(b *testing.B) {
	set, examples := builtInForTest(b)
	var part []Example
	n := make(map[string]int)
	for i := range examples {
		e := examples[(i*7919)%len(examples)]
		if n[e.Class]++; n[e.Class] <= 100 {
			part = append(part, e)
		}
	}
	for b.Loop() {
		if _, err := Train(set, part, Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzClassify(f *testing.F) {
	m := smallModelForTest(f) // each of its processes trains, with coverage counted
	for _, s := range []string{"the pump leaks", "泵坏了", "not not not .. ,,, but", "\xff\xfe", "L'équipement ne marche plus", "l'", "a'\xff", strings.Repeat("refund ", 900)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := m.Classify(text, "")
		if r.Class == "" || r.Confidence < 0 || r.Confidence > 1 || r.Has("") {
			t.Errorf("%q: %+v", text, r)
		}
		Mask(text)
	})
}

func TestSerialNumbersAreNoEvidence(t *testing.T) {
	m := modelForTest(t)
	for _, text := range []string{"The pump SN 20881 leaks oil.", "编号 20881 的水泵漏油。", "Unit FA2204-77126 leaks oil."} {
		r := m.Classify(text, "")
		if r.Class != "repair" {
			t.Errorf("%s: %s, want repair", text, r.Class)
		}
		for _, b := range r.Because {
			if strings.Contains(b, "20881") || strings.Contains(b, "77126") {
				t.Errorf("%s: evidence %q", text, b)
			}
		}
	}
}
