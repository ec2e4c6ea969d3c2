package main

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"aftercare/sla"
	"aftercare/store"
)

type reportCmd struct {
	readFlags
	From    string  `help:"First day or time. Default: 30 days before --to." placeholder:"DATE"`
	To      string  `help:"The day or time at which it ends, exclusive. Default: now." placeholder:"DATE"`
	CSV     bool    `name:"csv" help:"The windows as CSV, a row for each clock, channel, class and office."`
	Explain caseArg `help:"Say how the clocks of one case were counted, line by line." placeholder:"CASE"`
}

func (*reportCmd) Help() string {
	return "Counts the windows opened in a time: met in time, met late, missed, still running, dropped (the case was closed, or none was owed). Contacts by telephone and in " +
		"person that were answered count as recorded, not as met. The promised reply and the answer of a person are two clocks; neither stands in for the other."
}

func (r *reportCmd) Run(env *environment) error {
	if r.JSON && r.CSV {
		return usagef("--json and --csv exclude each other")
	}
	c, st, err := r.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if r.Explain != "" {
		return r.explain(env, c, st)
	}
	zone := c.Company.Location
	to, err := parseDay("--to", r.To, zone, env.now())
	if err != nil {
		return err
	}
	from, err := parseDay("--from", r.From, zone, to.AddDate(0, 0, -30))
	if err != nil {
		return err
	}
	if !from.Before(to) {
		return usagef("--from %s lies not before --to %s", shortTime(from, zone), shortTime(to, zone))
	}
	rep, err := st.Report(env.ctx, from, to, env.now())
	if err != nil {
		return err
	}
	switch {
	case r.JSON:
		return printJSON(env.out, newReportJSON(rep))
	case r.CSV:
		return reportCSV(env, rep)
	}
	printReport(env, rep, zone)
	return nil
}

func reportCSV(env *environment, rep store.Report) error {
	w := csv.NewWriter(env.out)
	rows := [][]string{{"clock", "channel", "class", "office", "opened", "met", "late", "missed", "running", "dropped", "recorded"}}
	for _, l := range rep.Lines {
		row := []string{string(l.Clock), l.Channel, l.Class, l.Office}
		for _, n := range []int{l.Opened, l.Met, l.Late, l.Missed, l.Running, l.Dropped, l.Recorded} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func printReport(env *environment, rep store.Report, zone *time.Location) {
	env.printf("Windows opened from %s to %s\n\n", shortTime(rep.From, zone), shortTime(rep.To, zone))
	t := newTable("clock", "channel", "class", "office", "opened", "met", "late", "missed", "running", "dropped", "recorded", "in time")
	total := map[sla.Clock]store.ReportLine{}
	var order []sla.Clock
	for _, l := range rep.Lines {
		addLine(t, l, or(l.Class, "-"), or(l.Office, "-"))
		if _, ok := total[l.Clock]; !ok {
			order = append(order, l.Clock)
		}
		total[l.Clock] = sumLines(total[l.Clock], l)
	}
	for _, k := range order {
		addLine(t, total[k], "all", "all")
	}
	t.print(env.out)
	printCounts(env, "messages", rep.Dispositions)
	printCounts(env, "replies by the program", rep.Replies)
	printCounts(env, "visits", rep.Visits)
}

func addLine(t *table, l store.ReportLine, class, office string) {
	cells := []string{string(l.Clock), or(l.Channel, "all"), class, office}
	for _, n := range []int{l.Opened, l.Met, l.Late, l.Missed, l.Running, l.Dropped, l.Recorded} {
		cells = append(cells, strconv.Itoa(n))
	}
	t.add(append(cells, shareWords(l))...)
}

// shareWords is the share met in time of the windows that have ended and were owed.
func shareWords(l store.ReportLine) string {
	ended := l.Met + l.Late + l.Missed
	if ended == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(l.Met)/float64(ended))
}

func sumLines(a, b store.ReportLine) store.ReportLine {
	a.Clock, a.Channel = b.Clock, ""
	a.Opened += b.Opened
	a.Met += b.Met
	a.Late += b.Late
	a.Missed += b.Missed
	a.Running += b.Running
	a.Dropped += b.Dropped
	a.Recorded += b.Recorded
	return a
}

func printCounts(env *environment, what string, counts []store.Count) {
	if len(counts) == 0 {
		return
	}
	env.printf("\n%s\n", what)
	for _, c := range counts {
		env.printf("  %6d  %s %s\n", c.N, c.What, c.Reason)
	}
}

type reportJSON struct {
	From     *time.Time       `json:"from"`
	To       *time.Time       `json:"to"`
	Windows  []reportLineJSON `json:"windows"`
	Messages []countJSON      `json:"messages"`
	Replies  []countJSON      `json:"replies"`
	Visits   []countJSON      `json:"visits"`
}

type reportLineJSON struct {
	Clock    string `json:"clock"`
	Channel  string `json:"channel"`
	Class    string `json:"class"`
	Office   string `json:"office"`
	Opened   int    `json:"opened"`
	Met      int    `json:"met"`
	Late     int    `json:"late"`
	Missed   int    `json:"missed"`
	Running  int    `json:"running"`
	Dropped  int    `json:"dropped"`
	Recorded int    `json:"recorded"`
}

type countJSON struct {
	What   string `json:"what"`
	Reason string `json:"reason,omitempty"`
	N      int    `json:"n"`
}

func newReportJSON(rep store.Report) reportJSON {
	counts := func(in []store.Count) []countJSON {
		out := make([]countJSON, 0, len(in))
		for _, c := range in {
			out = append(out, countJSON{c.What, string(c.Reason), c.N})
		}
		return out
	}
	out := reportJSON{From: jsonTime(rep.From), To: jsonTime(rep.To), Windows: []reportLineJSON{},
		Messages: counts(rep.Dispositions), Replies: counts(rep.Replies), Visits: counts(rep.Visits)}
	for _, l := range rep.Lines {
		out.Windows = append(out.Windows, reportLineJSON{string(l.Clock), l.Channel, l.Class, l.Office, l.Opened, l.Met, l.Late, l.Missed, l.Running, l.Dropped, l.Recorded})
	}
	return out
}
