package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/store"
)

// stage is one configuration with a record of its own, which lies in a temporary folder until close.
type stage struct {
	engine *responder.Engine
	limits mailbox.Limits
	store  *store.Store
	dir    string
	uid    uint32
	cases  map[int64]int64 // from numbers of the real record to those here
	mails  map[int64]int64 // case here -> the first mail to its customer
	tally  map[string]int
}

func newStage(env *environment, c *config.Config) (*stage, error) {
	p, err := replayParts(env.ctx, c)
	if err != nil {
		return nil, err
	}
	live := *c
	live.RedirectTo = "" // where a reply would go is what is asked
	e, err := app.NewEngine(&live, p)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "aftercare-replay-*")
	if err != nil {
		return nil, fmt.Errorf("making a place for the replay: %w", err)
	}
	st, err := store.Open(env.ctx, filepath.Join(dir, "replay.db"), store.Options{})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &stage{engine: e, limits: limitsOf(c), store: st, dir: dir, cases: map[int64]int64{}, mails: map[int64]int64{}, tally: map[string]int{}}, nil
}

// replayParts are the parts of the configuration, with the corrections of staff where its database is there.
func replayParts(ctx context.Context, c *config.Config) (p app.Parts, err error) {
	st, err := storeIfThere(ctx, c)
	if err != nil {
		return p, err
	}
	if st != nil {
		defer st.Close()
	}
	if p.Key, err = app.SigningKey(c, false); err != nil {
		return p, err
	}
	if p.Classes, err = app.LoadClasses(c); err != nil {
		return p, err
	}
	if p.Templates, err = app.LoadTemplates(c); err != nil {
		return p, refusedSet(err)
	}
	said, err := app.Corrections(ctx, st)
	if err != nil {
		return p, err
	}
	p.Model, err = modelFor(c, p.Classes, said)
	return p, err
}

func (s *stage) close() {
	_ = s.store.Close() // it is thrown away
	os.RemoveAll(s.dir)
}

// decide takes one mail up as the daemon would. What it panics with is the mail's quarantine.
func (s *stage) decide(ctx context.Context, m *replayed) verdict {
	s.uid++
	raw := mailbox.Raw{Key: mailbox.Key{Account: s.account(m.account), Folder: "INBOX", UIDValidity: 1, UID: s.uid}, Internal: m.at, Size: m.size, Body: m.body, Junk: m.junk}
	in := store.Incoming{Raw: raw}
	in.Reading, in.Err = s.read(m, raw)
	if in.Reading != nil {
		s.translate(in.Reading)
	}
	in.Raw.Body, in.Raw.Size = nil, 0 // the decision needs no bytes any more
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision { return s.engine.Decide(r, f, m.at) }
	recs, err := s.store.Record(ctx, []store.Incoming{in}, decide, m.at)
	if err != nil {
		s.tally["failed"]++
		return verdict{Disposition: responder.Quarantined, Evidence: []string{err.Error()}}
	}
	rec := recs[0]
	s.tally[string(rec.Disposition)+" "+string(rec.Reason)]++
	v := verdict{Disposition: rec.Disposition, Reason: rec.Reason, Evidence: rec.Evidence, Opened: rec.Opened}
	if rec.Err != nil {
		v.Evidence = append(v.Evidence, rec.Err.Error())
	}
	if r := in.Reading; r != nil {
		v.Kind, v.Class, v.Also, v.Certain = r.Verdict.Kind, r.Class.Class, r.Class.Also, r.Class.Certain
	}
	s.remember(m, &rec, &v)
	return v
}

// remember notes the case that a mail belongs to here, and what was written to the customer.
func (s *stage) remember(m *replayed, rec *store.Recorded, v *verdict) {
	if rec.Case == 0 {
		return
	}
	v.Case = responder.FormatCase(rec.Case)
	if m.kase != 0 {
		s.cases[m.kase] = rec.Case
	}
	for _, mail := range rec.Mails {
		if mail.Lane == responder.LaneCustomer {
			v.Template, v.To = mail.Template, mail.To
			if s.mails[rec.Case] == 0 {
				s.mails[rec.Case] = mail.ID
			}
			return
		}
	}
}

func (s *stage) account(name string) string {
	for _, a := range s.engine.Accounts {
		if a.Name == name {
			return name
		}
	}
	return s.engine.Accounts[0].Name
}

func (s *stage) read(m *replayed, raw mailbox.Raw) (r *responder.Reading, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, fmt.Errorf("reading the message: panic: %v", p)
		}
	}()
	return s.engine.Read(m.message, raw, m.at), nil
}

// translate turns the case numbers that a mail proves or claims into those here. What is not known here names nothing: the
// thread is then found by the customer's own Message-IDs.
func (s *stage) translate(r *responder.Reading) {
	h := &r.Hints
	tokens := h.Tokens
	h.Tokens = nil
	for _, t := range tokens {
		if n, ok := s.cases[t.Case]; ok {
			h.Tokens = append(h.Tokens, responder.Token{Case: n, Outbox: s.mails[n]})
		}
	}
	if h.Plus != nil {
		n, ok := s.cases[h.Plus.Case]
		if h.Plus = nil; ok {
			h.Plus = &responder.Token{Case: n, Outbox: s.mails[n]}
		}
	}
	tags := h.Tags
	h.Tags = nil
	for _, t := range tags {
		if n, ok := s.cases[t]; ok {
			h.Tags = append(h.Tags, n)
		}
	}
	if b := r.Verdict.Bounce; b != nil && b.Token != nil {
		n, ok := s.cases[b.Token.Case]
		if b.Token = nil; ok {
			b.Token = &responder.Token{Case: n, Outbox: s.mails[n]}
		}
	}
}

func (s *stage) counts() string {
	var words []string
	for _, k := range slices.Sorted(maps.Keys(s.tally)) {
		words = append(words, fmt.Sprintf("%d %s", s.tally[k], strings.TrimSpace(k)))
	}
	return strings.Join(words, ", ")
}
