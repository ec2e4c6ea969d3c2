// Command simplifiedtable makes responder/classify/simplified.bin, by which the classifier reads traditional Chinese
// characters as simplified ones.
//
//	go run ./internal/tools/simplifiedtable -opencc TSCharacters.txt
//
// The table has two bytes, the high one first, for each character from U+4E00 to U+9FFF: the character that it is read as,
// itself mostly. Where the source names several, its first one is taken. NOTICE names the source.
package main

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"unicode/utf8"
)

// The characters that the table covers, as in responder/classify/simplify.go.
const (
	first = 0x4e00
	last  = 0x9fff
)

const maxSteps = 4 // from a character to its last form

func main() {
	source := flag.String("opencc", "TSCharacters.txt", "OpenCC's table of characters, traditional to simplified")
	out := flag.String("out", "responder/classify/simplified.bin", "the table")
	flag.Parse()
	if err := run(*source, *out); err != nil {
		log.Fatal(err)
	}
}

func run(source, out string) error {
	f, err := os.Open(source)
	if err != nil {
		return err
	}
	defer f.Close()
	var table [last - first + 1]uint16
	for i := range table {
		table[i] = uint16(first + i)
	}
	changed := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		from, to, ok := strings.Cut(line, "\t")
		a, _ := utf8.DecodeRuneInString(from)
		b, _ := utf8.DecodeRuneInString(to)
		if !ok || utf8.RuneCountInString(from) != 1 {
			return fmt.Errorf("%s: %q: a character, a tab and characters were expected", source, line)
		}
		if a < first || a > last || b < first || b > last || a == b {
			continue
		}
		table[a-first] = uint16(b)
		changed++
	}
	if err := lines.Err(); err != nil {
		return err
	}
	var bytes []byte
	for _, r := range table {
		for range maxSteps { // some are simplified in two steps
			r = table[r-first]
		}
		if table[r-first] != r {
			return fmt.Errorf("%s: %c is simplified without an end", source, r)
		}
		bytes = binary.BigEndian.AppendUint16(bytes, r)
	}
	fmt.Printf("%d of %d characters are read as another\n", changed, len(table))
	return os.WriteFile(out, bytes, 0o644)
}
