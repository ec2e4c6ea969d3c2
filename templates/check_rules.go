package templates

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// rules is what the checks look for, from rules/.
type rules struct {
	clients  []clientRule
	promises []promise
}

// clientRule is something that a mail client drops or breaks: an element, an attribute or a piece of a style.
type clientRule struct {
	Tag       string `yaml:"tag"`
	Attribute string `yaml:"attribute"`
	Style     string `yaml:"style"`
	Sheet     string `yaml:"sheet"` // in a <style> element
	Who       string `yaml:"who"`
	Instead   string `yaml:"instead"`
	Refuse    bool   `yaml:"refuse"`
}

// promise is a phrase that only a template with one of the grants may use.
type promise struct {
	Language string   `yaml:"language"`
	Phrases  []string `yaml:"phrases"`
	Grants   []string `yaml:"grants"`
}

func (r *rules) read(ld *loader) {
	ld.yaml("rules/clients.yaml", &r.clients)
	ld.yaml("rules/promises.yaml", &r.promises)
	var fields map[string][]string
	ld.yaml("rules/import.yaml", &fields)
	ld.set.fields = map[string]string{}
	for ours, names := range fields {
		if _, ok := lookup(ours); !ok {
			ld.report.unknown(place{file: "rules/import.yaml"}, ours, namesFor(everyone), "unknown variable %q", ours)
		}
		for _, name := range names {
			ld.set.fields[normalName(name)] = ours
		}
	}
}

// checkClients looks in HTML for what Outlook and Gmail drop, and reports each finding once, on its line.
func (ld *loader) checkClients(page string, at place) {
	seen := map[int]bool{}
	found := func(i, line int) {
		rule := ld.rules.clients[i]
		if seen[i] {
			return
		}
		seen[i] = true
		where := place{file: at.file, line: at.line + line}
		if rule.Refuse {
			ld.report.add(where, "%s", rule)
		} else {
			ld.report.warn(where, "%s", rule)
		}
	}
	line, inSheet := 0, false
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		lines := strings.Count(string(z.Raw()), "\n")
		token := z.Token()
		for i, rule := range ld.rules.clients {
			start := kind == html.StartTagToken || kind == html.SelfClosingTagToken
			if start && rule.hits(token) || kind == html.TextToken && inSheet && rule.Sheet != "" && strings.Contains(token.Data, rule.Sheet) {
				found(i, line)
			}
		}
		inSheet = kind == html.StartTagToken && token.Data == "style"
		line += lines
	}
}

func (rule clientRule) hits(t html.Token) bool {
	if rule.Sheet != "" || rule.Tag != "" && rule.Tag != t.Data {
		return false
	}
	if rule.Attribute == "" && rule.Style == "" {
		return true
	}
	for _, a := range t.Attr {
		if rule.Attribute != "" && rule.Attribute == a.Key {
			return true
		}
		if rule.Style != "" && a.Key == "style" && strings.Contains(strings.ReplaceAll(strings.ToLower(a.Val), " ", ""), rule.Style) {
			return true
		}
	}
	return false
}

func (rule clientRule) String() string {
	what := "style " + rule.Style
	switch {
	case rule.Attribute != "":
		what = "attribute " + rule.Attribute
	case rule.Sheet != "":
		what = rule.Sheet
	case rule.Style == "":
		what = "<" + rule.Tag + ">"
	}
	s := what + " does not survive in " + rule.Who
	if rule.Instead != "" {
		s += ": " + rule.Instead
	}
	return s
}

// promised finds a phrase that the grant of a template does not cover.
func (r *rules) promised(t Template, text string) (string, bool) {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, p := range r.promises {
		if p.Language != t.Language || slices.Contains(p.Grants, t.Grant) {
			continue
		}
		for _, phrase := range p.Phrases {
			if strings.Contains(text, phrase) {
				return phrase, true
			}
		}
	}
	return "", false
}
