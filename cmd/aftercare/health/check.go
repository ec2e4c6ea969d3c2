package health

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The names of checks. IMAP and SMTP have one a folder and one an account: see IMAP and SMTP.
const (
	Store     = "store"
	Oldest    = "oldest-unanswered"
	ClockSkew = "clock-skew"
	Disk      = "disk"
	Templates = "templates"
	Classes   = "classes"
	Tick      = "tick"
)

// IMAP names the check of a watched folder.
func IMAP(account, folder string) string { return "imap:" + account + "/" + folder }

// SMTP names the check of sending for an account.
func SMTP(account string) string { return "smtp:" + account }

// Check is the state of one named check.
type Check struct {
	Name   string    `json:"name"`
	OK     bool      `json:"ok"`
	Detail string    `json:"detail,omitempty"` // one line: what is wrong, or that it is not known yet
	Since  time.Time `json:"since"`            // since when it has been well, or in trouble

	pending bool // expected, and not heard of yet: neither well nor in trouble
}

// Vital tells whether the daemon fails in its work while the check is in trouble. Templates and classes are not vital:
// the last good ones stay in use.
func (c Check) Vital() bool { return c.Name != Templates && c.Name != Classes }

// detailLimit bounds the text of an error on the Board, in bytes: a server's answer may be long.
const detailLimit = 500

// oneLine makes the text of an error fit for a log line, a page and a mail header.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if len(s) <= detailLimit {
		return s
	}
	cut := detailLimit
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
