package mailbox

import "strings"

// maxRecipients bounds Report.Recipients.
const maxRecipients = 100

// readReport finds the machine report in the parts of m: by the parts themselves, since the multipart/report around them
// is often declared badly or not at all. It returns nil when there is none.
func readReport(m *Message) *Report {
	var r Report
	found := false
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Type {
		case "message/delivery-status", "message/global-delivery-status", "message/delivery-status-notification":
			found = true
			r.Kind = ReportDelivery
			r.delivery(p.Text)
		case "message/disposition-notification", "message/global-disposition-notification":
			found = true
			r.Kind = orKind(r.Kind, ReportDisposition)
			r.disposition(p.Text)
		case "message/feedback-report":
			found = true
			r.Kind = orKind(r.Kind, ReportFeedback)
			r.feedback(p.Text)
		case "multipart/report":
			found = true
		case "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
			if r.Original == nil {
				r.Original = parseFields(p.Text)
			}
		}
	}
	if !found {
		return nil
	}
	r.Kind = orKind(r.Kind, kindByType(m))
	if r.Original == nil && len(m.Forwarded) > 0 {
		r.Original = m.Forwarded[0].Header
	}
	return &r
}

func orKind(k, def ReportKind) ReportKind {
	if k != "" {
		return k
	}
	return def
}

// kindByType reads the report-type of a multipart/report whose machine part is missing.
func kindByType(m *Message) ReportKind {
	for i := range m.Parts {
		if m.Parts[i].Type != "multipart/report" {
			continue
		}
		switch strings.ToLower(m.Parts[i].Params["report-type"]) {
		case "delivery-status":
			return ReportDelivery
		case "disposition-notification":
			return ReportDisposition
		case "feedback-report":
			return ReportFeedback
		}
	}
	return ReportOther
}

// parseFields reads a header block that stands in a text, within the default limits.
func parseFields(text string) Header {
	lim := DefaultLimits()
	lim.FieldBytes, lim.HeaderBytes = 16<<10, reportBytes
	h := headerReader{in: newLines(strings.NewReader(text), int64(len(text))), lim: lim, faults: &defects{}}
	return h.read(true)
}

// groups splits the fields of a report at its blank lines (RFC 3464, 2.1).
func groups(text string) []Header {
	var gs []Header
	for _, g := range strings.Split(text, "\n\n") {
		if len(gs) > maxRecipients {
			break
		}
		if h := parseFields(strings.TrimLeft(g, "\n")); len(h) > 0 {
			gs = append(gs, h)
		}
	}
	return gs
}

// gravity orders the actions of RFC 3464, 2.3.3.
func gravity(action string) int {
	switch action {
	case "failed":
		return 5
	case "delayed":
		return 4
	case "expanded":
		return 3
	case "relayed":
		return 2
	case "delivered":
		return 1
	}
	return 0
}

// delivery reads a message/delivery-status. Action, status and diagnostic are those of the recipient that fared worst.
func (r *Report) delivery(text string) {
	for _, g := range groups(text) {
		rcpt := typed(g.Get("Original-Recipient"))
		if f := typed(g.Get("Final-Recipient")); f != "" {
			r.recipient(f)
		}
		r.recipient(rcpt)
		action := actionWord(g.Get("Action"))
		status := statusCode(g.Get("Status"))
		if action == "" {
			action = actionOf(status)
		}
		if r.Action == "" || gravity(action) > gravity(r.Action) {
			r.Action, r.Status = orStr(action, r.Action), orStr(status, r.Status)
			r.Diagnostic = orStr(typed(g.Get("Diagnostic-Code")), r.Diagnostic)
		}
	}
}

// actionWord is the first word of an Action field, lower case; "failure" and the like are "failed".
func actionWord(v string) string {
	w, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(v)), " ")
	w = strings.Trim(w, "();,.\"")
	switch w {
	case "failure", "fail", "error":
		return "failed"
	case "delay":
		return "delayed"
	}
	return w
}

// actionOf guesses an action that was left out from its status.
func actionOf(status string) string {
	switch {
	case strings.HasPrefix(status, "5."):
		return "failed"
	case strings.HasPrefix(status, "4."):
		return "delayed"
	case strings.HasPrefix(status, "2."):
		return "delivered"
	}
	return ""
}

// statusCode is the enhanced status code (RFC 3463) at the head of v, or "".
func statusCode(v string) string {
	v = strings.TrimSpace(v)
	n := 0
	for n < len(v) && (v[n] >= '0' && v[n] <= '9' || v[n] == '.') {
		n++
	}
	if s := strings.Trim(v[:n], "."); strings.Count(s, ".") == 2 {
		return s
	}
	return ""
}

// typed is the value behind the type of `rfc822; a@b` or `smtp; 550 no`.
func typed(v string) string {
	if t, rest, ok := strings.Cut(v, ";"); ok && !strings.ContainsAny(strings.TrimSpace(t), " @<") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(v)
}

func (r *Report) recipient(v string) {
	as, _ := parseAddresses(v, 1)
	if len(as) == 0 || as[0].Addr == "" || len(r.Recipients) >= maxRecipients {
		return
	}
	for _, have := range r.Recipients {
		if strings.EqualFold(have, as[0].Addr) {
			return
		}
	}
	r.Recipients = append(r.Recipients, as[0].Addr)
}

// disposition reads a message/disposition-notification (RFC 8098, 3).
func (r *Report) disposition(text string) {
	for _, g := range groups(text) {
		r.recipient(typed(g.Get("Final-Recipient")))
		r.recipient(typed(g.Get("Original-Recipient")))
		if d := g.Get("Disposition"); d != "" && r.Action == "" {
			_, what, _ := strings.Cut(d, ";")
			r.Action = strings.ToLower(strings.TrimSpace(what))
			r.Diagnostic = d
		}
	}
}

// feedback reads a message/feedback-report (RFC 5965, 3).
func (r *Report) feedback(text string) {
	for _, g := range groups(text) {
		r.Action = orStr(r.Action, strings.ToLower(g.Get("Feedback-Type")))
		for _, v := range g.All("Original-Rcpt-To") {
			r.recipient(typed(v))
		}
	}
}
