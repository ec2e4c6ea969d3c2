package contractfile

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

//go:embed data/columns.tsv
var columnNames string

// The columns that are read.
const (
	colContract     = "contract"
	colCustomer     = "customer"
	colAddresses    = "addresses"
	colDomains      = "domains"
	colStart        = "start"
	colEnd          = "end"
	colMonths       = "months"
	colYears        = "years"
	colZone         = "zone"
	colOffice       = "office"
	colCity         = "city"
	colProvince     = "province"
	colSerial       = "serial"
	colModel        = "model"
	colProductStart = "product_start"
	colProductEnd   = "product_end"
	colPredecessor  = "predecessor"
	colReplacedBy   = "replaced_by"

	colMaintenance     = "maintenance"
	colMaintenanceFrom = "maintenance_from"
)

// names maps what columns and units may be called onto what they are.
type names map[string]string

func loadNames() (names, error) {
	n := names{}
	line := 0
	for l := range strings.Lines(columnNames) {
		line++
		l = strings.TrimRight(l, "\r\n")
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		kind, name, ok := strings.Cut(l, "\t")
		if !ok || fold(name) == "" {
			return nil, fmt.Errorf("columns.tsv:%d: %q: expected a column, a tab, a name", line, l)
		}
		if strings.HasPrefix(kind, "unit_") {
			n["unit "+fold(name)] = kind
		} else {
			n[fold(name)] = kind
		}
	}
	return n, nil
}

// fold is the form in which names of columns are compared: lower case, letters and digits only.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, width.Fold.String(s))
}

// column is what the column with a head is, "" when it is none that is read. Words in brackets are a remark: 城市 (必填).
func (n names) column(head string) string {
	if len(head) > 200 {
		return ""
	}
	if k := n[fold(head)]; k != "" {
		return k
	}
	head = width.Fold.String(head)
	if i := strings.IndexByte(head, '('); i > 0 {
		return n[fold(head[:i])]
	}
	return ""
}

// letters is the name of a column in a spreadsheet, from 0: A, B, ... Z, AA.
func letters(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
