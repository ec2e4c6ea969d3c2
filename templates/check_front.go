package templates

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// checkFront checks the front matter of a template against what the set knows.
func (ld *loader) checkFront(f *front, t *Template) bool {
	staff := strings.HasPrefix(t.File, "staff/")
	ok := ld.oneOf(f, "language", f.language, ld.set.Languages(), "has no file in language/")
	if staff {
		t.Class = ClassStaff
		if name, want := path.Base(t.File), "."+t.Language+".md"; ok && !strings.HasSuffix(name, want) {
			ld.report.add(f.where("language", t.File), "the file is called %s and its language is %s: call it STEP%s", name, t.Language, want)
			ok = false
		}
		for _, key := range []string{"entitlement", "rung", "grant"} {
			if at, given := f.at(key); given {
				ld.report.add(at, "%s: has no meaning in a mail to staff", key)
				ok = false
			}
		}
		return ok
	}
	ok = ld.oneOf(f, "class", f.class, ld.set.classes, "is not among the classes of language/"+ld.opt.Fallback+".yaml") && ok
	if t.Entitlement != "" {
		ok = ld.oneOf(f, "entitlement", t.Entitlement, Entitlements(), "is no entitlement") && ok
	}
	if t.Rung != "" {
		ok = ld.oneOf(f, "rung", t.Rung, Rungs(), "is no rung") && ok
	}
	ok = ld.oneOf(f, "grant", t.Grant, Grants(), "is no grant") && ok
	return ok && ld.checkGrant(f, t)
}

// checkGrant refuses a promise above the record that the template is for (policy 2.1 to 2.4).
func (ld *loader) checkGrant(f *front, t *Template) bool {
	if t.Rung != "" && t.Entitlement != InWarranty {
		ld.report.add(f.where("rung", t.File), "rung: has a meaning only with entitlement: %s", InWarranty)
		return false
	}
	rung := t.Rung
	if rung == "" {
		rung = RungRepair // the first rung is the only one that every record in warranty has reached
	}
	if Permits(t.Entitlement, rung, t.Grant) {
		return true
	}
	record := t.Entitlement
	if record == "" {
		record = "any entitlement"
	}
	if t.Entitlement == InWarranty {
		record += ", rung " + rung
	}
	ld.report.add(f.where("grant", t.File), "grant: %s promises more than the record it is for (%s)", t.Grant, record)
	return false
}

func (ld *loader) oneOf(f *front, key, value string, right []string, wrong string) bool {
	if slices.Contains(right, value) {
		return true
	}
	at := f.where(key, "")
	switch {
	case value == "":
		ld.report.add(f.where(key, f.file), "%s: is missing, expected one of: %s", key, strings.Join(right, ", "))
	default:
		ld.report.unknown(at, value, right, "%s: %q %s", key, value, wrong)
	}
	return false
}

// where gives the place of a key's value, or the beginning of the file when the key is not given.
func (f *front) where(key, file string) place {
	if at, ok := f.at(key); ok {
		return at
	}
	if file == "" {
		file = f.file
	}
	return place{file, 1, 1}
}

// attach finds the attachments of a template in the set and checks their sizes.
func (ld *loader) attach(f *front, p *program) {
	total := int64(0)
	for _, picture := range p.inline {
		total += int64(len(picture.Data))
	}
	if ld.set.logo.CID != "" {
		p.inline = append(p.inline, ld.set.logo)
		total += int64(len(ld.set.logo.Data))
	}
	for _, a := range f.attachments {
		if !fs.ValidPath(a.text) {
			ld.report.add(a.at, "attachment %q: expected a path inside the template folder, such as files/manual.pdf", a.text)
			continue
		}
		data, ok := ld.files[a.text]
		if !ok {
			if !ld.reported(a.text) { // too large, and said so
				ld.report.unknown(a.at, a.text, ld.attachable(), "attachment %q: there is no such file", a.text)
			}
			continue
		}
		total += int64(len(data))
		p.attachments = append(p.attachments, File{Name: path.Base(a.text), Type: mediaType(a.text), Data: data})
	}
	if total > ld.opt.MaxTotal {
		ld.report.add(f.where("attachments", ""), "attachments and pictures have %d bytes together, more than the limit of %d", total, ld.opt.MaxTotal)
	}
}

func (ld *loader) reported(file string) bool {
	return slices.ContainsFunc(ld.report.list, func(p Problem) bool { return p.File == file })
}

func (ld *loader) attachable() []string {
	var names []string
	for name := range ld.files {
		if !isSource(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
