package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercare/responder"
	"aftercare/store"
)

// TestReportSheetAddsUp: however a report is split, what is printed adds up to what was counted, for each clock and result.
func TestReportSheetAddsUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	rep := store.Report{From: time.Unix(0, 0), To: time.Unix(1, 0)}
	want := map[string]int{}
	for range 600 {
		tally := store.Tally{What: pick(tallyOrder...), Week: pick("2026-W09", "2026-W10", "2026-W53"), Office: pick("", "Nanjing", "上海"), Class: pick("repair", "visit", "=1+1"),
			Channel: pick("email", "phone", "mail"), Further: rnd.IntN(2) == 0, Result: pick("sent", "bounced"), Reason: responder.Reason(pick("", "capped-sender", "reply")), N: 1 + rnd.IntN(9)}
		if _, clock := indexOf(tallyOrder[:4], tally.What); clock {
			tally.Result = pick(clockResults...)
		}
		rep.Tallies = append(rep.Tallies, tally)
		want[tally.What+" "+tally.Result] += tally.N
	}
	for set := range 1 << len(reportColumns) {
		var by []string
		for i, c := range reportColumns {
			if set>>i&1 == 1 {
				by = append(by, c)
			}
		}
		t.Run(strings.Join(by, ","), func(t *testing.T) {
			s := newReportSheet(rep, by, time.UTC)
			got := map[string]int{}
			_, totals := s.clocks()
			for _, l := range totals {
				for result, n := range l.n {
					got[l.what+" "+result] += n
				}
			}
			for _, r := range s.rows {
				if _, clock := indexOf(tallyOrder[:4], r.what); !clock {
					got[r.what+" "+r.result] += r.n
				}
			}
			same(t, "the table", got, want)
			same(t, "the detail", sumRows(s.detail.rows), want)
			same(t, "CSV", sumCSV(t, s), want)
		})
	}
}

func indexOf(list []string, word string) (int, bool) {
	for i, w := range list {
		if w == word {
			return i, true
		}
	}
	return 0, false
}

func sumRows(rows []reportRow) map[string]int {
	out := map[string]int{}
	for _, r := range rows {
		out[r.what+" "+r.result] += r.n
	}
	return out
}

// sumCSV adds up the CSV by its head, and fails where a cell could be taken for a formula.
func sumCSV(t *testing.T, s *reportSheet) map[string]int {
	t.Helper()
	var b strings.Builder
	if err := s.csv(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[len(r)-1])
		if err != nil {
			t.Fatal(err)
		}
		out[r[0]+" "+r[len(r)-2]] += n
		for _, cell := range r {
			if strings.HasPrefix(cell, "=") {
				t.Fatalf("a formula: %q", cell)
			}
		}
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s has %v, counted %v", what, got, want)
	}
}
