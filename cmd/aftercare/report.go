package main

import "slices"

type reportCmd struct {
	readFlags
	From    string   `help:"First day or time. Default: 30 days before --to." placeholder:"DATE"`
	To      string   `help:"The day or time at which it ends, exclusive. Default: now." placeholder:"DATE"`
	By      []string `help:"What the counts are split by: week, office, class, channel, reason. Default: channel; with --csv and --json all of them." placeholder:"WORD,..."`
	CSV     bool     `name:"csv" help:"One row for each count, for a spreadsheet."`
	Explain caseArg  `help:"Say how the clocks of one case were counted, line by line." placeholder:"CASE"`
}

func (*reportCmd) Help() string {
	return "Counts the windows opened in a time and the visits asked for in it: met in time, met late, missed, still running, dropped (the case was closed, the visit cancelled, or none was " +
		"owed). Contacts by telephone and in person that were answered count as recorded, not as met. The promised reply and the answer of a person are two clocks; neither stands in for the " +
		"other. Weeks are ISO weeks in the company's time zone."
}

func (r *reportCmd) Run(env *environment) error {
	if r.JSON && r.CSV {
		return usagef("--json and --csv exclude each other")
	}
	by, err := r.splitBy()
	if err != nil {
		return err
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
	rep, err := st.Report(env.ctx, from, to, env.now(), zone)
	if err != nil {
		return err
	}
	sheet := newReportSheet(rep, by, zone)
	switch {
	case r.JSON:
		return printJSON(env.out, sheet.json())
	case r.CSV:
		return sheet.csv(env.out)
	}
	sheet.print(env)
	return nil
}

// splitBy are the columns that the counts are split by.
func (r *reportCmd) splitBy() ([]string, error) {
	var by []string
	for _, b := range r.By {
		if err := oneOf("--by", b, reportColumns); err != nil {
			return nil, err
		}
		if !slices.Contains(by, b) {
			by = append(by, b)
		}
	}
	switch {
	case len(by) > 0:
		return by, nil
	case r.CSV || r.JSON:
		return reportColumns, nil
	}
	return []string{"channel"}, nil
}
