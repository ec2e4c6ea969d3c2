package imap

import (
	"context"
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"

	"aftercare/mailbox"
)

// fetchMails is the most mails in one FETCH.
const fetchMails = 500

// strikesToKill is how often a mail may break the connection, strikesToRefuse how often the server may refuse it (which
// also happens when the server is the one in trouble), before it is Poisoned.
const (
	strikesToKill   = 2
	strikesToRefuse = 5
)

// suspects are the mails that were asked for when a connection broke. They are fetched alone.
type suspects map[uint32]*suspect

type suspect struct {
	strikes int
	why     error
}

// settle brings every mail of a round on record, in order: those that are deleted, those before the start mark, the
// poisoned, the rest by fetching them, and what did not come.
func (s *session) settle(ctx context.Context, l *ledger, f found) error {
	if err := s.settleDeleted(ctx, l, f); err != nil {
		return err
	}
	if err := s.settleOld(ctx, l); err != nil {
		return err
	}
	if err := s.settlePoisoned(ctx, l); err != nil {
		return err
	}
	read := func(ctx context.Context, batch []mail) []mailbox.Raw {
		raws := keyed(batch, s.key(0), f.answered, s.folder)
		if r, ok := s.w.sink.(Reader); ok {
			r.Read(ctx, raws)
		}
		return raws
	}
	deliver := func(ctx context.Context, batch []mailbox.Raw) error {
		uids := make([]uint32, len(batch))
		for i := range batch {
			uids[i] = batch[i].UID
		}
		if err := s.w.sink.Deliver(ctx, batch, l.after(uids)); err != nil {
			return err
		}
		l.settle(uids...)
		s.w.status.success(s.folder.Name)
		return nil
	}
	b := newBatcher(ctx, &s.w.account, batcherSteps{read, deliver})
	err := s.fetchAll(ctx, b, l.owed())
	// What came whole is recorded also when the connection broke behind it.
	if cerr := b.close(ctx); cerr != nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return s.settleAbsent(ctx, l, f)
}

