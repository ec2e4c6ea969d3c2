package templates

import (
	"strings"
	"time"
)

// trial is one set of facts that every template is rendered with at load.
type trial struct {
	name  string
	vars  Vars
	whole bool // everything is known
	bare  bool // nothing is
}

// facts lists the facts that a mail can lack, as Vars.Missing names them.
func facts() []string {
	return []string{"product", "serial", "contract", "phone", "city", "province", "fault", "proof"}
}

// trials gives the sets of facts: all known, none known, each one missing, all missing, and values as long as they get.
func trials(lang, class string) []trial {
	whole := Sample(lang)
	whole.Class = class
	whole.Missing = nil
	asked := Sample(lang)
	asked.Class = class
	list := []trial{{name: "everything known", vars: whole, whole: true}, {name: "everything known and something missing", vars: asked, whole: true}}
	list = append(list, trial{name: "nothing known", bare: true, vars: Vars{CaseRef: whole.CaseRef, Class: class}})
	for _, fact := range facts() {
		list = append(list, trial{name: "no " + fact, vars: without(whole, fact)})
	}
	bare := Vars{CaseRef: whole.CaseRef, Class: class, Missing: facts(), DueBy: whole.DueBy, Company: whole.Company}
	list = append(list, trial{name: "all facts missing", vars: bare})
	long := whole
	for _, s := range []*string{&long.Subject, &long.CustomerName, &long.Product, &long.Serial, &long.Contract, &long.Phone, &long.City, &long.Province, &long.Visit.Site, &long.Staff.Summary, &long.Staff.Customer, &long.Staff.Reason, &long.Staff.Detail, &long.Staff.FailedTo} {
		*s = strings.Repeat("long value 长 ", 60)
	}
	return append(list, trial{name: "long values", vars: long})
}

func without(v Vars, fact string) Vars {
	v.Missing = []string{fact}
	for name, value := range map[string]*string{"product": &v.Product, "serial": &v.Serial, "contract": &v.Contract, "phone": &v.Phone, "city": &v.City, "province": &v.Province} {
		if name == fact {
			*value = ""
		}
	}
	return v
}

// Sample gives plausible values for every variable: for `template vars`, previews and trials.
func Sample(lang string) Vars {
	zone := time.FixedZone("", 8*3600)
	at := func(hours float64) time.Time {
		return time.Date(2026, 3, 10, 9, 40, 0, 0, zone).Add(time.Duration(hours * float64(time.Hour)))
	}
	v := Vars{
		CaseRef: "AC-000123", Class: "repair", Missing: []string{"contract", "phone"},
		Serial: "HX-20418-7", Phone: "+86 21 5550 0199", Entitlement: InWarranty, Rung: RungRepair,
		Record: "C-2025-0417", WarrantyEnd: at(24 * 200), Country: "CN", Contract: "C-2025-0417",
		Received: at(0), DueBy: at(2), PersonDueBy: at(24), Now: at(0.1), Zone: zone,
		Visit: Visit{ArrangeBy: at(24), OnSiteBy: at(24), At: at(23)},
		Staff: Staff{Clock: "reply", Share: "75%", Reason: "unsure-class", Evidence: []string{"score 0.41, margin 0.03", "words: stopped, refund"},
			Commands: []string{"aftercare case show AC-000123", "aftercare case take AC-000123"}, FailedTo: "mei.chen@customer.example",
			Check: "smtp", Detail: "550 5.1.1 no such user", Windows: []string{"AC-000123, 35 minutes left"}, Visits: []string{"AC-000119, on site by 17:00"},
			Held: []string{"AC-000121, complaint"}, Junk: []string{"3 newsletters, 1 bounce"}},
	}
	v.Company = Company{URL: "https://www.company.example", Email: "service@company.example", Phone: "+86 21 5550 0100"}
	v.Office.Phone = "+86 21 5550 0110"
	if lang == "zh" {
		v.Subject, v.CustomerName, v.Product, v.City, v.Province = "离心泵停机了", "陈梅", "HX-200 离心泵", "苏州", "江苏"
		v.Company.Name, v.Company.Address = "示例机械有限公司", "上海市示例路1号"
		v.Office.Name, v.Office.City, v.Office.Hours = "上海服务处", "上海", "周一至周五 8:30–17:30"
		v.Visit.Person, v.Visit.Site = "王工", "苏州市示例工业园3号厂房"
		v.Staff.Recipient, v.Staff.Summary, v.Staff.Customer = "李工", "维修：HX-200 离心泵，陈梅", "陈梅 <mei.chen@customer.example>"
		v.Staff.Excerpt = "泵昨晚停机了，\n请尽快派人来看。"
		return v
	}
	v.Subject, v.CustomerName, v.Product, v.City, v.Province = "The pump has stopped", "Mei Chen", "HX-200 centrifugal pump", "Suzhou", "Jiangsu"
	v.Company.Name, v.Company.Address = "Example Machinery Ltd", "1 Example Road, Shanghai"
	v.Office.Name, v.Office.City, v.Office.Hours = "Shanghai office", "Shanghai", "Monday to Friday 8:30–17:30"
	v.Visit.Person, v.Visit.Site = "Mr Wang", "Building 3, Example Industrial Park, Suzhou"
	v.Staff.Recipient, v.Staff.Summary, v.Staff.Customer = "Li Na", "repair: HX-200 centrifugal pump, Mei Chen", "Mei Chen <mei.chen@customer.example>"
	v.Staff.Excerpt = "The pump stopped last night.\nPlease send somebody soon."
	return v
}

// Variable is one row of `template vars`.
type Variable struct {
	Name   string // as it is written between the braces
	Kind   string // text, lines, time, list, pairs, link
	For    string // "all", "staff", "layout"
	About  string
	Sample string // as a mail in that language shows it
}

// Variables lists what a template can say, with sample values in a language.
func (s *Set) Variables(lang string) []Variable {
	l := s.languages[lang]
	if l == nil {
		l = s.languages[s.fallback]
	}
	v := Sample(l.Language)
	x := &execution{scene: scene{set: s, lang: l, vars: &v}, title: v.Subject, links: true}
	list := make([]Variable, len(table))
	for i, spec := range table {
		row := Variable{Name: spec.name, Kind: spec.kind.String(), For: [...]string{"all", "staff", "layout"}[spec.seenBy], About: spec.about}
		if spec.kind == kindPairs {
			var pairs []string
			for _, p := range spec.pairs(&x.scene) {
				pairs = append(pairs, p[0]+": "+p[1])
			}
			row.Sample = strings.Join(pairs, "; ")
		} else {
			row.Sample = x.line(i)
		}
		list[i] = row
	}
	return list
}

// Function is one row of the functions that a template can use.
type Function struct{ Write, About string }

// Functions lists them.
func Functions() []Function {
	return []Function{
		{"{{name}}", "the value; a time as date and time of day, a list as a phrase"},
		{"{{date due}}", "the date of a time, in the mail's language and the customer's zone"},
		{"{{time due}}", "the time of day of a time"},
		{"{{list missing}}", "a list with bullets; alone on its line"},
		{"{{table facts}}", "labels and values; alone on its line"},
		{"{{#if name}} ... {{else}} ... {{/if}}", "one or the other, as the value is known or not"},
		{"{{#if not name}} ... {{/if}}", "only when the value is not known"},
		{"{{label case}}", "a word of language/TAG.yaml"},
		{"{{> greeting}}", "a shared piece, parts/greeting.TAG.md; alone on its line"},
		{"{{! comment }}", "is left out"},
	}
}
