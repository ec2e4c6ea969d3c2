package config

import (
	"fmt"
	"os"
	"path/filepath"

	"aftercare/internal/strictyaml"
)

// Load reads and checks the file at path. The error is a strictyaml.Problems with every fault of the file, or says why the
// file could not be read. Relative paths in the file are taken from the folder that the file lies in.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse is Load on bytes; path names the file in messages and anchors relative paths.
func Parse(path string, data []byte) (*Config, error) {
	c := Default()
	doc := strictyaml.Decode(path, data, &c)
	for i := range c.Mailboxes {
		c.Mailboxes[i].fill()
	}
	c.resolve(filepath.Dir(path))
	c.check(doc)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// resolve makes the paths of the file absolute in relation to its folder.
func (c *Config) resolve(dir string) {
	paths := []*string{&c.Data, &c.SigningKey.File, &c.Guard.Rules, &c.Classes.File, &c.Templates.Dir, &c.Places, &c.Alerts.Webhook.URL.File, &c.Alerts.Ping.URL.File}
	for i := range c.Mailboxes {
		m := &c.Mailboxes[i]
		paths = append(paths, &m.IMAP.Password.File, &m.SMTP.Password.File, &m.IMAP.CAFile, &m.SMTP.CAFile,
			&m.IMAP.OAuth.ClientSecret.File, &m.IMAP.OAuth.RefreshToken.File, &m.SMTP.OAuth.ClientSecret.File, &m.SMTP.OAuth.RefreshToken.File)
		if f := m.Fallback; f != nil {
			paths = append(paths, &f.Password.File, &f.CAFile, &f.OAuth.ClientSecret.File, &f.OAuth.RefreshToken.File)
		}
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// Address returns the address of a staff member by name.
func (c *Config) Address(name string) (string, bool) {
	for _, s := range c.Staff {
		if s.Name == name {
			return s.Address, true
		}
	}
	return "", false
}

// Mailbox returns the mailbox of that name, or nil.
func (c *Config) Mailbox(name string) *Mailbox {
	for i := range c.Mailboxes {
		if c.Mailboxes[i].Name == name {
			return &c.Mailboxes[i]
		}
	}
	return nil
}

// Own returns every address that the watched mailboxes receive mail for.
func (c *Config) Own() []string {
	var own []string
	for _, m := range c.Mailboxes {
		own = append(own, m.Address)
		own = append(own, m.Aliases...)
	}
	return own
}
