package mailbox

import (
	"os"
	"strings"
	"testing"
)

func newTestFinder(t testing.TB) *FactFinder {
	t.Helper()
	g, err := LoadGazetteer(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := LoadFactPatterns(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.OwnPhones = []string{"400-820-0000", "+86 21 5555 0101"}
	p.OwnPlaces = []string{"上海市闵行区服务路9号", "9 Service Road, Minhang"}
	return NewFactFinder(g, p)
}

// TestFactRows finds the facts of testdata/facts.tsv, written by somebody who did not know the patterns.
func TestFactRows(t *testing.T) {
	b, err := os.ReadFile("testdata/facts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	f := newTestFinder(t)
	rows, missed := 0, 0
	for row := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n") {
		cells := append(strings.Split(row, "\t"), "", "", "", "", "", "")
		if strings.HasPrefix(row, "#") || cells[1] == "text" {
			continue
		}
		text := strings.ReplaceAll(cells[1], `\n`, "\n")
		want := Facts{cells[2], cells[3], cells[4], cells[5], cells[6]}
		got := f.Find(&Message{Body: cutBody(text)})
		if want.Province == "" && want.City != "" {
			got.Province = "" // not stated: filled in from the city
		}
		if rows++; got != want {
			missed++
			t.Logf("%s: facts %+v, want %+v", cells[1], got, want)
		}
	}
	if missed*20 > rows {
		t.Errorf("%d of %d rows missed, want at most one in twenty", missed, rows)
	}
}
