package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
)

type explainCmd struct {
	Path   string   `arg:"" help:"A mail, a folder with mails (all files below it, by path), or - for one mail on standard input." placeholder:"FILE|DIR|-"`
	Config string   `short:"c" help:"Decide by this configuration. Without it by the built-in rules, classes and templates." placeholder:"FILE"`
	Own    []string `help:"An address that is ours (repeatable), where no configuration says it. Default support@localhost." placeholder:"ADDR"`
	JSON   bool     `help:"One JSON object a line, for programs."`
}

func (*explainCmd) Help() string {
	return "Says what would happen with a mail and why. Asks no server and no database: each mail is taken as if it had just arrived and nothing " +
		"else were on record, so its age, the caps and the case that it may belong to play no part. Exit status 1 when a file could not be read. " +
		"What the kinds and reasons mean stands in docs/reading-mail.md."
}

func (x *explainCmd) Run(env *environment) error {
	c, err := x.config()
	if err != nil {
		return err
	}
	ex, err := newExplainer(c, x.Config != "")
	if err != nil {
		return err
	}
	ex.now = env.now()
	out := bufio.NewWriterSize(env.out, 64<<10)
	show := func(e *explained) { e.print(out) }
	if x.JSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		show = func(e *explained) { _ = enc.Encode(e) } // out keeps the error
	}
	failed, total := 0, 0
	err = x.each(env, ex, func(e *explained) {
		total++
		if e.Error != "" {
			failed++
			fmt.Fprintf(env.err, "aftercare: %s\n", oneLine(e.Error))
		}
		if e.read {
			show(e)
		}
	})
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d mails could not be explained", failed, total)
	}
	return nil
}

// config is the configuration to decide by, or one that knows nothing but our own addresses.
func (x *explainCmd) config() (*config.Config, error) {
	if x.Config != "" {
		if len(x.Own) > 0 {
			return nil, usagef("--own and -c exclude each other: the configuration names our addresses")
		}
		return configFlag{x.Config}.load()
	}
	return neutralConfig(x.Own)
}

// neutralConfig is what commands decide by that need no configuration: the defaults, and our own addresses.
func neutralConfig(own []string) (*config.Config, error) {
	if len(own) == 0 {
		own = []string{"support@localhost"}
	}
	for _, a := range own {
		if !plainAddress(a) {
			return nil, usagef("--own %q: expected an address such as support@example.com", a)
		}
	}
	c := config.Default()
	c.Company.Name, c.Company.Location = "Customer Service", time.UTC
	c.Mailboxes = []config.Mailbox{{Name: "support", Address: own[0], Aliases: own[1:], Envelope: responder.EnvelopeAccount}}
	return &c, nil
}

// explainer explains mails; it may be used from many goroutines.
type explainer struct {
	engine *responder.Engine
	limits mailbox.Limits
	max    int64
	now    time.Time
}

// forever is an age that no mail reaches: explain asks what a mail is, not how old it is.
const forever = 290 * 365 * 24 * time.Hour

func newExplainer(c *config.Config, configured bool) (*explainer, error) {
	set, err := app.LoadClasses(c)
	if err != nil {
		return nil, err
	}
	tpl, err := app.LoadTemplates(c)
	if err != nil {
		return nil, fmt.Errorf("the templates are not usable:\n%w", err)
	}
	model, err := modelWithoutStore(c, set)
	if err != nil {
		return nil, err
	}
	key := []byte("no key: nothing is signed or sent")
	if configured {
		if key, err = app.SigningKey(c, false); err != nil {
			return nil, err
		}
	}
	undated := *c
	undated.Reply.MaxAge = forever
	e, err := app.NewEngine(&undated, app.Parts{Classes: set, Model: model, Templates: tpl, Key: key})
	if err != nil {
		return nil, err
	}
	return &explainer{engine: e, limits: limitsOf(c), max: c.Limits.Message}, nil
}

// modelWithoutStore is the model of the built-in examples; corrections of staff lie in the database, which is not asked.
func modelWithoutStore(c *config.Config, set *classify.Set) (*classify.Model, error) {
	if c.Classes.File == "" && c.Classes.Certainty == config.Default().Classes.Certainty {
		return builtInModel()
	}
	return app.NewModel(set, nil, classify.Options{Precision: c.Classes.Certainty})
}

func limitsOf(c *config.Config) mailbox.Limits {
	l := mailbox.DefaultLimits()
	l.Depth, l.Parts, l.HeaderBytes, l.Text = c.Limits.Depth, c.Limits.Parts, c.Limits.HeaderBytes, c.Limits.Text
	return l
}

// explain reads one mail and decides about it. A panic is the mail's fault: the daemon would quarantine it.
func (x *explainer) explain(file string, body io.ReaderAt, size int64) (e *explained) {
	defer func() {
		if p := recover(); p != nil {
			e = &explained{File: file, Reason: responder.ReasonQuarantined, read: true, Error: fmt.Sprintf("%s: reading it panicked: %v", file, p)}
		}
	}()
	m := mailbox.Parse(body, size, x.limits)
	at := responder.Arrived(time.Time{}, &m, x.now)
	raw := mailbox.Raw{Key: mailbox.Key{Account: x.engine.Accounts[0].Name, Folder: "INBOX", UIDValidity: 1, UID: 1}, Internal: at, Size: size, Body: body}
	r := x.engine.Read(&m, raw, at)
	d := x.engine.Decide(r, responder.Facts{Key: raw.Key, Internal: at, Message: 1, NextCase: 1, NextOutbox: 1, NextVisit: 1}, at)
	e = newExplained(file, r, &d)
	if !dated(&m) {
		e.Received = "" // nothing in the mail says when
	}
	return e
}

func dated(m *mailbox.Message) bool {
	for _, r := range m.Received {
		if !r.Time.IsZero() {
			return true
		}
	}
	return !m.Date.IsZero()
}

// explainFile explains a file of any size up to the limit of a message.
func (x *explainer) explainFile(path string) *explained {
	f, err := os.Open(path)
	if err != nil {
		return &explained{File: path, Error: err.Error()}
	}
	defer f.Close()
	st, err := f.Stat()
	if err == nil && st.Size() > x.max {
		err = fmt.Errorf("%s: %d bytes: the limit of a message is %d (limits.message)", path, st.Size(), x.max)
	}
	if err != nil {
		return &explained{File: path, Error: err.Error()}
	}
	return x.explain(path, f, st.Size())
}
