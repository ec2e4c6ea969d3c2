package store

import (
	"fmt"
	"strings"
	"time"
)

// Weeks are numbered from that of Monday, 5 January 1970, in local time: by arithmetic, so that SQLite can group by them in one
// scan and a zone may change its clocks.
const (
	weekMS      = int64(7 * 24 * time.Hour / time.Millisecond)
	firstMonday = int64(4 * 24 * time.Hour / time.Millisecond)
)

// maxShifts bounds the changes of clocks that one query knows; two a year are usual.
const maxShifts = 400

// weekNumber is an SQL expression: the number of the week in which the milliseconds of a column lie, in a zone. It is exact
// for instants from from up to to.
func weekNumber(column string, from, to time.Time, zone *time.Location) string {
	number := func(at time.Time) string {
		_, offset := at.In(zone).Zone()
		return fmt.Sprintf("(%s + %d) / %d", column, int64(offset)*1000-firstMonday, weekMS)
	}
	var b strings.Builder
	if epoch := time.UnixMilli(0); from.Before(epoch) {
		from = epoch // nothing on record is older
	}
	at, shifts := from, 0
	for ; shifts < maxShifts; shifts++ {
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() || !end.Before(to) {
			break
		}
		fmt.Fprintf(&b, " WHEN %s < %d THEN %s", column, ms(end), number(at))
		at = end
	}
	if shifts == 0 {
		return number(at)
	}
	return "CASE" + b.String() + " ELSE " + number(at) + " END"
}

// weekName is the ISO 8601 name of a week by its number: "2026-W09".
func weekName(number int64) string {
	y, w := time.UnixMilli(firstMonday + number*weekMS).UTC().ISOWeek()
	return fmt.Sprintf("%04d-W%02d", y, w)
}
