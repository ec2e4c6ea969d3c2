package classify

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The floors on public label sets. They hold for a mean over seeds; the numbers of examples are a class.
var exam = []struct {
	file       string
	perClass   int
	split      float64
	accuracy   float64
	minCertain float64
}{
	{"bitext27", 10, 0, .94, 0},
	{"bitext27", 30, 0, .985, .90},
	{"bitext27", 100, 0, .995, 0},
	{"nist_excavator", 10, 0, .80, 0},
	{"nist_excavator", 30, 0, .90, .40},
	{"nist_excavator", 0, .7, .965, 0},
	{"zh_waimai", 10, 0, .75, 0},
	{"zh_waimai", 100, 0, .835, 0},
	{"zh_waimai", 0, .7, .89, 0},
}

const (
	examSeeds        = 20
	certainPrecision = .95 // mean, wherever more than certainCounts of the test is certain
	certainCounts    = .05
	certainPoor      = .93 // at most maxPoor seeds may fall under it
	maxPoor          = 2
	ownLeading       = .85
	ownClaims        = .95
	ownCertain       = .97
	maxAllocations   = 50
	maxModelBytes    = 16 << 20
	examTextBytes    = 2048
)

func TestExamLabelSets(t *testing.T) {
	dir := os.Getenv("AFTERCARE_DATA")
	if dir == "" {
		t.Skip("SKIP: AFTERCARE_DATA is not set: accuracy on public label sets is not examined")
	}
	set, err := DefaultClasses()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range exam {
		name := fmt.Sprintf("%s/%d", row.file, row.perClass)
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(dir, "labelled", row.file+".tsv"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			examples, err := ReadTSV(f, row.file)
			if err != nil {
				t.Fatal(err)
			}
			e := Evaluation{Set: set, Train: examples, PerClass: row.perClass, Split: row.split, Now: time.Now}
			for seed := range uint64(examSeeds) {
				e.Seeds = append(e.Seeds, seed+1)
			}
			r, err := Evaluate(e)
			if err != nil {
				t.Fatal(err)
			}
			checkFloors(t, name, r, row.accuracy, row.minCertain)
		})
	}
}

func checkFloors(t *testing.T, name string, r *Report, accuracy, minCertain float64) {
	t.Helper()
	precision := -1.0
	if r.Precision != nil {
		precision = *r.Precision
	}
	t.Logf("%s: accuracy %.4f (floor %.3f), macro F1 %.4f, certain %.3f (floor %.2f), precision when certain %.4f, training %.0f ms, %.1f µs a text",
		name, r.Accuracy, accuracy, r.MacroF1, r.Certain, minCertain, precision, r.TrainMS, r.MicroText)
	if r.Accuracy < accuracy {
		t.Errorf("accuracy %.4f, the floor is %.3f", r.Accuracy, accuracy)
	}
	if r.Certain < minCertain {
		t.Errorf("certain %.3f, the floor is %.2f", r.Certain, minCertain)
	}
	poor, sum, n := 0, 0.0, 0
	for _, run := range r.Runs {
		if run.Certain <= certainCounts || run.Precision == nil {
			continue
		}
		n++
		sum += *run.Precision
		if *run.Precision < certainPoor {
			poor++
		}
	}
	if n > 0 && sum/float64(n) < certainPrecision {
		t.Errorf("precision when certain %.4f over %d seeds, the floor is %.2f", sum/float64(n), n, certainPrecision)
	}
	t.Logf("%s: %d seeds with more than %.0f%% certain, %d under %.2f", name, n, certainCounts*100, poor, certainPoor)
	if poor > maxPoor {
		t.Errorf("%d seeds under %.2f when certain, %d may be", poor, certainPoor, maxPoor)
	}
}
