package templates

import (
	"slices"
	"sync"
)

// Template is one template of a set: what it is for, and where it came from. It is a small value; the compiled part belongs
// to the set.
type Template struct {
	Name        string // file name without folder and .md: "repair.in-warranty.zh"
	Class       string
	Language    string
	Entitlement string // "" is any
	Rung        string // "" is any
	Grant       string
	Note        string // for admins
	File        string // path in the set
	// Version is a hash of all that a mail made from it depends on: the file, its parts, language, layout and attachments.
	Version string
	work    *work
}

// Set is a set of templates that passed its checks. It never changes.
type Set struct {
	templates []Template // by name
	byName    map[string]Template
	bySlot    map[slot]Template
	languages map[string]*language
	classes   []string // of the language files, sorted
	fallback  string
	required  []string
	startTags map[string]string
	statutory []statutory
	logo      File
	files     map[string][]byte
	fields    map[string]string // other systems' names, for Import
	warnings  Problems
	hash      string
	scratch   *sync.Pool // of *execution, for Render
}

// slot is what exactly a template is for.
type slot struct{ class, language, entitlement, rung string }

// staffNotice is the mail to staff for a step that has no template of its own.
const staffNotice = "notice"

func staffName(kind, lang string) string { return "staff/" + kind + "." + lang }

// Templates lists all templates by name, those for staff with the prefix "staff/".
func (s *Set) Templates() []Template { return slices.Clone(s.templates) }

// Find gives a template by its name.
func (s *Set) Find(name string) (Template, bool) {
	t, ok := s.byName[name]
	return t, ok
}

// Hash names the whole set: every file in it, and nothing else. Two sets with one hash render alike.
func (s *Set) Hash() string { return s.hash }

// Warnings lists what was found and did not stop the set from being accepted.
func (s *Set) Warnings() Problems { return slices.Clone(s.warnings) }

// Languages lists the tags of all languages that the set has a language file for.
func (s *Set) Languages() []string { return slices.Sorted(mapsKeys(s.languages)) }

// Classes lists the classes that the set knows, the situations such as ClassAckFurther among them.
func (s *Set) Classes() []string { return slices.Clone(s.classes) }

// Words gives what a class is called in a language, as {{understood}} says it; "" when the set does not know.
func (s *Set) Words(class, lang string) string {
	for _, tag := range append(tagsDown(lang), s.fallback) {
		if l := s.languages[tag]; l != nil {
			return l.Classes[class]
		}
	}
	return ""
}

func (s *Set) logoLink() string {
	if s.logo.CID == "" {
		return ""
	}
	return "cid:" + s.logo.CID
}
