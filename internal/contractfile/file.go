package contractfile

import (
	"bytes"
	"fmt"
	"slices"
)

// Options says how to read a file. Zone is needed; a zero limit has the default named beside it.
type Options struct {
	Zone     string              // IANA name, for contracts that name none
	Offices  []string            // the names that the office column may have; nil allows all
	Freemail map[string]bool     // domains where anybody gets an address: never a customer's own
	Key      func(string) string // the form in which numbers are compared
	Name     func(string) string // the form in which names of customers are compared
	// Maintenance checks a rule of planned maintenance that begins on a day, for a term that ends on last ("" for no known
	// end), and returns it as it is kept. nil leaves rules as they are written.
	Maintenance func(rule, from, last string) (string, error)
	DayFirst    Order  // of dates such as 03/04/2026
	Sheet       string // of a workbook; "" is the first that is not hidden

	MaxBytes    int64 // of the file; 64 MB
	MaxUnpacked int64 // of what is packed in a workbook, in all; 512 MB
	MaxRows     int   // 500,000
	MaxProblems int   // that are kept; 1000
}

// Order is the order of day and month in dates written with numbers and slashes.
type Order int

// The orders. Unknown refuses dates that can be read in two ways.
const (
	OrderUnknown Order = iota
	DayMonth
	MonthDay
)

func (o Options) filled() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxUnpacked <= 0 {
		o.MaxUnpacked = 512 << 20
	}
	if o.MaxRows <= 0 {
		o.MaxRows = 500000
	}
	if o.MaxProblems <= 0 {
		o.MaxProblems = 1000
	}
	return o
}

// Customer, Contract and Product are what the rows of a file come to. Days are YYYY-MM-DD in Zone, "" when unknown.
type (
	Customer struct {
		Name               string
		Addresses, Domains []string
	}
	Contract struct {
		Number, Customer       string
		FirstDay, LastDay      string
		Zone                   string
		Office, City, Province string
		Maintenance            string // a rule of recurrence (RFC 5545, RRULE), "" for none
		MaintenanceFrom        string // the day that it begins on
	}
	Product struct {
		Serial, Contract, Model        string
		FirstDay, LastDay, Predecessor string
	}
)

// File is a file that was read. Where Problems is not empty the rest is incomplete.
type File struct {
	Rows      int    // with something in them, below the head
	Form      string // how it was read: "CSV, UTF-8, separated by ;", "XLSX, sheet Contracts"
	Ignored   []string
	Customers []Customer
	Contracts []Contract
	Products  []Product
	Problems  []Problem
	More      int // problems beyond those that were kept
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line   int    // from 1, as an editor or a spreadsheet counts; 0 for the file as a whole
	Column string // "C", "" for the line as a whole
	Header string // the name of that column
	Value  string // what stands there, cut
	Reason string // what is wrong, and what was expected
}

// String is the problem on one line, without the name of the file.
func (p Problem) String() string {
	s := ""
	if p.Line > 0 {
		s = fmt.Sprintf("line %d", p.Line)
	}
	if p.Column != "" {
		s += ", column " + p.Column
		if p.Header != "" {
			s += " (" + p.Header + ")"
		}
	}
	if s != "" {
		s += ": "
	}
	if p.Value != "" {
		s += fmt.Sprintf("%q: ", p.Value)
	}
	return s + p.Reason
}

// Read reads a whole file. What is wrong with its rows is in File.Problems; an error is returned for what is no table at
// all, or over a limit.
func Read(data []byte, opt Options) (*File, error) {
	opt = opt.filled()
	if int64(len(data)) > opt.MaxBytes {
		return nil, fmt.Errorf("the file has %d bytes; up to %d are read", len(data), opt.MaxBytes)
	}
	names, err := loadNames()
	if err != nil {
		return nil, err
	}
	b := &builder{opt: opt, names: names, out: &File{}}
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		err = readWorkbook(data, opt, b)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, fmt.Errorf("this is an old .xls workbook, or one with a password: save it as .xlsx without a password, or as CSV")
	default:
		err = readCSV(data, opt, b)
	}
	if err != nil {
		return nil, err
	}
	b.finish()
	f := b.out
	slices.SortStableFunc(f.Problems, func(x, y Problem) int { return x.Line - y.Line })
	return f, nil
}

// cell is one cell of a table as its file has it.
type cell struct {
	text   string
	number bool // a number of a workbook: text is the value as it is stored
	format string
	date   bool // the number is formatted as a date
	old    bool // days are counted from 1904
}

// maxCell bounds what one cell may hold, in bytes.
const maxCell = 4096
