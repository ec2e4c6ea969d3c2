package contractfile

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// row is one row of the file on its way into the records.
type row struct {
	b     *builder
	line  int
	cells []cell
}

func (r *row) cell(col string) cell {
	i, ok := r.b.columns[col]
	if !ok || i >= len(r.cells) {
		return cell{}
	}
	return r.cells[i]
}

// text is what stands in a column, on one line.
func (r *row) text(col string) string {
	s := r.cell(col).text
	if len(s) > maxCell {
		r.bad(col, fmt.Sprintf("the cell has %d bytes: up to %d are read", len(s), maxCell))
		return ""
	}
	clean := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return ' '
		}
		return c
	}, s)
	return strings.Join(strings.Fields(clean), " ")
}

// bad notes that a cell is wrong.
func (r *row) bad(col, reason string) {
	p := Problem{Line: r.line, Value: r.cell(col).text, Reason: reason}
	if i, ok := r.b.columns[col]; ok {
		p.Column, p.Header = letters(i), r.b.heads[i]
	}
	r.b.problem(p)
}

func (r *row) code(col string) (string, bool) {
	s, err := r.b.forms.code(r.cell(col))
	if err == nil && s != "" && r.b.opt.Key(s) == "" {
		err = fmt.Errorf("has neither a letter nor a digit")
	}
	if err != nil {
		r.bad(col, err.Error())
		return "", false
	}
	return s, true
}

