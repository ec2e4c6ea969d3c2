package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"aftercare/store"
)

// reportSheet is a report split by some columns.
type reportSheet struct {
	from, to time.Time
	zone     *time.Location
	by       []string
	rows     []reportRow
	detail   *reportSheet // the same, split by the reason as well
}

// reportRow is one count. cells stand for the columns of by.
type reportRow struct {
	what, result string
	cells        []string
	n            int
}

// newReportSheet adds up what the columns do not tell apart.
func newReportSheet(rep store.Report, by []string, zone *time.Location) *reportSheet {
	s := addUp(rep, by, zone)
	s.detail = s
	if !slices.Contains(by, "reason") {
		s.detail = addUp(rep, append(slices.Clone(by), "reason"), zone)
	}
	return s
}

func addUp(rep store.Report, by []string, zone *time.Location) *reportSheet {
	s := &reportSheet{from: rep.From, to: rep.To, zone: zone, by: by}
	at := map[string]int{}
	for i := range rep.Tallies {
		t := &rep.Tallies[i]
		row := reportRow{what: t.What, result: t.Result, n: t.N}
		for _, b := range by {
			row.cells = append(row.cells, cellOf(b, t))
		}
		key := strings.Join(append([]string{row.what, row.result}, row.cells...), "\x00")
		if k, ok := at[key]; ok {
			s.rows[k].n += t.N
			continue
		}
		at[key] = len(s.rows)
		s.rows = append(s.rows, row)
	}
	slices.SortStableFunc(s.rows, func(a, b reportRow) int {
		return cmp.Or(cmp.Compare(slices.Index(tallyOrder, a.what), slices.Index(tallyOrder, b.what)), slices.Compare(a.cells, b.cells),
			cmp.Compare(slices.Index(clockResults, a.result), slices.Index(clockResults, b.result)), cmp.Compare(a.result, b.result))
	})
	return s
}

// reportColumns are what counts can be split by.
var reportColumns = []string{"week", "office", "class", "channel", "reason"}

func cellOf(column string, t *store.Tally) string {
	switch column {
	case "week":
		return t.Week
	case "office":
		return t.Office
	case "class":
		return t.Class
	case "reason":
		return string(t.Reason)
	}
	if t.Further { // the program owes a further mail on an open case no second reply (policy, part 2)
		return t.Channel + "-further"
	}
	return t.Channel
}

// tallyOrder is the order in which a report is printed; the clocks come first.
var tallyOrder = []string{store.TallyReply, store.TallyPerson, store.TallyArrange, store.TallyOnSite, store.TallyMail, store.TallyMessage, store.TallyVisit}

// clockResults are the columns of a clock; their sum is what was opened.
var clockResults = []string{store.ResultMet, store.ResultLate, store.ResultMissed, store.ResultRunning, store.ResultDropped, store.ResultRecorded}

// clockLine is the counts of one clock for one split.
type clockLine struct {
	what  string
	cells []string
	n     map[string]int
}

func (l *clockLine) opened() (sum int) {
	for _, n := range l.n {
		sum += n
	}
	return sum
}

// share is how much was met in time of what has ended and was owed; false when nothing was.
func (l *clockLine) share() (float64, bool) {
	ended := l.n[store.ResultMet] + l.n[store.ResultLate] + l.n[store.ResultMissed]
	if ended == 0 {
		return 0, false
	}
	return float64(l.n[store.ResultMet]) / float64(ended), true
}

// clocks gathers the rows of each clock, and the totals of each.
func (s *reportSheet) clocks() (lines, totals []*clockLine) {
	for _, what := range tallyOrder[:4] {
		total := &clockLine{what: what, n: map[string]int{}}
		var l *clockLine
		for _, r := range s.rows {
			if r.what != what {
				continue
			}
			if l == nil || !slices.Equal(l.cells, r.cells) {
				l = &clockLine{what: what, cells: r.cells, n: map[string]int{}}
				lines = append(lines, l)
			}
			l.n[r.result] += r.n
			total.n[r.result] += r.n
		}
		if l != nil {
			totals = append(totals, total)
		}
	}
	return lines, totals
}
