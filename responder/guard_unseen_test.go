package responder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJudgeWritten measures the guard on a set of mails that another hand wrote before the rules were fitted to anything:
// Chinese customers in their charsets, automatic replies and bounces without headers, other desks, receipts, robots.
func TestJudgeWritten(t *testing.T) {
	manifest, err := os.ReadFile(filepath.Join("testdata", "guard", "manifest.tsv"))
	if err != nil {
		t.Skip("the written set is not there: ", err)
	}
	g := testGuard(t, func(c *GuardConfig) {
		c.Own = []string{"support@aftercare.example", "service@aftercare.example"}
		c.OwnDomains, c.StaffDomains, c.Staff = []string{"aftercare.example"}, []string{"aftercare.example"}, nil
	})
	var machines, missed, people, wronged, unsure, kinds, ours, tied int
	for line := range strings.Lines(string(manifest)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) < 3 || f[0] == "file" || strings.HasPrefix(f[0], "#") {
			continue
		}
		mail, err := os.ReadFile(filepath.Join("testdata", "guard", filepath.Base(f[0])))
		if err != nil {
			t.Fatal(err)
		}
		v := g.Judge(parseBytes(mail), false)
		want := f[1] == "true"
		if _, rest, ok := strings.Cut(line, "returned <"); ok && v.Bounce != nil {
			ours++
			if id, _, _ := strings.Cut(rest, ">"); v.Bounce.MessageID == id {
				tied++
			} else {
				t.Logf("%s: tied to %q", strings.TrimSpace(line), v.Bounce.MessageID)
			}
		}
		if v.Unsure {
			unsure++
		}
		switch {
		case want:
			machines++
		default:
			people++
		}
		switch {
		case want && !v.Kind.Machine():
			missed++
		case !want && v.Kind.Machine():
			wronged++
		case string(v.Kind) != f[2]:
			kinds++
		default:
			if v.Unsure {
				t.Logf("unsure: %s: %q", line, v.Evidence)
			}
			continue
		}
		t.Logf("%s got %s unsure=%v %q", strings.TrimSpace(line), v.Kind, v.Unsure, v.Evidence)
	}
	t.Logf("machines %d, missed %d; people %d, taken for machines %d; other kind %d; unsure %d", machines, missed, people, wronged, kinds, unsure)
	t.Logf("bounces that return an id of ours %d, tied to it %d", ours, tied)
	if tied < ours {
		t.Errorf("%d bounces not tied to their mail", ours-tied)
	}
	if missed > machines/20 || wronged > 1 {
		t.Errorf("missed %d of %d machines, took %d people for machines", missed, machines, wronged)
	}
}
