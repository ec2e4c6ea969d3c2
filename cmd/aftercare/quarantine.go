package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/store"
)

type quarantineCmd struct {
	List   quarantineListCmd   `cmd:"" help:"List the messages that could not be handled, oldest first."`
	Show   quarantineShowCmd   `cmd:"" help:"Show one, with what can be read of it."`
	Export quarantineExportCmd `cmd:"" help:"Write one to a file, byte for byte."`
	Retry  quarantineRetryCmd  `cmd:"" help:"Decide about one again, or about all."`
	Drop   quarantineDropCmd   `cmd:"" help:"End the quarantine of one that needs no answer."`
}

type quarantineListCmd struct{ readFlags }

func (l *quarantineListCmd) Run(env *environment) error {
	c, st, err := l.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	ms, err := st.Quarantined(env.ctx, 0)
	if err != nil {
		return err
	}
	if l.JSON {
		out := make([]messageJSON, 0, len(ms))
		for _, m := range ms {
			out = append(out, newMessageJSON(m))
		}
		return printJSON(env.out, out)
	}
	t := newTable("message", "received", "mailbox", "folder", "uid", "bytes", "why")
	for _, m := range ms {
		why := ""
		if len(m.Evidence) > 0 {
			why = m.Evidence[0]
		}
		t.add(strconv.FormatInt(m.ID, 10), shortTime(m.Clock, c.Company.Location), m.Key.Account, m.Key.Folder, strconv.FormatUint(uint64(m.Key.UID), 10), strconv.FormatInt(m.Size, 10), why)
	}
	t.print(env.out)
	return nil
}

type messageArg struct {
	Message int64 `arg:"" help:"The number of the message, as quarantine list shows it."`
}

func (a messageArg) find(env *environment, st *store.Store) (store.Message, error) {
	m, err := st.Message(env.ctx, a.Message)
	if err == nil && m.Disposition != responder.Quarantined {
		err = fmt.Errorf("message %d is not in quarantine: it is %s (%s)", m.ID, m.Disposition, m.Reason)
	}
	return m, missing(err, fmt.Sprintf("message %d", a.Message), "`aftercare quarantine list` shows them")
}

type quarantineShowCmd struct {
	readFlags
	messageArg
}

func (s *quarantineShowCmd) Run(env *environment) error {
	c, st, err := s.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	m, err := s.find(env, st)
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(env.out, newMessageJSON(m))
	}
	p := casePrinter{w: env.out, zone: c.Company.Location, now: env.now()}
	env.printf("message %d in quarantine\n", m.ID)
	p.line("received", "%s", shortTime(m.Clock, p.zone))
	p.line("lies in", "%s %s, UID %d (UIDVALIDITY %d)", m.Key.Account, m.Key.Folder, m.Key.UID, m.Key.UIDValidity)
	for _, e := range m.Evidence {
		p.line("why", "%s", e)
	}
	raw, err := st.Raw(env.ctx, m.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && raw.Size == 0 {
		p.line("text", "none of its bytes could be fetched: look at it on the mail server")
		return nil
	}
	if err != nil {
		return err
	}
	return showBytes(env.out, raw, limitsOf(c))
}

// showBytes shows what can be read; a mail that makes the reader panic shows its first lines as they are.
func showBytes(w io.Writer, raw *store.RawMessage, lim mailbox.Limits) (err error) {
	defer func() {
		if p := recover(); p != nil {
			head := make([]byte, 4<<10)
			n, _ := raw.ReadAt(head, 0) // what there is, is shown
			_, err = fmt.Fprint(w, indented(string(head[:n]), "    | "))
		}
	}()
	m := mailbox.Parse(raw, raw.Size, lim)
	from := m.Sender1()
	p := casePrinter{w: w}
	p.line("from", "%s %s", from.Name, from.Addr)
	p.line("subject", "%s", m.Subject)
	_, err = fmt.Fprint(w, indented(m.Body.New, "    | "))
	return err
}

