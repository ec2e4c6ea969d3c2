package templates

import (
	"strings"

	"golang.org/x/net/html"
)

// rules is what the checks look for, from rules/.
type rules struct {
	clients  []clientRule
	promises []promise
	fields   map[string][]string // variable to names that other systems use
}

// clientRule is something that a mail client drops or breaks: an element, an attribute or a piece of a style.
type clientRule struct {
	Tag       string `yaml:"tag"`
	Attribute string `yaml:"attribute"`
	Style     string `yaml:"style"`
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
	ld.yaml("rules/import.yaml", &r.fields)
}

// clients checks the HTML of a whole mail for what Outlook and Gmail drop. It gives each finding once.
func (r *rules) clientFaults(page string) []clientRule {
	var found []clientRule
	seen := map[int]bool{}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return found
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := z.Token()
		for i, rule := range r.clients {
			if !seen[i] && rule.hits(token) {
				seen[i] = true
				found = append(found, rule)
			}
		}
	}
}

func (rule clientRule) hits(t html.Token) bool {
	if rule.Tag != "" && rule.Tag != t.Data {
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
		if p.Language != t.Language || contains(p.Grants, t.Grant) {
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

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
