package contractfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decode makes UTF-8 of the bytes of a CSV file. Spreadsheet programs write UTF-8 with and without a mark, UTF-16, and in
// Chinese Windows GBK, of which GB18030 is the whole.
func decode(data []byte) (text []byte, charset string, err error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
		if utf8.Valid(data) {
			return data, "UTF-8", nil
		}
		return nil, "", fmt.Errorf("the file says that it is UTF-8, and byte %d is not", invalidAt(data)+4)
	case bytes.HasPrefix(data, []byte("\xFF\xFE")), bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return transcode(data, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), "UTF-16")
	case utf8.Valid(data):
		return data, "UTF-8", nil
	}
	return transcode(data, simplifiedchinese.GB18030, "GBK")
}

func transcode(data []byte, enc encoding.Encoding, name string) ([]byte, string, error) {
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, "", fmt.Errorf("the characters of the file are neither UTF-8 nor %s: save it as UTF-8", name)
	}
	return out, name, nil
}

func invalidAt(data []byte) int {
	at := 0
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		data, at = data[n:], at+n
	}
	return at
}

// separator is the sign between the cells: the one that the head has most of, outside of quotation marks.
func separator(text []byte) rune {
	count := map[rune]int{}
	quoted := false
	for _, r := range string(text[:min(len(text), 64<<10)]) {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted && len(count) > 0 {
			break
		}
		if !quoted && strings.ContainsRune(",;\t|", r) {
			count[r]++
		}
	}
	best := ','
	for _, r := range ";\t|" {
		if count[r] > count[best] {
			best = r
		}
	}
	return best
}

func readCSV(data []byte, opt Options, b *builder) error {
	text, charset, err := decode(data)
	if err != nil {
		return err
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("this is neither a workbook (.xlsx) nor a text: expected a CSV file")
	}
	sep, skipped := separator(text), 0
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && len(line) < 8 {
		// Excel's own mark: sep=;
		if v, ok := bytes.CutPrefix(bytes.ToLower(bytes.Trim(line, "\"\r ")), []byte("sep=")); ok && len(v) == 1 {
			sep, text, skipped = rune(v[0]), rest, 1
		}
	}
	b.out.Form = fmt.Sprintf("CSV, %s, separated by %s", charset, map[rune]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "bars"}[sep])
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = sep, -1, true
	var cells []cell
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if perr := (*csv.ParseError)(nil); errors.As(err, &perr) {
			b.problem(Problem{Line: perr.Line + skipped, Reason: quoteReason(perr)})
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the lines: %w", err)
		}
		line := skipped + 1
		if len(record) > 0 {
			at, _ := r.FieldPos(0)
			line = at + skipped
		}
		cells = cells[:0]
		for _, v := range record {
			cells = append(cells, cell{text: v})
		}
		if err := b.row(line, cells); err != nil {
			return err
		}
	}
}

func quoteReason(p *csv.ParseError) string {
	if errors.Is(p.Err, csv.ErrBareQuote) {
		return `a quotation mark inside a cell: put the whole cell into quotation marks and write "" for one`
	}
	return fmt.Sprintf("the quotation marks do not come in pairs; the cell begins in line %d", p.StartLine)
}
