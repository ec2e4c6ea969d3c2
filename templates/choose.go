package templates

import (
	"strings"
)

// Choose picks the template for a case, and says in one line how. The way: the class; in the customer's language the
// entitlement and rung that the record has reached, then every lower rung, then any; the same in the fallback language;
// then the neutral acknowledgement in either language. It never comes back empty, and never with a grant above the record.
func (s *Set) Choose(key Key) (Template, string) {
	if key.Entitlement == "" {
		key.Entitlement = EntitlementUnknown
	}
	if key.Entitlement == InWarranty && rungStep(key.Rung) == 0 {
		key.Rung = RungRepair
	}
	var why strings.Builder
	for i, class := range []string{key.Class, ClassOther} {
		if i == 1 {
			why.WriteString("; neutral acknowledgement")
		} else {
			why.WriteString("class " + class)
		}
		for j, lang := range append(tagsDown(key.Language), s.fallback) {
			t, ok := s.inLanguage(key, class, lang)
			if !ok {
				if j == 0 {
					why.WriteString(": none in " + lang)
				} else {
					why.WriteString(", none in " + lang)
				}
				continue
			}
			explain(&why, key, t, lang)
			return t, why.String()
		}
	}
	// Load made sure of this one.
	why.WriteString("; the last resort")
	return s.bySlot[slot{class: ClassOther, language: s.fallback}], why.String()
}

// inLanguage looks for a class in one language, from the closest match down.
func (s *Set) inLanguage(key Key, class, lang string) (Template, bool) {
	for _, rung := range append(rungsDown(key.Rung), "") {
		if t, ok := s.permitted(key, slot{class, lang, key.Entitlement, rung}); ok {
			return t, true
		}
	}
	return s.permitted(key, slot{class: class, language: lang})
}

func (s *Set) permitted(key Key, at slot) (Template, bool) {
	t, ok := s.bySlot[at]
	return t, ok && Permits(key.Entitlement, key.Rung, t.Grant)
}

func explain(why *strings.Builder, key Key, t Template, lang string) {
	why.WriteString(", language " + lang)
	if t.Entitlement != "" {
		why.WriteString(", " + t.Entitlement)
	} else {
		why.WriteString(", any entitlement (record: " + key.Entitlement + ")")
	}
	if t.Rung != "" {
		why.WriteString(", rung " + t.Rung)
	}
	why.WriteString(", grant " + t.Grant + " -> " + t.Name)
}
