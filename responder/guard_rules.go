package responder

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

//go:embed data/guard.yaml
var builtInGuardRules []byte

// GuardRules is what the guard knows a machine by: header fields, senders, subjects and phrases, all of them data. The
// value is compiled and never changes.
type GuardRules struct {
	headers  map[string][]headerRule // by lower-case field name
	families []familyRule            // for field names with a star
	senders  []senderRule
	subjects phraseRules
	bodies   phraseRules
	programs []string        // what X-Mailer and User-Agent of people's mail programs hold, folded
	replies  []string        // subject prefixes of answers, folded: "re:"
	forwards []string        // subject prefixes of forwards, folded: "fw:"
	marks    map[string]bool // fields on mail that a rule passed on, lower case
}

// rulesFile is the shape of the YAML file; see the comments at the head of data/guard.yaml.
type rulesFile struct {
	Headers  []headerYAML `yaml:"headers"`
	Senders  []senderYAML `yaml:"senders"`
	Subjects []phraseYAML `yaml:"subjects"`
	Bodies   []phraseYAML `yaml:"bodies"`
	Programs []string     `yaml:"mail_programs"`
	Replies  []string     `yaml:"reply_prefixes"`
	Forwards []string     `yaml:"forward_prefixes"`
	Marks    []string     `yaml:"rule_forward_marks"`
}

type headerYAML struct {
	Names  []string `yaml:"names"`
	Is     []string `yaml:"is"`
	Has    []string `yaml:"has"`
	Not    []string `yaml:"not"`
	Kind   string   `yaml:"kind"`
	Weight string   `yaml:"weight"`
	Alone  string   `yaml:"alone"`
	List   bool     `yaml:"list"`
}

type senderYAML struct {
	In     []string `yaml:"in"`
	Local  []string `yaml:"local"`
	Raw    []string `yaml:"raw"`
	Name   []string `yaml:"name"`
	Domain []string `yaml:"domain"`
	Kind   string   `yaml:"kind"`
	Weight string   `yaml:"weight"`
	Alone  string   `yaml:"alone"`
	List   bool     `yaml:"list"`
}

type phraseYAML struct {
	Lang   string   `yaml:"lang"`
	Start  []string `yaml:"start"`
	Whole  []string `yaml:"whole"`
	Head   []string `yaml:"head"`
	Any    []string `yaml:"any"`
	Kind   string   `yaml:"kind"`
	Weight string   `yaml:"weight"`
	Alone  string   `yaml:"alone"`
	Action string   `yaml:"action"`
}

// DefaultGuardRules returns the built-in rules.
func DefaultGuardRules() (*GuardRules, error) { return LoadGuardRules(builtInGuardRules, "guard.yaml") }

// LoadGuardRules reads rules in the form of the built-in file. It is strict: an unknown key, a kind or weight that does
// not exist, or an empty rule is an error; all errors are returned at once, each with file, line, key and value.
func LoadGuardRules(data []byte, file string) (*GuardRules, error) {
	var doc rulesFile
	if err := yaml.UnmarshalWithOptions(data, &doc, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("reading guard rules: %s: %w", file, err)
	}
	c := ruleCompiler{file: file, data: data}
	r := &GuardRules{headers: map[string][]headerRule{}, marks: map[string]bool{}}
	for i, h := range doc.Headers {
		rule := c.header(fmt.Sprintf("$.headers[%d]", i), h)
		rule.id = i + 1
		for _, n := range h.Names {
			name := strings.ToLower(strings.TrimSpace(n))
			if strings.Contains(name, "*") {
				r.families = append(r.families, familyRule{newPattern(name), rule})
				continue
			}
			r.headers[name] = append(r.headers[name], rule)
		}
	}
	for i, s := range doc.Senders {
		r.senders = append(r.senders, c.sender(fmt.Sprintf("$.senders[%d]", i), s))
	}
	r.subjects = c.phrases("$.subjects", doc.Subjects)
	r.bodies = c.phrases("$.bodies", doc.Bodies)
	r.programs = foldedAll(doc.Programs)
	r.replies = foldedAll(doc.Replies)
	r.forwards = foldedAll(doc.Forwards)
	for _, m := range doc.Marks {
		r.marks[strings.ToLower(m)] = true
	}
	if len(c.errs) > 0 {
		return nil, fmt.Errorf("reading guard rules: %w", errors.Join(c.errs...))
	}
	return r, nil
}

func foldedAll(in []string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		if f := folded(s); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// ruleCompiler turns the file's rules into their working form and collects what is wrong with them.
type ruleCompiler struct {
	file string
	data []byte
	errs []error
}

// fail notes an error at the place that path names in the file.
func (c *ruleCompiler) fail(path, value, want string) {
	line := 0
	if f, err := parser.ParseBytes(c.data, 0); err == nil {
		if p, err := yaml.PathString(path); err == nil {
			if n, err := p.FilterFile(f); err == nil && n.GetToken() != nil {
				line = n.GetToken().Position.Line
			}
		}
	}
	c.errs = append(c.errs, fmt.Errorf("%s:%d: %s: %q: %s", c.file, line, strings.TrimPrefix(path, "$."), value, want))
}
