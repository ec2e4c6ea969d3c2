package main

import (
	"time"

	"aftercare/store"
)

// reportJSON is the whole report for programs.
type reportJSON struct {
	From     *time.Time        `json:"from"`
	To       *time.Time        `json:"to"`
	Zone     string            `json:"time_zone"`
	By       []string          `json:"by"`
	Totals   []clockJSON       `json:"totals"`
	Windows  []clockJSON       `json:"windows"`
	Mails    []reportCountJSON `json:"mails"`
	Messages []reportCountJSON `json:"messages"`
	Visits   []reportCountJSON `json:"visits"`
}

// splitJSON are the columns that counts are split by; one that was not asked for is absent.
type splitJSON struct {
	Week    *string `json:"week,omitempty"`
	Office  *string `json:"office,omitempty"`
	Class   *string `json:"class,omitempty"`
	Channel *string `json:"channel,omitempty"`
	Reason  *string `json:"reason,omitempty"`
}

type clockJSON struct {
	Clock string `json:"clock"`
	splitJSON
	Opened   int      `json:"opened"`
	Met      int      `json:"met"`
	Late     int      `json:"late"`
	Missed   int      `json:"missed"`
	Running  int      `json:"running"`
	Dropped  int      `json:"dropped"`
	Recorded int      `json:"recorded"`
	InTime   *float64 `json:"in_time,omitempty"` // the share of met, late and missed that was met; absent where none was owed
}

type reportCountJSON struct {
	Result string `json:"result"`
	splitJSON
	N int `json:"n"`
}

func (s *reportSheet) json() reportJSON {
	out := reportJSON{From: jsonTime(s.from), To: jsonTime(s.to), Zone: s.zone.String(), By: s.by, Totals: []clockJSON{}, Windows: []clockJSON{},
		Mails: s.countsJSON(store.TallyMail), Messages: s.countsJSON(store.TallyMessage), Visits: s.countsJSON(store.TallyVisit)}
	lines, totals := s.clocks()
	for _, l := range lines {
		out.Windows = append(out.Windows, s.clockJSON(l))
	}
	for _, l := range totals {
		out.Totals = append(out.Totals, s.clockJSON(l))
	}
	return out
}

func (s *reportSheet) clockJSON(l *clockLine) clockJSON {
	c := clockJSON{Clock: l.what, splitJSON: s.split(l.cells), Opened: l.opened(), Met: l.n[store.ResultMet], Late: l.n[store.ResultLate],
		Missed: l.n[store.ResultMissed], Running: l.n[store.ResultRunning], Dropped: l.n[store.ResultDropped], Recorded: l.n[store.ResultRecorded]}
	if share, ok := l.share(); ok {
		c.InTime = &share
	}
	return c
}

func (s *reportSheet) countsJSON(what string) []reportCountJSON {
	out := []reportCountJSON{}
	for _, r := range s.rows {
		if r.what == what {
			out = append(out, reportCountJSON{Result: r.result, splitJSON: s.split(r.cells), N: r.n})
		}
	}
	return out
}

// split names cells by their columns; a total has none.
func (s *reportSheet) split(cells []string) (j splitJSON) {
	at := map[string]**string{"week": &j.Week, "office": &j.Office, "class": &j.Class, "channel": &j.Channel, "reason": &j.Reason}
	for i := range cells {
		*at[s.by[i]] = &cells[i]
	}
	return j
}
