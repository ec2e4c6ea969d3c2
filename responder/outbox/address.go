package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// envelope is the two paths of a mail as they stand between the angle brackets of MAIL and RCPT.
type envelope struct{ from, to string }

// checked looks at what a stranger may have had a hand in before it comes near a connection. An error is final.
func checked(j Job) (envelope, error) {
	var e envelope
	var err error
	if j.EnvelopeFrom != "" { // the null sender is legal
		if e.from, err = path(j.EnvelopeFrom); err != nil {
			return e, fmt.Errorf("the envelope sender cannot be used: %w", err)
		}
	}
	if e.to, err = path(j.To); err != nil {
		return e, fmt.Errorf("the recipient's address cannot be used: %w", err)
	}
	if len(j.Raw) == 0 {
		return e, errors.New("the mail is empty")
	}
	if bareCR(j.Raw) {
		return e, errors.New("the mail has a carriage return without a line feed, which some servers take for the end of a line")
	}
	return e, nil
}

// path checks an address against the grammar of RFC 5321, 4.1.2, with the limits of 4.5.3.1, and returns it with its
// domain in ASCII (RFC 5891). A local part that is not ASCII would need SMTPUTF8 all the way, and is refused.
func path(addr string) (string, error) {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 || !utf8.ValidString(addr) {
		return "", fmt.Errorf("%q is no address", cut(addr))
	}
	local, domain := addr[:at], addr[at+1:]
	switch {
	case local == "" || len(local) > 64:
		return "", fmt.Errorf("the part of %q before the @ is empty or over 64 bytes", cut(addr))
	case !dotString(local) && !quotedString(local):
		return "", fmt.Errorf("the part of %q before the @ holds what cannot stand there (letters outside ASCII need SMTPUTF8, which is not used)", cut(addr))
	}
	if !addressLiteral(domain) {
		if strings.ContainsFunc(domain, func(r rune) bool { return r > '~' }) {
			var err error
			if domain, err = idna.Lookup.ToASCII(domain); err != nil {
				return "", fmt.Errorf("the part of %q behind the @ is no domain: %w", cut(addr), err)
			}
		}
		if !hostname(domain) {
			return "", fmt.Errorf("the part of %q behind the @ is no domain", cut(addr))
		}
	}
	if len(local)+len(domain) > 253 { // a path is 256 bytes with its brackets
		return "", fmt.Errorf("%q is too long", cut(addr))
	}
	return local + "@" + domain, nil
}

// dotString also lets dots stand where RFC 5321 has none (a..b, a.): some Japanese carriers gave out such addresses.
func dotString(s string) bool {
	return strings.Trim(s, ".") != "" && !strings.ContainsFunc(s, func(r rune) bool { return r != '.' && !atext(r) })
}

func atext(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// quotedString is "..." of printable ASCII, with a backslash before what would end it.
func quotedString(s string) bool {
	if len(s) < 3 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	in := s[1 : len(s)-1]
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case c < ' ' || c > '~' || c == '"':
			return false
		case c == '\\':
			if i++; i == len(in) || in[i] < ' ' || in[i] > '~' {
				return false
			}
		}
	}
	return true
}

func hostname(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
}

// addressLiteral is [192.0.2.1] or [IPv6:2001:db8::1]; only the letters are checked, the server knows the rest.
func addressLiteral(s string) bool {
	in, ok := strings.CutPrefix(s, "[")
	in, end := strings.CutSuffix(in, "]")
	return ok && end && in != "" && !strings.ContainsFunc(in, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != ':'
	})
}

func bareCR(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return false
		}
		if i+1 == len(b) || b[i+1] != '\n' {
			return true
		}
		b = b[i+2:]
	}
}

func cut(s string) string { return s[:min(len(s), 80)] }
