package classify

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"aftercare/internal/strictyaml"
)

//go:embed classes.yaml
var defaultClasses []byte

// fileSet is the class file as it is written.
type fileSet struct {
	Languages []string            `yaml:"languages"`
	Weights   map[string]float64  `yaml:"weights"`
	Negations []fileNegation      `yaml:"negations"`
	Excepts   []string            `yaml:"not_negations"`
	Contrast  []string            `yaml:"contrast"`
	Concepts  map[string][]string `yaml:"concepts"`
	Classes   []fileClass         `yaml:"classes"`
}

type fileNegation struct {
	Reach int      `yaml:"reach"`
	Words []string `yaml:"words"`
}

type fileClass struct {
	Name        string                         `yaml:"name"`
	Priority    int                            `yaml:"priority"`
	Claim       bool                           `yaml:"claim"`
	OpensVisit  bool                           `yaml:"opens_visit"`
	Fallback    bool                           `yaml:"fallback"`
	Urgency     string                         `yaml:"urgency"`
	Window      string                         `yaml:"window"`
	Mode        string                         `yaml:"mode"`
	Needs       []string                       `yaml:"needs"`
	Description map[string]string              `yaml:"description"`
	Phrases     map[string]map[string][]string `yaml:"phrases"`
}

// DefaultClasses returns the classes that ship with the program.
func DefaultClasses() (*Set, error) {
	return LoadClasses(defaultClasses, "classes.yaml")
}

// LoadClasses reads a class file strictly: an unknown key, a wrong type or a bad value is an error that names the file, the
// line, the key and the value and says what was expected; all of them at once. The file name serves the messages only.
func LoadClasses(data []byte, file string) (*Set, error) {
	var f fileSet
	r := &reader{doc: strictyaml.Decode(file, data, &f)}
	set := r.set(f)
	if err := r.doc.Err(); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", file, r.err)
	}
	return set, nil
}

// reader turns the file's values into a Set and notes what is wrong with them.
type reader struct {
	doc *strictyaml.Doc
	err error // of the set as a whole
}

// bad records that the value at a key ("classes[2].mode") is not what was expected.
func (r *reader) bad(key, value, expected string) {
	r.doc.Bad(strings.TrimPrefix(key, "$."), value, "expected "+expected)
}

// factNames are the facts that a class may need; templates ask the customer for those that are missing.
var factNames = []string{"serial", "contract", "phone", "city", "province"}

var className = regexp.MustCompile(`^[\pL\pN][\pL\pN_-]{0,39}$`)

func (r *reader) set(f fileSet) *Set {
	if len(f.Classes) == 0 {
		r.bad("$.classes", "", "at least one class")
	}
	if len(f.Classes) > maxClasses {
		r.bad("$.classes", fmt.Sprint(len(f.Classes)), fmt.Sprintf("at most %d classes", maxClasses))
	}
	var classes []Class
	seen := make(map[string]bool)
	fallback := ""
	for i, fc := range f.Classes {
		at := fmt.Sprintf("$.classes[%d]", i)
		if seen[fc.Name] {
			r.bad(at+".name", fc.Name, "a name that no other class has")
		}
		seen[fc.Name] = true
		if fc.Fallback && fallback != "" {
			r.bad(at+".fallback", "true", "one fallback class; "+fallback+" is one already")
		}
		if fc.Fallback {
			fallback = fc.Name
		}
		classes = append(classes, r.class(fc, at, f.Weights))
	}
	g := r.grammar(f)
	if r.doc.Err() != nil {
		return nil
	}
	s, err := newSet(classes, f.Languages, g)
	r.err = err
	return s
}

func (r *reader) class(fc fileClass, at string, weights map[string]float64) Class {
	c := Class{
		Name: fc.Name, Priority: fc.Priority, Claim: fc.Claim, OpensVisit: fc.OpensVisit, Fallback: fc.Fallback,
		Urgency: Urgency(fc.Urgency), Mode: Mode(fc.Mode), Needs: fc.Needs, Description: fc.Description,
		Phrases: make(map[string][]Phrase, len(fc.Phrases)),
	}
	if !className.MatchString(fc.Name) {
		r.bad(at+".name", fc.Name, "letters, digits, _ and -, at most 40")
	}
	switch c.Urgency {
	case UrgencyHigh, UrgencyNormal, UrgencyLow:
	case "":
		c.Urgency = UrgencyNormal
	default:
		r.bad(at+".urgency", fc.Urgency, "high, normal or low")
	}
	switch c.Mode {
	case ModeSend, ModeHold, ModeNone:
	default:
		r.bad(at+".mode", fc.Mode, "send, hold or none")
	}
	for j, n := range fc.Needs {
		if !slices.Contains(factNames, n) {
			r.bad(fmt.Sprintf("%s.needs[%d]", at, j), n, "one of "+strings.Join(factNames, ", "))
		}
	}
	if fc.Window != "" && fc.Window != "none" {
		d, err := time.ParseDuration(fc.Window)
		if err != nil || d <= 0 || d > 90*24*time.Hour {
			r.bad(at+".window", fc.Window, `a duration such as "4h", at most 2160h, or none`)
		}
		c.Window = d
	}
	for lang, groups := range fc.Phrases {
		for strength, texts := range groups {
			w, ok := weights[strength]
			if !ok {
				r.bad(fmt.Sprintf("%s.phrases.%s.%s", at, lang, strength), strength, "one of the strengths under weights")
			}
			for j, t := range texts {
				if _, err := compilePhrase(t); err != nil {
					r.bad(fmt.Sprintf("%s.phrases.%s.%s[%d]", at, lang, strength, j), t, err.Error())
				}
				c.Phrases[lang] = append(c.Phrases[lang], Phrase{Text: t, Weight: w})
			}
		}
		sortPhrases(c.Phrases[lang])
	}
	return c
}

func (r *reader) grammar(f fileSet) grammar {
	g := grammar{excepts: f.Excepts, contrast: f.Contrast}
	for i, n := range f.Negations {
		if n.Reach < 1 || n.Reach > 20 {
			r.bad(fmt.Sprintf("$.negations[%d].reach", i), fmt.Sprint(n.Reach), "1 to 20")
		}
		for j, w := range n.Words {
			r.check(fmt.Sprintf("$.negations[%d].words[%d]", i, j), w)
			g.negators = append(g.negators, negator{w, n.Reach})
		}
	}
	for j, w := range f.Excepts {
		r.check(fmt.Sprintf("$.not_negations[%d]", j), w)
	}
	for _, name := range sortedKeys(f.Concepts) {
		c := concept{name: name, words: f.Concepts[name]}
		for j, w := range c.words {
			r.check(fmt.Sprintf("$.concepts.%s[%d]", name, j), w)
		}
		g.concepts = append(g.concepts, c)
	}
	if len(g.concepts) > maxConcepts {
		r.bad("$.concepts", fmt.Sprint(len(g.concepts)), fmt.Sprintf("at most %d concepts", maxConcepts))
	}
	for j, w := range f.Contrast {
		r.check(fmt.Sprintf("$.contrast[%d]", j), w)
	}
	return g
}

func (r *reader) check(path, text string) {
	if _, err := compilePhrase(text); err != nil {
		r.bad(path, text, err.Error())
	}
}
