package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/store"
	"aftercare/templates"
)

// rendering picks a template and the values that it is shown with.
type rendering struct {
	Name string  `arg:"" help:"A template as template list names it, or a class." placeholder:"NAME|CLASS"`
	Case caseArg `help:"With the values of this case. Default: sample values." placeholder:"CASE"`
	Lang string  `help:"The language of the samples, and of the template where a class is named." placeholder:"TAG"`
}

// render gives the mail that would be written.
func (r *rendering) render(env *environment, o optionalConfig) (*config.Config, *templates.Set, templates.Rendered, error) {
	var out templates.Rendered
	c, set, err := o.loadSet()
	if err != nil {
		return nil, nil, out, err
	}
	var f *store.CaseFile
	if r.Case != "" {
		if f, err = r.caseFile(env, o); err != nil {
			return nil, nil, out, err
		}
	}
	t, ok := set.Find(r.Name)
	if !ok {
		key := templates.Key{Class: r.Name, Language: or(r.Lang, c.Company.Language)}
		if f != nil {
			key = keyOf(&f.Case)
			key.Class, key.Language = r.Name, or(r.Lang, key.Language)
		}
		if err := oneOf("template", r.Name, append(set.Classes(), "or a name of `aftercare template list`")); err != nil {
			return nil, nil, out, err
		}
		t, _ = set.Choose(key)
	}
	v := templates.Sample(or(r.Lang, t.Language))
	if f != nil {
		if v, err = caseVars(c, set, f, env.now()); err != nil {
			return nil, nil, out, err
		}
	}
	out, err = set.Render(t, v)
	return c, set, out, err
}

func (r *rendering) caseFile(env *environment, o optionalConfig) (*store.CaseFile, error) {
	if o.Config == "" {
		return nil, usagef("--case needs the configuration: name it with -c")
	}
	id, err := r.Case.number()
	if err != nil {
		return nil, err
	}
	_, st, err := configFlag(o).openToRead(env.ctx)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	f, err := st.Case(env.ctx, id)
	return &f, missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
}

// caseVars are the values of a case, as a first reply to it would have them.
func caseVars(c *config.Config, set *templates.Set, f *store.CaseFile, now time.Time) (templates.Vars, error) {
	e, err := phraseEngine(c, set)
	if err != nil {
		return templates.Vars{}, err
	}
	var visit *sla.Visit
	if n := len(f.Visits); n > 0 {
		visit = &f.Visits[n-1]
	}
	return e.PreviewVars(f.Case, visit, now), nil
}

// phraseEngine is an engine that need not classify well: it composes.
func phraseEngine(c *config.Config, set *templates.Set) (*responder.Engine, error) {
	key, err := app.SigningKey(c, false)
	if err != nil {
		return nil, err
	}
	classes, err := app.LoadClasses(c)
	if err != nil {
		return nil, err
	}
	return app.NewEngine(c, app.Parts{Classes: classes, Model: classify.PhraseModel(classes), Templates: set, Key: key})
}

type templatePreviewCmd struct {
	optionalConfig
	rendering
	HTML bool   `name:"html" help:"The HTML part."`
	Text bool   `help:"The text part (default)."`
	Open bool   `help:"Show the HTML part in a browser."`
	Out  string `help:"Write the HTML part, or with --text the text, to a file." placeholder:"FILE"`
}

func (p *templatePreviewCmd) Run(env *environment) error {
	if p.HTML && p.Text {
		return usagef("--html and --text exclude each other")
	}
	_, _, r, err := p.render(env, p.optionalConfig)
	if err != nil {
		return err
	}
	switch {
	case p.Out != "":
		body := r.HTML
		if p.Text {
			body = r.Text
		}
		if err := os.WriteFile(p.Out, []byte(body), 0o644); err != nil {
			return fmt.Errorf("writing the preview: %w", err)
		}
		return nil
	case p.Open:
		return openHTML(env, r)
	case p.HTML:
		env.printf("%s\n", r.HTML)
		return nil
	}
	env.printf("Subject: %s\n", oneLine(r.Subject))
	for _, f := range r.Attachments {
		env.printf("Attachment: %s (%s, %d bytes)\n", oneLine(f.Name), f.Type, len(f.Data))
	}
	env.printf("\n%s\n", printable(r.Text))
	return nil
}

// openHTML writes the page to a file that stays, since the browser reads it later, and shows it.
func openHTML(env *environment, r templates.Rendered) error {
	dir, err := os.MkdirTemp("", "aftercare-preview-*")
	if err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	path := filepath.Join(dir, "preview.html")
	if err := os.WriteFile(path, []byte(r.HTML), 0o600); err != nil {
		return fmt.Errorf("writing the preview: %w", err)
	}
	env.printf("%s\n", path)
	ctx, cancel := context.WithTimeout(env.ctx, 10*time.Second)
	defer cancel()
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	if err := exec.CommandContext(ctx, opener, path).Run(); err != nil {
		return fmt.Errorf("no browser could be started (%w): open %s by hand", err, path)
	}
	return nil
}

type templateTestCmd struct {
	configFlag
	rendering
	To      string `required:"" help:"The address to send it to." placeholder:"ADDR"`
	Mailbox string `help:"The mailbox to send by. Default: the first." placeholder:"NAME"`
}

func (t *templateTestCmd) Run(env *environment) error {
	if !plainAddress(t.To) {
		return usagef("--to %q: expected an address such as you@example.com", t.To)
	}
	c, set, r, err := t.render(env, optionalConfig(t.configFlag))
	if err != nil {
		return err
	}
	m := &c.Mailboxes[0]
	if t.Mailbox != "" {
		if m = c.Mailbox(t.Mailbox); m == nil {
			return oneOf("--mailbox", t.Mailbox, mailboxNames(c))
		}
	}
	e, err := phraseEngine(c, set)
	if err != nil {
		return err
	}
	from, raw, err := e.Trial(m.Name, t.To, r, env.now())
	if err != nil {
		return err
	}
	server, err := app.SendServer(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(env.ctx, 2*probeTime)
	defer cancel()
	res, err := server.SendOne(ctx, from, t.To, raw)
	if err != nil {
		return err
	}
	if res.Outcome != responder.OutcomeSent {
		return fmt.Errorf("%s did not take the mail: %s", res.Server, res.Detail)
	}
	env.printf("%s took %s, version %s, to %s\n", res.Server, r.Name, r.Version, t.To)
	return nil
}
