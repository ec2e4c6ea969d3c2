package store

import (
	"strings"
	"time"

	"golang.org/x/text/width"
)

// Customer is who has contracts, with the addresses and own domains whose mail is from them.
type Customer struct {
	Name      string
	Addresses []string // lower case
	Domains   []string // lower case
}

// ContractRow is a contract as it is imported. Days are calendar days in Zone, YYYY-MM-DD; "" is unknown. LastDay belongs
// to the term.
type ContractRow struct {
	Number   string
	Customer string // the name of one of the customers
	FirstDay string
	LastDay  string
	Zone     string // IANA name
	Office   string
	City     string
	Province string

	Maintenance     string // a rule of recurrence (RFC 5545, RRULE) by which maintenance is planned, "" for none
	MaintenanceFrom string // the day that it begins on
}

// ProductRow is a product as it is imported. Days that are "" are those of its contract.
type ProductRow struct {
	Serial      string
	Contract    string // the number of one of the contracts
	Model       string
	FirstDay    string
	LastDay     string
	Predecessor string // the serial number of the product that it replaced, "" for none
}

// CustomerKey is the form in which names of customers are compared.
func CustomerKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(width.Fold.String(name))), " ")
}

// reading is what both a transaction and the readers can do.
type reading interface {
	get(query string, args []any, dest ...any) (bool, error)
	each(query string, args []any, fn func(scanner) error) error
}

// zones keeps time zones that were looked up. It belongs to one goroutine.
type zones map[string]*time.Location

// location is the zone of a name. One that this machine does not know reads as UTC: a few hours off is better than no record.
func (z zones) location(name string) *time.Location {
	loc, ok := z[name]
	if !ok {
		var err error
		if loc, err = time.LoadLocation(name); err != nil {
			loc = time.UTC
		}
		z[name] = loc
	}
	return loc
}

// day is the begin of a day in a zone, the zero time for "".
func (z zones) day(day, zone string) time.Time {
	if day == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, day, z.location(zone))
	if err != nil {
		return time.Time{}
	}
	return t
}

// after is the begin of the day after a day: the end of a term whose last day it is. Where clocks change at midnight that
// may be one o'clock.
func (z zones) after(day, zone string) time.Time {
	t := z.day(day, zone)
	if t.IsZero() {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}
