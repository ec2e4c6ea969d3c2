package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"aftercare/store"
)

// csv writes a row for each count: what, the columns of by, result, n. A spreadsheet turns it into any table.
func (s *reportSheet) csv(out io.Writer) error {
	w := csv.NewWriter(out)
	rows := [][]string{append(append([]string{"what"}, s.by...), "result", "n")}
	for _, r := range s.rows {
		row := []string{r.what}
		for _, c := range r.cells {
			row = append(row, spreadsheet(c))
		}
		rows = append(rows, append(row, r.result, strconv.Itoa(r.n)))
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// spreadsheet is a cell that no spreadsheet takes for a formula.
func spreadsheet(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// print writes a table of each clock with its total, then what became of mails, messages and visits.
func (s *reportSheet) print(env *environment) {
	env.printf("From %s to %s (%s)\n\n", shortTime(s.from, s.zone), shortTime(s.to, s.zone), s.zone)
	t := newTable(append(append([]string{"clock"}, s.by...), "opened", "met", "late", "missed", "running", "dropped", "recorded", "in time")...)
	lines, totals := s.clocks()
	for _, l := range lines {
		t.add(l.row(l.cells)...)
	}
	for _, l := range totals {
		all := make([]string, len(s.by))
		for i := range all {
			all[i] = "all"
		}
		t.add(l.row(all)...)
	}
	t.print(env.out)
	open := []string{store.ResultMissed, store.ResultRunning}
	for _, part := range []struct {
		words, what string
		results     []string // all where it is nil
	}{{"first reply owed", store.TallyReply, open}, {"mails to customers", store.TallyMail, nil}, {"messages", store.TallyMessage, nil}, {"visits asked for", store.TallyVisit, nil}} {
		s.detail.counts(env, part.words, part.what, part.results)
	}
}

func (l *clockLine) row(cells []string) []string {
	row := []string{l.what}
	for _, c := range cells {
		row = append(row, or(c, "-"))
	}
	row = append(row, strconv.Itoa(l.opened()))
	for _, r := range clockResults {
		row = append(row, strconv.Itoa(l.n[r]))
	}
	if share, ok := l.share(); ok {
		return append(row, fmt.Sprintf("%.1f%%", 100*share))
	}
	return append(row, "-")
}

// counts writes a table of what became of one kind of thing.
func (s *reportSheet) counts(env *environment, words, what string, results []string) {
	t := newTable(append(append([]string{words}, s.by...), "n")...)
	for _, r := range s.rows {
		if r.what != what || results != nil && !slices.Contains(results, r.result) {
			continue
		}
		row := []string{r.result}
		for _, c := range r.cells {
			row = append(row, or(c, "-"))
		}
		t.add(append(row, strconv.Itoa(r.n))...)
	}
	if len(t.rows) > 0 {
		env.printf("\n")
		t.print(env.out)
	}
}
