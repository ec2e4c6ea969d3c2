package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aftercare/templates"
)

// records are what can stand on record about a product, and who asks.
var records = []struct {
	name, from, serial string
	entitlement, rung  string
}{
	{"in the term", "acme.example", inTerm, templates.InWarranty, templates.RungRepair},
	{"a repair met the requirements", "acme.example", mended, templates.InWarranty, templates.RungRepair},
	{"a repair failed", "acme.example", failed, templates.InWarranty, templates.RungReturn},
	{"replaced after a repair that failed", "acme.example", replaced, templates.InWarranty, templates.RungReturn},
	{"after the term", "acme.example", ended, templates.OutOfWarranty, templates.RungRepair},
	{"a number that is nobody's", "acme.example", nobodys, templates.EntitlementUnknown, ""},
	{"a stranger", "stranger.example", failed, templates.EntitlementUnknown, ""},
	{"a stranger without a number", "stranger.example", "", templates.EntitlementUnknown, ""},
}

// wanted are the default templates by class and record; a class that is not named has one for all records.
var wanted = map[string]map[string]string{
	"repair":      {"in warranty repair": "repair.in-warranty", "in warranty return": "repair.in-warranty.replacement", "out of warranty repair": "repair.out-of-warranty"},
	"replacement": {"in warranty repair": "replacement.in-warranty", "in warranty return": "replacement.in-warranty.replacement", "out of warranty repair": "replacement.out-of-warranty"},
	"return":      {"in warranty repair": "return.in-warranty", "in warranty return": "return.in-warranty.return", "out of warranty repair": "return.out-of-warranty"},
	"service":     {"in warranty repair": "service.in-warranty", "in warranty return": "service.in-warranty", "out of warranty repair": "service.out-of-warranty"},
	"visit":       {"in warranty repair": "visit.in-warranty", "in warranty return": "visit.in-warranty", "out of warranty repair": "visit.out-of-warranty"},
}

// wordsOf are what a reply may say only where the record covers the grant, whatever its template declares. Nobody is ever
// promised free work or money, and nobody is refused.
var wordsOf = []struct {
	grants []string
	words  *regexp.Regexp
}{
	{nil, regexp.MustCompile(`(?i)\bfree\b|no charge|no cost|refund|money back|we will replace|\brefus|\breject|\bdeclin|not entitled|cannot (accept|replace|return)|免费|不收费|无偿|退款|退钱|拒绝|不予|不能(更换|退货|维修)|无法(更换|退货)`)},
	{[]string{templates.GrantReplacement, templates.GrantReturn}, regexp.MustCompile(`(?i)replacement is open|replacement open|可以(申请)?更换|为您更换`)},
	{[]string{templates.GrantReturn}, regexp.MustCompile(`(?i)leaves both a return|return is open|take it back|可以(申请)?退货|为您退货`)},
	{[]string{templates.GrantRepair}, regexp.MustCompile(`(?i)matter for our repair service|what applies now is repair|agrees the repair|由我们的维修服务处理|目前适用的是维修`)},
	{[]string{templates.GrantPaid}, regexp.MustCompile(`(?i)paid work|有偿`)},
}

// promises lists the words of a reply that the record does not cover.
func promises(text, entitlement, rung string) (out []string) {
	for _, w := range wordsOf {
		covered := slices.ContainsFunc(w.grants, func(g string) bool { return templates.Permits(entitlement, rung, g) })
		if found := w.words.FindString(text); found != "" && !covered {
			out = append(out, found)
		}
	}
	return out
}

// TestPolicy2_TheGrantNeverExceedsTheRecord: each class with each record in each language gets the template of its class and
// record; neither the grant that it declares nor a word of its text goes beyond the record.
func TestPolicy2_TheGrantNeverExceedsTheRecord(t *testing.T) {
	for _, rec := range records {
		t.Run(rec.name, func(t *testing.T) {
			d := newDesk(t, manyCaps)
			d.contracts()
			for i, l := range letters {
				t.Run(l.class+"/"+l.lang, func(t *testing.T) {
					d.t = t
					got := d.mail(l.about(rec.serial), fmt.Sprintf("From: Customer <c%d@%s>", i, rec.from), fmt.Sprintf("Subject: Number %d", i))
					c := d.file(got.Case)
					if c.Entitlement != rec.entitlement || c.Rung != rec.rung {
						t.Fatalf("the case has %s %q, want %s %q", c.Entitlement, c.Rung, rec.entitlement, rec.rung)
					}
					a := d.answerOf(got.Case)
					want := l.class
					if special := wanted[l.class][strings.TrimSpace(rec.entitlement+" "+rec.rung)]; special != "" {
						want = special
					}
					if a.template != want+"."+l.lang {
						t.Errorf("template %s, want %s.%s", a.template, want, l.lang)
					}
					if !templates.Permits(c.Entitlement, c.Rung, a.grant) {
						t.Errorf("%s grants %s", a.template, a.grant)
					}
					if beyond := promises(a.text, c.Entitlement, c.Rung); len(beyond) > 0 {
						t.Errorf("beyond the record: %q in\n%s", beyond, a.text)
					}
				})
			}
			d.t = t
		})
	}
}

// TestPolicy2_ThePromisesAreSeen: the second look finds the promises of a template that may make them.
func TestPolicy2_ThePromisesAreSeen(t *testing.T) {
	d := newDesk(t, manyCaps)
	d.contracts()
	for i, tt := range []struct {
		class, serial string
		beyond        int // words beyond a record that says nothing
	}{
		{"repair", inTerm, 1}, {"replacement", failed, 1}, {"return", failed, 1}, {"service", ended, 1}, {"visit", ended, 1}, {"usage", failed, 0},
	} {
		for _, lang := range []string{"en", "zh"} {
			t.Run(tt.class+"/"+lang, func(t *testing.T) {
				d.t = t
				rec := d.mail(find(tt.class, lang).about(tt.serial), fmt.Sprintf("From: c%d%s@acme.example", i, lang), fmt.Sprintf("Subject: Number %d %s", i, lang))
				a := d.answerOf(rec.Case)
				if got := promises(a.text, templates.EntitlementUnknown, ""); (len(got) > 0) != (tt.beyond > 0) {
					t.Errorf("%s: found %q in\n%s", a.template, got, a.text)
				}
			})
		}
	}
	d.t = t
}
