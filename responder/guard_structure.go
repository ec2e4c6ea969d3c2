package responder

import (
	"strings"

	"aftercare/mailbox"
)

// structure adds what the shape of the mail says: no envelope sender, no author, no words.
func (s *signals) structure(m *mailbox.Message, reply bool) {
	if m.NullSender {
		if s.reform {
			s.add(tag{kind: kindMachine}, fromStructure, "Return-Path: <>")
		} else {
			s.add(tag{kind: kindMachine, sure: true}, fromStructure, "Return-Path: <>")
		}
	}
	if m.Sender1().Addr == "" && !s.relist {
		if hasWords(m) {
			s.doubt = "no sender address"
		} else {
			s.add(tag{kind: kindMachine, sure: true}, fromStructure, "no sender address")
		}
	}
	for i := range m.Attachments {
		if name := m.Attachments[i].Name; isAggregateReport(name) {
			s.add(tag{kind: KindReport, sure: true}, fromStructure, "attachment: "+clip(name, 80))
		}
	}
	if strings.TrimSpace(m.Body.Full) == "" && len(m.Attachments) == 0 {
		s.add(tag{kind: kindMachine}, fromStructure, "no words")
	}
	if s.program != "" || s.exch {
		return
	}
	if reply {
		if len(m.InReplyTo)+len(m.References) == 0 {
			s.add(tag{kind: kindMachine, plain: true}, fromStructure, "an answer without In-Reply-To")
		}
		return
	}
	if ev := printed(m); ev != "" {
		s.add(tag{kind: KindNewsletter, list: true}, fromStructure, ev)
	}
	if foreignEnvelope(m) {
		s.add(tag{kind: KindNewsletter, list: true}, fromStructure, evidenceOf("Return-Path elsewhere", m.ReturnPath))
	}
}

// isAggregateReport tells whether a file is called as RFC 7489 (7.2.1.1) and RFC 8460 (5.1) call the files of DMARC and TLS
// reports: receiver!domain!begin!end and more.
func isAggregateReport(name string) bool {
	n := strings.ToLower(name)
	if strings.Count(n, "!") < 3 {
		return false
	}
	for _, ext := range [...]string{".xml", ".xml.gz", ".gz", ".zip", ".json", ".json.gz"} {
		if strings.HasSuffix(n, ext) {
			return true
		}
	}
	return false
}

// The bounds from which a mail looks like a printed sheet: so many links with so many pictures or tables, or so many
// links in long plain text.
const (
	sheetLinks  = 8
	sheetImages = 3
	sheetTables = 5
	sheetText   = 4000
)

// printed tells whether the mail has the look of a printed sheet, and gives the evidence.
func printed(m *mailbox.Message) string {
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Type != "text/html" || p.Attachment {
			continue
		}
		html := clip(p.Text, 128<<10)
		if !manyLinks(html) {
			continue
		}
		images := strings.Count(html, "<img") + strings.Count(html, "<IMG")
		tables := strings.Count(html, "<table") + strings.Count(html, "<TABLE")
		if images >= sheetImages || tables >= sheetTables {
			return "a sheet of many links and pictures"
		}
	}
	if text := m.Body.Full; len(text) >= sheetText && strings.Count(text, "http") >= sheetLinks {
		return "a long text of many links"
	}
	return ""
}

// manyLinks tells whether "href=" or "HREF=" stands in the HTML as often as on a sheet.
func manyLinks(html string) bool {
	for n := 0; ; {
		i := strings.IndexByte(html, '=') // rarer than any letter
		if i < 0 {
			return false
		}
		if before := html[max(0, i-4):i]; before == "href" || before == "HREF" {
			if n++; n == sheetLinks {
				return true
			}
		}
		html = html[i+1:]
	}
}

// foreignEnvelope tells whether the envelope sender is of another domain than the author, as with mailing services.
// Forwarders that rewrite it (SRS) and signed ones (BATV) do not count.
func foreignEnvelope(m *mailbox.Message) bool {
	rp := lowered(m.ReturnPath)
	at := strings.LastIndexByte(rp, '@')
	from := m.Sender1().Domain()
	if at < 1 || from == "" || strings.HasPrefix(rp, "srs") || strings.HasPrefix(rp, "prvs=") || strings.HasPrefix(rp, "btv1") {
		return false
	}
	return baseDomain(rp[at+1:]) != baseDomain(from)
}

