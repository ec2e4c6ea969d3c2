package contractfile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func options() Options {
	return Options{Zone: "Asia/Shanghai", Freemail: map[string]bool{"qq.com": true}, Offices: []string{"Nanjing"}, Key: fold, Name: fold}
}

func read(t *testing.T, data []byte, opt Options) *File {
	t.Helper()
	f, err := Read(data, opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func problems(f *File) string {
	var s []string
	for _, p := range f.Problems {
		s = append(s, p.String())
	}
	return strings.Join(s, "\n")
}

const chinese = "合同编号,客户名称,邮箱,序列号,质保开始,质保期(月),城市\nHT-2026-1,江南机械,li@jn.example,KF-7,2026年1月31日,12个月,南京\n"

func TestForms(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(chinese))
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(strings.ReplaceAll(chinese, ",", "\t")))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		data []byte
		form string
	}{
		"UTF-8":             {[]byte(chinese), "CSV, UTF-8, separated by commas"},
		"with a mark":       {[]byte("\xEF\xBB\xBF" + chinese), "CSV, UTF-8, separated by commas"},
		"GBK":               {gbk, "CSV, GBK, separated by commas"},
		"UTF-16 with tabs":  {utf16, "CSV, UTF-16, separated by tabs"},
		"semicolons":        {[]byte(strings.ReplaceAll(chinese, ",", ";")), "CSV, UTF-8, separated by semicolons"},
		"sep= of Excel":     {[]byte("sep=;\r\n" + strings.ReplaceAll(chinese, ",", ";")), "CSV, UTF-8, separated by semicolons"},
		"a title above":     {[]byte("2026年合同一览\n\n" + chinese), "CSV, UTF-8, separated by commas"},
		"line ends of old":  {[]byte(strings.ReplaceAll(chinese, "\n", "\r\n")), "CSV, UTF-8, separated by commas"},
		"quotation marks":   {[]byte(strings.ReplaceAll(chinese, "江南机械", `"江南机械"`)), "CSV, UTF-8, separated by commas"},
		"full-width number": {[]byte(strings.ReplaceAll(chinese, "12个月", "１２")), "CSV, UTF-8, separated by commas"},
	} {
		t.Run(name, func(t *testing.T) {
			f := read(t, tt.data, options())
			if len(f.Problems) > 0 || f.Form != tt.form || f.Rows != 1 || len(f.Contracts) != 1 || len(f.Products) != 1 {
				t.Fatalf("%q, %d rows, %+v\n%s", f.Form, f.Rows, f.Contracts, problems(f))
			}
			want := Contract{Number: "HT-2026-1", Customer: "江南机械", FirstDay: "2026-01-31", LastDay: "2027-01-30", Zone: "Asia/Shanghai", City: "南京"}
			if f.Contracts[0] != want || f.Customers[0].Addresses[0] != "li@jn.example" {
				t.Errorf("got %+v %+v, want %+v", f.Contracts[0], f.Customers, want)
			}
		})
	}
}

