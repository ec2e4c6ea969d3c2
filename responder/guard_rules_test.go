package responder

import (
	"strings"
	"testing"
)

// TestLoadGuardRules: the file is strict, and an error names file, line, key and value.
func TestLoadGuardRules(t *testing.T) {
	rows := []struct {
		name, yaml string
		want       []string
	}{
		{"empty", "", nil},
		{"a good rule", "headers:\n  - {names: [X-Robot], kind: notification, weight: sure}\n", nil},
		{"unknown key", "headers:\n  - {names: [X-Robot], kind: notification, weight: sure, wieght: x}\n", []string{"my.yaml", "wieght", "2:"}},
		{"unknown kind", "subjects:\n  - {lang: en, kind: robot, weight: sure, start: [hello]}\n", []string{"my.yaml:2", "subjects[0].kind", "robot", "expected one of"}},
		{"unknown weight", "subjects:\n  - {lang: en, kind: bounce, weight: maybe, start: [hello]}\n", []string{"my.yaml:2", "weight", "maybe", "sure"}},
		{"unknown alone", "bodies:\n  - {lang: en, kind: bounce, weight: hint, alone: never, any: [hello]}\n", []string{"my.yaml:2", "alone", "never"}},
		{"unknown action", "bodies:\n  - {lang: en, kind: bounce, weight: hint, action: lost, any: [hello]}\n", []string{"my.yaml:2", "action", "lost"}},
		{"no phrases", "bodies:\n  - {lang: en, kind: bounce, weight: hint}\n", []string{"my.yaml:2", "bodies[0]", "expected phrases"}},
		{"no names", "headers:\n  - {kind: bounce, weight: hint}\n", []string{"my.yaml:2", "names"}},
		{"sender of nothing", "senders:\n  - {kind: bounce, weight: hint}\n", []string{"my.yaml:2", "local, raw, name or domain"}},
		{"sender in nowhere", "senders:\n  - {in: [to], local: [x], kind: bounce, weight: hint}\n", []string{"my.yaml:2", "in[0]", "\"to\""}},
		{"two errors at once", "subjects:\n  - {lang: en, kind: robot, weight: sure, start: [a]}\n  - {lang: en, kind: bounce, weight: x, start: [b]}\n", []string{"my.yaml:2", "robot", "my.yaml:3", "\"x\""}},
		{"errors of every kind at once", "headers:\n  - {kind: bounce, weight: hint, wieght: x}\nsubjects: none\nbodies:\n  - {lang: en, kind: robot, weight: hint, any: [a]}\n",
			[]string{"my.yaml:2: headers[0].wieght: unknown key; did you mean weight?", "my.yaml:2: headers[0]: names", `my.yaml:3: subjects: "none": expected a list`, `my.yaml:5: bodies[0].kind: "robot"`}},
		{"not YAML", "headers: [", []string{"my.yaml"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := LoadGuardRules([]byte(r.yaml), "my.yaml")
			if r.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range r.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not name %q", err, w)
				}
			}
		})
	}
}

// TestOwnRules: rules of an admin work alone, without the built-in ones.
func TestOwnRules(t *testing.T) {
	rules, err := LoadGuardRules([]byte("headers:\n  - {names: [X-Kettle], is: [boiling], kind: notification, weight: sure}\nsubjects:\n  - {lang: xx, kind: auto-reply, weight: hint, start: [Gone fishing]}\n"+
		"bodies:\n  - {lang: xx, kind: auto-reply, weight: hint, head: [fish]}\n"), "my.yaml")
	if err != nil {
		t.Fatal(err)
	}
	runKinds(t, testGuard(t, func(c *GuardConfig) { c.Rules = rules }), []kindRow{
		{"header", "X-Kettle: Boiling (hot)", words, KindNotification, false},
		{"header of another value", "X-Kettle: cold", words, KindPerson, false},
		{"two hints", "Subject: Gone Fishing until Monday", "Fish!\n", KindAutoReply, false},
		{"one hint", "Subject: Gone Fishing until Monday", "Hello.\n", KindPerson, false},
		{"a built-in rule", "Subject: Automatic reply: x", words, KindPerson, false},
	})
}

// TestNewGuardErrors: a spam rule that cannot work is refused.
func TestNewGuardErrors(t *testing.T) {
	for _, r := range []SpamRule{{Header: "X-Spam", Match: ""}, {Header: "", Match: "yes"}, {Header: "X-Spam", Match: "("}} {
		if _, err := NewGuard(GuardConfig{SpamHeaders: []SpamRule{r}, Rules: &GuardRules{}}); err == nil || !strings.Contains(err.Error(), "spam header rule 1") {
			t.Errorf("%+v: error %v", r, err)
		}
	}
}