func (r *row) day(col string) string {
	t, err := r.b.forms.day(r.cell(col), r.b.opt.DayFirst)
	if err != nil {
		r.bad(col, err.Error())
	}
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (r *row) months() int {
	for col, unit := range map[string]string{colMonths: "unit_months", colYears: "unit_years"} {
		n, err := r.b.names.term(r.cell(col), unit)
		if err != nil {
			r.bad(col, err.Error())
		}
		if n > 0 {
			return n
		}
	}
	return 0
}

// take reads the row into its contract, customer and product.
func (r *row) take() {
	number, ok := r.code(colContract)
	if ok && number == "" {
		r.bad(colContract, "the contract number is missing")
		ok = false
	}
	var c *contract
	if ok {
		c = r.contract(number)
	} else {
		// The other cells are looked at all the same, so that one run finds every fault.
		c = &contract{line: r.line, given: map[string]given{}}
	}
	r.fillContract(c)
	r.customer(c)
	r.product(number)
}

func (r *row) contract(number string) *contract {
	b := r.b
	key := b.opt.Key(number)
	c, there := b.contracts[key]
	if !there {
		c = &contract{Contract: Contract{Number: number, Zone: b.opt.Zone}, line: r.line, given: map[string]given{}}
		b.contracts[key] = c
		b.order.contracts = append(b.order.contracts, c)
	}
	return c
}

// agree takes a value for a column of the contract, of which the later rows may say the same or nothing.
func (r *row) agree(c *contract, col, value string, set *string) {
	if value == "" {
		return
	}
	g, there := c.given[col]
	if there && g.value != value {
		r.bad(col, fmt.Sprintf("contract %s has %q here in line %d", c.Number, g.value, g.line))
		return
	}
	if !there {
		c.given[col] = given{value, r.line}
	}
	*set = value
}

func (r *row) fillContract(c *contract) {
	before := len(r.b.out.Problems) + r.b.out.More
	defer func() { c.broken = c.broken || len(r.b.out.Problems)+r.b.out.More > before }()
	r.agree(c, colStart, r.day(colStart), &c.FirstDay)
	r.agree(c, colEnd, r.day(colEnd), &c.LastDay)
	if n := r.months(); n > 0 {
		if c.months != 0 && c.months != n {
			r.bad(colMonths, fmt.Sprintf("contract %s has a term of %d months above", c.Number, c.months))
		}
		c.months = n
	}
	if z := r.text(colZone); z != "" {
		if r.zone(z) {
			r.agree(c, colZone, z, &c.Zone)
		} else {
			r.bad(colZone, "is no time zone: expected a name such as Asia/Shanghai")
		}
	}
	if o := r.text(colOffice); o != "" {
		if known := r.b.opt.Offices; known != nil && !contains(known, o) {
			r.bad(colOffice, "is no office of the configuration: expected one of "+strings.Join(known, ", "))
		} else {
			r.agree(c, colOffice, o, &c.Office)
		}
	}
	r.agree(c, colCity, r.text(colCity), &c.City)
	r.agree(c, colProvince, r.text(colProvince), &c.Province)
	r.agree(c, colMaintenance, r.text(colMaintenance), &c.Maintenance)
	r.agree(c, colMaintenanceFrom, r.day(colMaintenanceFrom), &c.MaintenanceFrom)
}

func (r *row) zone(name string) bool {
	ok, looked := r.b.zones[name]
	if !looked {
		_, err := time.LoadLocation(name)
		ok = err == nil && name != "Local"
		r.b.zones[name] = ok
	}
	return ok
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// customer takes the customer of the row with its addresses and domains.
func (r *row) customer(c *contract) {
	b := r.b
	name := r.text(colCustomer)
	r.agree(c, colCustomer, name, &c.Customer)
	addresses, domains := r.addresses(), r.domains()
	if c.Customer == "" {
		r.bad(colCustomer, "the customer is missing")
		return
	}
	key := b.opt.Name(c.Customer)
	u, there := b.customers[key]
	if !there {
		u = &customer{Customer: Customer{Name: c.Customer}, seen: map[string]bool{}}
		b.customers[key] = u
		b.order.customers = append(b.order.customers, u)
	}
	for _, a := range addresses {
		if !u.seen[a] {
			u.seen[a] = true
			u.Addresses = append(u.Addresses, a)
		}
	}
	for _, d := range domains {
		if !u.seen[d] {
			u.seen[d] = true
			u.Domains = append(u.Domains, d)
		}
	}
}

// maxList bounds the addresses or domains in one cell.
const maxList = 50

// list takes a cell apart at what people put between several values.
func (r *row) list(col string) []string {
	s := r.cell(col).text
	if len(s) > maxCell {
		r.bad(col, fmt.Sprintf("the cell has %d bytes: up to %d are read", len(s), maxCell))
		return nil
	}
	parts := strings.FieldsFunc(width.Fold.String(s), func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;、|", c) })
	if len(parts) > maxList {
		r.bad(col, fmt.Sprintf("%d values in one cell: up to %d are read", len(parts), maxList))
		return nil
	}
	return parts
}

func (r *row) addresses() []string {
	var out []string
	parts := r.list(colAddresses)
	for _, p := range parts {
		a := strings.ToLower(strings.Trim(p, "<>"))
		local, domain, ok := strings.Cut(a, "@")
		switch {
		case !ok && len(parts) > 1:
			continue // a name before its address: Ann Lee <ann@client.example>
		case !ok, local == "", strings.Contains(domain, "@"), len(a) > 254, !isDomain(domain), strings.ContainsAny(local, `<>()[]\"`):
			r.bad(colAddresses, fmt.Sprintf("%q is no mail address", p))
		default:
			out = append(out, a)
		}
	}
	if len(out) == 0 && len(parts) > 1 {
		r.bad(colAddresses, "there is no mail address in it")
	}
	return out
}

func (r *row) domains() []string {
	var out []string
	for _, p := range r.list(colDomains) {
		d := strings.ToLower(strings.TrimPrefix(p, "@"))
		switch {
		case !isDomain(d):
			r.bad(colDomains, fmt.Sprintf("%q is no domain: expected a name such as client.example", p))
		case r.b.opt.Freemail[d]:
			r.bad(colDomains, fmt.Sprintf("anybody can have an address at %s: list the customer's addresses instead", d))
		default:
			out = append(out, d)
		}
	}
	return out
}

func isDomain(d string) bool {
	if len(d) > 253 || !strings.Contains(d, ".") {
		return false
	}
	for label := range strings.SplitSeq(d, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
			if c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				return false
			}
		}
	}
	return true
}

// product takes the product of the row, if it names one.
func (r *row) product(number string) {
	b := r.b
	serial, ok := r.code(colSerial)
	predecessor, _ := r.code(colPredecessor)
	replacedBy, _ := r.code(colReplacedBy)
	p := &product{line: r.line, Product: Product{Serial: serial, Contract: number, Model: r.text(colModel),
		FirstDay: r.day(colProductStart), LastDay: r.day(colProductEnd), Predecessor: predecessor}}
	if serial == "" {
		if ok && (predecessor != "" || replacedBy != "" || p.FirstDay != "" || p.LastDay != "") {
			r.bad(colSerial, "the row says something of a product, and its serial number is missing")
		}
		return
	}
	key := b.opt.Key(serial)
	switch other := b.products[key]; {
	case other == nil:
		b.products[key] = p
		b.order.products = append(b.order.products, p)
	case other.Serial == serial:
		r.bad(colSerial, fmt.Sprintf("this serial number stands in line %d, too", other.line))
	default:
		r.bad(colSerial, fmt.Sprintf("the same as %s in line %d: signs between letters and digits do not count", other.Serial, other.line))
	}
	if predecessor != "" && b.opt.Key(predecessor) == key {
		r.bad(colPredecessor, "a product cannot replace itself")
		p.Predecessor = ""
	}
	if replacedBy != "" {
		b.replaced = append(b.replaced, replacement{old: serial, new: replacedBy, at: place{r.line, letters(b.columns[colReplacedBy])}})
	}
}
