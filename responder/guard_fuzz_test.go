package responder

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzJudge: whatever arrives, the guard comes to a verdict that is whole: evidence for a machine, a reason for silence, and
// never an answer to ourselves.
func FuzzJudge(f *testing.F) {
	for _, r := range peopleRows() {
		f.Add([]byte(raw(r.head, r.body)))
	}
	f.Add([]byte(raw("Auto-Submitted: auto-replied\nAuthentication-Results: mx.desk.example; dmarc=fail (a(b)c; \"", words)))
	f.Add([]byte(raw("From: <>\nSubject: 系统退信", "退信原因：550 5.1.1 <a@b> Message-ID: <x")))
	f.Add([]byte{})
	g := testGuard(f, func(c *GuardConfig) { withLists(c); withForms(c); spamRules(c) })
	f.Fuzz(func(t *testing.T, mail []byte) {
		m := parseBytes(mail)
		v, h := g.Judge(m, false), g.Hints(m)
		if v.Kind == "" || v.Kind.Machine() && (v.Reason == "" || len(v.Evidence) == 0 || v.Unsure) {
			t.Errorf("a machine without reason or evidence: %+v", v)
		}
		if v.NoReply != (v.HoldReason != "") || v.Unsure && !v.NoReply {
			t.Errorf("held without a reason: %+v", v)
		}
		if a := v.ReplyTo.Addr; a != "" && (!wholeAddr(a) || g.own[bareAddr(a)]) {
			t.Errorf("an answer would go to %q", a)
		}
		if v.Kind == KindPerson && !v.NoReply && v.ReplyTo.Addr == "" {
			t.Errorf("a person to be answered without an address: %+v", v)
		}
		if (v.Bounce != nil) != (v.Kind == KindBounce) {
			t.Errorf("bounce %+v of a %s", v.Bounce, v.Kind)
		}
		for _, e := range v.Evidence {
			if !utf8.ValidString(e) || strings.ContainsAny(e, "\r\n\x00") {
				t.Errorf("evidence %q", e)
			}
		}
		if len(h.Tokens) > 0 && !strings.Contains(strings.ToLower(string(mail)), "ac.") {
			t.Errorf("tokens %v out of nothing", h.Tokens)
		}
	})
}
