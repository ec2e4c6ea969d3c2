package mailbox

import (
	"strings"
)

// maxCalendar bounds what is read of a calendar part.
const maxCalendar = 64 << 10

// readCalendar reads the head of the first calendar part of m, or returns nil.
func readCalendar(m *Message) *Calendar {
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.calendar() && (p.Text != "" || p.Params["method"] != "") {
			c := parseCalendar(p.Text)
			c.Method = orStr(c.Method, strings.ToUpper(p.Params["method"]))
			return &c
		}
	}
	return nil
}

// parseCalendar reads METHOD, and of the first event or task its SUMMARY, UID and the PARTSTAT of an attendee (RFC 5545,
// 3.1).
func parseCalendar(text string) Calendar {
	text = text[:min(len(text), maxCalendar)]
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	var c Calendar
	for line := range strings.SplitSeq(text, "\n") {
		i := strings.IndexAny(line, ":;")
		if i < 0 {
			continue
		}
		name := strings.ToUpper(strings.TrimSpace(line[:i]))
		switch name {
		case "METHOD", "SUMMARY", "UID", "ATTENDEE":
		default:
			continue
		}
		params, value := splitContentLine(line[i:])
		switch name {
		case "METHOD":
			c.Method = orStr(c.Method, strings.ToUpper(value))
		case "SUMMARY":
			c.Summary = orStr(c.Summary, oneLine(calendarText(value)))
		case "UID":
			c.UID = orStr(c.UID, value)
		case "ATTENDEE":
			c.Status = orStr(c.Status, partStat(params))
		}
	}
	return c
}

// splitContentLine splits `;PARAM=x:value` at the first colon outside quotes.
func splitContentLine(s string) (params, value string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ':' && !quoted:
			return s[:i], strings.TrimSpace(s[i+1:])
		}
	}
	return s, ""
}

func partStat(params string) string {
	_, rest, ok := strings.Cut(strings.ToUpper(params), "PARTSTAT=")
	if !ok {
		return ""
	}
	v, _, _ := strings.Cut(rest, ";")
	return strings.Trim(v, `" `)
}

// calendarText undoes the escapes of a TEXT value (RFC 5545, 3.3.11).
func calendarText(s string) string {
	return strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s)
}
