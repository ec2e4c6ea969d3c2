package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/internal/contractfile"
	"aftercare/responder"
	"aftercare/store"
)

type contractImportCmd struct {
	writeFlags
	File          string `arg:"" help:"The file: .csv or .xlsx."`
	Apply         bool   `help:"Write the changes; without it they are only shown."`
	DeleteMissing bool   `help:"Delete what is on record and not in the file. Repairs stay."`
	Sheet         string `help:"The sheet of a workbook. Default: the first." placeholder:"NAME"`
	Dates         string `help:"How 03/04/2026 is meant: dmy or mdy. Default: such dates are refused." placeholder:"ORDER"`
	JSON          bool   `help:"Print for programs."`
}

func (i *contractImportCmd) Run(env *environment) error {
	order, ok := map[string]contractfile.Order{"": contractfile.OrderUnknown, "dmy": contractfile.DayMonth, "mdy": contractfile.MonthDay}[i.Dates]
	if !ok {
		return usagef("--dates %q: expected dmy or mdy", i.Dates)
	}
	c, err := i.load()
	if err != nil {
		return err
	}
	f, err := readContracts(c, i.File, i.Sheet, order)
	if err != nil {
		return err
	}
	if len(f.Problems) > 0 {
		return i.refuse(env, f)
	}
	_, st, err := i.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	in := registryImport(f)
	in.Apply, in.DeleteMissing, in.Who, in.File = i.Apply, i.DeleteMissing, i.who(), i.File
	r, err := st.ImportRegistry(env.ctx, in, env.now())
	if err != nil {
		return err
	}
	if i.JSON {
		return printJSON(env.out, newImportJSON(i.File, f, &r))
	}
	i.print(env, f, &r)
	return nil
}

// readContracts reads a file by the configuration: its zone, its offices, its list of public mail domains.
func readContracts(c *config.Config, name, sheet string, order contractfile.Order) (*contractfile.File, error) {
	opt := contractfile.Options{Zone: c.Company.Location.String(), Freemail: app.Freemail(c), Key: responder.CodeKey, Name: store.CustomerKey, Sheet: sheet, DayFirst: order,
		Maintenance: app.CheckMaintenance}
	for _, o := range c.Offices {
		opt.Offices = append(opt.Offices, o.Name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading contracts: %w", err)
	}
	defer file.Close()
	const most = 64 << 20
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	f, err := contractfile.Read(data, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func registryImport(f *contractfile.File) store.RegistryImport {
	var in store.RegistryImport
	for _, c := range f.Customers {
		in.Customers = append(in.Customers, store.Customer(c))
	}
	for _, c := range f.Contracts {
		in.Contracts = append(in.Contracts, store.ContractRow(c))
	}
	for _, p := range f.Products {
		in.Products = append(in.Products, store.ProductRow(p))
	}
	return in
}

// errProblems says that a file was refused; what is wrong with it was printed.
var errProblems = errors.New("nothing was changed: correct the file and import it again")

// refuse prints every problem of a file.
func (i *contractImportCmd) refuse(env *environment, f *contractfile.File) error {
	if i.JSON {
		if err := printJSON(env.out, newImportJSON(i.File, f, nil)); err != nil {
			return err
		}
		return errProblems
	}
	for _, p := range f.Problems {
		env.printf("%s: %s\n", oneLine(i.File), oneLine(p.String()))
	}
	if f.More > 0 {
		env.printf("and %d more\n", f.More)
	}
	env.printf("%d rows read (%s), %d problems.\n", f.Rows, f.Form, len(f.Problems)+f.More)
	return errProblems
}

func (i *contractImportCmd) print(env *environment, f *contractfile.File, r *store.ImportResult) {
	env.printf("%d rows read (%s).\n", f.Rows, oneLine(f.Form))
	if len(f.Ignored) > 0 {
		env.printf("Columns that are not read: %s\n", oneLine(strings.Join(f.Ignored, ", ")))
	}
	t := newTable("", "NEW", "CHANGED", "SAME", "NOT IN THE FILE")
	for _, row := range []struct {
		name string
		n    store.ImportCount
	}{{"customers", r.Customers}, {"addresses", r.Addresses}, {"contracts", r.Contracts}, {"products", r.Products}} {
		missing := fmt.Sprint(row.n.Missing)
		if row.n.Missing > 0 && i.DeleteMissing {
			missing += " (deleted)"
		} else if row.n.Missing > 0 {
			missing += " (kept)"
		}
		t.add(row.name, fmt.Sprint(row.n.New), fmt.Sprint(row.n.Changed), fmt.Sprint(row.n.Same), missing)
	}
	t.print(env.out)
	if r.NoPredecessor > 0 {
		env.printf("%d products replace one that is not on record: only its repairs count.\n", r.NoPredecessor)
	}
	switch {
	case !r.Changes():
		env.printf("Nothing to change.\n")
	case r.Applied:
		env.printf("Done.\n")
	default:
		env.printf("Nothing was changed: this was a trial. --apply writes it.\n")
	}
}

// importJSON is the result of an import for programs.
type importJSON struct {
	File      string                       `json:"file"`
	Form      string                       `json:"form"`
	Rows      int                          `json:"rows"`
	Ignored   []string                     `json:"ignored_columns,omitempty"`
	Problems  []problemJSON                `json:"problems"`
	More      int                          `json:"more_problems,omitempty"`
	Applied   bool                         `json:"applied"`
	Counts    map[string]store.ImportCount `json:"counts,omitempty"`
	NoHistory int                          `json:"predecessors_not_on_record,omitempty"`
}

type problemJSON struct {
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	Header string `json:"header,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func newImportJSON(name string, f *contractfile.File, r *store.ImportResult) importJSON {
	j := importJSON{File: name, Form: f.Form, Rows: f.Rows, Ignored: f.Ignored, More: f.More, Problems: make([]problemJSON, 0, len(f.Problems))}
	for _, p := range f.Problems {
		j.Problems = append(j.Problems, problemJSON(p))
	}
	if r != nil {
		j.Applied, j.NoHistory = r.Applied, r.NoPredecessor
		j.Counts = map[string]store.ImportCount{"customers": r.Customers, "addresses": r.Addresses, "contracts": r.Contracts, "products": r.Products}
	}
	return j
}
