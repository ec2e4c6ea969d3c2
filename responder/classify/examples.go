package classify

import (
	"embed"
	"fmt"
	"strings"
	"time"
)

// Example is one text whose class is known: built in, or a correction by staff.
type Example struct {
	Class    string
	Text     string
	Language string    // "en", "zh", ...; "" when unknown
	By       string    // who said so; "" for the built-in ones
	At       time.Time // when; zero for the built-in ones
	Also     []string  // further intents that the text expresses as well; the machine learns them as it learns Class
}

// The built-in examples: one file a language, named after it.
// Beside them lie sentences that speak for no class: greetings, who writes, what was bought when.
//
//go:embed examples/*.tsv examples/*.neutral
var builtIn embed.FS

// neutralSentences returns the built-in sentences that speak for no class.
func neutralSentences() ([]string, error) {
	files, err := builtIn.ReadDir("examples")
	if err != nil {
		return nil, fmt.Errorf("reading the neutral sentences: %w", err)
	}
	var out []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".neutral") {
			continue
		}
		data, err := builtIn.ReadFile("examples/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the neutral sentences: %w", err)
		}
		for line := range strings.Lines(string(data)) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out, nil
}

// BuiltInExamples returns the examples that ship with the program, for its default classes. The slice is the caller's.
func BuiltInExamples() ([]Example, error) {
	files, err := builtIn.ReadDir("examples")
	if err != nil {
		return nil, fmt.Errorf("reading the built-in examples: %w", err)
	}
	var out []Example
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".tsv") {
			continue
		}
		file, err := builtIn.Open("examples/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the built-in examples: %w", err)
		}
		list, err := ReadTSV(file, f.Name())
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("reading the built-in examples: %w", err)
		}
		for _, e := range list {
			e.Language = strings.TrimSuffix(f.Name(), ".tsv")
			out = append(out, e)
		}
	}
	return out, nil
}

// For returns those of the examples whose class the set has: what is left of the built-in ones when an administrator has
// removed or renamed a class.
func (s *Set) For(examples []Example) []Example {
	var out []Example
	for _, e := range examples {
		if _, ok := s.byName[e.Class]; ok {
			out = append(out, e)
		}
	}
	return out
}