// TestCells has each thing that can stand in a column, right and wrong.
func TestCells(t *testing.T) {
	for _, tt := range []struct{ name, head, cell, want, problem string }{
		{"a serial", "serial", "PX-1", "PX-1", ""},
		{"a serial with zeros", "serial", "000123", "000123", ""},
		{"a serial that looks like a power", "serial", "12E5", "12E5", ""},
		{"power of ten", "serial", "1.23E+11", "", "power of ten"},
		{"power of ten with a comma", "serial", `"1,23E+11"`, "", "power of ten"},
		{"power of ten of another program", "serial", "1.23457e+015", "", "power of ten"},
		{"decimal", "serial", "123456789012.0", "", "decimal"},
		{"a failed formula", "serial", "#N/A", "", "formula"},
		{"only signs", "serial", "--", "", "neither a letter nor a digit"},
		{"too long", "serial", strings.Repeat("9", 65), "", "too long"},
		{"a date", "start", "2026-01-31", "2026-01-31", ""},
		{"slashes", "start", "2026/1/3", "2026-01-03", ""},
		{"points", "start", "3.1.2026", "2026-01-03", ""},
		{"day over twelve", "start", "31/01/2026", "2026-01-31", ""},
		{"month first", "start", "01/31/2026", "2026-01-31", ""},
		{"both the same", "start", "02/02/2026", "2026-02-02", ""},
		{"two ways", "start", "03/04/2026", "", "two ways"},
		{"run together", "start", "20260131", "2026-01-31", ""},
		{"with a time", "start", "2026/1/31 0:00", "2026-01-31", ""},
		{"in English", "start", "31 Jan 2026", "2026-01-31", ""},
		{"of a workbook", "start", "46053", "2026-01-31", ""},
		{"29 February of a leap year", "start", "2024-02-29", "2024-02-29", ""},
		{"29 February of another", "start", "2026-02-29", "", "no such day"},
		{"two digits", "start", "31.01.26", "", "two digits"},
		{"long ago", "start", "1870-01-01", "", "lies in the year 1870"},
		{"words", "start", "soon", "", "is no date"},
		{"months", "months", "24", "24", ""},
		{"years", "months", "2 years", "24", ""},
		{"years in Chinese", "质保期", "2年", "24", ""},
		{"a column of years", "years", "2", "24", ""},
		{"no months", "months", "0", "", "no length"},
		{"too many", "months", "99999", "", "longer than"},
		{"a unit", "months", "3 moons", "", "no length"},
		{"addresses", "email", "A@x.example; b@x.example", "a@x.example b@x.example", ""},
		{"address with a name", "email", "Ann Lee <ann@x.example>", "ann@x.example", ""},
		{"no address", "email", "ann", "", "no mail address"},
		{"two signs", "email", "a@b@c.example", "", "no mail address"},
		{"a domain", "domain", "@X.example", "x.example", ""},
		{"a public domain", "domain", "QQ.com", "", "anybody can have"},
		{"no domain", "domain", "https://x.example/", "", "no domain"},
		{"a zone", "time zone", "Europe/Berlin", "Europe/Berlin", ""},
		{"no zone", "time zone", "Berlin", "", "no time zone"},
		{"an office", "office", "Nanjing", "Nanjing", ""},
		{"no office", "office", "Mars", "", "no office"},
		{"too much", "city", strings.Repeat("x", maxCell+1), "", "bytes: up to"},
		{"control signs", "city", "Nan\x01jing\u202e", "Nan jing", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			head, row := "contract,customer,"+tt.head, "C-1,Acme,"+tt.cell
			switch tt.head {
			case "months", "质保期", "years":
				head, row = head+",start", row+",2026-01-01"
			}
			f := read(t, []byte(head+"\n"+row+"\n"), options())
			if tt.problem != "" {
				if len(f.Problems) != 1 || f.Problems[0].Line != 2 || f.Problems[0].Column != "C" || !strings.Contains(f.Problems[0].Reason, tt.problem) {
					t.Errorf("want a problem with %q in line 2, column C, got %q", tt.problem, problems(f))
				}
				return
			}
			if len(f.Problems) > 0 || len(f.Contracts) != 1 {
				t.Fatal(problems(f))
			}
			got := got(f, tt.head)
			want := tt.want
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// got is what a column came to.
func got(f *File, head string) string {
	c := f.Contracts[0]
	switch head {
	case "serial":
		return f.Products[0].Serial
	case "start":
		return c.FirstDay
	case "email":
		return strings.Join(f.Customers[0].Addresses, " ")
	case "domain":
		return strings.Join(f.Customers[0].Domains, " ")
	case "time zone":
		return c.Zone
	case "office":
		return c.Office
	case "city":
		return c.City
	}
	for n := 1; n <= 24; n++ { // a term
		if lastDay(parsed("2026-01-01"), n).Format("2006-01-02") == c.LastDay {
			return fmt.Sprint(n)
		}
	}
	return c.LastDay
}

func TestRows(t *testing.T) {
	const head = "contract,customer,email,start,end,months,serial,predecessor,replaced by\n"
	for _, tt := range []struct{ name, rows, want string }{
		{"the later rows of a contract say less", "C-1,Acme,a@x.example,2026-01-01,,12,S-1\nC-1,,,,,,S-2\n", ""},
		{"or the same", "C-1,Acme,,2026-01-01,,12,S-1\nc 1,Acme,,2026-01-01,,12,S-2\n", ""},
		{"or something else", "C-1,Acme,,2026-01-01,,12,S-1\nC-1,Zeta,,2026-02-01,,24,S-2\n",
			"line 3, column D (start): \"2026-02-01\": contract C-1 has \"2026-01-01\" here in line 2\nline 3, column F (months): \"24\": contract C-1 has a term of 12 months above\nline 3, column B (customer): \"Zeta\": contract C-1 has \"Acme\" here in line 2"},
		{"no number", ",Acme,,,,,S-1\n", "line 2, column A (contract): the contract number is missing"},
		{"no customer", "C-1,,,,,,S-1\n", "line 2, column B (customer): the customer is missing"},
		{"ends first", "C-1,Acme,,2026-02-01,2026-01-01,,\n", "line 2: contract C-1: ends on 2026-01-01, before it starts on 2026-02-01"},
		{"term and end agree", "C-1,Acme,,2026-01-01,2026-12-31,12,\n", ""},
		{"the end is the day after", "C-1,Acme,,2026-01-01,2027-01-01,12,\n", ""},
		{"term and end do not agree", "C-1,Acme,,2026-01-01,2027-02-01,12,\n", "line 2: contract C-1: a term of 12 months from 2026-01-01 ends on 2026-12-31, and the end says 2027-02-01"},
		{"a term without a start", "C-1,Acme,,,,12,\n", "line 2: contract C-1: a term without its start says nothing"},
		{"twice", "C-1,Acme,,,,,S-1\nC-1,Acme,,,,,S-1\n", "line 3, column G (serial): \"S-1\": this serial number stands in line 2, too"},
		{"twice but for signs", "C-1,Acme,,,,,S-1\nC-1,Acme,,,,,s1\n", "line 3, column G (serial): \"s1\": the same as S-1 in line 2: signs between letters and digits do not count"},
		{"replaces itself", "C-1,Acme,,,,,S-1,S1\n", "line 2, column H (predecessor): \"S1\": a product cannot replace itself"},
		{"replace each other", "C-1,Acme,,,,,S-1,S-2\nC-1,,,,,,S-2,S-1\n", "line 2: serial S-1 replaces a product that replaces it"},
		{"replaced by", "C-1,Acme,,,,,S-1,,S-2\nC-1,,,,,,S-2,\n", ""},
		{"replaced by nothing", "C-1,Acme,,,,,S-1,,S-9\n", "line 2, column I (replaced_by): \"S-9\": the file has no row for this serial number"},
		{"more cells", "C-1,Acme,,,,,S-1,,,,more\n", "line 2, column K: \"more\": the row has more cells than the head: is a separator in a cell that is not quoted?"},
		{"a quotation mark", "C-1,Ac\"me,,,,,S-1\nC-2,Acme,x,,,,\n",
			"line 2: a quotation mark inside a cell: put the whole cell into quotation marks and write \"\" for one\nline 3, column C (email): \"x\": \"x\" is no mail address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := read(t, []byte(head+tt.rows), options())
			if got := problems(f); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if tt.name == "replaced by" && f.Products[1].Predecessor != "S-1" {
				t.Errorf("products %+v", f.Products)
			}
		})
	}
}

func TestTermsOfMonths(t *testing.T) {
	for _, tt := range []struct {
		first  string
		months int
		want   string
	}{
		{"2026-01-01", 12, "2026-12-31"}, {"2026-03-15", 24, "2028-03-14"}, {"2024-02-29", 12, "2025-02-28"}, {"2024-02-29", 48, "2028-02-28"},
		{"2025-02-28", 12, "2026-02-27"}, {"2026-01-31", 1, "2026-02-28"}, {"2024-01-31", 1, "2024-02-29"}, {"2026-08-31", 1, "2026-09-30"}, {"2026-12-01", 1, "2026-12-31"},
	} {
		if got := lastDay(parsed(tt.first), tt.months).Format("2006-01-02"); got != tt.want {
			t.Errorf("%d months from %s end on %s, want %s", tt.months, tt.first, got, tt.want)
		}
	}
}

// TestManyRows: 10,000 rows, 50 of them bad, each found with its line.
func TestManyRows(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("contract,customer,email,start,months,serial\n")
	bad := map[int]bool{}
	for i := range 10000 {
		start := "2026-01-31"
		if i%200 == 7 {
			start, bad[i+2] = "2026-02-31", true
		}
		fmt.Fprintf(&b, "C-%05d,Customer %d,c%d@x.example,%s,12,S-%06d\n", i, i, i, start, i)
	}
	f := read(t, b.Bytes(), options())
	if f.Rows != 10000 || len(bad) != 50 || len(f.Problems) != 50 {
		t.Fatalf("%d rows, %d problems", f.Rows, len(f.Problems))
	}
	for _, p := range f.Problems {
		if !bad[p.Line] || p.Column != "D" || p.Value != "2026-02-31" {
			t.Errorf("%+v", p)
		}
	}
	opt := options()
	opt.MaxProblems = 10
	if f := read(t, b.Bytes(), opt); len(f.Problems) != 10 || f.More != 40 {
		t.Errorf("%d kept, %d more", len(f.Problems), f.More)
	}
}

func TestRefused(t *testing.T) {
	small := options()
	small.MaxRows, small.MaxBytes = 1, 60
	for _, tt := range []struct {
		name string
		data string
		opt  Options
		want string
	}{
		{"an old workbook", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more", options(), "old .xls"},
		{"a picture", "\x89PNG\x00\x00", options(), "neither"},
		{"too large", strings.Repeat("x", 61), small, "61 bytes"},
		{"too many rows", "contract,customer\nC-1,A\nC-2,A\n", small, "more than 1 rows"},
		{"a damaged workbook", "PK\x03\x04 and nothing else", options(), "damaged"},
		{"no head", strings.Repeat("a,b\n", 30), options(), "none of the first 20 rows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if f, err := Read([]byte(tt.data), tt.opt); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %+v, %v", f, err)
			}
		})
	}
	for name, data := range map[string]string{"empty": "", "only a head": "contract,customer\n", "no customer": "contract,serial\nC-1,S-1\n", "two of one": "contract,customer,合同编号\nC-1,A,C-2\n"} {
		if f := read(t, []byte(data), options()); len(f.Problems) == 0 {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(chinese))
	f.Add([]byte("contract;customer;start\nC-1;\"A;1.1.2026\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := Read(data, options())
		if err != nil {
			return
		}
		if len(out.Problems) == 0 && len(out.Contracts) == 0 {
			t.Error("neither contracts nor problems")
		}
	})
}
