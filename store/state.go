package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Generation tells whether something changed. All grows with every write, Settings only with what a running daemon must
// read again: pausing, blocked addresses, examples, templates.
type Generation struct{ All, Settings int64 }

// Generation returns the current numbers.
func (s *Store) Generation(ctx context.Context) (g Generation, err error) {
	if _, err = s.get(ctx, "SELECT generation, settings FROM state", nil, &g.All, &g.Settings); err != nil {
		err = fmt.Errorf("reading the generation: %w", err)
	}
	return g, err
}

// Pause stops replies to customers; the record goes on. It is no error when they are stopped already.
func (s *Store) Pause(ctx context.Context, who string, now time.Time) error {
	return s.setting(ctx, "pausing replies", who, "pause", now, func(t *tx) (int64, error) {
		return t.run("UPDATE state SET paused_at = ?, paused_by = ? WHERE paused_at IS NULL", ms(now), who)
	})
}

// Resume lets replies to customers go again.
func (s *Store) Resume(ctx context.Context, who string, now time.Time) error {
	err := s.setting(ctx, "resuming replies", who, "resume", now, func(t *tx) (int64, error) {
		return t.run("UPDATE state SET paused_at = NULL, paused_by = '' WHERE paused_at IS NOT NULL")
	})
	if err == nil {
		select {
		case s.queued <- struct{}{}:
		default:
		}
	}
	return err
}

// Paused returns since when replies are stopped and by whom; the zero time when they are not.
func (s *Store) Paused(ctx context.Context) (since time.Time, who string, err error) {
	var at sql.NullInt64
	if _, err := s.get(ctx, "SELECT paused_at, paused_by FROM state", nil, &at, &who); err != nil {
		return time.Time{}, "", fmt.Errorf("reading whether replies are paused: %w", err)
	}
	return fromNull(at), who, nil
}

// setting runs one change of a setting and audits it when a row changed.
func (s *Store) setting(ctx context.Context, doing, who, what string, now time.Time, change func(*tx) (int64, error)) error {
	return s.write(ctx, doing, now, func(t *tx) error {
		n, err := change(t)
		if err != nil || n == 0 {
			t.quiet = true
			return err
		}
		t.settings = true
		return t.audit(who, what, "", "")
	})
}

// Blocked is an address that is not written to until a person says so.
type Blocked struct {
	Address string
	At      time.Time
	Outbox  int64 // the mail that did not arrive, 0 when it was blocked by hand
	Detail  string
}

// BlockedAddresses lists the blocked addresses.
func (s *Store) BlockedAddresses(ctx context.Context) ([]Blocked, error) {
	var bs []Blocked
	err := s.each(ctx, "SELECT address, at, coalesce(outbox_id, 0), detail FROM blocked ORDER BY address", nil, func(r scanner) error {
		var b Blocked
		var at int64
		err := r.Scan(&b.Address, &at, &b.Outbox, &b.Detail)
		b.At = fromMS(at)
		bs = append(bs, b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing blocked addresses: %w", err)
	}
	return bs, nil
}

// Block stops mail to an address by hand.
func (s *Store) Block(ctx context.Context, addr, who, why string, now time.Time) error {
	return s.setting(ctx, "blocking "+addr, who, "block "+addr, now, func(t *tx) (int64, error) {
		return t.run("INSERT OR IGNORE INTO blocked (address, at, detail) VALUES (?, ?, ?)", strings.ToLower(addr), ms(now), why)
	})
}

// Unblock lets an address be written to again. ErrNotFound when it was not blocked.
func (s *Store) Unblock(ctx context.Context, addr, who string, now time.Time) error {
	return s.setting(ctx, "unblocking "+addr, who, "unblock "+addr, now, func(t *tx) (int64, error) {
		n, err := t.run("DELETE FROM blocked WHERE address = ?", strings.ToLower(addr))
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return n, err
	})
}
