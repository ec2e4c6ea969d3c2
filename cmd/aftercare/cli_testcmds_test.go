package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/internal/mailtest/memory"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/store"
)

// startServers starts the two servers; "rewrite" makes the SMTP server rewrite Message-IDs, "noplus" refuse plus addresses,
// "nomove" leaves MOVE and UIDPLUS out, "lost" takes mail that never arrives.
func startServers(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("servers cannot be negated")
	}
	has := map[string]bool{}
	for _, a := range args {
		has[a] = true
	}
	users := map[string]string{"support": "secret"}
	im, err := memory.StartIMAP(memory.IMAPConfig{Users: users, NoMove: has["nomove"], NoUIDPlus: has["nomove"]})
	ts.Check(err)
	ts.Defer(func() { im.Close() })
	sc := memory.SMTPConfig{Users: users, RewriteMessageID: has["rewrite"]}
	if has["noplus"] {
		sc.OnRcpt = func(_, to string) memory.Verdict {
			if strings.Contains(to, "+") {
				return memory.Verdict{Code: 550, Text: "5.1.1 no such user"}
			}
			return memory.Verdict{}
		}
	}
	if !has["lost"] {
		sc.Deliver = func(d memory.Delivered) {
			if strings.HasPrefix(d.To[0], "support") {
				if _, err := im.Append("support", "INBOX", d.Data, time.Now()); err != nil {
					panic(err)
				}
			}
		}
	}
	sm, err := memory.StartSMTP(sc)
	ts.Check(err)
	ts.Defer(func() { sm.Close() })
	for name, addr := range map[string]string{"IMAP_PORT": im.Addr(), "SMTP_PORT": sm.Addr()} {
		ts.Setenv(name, addr[strings.LastIndexByte(addr, ':')+1:])
	}
}

// envsubst puts the values of $IMAP_PORT and $SMTP_PORT into a file; the file with the marks stays as FILE.in.
func envsubst(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: envsubst FILE")
	}
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path + ".in")
	if err != nil {
		text, err = os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path+".in", text, 0o600))
	}
	ts.Check(os.WriteFile(path, []byte(os.Expand(string(text), ts.Getenv)), 0o600))
}

// desk is the configured daemon without its loops.
type desk struct {
	config *config.Config
	engine *responder.Engine
	store  *store.Store
	uid    uint32
}

func openDesk(ts *testscript.TestScript) *desk {
	c, err := config.Load(ts.MkAbs("config.yaml"))
	ts.Check(err)
	ts.Check(os.MkdirAll(c.Data, 0o700))
	set, err := app.LoadClasses(c)
	ts.Check(err)
	tpl, err := app.LoadTemplates(c)
	ts.Check(err)
	key, err := app.SigningKey(c, true)
	ts.Check(err)
	e, err := app.NewEngine(c, app.Parts{Classes: set, Model: classify.PhraseModel(set), Templates: tpl, Key: key})
	ts.Check(err)
	st, err := store.Open(context.Background(), filepath.Join(c.Data, "aftercare.db"), store.Options{})
	ts.Check(err)
	d := &desk{config: c, engine: e, store: st}
	for after := int64(0); ; {
		ms, err := st.MessagesSince(context.Background(), after, time.Time{}, 1000)
		ts.Check(err)
		if len(ms) == 0 {
			return d
		}
		after = ms[len(ms)-1].ID
		d.uid = ms[len(ms)-1].Key.UID
	}
}

// receive puts mails on record. With -draft first, replies wait for a person.
func receive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: receive [-draft] TIME FILE...")
	}
	draft := args[0] == "-draft"
	if draft {
		args = args[1:]
	}
	now, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	d := openDesk(ts)
	defer d.store.Close()
	for _, name := range args[1:] {
		raw := []byte(ts.ReadFile(name))
		d.uid++
		r := mailbox.Raw{Key: mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: d.uid}, Internal: now, Size: int64(len(raw)), Body: bytes.NewReader(raw)}
		m := mailbox.Parse(r.Body, r.Size, mailbox.Limits{})
		decide := func(rd *responder.Reading, f responder.Facts) responder.Decision {
			out := d.engine.Decide(rd, f, now)
			for i := range out.Mails {
				out.Mails[i].Draft = out.Mails[i].Draft || draft && out.Mails[i].Lane == responder.LaneCustomer
			}
			return out
		}
		recs, err := d.store.Record(context.Background(), []store.Incoming{{Raw: r, Reading: d.engine.Read(&m, r, now)}}, decide, now)
		ts.Check(err)
		ts.Check(recs[0].Err)
	}
}

// quarantine records a mail whose reading failed.
func quarantine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: quarantine FILE")
	}
	d := openDesk(ts)
	defer d.store.Close()
	now := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	raw := []byte(ts.ReadFile(args[0]))
	d.uid++
	_, err := d.store.Record(context.Background(), []store.Incoming{{
		Raw: mailbox.Raw{Key: mailbox.Key{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: d.uid}, Internal: now, Size: int64(len(raw)), Body: bytes.NewReader(raw)},
		Err: errors.New("reading the message: panic: injected"),
	}}, nil, now)
	ts.Check(err)
}

// look makes a tick.
func look(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: look TIME")
	}
	now, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	d := openDesk(ts)
	defer d.store.Close()
	plan := d.engine.Plan
	_, err = d.store.Tick(context.Background(), now, store.TickRules{WindowSteps: plan.WindowSteps, VisitSteps: plan.VisitSteps})
	ts.Check(err)
}

// sentMail writes the bytes of the first mail to the customer of a case.
func sentMail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sent CASE FILE")
	}
	d := openDesk(ts)
	defer d.store.Close()
	id, ok := responder.ParseCase(args[0])
	if !ok {
		ts.Fatalf("%s is no case", args[0])
	}
	mails, err := d.store.MailsOfCase(context.Background(), id)
	ts.Check(err)
	for _, m := range mails {
		if m.Lane == responder.LaneCustomer {
			j, err := d.store.Job(context.Background(), m.ID)
			ts.Check(err)
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), j.Raw, 0o600))
			return
		}
	}
	ts.Fatalf("no mail to the customer of %s", args[0])
}

// accept puts the templates of a configuration on record.
func accept(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: accept CONFIG")
	}
	c, err := config.Load(ts.MkAbs(args[0]))
	ts.Check(err)
	set, err := app.LoadTemplates(c)
	ts.Check(err)
	files := map[string][]byte{}
	for _, name := range set.Files() {
		files[name] = set.Source(name)
	}
	st, err := store.Open(context.Background(), filepath.Join(c.Data, "aftercare.db"), store.Options{})
	ts.Check(err)
	defer st.Close()
	_, err = st.SaveTemplates(context.Background(), store.TemplateSet{Hash: set.Hash(), Who: "daemon"}, files, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	ts.Check(err)
}

// tick says what is due at a time.
func tick(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tick TIME")
	}
	now, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	d := openDesk(ts)
	defer d.store.Close()
	_, err = d.store.Tick(context.Background(), now, app.TickRules(d.config, d.engine))
	ts.Check(err)
}
