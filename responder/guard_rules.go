package responder

import (
	_ "embed"
	"fmt"
	"strings"

	"aftercare/internal/strictyaml"
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
	var rules rulesFile
	c := ruleCompiler{strictyaml.Decode(file, data, &rules)}
	r := &GuardRules{headers: map[string][]headerRule{}, marks: map[string]bool{}}
	for i, h := range rules.Headers {
		rule := c.header(fmt.Sprintf("headers[%d]", i), h)
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
	for i, s := range rules.Senders {
		r.senders = append(r.senders, c.sender(fmt.Sprintf("senders[%d]", i), s))
	}
	r.subjects = c.phrases("subjects", rules.Subjects)
	r.bodies = c.phrases("bodies", rules.Bodies)
	r.programs = foldedAll(rules.Programs)
	r.replies = foldedAll(rules.Replies)
	r.forwards = foldedAll(rules.Forwards)
	for _, m := range rules.Marks {
		r.marks[strings.ToLower(m)] = true
	}
	if err := c.doc.Err(); err != nil {
		return nil, fmt.Errorf("reading guard rules: %w", err)
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

// ruleCompiler turns the file's rules into their working form and notes what is wrong with them beside what the reading found.
type ruleCompiler struct{ doc *strictyaml.Doc }

// fail notes an error at a key of the file.
func (c *ruleCompiler) fail(key, value, want string) { c.doc.Bad(key, value, want) }
