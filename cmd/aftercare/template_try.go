package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/store"
)

type templateTryCmd struct {
	readFlags
	Dir     string `arg:"" help:"The folder with the changed templates." placeholder:"DIR"`
	Since   string `help:"Only messages recorded since this day or time. Default: 30 days ago." placeholder:"DATE"`
	Limit   int    `help:"At most so many messages." default:"5000"`
	Summary bool   `help:"Only the numbers, not the replies side by side."`
}

func (*templateTryCmd) Help() string {
	return "Every message of a person on record since then is answered twice in memory: by the templates in use and by those of the folder. Nothing is sent and nothing recorded. " +
		"What the message itself says counts, and what the contract records say today; caps and pauses play no part."
}

// tried is one message whose reply would differ.
type tried struct {
	Case    string         `json:"case"`
	Message int64          `json:"message"`
	Before  explainedReply `json:"before"`
	After   explainedReply `json:"after"`
	Old     string         `json:"template_before"`
	New     string         `json:"template_after"`
}

func (t *templateTryCmd) Run(env *environment) error {
	c, st, err := t.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	since, err := parseDay("--since", t.Since, c.Company.Location, env.now().AddDate(0, 0, -30))
	if err != nil {
		return err
	}
	now, changed, err := t.engines(env, c, st)
	if err != nil {
		return err
	}
	list := []tried{}
	n, looks, err := t.each(env, st, since, func(m store.Message, r *responder.Reading, reg responder.Registry) bool {
		a, b := firstReply(now, r, m, reg), firstReply(changed, r, m, reg)
		d, differs, look := compareReplies(m, a, b)
		if differs {
			list = append(list, d)
			if !t.JSON && !t.Summary {
				d.print(env.out)
			}
		}
		return look
	}, &tryReader{engine: now, limits: limitsOf(c)})
	if err != nil {
		return err
	}
	if t.JSON {
		return printJSON(env.out, map[string]any{"messages": n, "differ": list, "look_only": looks})
	}
	env.printf("%d messages, %d replies would say something else, %d would only look different\n", n, len(list), looks)
	return nil
}

// engines are two that differ in their templates only.
func (t *templateTryCmd) engines(env *environment, c *config.Config, st *store.Store) (now, changed *responder.Engine, err error) {
	set, err := app.LoadTemplateDir(c, t.Dir)
	if err != nil {
		return nil, nil, refusedSet(err)
	}
	p, err := storedParts(env.ctx, c, st)
	if err != nil {
		return nil, nil, err
	}
	open := *c
	open.Reply.MaxAge, open.Mode, open.RedirectTo = forever, "live", ""
	if now, err = app.NewEngine(&open, p); err != nil {
		return nil, nil, err
	}
	p.Templates = set
	changed, err = app.NewEngine(&open, p)
	return now, changed, err
}

// tryReader reads messages on record again.
type tryReader struct {
	engine *responder.Engine
	limits mailbox.Limits
}

// read is nil for what cannot be read any more.
func (x *tryReader) read(ctx context.Context, st *store.Store, m store.Message) (r *responder.Reading) {
	defer func() {
		if p := recover(); p != nil {
			r = nil // it is in quarantine for that
		}
	}()
	raw, err := st.Raw(ctx, m.ID)
	if err != nil {
		return nil
	}
	parsed := mailbox.Parse(raw, raw.Size, x.limits)
	return x.engine.Read(&parsed, mailbox.Raw{Key: m.Key, Internal: m.Clock, Size: raw.Size}, m.Recorded)
}

