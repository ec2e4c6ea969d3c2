package templates

import (
	"fmt"
	"strings"
)

// New gives a commented start for a template of a class in a language, and the path it belongs at. The body is that of the
// set's own template for the class, in that language or the fallback, so that the admin begins with something that passes.
// entitlement and rung may be "".
func (s *Set) New(class, lang, entitlement, rung string) (file, source string) {
	lang = strings.ToLower(lang)
	t, ok := s.bySlot[slot{class: class, language: lang}]
	if !ok {
		t, _ = s.Choose(Key{Class: class, Language: lang})
	}
	body := ""
	if _, b, _, ok := splitFront(string(s.files[t.File])); ok {
		body = strings.TrimLeft(b, "\n")
	}
	name := class
	if entitlement != "" {
		name += "." + strings.ReplaceAll(entitlement, " ", "-")
	}
	if rung != "" {
		name += "." + rung
	}
	var f strings.Builder
	f.WriteString("---\n# What this mail is for. A class of language/" + lang + ".yaml.\n")
	fmt.Fprintf(&f, "class: %s\nlanguage: %s\n", class, lang)
	f.WriteString("# For which record: in warranty, out of warranty or unknown. Without the line: for any.\n")
	optional(&f, "entitlement", entitlement, InWarranty)
	f.WriteString("# The rung that the record has reached: repair, replacement or return. Only with entitlement: in warranty.\n")
	optional(&f, "rung", rung, RungRepair)
	f.WriteString("# What the mail promises: none, repair, replacement, return or paid. Never more than the record above.\ngrant: none\n")
	f.WriteString("# Without the line the subject of language/" + lang + ".yaml is used. [{{case}}] has to be in it.\n")
	f.WriteString("# subject: \"Re: {{subject}} [{{case}}]\"\n")
	f.WriteString("# attachments:\n#   - files/manual.pdf\n")
	f.WriteString("# For your colleagues; no customer sees it.\nnote: \"\"\n---\n\n")
	f.WriteString("{{! Variables: aftercare template vars. A comment like this one is left out. }}\n\n")
	return "reply/" + name + "." + lang + ".md", f.String() + body
}

func optional(f *strings.Builder, key, value, example string) {
	if value == "" {
		fmt.Fprintf(f, "# %s: %s\n", key, example)
		return
	}
	fmt.Fprintf(f, "%s: %s\n", key, value)
}
