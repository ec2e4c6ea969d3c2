package contractfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// xcell is a cell as a workbook stores it: its type, its style and its value.
type xcell struct{ kind, style, value string }

func text(s string) xcell { return xcell{"inlineStr", "", s} }
func num(s string) xcell  { return xcell{"", "0", s} }

// The styles of the test workbook.
const (
	styleDate  = "1" // built-in format 14
	styleOwn   = "2" // yyyy"年"m"月"d"日"
	styleZeros = "3" // 00000000
	styleText  = "4" // @
	styleMoney = "5" // "day" 0.00 [Red]
)

type book struct {
	old    bool
	hidden bool // another sheet stands before it and is hidden
	rows   [][]xcell
	drop   string // a part that is left out
}

func (b book) bytes(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	put := func(name, body string) {
		if name == b.drop {
			return
		}
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + body))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	state, old := "", ""
	if b.hidden {
		state = `<sheet name="Notes" sheetId="2" state="hidden" r:id="rId9"/>`
	}
	if b.old {
		old = `<workbookPr date1904="1"/>`
	}
	put("xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">`+
		old+`<sheets>`+state+`<sheet name="合同" sheetId="1" r:id="rId1"/></sheets></workbook>`)
	put("xl/_rels/workbook.xml.rels", `<Relationships xmlns="x"><Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Type="x" Target="/xl/worksheets/none.xml"/></Relationships>`)
	put("xl/styles.xml", `<styleSheet xmlns="x"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="165" formatCode="00000000"/>`+
		`<numFmt numFmtId="166" formatCode="&quot;day&quot; 0.00 [Red]"/></numFmts><cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="49"/><xf numFmtId="166"/></cellXfs></styleSheet>`)
	put("xl/sharedStrings.xml", `<sst xmlns="x"><si><t>合同编号</t><rPh sb="0" eb="2"><t>hetong</t></rPh></si><si><r><t>Ac</t></r><r><t xml:space="preserve">me </t></r></si></sst>`)
	var s strings.Builder
	s.WriteString(`<worksheet xmlns="x"><sheetData>`)
	for i, row := range b.rows {
		fmt.Fprintf(&s, `<row r="%d">`, i+1)
		for j, c := range row {
			ref := letters(j) + fmt.Sprint(i+1)
			switch {
			case c.value == "":
			case c.kind == "inlineStr":
				fmt.Fprintf(&s, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, c.value)
			default:
				fmt.Fprintf(&s, `<c r="%s" t="%s" s="%s"><f>1+1</f><v>%s</v></c>`, ref, c.kind, c.style, c.value)
			}
		}
		s.WriteString(`</row>`)
	}
	put("xl/worksheets/sheet1.xml", s.String()+`</sheetData><mergeCells/></worksheet>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var sheetHead = []xcell{{"s", "", "0"}, text("customer"), text("serial"), text("start"), text("months")}

// TestWorkbookCells: dates as numbers, and serial numbers that the workbook holds as numbers.
func TestWorkbookCells(t *testing.T) {
	for _, tt := range []struct {
		name          string
		serial, start xcell
		old           bool
		wantSerial    string
		wantStart     string
		problem       string // of the serial number, or with "start:" of the date
	}{
		{name: "texts", serial: text("PX-1"), start: text("2026-01-31"), wantSerial: "PX-1", wantStart: "2026-01-31"},
		{name: "a date as number", serial: text("PX-1"), start: xcell{"", styleDate, "46053"}, wantSerial: "PX-1", wantStart: "2026-01-31"},
		{name: "with a time of day", serial: text("PX-1"), start: xcell{"n", styleOwn, "46053.75"}, wantSerial: "PX-1", wantStart: "2026-01-31"},
		{name: "unformatted", serial: text("PX-1"), start: num("46053"), wantSerial: "PX-1", wantStart: "2026-01-31"},
		{name: "counted from 1904", serial: text("PX-1"), start: xcell{"", styleDate, "44591"}, old: true, wantSerial: "PX-1", wantStart: "2026-01-31"},
		{name: "a date as text type", serial: text("PX-1"), start: xcell{"d", styleDate, "2026-01-31T00:00:00"}, wantSerial: "PX-1", wantStart: "2026-01-31"},
		{name: "no day", serial: text("PX-1"), start: num("-5"), problem: "start:no day of a workbook"},
		{name: "a short number", serial: num("12345678901"), start: text("2026-01-31"), wantSerial: "12345678901", wantStart: "2026-01-31"},
		{name: "shown as 1.23E+11", serial: num("123456789012"), start: text("2026-01-31"), problem: "shows as 1.23E+11"},
		{name: "stored as 1.23E+11", serial: num("1.23E+11"), start: text("2026-01-31"), problem: "shows as 1.23E+11"},
		{name: "text that says 1.23E+11", serial: text("1.23E+11"), start: text("2026-01-31"), problem: "power of ten"},
		{name: "more digits than are kept", serial: xcell{"", styleText, "1.2345678901234567E+18"}, start: text("2026-01-31"), problem: "keeps 15 digits"},
		{name: "formatted as text", serial: xcell{"", styleText, "123456789012"}, start: text("2026-01-31"), wantSerial: "123456789012", wantStart: "2026-01-31"},
		{name: "zeros in front by format", serial: xcell{"", styleZeros, "4711"}, start: text("2026-01-31"), wantSerial: "00004711", wantStart: "2026-01-31"},
		{name: "a fraction", serial: num("12.5"), start: text("2026-01-31"), problem: "fraction"},
		{name: "a date for a serial", serial: xcell{"", styleDate, "46053"}, start: text("2026-01-31"), problem: "a date"},
		{name: "a format that speaks of days is no date", serial: xcell{"", styleMoney, "46053"}, start: text("2026-01-31"), wantSerial: "46053", wantStart: "2026-01-31"},
		{name: "an error", serial: xcell{"e", "", "#N/A"}, start: text("2026-01-31"), problem: "formula"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := book{old: tt.old, hidden: true, rows: [][]xcell{{text("List of contracts")}, sheetHead, {text("C-1"), {"s", "", "1"}, tt.serial, tt.start, num("12")}}}
			f := read(t, b.bytes(t), options())
			if tt.problem != "" {
				reason, ofDate := strings.CutPrefix(tt.problem, "start:")
				column := "C"
				if ofDate {
					column = "D"
				}
				if len(f.Problems) != 1 || f.Problems[0].Line != 3 || f.Problems[0].Column != column || !strings.Contains(f.Problems[0].Reason, reason) {
					t.Errorf("want %q in line 3, column %s; got %q", reason, column, problems(f))
				}
				return
			}
			if len(f.Problems) > 0 {
				t.Fatal(problems(f))
			}
			if f.Form != "XLSX, sheet 合同" || f.Products[0].Serial != tt.wantSerial || f.Contracts[0].FirstDay != tt.wantStart || f.Customers[0].Name != "Acme" {
				t.Errorf("%s: %+v %+v %+v", f.Form, f.Products, f.Contracts, f.Customers)
			}
		})
	}
}

