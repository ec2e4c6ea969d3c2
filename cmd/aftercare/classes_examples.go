package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"aftercare/cmd/aftercare/app"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/store"
)

type examplesCmd struct {
	List   examplesListCmd   `cmd:"" help:"List the examples on record, and with --built-in those that ship."`
	Add    examplesAddCmd    `cmd:"" help:"Add a text with its class."`
	Move   examplesMoveCmd   `cmd:"" help:"Give an example another class."`
	Remove examplesRemoveCmd `cmd:"" help:"Remove an example."`
	Export examplesExportCmd `cmd:"" help:"Write the examples as TSV."`
	Import examplesImportCmd `cmd:"" help:"Add the examples of a TSV file; names and numbers are masked."`
}

type examplesListCmd struct {
	readFlags
	Class   string `help:"Only examples of this class." placeholder:"CLASS"`
	BuiltIn bool   `help:"Those that ship with the program instead; they have no number and cannot be changed."`
}

func (l *examplesListCmd) Run(env *environment) error {
	c, err := l.load()
	if err != nil {
		return err
	}
	rows := []store.Example{}
	if l.BuiltIn {
		built, err := classify.BuiltInExamples()
		if err != nil {
			return err
		}
		for _, e := range built {
			if l.Class == "" || e.Class == l.Class {
				rows = append(rows, store.Example{Class: e.Class, Language: e.Language, Text: e.Text})
			}
		}
	} else {
		_, st, err := l.openToRead(env.ctx)
		if err != nil {
			return err
		}
		defer st.Close()
		if rows, err = st.Examples(env.ctx, l.Class); err != nil {
			return err
		}
	}
	if l.JSON {
		return printJSON(env.out, examplesJSON(rows))
	}
	t := newTable("number", "class", "language", "by", "when", "case", "text")
	for _, e := range rows {
		number, kase := "-", "-"
		if e.ID != 0 {
			number = strconv.FormatInt(e.ID, 10)
		}
		if e.Case != 0 {
			kase = responder.FormatCase(e.Case)
		}
		t.add(number, e.Class, or(e.Language, "-"), or(e.Who, "-"), shortTime(e.At, c.Company.Location), kase, e.Text)
	}
	t.print(env.out)
	return nil
}

func examplesJSON(rows []store.Example) any {
	type row struct {
		ID       int64  `json:"example,omitempty"`
		Class    string `json:"class"`
		Language string `json:"language,omitempty"`
		By       string `json:"by,omitempty"`
		Case     string `json:"case,omitempty"`
		Text     string `json:"text"`
	}
	out := make([]row, 0, len(rows))
	for _, e := range rows {
		r := row{e.ID, e.Class, e.Language, e.Who, "", e.Text}
		if e.Case != 0 {
			r.Case = responder.FormatCase(e.Case)
		}
		out = append(out, r)
	}
	return out
}

type examplesAddCmd struct {
	writeFlags
	Class    string `arg:"" help:"Its class."`
	Text     string `arg:"" help:"The text, or - for standard input."`
	Language string `help:"Its language: en, zh." placeholder:"TAG"`
}

func (a *examplesAddCmd) Run(env *environment) error {
	text := a.Text
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(env.in, 64<<10))
		if err != nil {
			return fmt.Errorf("reading the text: %w", err)
		}
		text = strings.ToValidUTF8(string(b), "")
	}
	return addExamples(env, a.writeFlags, []classify.Example{{Class: a.Class, Text: text, Language: a.Language}})
}

// addExamples masks and stores examples, all or none of them.
func addExamples(env *environment, f writeFlags, in []classify.Example) error {
	c, st, err := f.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	set, err := app.LoadClasses(c)
	if err != nil {
		return err
	}
	if err := unknownClasses(set, in); err != nil {
		return err
	}
	es := storeExamples(in, f.who())
	if len(es) == 0 {
		return usagef("there is no text to learn from")
	}
	n, err := st.AddExamples(env.ctx, es, env.now())
	if err != nil {
		return err
	}
	env.printf("%d of %d examples are new; the daemon learns anew\n", n, len(es))
	return nil
}

type examplesMoveCmd struct {
	writeFlags
	Example int64  `arg:"" help:"The number of the example."`
	Class   string `arg:"" help:"Its right class."`
}

func (m *examplesMoveCmd) Run(env *environment) error {
	c, st, err := m.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	set, err := app.LoadClasses(c)
	if err != nil {
		return err
	}
	if err := oneOf("class", m.Class, set.Names()); err != nil {
		return err
	}
	if err := st.MoveExample(env.ctx, m.Example, m.Class, m.who(), env.now()); err != nil {
		return missing(err, fmt.Sprintf("example %d", m.Example), "`aftercare classes examples list` shows them")
	}
	env.printf("example %d is of class %s now\n", m.Example, m.Class)
	return nil
}

type examplesRemoveCmd struct {
	writeFlags
	Example int64 `arg:"" help:"The number of the example."`
}

func (r *examplesRemoveCmd) Run(env *environment) error {
	_, st, err := r.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.RemoveExample(env.ctx, r.Example, r.who(), env.now()); err != nil {
		return missing(err, fmt.Sprintf("example %d", r.Example), "`aftercare classes examples list` shows them")
	}
	env.printf("example %d is removed\n", r.Example)
	return nil
}

type examplesExportCmd struct {
	configFlag
	File    string `arg:"" optional:"" help:"Where to. Default: standard output." placeholder:"FILE"`
	BuiltIn bool   `help:"With those that ship with the program."`
}

func (x *examplesExportCmd) Run(env *environment) error {
	_, st, err := x.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	var out []classify.Example
	if x.BuiltIn {
		if out, err = classify.BuiltInExamples(); err != nil {
			return err
		}
	}
	rows, err := st.Examples(env.ctx, "")
	if err != nil {
		return err
	}
	for _, e := range rows {
		out = append(out, classify.Example{Class: e.Class, Text: e.Text, Language: e.Language, By: e.Who, At: e.At})
	}
	if x.File == "" {
		return classify.WriteTSV(env.out, out)
	}
	f, err := os.OpenFile(x.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	if err := errors.Join(classify.WriteTSV(f, out), f.Close()); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	env.printf("%d examples are in %s\n", len(out), x.File)
	return nil
}

type examplesImportCmd struct {
	writeFlags
	File string `arg:"" help:"The file: class TAB text a line, or the five columns of an export."`
}

func (i *examplesImportCmd) Run(env *environment) error {
	in, err := readExamples(i.File)
	if err != nil {
		return err
	}
	return addExamples(env, i.writeFlags, in)
}
