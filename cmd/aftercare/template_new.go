package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"aftercare/templates"
)

type templateNewCmd struct {
	optionalConfig
	Class       string `arg:"" help:"The class."`
	Lang        string `help:"The language. Default: the company's." placeholder:"TAG"`
	Entitlement string `help:"For this record only: in warranty, out of warranty or unknown." placeholder:"WORDS"`
	Rung        string `help:"For this rung only: repair, replacement or return." placeholder:"RUNG"`
	Dir         string `help:"The folder to write into. Default: the configured one; - prints it." placeholder:"DIR"`
	Force       bool   `help:"Write over a file that is there."`
}

func (n *templateNewCmd) Run(env *environment) error {
	c, set, err := n.loadSet()
	if err != nil {
		return err
	}
	lang := or(n.Lang, c.Company.Language)
	if err := oneOf("class", n.Class, set.Classes()); err != nil {
		return err
	}
	if err := oneOf("--lang", lang, set.Languages()); err != nil {
		return err
	}
	if n.Entitlement != "" {
		if err := oneOf("--entitlement", n.Entitlement, templates.Entitlements()); err != nil {
			return err
		}
	}
	if n.Rung != "" {
		if err := oneOf("--rung", n.Rung, templates.Rungs()); err != nil {
			return err
		}
	}
	file, source := set.New(n.Class, lang, n.Entitlement, n.Rung)
	return writeTemplate(env, or(n.Dir, c.Templates.Dir), file, source, n.Force)
}

// writeTemplate writes a new file of a set into a folder, or prints it.
func writeTemplate(env *environment, dir, file, source string, force bool) error {
	if dir == "-" {
		env.printf("%s", source)
		return nil
	}
	if dir == "" {
		return usagef("no folder is configured (templates.dir): name one with --dir, or --dir - prints the template")
	}
	path := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing the template: %w", err)
	}
	if _, err := os.Lstat(path); err == nil && !force {
		return fmt.Errorf("%s is there already: edit it, or write over it with --force", path)
	}
	// The daemon may read the folder at any moment: the file is there whole, or not yet.
	tmp, err := writeBeside(path, []byte(source))
	if err != nil {
		return fmt.Errorf("writing the template: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("writing the template: %w", errors.Join(err, os.Remove(tmp)))
	}
	env.printf("%s is written. Edit it; `aftercare template check` and `aftercare template preview` say what would come of it.\n", path)
	return nil
}

type templateImportCmd struct {
	optionalConfig
	File  string `arg:"" help:"The template of the other system: plain text or simple HTML; - is standard input."`
	Class string `required:"" help:"The class that it is for." placeholder:"CLASS"`
	Lang  string `help:"Its language. Default: the company's." placeholder:"TAG"`
	Dir   string `help:"The folder to write into. Default: it is printed." placeholder:"DIR" default:"-"`
	Force bool   `help:"Write over a file that is there."`
}

// maxImport bounds a template of another system.
const maxImport = 1 << 20

func (i *templateImportCmd) Run(env *environment) error {
	c, set, err := i.loadSet()
	if err != nil {
		return err
	}
	lang := or(i.Lang, c.Company.Language)
	if err := oneOf("--class", i.Class, set.Classes()); err != nil {
		return err
	}
	if err := oneOf("--lang", lang, set.Languages()); err != nil {
		return err
	}
	in := env.in
	if i.File != "-" {
		f, err := os.Open(i.File)
		if err != nil {
			return usageError{fmt.Errorf("reading the template: %w", err)}
		}
		defer f.Close()
		in = f
	}
	src, err := io.ReadAll(io.LimitReader(in, maxImport))
	if err != nil {
		return fmt.Errorf("reading the template: %w", err)
	}
	got := set.Import(i.Class, lang, strings.ToValidUTF8(string(src), "\ufffd"))
	for _, n := range got.Notes {
		fmt.Fprintf(env.err, "%s\n", oneLine(n))
	}
	return writeTemplate(env, i.Dir, got.File, got.Source, i.Force)
}
