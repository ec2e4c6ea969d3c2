package responder

import (
	"fmt"
	"strings"

	"aftercare/mailbox"
)

// HeaderName is the field that marks every mail we write; its value is signed (SignHeader).
const HeaderName = "X-Aftercare"

// GuardConfig is what the guard must know about the company. Addresses and domains are compared without regard to case,
// and a plus part of an address does not count.
type GuardConfig struct {
	Own          []string // addresses and aliases of all watched mailboxes
	OwnDomains   []string // domains that are ours, beside those of Own
	Staff        []string // addresses of colleagues
	StaffDomains []string // domains whose every address is a colleague's, the watched ones apart
	TrustedLists []string // list addresses or List-Ids through which customers write
	TrustedForms []string // sender addresses of web forms that mail us; "@domain" for all of a domain
	AuthservIDs  []string // authserv-ids whose Authentication-Results count (RFC 8601)
	TrustARC     []string // domains whose ARC seal excuses a failed DMARC
	SpamHeaders  []SpamRule
	OwnHosts     []string // our mail servers, as they name themselves in Received
	Key          []byte   // signing key of tokens; empty: no token is ever ours
	Rules        *GuardRules
}

// Guard tells people from machines. It is an immutable value, safe for any number of goroutines.
type Guard struct {
	cfg          GuardConfig
	rules        *GuardRules
	own          map[string]bool
	ownDomains   map[string]bool
	staff        map[string]bool
	staffDomains map[string]bool
	lists        []string
	forms        map[string]bool
	authserv     map[string]bool
	sealers      map[string]bool
	spamRules    []spamRule
}

// NewGuard checks the configuration and builds a Guard from it. Without Rules the built-in ones are used. The slices of
// cfg must not be changed afterwards.
func NewGuard(cfg GuardConfig) (*Guard, error) {
	rules := cfg.Rules
	if rules == nil {
		var err error
		if rules, err = DefaultGuardRules(); err != nil {
			return nil, err
		}
	}
	spam, err := compileSpam(cfg.SpamHeaders)
	if err != nil {
		return nil, fmt.Errorf("building the guard: %w", err)
	}
	g := &Guard{
		cfg: cfg, rules: rules, spamRules: spam,
		own: keySet(cfg.Own, bareAddr), ownDomains: keySet(cfg.OwnDomains, lowered),
		staff: keySet(cfg.Staff, bareAddr), staffDomains: keySet(cfg.StaffDomains, lowered),
		forms: keySet(cfg.TrustedForms, bareAddr), authserv: keySet(cfg.AuthservIDs, lowered),
		sealers: keySet(cfg.TrustARC, lowered),
	}
	for a := range g.own {
		if i := strings.LastIndexByte(a, '@'); i >= 0 {
			g.ownDomains[a[i+1:]] = true
		}
	}
	for _, l := range cfg.TrustedLists {
		l = strings.Trim(lowered(l), "<>")
		if l == "" {
			continue
		}
		g.lists = append(g.lists, l)
		if local, domain, ok := strings.Cut(l, "@"); ok {
			g.lists = append(g.lists, local+"."+domain) // the List-Id of the same list
		}
	}
	return g, nil
}

// Judge says who or what wrote m, from whom it is in earnest, and where an answer would go. junk: it lay in the junk
// folder. The same message always gets the same verdict.
func (g *Guard) Judge(m *mailbox.Message, junk bool) Verdict {
	v := Verdict{Kind: KindPerson, Junk: junk}
	var failed string
	v.Auth, failed = g.authResult(m)
	r := g.route(m)
	v.Customer, v.ReplyTo = r.customer, r.replyTo

	var s signals
	s.relist, s.reform = r.list != "" || r.form != "", r.form != ""
	s.header(g.rules, m)
	s.senders(g.rules, m)
	if !g.judgeOwn(m, &r, &v) {
		s.subject(g.rules, m)
		reply := g.isReply(m)
		s.forward = subjectPrefix(m.Subject, g.rules.forwards)
		answer := s.forward || len(m.InReplyTo)+len(m.References) > 0 && subjectPrefix(m.Subject, g.rules.replies)
		s.body(g.rules, &m.Body, reply, answer)
		s.structure(m, reply)
		g.judgeKind(m, &s, &r, &v)
	}
	g.hold(m, &r, &v)
	if v.Auth == AuthFailed {
		v.Evidence = append(v.Evidence, failed)
	}
	return v
}

