package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/store"
)

type checkCmd struct {
	configFlag
	Offline  bool          `help:"Check the files only; no server is asked."`
	SendTest string        `help:"Send a test mail to this address from each mailbox, and one from each mailbox to itself." placeholder:"ADDR"`
	Mailbox  []string      `help:"Only these mailboxes (repeatable). Default: all." placeholder:"NAME"`
	Wait     time.Duration `help:"How long to wait for a test mail to come back." default:"60s"`
	JSON     bool          `help:"Print the findings for programs."`
}

func (*checkCmd) Help() string {
	return "Reads configuration, classes and templates and says everything that is wrong with them. Then it logs in to each mailbox's servers and says what they " +
		"can do and what the daemon will therefore do. Nothing is changed anywhere. With --send-test mails are sent: the round trip, plus addresses, and whether the " +
		"Message-ID stays as we wrote it, are then known and not guessed. Exit status 1 when something would keep the daemon from its work."
}

// The levels of a finding.
const (
	fine    = "ok"
	hint    = "hint"    // worth a thought; the daemon works
	problem = "problem" // the daemon cannot do its work, or not all of it
)

// finding is one thing that check has to say.
type finding struct {
	About string `json:"about"`
	Level string `json:"level"`
	Text  string `json:"text"`
}

// findings gathers what check finds, and prints each at once where a person waits.
type findings struct {
	list []finding
	show func(finding)
}

func (f *findings) add(about, level, format string, args ...any) {
	x := finding{about, level, oneLine(fmt.Sprintf(format, args...))}
	f.list = append(f.list, x)
	f.show(x)
}

func (f *findings) count(level string) int {
	n := 0
	for _, x := range f.list {
		if x.Level == level {
			n++
		}
	}
	return n
}

func (k *checkCmd) Run(env *environment) error {
	if k.Offline && k.SendTest != "" {
		return usagef("--offline and --send-test exclude each other")
	}
	if k.SendTest != "" && !plainAddress(k.SendTest) {
		return usagef("--send-test %q: expected an address such as you@example.com", k.SendTest)
	}
	f := &findings{show: func(x finding) { env.printf("%-8s %-18s %s\n", x.Level, x.About, x.Text) }}
	if k.JSON {
		f.show = func(finding) {}
	}
	if err := k.check(env, f); err != nil {
		return err
	}
	bad := f.count(problem)
	if k.JSON {
		if err := printJSON(env.out, map[string]any{"ok": bad == 0, "findings": f.list}); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d findings would keep the daemon from its work", bad, len(f.list))
	}
	return nil
}

func (k *checkCmd) check(env *environment, f *findings) error {
	c, err := config.Load(k.Config)
	if errors.Is(err, os.ErrNotExist) {
		return usagef("%s does not exist: name the configuration with -c", k.Config)
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			f.add("config", problem, "%s", strings.TrimSpace(line))
		}
		return nil
	}
	boxes, err := k.boxes(c)
	if err != nil {
		return err
	}
	f.add("config", fine, "%s: %d mailboxes, %d staff, %d offices", k.Config, len(c.Mailboxes), len(c.Staff), len(c.Offices))
	k.files(env.ctx, c, f)
	alertHints(c, f)
	if k.Offline {
		return nil
	}
	for _, m := range boxes {
		checkIMAP(env.ctx, m, f)
		reached := checkSMTP(env.ctx, m, f)
		if k.SendTest != "" && reached && env.ctx.Err() == nil {
			k.sendTests(env, c, m, f)
		}
	}
	return env.ctx.Err()
}

// boxes are the mailboxes to look at.
func (k *checkCmd) boxes(c *config.Config) ([]*config.Mailbox, error) {
	var out []*config.Mailbox
	if len(k.Mailbox) == 0 {
		for i := range c.Mailboxes {
			out = append(out, &c.Mailboxes[i])
		}
		return out, nil
	}
	for _, name := range k.Mailbox {
		m := c.Mailbox(name)
		if m == nil {
			return nil, usagef("--mailbox %q: the configuration has %s", name, strings.Join(mailboxNames(c), ", "))
		}
		out = append(out, m)
	}
	return out, nil
}

