package mailbox

import (
	"strconv"
	"strings"
	"time"
)

// maxDate bounds what is read of a date field.
const maxDate = 200

// dateFields is a date while it is put together; -1 is not known yet.
type dateFields struct {
	year, month, day  int
	hour, minute, sec int
	offset            int // seconds east of UTC
	zoned             bool
	pm, am            bool
}

// parseDate reads a date in the forms that mail has it in: RFC 5322 and RFC 850, asctime, ISO 8601, Chinese, with
// two-digit years, names in brackets, missing or unknown zones (read as UTC). It reports false for what is no date.
func parseDate(s string) (time.Time, bool) {
	if len(s) > maxDate {
		s = s[:maxDate]
	}
	d := dateFields{year: -1, month: -1, day: -1, hour: -1}
	var loose []string // numbers of which it is not known yet what they are
	for s != "" {
		tok, rest := dateToken(s)
		s = rest
		switch {
		case tok == "":
		case tok[0] == '(':
		case (tok[0] == '+' || tok[0] == '-') && d.hour >= 0:
			d.zone(tok)
		case strings.Contains(tok, ":"):
			d.clock(tok)
		case tok[0] == '-' && len(tok) > 1: // 2024-05-17
			loose = d.number(tok[1:], rest, loose)
		case tok[0] >= '0' && tok[0] <= '9':
			loose = d.number(tok, rest, loose)
		default:
			d.word(tok)
		}
	}
	d.assign(loose)
	return d.time()
}

// dateToken takes the next token: a number with what hangs on it, a word, a signed zone, a comment, or one other
// character.
func dateToken(s string) (tok, rest string) {
	s = strings.TrimLeft(s, " \t,.;\"'")
	if s == "" {
		return "", ""
	}
	n := 0
	switch c := s[0]; {
	case c == '(':
		n = commentLen(s)
	case (c == '+' || c == '-') && len(s) > 1 && s[1] >= '0' && s[1] <= '9':
		n = 1
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == ':') {
			n++
		}
	case c >= '0' && c <= '9':
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == ':' || s[n] == '.' && n+1 < len(s) && strings.IndexByte(s[:n], ':') > 0) {
			n++
		}
	case c == '-' || c == '/' || c == '+':
		n = 1
	default:
		for n < len(s) && strings.IndexByte(" \t,.;()+-/0123456789\"", s[n]) < 0 {
			n++
		}
	}
	n = max(n, 1)
	return s[:n], s[n:]
}

// clock reads hh:mm, hh:mm:ss or hh:mm:ss.fraction.
func (d *dateFields) clock(tok string) {
	if d.hour >= 0 {
		return
	}
	f := strings.Split(strings.SplitN(tok, ".", 2)[0], ":")
	h, err1 := strconv.Atoi(f[0])
	m, err2 := strconv.Atoi(orStr(f[1], "0"))
	if err1 != nil || err2 != nil || h > 24 || m > 59 {
		return
	}
	d.hour, d.minute = h, m
	if len(f) > 2 {
		d.sec, _ = strconv.Atoi(f[2])
	}
}

