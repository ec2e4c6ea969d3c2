package contractfile

import (
	"fmt"
	"strings"
	"time"
)

// headRows is how many rows are looked at for the names of the columns: above them may stand a title.
const headRows = 20

// maxColumns bounds the columns that are read.
const maxColumns = 200

// builder makes records of rows.
type builder struct {
	opt   Options
	names names
	forms forms
	out   *File

	columns   map[string]int // where each column stands
	heads     []string
	looked    int // rows that were looked at for the head
	zones     map[string]bool
	customers map[string]*customer
	contracts map[string]*contract
	products  map[string]*product
	order     struct { // of appearance
		customers []*customer
		contracts []*contract
		products  []*product
	}
	replaced []replacement
}

type customer struct {
	Customer
	seen map[string]bool
}

type contract struct {
	Contract
	line   int
	months int
	broken bool             // a cell of it is wrong: what follows from the others is not asked
	given  map[string]given // what stands in the columns of the contract, and where
}

type given struct {
	value string
	line  int
}

type product struct {
	Product
	line int
}

// replacement is a product whose successor is named.
type replacement struct {
	old, new string
	at       place
}

// place is a cell of the file.
type place struct {
	line int
	col  string
}

func (b *builder) problem(p Problem) {
	if len(b.out.Problems) >= b.opt.MaxProblems {
		b.out.More++
		return
	}
	if len(p.Value) > 60 {
		p.Value = strings.ToValidUTF8(p.Value[:60], "") + "…"
	}
	b.out.Problems = append(b.out.Problems, p)
}

// row takes the next row. The first in which the contract or the serial number has a column is the head.
func (b *builder) row(line int, cells []cell) error {
	if b.columns == nil {
		return b.head(line, cells)
	}
	empty := true
	for i := range cells {
		if strings.TrimSpace(cells[i].text) != "" {
			empty = false
			if i >= len(b.heads) {
				b.problem(Problem{Line: line, Column: letters(i), Value: cells[i].text, Reason: "the row has more cells than the head: is a separator in a cell that is not quoted?"})
				return nil
			}
		}
	}
	if empty {
		return nil
	}
	if b.out.Rows++; b.out.Rows > b.opt.MaxRows {
		return fmt.Errorf("the file has more than %d rows: split it", b.opt.MaxRows)
	}
	r := row{b: b, line: line, cells: cells}
	r.take()
	return nil
}

func (b *builder) head(line int, cells []cell) error {
	columns := map[string]int{}
	var double []int
	for i := range cells[:min(len(cells), maxColumns)] {
		name := b.names.column(cells[i].text)
		if _, there := columns[name]; there && name != "" {
			double = append(double, i)
		} else if name != "" {
			columns[name] = i
		}
	}
	_, number := columns[colContract]
	_, serial := columns[colSerial]
	if b.looked++; !number && (!serial || len(columns) < 2) {
		if b.looked >= headRows {
			return fmt.Errorf("none of the first %d rows names the columns: expected one with contract and customer (合同编号, 客户名称) at least", headRows)
		}
		return nil
	}
	b.columns, b.forms = columns, newForms()
	b.zones, b.customers, b.contracts, b.products = map[string]bool{}, map[string]*customer{}, map[string]*contract{}, map[string]*product{}
	for i := range cells[:min(len(cells), maxColumns)] {
		head := strings.Join(strings.Fields(cells[i].text), " ")
		b.heads = append(b.heads, head)
		if head != "" && b.names.column(head) == "" {
			b.out.Ignored = append(b.out.Ignored, letters(i)+" "+head)
		}
	}
	for _, i := range double {
		b.problem(Problem{Line: line, Column: letters(i), Value: b.heads[i], Reason: "a second column for the same: leave one out"})
	}
	for _, need := range []string{colContract, colCustomer} {
		if _, ok := columns[need]; !ok {
			b.problem(Problem{Line: line, Reason: "there is no column for the " + need})
		}
	}
	return nil
}

// finish resolves what rows say about each other, and hands the records over.
func (b *builder) finish() {
	if b.columns == nil {
		b.problem(Problem{Reason: "the file has no row that names the columns: expected contract and customer (合同编号, 客户名称) at least"})
		return
	}
	for _, c := range b.order.contracts {
		b.term(c)
		b.maintenance(c)
	}
	for _, r := range b.replaced {
		b.successor(r)
	}
	b.rings()
	for _, c := range b.order.customers {
		b.out.Customers = append(b.out.Customers, c.Customer)
	}
	for _, c := range b.order.contracts {
		b.out.Contracts = append(b.out.Contracts, c.Contract)
	}
	for _, p := range b.order.products {
		b.productTerm(p)
		b.out.Products = append(b.out.Products, p.Product)
	}
	if b.out.Rows == 0 && len(b.out.Problems) == 0 {
		b.problem(Problem{Reason: "there are no rows below the head"})
	}
}

