package templates

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// front is the front matter of a template, with the place of each value.
type front struct {
	class, language, entitlement, rung, grant, subject, note string
	attachments                                              []located
	off                                                      bool
	file                                                     string
	at                                                       map[string]place
}

type located struct {
	text string
	at   place
}

var frontKeys = []string{"class", "language", "entitlement", "rung", "grant", "subject", "attachments", "note", "off"}

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

// readFront reads the front matter, key by key, so that each problem has its line and column.
func readFront(file, text string, rep *report) (*front, bool) {
	tree, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		at := yamlPlace(file, err)
		at.line++
		rep.add(at, "front matter: %s", yamlMessage(err))
		return nil, false
	}
	f := &front{file: file, at: map[string]place{}}
	ok := true
	for _, doc := range tree.Docs {
		for _, pair := range mappingOf(doc.Body) {
			ok = f.set(file, pair, rep) && ok
		}
	}
	return f, ok
}

func mappingOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func (f *front) set(file string, pair *ast.MappingValueNode, rep *report) bool {
	key := pair.Key.GetToken().Value
	keyAt := nodePlace(file, pair.Key)
	if !slices.Contains(frontKeys, key) {
		rep.unknown(keyAt, key, frontKeys, "unknown key %q", key)
		return false
	}
	if _, twice := f.at[key]; twice {
		rep.add(keyAt, "%s: is given twice", key)
		return false
	}
	at := nodePlace(file, pair.Value)
	f.at[key] = at
	if key == "attachments" {
		return f.setAttachments(file, pair.Value, rep)
	}
	value, ok := scalar(pair.Value)
	if !ok {
		rep.add(at, "%s: expected one word or line", key)
		return false
	}
	switch key {
	case "class":
		f.class = value
	case "language":
		f.language = strings.ToLower(value)
	case "entitlement":
		f.entitlement = value
	case "rung":
		f.rung = value
	case "grant":
		f.grant = value
	case "subject":
		f.subject = value
	case "note":
		f.note = value
	case "off":
		off, err := strconv.ParseBool(value)
		if err != nil {
			rep.add(at, "off: is %q, expected true or false", value)
			return false
		}
		f.off = off
	}
	return true
}

func (f *front) setAttachments(file string, n ast.Node, rep *report) bool {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if _, null := n.(*ast.NullNode); null {
			return true
		}
		rep.add(nodePlace(file, n), "attachments: expected a list of paths inside the template folder")
		return false
	}
	for _, item := range seq.Values {
		text, ok := scalar(item)
		if !ok {
			rep.add(nodePlace(file, item), "attachments: expected a path")
			return false
		}
		f.attachments = append(f.attachments, located{text, nodePlace(file, item)})
	}
	return true
}

// scalar gives a YAML value as it was written, whatever type YAML would make of it: 2024 or "no" are words here.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.NullNode:
		return "", true
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return "", false
	case ast.ScalarNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

// nodePlace gives the place of a front matter node in its file: the YAML begins on line 2.
func nodePlace(file string, n ast.Node) place {
	p := n.GetToken().Position
	return place{file: file, line: p.Line + 1, col: p.Column}
}

// yamlPlace finds where a YAML error lies.
func yamlPlace(file string, err error) place {
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		p := located.GetToken().Position
		return place{file: file, line: p.Line, col: p.Column}
	}
	return place{file: file}
}

var yamlPosition = regexp.MustCompile(`^\[\d+:\d+\] `)

// yamlMessage is the first line of a YAML error, without the position that Problem carries anyway.
func yamlMessage(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return yamlPosition.ReplaceAllString(first, "")
}