// zone reads +hhmm, +hh:mm, +hh or +hmm.
func (d *dateFields) zone(tok string) {
	if d.zoned {
		return
	}
	digits := strings.ReplaceAll(tok[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) > 4 {
		return
	}
	h, m := n/100, n%100
	if len(digits) <= 2 {
		h, m = n, 0
	}
	if h > 15 || m > 59 {
		return
	}
	d.offset, d.zoned = h*3600+m*60, true
	if tok[0] == '-' {
		d.offset = -d.offset
	}
}

// number reads a run of digits: by the Chinese sign behind it, or as a compact date, or it is left for assign.
func (d *dateFields) number(tok, rest string, loose []string) []string {
	n, err := strconv.Atoi(tok)
	if err != nil {
		return loose
	}
	switch {
	case strings.HasPrefix(rest, "年"):
		d.year = n
	case strings.HasPrefix(rest, "月"):
		d.month = n
	case strings.HasPrefix(rest, "日"), strings.HasPrefix(rest, "号"):
		d.day = n
	case strings.HasPrefix(rest, "时"), strings.HasPrefix(rest, "点"):
		d.hour = n
	case strings.HasPrefix(rest, "分"):
		d.minute = n
	case strings.HasPrefix(rest, "秒"):
		d.sec = n
	case len(tok) == 8 && d.year < 0: // 20240517
		d.year, d.month, d.day = n/10000, n/100%100, n%100
	default:
		return append(loose, tok)
	}
	return loose
}

// word reads the name of a month or a zone, or a half of the day; others (weekdays) say nothing.
func (d *dateFields) word(tok string) {
	low := strings.ToLower(tok)
	if m := monthNumber(low); m > 0 && d.month < 0 {
		d.month = m
		return
	}
	switch low {
	case "pm", "下午", "晚上":
		d.pm = true
	case "am", "上午", "凌晨", "早上":
		d.am = true
	}
	if strings.HasPrefix(low, "t") && len(low) == 1 {
		return
	}
	if off, ok := zoneOffset(low); ok && d.hour >= 0 && !d.zoned {
		d.offset, d.zoned = off*3600, low != "gmt" && low != "utc" // GMT+0800: the number counts
	}
}

// monthNumber knows months by their first letters in English, and in the languages whose mail programs translate the
// Date field although they should not.
func monthNumber(w string) int {
	if rest, ok := strings.CutSuffix(w, "月"); ok {
		for i, n := range []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"} {
			if rest == n {
				return i + 1
			}
		}
		return 0
	}
	if len(w) < 3 {
		return 0
	}
	if i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", w[:3]); i >= 0 && i%3 == 0 {
		return i/3 + 1
	}
	for _, m := range []struct {
		prefix string
		n      int
	}{
		{"fév", 2}, {"fev", 2}, {"mär", 3}, {"avr", 4}, {"abr", 4}, {"mai", 5}, {"juin", 6}, {"juil", 7}, {"ago", 8}, {"aoû", 8}, {"set", 9},
		{"okt", 10}, {"out", 10}, {"ene", 1}, {"dez", 12}, {"déc", 12}, {"dic", 12},
	} {
		if strings.HasPrefix(w, m.prefix) {
			return m.n
		}
	}
	return 0
}

// zoneOffset is the hours east of UTC of the zone names of RFC 5322, 4.3, and a few more.
func zoneOffset(w string) (int, bool) {
	switch w {
	case "z", "ut", "utc", "gmt", "wet":
		return 0, true
	case "est", "cdt":
		return -5, true
	case "edt":
		return -4, true
	case "cst", "mdt":
		return -6, true
	case "mst", "pdt":
		return -7, true
	case "pst":
		return -8, true
	case "cet", "bst", "met", "mez":
		return 1, true
	case "cest", "eet", "mest", "mesz":
		return 2, true
	case "msk", "eest":
		return 3, true
	case "hkt", "sgt":
		return 8, true
	case "jst", "kst":
		return 9, true
	}
	return 0, false
}

// assign gives the loose numbers their meaning: a year is what cannot be a day; the order is day month year unless the
// year came first.
func (d *dateFields) assign(loose []string) {
	for i, tok := range loose {
		n, _ := strconv.Atoi(tok)
		switch {
		case d.year < 0 && (len(tok) >= 3 || n > 31):
			d.year = n
		case i == 1 && d.day >= 0 && d.month < 0 && d.year < 0 && n > 12 && d.day <= 12: // 5/17/2024
			d.month, d.day = d.day, n
		case d.month < 0 && (d.year >= 0 || d.day >= 0):
			d.month = n
		case d.day < 0:
			d.day = n
		case d.year < 0:
			d.year = n
		}
	}
}

// time checks the fields and puts them together. Two-digit years are read by RFC 5322, 4.3.
func (d *dateFields) time() (time.Time, bool) {
	switch {
	case d.year < 0 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31:
		return time.Time{}, false
	case d.year < 50:
		d.year += 2000
	case d.year < 1000:
		d.year += 1900
	}
	if d.year > 9999 {
		return time.Time{}, false
	}
	d.hour = max(d.hour, 0)
	if d.pm && d.hour < 12 {
		d.hour += 12
	}
	if d.am && d.hour == 12 {
		d.hour = 0
	}
	loc := time.UTC
	if d.offset != 0 {
		loc = time.FixedZone("", d.offset)
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, min(d.sec, 60), 0, loc), true
}