func TestWorkbookRefused(t *testing.T) {
	good := book{rows: [][]xcell{sheetHead, {text("C-1"), text("Acme")}}}
	other, small := options(), options()
	other.Sheet = "Prices"
	small.MaxUnpacked = 500
	bomb := book{rows: [][]xcell{{text(strings.Repeat("x", 1<<20))}}}
	for _, tt := range []struct {
		name string
		b    book
		opt  Options
		want string
	}{
		{"no such sheet", good, other, `no sheet "Prices"; it has 合同`},
		{"unpacks to too much", bomb, small, "unpacks to more"},
		{"not a workbook", book{drop: "xl/workbook.xml"}, options(), "no .xlsx workbook"},
		{"the sheet is missing", book{drop: "xl/worksheets/sheet1.xml"}, options(), "is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Read(tt.b.bytes(t), tt.opt); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if f := read(t, bomb.bytes(t), options()); len(f.Problems) == 0 {
		t.Error("a sheet of one huge cell was taken")
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add("<c r='A1'><v>1</v></c>")
	f.Add("<c r='ZZZZ1' t='s'><v>99</v></c><c/><c t='inlineStr'><is><r><t>x</t></r></is></c>")
	f.Fuzz(func(t *testing.T, cells string) {
		b := book{rows: [][]xcell{sheetHead, {text("C-1"), text("Acme"), xcell{"", `0"></c>` + cells + `<c r="Z`, "1"}}}}
		if out, err := Read(b.bytes(t), options()); err == nil && len(out.Problems) == 0 && len(out.Contracts) == 0 {
			t.Error("neither contracts nor problems")
		}
	})
}

// BenchmarkRead reads 100,000 contracts.
func BenchmarkRead(b *testing.B) {
	var csv bytes.Buffer
	csv.WriteString("contract,customer,email,serial,start,months,city\n")
	rows := [][]xcell{{text("contract"), text("customer"), text("email"), text("serial"), text("start"), text("months"), text("city")}}
	for i := range 100000 {
		fmt.Fprintf(&csv, "C-%06d,Customer %d,c%d@x.example,S-%08d,2026-01-31,24,Nanjing\n", i, i, i, i)
		rows = append(rows, []xcell{text(fmt.Sprintf("C-%06d", i)), text(fmt.Sprint("Customer ", i)), text(fmt.Sprintf("c%d@x.example", i)), text(fmt.Sprintf("S-%08d", i)),
			{"", styleDate, "46053"}, num("24"), text("Nanjing")})
	}
	for name, data := range map[string][]byte{"csv": csv.Bytes(), "xlsx": book{rows: rows}.bytes(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, err := Read(data, options())
				if err != nil || len(f.Contracts) != 100000 {
					b.Fatal(err, f)
				}
			}
		})
	}
}
