package health

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Board is the register of checks. Any goroutine may use it.
type Board struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
	changed chan struct{} // closed and replaced at each change
}

type entry struct {
	Check
	seen   time.Time     // when it was last set
	within time.Duration // it is in trouble when it is not set again for so long; 0: it may be silent
}

// NewBoard returns a Board without checks, which is well. now is the clock by which silence is measured.
func NewBoard(now func() time.Time) *Board {
	return &Board{now: now, entries: map[string]*entry{}, changed: make(chan struct{})}
}

// Set says how a check stands at a time: well where err is nil, else in trouble with the error's text, which must hold no
// secret. A check that was not known before is added.
func (b *Board) Set(name string, err error, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[name]
	if e == nil {
		e = &entry{Check: Check{Name: name, OK: err == nil, Since: now}}
		b.entries[name] = e
		b.signal()
	}
	was := e.at(now)
	detail := ""
	if err != nil {
		detail = oneLine(err.Error())
	}
	e.seen = now
	e.Detail = detail
	if was.OK == (err == nil) && !was.pending {
		e.OK, e.Since = was.OK, was.Since
		return
	}
	e.OK, e.Since, e.pending = err == nil, now, false
	b.signal()
}

// Expect announces a check that will be set again and again: where it is silent for longer than within, counted from
// now and from each Set, it is in trouble. So work that hangs is noticed.
func (b *Board) Expect(name string, within time.Duration, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[name]
	if e == nil {
		e = &entry{Check: Check{Name: name, OK: true, Detail: "not known yet", Since: now, pending: true}}
		b.entries[name] = e
	}
	e.seen, e.within = now, within
	b.signal()
}

// Drop forgets a check, such as that of a folder which is no longer watched.
func (b *Board) Drop(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.entries, name)
	b.signal()
}

// Changed returns a channel that is closed when a check next changes between well and trouble, appears or goes.
func (b *Board) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// Snapshot returns all checks as they stand now, by name.
func (b *Board) Snapshot() []Check {
	checks, _ := b.view(b.now())
	return checks
}

// Well tells whether every vital check is well.
func (b *Board) Well() bool {
	for _, c := range b.Snapshot() {
		if !c.OK && c.Vital() {
			return false
		}
	}
	return true
}

// Silent returns an error that names one of some checks (none named: any) which is expected and has been silent for too
// long, well or in trouble before; nil where they give signs of life. It is what a watchdog asks: work that fails and says so is not helped by
// ending the process, work that hangs is.
func (b *Board) Silent(names ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for _, name := range slices.Sorted(maps.Keys(b.entries)) {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		if e := b.entries[name]; e.within > 0 && !e.seen.Add(e.within).After(now) {
			return fmt.Errorf("%s: no sign of life since %s", name, e.seen.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// view returns the checks at a time and when the next of them falls silent (zero: none will).
func (b *Board) view(now time.Time) ([]Check, time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var checks []Check
	var next time.Time
	for _, e := range b.entries {
		checks = append(checks, e.at(now))
		if silent := e.silentAt(); silent.After(now) && (next.IsZero() || silent.Before(next)) {
			next = silent
		}
	}
	slices.SortFunc(checks, func(a, b Check) int { return strings.Compare(a.Name, b.Name) })
	return checks, next
}

// signal wakes those who wait for a change. The caller holds mu.
func (b *Board) signal() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// silentAt is when the check falls silent, zero where it may be silent or is in trouble anyhow.
func (e *entry) silentAt() time.Time {
	if e.within == 0 || !e.OK {
		return time.Time{}
	}
	return e.seen.Add(e.within)
}

// at is the check as it stands at a time, silence counted as trouble.
func (e *entry) at(now time.Time) Check {
	c := e.Check
	if silent := e.silentAt(); !silent.IsZero() && !silent.After(now) {
		c.OK, c.pending, c.Since = false, false, silent
		c.Detail = "no sign of life since " + e.seen.UTC().Format(time.RFC3339)
	}
	return c
}
