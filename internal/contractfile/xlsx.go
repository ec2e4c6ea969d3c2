package contractfile

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// workbook is an opened XLSX file (ECMA-376, part 1, 18). Only what a plain table needs is read: strings, numbers and their
// formats. No formula is worked out: its stored result counts.
type workbook struct {
	files   map[string]*zip.File
	left    int64 // bytes that may still be unpacked
	strings []string
	formats []numFormat // of the cell styles
	old     bool
}

// numFormat is how a cell shows its number.
type numFormat struct {
	code string
	date bool
}

func readWorkbook(data []byte, opt Options, b *builder) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("the workbook is damaged: %w", err)
	}
	w := &workbook{files: map[string]*zip.File{}, left: opt.MaxUnpacked}
	for _, f := range z.File {
		w.files[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	if w.files["xl/workbook.xml"] == nil {
		return fmt.Errorf("this is a packed file and no .xlsx workbook: save the table as .xlsx or CSV")
	}
	sheet, name, err := w.sheet(opt.Sheet)
	if err != nil {
		return err
	}
	if err := w.readStyles(); err != nil {
		return fmt.Errorf("reading the formats of the workbook: %w", err)
	}
	if err := w.readStrings(); err != nil {
		return fmt.Errorf("reading the texts of the workbook: %w", err)
	}
	b.out.Form = "XLSX, sheet " + name
	if err := w.rows(sheet, b); err != nil {
		return fmt.Errorf("sheet %s: %w", name, err)
	}
	return nil
}

// errUnpacked ends the reading of a workbook that unpacks to too much.
var errUnpacked = errors.New("the workbook unpacks to more than is read: split it")

// part opens one file of the workbook. Close it when it is read.
func (w *workbook) part(name string) (io.ReadCloser, bool, error) {
	f := w.files[strings.ToLower(name)]
	if f == nil {
		return nil, false, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, true, fmt.Errorf("opening %s: %w", name, err)
	}
	return &counted{r, w}, true, nil
}

// counted stops a reader at the limit of the workbook.
type counted struct {
	io.ReadCloser
	w *workbook
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.w.left -= int64(n); c.w.left < 0 {
		return n, errUnpacked
	}
	return n, err
}

// decodePart reads a small part into v; a part that is not there leaves v as it is.
func (w *workbook) decodePart(name string, v any) error {
	r, ok, err := w.part(name)
	if err != nil || !ok {
		return err
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// sheet finds the part that holds a sheet.
func (w *workbook) sheet(want string) (part, name string, err error) {
	var book struct {
		Properties struct {
			Old string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			ID2   string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"` // of the strict variant
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(w.decodePart("xl/workbook.xml", &book), w.decodePart("xl/_rels/workbook.xml.rels", &rels)); err != nil {
		return "", "", err
	}
	w.old = book.Properties.Old == "1" || book.Properties.Old == "true"
	var names []string
	for _, s := range book.Sheets {
		names = append(names, s.Name)
		if want != "" && s.Name != want || want == "" && s.State != "" && s.State != "visible" {
			continue
		}
		for _, r := range rels.List {
			if r.ID == s.ID+s.ID2 {
				if strings.HasPrefix(r.Target, "/") {
					return r.Target[1:], s.Name, nil
				}
				return path.Join("xl", r.Target), s.Name, nil
			}
		}
	}
	if want != "" {
		return "", "", fmt.Errorf("the workbook has no sheet %q; it has %s", want, strings.Join(names, ", "))
	}
	return "", "", fmt.Errorf("the workbook has no sheet that shows")
}

func (w *workbook) readStyles() error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			ID int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.decodePart("xl/styles.xml", &styles); err != nil {
		return err
	}
	own := map[int]string{0: "", 1: "0", 49: "@"}
	for _, f := range styles.Formats {
		own[f.ID] = f.Code
	}
	for _, c := range styles.Cells {
		code, known := own[c.ID]
		// 14 to 22, 27 to 36, 45 to 47 and 50 to 58 are built-in formats of dates and times.
		builtIn := c.ID >= 14 && c.ID <= 22 || c.ID >= 27 && c.ID <= 36 || c.ID >= 45 && c.ID <= 47 || c.ID >= 50 && c.ID <= 58
		w.formats = append(w.formats, numFormat{code: code, date: builtIn && (!known || code == "") || isDateFormat(code)})
	}
	return nil
}

// isDateFormat tells whether a format shows days: it has a y or d outside of quotation marks and brackets.
func isDateFormat(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket && strings.IndexByte("yYdD", c) >= 0:
			return true
		}
	}
	return false
}
