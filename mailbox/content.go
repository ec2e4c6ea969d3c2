package mailbox

import "strings"

// maxBoundary bounds a boundary: RFC 2046 allows 70 characters.
const maxBoundary = 1000

// newPart reads what the fields of a part say about it. digest is true inside a multipart/digest.
func newPart(h Header, digest bool, faults *defects) Part {
	p := Part{Header: h}
	var ctype, disp, cte, cid *Field
	for i := range h {
		f := &h[i]
		if len(f.Name) < 10 || f.Name[0]|0x20 != 'c' {
			continue
		}
		switch {
		case ctype == nil && strings.EqualFold(f.Name, "Content-Type"):
			ctype = f
		case disp == nil && strings.EqualFold(f.Name, "Content-Disposition"):
			disp = f
		case cte == nil && strings.EqualFold(f.Name, "Content-Transfer-Encoding"):
			cte = f
		case cid == nil && strings.EqualFold(f.Name, "Content-ID"):
			cid = f
		}
	}
	p.Type = "text/plain"
	if digest {
		p.Type = "message/rfc822"
	}
	if ctype != nil {
		p.setType(ctype.Raw, faults)
	}
	if disp != nil {
		p.setDisposition(disp.Raw)
	}
	if p.Name == "" {
		p.Name = safeFileName(p.Params["name"])
	}
	if cte != nil {
		p.Encoding = transferEncoding(cte.Raw, faults)
	}
	if cid != nil {
		p.ContentID = strings.Trim(cid.Raw, " \t<>")
	}
	return p
}

func (p *Part) setType(raw string, faults *defects) {
	p.Type, p.Params = parseValue(raw)
	main, sub, ok := strings.Cut(p.Type, "/")
	if ok && main != "" && sub != "" && !strings.Contains(sub, "/") {
		return
	}
	faults.add("mime: unreadable Content-Type")
	switch {
	case p.Params["boundary"] != "" || main == "multipart":
		p.Type = "multipart/mixed"
	case main == "html" || sub == "html":
		p.Type = "text/html"
	case main == "text" || main == "plain" || p.Type == "" && p.Params["name"] == "":
		p.Type = "text/plain"
	case p.Params["name"] == "" && !ok:
		p.Type = "text/plain"
	default:
		p.Type = "application/octet-stream"
	}
}

func (p *Part) setDisposition(raw string) {
	d, params := parseValue(raw)
	switch d {
	case "inline", "attachment":
		p.Disposition = d
	case "":
	default: // RFC 2183, 2.8: unknown ones are attachments
		p.Disposition = "attachment"
	}
	p.Name = safeFileName(params["filename"])
	if p.Name == "" {
		p.Name = safeFileName(params["name"])
	}
}

// transferEncoding reads a Content-Transfer-Encoding, misspelt ones included; an unknown one is returned as it is and read
// as binary.
func transferEncoding(raw string, faults *defects) string {
	e, _ := parseValue(raw)
	switch e {
	case "7bit", "8bit", "binary", "base64", "quoted-printable", "":
		return e
	}
	switch strings.Trim(strings.NewReplacer("-", "", "_", "", "/", "", " ", "").Replace(e), `."'`) {
	case "7bit", "7bits":
		return "7bit"
	case "8bit", "8bits", "utf8":
		return "8bit"
	case "base64", "bas64":
		return "base64"
	case "quotedprintable", "quoteprintable":
		return "quoted-printable"
	case "uuencode", "xuuencode", "xuue", "uue":
		return "x-uuencode"
	}
	faults.add("mime: unknown Content-Transfer-Encoding")
	if len(e) > 40 {
		e = e[:40]
	}
	return strings.ToValidUTF8(e, "?")
}

// boundary returns the boundary parameter of a multipart, or "".
func (p *Part) boundary() string {
	b := strings.TrimRight(p.Params["boundary"], " \t")
	if len(b) > maxBoundary {
		return ""
	}
	return b
}

func (p *Part) multipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// isMessage tells whether the part is a whole message.
func (p *Part) isMessage() bool {
	return p.Type == "message/rfc822" || p.Type == "message/global" || p.Type == "message/news"
}

// reportText tells whether the part holds fields of a report.
func (p *Part) reportText() bool {
	switch p.Type {
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/global-disposition-notification",
		"message/feedback-report", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/delivery-status-notification":
		return true
	}
	return false
}

func (p *Part) calendar() bool { return p.Type == "text/calendar" || p.Type == "application/ics" }

func (p *Part) tnef() bool {
	return p.Type == "application/ms-tnef" || p.Type == "application/vnd.ms-tnef" || strings.EqualFold(p.Name, "winmail.dat")
}

// identity tells whether the part's bytes lie in the mail as they are.
func (p *Part) identity() bool {
	return p.Encoding != "base64" && p.Encoding != "quoted-printable" && p.Encoding != "x-uuencode"
}
