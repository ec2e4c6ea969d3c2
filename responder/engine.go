package responder

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/templates"
)

// Account is one of our mailboxes, as the writer of its mails.
type Account struct {
	Name     string
	Address  string
	FromName string
	Envelope string // EnvelopeAccount, EnvelopeNull or EnvelopeVERP
	Plus     bool   // support+token@ reaches it: replies carry it as Reply-To
}

// The envelope senders of replies (RFC 5321, 4.5.5; RFC 3834, 3.3).
const (
	EnvelopeAccount = "account"
	EnvelopeNull    = "null"
	EnvelopeVERP    = "verp"
)

// Staff is one colleague who may be told.
type Staff struct {
	Name     string
	Address  string
	Language string
}

// Caps bound the automatic replies; see the keys of the same names in the configuration.
type Caps struct {
	Case     int
	Sender2h int
	SenderDay,
	Domain1h,
	Total1h int
	Freemail map[string]bool // domains that the domain cap does not concern
}

// Config is what an Engine is made of. All of it is taken over and must not change afterwards.
type Config struct {
	Accounts   []Account
	Company    templates.Company
	Country    string // ISO 3166, picks the line on statutory rights
	Language   string // of staff without one of their own
	Zone       *time.Location
	Plan       sla.Plan
	Offices    []sla.Office
	Staff      []Staff
	Caps       Caps
	MaxAge     time.Duration // older messages get no automatic reply
	Shadow     bool          // decide and record, send nothing to customers
	RedirectTo string        // every mail to a customer goes here instead
	Key        []byte        // signs our Message-IDs
	OwnHosts   []string
	Guard      *Guard
	Finder     *mailbox.FactFinder
	Places     *mailbox.Gazetteer // nil: names of places are compared as they are written
	Model      *classify.Model
	Templates  *templates.Set
	Thanks     *Thanks // nil: the built-in words
}

// Engine decides. It is an immutable value: to change a rule, a template or the model, make another one and swap it
// whole. It may be used from any number of goroutines.
type Engine struct {
	Config
	accounts map[string]Account
	staff    map[string]Staff
	offices  []sla.Office // with the names of places as the gazetteer has them
}

// NewEngine checks that the parts fit together.
func NewEngine(c Config) (*Engine, error) {
	switch {
	case c.Guard == nil || c.Finder == nil || c.Model == nil || c.Templates == nil:
		return nil, errors.New("an engine needs a guard, a fact finder, a model and templates")
	case len(c.Key) < 16:
		return nil, errors.New("an engine needs a signing key of 16 bytes or more")
	case len(c.Accounts) == 0:
		return nil, errors.New("an engine needs an account to write as")
	}
	if c.Thanks == nil {
		c.Thanks = NewThanks("")
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	e := &Engine{Config: c, accounts: map[string]Account{}, staff: map[string]Staff{}}
	for _, a := range c.Accounts {
		if !strings.Contains(a.Address, "@") {
			return nil, fmt.Errorf("account %s: %q is no address", a.Name, a.Address)
		}
		e.accounts[a.Name] = a
	}
	for _, s := range c.Staff {
		e.staff[strings.ToLower(s.Address)] = s
	}
	e.offices = inGazetteer(c.Places, c.Offices)
	return e, nil
}

// account returns the account of that name, or the first one for a name that is not configured any more.
func (e *Engine) account(name string) Account {
	if a, ok := e.accounts[name]; ok {
		return a
	}
	return e.Accounts[0]
}

// Read says what a message says by itself. now bounds the clock: nothing arrived later.
func (e *Engine) Read(m *mailbox.Message, raw mailbox.Raw, now time.Time) *Reading {
	r := &Reading{
		Message: m,
		Verdict: e.Guard.Judge(m, raw.Junk),
		Clock:   ClockStart(raw.Internal, m, e.OwnHosts, now),
		Arrived: Arrived(raw.Internal, m, now),
		Hash:    m.Hash,
	}
	if raw.Sent {
		r.Verdict = e.Guard.JudgeSent(m)
	}
	r.Hints = e.Guard.Hints(m)
	if m.MessageID == "" {
		r.Hash = m.ContentHash(raw.Internal)
	}
	if r.Verdict.Kind.Machine() {
		return r // nothing that a machine writes is classified: no case comes of it
	}
	words, quoted := m.Body.ForClassifier()
	r.Language = mailbox.Language(words)
	if r.Language == "und" {
		r.Language = mailbox.Language(m.Subject)
	}
	r.Facts = e.Finder.Find(m)
	r.Thanks = len(m.Attachments) == 0 && e.Thanks.Only(m.Body.New)
	text := words
	if !quoted || !e.ownSubject(m) {
		text = m.Subject + "\n" + words
	}
	r.Class = e.Model.Classify(text, r.Language)
	if quoted {
		r.Class.Because = append(r.Class.Because, "read from the forwarded or quoted words, since the new ones say nothing")
	}
	return r
}

// ownSubject tells whether the subject is one that we gave: it says nothing of what the customer wants now.
func (e *Engine) ownSubject(m *mailbox.Message) bool { return len(ParseTags(m.Subject)) > 0 }