func (s *session) settleDeleted(ctx context.Context, l *ledger, f found) error {
	var gone []uint32
	for _, u := range f.uids {
		if f.deleted[u] {
			gone = append(gone, u)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if err := s.w.sink.Deleted(ctx, s.keys(gone)); err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	return s.settled(ctx, l, gone...)
}

// settled marks mails that are on record otherwise than by Deliver.
func (s *session) settled(ctx context.Context, l *ledger, uids ...uint32) error {
	before := l.settle()
	if after := l.settle(uids...); after != before {
		return s.advance(ctx, after)
	}
	return nil
}

// settleOld passes over what arrived before the start mark, in a rescan.
func (s *session) settleOld(ctx context.Context, l *ledger) error {
	if s.since.IsZero() {
		return nil
	}
	var old []uint32
	owed := l.owed()
	for len(owed) > 0 {
		n := min(len(owed), fetchMails)
		dates, err := s.c.dates(ctx, owed[:n])
		if err != nil {
			return err
		}
		for _, u := range owed[:n] {
			if at := dates[u]; !at.IsZero() && at.Before(s.since) {
				old = append(old, u)
			}
		}
		owed = owed[n:]
	}
	return s.settled(ctx, l, old...)
}

func (s *session) settlePoisoned(ctx context.Context, l *ledger) error {
	for _, u := range l.owed() {
		sus := s.suspects[u]
		if sus == nil || sus.strikes < strikesToKill {
			continue
		}
		if err := s.poisoned(ctx, l, u, sus.why); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) poisoned(ctx context.Context, l *ledger, uid uint32, why error) error {
	if err := s.w.sink.Poisoned(ctx, s.key(uid), why); err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	delete(s.suspects, uid)
	return s.settled(ctx, l, uid)
}

// fetchAll fetches mails into the batcher, suspects one by one. An error of the connection makes new suspects.
func (s *session) fetchAll(ctx context.Context, b *batcher, owed []uint32) error {
	for len(owed) > 0 {
		n := 0
		for n < len(owed) && n < fetchMails && s.suspects[owed[n]] == nil {
			n++
		}
		n = max(n, 1)
		if err := s.fetchChunk(ctx, b, owed[:n]); err != nil {
			return err
		}
		owed = owed[n:]
	}
	return nil
}

func (s *session) fetchChunk(ctx context.Context, b *batcher, uids []uint32) error {
	came := make(map[uint32]bool, len(uids))
	err := s.c.fetch(ctx, &s.w.account, uids, func(m mail) error {
		came[m.uid] = true
		delete(s.suspects, m.uid)
		return b.add(ctx, m)
	})
	var refused *goimap.Error
	if err == nil || errors.As(err, &refused) {
		return nil // what did not come is asked for again, alone
	}
	if ctx.Err() == nil && !errors.Is(err, errSink) && !errors.Is(err, errSpool) {
		s.suspect(uids, came, err)
	}
	return err
}

// suspect notes whom a broken connection may be due to: a mail fetched alone, else all that did not come.
func (s *session) suspect(uids []uint32, came map[uint32]bool, why error) {
	if s.suspects == nil {
		s.watch.suspects = make(suspects)
	}
	var big *tooBig
	if errors.As(why, &big) {
		s.suspects[big.uid] = &suspect{strikes: strikesToKill, why: why}
		return
	}
	for _, u := range uids {
		if came[u] {
			continue
		}
		if s.suspects[u] == nil {
			s.suspects[u] = &suspect{}
		}
		if len(uids) == 1 {
			s.suspects[u].strikes++
		}
		s.suspects[u].why = why
	}
}

// settleAbsent deals with mails that were found and did not come. Each is asked for once more, alone; then the server is
// asked whether it still has it.
func (s *session) settleAbsent(ctx context.Context, l *ledger, f found) error {
	for _, u := range l.owed() {
		if err := s.absent(ctx, l, u, f.answered); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) absent(ctx context.Context, l *ledger, uid uint32, answered map[uint32]bool) error {
	there, err := s.c.search(ctx, "searching for an absent mail", goimap.SearchCriteria{
		UID: []goimap.UIDSet{goimap.UIDSetNum(goimap.UID(uid))},
	})
	if err != nil {
		return err
	}
	if !there.Contains(goimap.UID(uid)) {
		if err := s.w.sink.Missing(ctx, s.keys([]uint32{uid})); err != nil {
			return fmt.Errorf("%w: %w", errSink, err)
		}
		delete(s.suspects, uid)
		return s.settled(ctx, l, uid)
	}
	var got *mail
	err = s.c.fetch(ctx, &s.w.account, []uint32{uid}, func(m mail) error { got = &m; return nil })
	var refused *goimap.Error
	switch {
	case errors.As(err, &refused):
		return s.refused(ctx, l, uid, err)
	case err != nil:
		if ctx.Err() == nil && !errors.Is(err, errSpool) {
			s.suspect([]uint32{uid}, nil, err)
		}
		return err
	case got == nil:
		return s.poisoned(ctx, l, uid, ErrNoBody)
	}
	defer got.body.close()
	raws := keyed([]mail{*got}, s.key(0), answered, s.folder)
	if err := s.w.sink.Deliver(ctx, raws, l.after([]uint32{uid})); err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	l.settle(uid)
	return nil
}

// refused counts how often the server said NO to a mail that it has.
func (s *session) refused(ctx context.Context, l *ledger, uid uint32, why error) error {
	if s.refusals == nil {
		s.watch.refusals = make(map[uint32]int)
	}
	s.refusals[uid]++
	if s.refusals[uid] < strikesToRefuse {
		return why
	}
	delete(s.refusals, uid)
	return s.poisoned(ctx, l, uid, fmt.Errorf("%w: %w", ErrNoBody, why))
}
