package classify

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of an example file.
const (
	maxExampleBytes = 64 << 10
	maxLineBytes    = 4 * maxExampleBytes
)

// The columns of an example file in their order. Only class and text must be there; a line with two columns is label and
// text, as many public sets have it.
//
//	class TAB text
//	class TAB language TAB by TAB when (RFC 3339) TAB text
//
// In the second form further intents may follow the class, with commas: replacement,repair.
//
// In the text \t, \n, \r and \\ stand for tab, line end, return and backslash.

// ReadTSV reads examples, one a line. Empty lines and lines that begin with "#" are left out. The errors name the file, the
// line and what was expected, all at once; file serves the messages only.
func ReadTSV(r io.Reader, file string) ([]Example, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), maxLineBytes)
	var out []Example
	var errs []error
	for line := 1; sc.Scan(); line++ {
		text := strings.TrimSuffix(sc.Text(), "\r")
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		e, err := parseTSV(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", file, line, err))
			continue
		}
		out = append(out, e)
	}
	if err := sc.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s: reading examples: %w", file, err))
	}
	return out, errors.Join(errs...)
}

func parseTSV(line string) (Example, error) {
	if !utf8.ValidString(line) {
		return Example{}, errors.New("expected UTF-8")
	}
	f := strings.Split(line, "\t")
	var e Example
	switch len(f) {
	case 2:
		e = Example{Class: f[0], Text: unescape(f[1])}
	case 5:
		names := strings.Split(f[0], ",")
		e = Example{Class: names[0], Also: names[1:], Language: f[1], By: unescape(f[2]), Text: unescape(f[4])}
		if len(e.Also) == 0 {
			e.Also = nil
		}
		if f[3] != "" {
			at, err := time.Parse(time.RFC3339, f[3])
			if err != nil {
				return Example{}, fmt.Errorf("when %q: expected RFC 3339, such as 2026-03-01T08:00:00Z, or nothing", f[3])
			}
			e.At = at
		}
	default:
		return Example{}, fmt.Errorf("%d columns: expected class, text or class, language, by, when, text with tabs between", len(f))
	}
	switch {
	case strings.TrimSpace(e.Class) == "":
		return Example{}, errors.New("expected a class in the first column")
	case strings.TrimSpace(e.Text) == "":
		return Example{}, errors.New("expected a text in the last column")
	case len(e.Text) > maxExampleBytes:
		return Example{}, fmt.Errorf("a text of %d bytes: expected at most %d", len(e.Text), maxExampleBytes)
	}
	return e, nil
}

// WriteTSV writes examples in the form with five columns, times in UTC, so that ReadTSV gives them back.
func WriteTSV(w io.Writer, examples []Example) error {
	b := bufio.NewWriter(w)
	for _, e := range examples {
		at := ""
		if !e.At.IsZero() {
			at = e.At.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(b, "%s\t%s\t%s\t%s\t%s\n", escape(strings.Join(append([]string{e.Class}, e.Also...), ",")), escape(e.Language), escape(e.By), at, escape(e.Text))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing examples: %w", err)
	}
	return nil
}

func escape(s string) string {
	return strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(s)
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(s)
}