func mailboxNames(c *config.Config) []string {
	var names []string
	for _, m := range c.Mailboxes {
		names = append(names, m.Name)
	}
	return names
}

// files checks what lies beside the configuration: classes with their examples, templates, rules, key and data folder.
func (k *checkCmd) files(ctx context.Context, c *config.Config, f *findings) {
	var p app.Parts
	var err error
	if p.Key, err = app.SigningKey(c, false); err != nil {
		f.add("signing key", problem, "%v", err)
		p.Key = make([]byte, 32)
	}
	k.data(c, f)
	if p.Classes, err = app.LoadClasses(c); err != nil {
		for line := range strings.Lines(err.Error()) {
			f.add("classes", problem, "%s", strings.TrimSpace(line))
		}
	} else {
		k.classes(ctx, c, p, f)
	}
	if p.Templates, err = app.CheckTemplates(c); err != nil {
		for _, line := range app.Problems(err) {
			f.add("templates", problem, "%s", line)
		}
	} else {
		f.add("templates", fine, "%d templates in %s", len(p.Templates.Templates()), strings.Join(p.Templates.Languages(), ", "))
		for _, w := range p.Templates.Warnings() {
			f.add("templates", hint, "%s", w.String())
		}
	}
	if p.Classes == nil || p.Templates == nil {
		return
	}
	if p.Model, err = modelWithoutStore(c, p.Classes); err != nil {
		f.add("classes", problem, "the classifier cannot be trained: %v", err)
		return
	}
	if _, err := app.NewEngine(c, p); err != nil {
		f.add("rules", problem, "%v", err)
	}
}

func (k *checkCmd) classes(ctx context.Context, c *config.Config, p app.Parts, f *findings) {
	st, err := storeIfThere(ctx, c)
	if err != nil {
		f.add("database", problem, "%v", err)
	}
	if st != nil {
		defer st.Close()
	}
	examples, err := app.AllExamples(ctx, st)
	if err != nil {
		f.add("classes", problem, "%v", err)
		return
	}
	f.add("classes", fine, "%d classes, %d examples", len(p.Classes.Classes), len(p.Classes.For(examples)))
	for _, line := range p.Classes.Problems(examples) {
		f.add("classes", hint, "%s", line)
	}
}

// storeIfThere opens the database for reading; nil when there is none yet.
func storeIfThere(ctx context.Context, c *config.Config) (*store.Store, error) {
	path := filepath.Join(c.Data, "aftercare.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return store.Open(ctx, path, store.Options{ReadOnly: true})
}

func (k *checkCmd) data(c *config.Config, f *findings) {
	st, err := os.Stat(c.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.add("data", fine, "%s is made at the first start", c.Data)
	case err != nil:
		f.add("data", problem, "%v", err)
	case !st.IsDir():
		f.add("data", problem, "%s is no folder", c.Data)
	}
}

// alertHints says what the operator would not hear of, and what is set in a way that most would not want for good.
func alertHints(c *config.Config, f *findings) {
	a := c.Alerts
	switch other := a.Webhook.URL.Given() || len(a.Command) > 0; {
	case len(a.Mail) == 0 && !other:
		f.add("alerts", hint, "nobody is told when the program itself is in trouble: configure alerts.webhook or alerts.command, and alerts.mail")
	case !other:
		f.add("alerts", hint, "alerts go by mail only: when mail is what fails, nobody hears of it. Configure alerts.webhook or alerts.command too")
	}
	if !a.Ping.URL.Given() {
		f.add("alerts", hint, "nothing notices when the whole machine stops: alerts.ping.url names a service that expects a sign of life")
	}
	if c.Mode == "shadow" {
		f.add("mode", hint, "shadow: everything is decided and recorded, and nothing is sent to customers")
	}
	if c.RedirectTo != "" {
		f.add("mode", hint, "redirect_to: every mail to a customer goes to %s", c.RedirectTo)
	}
}
