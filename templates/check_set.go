package templates

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPage is where Gmail cuts a mail off (102 KB), with room for what servers add.
const maxPage = 90 << 10

// try renders a template with every set of facts and looks at what a customer would get. The whole page is made only with
// all facts and with none: what differs between the others is in the body.
func (ld *loader) try(t *Template, f *front) {
	p := t.work.program()
	before := len(ld.report.list)
	all, ok := ld.trials[t.Language]
	if !ok {
		all = trials(t.Language, "")
		ld.trials[t.Language] = all
	}
	text, page := make([]byte, 0, 4<<10), make([]byte, 0, 8<<10)
	for _, trial := range all {
		trial.vars.Class = t.Class
		x := &execution{scene: scene{ld.set, p.lang, &trial.vars}, links: p.staff}
		subject := string(x.run(nil, p.subject, nil))
		text, page = x.run(text[:0], p.text, nil), x.run(page[:0], p.html, nil)
		ld.checkSubject(t, f, trial, subject)
		ld.checkBody(t, trial, string(text), string(page))
		if trial.whole || trial.bare {
			r := t.render(&trial.vars)
			ld.checkBody(t, trial, r.Text, r.HTML)
			if trial.whole {
				ld.checkWhole(t, place{file: t.File}, r)
			}
		}
		if hasErrors(ld.report.list[before:]) {
			return // the other trials would mostly repeat it
		}
	}
}

func (ld *loader) checkSubject(t *Template, f *front, trial trial, subject string) {
	at, with := f.where("subject", t.File), "with "+trial.name+": "
	if n := utf8.RuneCountInString(subject); n > maxSubject {
		ld.report.add(at, "%sthe subject has %d characters, more than %d", with, n, maxSubject)
	}
	if strings.TrimSpace(subject) == "" {
		ld.report.add(at, "%sthe subject is empty", with)
	}
	if tag := "[" + trial.vars.CaseRef + "]"; t.Class != ClassStaff && t.Class != ClassAckBare && !strings.Contains(subject, tag) {
		ld.report.add(at, "the subject needs [{{case}}], so that an answer finds its case")
	}
	ld.checkLeftover(t, with, "subject", subject)
}

func (ld *loader) checkBody(t *Template, trial trial, text, page string) {
	at, with := place{file: t.File}, "with "+trial.name+": "
	ld.checkLeftover(t, with, "text", text)
	ld.checkLeftover(t, with, "HTML", page)
	if strings.TrimSpace(text) == "" {
		ld.report.add(at, "%sthe mail is empty", with)
	}
	if strings.Contains(page, `href=""`) {
		ld.report.add(at, "%sa link has no address: put it between {{#if company.url}} and {{/if}}", with)
	}
	if tag, ok := emptyElement(page); ok {
		ld.report.add(at, "%san empty %s is left: put {{#if}} and {{/if}} on lines of their own around it", with, tag)
	}
	if len(page) > maxPage {
		ld.report.add(at, "%sthe HTML has %d bytes; Gmail cuts mails off after 102 KB", with, len(page))
	}
}

func (ld *loader) checkLeftover(t *Template, with, part, text string) {
	for _, left := range []string{"{{", "}}", markOpen, markClose, "raw HTML omitted"} {
		if strings.Contains(text, left) {
			ld.report.add(place{file: t.File}, "%s%q is left over in the %s", with, left, part)
		}
	}
}

// checkWhole holds what one rendering shows for all: it takes longer, so only the trial with all facts does it.
func (ld *loader) checkWhole(t *Template, at place, r Rendered) {
	if phrase, ok := ld.rules.promised(*t, r.Subject+" "+r.Text); ok {
		ld.report.add(at, "%q promises more than grant: %s covers; rules/promises.yaml says which grants may", phrase, t.Grant)
	}
	if t.Class == ClassAckBare {
		for _, o := range slices.Concat(t.work.program().subject, t.work.program().html) {
			if o.kind == opValue && !neutral(table[o.v].name) {
				ld.report.add(o.at, "%s: a sender who failed the checks gets no data of a case or customer", table[o.v].name)
			}
		}
	}
}

