package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/responder/classify"
)

type classesEvaluateCmd struct {
	optionalConfig
	Train    string  `help:"Labelled texts, label TAB text a line. Default: the built-in examples and the corrections on record." placeholder:"A.tsv"`
	Test     string  `help:"Other labelled texts to test on." placeholder:"B.tsv"`
	Split    float64 `help:"Train on this share of each label, test on the rest." placeholder:"0.7"`
	PerClass int     `help:"Train on so many of each label; test on --test, or on the rest." placeholder:"N"`
	Seed     uint64  `help:"The seed of the draw and of the training." default:"1"`
	Seeds    int     `help:"So many runs with seeds 1, 2, 3 ...: means and standard deviations." placeholder:"K"`
	Curve    bool    `help:"Measure the learning curve as well."`
	JSON     bool    `help:"Print for programs."`
}

func (*classesEvaluateCmd) Help() string {
	return "With --test, --split or --per-class as they say; with none of them the texts are cross-validated in five parts. Labels that are not the classes' own are classes of their own " +
		"for the measure. See docs/classes.md for how to read the figures."
}

func (v *classesEvaluateCmd) Run(env *environment) error {
	e, err := v.evaluation(env)
	if err != nil {
		return err
	}
	r, err := classify.Evaluate(e)
	if err != nil {
		return fmt.Errorf("evaluating: %w", err)
	}
	if v.JSON {
		return printJSON(env.out, r)
	}
	printEvaluation(env.out, r)
	return nil
}

func (v *classesEvaluateCmd) evaluation(env *environment) (e classify.Evaluation, err error) {
	switch {
	case v.Split < 0 || v.Split >= 1:
		return e, usagef("--split %v: expected a share between 0 and 1, such as 0.7", v.Split)
	case v.PerClass < 0 || v.Seeds < 0:
		return e, usagef("--per-class and --seeds: expected a number of 1 or more")
	case v.Split > 0 && (v.Test != "" || v.PerClass > 0):
		return e, usagef("--split excludes --test and --per-class: it says itself what the test is")
	case v.Seeds > 0 && v.Seed != 1:
		return e, usagef("--seed and --seeds exclude each other")
	}
	c, err := v.load()
	if err != nil {
		return e, err
	}
	set, err := app.LoadClasses(c)
	if err != nil {
		return e, err
	}
	if v.Train == "" {
		e.Train, err = v.examples(env, c)
		e.Train = set.For(e.Train)
	} else {
		e.Train, err = readExamples(v.Train)
	}
	if err != nil {
		return e, err
	}
	if v.Test != "" {
		if e.Test, err = readExamples(v.Test); err != nil {
			return e, err
		}
	}
	e.Set, e.Split, e.PerClass, e.Curve, e.Now = set, v.Split, v.PerClass, v.Curve, time.Now
	e.Options.Precision = c.Classes.Certainty
	e.Seeds = []uint64{v.Seed}
	if v.Seeds > 0 {
		e.Seeds = nil
		for s := range v.Seeds {
			e.Seeds = append(e.Seeds, uint64(s)+1)
		}
	}
	return e, nil
}

func printEvaluation(w io.Writer, r *classify.Report) {
	sd := func(get func(classify.Figures) float64) string {
		if r.SD == nil {
			return ""
		}
		return fmt.Sprintf("  ± %.3f", get(*r.SD))
	}
	fmt.Fprintf(w, "tested                  %.0f texts", r.Test)
	if n := len(r.Runs); n > 0 {
		fmt.Fprintf(w, " a run, %d runs", n)
	}
	fmt.Fprintf(w, "\naccuracy                %.3f%s\n", r.Accuracy, sd(func(f classify.Figures) float64 { return f.Accuracy }))
	fmt.Fprintf(w, "macro F1                %.3f%s\n", r.MacroF1, sd(func(f classify.Figures) float64 { return f.MacroF1 }))
	fmt.Fprintf(w, "certain                 %.3f%s\n", r.Certain, sd(func(f classify.Figures) float64 { return f.Certain }))
	if r.Precision != nil {
		fmt.Fprintf(w, "precision when certain  %.3f%s\n", *r.Precision, sd(func(f classify.Figures) float64 {
			if f.Precision == nil {
				return 0
			}
			return *f.Precision
		}))
	}
	fmt.Fprintf(w, "training                %.0f ms\na text                  %.0f µs\n\n", r.TrainMS, r.MicroText)
	printClasses(w, r)
	printConfusion(w, r)
	t := newTable("confidence", "texts", "mean confidence", "right")
	for _, b := range r.Reliability {
		if b.N > 0 {
			t.add(fmt.Sprintf("%.1f to %.1f", b.From, b.To), strconv.Itoa(b.N), share(b.Confidence), share(b.Accuracy))
		}
	}
	t.print(w)
	if len(r.Curve) > 0 {
		fmt.Fprintln(w)
		t := newTable("a class at most", "trained on", "accuracy", "certain")
		for _, p := range r.Curve {
			t.add(strconv.Itoa(p.PerClass), strconv.Itoa(p.Train), share(p.Accuracy), share(p.Certain))
		}
		t.print(w)
	}
}

func share(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) }

func printClasses(w io.Writer, r *classify.Report) {
	t := newTable("class", "tested", "precision", "recall", "F1")
	for _, c := range r.Classes {
		t.add(c.Class, strconv.Itoa(c.Tested), share(c.Precision), share(c.Recall), share(c.F1))
	}
	t.print(w)
	fmt.Fprintln(w)
}

// printConfusion writes the matrix where it fits the screen, and else the pairs that were taken for each other most.
func printConfusion(w io.Writer, r *classify.Report) {
	const most = 15
	if len(r.Classes) <= most {
		head := []string{"is \\ found"}
		for _, c := range r.Classes {
			head = append(head, cut(c.Class, 8))
		}
		t := newTable(head...)
		for i, c := range r.Classes {
			row := []string{c.Class}
			for _, n := range r.Confusion[i] {
				cell := "·"
				if n > 0 {
					cell = strconv.Itoa(n)
				}
				row = append(row, cell)
			}
			t.add(row...)
		}
		t.print(w)
		fmt.Fprintln(w)
		return
	}
	type pair struct{ is, found, n int }
	var ps []pair
	for i, row := range r.Confusion {
		for j, n := range row {
			if i != j && n > 0 {
				ps = append(ps, pair{i, j, n})
			}
		}
	}
	slices.SortStableFunc(ps, func(a, b pair) int { return b.n - a.n })
	t := newTable("is", "found", "times")
	for _, p := range ps[:min(len(ps), most)] {
		t.add(r.Classes[p.is].Class, r.Classes[p.found].Class, strconv.Itoa(p.n))
	}
	t.print(w)
	fmt.Fprintln(w)
}
