package templates

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var loadDefault = sync.OnceValues(func() (*Set, error) { return Load(Default(), Options{}) })

func defaultSet(t testing.TB) *Set {
	t.Helper()
	set, err := loadDefault()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestDefaultSetIsWhole(t *testing.T) {
	set := defaultSet(t)
	if w := set.Warnings(); len(w) > 0 {
		t.Errorf("warnings:\n%s", w.Error())
	}
	for _, class := range defaultClasses() {
		if !slices.Contains(set.Classes(), class) {
			t.Errorf("class %s is missing", class)
		}
	}
	if len(set.Classes()) != len(defaultClasses()) {
		t.Errorf("classes %v", set.Classes())
	}
	if len(table) > maxVariables {
		t.Errorf("%d variables, and room for %d", len(table), maxVariables)
	}
}

// TestDefaultTemplatesWithEachFactMissing renders each template with each set of facts and looks for what a customer needs.
func TestDefaultTemplatesWithEachFactMissing(t *testing.T) {
	set := defaultSet(t)
	for _, tpl := range set.Templates() {
		if tpl.Class == ClassStaff {
			continue
		}
		for _, trial := range trials(tpl.Language, tpl.Class) {
			t.Run(tpl.Name+"/"+trial.name, func(t *testing.T) {
				r, err := set.Render(tpl, trial.vars)
				if err != nil {
					t.Fatal(err)
				}
				checkReply(t, set, tpl, trial, r)
			})
		}
	}
}

func checkReply(t *testing.T, set *Set, tpl Template, trial trial, r Rendered) {
	t.Helper()
	if tpl.Class == ClassAckBare {
		if strings.Contains(r.Subject+r.Text+r.HTML, "AC-000123") {
			t.Error("the bare acknowledgement names the case")
		}
		return
	}
	for part, text := range map[string]string{"subject": r.Subject, "text": r.Text, "HTML": r.HTML} {
		if !strings.Contains(text, "AC-000123") {
			t.Errorf("the %s does not name the case", part)
		}
	}
	claim := slices.Contains([]string{"repair", "replacement", "return", "service", "visit", "usage", "project", "training", "complaint", "other"}, tpl.Class)
	lang := set.languages[tpl.Language]
	if claim {
		for _, fact := range trial.vars.Missing {
			if !strings.Contains(r.Text, "- "+lang.Missing[fact]) || !strings.Contains(r.HTML, lang.Missing[fact]) {
				t.Errorf("the reply does not ask for %s", fact)
			}
		}
		understood := lang.Classes[tpl.Class]
		if tpl.Class == ClassOther {
			understood = "" // the neutral words say nothing of it
		}
		for what, want := range map[string]string{"what we understood": understood, "office": trial.vars.Office.Name, "telephone": trial.vars.Office.Phone} {
			if !strings.Contains(r.Text, cleanLine(want, 100)) {
				t.Errorf("the reply lacks %s: %q", what, want)
			}
		}
		if due := trial.vars.PersonDueBy; !due.IsZero() && !strings.Contains(r.Text, lang.moment(due, asIs, trial.vars.Zone)) {
			t.Error("the reply does not say by when a person answers")
		}
		if due := trial.vars.Visit.OnSiteBy; !due.IsZero() && strings.Count(r.Text, lang.moment(due, asIs, trial.vars.Zone)) < 2 {
			t.Error("the reply lacks one of the two due times of the visit")
		}
	}
	if trial.whole && r.Text != strings.TrimSpace(r.Text)+"\n" {
		t.Error("the text part begins or ends with blanks")
	}
	if strings.Contains(r.Text, "\n\n\n") {
		t.Error("more than one empty line in a row")
	}
}

// TestTheNeutralWordsSayNoClass: the program uses them when it is unsure of the class that stands on the case.
func TestTheNeutralWordsSayNoClass(t *testing.T) {
	set := defaultSet(t)
	for _, lang := range []string{"en", "zh"} {
		v := Sample(lang)
		v.Class, v.Also = "return", []string{"complaint"}
		tpl, _ := set.Choose(Key{Class: ClassOther, Language: lang})
		r, err := set.Render(tpl, v)
		if err != nil || strings.Contains(r.Text, set.Words("return", lang)) || strings.Contains(r.Text, set.Words("complaint", lang)) {
			t.Errorf("%v\n%s", err, r.Text)
		}
	}
}

func TestDefaultStaffTemplates(t *testing.T) {
	set := defaultSet(t)
	kinds := []string{"reply-50", "reply-75", "reply-breach", "person-50", "person-75", "person-breach", "breach", "held", "capped-sender", "unsure-person",
		"bounced", "further-mail", "unanswered", "answer-due", "visit-requested", "visit-planned", "entitled", "letter-50", "letter-breach", "visit-arrange-soon", "visit-arrange-overdue", "visit-late", "visit-soon",
		"visit-tomorrow", "visit-day", "visit-overdue", "visit-change", "quarantine", "templates-refused", "alert", "recovered", "digest", "chain-told"}
	for _, lang := range []string{"en", "zh"} {
		for _, kind := range kinds {
			r, err := set.RenderStaff(kind, lang, Sample(lang))
			if err != nil || r.Name == staffName(staffNotice, lang) {
				t.Errorf("%s in %s: %s %v", kind, lang, r.Name, err)
			}
			if kind != "digest" && !strings.Contains(r.Text, "aftercare case show AC-000123") {
				t.Errorf("%s in %s does not say what to do:\n%s", kind, lang, r.Text)
			}
		}
	}
	for _, row := range []struct{ kind, lang, want string }{
		{"reply-75", "en", "staff/reply.en"}, {"no-such-step", "zh-CN", "staff/notice.zh"}, {"bounced", "fr", "staff/bounced.en"}, {"", "en", "staff/notice.en"},
	} {
		r, err := set.RenderStaff(row.kind, row.lang, Sample("en"))
		if row.kind == "" {
			r.Name = "staff/notice.en" // the caller's mistake still reaches somebody, or is an error; never a panic
		}
		if r.Name != row.want {
			t.Errorf("%q in %s: got %s %v, want %s", row.kind, row.lang, r.Name, err, row.want)
		}
	}
}

// TestNoDefaultPromisesAboveTheRecord goes through every key that a case can have.
func TestNoDefaultPromisesAboveTheRecord(t *testing.T) {
	set := defaultSet(t)
	for _, class := range append(set.Classes(), "no-such-class", "") {
		for _, ent := range append(Entitlements(), "", "nonsense") {
			for _, rung := range append(Rungs(), "", "nonsense") {
				for _, lang := range []string{"en", "zh", "zh-TW", "fr", ""} {
					tpl, why := set.Choose(Key{Class: class, Language: lang, Entitlement: ent, Rung: rung})
					record := rung
					if rungStep(rung) == 0 {
						record = RungRepair
					}
					if tpl.Name == "" || why == "" || !Permits(ent, record, tpl.Grant) {
						t.Errorf("class %q, %q, rung %q, %q: %q grants %q", class, ent, rung, lang, tpl.Name, tpl.Grant)
					}
				}
			}
		}
	}
}

func TestChooseTakesTheClosest(t *testing.T) {
	set := defaultSet(t)
	for _, row := range []struct {
		key       Key
		want, why string
	}{
		{Key{Class: "repair", Language: "en"}, "repair.en", "any entitlement (record: unknown), grant none"},
		{Key{Class: "repair", Language: "zh-CN", Entitlement: InWarranty}, "repair.in-warranty.zh", "none in zh-cn, language zh, in warranty"},
		{Key{Class: "repair", Language: "en", Entitlement: InWarranty, Rung: RungReturn}, "repair.in-warranty.replacement.en", "rung replacement, grant repair"},
		{Key{Class: "return", Language: "en", Entitlement: InWarranty, Rung: RungRepair}, "return.in-warranty.en", "grant repair"},
		{Key{Class: "return", Language: "en", Entitlement: InWarranty, Rung: RungReplacement}, "return.in-warranty.replacement.en", "grant replacement"},
		{Key{Class: "return", Language: "en", Entitlement: InWarranty, Rung: RungReturn}, "return.in-warranty.return.en", "grant return"},
		{Key{Class: "replacement", Language: "en", Entitlement: InWarranty, Rung: RungReturn}, "replacement.in-warranty.replacement.en", "grant replacement"},
		{Key{Class: "replacement", Language: "zh", Entitlement: OutOfWarranty, Rung: RungReturn}, "replacement.out-of-warranty.zh", "grant paid"},
		{Key{Class: "training", Language: "fr", Entitlement: OutOfWarranty}, "training.en", "none in fr, language en"},
		{Key{Class: "unheard-of", Language: "zh"}, "other.zh", "none in zh, none in en; neutral acknowledgement, language zh"},
		{Key{}, "other.en", "neutral acknowledgement"},
	} {
		tpl, why := set.Choose(row.key)
		if tpl.Name != row.want || !strings.Contains(why, row.why) {
			t.Errorf("%+v: got %s (%s), want %s (%s)", row.key, tpl.Name, why, row.want, row.why)
		}
	}
}

func TestPermits(t *testing.T) {
	for _, row := range []struct {
		entitlement, rung string
		want              string
	}{
		{EntitlementUnknown, RungReturn, "none"}, {"", RungReturn, "none"}, {"nonsense", RungReturn, "none"},
		{InWarranty, "", "none"}, {InWarranty, RungRepair, "none repair"}, {InWarranty, RungReplacement, "none repair replacement"},
		{InWarranty, RungReturn, "none repair replacement return"}, {OutOfWarranty, "", "none paid"}, {OutOfWarranty, RungReturn, "none paid"},
	} {
		var got []string
		for _, grant := range Grants() {
			if Permits(row.entitlement, row.rung, grant) {
				got = append(got, grant)
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%q, %q: permits %v, want %s", row.entitlement, row.rung, got, row.want)
		}
	}
	if Permits(InWarranty, RungReturn, "everything") {
		t.Error("an unknown grant is permitted")
	}
}

func TestCoverage(t *testing.T) {
	set := defaultSet(t)
	cells := set.Coverage()
	if want := len(defaultClasses()) * 5 * 2; len(cells) != want {
		t.Errorf("%d cells, want %d", len(cells), want)
	}
	for _, c := range cells {
		if c.Hole || c.Template == "" {
			t.Errorf("hole: %+v", c)
		}
	}
	tiny, problems := loadOver(t, map[string]string{"reply/repair.in-warranty.en.md": "---\nclass: repair\nlanguage: en\nentitlement: in warranty\ngrant: repair\n---\nHello"}, Options{})
	if tiny == nil {
		t.Fatal(problems)
	}
	var holes []string
	for _, c := range tiny.Coverage() {
		if c.Hole {
			holes = append(holes, c.what())
		}
	}
	if want := "class repair, in warranty, rung repair, language zh|class repair, in warranty, rung replacement, language zh|class repair, in warranty, rung return, language zh"; strings.Join(holes, "|") != want {
		t.Errorf("holes %v", holes)
	}
}

// TestContrast holds the text colours of the default layout against their backgrounds (WCAG 2.1, 4.5 to 1).
func TestContrast(t *testing.T) {
	set := defaultSet(t)
	colour := regexp.MustCompile(`[\s;{"](background-)?color\s*:\s*(#[0-9a-f]{6})`)
	for _, file := range []string{"layout/reply.html", "layout/staff.html"} {
		page := string(set.Source(file))
		begin := strings.Index(page, "@media (prefers-color-scheme: dark)")
		end := strings.Index(page, "</style>")
		for theme, css := range map[string]string{"dark": page[begin:end], "light": page[end:] + string(set.Source("layout/style.yaml"))} {
			var ink, ground []string
			for _, m := range colour.FindAllStringSubmatch(css, -1) {
				if m[1] == "" {
					ink = append(ink, m[2])
				} else {
					ground = append(ground, m[2])
				}
			}
			if len(ink) == 0 || len(ground) == 0 {
				t.Fatalf("%s has no colours for %s", file, theme)
			}
			for _, i := range ink {
				for _, g := range ground {
					if c := contrast(i, g); c < 4.5 {
						t.Errorf("%s, %s: %s on %s has a contrast of %.1f", file, theme, i, g, c)
					}
				}
			}
		}
	}
}

func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(fmt.Sprintf("colour %s: %v", hex, err))
		}
		c := float64(n) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			base := (c + 0.055) / 1.055
			c = math.Pow(base, 2.4)
		}
		sum += weight * c
	}
	return sum
}
