// Package strictyaml reads a YAML file into a struct and reports everything that is wrong with it at once: unknown keys,
// keys set twice, wrong types and bad values, each with file, line, key, value and what was expected. The program's own
// checks add to the same list, so that an admin mends a file in one go. The YAML itself is parsed by goccy/go-yaml.
package strictyaml

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Problem is one thing wrong in a file.
type Problem struct {
	File  string
	Line  int // from 1; 0 when there is no place to point at
	Col   int // from 1, in characters; 0 when the whole line is meant
	Key   string
	Value string // "" where the value is missing or must not be shown
	Want  string
}

// Error says the problem on one line.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	return b.String() + ": " + p.What()
}

// What is the problem without its place: key, value and what was expected.
func (p Problem) What() string {
	var b strings.Builder
	if p.Key != "" {
		fmt.Fprintf(&b, "%s: ", p.Key)
	}
	if p.Value != "" {
		fmt.Fprintf(&b, "%q: ", clip(p.Value))
	}
	return b.String() + p.Want
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:77]) + "..."
	}
	return s
}

// Problems is an error of several lines, in the order of the file.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Doc is a file that was read. It knows where each key stands.
type Doc struct {
	File     string
	places   map[string]place // of each key
	fields   map[reflect.Type][]field
	problems Problems
}

// place is where a key stands, and its value: line and column, both from 1.
type place struct{ line, col, valueLine, valueCol int }

// Decode reads data into the struct that into points to, by the `yaml` tags of its fields. Fields of type time.Duration
// take "90s", "2h", "3d"; a field whose type is an encoding.TextUnmarshaler takes its own text, and its error is what was
// expected. Tag option "secret" keeps the value out of every message. What was read is kept even when there are problems;
// Err tells them.
func Decode(file string, data []byte, into any) *Doc {
	d := &Doc{File: file, places: make(map[string]place), fields: make(map[reflect.Type][]field)}
	if n, ok := readPlain(string(data)); ok {
		d.decode(&n, reflect.ValueOf(into).Elem(), "", false)
		return d
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		d.syntax(err)
		return d
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			n := fromTree(doc.Body)
			d.add(&n, "", "", "one YAML document, not several")
			continue
		}
		body = doc.Body
	}
	if body != nil {
		n := fromTree(body)
		d.decode(&n, reflect.ValueOf(into).Elem(), "", false)
	}
	return d
}

func (d *Doc) syntax(err error) {
	p := Problem{File: d.File, Want: err.Error()}
	var ye yaml.Error
	if errors.As(err, &ye) {
		p.Want = ye.GetMessage()
		if t := ye.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Col = t.Position.Line, t.Position.Column
		}
	}
	d.problems = append(d.problems, p)
}

// Line returns the line on which a key stands ("mailboxes[0].imap.host"), or that of the nearest key above it, or 0.
func (d *Doc) Line(key string) int {
	for key != "" {
		if p, ok := d.places[key]; ok {
			return p.line
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			break
		}
		key = key[:cut]
	}
	return 0
}

// Place returns the line and the column, in characters, at which the value of a key begins, or those of the key where it has
// none; 0 where the file does not name the key.
func (d *Doc) Place(key string) (line, col int) {
	p := d.places[key]
	if p.valueLine > 0 {
		return p.valueLine, p.valueCol
	}
	return p.line, p.col
}

// Bad adds a problem of the caller's own finding.
func (d *Doc) Bad(key, value, want string) {
	p := Problem{File: d.File, Line: d.Line(key), Key: key, Value: value, Want: want}
	if line, col := d.Place(key); line == p.Line {
		p.Col = col
	}
	d.problems = append(d.problems, p)
}

// Set tells whether the file names a key.
func (d *Doc) Set(key string) bool { _, ok := d.places[key]; return ok }

// Err returns every problem found so far as a Problems error ordered by line, or nil.
func (d *Doc) Err() error {
	if ps := d.Problems(); len(ps) > 0 {
		return ps
	}
	return nil
}

// Problems returns every problem found so far, ordered by line.
func (d *Doc) Problems() Problems {
	ps := append(Problems(nil), d.problems...)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].Line < ps[j].Line })
	return ps
}

func (d *Doc) add(n *node, key, value, want string) {
	d.problems = append(d.problems, Problem{File: d.File, Line: n.line, Col: n.col, Key: key, Value: value, Want: want})
}
