package memory

import (
	"bufio"
	"bytes"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	gotextproto "github.com/emersion/go-message/textproto"
)

// Fetch answers FETCH. The whole body goes out byte by byte as it came in, however broken it is.
func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	for _, bs := range options.BodySection {
		if !bs.Peek {
			s.f.store(set, s.view, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}})
			break
		}
	}
	for _, sel := range s.f.pick(set, s.view) {
		s.f.mu.Lock()
		flags := sel.m.flagList()
		s.f.mu.Unlock()
		if err := fetchOne(w.CreateMessage(sel.seq), sel.m, flags, options); err != nil {
			return err
		}
	}
	return nil
}

func fetchOne(w *imapserver.FetchResponseWriter, m *message, flags []imap.Flag, options *imap.FetchOptions) error {
	w.WriteUID(m.uid)
	if options.Flags {
		w.WriteFlags(flags)
	}
	if options.InternalDate {
		w.WriteInternalDate(m.internal)
	}
	if options.RFC822Size {
		w.WriteRFC822Size(int64(len(m.raw)))
	}
	if options.Envelope {
		w.WriteEnvelope(envelope(m.raw))
	}
	if options.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(m.raw)))
	}
	for _, bs := range options.BodySection {
		b := section(m.raw, bs)
		wc := w.WriteBodySection(bs, int64(len(b)))
		_, err := wc.Write(b)
		if cerr := wc.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	return w.Close()
}

func envelope(raw []byte) *imap.Envelope {
	h, err := gotextproto.ReadHeader(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return &imap.Envelope{}
	}
	return imapserver.ExtractEnvelope(h)
}

func section(raw []byte, bs *imap.FetchItemBodySection) []byte {
	whole := len(bs.Part) == 0 && bs.Specifier == imap.PartSpecifierNone
	if !whole {
		return imapserver.ExtractBodySection(bytes.NewReader(raw), bs)
	}
	if p := bs.Partial; p != nil {
		from := min(max(p.Offset, 0), int64(len(raw)))
		return raw[from:min(from+max(p.Size, 0), int64(len(raw)))]
	}
	return raw
}

func (s *session) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.resolveCriteria(criteria)
	var data imap.SearchData
	var seqs imap.SeqSet
	var uids imap.UIDSet
	for i, m := range s.f.l {
		seq := s.view.EncodeSeqNum(uint32(i + 1))
		if seq == 0 || !matches(m, seq, criteria) {
			continue
		}
		num := seq
		if kind == imapserver.NumKindUID {
			num = uint32(m.uid)
			uids.AddNum(m.uid)
		} else {
			seqs.AddNum(seq)
		}
		if data.Min == 0 || num < data.Min {
			data.Min = num
		}
		data.Max = max(data.Max, num)
		data.Count++
	}
	if kind == imapserver.NumKindUID {
		data.All = uids
	} else {
		data.All = seqs
	}
	return &data, nil
}

func (s *session) resolveCriteria(c *imap.SearchCriteria) {
	for _, set := range c.SeqNum {
		s.f.resolve(set)
	}
	for _, set := range c.UID {
		s.f.resolve(set)
	}
	for i := range c.Not {
		s.resolveCriteria(&c.Not[i])
	}
	for i := range c.Or {
		s.resolveCriteria(&c.Or[i][0])
		s.resolveCriteria(&c.Or[i][1])
	}
}

func matches(m *message, seq uint32, c *imap.SearchCriteria) bool {
	for _, set := range c.SeqNum {
		if !set.Contains(seq) {
			return false
		}
	}
	for _, set := range c.UID {
		if !set.Contains(m.uid) {
			return false
		}
	}
	for _, f := range c.Flag {
		if !m.has(f) {
			return false
		}
	}
	for _, f := range c.NotFlag {
		if m.has(f) {
			return false
		}
	}
	size := int64(len(m.raw))
	if c.Larger != 0 && size <= c.Larger || c.Smaller != 0 && size >= c.Smaller {
		return false
	}
	if !inDays(m.internal, c.Since, c.Before) || !matchesText(m.raw, c) {
		return false
	}
	for i := range c.Not {
		if matches(m, seq, &c.Not[i]) {
			return false
		}
	}
	for i := range c.Or {
		if !matches(m, seq, &c.Or[i][0]) && !matches(m, seq, &c.Or[i][1]) {
			return false
		}
	}
	return true
}

// inDays compares days only, as SINCE and BEFORE do.
func inDays(t, since, before time.Time) bool {
	day := t.Format("2006-01-02")
	return (since.IsZero() || day >= since.Format("2006-01-02")) && (before.IsZero() || day < before.Format("2006-01-02"))
}

func matchesText(raw []byte, c *imap.SearchCriteria) bool {
	if len(c.Header) == 0 && len(c.Body) == 0 && len(c.Text) == 0 && c.SentSince.IsZero() && c.SentBefore.IsZero() {
		return true
	}
	// The part of a broken header that can be read is searched; the rest of the message is body.
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw)))
	header, _ := r.ReadMIMEHeader()
	for _, want := range c.Header {
		found := false
		for _, v := range header.Values(want.Key) {
			found = found || containsFold(v, want.Value)
		}
		if !found {
			return false
		}
	}
	if !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
		t, err := mail.ParseDate(header.Get("Date"))
		if err != nil || !inDays(t, c.SentSince, c.SentBefore) {
			return false
		}
	}
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for _, want := range c.Body {
		if !containsFold(string(body), want) {
			return false
		}
	}
	for _, want := range c.Text {
		if !containsFold(string(raw), want) {
			return false
		}
	}
	return true
}

func containsFold(s, sub string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(sub))
}