// each goes through the messages of people, with a word of progress now and then.
func (t *templateTryCmd) each(env *environment, st *store.Store, since time.Time, got func(store.Message, *responder.Reading, responder.Registry) bool, x *tryReader) (n, looks int, err error) {
	for after := int64(0); n < t.Limit; {
		page, err := st.MessagesSince(env.ctx, after, since, 500)
		if err != nil {
			return n, looks, err
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			after = m.ID
			if m.Case == 0 || m.Kind != responder.KindPerson || n == t.Limit {
				continue
			}
			r := x.read(env.ctx, st, m)
			if r == nil {
				continue
			}
			reg, err := st.Registry(env.ctx, store.QueryOf(r))
			if err != nil {
				return n, looks, err
			}
			n++
			if got(m, r, reg) {
				looks++
			}
			if n%50 == 0 {
				progress(env.err, "%d messages tried", n)
			}
			if env.ctx.Err() != nil {
				return n, looks, errStopped
			}
		}
	}
	progress(env.err, "")
	return n, looks, nil
}

// progress writes over the last line of a terminal how far a long command has come; elsewhere it says nothing.
func progress(w io.Writer, format string, args ...any) {
	f, ok := w.(*os.File)
	if !ok {
		return
	}
	if st, err := f.Stat(); err != nil || st.Mode()&os.ModeCharDevice == 0 {
		return
	}
	fmt.Fprintf(w, "\r\x1b[K"+format, args...)
}

// firstReply is the mail that a message would get if it were the first of its case; nil for none.
func firstReply(e *responder.Engine, r *responder.Reading, m store.Message, reg responder.Registry) *responder.Mail {
	d := e.Decide(r, responder.Facts{Key: m.Key, Internal: m.Clock, Message: m.ID, NextCase: m.Case, NextOutbox: 1, NextVisit: 1, Registry: reg}, m.Recorded)
	for i := range d.Mails {
		if d.Mails[i].Lane == responder.LaneCustomer {
			return &d.Mails[i]
		}
	}
	return nil
}

// compareReplies tells whether the words differ, and else whether the look does.
func compareReplies(m store.Message, a, b *responder.Mail) (d tried, differs, look bool) {
	d = tried{Case: responder.FormatCase(m.Case), Message: m.ID}
	if a != nil {
		d.Before, d.Old = *replyOf(a), a.Template
	}
	if b != nil {
		d.After, d.New = *replyOf(b), b.Template
	}
	if d.Before != d.After {
		return d, true, false
	}
	return d, false, a != nil && b != nil && a.TemplateVersion != b.TemplateVersion
}

const sideWidth = 58

// print writes the two replies side by side, a mark between lines that differ.
func (d *tried) print(w io.Writer) {
	fmt.Fprintf(w, "%s, message %d: %s -> %s\n", d.Case, d.Message, or(d.Old, "no reply"), or(d.New, "no reply"))
	side(w, d.Before.Subject, d.After.Subject)
	for _, p := range alignLines(strings.Split(d.Before.Text, "\n"), strings.Split(d.After.Text, "\n")) {
		side(w, p[0], p[1])
	}
	fmt.Fprintln(w)
}

func side(w io.Writer, a, b string) {
	a, b = cut(oneLine(a), sideWidth), cut(oneLine(b), sideWidth)
	mark := "|"
	if a != b {
		mark = "≠"
	}
	fmt.Fprintf(w, "  %s%s %s %s\n", a, strings.Repeat(" ", sideWidth-columns(a)), mark, b)
}

// maxAlign bounds the lines of a reply that are aligned; the cost grows with their square.
const maxAlign = 400

// alignLines puts the lines that both texts have beside each other (longest common subsequence).
func alignLines(a, b []string) [][2]string {
	a, b = a[:min(len(a), maxAlign)], b[:min(len(b), maxAlign)]
	long := make([][]int, len(a)+1)
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	var out [][2]string
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, [2]string{a[i], b[j]})
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			out = append(out, [2]string{a[i], ""})
			i++
		default:
			out = append(out, [2]string{"", b[j]})
			j++
		}
	}
	for ; i < len(a); i++ {
		out = append(out, [2]string{a[i], ""})
	}
	for ; j < len(b); j++ {
		out = append(out, [2]string{"", b[j]})
	}
	return out
}
