package app

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/store"
	"aftercare/templates"
)

// desk is the daemon without its servers: the configured engine, a store, and a clock that a test sets.
type desk struct {
	*App
	t     testing.TB
	clock time.Time
	uid   uint32
}

const deskConfig = `
company: {name: Example, time_zone: Asia/Shanghai}
signing_key: {env: DESK_SECRET}
mailboxes:
  - name: support
    address: support@example.com
    imap: {host: mail.example.com, password: {env: DESK_SECRET}}
staff:
  - {name: Duty, address: duty@staff.example}
  - {name: Lead, address: lead@staff.example}
  - {name: Wang Lei, address: wang@staff.example}
escalation: [Duty, Lead]
offices:
  - {name: Shanghai, city: 上海, province: 上海, staff: [Duty], centre: true}
  - {name: Nanjing, city: 南京, province: 江苏, staff: [Lead]}
`

// deskTemplates are the built-in templates, loaded once.
var deskTemplates = sync.OnceValues(func() (*templates.Set, error) { return templates.Load(templates.Default(), templates.Options{}) })

// deskClasses are the built-in classes, loaded once; deskBases what a configuration alone makes of an engine, by its text.
var (
	deskClasses = sync.OnceValues(classify.DefaultClasses)
	deskBases   sync.Map
)

// deskDatabase is a database with nothing in it, made once: to make one takes longer than most tests.
var deskDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "aftercare-desk")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "aftercare.db")
	s, err := store.Open(context.Background(), path, store.Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newDesk opens a desk of deskConfig with more keys, at 10:00 in Shanghai on a Tuesday.
func newDesk(t testing.TB, more string) *desk {
	t.Helper()
	return newDeskIn(t, "Asia/Shanghai", more)
}

// newDeskIn is newDesk of a company in another time zone.
func newDeskIn(t testing.TB, zone, more string) *desk {
	t.Helper()
	t.Setenv("DESK_SECRET", "0123456789abcdef0123456789abcdef")
	cfg, err := config.Parse(filepath.Join(t.TempDir(), "config.yaml"), []byte(strings.Replace(deskConfig, "Asia/Shanghai", zone, 1)+more))
	if err != nil {
		t.Fatal(err)
	}
	set, err := deskClasses()
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := deskTemplates()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, clock: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)}
	d.App = &App{cfg: cfg, now: func() time.Time { return d.clock }, boxes: map[string]*box{}}
	d.parts = Parts{Classes: set, Model: classify.PhraseModel(set), Templates: tpl, Key: []byte("0123456789abcdef0123456789abcdef")}
	d.parts.base = deskBase(t, cfg, zone+more, d.parts.Key)
	d.rebuild()
	empty, err := deskDatabase()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "aftercare.db")
	d.must(os.WriteFile(path, empty, 0o600))
	if d.store, err = store.Open(context.Background(), path, d.storeOptions()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// deskBase is made once for a configuration: most desks differ in what happens at them only.
func deskBase(t testing.TB, cfg *config.Config, text string, key []byte) *base {
	t.Helper()
	if b, ok := deskBases.Load(text); ok {
		return b.(*base)
	}
	b, err := newBase(cfg, key)
	if err != nil {
		t.Fatal(err)
	}
	deskBases.Store(text, b)
	return b
}

// rebuild makes the engine anew from the parts.
func (d *desk) rebuild() {
	d.t.Helper()
	e, err := NewEngine(d.cfg, d.parts)
	if err != nil {
		d.t.Fatal(err)
	}
	d.engine.Store(e)
}

// set moves the clock to a time of Shanghai.
func (d *desk) set(s string) {
	d.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, d.cfg.Company.Location)
	if err != nil {
		d.t.Fatal(err)
	}
	d.clock = at
}

// take puts a mail on record as a watcher of a folder would.
func (d *desk) take(folder string, sent bool, text string, headers ...string) store.Recorded {
	d.t.Helper()
	d.uid++
	h := []string{"From: Ann Lee <ann@client.example>", "To: support@example.com", "Subject: About our pump",
		fmt.Sprintf("Message-ID: <m%d@client.example>", d.uid), "Date: " + d.clock.Format(time.RFC1123Z), "Content-Type: text/plain; charset=utf-8"}
	for _, x := range headers {
		name, _, _ := strings.Cut(x, ":")
		h = slices.DeleteFunc(h, func(l string) bool { return strings.HasPrefix(l, name+":") })
		h = append(h, x)
	}
	raw := []byte(strings.Join(h, "\r\n") + "\r\n\r\n" + text + "\r\n")
	r := mailbox.Raw{Key: mailbox.Key{Account: "support", Folder: folder, UIDValidity: 1, UID: d.uid}, Internal: d.clock,
		Size: int64(len(raw)), Body: bytes.NewReader(raw), Sent: sent}
	e := d.engine.Load()
	m := mailbox.Parse(r.Body, r.Size, mailbox.DefaultLimits())
	in := store.Incoming{Raw: r, Reading: e.Read(&m, r, d.clock), Cursor: &d.uid}
	recs, err := d.store.Record(context.Background(), []store.Incoming{in}, func(r *responder.Reading, f responder.Facts) responder.Decision {
		return e.Decide(r, f, d.clock)
	}, d.clock)
	if err != nil {
		d.t.Fatal(err)
	}
	if recs[0].Err != nil {
		d.t.Fatal(recs[0].Err)
	}
	return recs[0]
}

// mail is a customer's mail in the inbox.
func (d *desk) mail(text string, headers ...string) store.Recorded {
	d.t.Helper()
	return d.take("INBOX", false, text, headers...)
}

// look makes a tick as the daemon does and returns what was said as "name recipient".
func (d *desk) look() []string {
	d.t.Helper()
	res, err := d.store.Tick(context.Background(), d.clock, d.tickRules())
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, s := range res.Steps {
		out = append(out, s.Name+" "+s.Recipient)
	}
	return out
}

// send lets the server accept everything that waits for customers, and returns the kinds.
func (d *desk) send() []string {
	d.t.Helper()
	ctx := context.Background()
	jobs, err := d.store.Claim(ctx, responder.LaneCustomer, 100, nil, d.clock)
	if err != nil {
		d.t.Fatal(err)
	}
	var kinds []string
	for _, j := range jobs {
		kinds = append(kinds, j.Kind)
		if err := d.store.Mark(ctx, []responder.Result{{ID: j.ID, Outcome: responder.OutcomeSent, At: d.clock, Code: 250}}, d.clock); err != nil {
			d.t.Fatal(err)
		}
	}
	return kinds
}

// file is a case as it stands.
func (d *desk) file(id int64) store.CaseFile {
	d.t.Helper()
	f, err := d.store.Case(context.Background(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return f
}

// must fails the test on an error.
func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// running are the open windows of a case by clock.
func (d *desk) running(id int64) (clocks []sla.Clock) {
	d.t.Helper()
	for _, w := range d.file(id).Windows {
		if w.Open() {
			clocks = append(clocks, w.Clock)
		}
	}
	return clocks
}

// sound fails the test where something on record must not be so.
func (d *desk) sound() {
	d.t.Helper()
	faults, err := d.store.Integrity(context.Background())
	d.must(err)
	for _, f := range faults {
		d.t.Errorf("%s: %s", f.About, f.What)
	}
}
