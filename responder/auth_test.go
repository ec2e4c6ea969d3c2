package responder

import "testing"

// TestAuth: only the configured server's word counts, and only dmarc=fail without a trusted arc=pass is failed.
func TestAuth(t *testing.T) {
	seal := "\nARC-Seal: i=1; a=rsa-sha256; d=first.example; s=x; cv=none; b=x\nARC-Seal: i=2; a=rsa-sha256; d=relay.example; s=x; cv=pass; b=x"
	rows := []struct {
		name, head string
		want       Auth
	}{
		{"nothing", "", AuthNone},
		{"pass", "Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example", AuthPassed},
		{"fail", "Authentication-Results: mx.desk.example; spf=fail smtp.mailfrom=x; dmarc=fail header.from=customer.example", AuthFailed},
		{"none", "Authentication-Results: mx.desk.example; dmarc=none", AuthNone},
		{"softfail of SPF", "Authentication-Results: mx.desk.example; spf=softfail smtp.mailfrom=x", AuthNone},
		{"temperror", "Authentication-Results: mx.desk.example; dmarc=temperror", AuthNone},
		{"permerror", "Authentication-Results: mx.desk.example; dmarc=permerror", AuthNone},
		{"DKIM failed alone", "Authentication-Results: mx.desk.example; dkim=fail header.d=customer.example", AuthNone},
		{"another server", "Authentication-Results: mx.evil.example; dmarc=pass", AuthNone},
		{"the topmost of ours wins", "Authentication-Results: mx.desk.example; dmarc=fail\nAuthentication-Results: mx.desk.example; dmarc=pass", AuthFailed},
		{"another server above ours", "Authentication-Results: other.example; dmarc=pass\nAuthentication-Results: mx.desk.example; dmarc=fail", AuthFailed},
		{"version and case", "AUTHENTICATION-RESULTS: MX.Desk.Example 1; DMARC=Fail", AuthFailed},
		{"spaces around the sign", "Authentication-Results: mx.desk.example; dmarc = fail", AuthFailed},
		{"a comment with a semicolon", "Authentication-Results: mx.desk.example; spf=pass (sender; dmarc=pass (no)) smtp.mailfrom=x; dmarc=fail (p=NONE; dis=NONE)", AuthFailed},
		{"a reason that lies", "Authentication-Results: mx.desk.example; dkim=pass reason=\"; dmarc=pass\"; dmarc=fail", AuthFailed},
		{"method with version", "Authentication-Results: mx.desk.example; dmarc/1=fail", AuthFailed},
		{"folded", "Authentication-Results: mx.desk.example;\n\tspf=fail;\n\tdmarc=fail header.from=customer.example", AuthFailed},
		{"arc=pass of a trusted sealer", "Authentication-Results: mx.desk.example; dmarc=fail; arc=pass" + seal, AuthPassed},
		{"arc=pass without a seal", "Authentication-Results: mx.desk.example; dmarc=fail; arc=pass", AuthFailed},
		{"arc=pass of a stranger", "Authentication-Results: mx.desk.example; dmarc=fail; arc=pass\nARC-Seal: i=1; d=evil.example; cv=none; b=x", AuthFailed},
		{"a trusted seal below a stranger's", "Authentication-Results: mx.desk.example; dmarc=fail; arc=pass\nARC-Seal: i=2; d=evil.example; cv=pass; b=x\nARC-Seal: i=1; d=relay.example; cv=none; b=x", AuthFailed},
		{"arc=fail", "Authentication-Results: mx.desk.example; dmarc=fail; arc=fail" + seal, AuthFailed},
	}
	g := testGuard(t, nil)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v, _ := judge(g, r.head, words)
			if v.Auth != r.want || v.Kind != KindPerson {
				t.Errorf("got %s (%s), want %s", v.Auth, v.Kind, r.want)
			}
		})
	}
	if v, _ := judge(g, "From: wang@desk.example\nAuthentication-Results: mx.desk.example; dmarc=fail", words); v.Kind != KindPerson || !v.Unsure || v.ReplyTo.Addr != "" {
		t.Errorf("a forged colleague: %+v", v)
	}
	if v, _ := judge(g, "From: wang@desk.example\nAuthentication-Results: mx.desk.example; dmarc=pass", words); v.Kind != KindStaff {
		t.Errorf("a proved colleague: %+v", v)
	}
	none := testGuard(t, func(c *GuardConfig) { c.AuthservIDs = nil })
	if v, _ := judge(none, "Authentication-Results: mx.desk.example; dmarc=fail", words); v.Auth != AuthNone {
		t.Errorf("without a configured server: %s", v.Auth)
	}
}
