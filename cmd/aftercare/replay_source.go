package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/store"
)

// replayed is one past mail. Body is valid until the next one is asked for.
type replayed struct {
	name    string
	at      time.Time
	account string
	junk    bool
	kase    int64 // its case on record, 0 for none
	size    int64
	body    io.ReaderAt
	message *mailbox.Message
}

// source hands out past mails in order; io.EOF after the last.
type source interface {
	next(context.Context) (*replayed, error)
	close()
}

func (p *replayCmd) source(env *environment, c *config.Config, since time.Time) (source, error) {
	if p.FromStore {
		_, st, err := p.openToRead(env.ctx)
		if err != nil {
			return nil, err
		}
		return &storeSource{st: st, since: since, cfg: c}, nil
	}
	if st, err := os.Stat(p.Dir); err != nil || !st.IsDir() {
		return nil, usagef("%s: expected a folder with mails", p.Dir)
	}
	return newDirSource(env, c, p.Dir, since)
}

// dirSource is a folder, in the order of arrival.
type dirSource struct {
	files  []datedFile
	limits mailbox.Limits
	max    int64
	open   *os.File
	err    io.Writer
}

type datedFile struct {
	path string
	at   time.Time
}

func newDirSource(env *environment, c *config.Config, dir string, since time.Time) (*dirSource, error) {
	s := &dirSource{limits: limitsOf(c), max: c.Limits.Message, err: env.err}
	paths, unread := filesBelow(dir)
	for _, e := range unread {
		fmt.Fprintf(env.err, "aftercare: %s\n", oneLine(e.Error))
	}
	now := env.now()
	when := func(path string) datedFile {
		m, err := s.parse(path)
		if err != nil {
			return datedFile{path, now}
		}
		return datedFile{path, responder.Arrived(time.Time{}, m, now)}
	}
	err := inOrder(env.ctx.Done(), paths, when, func(f datedFile) {
		if !f.at.Before(since) {
			s.files = append(s.files, f)
		}
	})
	slices.SortStableFunc(s.files, func(a, b datedFile) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.path, b.path)) })
	return s, err
}

// parse reads a file's mail and closes it again.
func (s *dirSource) parse(path string) (*mailbox.Message, error) {
	f, size, err := s.file(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseSafely(f, size, s.limits)
}

func (s *dirSource) file(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && st.Size() > s.max {
		err = fmt.Errorf("%s: %d bytes: the limit of a message is %d (limits.message)", path, st.Size(), s.max)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

func parseSafely(body io.ReaderAt, size int64, lim mailbox.Limits) (m *mailbox.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("reading it panicked: %v", p)
		}
	}()
	got := mailbox.Parse(body, size, lim)
	return &got, nil
}

func (s *dirSource) next(context.Context) (*replayed, error) {
	s.close()
	for len(s.files) > 0 {
		x := s.files[0]
		s.files = s.files[1:]
		f, size, err := s.file(x.path)
		if err == nil {
			s.open = f
			var m *mailbox.Message
			if m, err = parseSafely(f, size, s.limits); err == nil {
				return &replayed{name: x.path, at: x.at, size: size, body: f, message: m}, nil
			}
			s.close()
		}
		fmt.Fprintf(s.err, "aftercare: %s: %s\n", x.path, oneLine(err.Error()))
	}
	return nil, io.EOF
}

func (s *dirSource) close() {
	if s.open != nil {
		s.open.Close()
		s.open = nil
	}
}

// storeSource is the messages on record, in the order of their record.
type storeSource struct {
	st    *store.Store
	cfg   *config.Config
	since time.Time
	after int64
	page  []store.Message
}

func (s *storeSource) next(ctx context.Context) (*replayed, error) {
	for {
		if len(s.page) == 0 {
			page, err := s.st.MessagesSince(ctx, s.after, s.since, 500)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				return nil, io.EOF
			}
			s.page, s.after = page, page[len(page)-1].ID
		}
		m := s.page[0]
		s.page = s.page[1:]
		raw, err := s.st.Raw(ctx, m.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue // gone before it was read, or its bytes are kept no longer
		}
		if err != nil {
			return nil, err
		}
		parsed, err := parseSafely(raw, raw.Size, limitsOf(s.cfg))
		if err != nil {
			continue // in quarantine for that
		}
		return &replayed{name: fmt.Sprintf("message %d", m.ID), at: m.Clock, account: m.Key.Account, junk: s.junk(m.Key), kase: m.Case,
			size: raw.Size, body: raw, message: parsed}, nil
	}
}

// junk tells whether a message lies in a folder that is configured as junk.
func (s *storeSource) junk(k mailbox.Key) bool {
	box := s.cfg.Mailbox(k.Account)
	return box != nil && slices.ContainsFunc(box.Folders, func(f config.Folder) bool { return f.Name == k.Folder && f.Junk })
}

func (s *storeSource) close() { _ = s.st.Close() }
