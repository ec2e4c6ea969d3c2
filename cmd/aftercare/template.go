package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/store"
	"aftercare/templates"
)

type templateCmd struct {
	List     templateListCmd     `cmd:"" help:"List the templates."`
	Vars     templateVarsCmd     `cmd:"" help:"List what a template can say, with sample values."`
	Coverage templateCoverageCmd `cmd:"" help:"Show who gets what: class, record, language; and the holes."`
	Why      templateWhyCmd      `cmd:"" help:"Show how the template of a case was chosen."`
	Check    templateCheckCmd    `cmd:"" help:"Check a template folder before it counts."`
	Preview  templatePreviewCmd  `cmd:"" help:"Show what a customer would get."`
	New      templateNewCmd      `cmd:"" help:"Begin a template from what is sent now, with comments."`
	Import   templateImportCmd   `cmd:"" help:"Turn a template of another system into one of ours."`
	Try      templateTryCmd      `cmd:"" help:"Show which replies to past messages would differ under the templates of a folder."`
	Test     templateTestCmd     `cmd:"" help:"Send one template, with sample values, to yourself."`
	History  templateHistoryCmd  `cmd:"" help:"List the template sets that were accepted."`
	Diff     templateDiffCmd     `cmd:"" help:"Show what differs between two accepted sets, or one and the folder."`
	Rollback templateRollbackCmd `cmd:"" help:"Write the files of an accepted set back into the folder."`
}

// loadSet loads the configured templates, or says line by line what is wrong with them.
func (o optionalConfig) loadSet() (*config.Config, *templates.Set, error) {
	c, err := o.load()
	if err != nil {
		return nil, nil, err
	}
	set, err := app.LoadTemplates(c)
	if err != nil {
		return nil, nil, refusedSet(err)
	}
	return c, set, nil
}

func refusedSet(err error) error {
	return fmt.Errorf("the templates are refused:\n%s", strings.Join(app.Problems(err), "\n"))
}

type templateListCmd struct {
	optionalConfig
	JSON bool `help:"Print for programs."`
}

func (l *templateListCmd) Run(env *environment) error {
	_, set, err := l.loadSet()
	if err != nil {
		return err
	}
	type row struct {
		Name        string `json:"template"`
		Class       string `json:"class"`
		Language    string `json:"language"`
		Entitlement string `json:"entitlement,omitempty"`
		Rung        string `json:"rung,omitempty"`
		Grant       string `json:"grant,omitempty"`
		Version     string `json:"version"`
		File        string `json:"file"`
		Note        string `json:"note,omitempty"`
	}
	rows := []row{}
	t := newTable("template", "class", "language", "record", "grant", "version", "note")
	for _, x := range set.Templates() {
		rows = append(rows, row{x.Name, x.Class, x.Language, x.Entitlement, x.Rung, x.Grant, x.Version, x.File, x.Note})
		t.add(x.Name, x.Class, x.Language, or(oneLine(x.Entitlement+" "+x.Rung), "any"), or(x.Grant, "-"), cut(x.Version, 13), x.Note)
	}
	if l.JSON {
		return printJSON(env.out, rows)
	}
	t.print(env.out)
	return nil
}

type templateVarsCmd struct {
	optionalConfig
	Lang string `help:"The language of the samples." default:"en"`
	JSON bool   `help:"Print for programs."`
}

func (v *templateVarsCmd) Run(env *environment) error {
	_, set, err := v.loadSet()
	if err != nil {
		return err
	}
	if err := oneOf("--lang", v.Lang, set.Languages()); err != nil {
		return err
	}
	type row struct {
		Name   string `json:"name"`
		Kind   string `json:"kind"`
		For    string `json:"for"`
		About  string `json:"about"`
		Sample string `json:"sample"`
	}
	rows := []row{}
	t := newTable("name", "kind", "for", "sample", "what it is")
	for _, x := range set.Variables(v.Lang) {
		rows = append(rows, row{x.Name, x.Kind, x.For, x.About, x.Sample})
		t.add("{{"+x.Name+"}}", x.Kind, x.For, cut(oneLine(x.Sample), 40), x.About)
	}
	if v.JSON {
		return printJSON(env.out, rows)
	}
	t.print(env.out)
	env.printf("\n")
	f := newTable("write", "what it does")
	for _, x := range templates.Functions() {
		f.add(x.Write, x.About)
	}
	f.print(env.out)
	return nil
}

