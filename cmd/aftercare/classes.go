package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/responder/classify"
	"aftercare/store"
)

type classesCmd struct {
	List     classesListCmd     `cmd:"" help:"List the classes, with what is missing for them."`
	Train    classesTrainCmd    `cmd:"" help:"Train the classifier now and keep the model for the next start."`
	Evaluate classesEvaluateCmd `cmd:"" help:"Measure how well a training on labelled texts classifies."`
	Examples examplesCmd        `cmd:"" help:"Look at the examples that corrections left, and work on them."`
}

// optionalConfig is the flag of commands that do without a configuration.
type optionalConfig struct {
	Config string `short:"c" help:"The configuration. Without it the built-in classes count." placeholder:"FILE"`
}

func (o optionalConfig) load() (*config.Config, error) {
	if o.Config == "" {
		return neutralConfig(nil)
	}
	return configFlag(o).load()
}

// examples are the built-in ones and, with a configuration whose database is there, the corrections of staff.
func (o optionalConfig) examples(env *environment, c *config.Config) ([]classify.Example, error) {
	built, err := classify.BuiltInExamples()
	if o.Config == "" || err != nil {
		return built, err
	}
	said, err := corrections(env, c)
	return append(built, said...), err
}

// corrections is what staff have said of mails, nothing where there is no database yet.
func corrections(env *environment, c *config.Config) ([]classify.Example, error) {
	st, err := storeIfThere(env.ctx, c)
	if err != nil || st == nil {
		return nil, err
	}
	defer st.Close()
	return app.Corrections(env.ctx, st)
}

type classesListCmd struct {
	optionalConfig
	JSON bool `help:"Print for programs."`
}

type classJSON struct {
	Class       string            `json:"class"`
	Description map[string]string `json:"description"`
	Mode        string            `json:"mode"`
	Urgency     string            `json:"urgency"`
	PersonHours float64           `json:"person_hours"`
	Priority    int               `json:"priority"`
	Claim       bool              `json:"claim"`
	OpensVisit  bool              `json:"opens_visit"`
	Fallback    bool              `json:"fallback"`
	Phrases     int               `json:"phrases"`
	Examples    int               `json:"examples"`
}

func (l *classesListCmd) Run(env *environment) error {
	c, err := l.load()
	if err != nil {
		return err
	}
	set, err := app.LoadClasses(c)
	if err != nil {
		return err
	}
	examples, err := l.examples(env, c)
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, e := range examples {
		count[e.Class]++
	}
	rows := make([]classJSON, 0, len(set.Classes))
	for _, k := range set.Classes {
		n := 0
		for _, ps := range k.Phrases {
			n += len(ps)
		}
		rows = append(rows, classJSON{k.Name, k.Description, string(k.Mode), string(k.Urgency), k.Window.Hours(), k.Priority, k.Claim, k.OpensVisit, k.Fallback, n, count[k.Name]})
	}
	problems := set.Problems(examples)
	if l.JSON {
		if problems == nil {
			problems = []string{}
		}
		return printJSON(env.out, map[string]any{"classes": rows, "problems": problems})
	}
	t := newTable("class", "reply", "urgency", "person", "phrases", "examples", "what it is")
	for _, r := range rows {
		person := "-"
		if r.PersonHours > 0 {
			person = strconv.FormatFloat(r.PersonHours, 'g', 3, 64) + " h"
		}
		t.add(r.Class, r.Mode, r.Urgency, person, strconv.Itoa(r.Phrases), strconv.Itoa(r.Examples), r.Description[c.Company.Language])
	}
	t.print(env.out)
	for _, p := range problems {
		env.printf("missing: %s\n", oneLine(p))
	}
	return nil
}

type classesTrainCmd struct{ configFlag }

func (*classesTrainCmd) Help() string {
	return "The running daemon trains by itself, in the background, whenever classes or examples change. This trains now: before a first start, or to see that it works."
}

func (t *classesTrainCmd) Run(env *environment) error {
	c, err := t.load()
	if err != nil {
		return err
	}
	set, err := app.LoadClasses(c)
	if err != nil {
		return err
	}
	said, err := corrections(env, c)
	if err != nil {
		return err
	}
	began := env.now()
	dir := filepath.Join(c.Data, "models")
	m, err := app.TrainModel(dir, set, said, classify.Options{Precision: c.Classes.Certainty})
	if m == nil {
		return fmt.Errorf("training: %w", err)
	}
	if err != nil {
		return err
	}
	env.printf("trained on %d examples of %d classes in %v; the model lies in %s\n", m.Examples(), len(set.Classes), env.now().Sub(began).Round(time.Millisecond), dir)
	return nil
}

// readExamples reads a file of labelled texts.
func readExamples(path string) ([]classify.Example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{fmt.Errorf("reading examples: %w", err)}
	}
	defer f.Close()
	return classify.ReadTSV(f, path)
}

// storeExamples turns examples of a file into those of the database: masked, and with who brought them.
func storeExamples(in []classify.Example, who string) []store.Example {
	out := make([]store.Example, 0, len(in))
	for _, e := range in {
		if text := strings.TrimSpace(classify.Mask(e.Text)); text != "" {
			out = append(out, store.Example{Class: e.Class, Language: e.Language, Text: text, Who: or(e.By, who), At: e.At})
		}
	}
	return out
}

// unknownClasses says which labels the set does not have.
func unknownClasses(set *classify.Set, in []classify.Example) error {
	var errs []error
	seen := map[string]bool{}
	for _, e := range in {
		if _, ok := set.Class(e.Class); !ok && !seen[e.Class] {
			seen[e.Class] = true
			errs = append(errs, oneOf("class", e.Class, set.Names()))
		}
	}
	return errors.Join(errs...)
}
