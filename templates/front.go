package templates

import (
	"strconv"
	"strings"

	"aftercare/internal/strictyaml"
)

// front is the front matter of a template, with the place of each value. Every value counts as it is written, whatever type
// YAML would make of it: 2024 and "no" are words here.
type front struct {
	class, language, entitlement, rung, grant, subject, note string
	attachments                                              []located
	off                                                      bool
	file                                                     string
	doc                                                      *strictyaml.Doc
}

type located struct {
	text string
	at   place
}

// frontYAML is the front matter as it is written.
type frontYAML struct {
	Class       string   `yaml:"class"`
	Language    string   `yaml:"language"`
	Entitlement string   `yaml:"entitlement"`
	Rung        string   `yaml:"rung"`
	Grant       string   `yaml:"grant"`
	Subject     string   `yaml:"subject"`
	Attachments []string `yaml:"attachments"`
	Note        string   `yaml:"note"`
	Off         bool     `yaml:"off"`
}

// splitFront parts a template into front matter and body; bodyLine is the line that the body begins on.
func splitFront(src string) (yamlText, body string, bodyLine int, ok bool) {
	rest, ok := strings.CutPrefix(src, "---\n")
	if !ok {
		return "", src, 1, false
	}
	if body, ok := strings.CutPrefix(rest, "---\n"); ok {
		return "", body, 3, true
	}
	end := strings.Index(rest, "\n---\n")
	if end < 0 {
		if t, ok := strings.CutSuffix(rest, "\n---"); ok {
			return t + "\n", "", strings.Count(src, "\n") + 1, true
		}
		return "", src, 1, false
	}
	return rest[:end+1], rest[end+5:], strings.Count(rest[:end+5], "\n") + 2, true
}

// readFront reads the front matter; false means that it has faults, which are reported.
func readFront(file, text string, rep *report) (*front, bool) {
	var y frontYAML
	// The YAML begins on line 2 of the file.
	doc, ok := readYAML(file, "\n"+text, &y, rep)
	if !ok {
		return nil, false
	}
	f := &front{file: file, doc: doc, off: y.Off, language: strings.ToLower(strings.TrimSpace(y.Language))}
	for _, v := range []struct {
		to   *string
		from string
	}{{&f.class, y.Class}, {&f.entitlement, y.Entitlement}, {&f.rung, y.Rung}, {&f.grant, y.Grant}, {&f.subject, y.Subject}, {&f.note, y.Note}} {
		*v.to = strings.TrimSpace(v.from)
	}
	for i, a := range y.Attachments {
		at, _ := f.at("attachments[" + strconv.Itoa(i) + "]")
		f.attachments = append(f.attachments, located{strings.TrimSpace(a), at})
	}
	return f, true
}

// at gives the place of a key's value, and whether the key is given.
func (f *front) at(key string) (place, bool) {
	line, col := f.doc.Place(key)
	return place{f.file, line, col}, line > 0
}

// readYAML reads one YAML file of the set, or a piece of one, strictly; false means that it has faults, which are reported.
func readYAML(file, text string, into any, rep *report) (*strictyaml.Doc, bool) {
	doc := strictyaml.Decode(file, []byte(text), into)
	for _, p := range doc.Problems() {
		rep.list = append(rep.list, Problem{File: file, Line: p.Line, Col: p.Col, What: p.What()})
	}
	return doc, len(doc.Problems()) == 0
}
