package responder

import (
	"strings"

	"aftercare/mailbox"
)

// authResult reads what the configured server found out about the sender (RFC 8601): the topmost Authentication-Results
// field of a trusted authserv-id, and no other, since anybody can write more of them below. Failed is dmarc=fail
// (RFC 7489) unless that same server says arc=pass (RFC 8617) and the newest seal is of a domain that we trust; none,
// softfail, temperror and permerror are not failed.
func (g *Guard) authResult(m *mailbox.Message) (Auth, string) {
	if len(g.authserv) == 0 {
		return AuthNone, ""
	}
	for i := range m.Header {
		f := &m.Header[i]
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		id, results := parseAuthResults(f.Value)
		if !g.authserv[id] {
			continue
		}
		switch results["dmarc"] {
		case "pass":
			return AuthPassed, evidenceOf(f.Name, f.Value)
		case "fail":
			if results["arc"] == "pass" && g.trustedSeal(m) {
				return AuthPassed, "dmarc=fail, arc=pass of a trusted sealer"
			}
			return AuthFailed, evidenceOf(f.Name, f.Value)
		}
		return AuthNone, ""
	}
	return AuthNone, ""
}

// trustedSeal tells whether the newest ARC-Seal is of a configured domain. The seal itself was verified by the server
// that wrote arc=pass.
func (g *Guard) trustedSeal(m *mailbox.Message) bool {
	newest, domain := 0, ""
	for i := range m.Header {
		f := &m.Header[i]
		if !strings.EqualFold(f.Name, "ARC-Seal") {
			continue
		}
		n, d := sealTags(f.Value)
		if n > newest {
			newest, domain = n, d
		}
	}
	return newest > 0 && g.sealers[domain]
}

// sealTags reads the instance and the domain of an ARC-Seal; the instance is 0 when unreadable.
func sealTags(v string) (instance int, domain string) {
	for _, t := range strings.Split(clip(v, 4096), ";") {
		k, val, _ := strings.Cut(t, "=")
		switch strings.ToLower(strings.TrimSpace(k)) {
		case "i":
			for _, c := range strings.TrimSpace(val) {
				if c < '0' || c > '9' || instance > 100 {
					return 0, ""
				}
				instance = instance*10 + int(c-'0')
			}
		case "d":
			domain = strings.ToLower(strings.TrimSpace(val))
		}
	}
	return instance, domain
}

// parseAuthResults reads an Authentication-Results value as far as it matters here: the authserv-id and the first result
// of each method, all in lower case. Comments may hold anything, semicolons too.
func parseAuthResults(v string) (id string, results map[string]string) {
	v = withoutComments(v)
	parts := strings.Split(v, ";")
	if f := strings.Fields(parts[0]); len(f) > 0 {
		id = strings.ToLower(strings.Trim(f[0], `"`))
	}
	results = make(map[string]string, len(parts))
	for _, p := range parts[1:] {
		f := strings.Fields(p)
		if len(f) == 0 {
			continue
		}
		// "dmarc = fail" is legal too.
		spec := strings.Join(f[:min(3, len(f))], " ")
		method, value, ok := strings.Cut(spec, "=")
		if !ok {
			continue
		}
		method, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(method)), "/")
		if w := strings.Fields(value); len(w) > 0 && results[method] == "" {
			results[method] = strings.ToLower(w[0])
		}
	}
	return id, results
}

// withoutComments takes RFC 5322 comments out of v, nested ones too, and the contents of quoted strings with them: a
// reason="..." must not be read as a result.
func withoutComments(v string) string {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(v) && i < 8192; i++ {
		switch c := v[i]; {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			b.WriteByte(' ')
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}
