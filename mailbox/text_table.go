package mailbox

import (
	"bufio"
	"embed"
	"fmt"
	"io"
	"strings"
)

// dataFiles are the phrases, labels and places that ship with the program.
//
//go:embed data/*.tsv
var dataFiles embed.FS

// readTable reads a table of tab-separated columns: empty lines and lines that begin with "#" are skipped, cells are
// trimmed. row gets each line's cells, at least min and at most max of them. Errors name file and line.
func readTable(name string, r io.Reader, min, max int, row func(cells []string) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 64<<10)
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimPrefix(sc.Text(), "\ufeff")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) < min || len(cells) > max {
			return fmt.Errorf("%s:%d: %d columns, expected %s between tabs", name, n, len(cells), columnRange(min, max))
		}
		if err := row(cells); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	return nil
}

func columnRange(min, max int) string {
	if min == max {
		return fmt.Sprint(min)
	}
	return fmt.Sprintf("%d to %d", min, max)
}

// readEmbedded reads a table that ships with the program. A fault in it is a fault of the build, so it panics; a test
// loads every table.
func readEmbedded(name string, min, max int, row func(cells []string) error) {
	f, err := dataFiles.Open("data/" + name)
	if err == nil {
		err = readTable("data/"+name, f, min, max, row)
		_ = f.Close()
	}
	if err != nil {
		panic("mailbox: " + err.Error())
	}
}

// phraseIndex finds which of many phrases a text begins with, looking at few of them: they lie sorted by their first three
// bytes, the longest first.
type phraseIndex map[[3]byte][]string

func (s phraseIndex) add(phrase string) {
	if phrase == "" {
		return
	}
	k := firstBytes(phrase)
	list := s[k]
	i := 0
	for i < len(list) && len(list[i]) > len(phrase) {
		i++
	}
	s[k] = append(list[:i:i], append([]string{phrase}, list[i:]...)...)
}

// longest returns the longest phrase that text begins with, or "".
func (s phraseIndex) longest(text string) string {
	for k := 3; k > 0; k-- {
		if len(text) < k {
			continue
		}
		var key [3]byte
		copy(key[:], text[:k])
		for _, p := range s[key] {
			if strings.HasPrefix(text, p) && (k == 3 || len(p) == k) {
				return p
			}
		}
	}
	return ""
}

func firstBytes(s string) (k [3]byte) {
	copy(k[:], s)
	return k
}
