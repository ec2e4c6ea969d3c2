package mailbox

import (
	"fmt"
	"slices"
)

// defects collects what was wrong with a mail: each line once, and no more than limit of them.
type defects struct {
	list  []string
	limit int
}

func (d *defects) add(line string) {
	if line == "" || len(d.list) > d.limit || slices.Contains(d.list, line) {
		return
	}
	if len(d.list) == d.limit {
		line = "more defects than are listed"
	}
	d.list = append(d.list, line)
}

func (d *defects) addf(format string, args ...any) {
	if len(d.list) <= d.limit {
		d.add(fmt.Sprintf(format, args...))
	}
}