// term works out the last day of a contract.
func (b *builder) term(c *contract) {
	switch {
	case c.broken:
		return
	case c.months > 0 && c.FirstDay == "" && c.LastDay == "":
		b.problem(Problem{Line: c.line, Reason: "contract " + c.Number + ": a term without its start says nothing"})
	case c.months > 0 && c.FirstDay != "":
		last := lastDay(parsed(c.FirstDay), c.months)
		if c.LastDay == "" {
			c.LastDay = last.Format(time.DateOnly)
		} else if diff := parsed(c.LastDay).Sub(last); diff < 0 || diff > 24*time.Hour { // some write the day after as the end
			b.problem(Problem{Line: c.line, Reason: fmt.Sprintf("contract %s: a term of %d months from %s ends on %s, and the end says %s", c.Number, c.months, c.FirstDay, last.Format(time.DateOnly), c.LastDay)})
		}
	}
	if c.FirstDay != "" && c.LastDay != "" && c.LastDay < c.FirstDay {
		b.problem(Problem{Line: c.line, Reason: fmt.Sprintf("contract %s: ends on %s, before it starts on %s", c.Number, c.LastDay, c.FirstDay)})
	}
}

// productTerm gives a product that starts on a day of its own the length of its contract's term.
func (b *builder) productTerm(p *product) {
	if c := b.contracts[b.opt.Key(p.Contract)]; c != nil && c.months > 0 && p.FirstDay != "" && p.LastDay == "" {
		p.LastDay = lastDay(parsed(p.FirstDay), c.months).Format(time.DateOnly)
	}
	if p.FirstDay != "" && p.LastDay != "" && p.LastDay < p.FirstDay {
		b.problem(Problem{Line: p.line, Reason: fmt.Sprintf("serial %s: ends on %s, before it starts on %s", p.Serial, p.LastDay, p.FirstDay)})
	}
}

// maintenance checks the planned maintenance of a contract. It begins with the term where nothing else is said.
func (b *builder) maintenance(c *contract) {
	switch {
	case c.broken:
		return
	case c.Maintenance == "" && c.MaintenanceFrom != "":
		b.given(c, colMaintenanceFrom, "a day to begin on, and no rule of maintenance")
		return
	case c.Maintenance == "":
		return
	case c.MaintenanceFrom == "" && c.FirstDay == "":
		b.given(c, colMaintenance, "the rule does not say when it begins: give a day for it, or the start of the contract")
		return
	case c.MaintenanceFrom == "":
		c.MaintenanceFrom = c.FirstDay
	}
	if b.opt.Maintenance == nil {
		return
	}
	rule, err := b.opt.Maintenance(c.Maintenance, c.MaintenanceFrom, c.LastDay)
	if err != nil {
		b.given(c, colMaintenance, err.Error())
		return
	}
	c.Maintenance = rule
}

// given notes that what was given for a column of a contract is wrong, where it was given.
func (b *builder) given(c *contract, col, reason string) {
	g := c.given[col]
	i := b.columns[col]
	b.problem(Problem{Line: g.line, Column: letters(i), Header: b.heads[i], Value: g.value, Reason: reason})
}

func parsed(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t
}

// successor turns "replaced by" around.
func (b *builder) successor(r replacement) {
	p := b.products[b.opt.Key(r.new)]
	at := Problem{Line: r.at.line, Column: r.at.col, Header: colReplacedBy, Value: r.new}
	switch {
	case p == nil:
		at.Reason = "the file has no row for this serial number"
	case p.Predecessor == "" || b.opt.Key(p.Predecessor) == b.opt.Key(r.old):
		p.Predecessor = r.old
		return
	default:
		at.Reason = fmt.Sprintf("that product replaces %s, says line %d", p.Predecessor, p.line)
	}
	b.problem(at)
}

// rings finds products that replace each other in a circle. Each is walked once.
func (b *builder) rings() {
	state := map[*product]int{} // 1 while it is on the way, 2 when done
	for _, p := range b.order.products {
		var way []*product
		for p != nil && state[p] == 0 {
			state[p] = 1
			way = append(way, p)
			if p.Predecessor == "" {
				break
			}
			p = b.products[b.opt.Key(p.Predecessor)]
		}
		if p != nil && state[p] == 1 && p.Predecessor != "" {
			b.problem(Problem{Line: p.line, Reason: "serial " + p.Serial + " replaces a product that replaces it"})
		}
		for _, w := range way {
			state[w] = 2
		}
	}
}
