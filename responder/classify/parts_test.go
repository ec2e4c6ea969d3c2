package classify

import (
	"math"
	"strings"
	"testing"
)

func TestTextIsReadInParts(t *testing.T) {
	set, _ := builtInForTest(t)
	for _, row := range []struct {
		name, text string
		parts      int
	}{
		{"empty", "", 0},
		{"one sentence", "The pump leaks oil.", 1},
		{"two", "We are on holiday next week. The pump leaks oil.", 2},
		{"a short one joins the next", "Hello! The pump leaks oil.", 1},
		{"a short end joins the last", "The pump leaks oil. Regards.", 1},
		{"subject", "Pump in hall three / It leaks oil since noon.", 2},
		{"Chinese", "我们下周放假。水泵漏油了。", 2},
		{"more than there is room for", strings.Repeat("The pump leaks oil. ", 40), maxParts},
	} {
		t.Run(row.name, func(t *testing.T) {
			if d := newScratch(len(set.Classes)).document(set, row.text); len(d.ends) != row.parts {
				t.Errorf("%d parts, want %d", len(d.ends), row.parts)
			}
		})
	}
}

// A word that is folded must weigh what it weighs with its n-grams one by one.
func TestFoldedWordsWeighTheSame(t *testing.T) {
	m := modelForTest(t)
	l := *m.learned
	s := newScratch(l.classes)
	for _, text := range []string{"The pump leaks oil since noon, please send somebody.", "Pumps, pumping, pumped: pump the pump!"} {
		var scores [2][]float32
		for i, fold := range []*learned{&l, nil} {
			s.scan.read(text)
			m.set.judge(&s.scan, &s.findings)
			s.extract(l.gains, fold)
			l.readings(s, m.set)
			scores[i] = append(scores[i], s.read.whole...)
		}
		for k := range scores[0] {
			if d := scores[0][k] - scores[1][k]; math.Abs(float64(d)) > 5e-3 { // weights keep two digits
				t.Errorf("%s: class %d gets %g folded, %g spelled out", text, k, scores[0][k], scores[1][k])
			}
		}
	}
}

// The request stands in the middle of what does not matter.
func TestMailsOfSeveralSentences(t *testing.T) {
	if raceDetector {
		t.Skip("SKIP: under the race detector the model learns from a twelfth of the examples")
	}
	m := modelForTest(t)
	for _, row := range []struct{ text, class string }{
		{"Good morning, I hope you had a pleasant holiday. Our dryer stopped in the middle of a batch and shows error 12. My colleague Jim is away until Monday. Kind regards, Ellen", "repair"},
		{"We spoke at the fair in May. Could somebody teach our six new operators how to run the filler? A date in autumn would suit us.", "training"},
		{"各位好，最近天气转凉了。我们的烘箱升温到一半就跳闸，换了插座也一样。请尽快帮忙处理。", "repair"},
	} {
		if r := m.Classify(row.text, ""); r.Class != row.class {
			t.Errorf("%s\n got %s %v, want %s", row.text, r.Class, r.Candidates, row.class)
		}
	}
}

func TestStaircaseStopsAtTheFirstStepThatFails(t *testing.T) {
	trials := func(right func(i int) bool) []trial {
		var out []trial
		for i := range 1000 {
			out = append(out, trial{1 - float64(i)/1000, right(i)})
		}
		return out
	}
	for _, row := range []struct {
		name   string
		right  func(i int) bool
		lo, hi float64
	}{
		{"all right", func(int) bool { return true }, 0, .01},
		{"wrong behind half", func(i int) bool { return i < 500 || i%2 == 0 }, .45, .51},
		{"wrong at once", func(i int) bool { return i%3 > 0 }, 2, 2},
		{"a bad start is not made good", func(i int) bool { return i >= 20 }, 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := staircase(trials(row.right), .95); got < row.lo || got > row.hi {
				t.Errorf("got %.3f, want %.2f to %.2f", got, row.lo, row.hi)
			}
		})
	}
	if got := staircase(trials(func(int) bool { return true })[:40], .95); got <= 1 {
		t.Errorf("forty right ones give %.3f, they prove nothing", got)
	}
}

// The second stage is told which concepts are mentioned; from two mentions on it is all the same.
func TestSecondStageCountsConcepts(t *testing.T) {
	set, _ := builtInForTest(t)
	at := make(map[string]int32)
	for i, c := range set.grammar.concepts {
		at[c.name] = int32(i)
	}
	for _, row := range []struct {
		name, text string
		want       int // mentions of machine
	}{
		{"none", "We are on holiday next week.", 0},
		{"one", "The pump hums. Nothing else happens here.", 1},
		{"two", "The pump hums. The chiller does not.", 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newScratch(len(set.Classes)).document(set, row.text)
			got := make([]float32, len(set.grammar.concepts))
			n := 0
			for _, c := range d.concepts {
				count(got, c)
				if c == at["machine"] {
					n++
				}
			}
			if n != row.want || got[at["machine"]] != float32(row.want)/2 {
				t.Errorf("%d mentions that weigh %g, want %d", n, got[at["machine"]], row.want)
			}
		})
	}
	full := make([]float32, 1)
	for range 9 {
		count(full, 0)
	}
	if full[0] != 1 {
		t.Errorf("nine mentions weigh %g, want 1", full[0])
	}
}

// Training reads a document, Classify a text: the second stage must be given the same by both.
func TestSecondStageSeesTheSameInTrainingAndUse(t *testing.T) {
	m := modelForTest(t)
	if m.learned.second == nil {
		t.Skip("SKIP: too few mails of several sentences for a second stage")
	}
	s := newScratch(m.learned.classes)
	for _, text := range []string{
		"Thanks for the visit last week. This is no complaint, the pump runs. How do we set the timer?",
		"上周谢谢你们的培训。水泵又漏油了，请派人来看看。",
	} {
		d := s.document(m.set, text)
		s.scan.read(text)
		m.set.judge(&s.scan, &s.findings)
		m.verdict(s)
		used := s.read.input
		r := newReadings(m.learned.classes)
		r.n, r.input = s.read.n, make([]float32, m.set.inputs())
		copy(r.whole, s.read.whole)
		copy(r.parts, s.read.parts)
		r.pool(m.learned.temper)
		rest := r.fill(func(c int) (float32, float32) { return d.phrases[c], d.late[c] }, d.direction())
		for _, c := range d.concepts {
			count(rest, c)
		}
		for i := range used {
			if math.Abs(float64(used[i]-r.input[i])) > 1e-4 {
				t.Errorf("%s: input %d is %g in use, %g in training", text, i, used[i], r.input[i])
			}
		}
	}
}
