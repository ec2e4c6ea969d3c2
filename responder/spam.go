package responder

import (
	"fmt"
	"regexp"

	"aftercare/mailbox"
)

// SpamRule is a header field in which the company's mail server writes that a mail is spam, and what it writes when it is
// sure. Match is a regular expression over the whole value; an empty one is refused, since the field alone says little.
type SpamRule struct {
	Header string `yaml:"header"`
	Match  string `yaml:"match"`
}

type spamRule struct {
	header string
	match  *regexp.Regexp
}

func compileSpam(in []SpamRule) ([]spamRule, error) {
	var out []spamRule
	for i, r := range in {
		if r.Header == "" || r.Match == "" {
			return nil, fmt.Errorf("spam header rule %d: expected header and match, got %q and %q", i+1, r.Header, r.Match)
		}
		re, err := regexp.Compile("(?i)" + r.Match)
		if err != nil {
			return nil, fmt.Errorf("spam header rule %d: %s: match: %w", i+1, r.Header, err)
		}
		out = append(out, spamRule{header: r.Header, match: re})
	}
	return out, nil
}

// spam tells whether the server was sure that m is spam, and by which field. Only the topmost field of a name is read:
// the server writes on top, a sender can only write below.
func (g *Guard) spam(m *mailbox.Message) (string, bool) {
	for _, r := range g.spamRules {
		if v := m.Header.Get(r.header); v != "" && r.match.MatchString(clip(v, 1024)) {
			return evidenceOf(r.header, v), true
		}
	}
	return "", false
}