// neutral says which variables the bare acknowledgement may use.
func neutral(name string) bool {
	return strings.HasPrefix(name, "company.") || slices.Contains([]string{"now", "due", "person_due", "received", "statutory", "office.name", "office.phone", "office.city", "office.hours"}, name)
}

// emptyElement finds a paragraph, list item or heading that came out without content.
func emptyElement(page string) (string, bool) {
	for _, tag := range []string{"p", "li", "h1", "h2", "h3", "strong", "em"} {
		rest := page
		for {
			i := strings.Index(rest, "></"+tag+">")
			if i < 0 {
				break
			}
			if open := strings.LastIndexByte(rest[:i], '<'); open >= 0 && (strings.HasPrefix(rest[open+1:], tag+" ") || rest[open+1:i] == tag) {
				return "<" + tag + ">", true
			}
			rest = rest[i+4:]
		}
	}
	return "", false
}

// checkSet looks at the set as a whole: a template for every class in every language, and a choice for every key.
func (ld *loader) checkSet() {
	for _, class := range ld.set.classes {
		for _, lang := range ld.opt.Languages {
			if _, ok := ld.set.bySlot[slot{class: class, language: lang}]; !ok && !ld.refused(class, lang) {
				ld.report.add(place{file: "reply"}, "class %s has no template in %s for any entitlement: reply/%s.%s.md is expected", class, lang, class, lang)
			}
		}
	}
	for _, lang := range ld.opt.Languages {
		if _, ok := ld.set.byName[staffName(staffNotice, lang)]; !ok && !ld.refused(staffNotice, lang) {
			ld.report.add(place{file: "staff"}, "staff/%s.%s.md is missing: it serves every step without a template of its own", staffNotice, lang)
		}
	}
	if ld.report.failed() {
		return
	}
	for _, hole := range ld.set.Coverage() {
		switch {
		case hole.Template == "":
			ld.report.add(place{file: "reply"}, "nothing is chosen for %s", hole.what())
		case hole.Hole:
			ld.report.warn(place{file: "reply"}, "%s gets %s", hole.what(), hole.Template)
		}
	}
}

// refused says whether a template for this class and language is there and was refused: then it is not missing.
func (ld *loader) refused(class, lang string) bool {
	return slices.ContainsFunc(ld.report.list, func(p Problem) bool {
		return !p.Warning && strings.Contains(p.File, "/"+class+".") && strings.HasSuffix(p.File, "."+lang+".md")
	})
}

// Cell is one row of the coverage table: what a customer with this record would get.
type Cell struct {
	Class, Entitlement, Rung, Language string
	Template                           string // name of the template chosen
	Grant                              string
	Why                                string
	Hole                               bool // another language has a closer template, or the class has none in this language
}

func (c Cell) what() string {
	s := fmt.Sprintf("class %s, %s", c.Class, c.Entitlement)
	if c.Rung != "" {
		s += ", rung " + c.Rung
	}
	return s + ", language " + c.Language
}

// Coverage lists every class x entitlement x rung x language with the template that Choose picks, ordered by class. Rungs
// exist in warranty only.
func (s *Set) Coverage() []Cell {
	var cells []Cell
	for _, class := range s.classes {
		for _, entitlement := range Entitlements() {
			rungs := []string{""}
			if entitlement == InWarranty {
				rungs = Rungs()
			}
			for _, rung := range rungs {
				cells = append(cells, s.row(Key{Class: class, Entitlement: entitlement, Rung: rung})...)
			}
		}
	}
	return cells
}

// row gives the cells of one key in every required language, and marks the languages that fall behind.
func (s *Set) row(key Key) []Cell {
	var cells []Cell
	closest := 0
	for _, lang := range s.required {
		key.Language = lang
		t, why := s.Choose(key)
		cells = append(cells, Cell{Class: key.Class, Entitlement: key.Entitlement, Rung: key.Rung, Language: lang, Template: t.Name, Grant: t.Grant, Why: why})
		closest = max(closest, t.closeness())
	}
	for i, c := range cells {
		t := s.byName[c.Template]
		cells[i].Hole = t.Class != key.Class || t.Language != c.Language || t.closeness() < closest
	}
	return cells
}

// closeness ranks how exactly a template names its record.
func (t Template) closeness() int {
	n := 0
	if t.Entitlement != "" {
		n += 10
	}
	return n + rungStep(t.Rung)
}
