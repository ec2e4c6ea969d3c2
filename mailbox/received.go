package mailbox

import "strings"

// parseReceived reads a trace line (RFC 5321, 4.4): the words behind "from" and "by" outside comments, and the date
// behind the last semicolon.
func parseReceived(raw string) Received {
	var r Received
	trace, date := raw, ""
	if i := strings.LastIndexByte(raw, ';'); i >= 0 {
		trace, date = raw[:i], raw[i+1:]
	}
	if t, ok := parseDate(strings.TrimSpace(date)); ok {
		r.Time = t
	}
	last := ""
	for trace = strings.TrimLeft(trace, " \t"); trace != ""; trace = strings.TrimLeft(trace, " \t") {
		if trace[0] == '(' {
			trace = trace[commentLen(trace):]
			continue
		}
		n := strings.IndexAny(trace, " \t(")
		if n < 0 {
			n = len(trace)
		}
		w := trace[:n]
		trace = trace[n:]
		switch {
		case strings.EqualFold(last, "by") && r.By == "":
			r.By = strings.ToLower(strings.Trim(w, "[]<>,;."))
		case strings.EqualFold(last, "from") && r.From == "":
			r.From = strings.Trim(w, "[]<>,;")
		}
		last = w
	}
	return r
}
