package contractfile

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// readStrings reads the texts that cells refer to by number. Those of a phonetic guide are left out.
func (w *workbook) readStrings() error {
	r, ok, err := w.part("xl/sharedStrings.xml")
	if err != nil || !ok {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	var text strings.Builder
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "si":
				text.Reset()
			case "t":
				if err := characters(d, &text); err != nil {
					return err
				}
			case "rPh":
				if err := skip(d); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if e.Name.Local == "si" {
				w.strings = append(w.strings, text.String())
			}
		}
	}
}

// characters adds the text up to the end of the element that has just begun.
func characters(d *xml.Decoder, to *strings.Builder) error {
	for depth := 1; depth > 0; {
		tok, err := d.RawToken()
		if err != nil {
			return unexpected(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if to.Len() <= maxCell { // what is longer is refused with its place
				to.Write(t)
			}
		}
	}
	return nil
}

func skip(d *xml.Decoder) error {
	var none strings.Builder
	return characters(d, &none)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// rows hands the rows of a sheet to b.
func (w *workbook) rows(part string, b *builder) error {
	r, ok, err := w.part(part)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("the workbook is damaged: %s is missing", part)
	}
	defer r.Close()
	s := sheetReader{w: w, d: xml.NewDecoder(r)}
	for {
		tok, err := s.d.RawToken()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "row":
				s.begin(e)
			case "c":
				if err := s.cell(e); err != nil {
					return err
				}
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "row":
				if err := b.row(s.line, s.cells); err != nil {
					return err
				}
			case "sheetData":
				return nil
			}
		}
	}
}

type sheetReader struct {
	w     *workbook
	d     *xml.Decoder
	line  int
	cells []cell
	next  int // the column of a cell that does not say where it stands
	value strings.Builder
}

func (s *sheetReader) begin(e xml.StartElement) {
	s.line++
	if n, err := strconv.Atoi(attr(e, "r")); err == nil && n > 0 {
		s.line = n
	}
	s.cells, s.next = s.cells[:0], 0
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// cell reads one cell up to its end.
func (s *sheetReader) cell(e xml.StartElement) error {
	kind, style := attr(e, "t"), attr(e, "s")
	if i, ok := columnOf(attr(e, "r")); ok {
		s.next = i
	}
	at := s.next
	s.next++
	s.value.Reset()
	for depth := 1; depth > 0; {
		tok, err := s.d.RawToken()
		if err != nil {
			return unexpected(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v", "t":
				err = characters(s.d, &s.value)
			case "f", "rPh":
				err = skip(s.d)
			default:
				depth++
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		}
	}
	if s.value.Len() == 0 || at >= maxColumns {
		return nil
	}
	for len(s.cells) <= at {
		s.cells = append(s.cells, cell{})
	}
	s.cells[at] = s.w.valueOf(kind, style, s.value.String())
	return nil
}

// valueOf is the cell that a type, a style and a stored value make.
func (w *workbook) valueOf(kind, style, v string) cell {
	switch kind {
	case "s":
		if i, err := strconv.Atoi(v); err == nil && i >= 0 && i < len(w.strings) {
			return cell{text: w.strings[i]}
		}
		return cell{text: "#REF!"}
	case "", "n":
		c := cell{text: v, number: true, old: w.old}
		if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(w.formats) {
			c.format, c.date = w.formats[i].code, w.formats[i].date
		}
		return c
	}
	return cell{text: v} // inlineStr, str, d (a date as text), b, e
}

// columnOf is the column of a reference such as AB12, from 0.
func columnOf(ref string) (int, bool) {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1, n > 0
}