// baseDomain is the last two labels of a domain, three where the second-last is as short as a public suffix's: an estimate.
func baseDomain(d string) string {
	labels := strings.Split(d, ".")
	n := 2
	if k := len(labels); k > 2 && len(labels[k-1]) == 2 && len(labels[k-2]) <= 3 {
		n = 3
	}
	if len(labels) <= n {
		return d
	}
	return strings.Join(labels[len(labels)-n:], ".")
}

// report gives the kind that the MIME structure names, which stands above all signals: a delivery report (RFC 3464), a read
// receipt (RFC 8098), an abuse report (RFC 5965) or a calendar message (RFC 5546). kind is "" when it names none, or when
// a person merely encloses such a thing.
func (s *signals) report(m *mailbox.Message, f finding) (kind Kind, action string, ev []string) {
	if r := m.Report; r != nil && !s.enclosed(m, f) {
		switch r.Kind {
		case mailbox.ReportDelivery:
			action = strings.ToLower(r.Action)
			if action == "" && f.kind == KindBounce {
				action = f.action
			}
			return KindBounce, orFailed(action), reportEvidence(m, "delivery report (RFC 3464)", f)
		case mailbox.ReportDisposition:
			return KindReceipt, "", reportEvidence(m, "read receipt (RFC 8098)", f)
		case mailbox.ReportFeedback:
			return KindReport, "", reportEvidence(m, "abuse report (RFC 5965)", f)
		}
		if f.kind == KindPerson && isReportType(m) {
			return KindReport, "", reportEvidence(m, "multipart/report", f)
		}
	}
	if m.Calendar == nil || f.kind == KindBounce || f.kind == KindAutoReply {
		return "", "", nil
	}
	return s.calendar(m)
}

func reportEvidence(m *mailbox.Message, what string, f finding) []string {
	ev := []string{what}
	if r := m.Report; r != nil && r.Action != "" {
		ev = append(ev, strings.TrimSpace("Action: "+r.Action+" "+r.Status))
	}
	for _, e := range f.evidence {
		if len(ev) < maxEvidence {
			ev = append(ev, e)
		}
	}
	return ev
}

func orFailed(action string) string {
	if action == "" {
		return "failed"
	}
	return action
}

func isReportType(m *mailbox.Message) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(m.Header.Get("Content-Type"))), "multipart/report")
}

// enclosed tells whether a person sends a report along, to ask about it: the mail itself is no report, nothing else about
// it speaks for a machine, and there are words.
func (s *signals) enclosed(m *mailbox.Message, f finding) bool {
	return !isReportType(m) && f.kind == KindPerson && !m.NullSender && hasWords(m) && m.Sender1().Addr != ""
}

// calendar judges a mail with a calendar part. Answers and cancellations are a program's. An invitation is a person's when
// it says more than when and where; then it is not for us to answer and a person is told.
func (s *signals) calendar(m *mailbox.Message) (kind Kind, action string, ev []string) {
	c := m.Calendar
	ev = []string{strings.TrimSpace("calendar " + c.Method + " " + c.Status)}
	switch c.Method {
	case "REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH", "CANCEL":
		return KindCalendar, "", ev
	case "REQUEST", "ADD":
		for _, x := range s.list {
			if x.kind == KindCalendar || x.sure {
				return KindCalendar, "", ev
			}
		}
		if !inviteSaysMore(m) {
			return KindCalendar, "", ev
		}
	}
	return "", "", nil
}

// inviteSaysMore tells whether an invitation has words beyond its title and its lines of time, place and dialling in.
func inviteSaysMore(m *mailbox.Message) bool {
	n := 0
	for line := range strings.Lines(clip(m.Body.New, maxHeadFold)) {
		line = strings.TrimSpace(line)
		if i := strings.IndexAny(line, ":："); i >= 0 && i < 24 || line == m.Calendar.Summary || strings.Contains(line, "://") {
			continue
		}
		n += len(line)
	}
	return n >= 30
}
