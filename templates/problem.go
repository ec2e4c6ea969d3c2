package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that a check found. A set with a problem that is no warning is refused.
type Problem struct {
	File    string // path inside the set, with forward slashes
	Line    int    // from 1; 0 when the whole file or the set is meant
	Col     int    // from 1, in characters; 0 when the whole line is meant
	What    string // what is wrong, and what was expected
	Nearest string // the nearest right name, when a name is unknown and one is near
	Warning bool   // worth a look, but the set is accepted
}

// String gives one line: file:line:col: what (did you mean nearest?).
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Col > 0 {
			fmt.Fprintf(&b, ":%d", p.Col)
		}
	}
	b.WriteString(": ")
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.What)
	if p.Nearest != "" {
		fmt.Fprintf(&b, " (did you mean %s?)", p.Nearest)
	}
	return b.String()
}

// Problems is the error that Load returns: all that was found, ordered by file, line and column, at most maxProblems.
type Problems []Problem

// maxProblems bounds the list: a folder of nonsense should not fill a log.
const maxProblems = 200

// Error joins the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// place is a position in a file of the set.
type place struct {
	file      string
	line, col int
}

// report collects problems while a set is loaded.
type report struct{ list Problems }

func (r *report) add(at place, format string, args ...any) {
	r.list = append(r.list, Problem{File: at.file, Line: at.line, Col: at.col, What: fmt.Sprintf(format, args...)})
}

func (r *report) unknown(at place, name string, right []string, format string, args ...any) {
	r.list = append(r.list, Problem{File: at.file, Line: at.line, Col: at.col, What: fmt.Sprintf(format, args...), Nearest: nearest(name, right)})
}

func (r *report) warn(at place, format string, args ...any) {
	r.list = append(r.list, Problem{File: at.file, Line: at.line, Col: at.col, What: fmt.Sprintf(format, args...), Warning: true})
}

func (r *report) failed() bool {
	return slices.ContainsFunc(r.list, func(p Problem) bool { return !p.Warning })
}

// split orders what was found and parts it into errors and warnings, each problem once.
func (r *report) split() (errs, warnings Problems) {
	slices.SortStableFunc(r.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.What, b.What))
	})
	for _, p := range slices.Compact(r.list) {
		switch {
		case p.Warning && len(warnings) < maxProblems:
			warnings = append(warnings, p)
		case !p.Warning && len(errs) < maxProblems:
			errs = append(errs, p)
		}
	}
	return errs, warnings
}

// nearest gives the right name that is fewest edits away, or "" when none is near.
func nearest(name string, right []string) string {
	best, edits := "", max(2, len(name)/3)+1
	for _, r := range right {
		if d := distance(strings.ToLower(name), strings.ToLower(r)); d < edits {
			best, edits = r, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours between two short names.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