// judgeKind settles the kind of a mail that is not our own.
func (g *Guard) judgeKind(m *mailbox.Message, s *signals, r *route, v *Verdict) {
	f := s.weigh(g.isReply(m))
	if k, a, ev := s.report(m, f); k != "" {
		f = finding{kind: k, action: a, evidence: ev}
	}
	if ev, ok := g.spam(m); ok && f.kind != KindBounce {
		f = finding{kind: KindSpam, evidence: []string{ev}}
	}
	staff := g.isStaff(v.Customer) || r.fromOwn && r.form == "" && r.list == ""
	if f.kind == KindNotification && g.returnsOurs(m) {
		f.kind, f.action = KindBounce, "failed"
	}
	switch {
	case f.kind == KindPerson && !f.unsure:
		if r.note != "" {
			v.Evidence = append(v.Evidence, r.note)
		}
	case staff && (f.kind == KindList || f.kind == KindNewsletter || f.kind == KindPerson):
		// A colleague through an internal list, or with a mark that would leave us unsure about a stranger.
		f = finding{kind: KindPerson}
	case f.kind == KindNotification && g.ruleForwarded(m, s):
		v.NoReply, v.HoldReason = true, ReasonRuleForwarded
		v.Evidence = append(f.evidence, s.marked)
		f = finding{kind: KindPerson}
	case g.softened(m, s, &f, r):
		v.Unsure = true
	}
	v.Kind = f.kind
	if len(f.evidence) > 0 {
		v.Evidence = append(v.Evidence, f.evidence...)
	}
	switch {
	case v.Kind != KindPerson || !staff:
	case v.Auth == AuthFailed:
		// Anybody can write a colleague's address: it must not close a window in his name.
		v.Unsure = true
		v.Evidence = append(v.Evidence, "claims to be a colleague: "+addressText(m.Sender1()))
	default:
		v.Kind = KindStaff
	}
	v.Unsure = v.Unsure || f.unsure && v.Kind == KindPerson
	v.Reason = reasonOf(v.Kind, f.action)
	if v.Kind == KindBounce {
		v.Bounce = g.bounce(m, f.action)
		v.Reason = reasonOf(v.Kind, v.Bounce.Action)
	}
}

// reasonOf is the constant name of a kind's reason; a person's has none.
func reasonOf(k Kind, action string) Reason {
	switch k {
	case KindPerson:
		return ""
	case KindBounce:
		switch action {
		case "delayed":
			return ReasonBounceDelay
		case "delivered", "relayed", "expanded":
			return ReasonBounceSuccess
		}
		return ReasonBounce
	}
	return Reason(k)
}

// hold says why a person's mail may not be answered by the program.
func (g *Guard) hold(m *mailbox.Message, r *route, v *Verdict) {
	if v.Kind == KindStaff {
		v.ReplyTo = mailbox.Address{}
		if inner, ok := g.staffForward(m); ok {
			v.Customer, v.ReplyTo = inner, mailbox.Address{}
			if g.answerable(inner) {
				v.ReplyTo = inner
			}
			v.Evidence = append(v.Evidence, "forwarded by a colleague: "+addressText(inner))
			v.NoReply, v.HoldReason, v.Reason = true, ReasonStaffForward, ReasonStaffForward
		}
	}
	if v.Unsure {
		v.NoReply, v.HoldReason, v.Reason = true, ReasonUnsurePerson, ReasonUnsurePerson
	}
	if v.Kind == KindPerson && v.ReplyTo.Addr == "" && !v.NoReply {
		v.NoReply, v.HoldReason = true, ReasonNoAddress
	}
	if v.Junk && !v.Kind.Machine() {
		v.NoReply, v.HoldReason = true, ReasonJunk
		v.Evidence = append(v.Evidence, "lies in the junk folder")
	}
	if v.Kind == KindPerson && v.Reason == "" {
		v.Reason = v.HoldReason
	}
}

func lowered(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// bareAddr is the form that own, staff and form addresses are compared in: lower case, without the plus part.
func bareAddr(s string) string {
	s = strings.Trim(lowered(s), "<>")
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	if i := strings.IndexByte(s[:at], '+'); i > 0 {
		return s[:i] + s[at:]
	}
	return s
}

func keySet(in []string, form func(string) string) map[string]bool {
	set := make(map[string]bool, len(in))
	for _, s := range in {
		if k := form(s); k != "" {
			set[k] = true
		}
	}
	return set
}
