package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// table prints rows in columns. Cells come from strangers: each is cleaned and cut.
type table struct {
	head []string
	rows [][]string
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

const maxCell = 60 // columns of the screen

func (t *table) print(w io.Writer) {
	wide := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i := range row {
			row[i] = cut(oneLine(row[i]), maxCell)
			wide[i] = max(wide[i], columns(row[i]))
		}
	}
	for _, row := range all {
		var b strings.Builder
		for i, c := range row {
			b.WriteString(c)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", wide[i]-columns(c)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// columns is how many columns of a screen s takes: Han and full-width signs take two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens s to at most n columns of a screen.
func cut(s string, n int) string {
	if len(s) <= n || columns(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used+runeColumns(r) > n-1 {
			return s[:i] + "…"
		}
		used += runeColumns(r)
	}
	return s
}

// printable takes out of a stranger's text what could command a terminal or turn its order around: control characters, also
// those of C1, and the marks of direction and format. Line ends stay.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == '\r', r == unicode.ReplacementChar:
			return -1
		case r == 0x200c || r == 0x200d: // joiners are letters' business in several scripts
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == 0x2028, r == 0x2029:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// oneLine is printable text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// indented puts a margin before each line of a text.
func indented(s, margin string) string {
	s = strings.TrimRight(printable(s), "\n ")
	if s == "" {
		return ""
	}
	return margin + strings.ReplaceAll(s, "\n", "\n"+margin) + "\n"
}

// printJSON writes v for programs, indented; a list that is nil is written as an empty one by its maker.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// jsonTime is a time for programs: RFC 3339 in UTC, nil for none.
func jsonTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// shortTime is a time for people, in the company's zone; "-" for none.
func shortTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// or returns the first text that is not empty.
func or(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
