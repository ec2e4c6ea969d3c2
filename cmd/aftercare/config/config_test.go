package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// example returns the example configuration as a copy in a folder where the secret files that it names exist.
func example(t *testing.T) (path string, data []byte) {
	t.Helper()
	data, err := os.ReadFile("../../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range []string{"imap.password", "smtp.password"} {
		if err := os.WriteFile(filepath.Join(dir, f), []byte("hunter2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, data
}

func TestExampleLoads(t *testing.T) {
	path, _ := example(t)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Reply.Window != 2*time.Hour || c.Mailboxes[0].SMTP.Port != 587 || !c.Mailboxes[0].Folders[1].Junk {
		t.Errorf("the example was not read as written: %+v", c)
	}
	if _, err := c.Plan(); err != nil {
		t.Error(err)
	}
}

// TestExampleNamesEveryKey walks the struct and looks for each key in the example, so that no key is left unexplained.
func TestExampleNamesEveryKey(t *testing.T) {
	_, data := example(t)
	var walk func(ty reflect.Type, path string)
	n := 0
	walk = func(ty reflect.Type, path string) {
		for i := range ty.NumField() {
			name, _, _ := strings.Cut(ty.Field(i).Tag.Get("yaml"), ",")
			if name == "-" {
				continue
			}
			n++
			if !strings.Contains(string(data), name+":") {
				t.Errorf("%s%s does not stand in config.example.yaml", path, name)
			}
			ft := ty.Field(i).Type
			for ft.Kind() == reflect.Slice || ft.Kind() == reflect.Pointer {
				ft = ft.Elem()
			}
			if ft.Kind() == reflect.Struct && ft != reflect.TypeFor[Since]() {
				walk(ft, path+name+".")
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	if n < 100 {
		t.Errorf("only %d keys were looked at", n)
	}
}

// TestExampleDefaults: where the example writes a default, it is the default.
func TestExampleDefaults(t *testing.T) {
	path, _ := example(t)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	d := Default()
	for name, pair := range map[string][2]any{
		"reply": {c.Reply, d.Reply}, "visits": {c.Visits, d.Visits}, "schedule": {c.Schedule, d.Schedule}, "limits": {c.Limits, d.Limits},
		"log": {c.Log, d.Log}, "certainty": {c.Classes.Certainty, d.Classes.Certainty}, "mode": {c.Mode, d.Mode}, "after": {c.Alerts.After, d.Alerts.After},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: the example says %+v, the default is %+v", name, pair[0], pair[1])
		}
	}
	caps := c.Caps
	caps.Freemail = nil
	if !reflect.DeepEqual(caps, d.Caps) {
		t.Errorf("caps: the example says %+v, the default is %+v", caps, d.Caps)
	}
}

const small = `company: {name: Acme}
mailboxes:
  - address: support@acme.example
    imap: {host: mail.acme.example, password: {env: PW}}
staff:
  - {name: Duty, address: duty@acme.example}
escalation: [Duty]
`

func TestFaults(t *testing.T) {
	if _, err := Parse("c.yaml", []byte(small)); err != nil {
		t.Fatalf("the smallest file: %v", err)
	}
	for _, tt := range []struct{ name, from, to, want string }{
		{"unknown key", "company:", "compny:", "c.yaml:1: compny: unknown key; did you mean company?"},
		{"no mailbox", "    imap:", "    imapp:", "mailboxes[0].imapp: unknown key; did you mean imap?"},
		{"bad zone", "{name: Acme}", "{name: Acme, time_zone: Mars/Base}", `c.yaml:1: company.time_zone: "Mars/Base": expected a zone`},
		{"staff is a mailbox", "duty@acme.example", "Support@acme.example", `c.yaml:6: staff[0].address: "Support@acme.example": expected an address that is not a watched mailbox`},
		{"escalation unknown", "[Duty]", "[Dutty]", `c.yaml:7: escalation[0]: "Dutty": expected the name of a member of staff`},
		{"no escalation", "escalation: [Duty]", "escalation: []", "escalation: expected the names of staff"},
		{"no password", ", password: {env: PW}", "", "mailboxes[0].imap.password: is missing"},
		{"both secrets", "{env: PW}", "{env: PW, file: x}", "expected file or env, not both"},
		{"cron never fires", "escalation:", "schedule: {tick: \"0 0 31 2 *\"}\nescalation:", "expected a time that comes: this line never fires"},
		{"cron 7", "escalation:", "schedule: {tick: \"* * * * 7\"}\nescalation:", "expected a cron line of five fields"},
		{"cron too rare", "escalation:", "schedule: {tick: \"0 8 * * *\"}\nescalation:", "at least every 15 minutes"},
		{"bad since", "    imap:", "    since: yesterday\n    imap:", `mailboxes[0].since: "yesterday": expected now, all or a day`},
		{"bad security", "host: mail.acme.example", "host: mail.acme.example, security: ssl", "expected tls, starttls or plain"},
		{"margin", "escalation:", "reply: {margin: 3h}\nescalation:", "reply.margin: \"3h0m0s\": expected less than reply.window"},
		{"warnings", "escalation:", "reply: {warnings: [75, 50]}\nescalation:", "expected ascending percentages"},
		{"caps", "escalation:", "caps: {case: 0}\nescalation:", "caps.case: \"0\": expected 1 or more"},
		{"centre", "escalation:", "offices: [{name: A, city: B}]\nescalation:", "expected exactly one office with centre"},
		{"calendar", "escalation:", "calendars: [{name: a, hours: {mon: [\"9-5\"]}}]\nescalation:", "calendars[0]"},
		{"calendar name", "escalation:", "person: {calendar: none}\nescalation:", "expected the name of a calendar"},
		{"spam", "escalation:", "guard: {spam: [{header: X, match: \"(\"}]}\nescalation:", "expected a regular expression"},
		{"templates", "escalation:", "templates: {dir: /does/not/exist}\nescalation:", "expected a file that can be read"},
		{"mode", "escalation:", "mode: test\nescalation:", "expected live or shadow"},
		{"redirect", "escalation:", "redirect_to: me\nescalation:", "expected a bare address"},
		{"move into itself", "    imap:", "    filing: {how: move, folder: INBOX}\n    imap:", "expected a folder that is not watched itself"},
		{"port", "host: mail.acme.example", "host: mail.acme.example, port: 70000", "expected a port"},
		{"oauth", "host: mail.acme.example", "host: mail.acme.example, auth: xoauth2", "expected token_url, client_id and refresh_token"},
		{"chain", "escalation:", "chains: [{to: [Duty]}]\nescalation:", "expected a class or an office"},
		{"certainty", "escalation:", "classes: {certainty: 2}\nescalation:", "expected a share"},
		{"type", "escalation:", "caps: {case: [1]}\nescalation:", "expected one value, not a list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := strings.Replace(small, tt.from, tt.to, 1)
			if in == small {
				t.Fatal("the fault was not put in")
			}
			_, err := Parse("c.yaml", []byte(in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got\n%v\nwant a line with\n%s", err, tt.want)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := Parse("c.yaml", []byte("mode: x\nlog: {level: loud}\ncaps: {total_hour: many}\n"))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"mode", "log.level", "caps.total_hour", "mailboxes", "escalation", "company.name"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not among the faults:\n%v", want, err)
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	f := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(f, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Secret{File: f}
	v, err := s.Read()
	if err != nil || v != "hunter2" {
		t.Fatalf("Read: %q, %v", v, err)
	}
	if out := fmt.Sprintf("%v %s", s, s); strings.Contains(out, "hunter2") {
		t.Errorf("printed: %s", out)
	}
	t.Setenv("AFTERCARE_TEST_EMPTY", "")
	if _, err := (Secret{Env: "AFTERCARE_TEST_EMPTY"}).Read(); err == nil || !strings.Contains(err.Error(), "AFTERCARE_TEST_EMPTY") {
		t.Errorf("an unset variable: %v", err)
	}
}
