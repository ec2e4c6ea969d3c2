package classify

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mode says what may be done with a reply to a message of a class.
type Mode string

// The reply modes: send at once, compose and hold for a person, or write nothing.
const (
	ModeSend Mode = "send"
	ModeHold Mode = "hold"
	ModeNone Mode = "none"
)

// Urgency orders the work of people; it changes no window.
type Urgency string

// The urgencies, from the most pressing down.
const (
	UrgencyHigh   Urgency = "high"
	UrgencyNormal Urgency = "normal"
	UrgencyLow    Urgency = "low"
)

// Class is one kind of message, as the class file states it.
type Class struct {
	Name        string            // as templates, cases and examples name it
	Priority    int               // of several intents the one with the highest priority leads; equal ones by score
	Claim       bool              // a claim or complaint: kept as a further intent on weaker evidence than others
	OpensVisit  bool              // a visit opens when the class leads or is a further intent
	Fallback    bool              // the class of messages that are none of the others; at most one in a set
	Urgency     Urgency           // of the case
	Window      time.Duration     // until a person has answered; 0: no such window
	Mode        Mode              // of the automatic reply
	Needs       []string          // facts that a person will ask for: serial, contract, phone, city, province
	Description map[string]string // for people, by language ("en", "zh")
	Phrases     map[string][]Phrase
}

// Phrase is a sequence of words that speaks for a class, or against it when its weight is negative.
//
// The text is words in order; "*" at the end of a word stands for any ending, "a|b" for either word, ".." for up to four
// words or Han characters in between. Case, apostrophes and full-width forms do not matter.
type Phrase struct {
	Text   string
	Weight float64
}

// Set is the classes in the order of their file, with the words of negation and contrast. It never changes.
type Set struct {
	Classes   []Class
	Languages []string // that descriptions, phrases and examples are wanted in
	grammar   grammar
	byName    map[string]int
	matcher   *matcher
	topics    int  // how many classes the phrases speak of
	own       bool // they are the classes of this set, one to one
}

// grammar holds the words that turn or weaken the phrases near them.
type grammar struct {
	negators []negator
	excepts  []string
	contrast []string
	concepts []concept
}

// concept is a group of words that mean alike: a feature for the learned part.
type concept struct {
	name  string
	words []string
}

const maxConcepts = 200

// negator is a word that turns a phrase which begins at most reach tokens after it, in the same clause.
type negator struct {
	text  string
	reach int
}

// newSet indexes the classes and compiles every phrase. Errors name the class and the phrase.
func newSet(classes []Class, languages []string, g grammar) (*Set, error) {
	s := &Set{Classes: classes, Languages: languages, grammar: g, byName: make(map[string]int, len(classes))}
	for i, c := range classes {
		s.byName[c.Name] = i
	}
	m, err := newMatcher(s)
	if err != nil {
		return nil, err
	}
	s.matcher, s.topics, s.own = m, len(classes), true
	return s, nil
}

// WithLabels makes a set of bare classes, one for each name, without priorities or fallback: what an evaluation of arbitrary
// labels trains on. The phrases of s remain as features (words of praise and of trouble tell other labels apart as well),
// but decide nothing by themselves. Names are kept in the order given; a repeated name counts once.
func (s *Set) WithLabels(names []string) *Set {
	t := &Set{byName: make(map[string]int), grammar: s.grammar, matcher: s.matcher, topics: s.topics}
	for _, n := range names {
		if _, ok := t.byName[n]; !ok {
			t.byName[n] = len(t.Classes)
			t.Classes = append(t.Classes, Class{Name: n, Urgency: UrgencyNormal, Mode: ModeHold})
		}
	}
	return t
}

// Class returns the class of that name.
func (s *Set) Class(name string) (Class, bool) {
	i, ok := s.byName[name]
	if !ok {
		return Class{}, false
	}
	return s.Classes[i], true
}

// Names returns the names of the classes in the order of the file.
func (s *Set) Names() []string {
	names := make([]string, len(s.Classes))
	for i, c := range s.Classes {
		names[i] = c.Name
	}
	return names
}

// Fallback returns the name of the class for messages that are none of the others, or "" when the set has none.
func (s *Set) Fallback() string {
	for _, c := range s.Classes {
		if c.Fallback {
			return c.Name
		}
	}
	return ""
}

// WantedExamples is how many examples a class should have in a language before the learned part is trusted with it.
const WantedExamples = 40

// Problems says in plain sentences what is missing for each class: descriptions, phrases, examples by language, and
// examples that name a class which the set does not have. It is empty when nothing is.
func (s *Set) Problems(examples []Example) []string {
	var out []string
	have := make(map[string]map[string]int)
	for _, e := range examples {
		if have[e.Class] == nil {
			have[e.Class] = make(map[string]int)
		}
		have[e.Class][e.Language]++
	}
	for _, c := range s.Classes {
		out = append(out, s.classProblems(c, have[c.Name])...)
	}
	if s.Fallback() == "" {
		out = append(out, "no class is marked fallback: a message that is none of the classes gets the nearest one, never certain")
	}
	var strangers []string
	for name := range have {
		if _, ok := s.byName[name]; !ok {
			strangers = append(strangers, name)
		}
	}
	slices.Sort(strangers)
	for _, name := range strangers {
		n := 0
		for _, k := range have[name] {
			n += k
		}
		out = append(out, fmt.Sprintf("%d examples name the class %q, which does not exist: move or remove them", n, name))
	}
	return out
}

func (s *Set) classProblems(c Class, have map[string]int) []string {
	var out []string
	for _, lang := range s.Languages {
		if strings.TrimSpace(c.Description[lang]) == "" {
			out = append(out, fmt.Sprintf("class %s: no description in %q", c.Name, lang))
		}
		if len(c.Phrases[lang]) == 0 && !c.Fallback {
			out = append(out, fmt.Sprintf("class %s: no phrases in %q", c.Name, lang))
		}
		if n := have[lang]; n < WantedExamples {
			out = append(out, fmt.Sprintf("class %s: %d examples in %q, %d are wanted", c.Name, n, lang, WantedExamples))
		}
	}
	return out
}