type templateCoverageCmd struct {
	optionalConfig
	Holes bool `help:"Only the holes."`
	JSON  bool `help:"Print for programs."`
}

func (v *templateCoverageCmd) Run(env *environment) error {
	_, set, err := v.loadSet()
	if err != nil {
		return err
	}
	type row struct {
		Class       string `json:"class"`
		Entitlement string `json:"entitlement"`
		Rung        string `json:"rung,omitempty"`
		Language    string `json:"language"`
		Template    string `json:"template"`
		Grant       string `json:"grant"`
		Hole        bool   `json:"hole"`
		Why         string `json:"why"`
	}
	rows := []row{}
	t := newTable("class", "entitlement", "rung", "language", "template", "grant", "")
	for _, x := range set.Coverage() {
		if v.Holes && !x.Hole {
			continue
		}
		rows = append(rows, row{x.Class, x.Entitlement, x.Rung, x.Language, x.Template, x.Grant, x.Hole, x.Why})
		mark := ""
		if x.Hole {
			mark = "HOLE: " + x.Why
		}
		t.add(x.Class, x.Entitlement, or(x.Rung, "-"), x.Language, x.Template, x.Grant, mark)
	}
	if v.JSON {
		return printJSON(env.out, rows)
	}
	t.print(env.out)
	return nil
}

type templateWhyCmd struct {
	configFlag
	Case caseArg `arg:"" help:"The case."`
}

func (w *templateWhyCmd) Run(env *environment) error {
	id, err := w.Case.number()
	if err != nil {
		return err
	}
	c, st, err := w.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	set, err := app.LoadTemplates(c)
	if err != nil {
		return refusedSet(err)
	}
	f, err := st.Case(env.ctx, id)
	if err != nil {
		return missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	}
	sets, err := st.TemplateSets(env.ctx, manySets)
	if err != nil {
		return err
	}
	for _, m := range f.Mails {
		if m.Lane == responder.LaneCustomer {
			env.printf("mail %d, %s, %s: template %s, version %s%s\n", m.ID, m.Kind, mailState(&m, c.Company.Location), or(m.Template, "none"), or(m.TemplateVersion, "-"),
				setAt(sets, m.Queued))
		}
	}
	for _, m := range f.Messages {
		for _, e := range m.Evidence {
			if strings.HasPrefix(e, "template ") {
				env.printf("message %d: %s\n", m.ID, oneLine(e))
			}
		}
	}
	t, why := set.Choose(keyOf(&f.Case))
	env.printf("today, for class %s, record %s, language %s: template %s, version %s\n  %s\n", or(f.Class, "-"),
		or(oneLine(f.Entitlement+" "+f.Rung), "unknown"), or(f.Language, "-"), t.Name, t.Version, why)
	return nil
}

// manySets is more sets than anybody accepts.
const manySets = 100_000

// setAt names the set that was in use at a moment; the newest comes first.
func setAt(sets []store.TemplateSet, at time.Time) string {
	i := slices.IndexFunc(sets, func(s store.TemplateSet) bool { return !s.At.After(at) })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf(", set %d (%s)", sets[i].ID, sets[i].Hash)
}

func keyOf(c *responder.Case) templates.Key {
	return templates.Key{Class: c.Class, Language: c.Language, Entitlement: c.Entitlement, Rung: c.Rung}
}

type templateCheckCmd struct {
	optionalConfig
	Dir string `arg:"" optional:"" help:"The folder. Default: the configured one." placeholder:"DIR"`
}

func (k *templateCheckCmd) Run(env *environment) error {
	c, err := k.load()
	if err != nil {
		return err
	}
	if k.Dir != "" {
		c.Templates.Dir = k.Dir
	}
	set, err := app.CheckTemplates(c)
	if err != nil {
		lines := app.Problems(err)
		for _, line := range lines {
			env.printf("%s\n", oneLine(line))
		}
		return fmt.Errorf("the templates are refused: %d findings", len(lines))
	}
	for _, w := range set.Warnings() {
		env.printf("warning: %s\n", oneLine(w.String()))
	}
	env.printf("%d templates in %s are fine, %d warnings\n", len(set.Templates()), strings.Join(set.Languages(), ", "), len(set.Warnings()))
	return nil
}
