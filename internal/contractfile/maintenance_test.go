package contractfile

import (
	"errors"
	"strings"
	"testing"
)

// TestMaintenance has each thing that the columns of planned maintenance can say.
func TestMaintenance(t *testing.T) {
	const head = "contract,customer,start,end,maintenance,maintenance from,serial\n"
	for _, tt := range []struct{ name, text, rule, from, problem string }{
		{"a rule with its day", head + "C-1,A,2026-01-01,2026-12-31,freq=yearly,2026-03-01,S-1\n", "FREQ=YEARLY", "2026-03-01", ""},
		{"with the term", head + "C-1,A,2026-01-01,2026-12-31,FREQ=YEARLY,,S-1\n", "FREQ=YEARLY", "2026-01-01", ""},
		{"none", head + "C-1,A,2026-01-01,2026-12-31,,,S-1\n", "", "", ""},
		{"later rows that say nothing", head + "C-1,A,2026-01-01,,FREQ=YEARLY,2026-03-01,S-1\nC-1,,,,,,S-2\n", "FREQ=YEARLY", "2026-03-01", ""},
		{"later rows that say the same", head + "C-1,A,2026-01-01,,FREQ=YEARLY,2026-03-01,S-1\nC-1,,,,FREQ=YEARLY,2026-03-01,S-2\n", "FREQ=YEARLY", "2026-03-01", ""},
		{"later rows that say another", head + "C-1,A,2026-01-01,,FREQ=YEARLY,2026-03-01,S-1\nC-1,,,,FREQ=DAILY,,S-2\n", "", "",
			`line 3, column E (maintenance): "FREQ=DAILY": contract C-1 has "FREQ=YEARLY" here in line 2`},
		{"no rule", head + "C-1,A,2026-01-01,,daily,,S-1\n", "", "", `line 2, column E (maintenance): "daily": is no rule`},
		{"a rule further down", head + "C-0,A,2026-01-01,,,,S-1\nC-1,A,2026-01-01,,,,S-2\nC-1,,,,daily,,S-3\n", "", "", `line 4, column E (maintenance): "daily": is no rule`},
		{"no day to begin on", head + "C-1,A,,,FREQ=YEARLY,,S-1\n", "", "", `line 2, column E (maintenance): "FREQ=YEARLY": the rule does not say when it begins`},
		{"a day and no rule", head + "C-1,A,2026-01-01,,,2026-03-01,S-1\n", "", "", `line 2, column F (maintenance from): "2026-03-01": a day to begin on, and no rule`},
		{"a day that is none", head + "C-1,A,2026-01-01,,FREQ=YEARLY,soon,S-1\n", "", "", `line 2, column F (maintenance from): "soon": is no date`},
		{"in Chinese", "合同编号,客户名称,保养计划,首次保养\nC-1,A,FREQ=YEARLY,2026年3月1日\n", "FREQ=YEARLY", "2026-03-01", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opt := options()
			opt.Maintenance = func(rule, from, last string) (string, error) {
				if rule = strings.ToUpper(rule); !strings.HasPrefix(rule, "FREQ=") || from == "" {
					return "", errors.New("is no rule")
				}
				return rule, nil
			}
			f := read(t, []byte(tt.text), opt)
			if tt.problem != "" {
				if p := problems(f); !strings.HasPrefix(p, tt.problem) || strings.Contains(p, "\n") {
					t.Errorf("got %s\nwant %s", p, tt.problem)
				}
				return
			}
			if c := f.Contracts[0]; len(f.Problems) > 0 || c.Maintenance != tt.rule || c.MaintenanceFrom != tt.from {
				t.Errorf("got %+v\n%s", c, problems(f))
			}
		})
	}
}
