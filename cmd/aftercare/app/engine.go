package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/sla"
	"aftercare/templates"
)

// Parts is what an Engine is made of beside the configuration: what costs something to load, and can be swapped.
type Parts struct {
	Classes   *classify.Set
	Model     *classify.Model
	Templates *templates.Set
	Key       []byte
	Away      []sla.Absence // what staff have put on record, beside the configuration
	base      *base         // nil: NewEngine makes it
}

// base is what the configuration alone makes of an engine: made once, kept when the other parts are swapped.
type base struct {
	guard  *responder.Guard
	places *mailbox.Gazetteer
	finder *mailbox.FactFinder
}

func newBase(c *config.Config, key []byte) (*base, error) {
	guard, err := newGuard(c, key)
	if err != nil {
		return nil, err
	}
	places, finder, err := newFinder(c)
	if err != nil {
		return nil, err
	}
	return &base{guard, places, finder}, nil
}

// LoadClasses reads the configured classes, or the built-in ones.
func LoadClasses(c *config.Config) (*classify.Set, error) {
	if c.Classes.File == "" {
		return classify.DefaultClasses()
	}
	data, err := os.ReadFile(c.Classes.File)
	if err != nil {
		return nil, fmt.Errorf("reading the classes: %w", err)
	}
	return classify.LoadClasses(data, c.Classes.File)
}

// NewEngine builds the engine of a configuration.
func NewEngine(c *config.Config, p Parts) (*responder.Engine, error) {
	b := p.base
	if b == nil {
		var err error
		if b, err = newBase(c, p.Key); err != nil {
			return nil, err
		}
	}
	plan, err := c.Plan()
	if err != nil {
		return nil, err
	}
	plan.Away = append(plan.Away, p.Away...)
	freemail := freemailDomains(c)
	rc := responder.Config{
		Company: templates.Company{Name: c.Company.Name, Phone: c.Company.Phone, Email: c.Mailboxes[0].Address}, Country: c.Company.Country, Language: c.Company.Language, Zone: c.Company.Location,
		Plan: plan, MaxAge: c.Reply.MaxAge, Shadow: c.Mode == "shadow", RedirectTo: c.RedirectTo, Key: p.Key, OwnHosts: lower(c.Guard.OwnHosts),
		Caps:  responder.Caps{Case: c.Caps.Case, Sender2h: c.Caps.Sender2h, SenderDay: c.Caps.SenderDay, Domain1h: c.Caps.Domain, Total1h: c.Caps.Total, Freemail: freemail},
		Guard: b.guard, Finder: b.finder, Places: b.places, Model: p.Model, Templates: p.Templates,
	}
	for _, m := range c.Mailboxes {
		name := m.FromName
		if name == "" {
			name = c.Company.Name
		}
		rc.Accounts = append(rc.Accounts, responder.Account{Name: m.Name, Address: m.Address, FromName: name, Envelope: m.Envelope, Plus: m.Plus})
	}
	for _, s := range c.Staff {
		rc.Staff = append(rc.Staff, responder.Staff{Name: s.Name, Address: s.Address, Language: s.Language})
	}
	rc.Offices = Offices(c)
	return responder.NewEngine(rc)
}

// Offices are the configured offices as sla knows them.
func Offices(c *config.Config) []sla.Office {
	var out []sla.Office
	for _, o := range c.Offices {
		out = append(out, sla.Office{Name: o.Name, City: o.City, Province: o.Province, Phone: o.Phone, Centre: o.Centre})
	}
	return out
}

func newGuard(c *config.Config, key []byte) (*responder.Guard, error) {
	g := responder.GuardConfig{Own: c.Own(), StaffDomains: c.Guard.StaffDomains, TrustedLists: c.Guard.TrustedLists, TrustedForms: c.Guard.TrustedForms,
		AuthservIDs: c.Guard.AuthservIDs, TrustARC: c.Guard.TrustedARC, OwnHosts: lower(c.Guard.OwnHosts), Key: key}
	for _, s := range c.Staff {
		g.Staff = append(g.Staff, s.Address)
	}
	for _, r := range c.Guard.Spam {
		g.SpamHeaders = append(g.SpamHeaders, responder.SpamRule{Header: r.Header, Match: r.Match})
	}
	if c.Guard.Rules != "" {
		data, err := os.ReadFile(c.Guard.Rules)
		if err != nil {
			return nil, fmt.Errorf("reading the guard's rules: %w", err)
		}
		if g.Rules, err = responder.LoadGuardRules(data, c.Guard.Rules); err != nil {
			return nil, err
		}
	}
	return responder.NewGuard(g)
}

func newFinder(c *config.Config) (*mailbox.Gazetteer, *mailbox.FactFinder, error) {
	var extra io.Reader
	if c.Places != "" {
		data, err := os.ReadFile(c.Places)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the places: %w", err)
		}
		extra = strings.NewReader(string(data))
	}
	places, err := mailbox.LoadGazetteer(extra)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.Places, err)
	}
	patterns, err := mailbox.LoadFactPatterns(nil)
	if err != nil {
		return nil, nil, err
	}
	patterns.OwnPhones = append(patterns.OwnPhones, c.Company.Phone)
	for _, o := range c.Offices {
		patterns.OwnPhones = append(patterns.OwnPhones, o.Phone)
	}
	return places, mailbox.NewFactFinder(places, patterns), nil
}

func lower(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.ToLower(s)
	}
	return out
}

// Problems says what keeps a template set from being used, a line each.
func Problems(err error) []string {
	var ps templates.Problems
	if errors.As(err, &ps) {
		lines := make([]string, len(ps))
		for i, p := range ps {
			lines[i] = p.String()
		}
		return lines
	}
	if errors.Is(err, fs.ErrNotExist) {
		return []string{"the template folder does not exist"}
	}
	return []string{err.Error()}
}
