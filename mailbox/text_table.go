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
type phraseIndex struct {
	lists  map[uint32][]string
	filter headFilter
}

func (x *phraseIndex) add(phrase string) {
	if phrase == "" {
		return
	}
	if x.lists == nil {
		x.lists = map[uint32][]string{}
	}
	k := headKey(phrase, len(phrase))
	list := x.lists[k]
	i := 0
	for i < len(list) && len(list[i]) > len(phrase) {
		i++
	}
	x.lists[k] = append(list[:i:i], append([]string{phrase}, list[i:]...)...)
	x.filter.add(phrase)
}

// longest returns the longest phrase that text begins with, or "".
func (x *phraseIndex) longest(text string) string {
	if !x.filter.may(text) {
		return ""
	}
	for k := min(3, len(text)); k > 0; k-- {
		for _, p := range x.lists[headKey(text, k)] {
			if strings.HasPrefix(text, p) && (k == 3 || len(p) == k) {
				return p
			}
		}
	}
	return ""
}

// headKey is the first n bytes of s, at most three, as a number.
func headKey(s string, n int) uint32 {
	var k uint32
	for i := 0; i < n && i < 3; i++ {
		k = k<<8 | uint32(s[i])
	}
	return k | uint32(min(n, 3))<<24
}

// headFilter tells quickly that no phrase of a table begins with the bytes at a place of a text.
type headFilter [1 << 10]uint64

func (f *headFilter) add(phrase string) {
	if len(phrase) >= 3 {
		f.set(phrase[0], phrase[1], phrase[2])
		return
	}
	// A shorter phrase may be followed by anything.
	for c := range 256 {
		if len(phrase) == 2 {
			f.set(phrase[0], phrase[1], byte(c))
			continue
		}
		for d := range 256 {
			f.set(phrase[0], byte(c), byte(d))
		}
	}
}

// join adds what other holds.
func (f *headFilter) join(other *headFilter) {
	for i, w := range other {
		f[i] |= w
	}
}

func (f *headFilter) set(a, b, c byte) {
	k := headHash(a, b, c)
	f[k>>6] |= 1 << (k & 63)
}

func (f *headFilter) may(s string) bool {
	if len(s) < 3 {
		return true // too short to tell
	}
	k := headHash(s[0], s[1], s[2])
	return f[k>>6]&(1<<(k&63)) != 0
}

func headHash(a, b, c byte) uint16 {
	return uint16((uint32(a)<<16 | uint32(b)<<8 | uint32(c)) * 0x9E3779B1 >> 16)
}