type quarantineExportCmd struct {
	configFlag
	messageArg
	File string `arg:"" optional:"" help:"Where to. Default: standard output." placeholder:"FILE"`
}

func (x *quarantineExportCmd) Run(env *environment) error {
	_, st, err := x.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if _, err := x.find(env, st); err != nil {
		return err
	}
	raw, err := st.Raw(env.ctx, x.Message)
	if err != nil {
		return missing(err, fmt.Sprintf("the text of message %d", x.Message), "its bytes could not be fetched; look at it on the mail server")
	}
	if x.File == "" {
		_, err = io.Copy(env.out, raw)
		return err
	}
	f, err := os.OpenFile(x.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	_, err = io.Copy(f, raw)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	env.printf("message %d is in %s\n", x.Message, x.File)
	return nil
}

type quarantineDropCmd struct {
	writeFlags
	messageArg
	Why string `required:"" help:"Why it needs no answer, for the record." placeholder:"TEXT"`
}

func (d *quarantineDropCmd) Run(env *environment) error {
	_, st, err := d.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if _, err := d.find(env, st); err != nil {
		return err
	}
	if err := st.DropQuarantined(env.ctx, d.Message, d.who(), d.Why, env.now()); err != nil {
		return err
	}
	env.printf("message %d is on record as not answered\n", d.Message)
	return nil
}

type quarantineRetryCmd struct {
	writeFlags
	Message int64 `arg:"" optional:"" help:"The number of the message."`
	All     bool  `help:"Every message in quarantine."`
}

func (r *quarantineRetryCmd) Run(env *environment) error {
	if (r.Message == 0) == !r.All {
		return usagef("expected the number of a message, or --all")
	}
	c, st, err := r.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	e, err := storedEngine(env, c, st)
	if err != nil {
		return err
	}
	ms, err := r.messages(env, st)
	if err != nil {
		return err
	}
	failed := 0
	for _, m := range ms {
		rec, err := retryOne(env, c, st, e, m)
		switch {
		case err != nil:
			failed++
			env.printf("message %d stays in quarantine: %s\n", m.ID, oneLine(err.Error()))
		case rec.Case != 0:
			env.printf("message %d: %s (%s), %s\n", m.ID, rec.Disposition, rec.Reason, responder.FormatCase(rec.Case))
		default:
			env.printf("message %d: %s (%s)\n", m.ID, rec.Disposition, rec.Reason)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d messages stay in quarantine", failed, len(ms))
	}
	return nil
}

func (r *quarantineRetryCmd) messages(env *environment, st *store.Store) ([]store.Message, error) {
	if r.All {
		return st.Quarantined(env.ctx, 0)
	}
	m, err := messageArg{r.Message}.find(env, st)
	return []store.Message{m}, err
}

// storedEngine is the engine as the daemon has it: with the corrections of staff.
func storedEngine(env *environment, c *config.Config, st *store.Store) (*responder.Engine, error) {
	p, err := storedParts(env.ctx, c, st)
	if err != nil {
		return nil, err
	}
	return app.NewEngine(c, p)
}

func retryOne(env *environment, c *config.Config, st *store.Store, e *responder.Engine, m store.Message) (rec store.Recorded, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading it panicked again: %v", p)
		}
	}()
	raw, err := st.Raw(env.ctx, m.ID)
	if err != nil {
		return rec, missing(err, "its text", "fetch it by hand from the mail server")
	}
	now := env.now()
	parsed := mailbox.Parse(raw, raw.Size, limitsOf(c))
	r := e.Read(&parsed, mailbox.Raw{Key: m.Key, Internal: m.Clock, Size: raw.Size}, now)
	rec, err = st.Retry(env.ctx, m.ID, r, func(rd *responder.Reading, f responder.Facts) responder.Decision { return e.Decide(rd, f, now) }, now)
	return rec, errors.Join(err, rec.Err)
}
