package templates

import (
	"path"
	"slices"
	"strings"
)

// statutory is one row of layout/statutory.yaml: the line on statutory rights for a country, by language. The row without a
// country is for all others.
type statutory struct {
	Country string            `yaml:"country"`
	Text    map[string]string `yaml:"text"`
}

// readShared reads what all templates stand on: styles, rules, statutory lines, logo, and the frames of every language.
func (ld *loader) readShared() {
	ld.yaml("layout/style.yaml", &ld.styles)
	for name, style := range ld.styles {
		if strings.ContainsAny(style, "\"<>&{}") {
			ld.report.add(place{file: "layout/style.yaml"}, "%s: a style cannot hold any of \" < > & { }", name)
			delete(ld.styles, name)
		}
	}
	ld.yaml("layout/statutory.yaml", &ld.set.statutory)
	ld.rules.read(ld)
	for _, name := range slices.Sorted(mapsKeys(ld.styles)) {
		ld.checkClients("<span style=\""+ld.styles[name]+"\">", place{file: "layout/style.yaml"})
	}
	ld.startTags()
	for _, ext := range []string{".png", ".jpg", ".gif"} {
		if data := ld.files["layout/logo"+ext]; data != nil {
			ld.set.logo = File{Name: "logo" + ext, Type: mediaType("logo" + ext), CID: "logo" + ext + "@aftercare", Data: data}
			break
		}
	}
	for _, tag := range ld.opt.Languages {
		if ld.set.languages[tag] == nil {
			ld.report.unknown(place{file: "language/" + tag + ".yaml"}, tag, ld.set.Languages(), "the language %q has no file", tag)
		}
	}
	if !slices.Contains(ld.opt.Languages, ld.opt.Fallback) {
		ld.report.add(place{file: "language"}, "the fallback language %q is not among the languages %v", ld.opt.Fallback, ld.opt.Languages)
	}
	if ld.report.failed() {
		return
	}
	ld.compareLanguages()
	for tag, lang := range ld.set.languages {
		for _, name := range []string{"reply", "staff"} {
			ld.frames[name+"."+tag] = ld.frame(name, lang)
		}
	}
}

// yaml reads one shared file strictly.
func (ld *loader) yaml(name string, into any) {
	src, ok := ld.files[name]
	if !ok {
		ld.report.add(place{file: name}, "is missing")
		return
	}
	readYAML(name, string(src), into, ld.report)
}

// frame compiles layout/NAME.html and layout/NAME.txt for a language.
func (ld *loader) frame(name string, lang *language) *frame {
	page, text := "layout/"+name+".html", "layout/"+name+".txt"
	for _, file := range []string{page, text} {
		if n := strings.Count(string(ld.files[file]), "{{body}}"); n != 1 {
			ld.report.add(place{file: file}, "needs {{body}} exactly once, found it %d times", n)
			return &frame{}
		}
	}
	htmlAt := place{page, 1, 1}
	nodes := ld.scan(string(ld.files[page]), htmlAt, layoutOnly, lang)
	var marked strings.Builder
	for i, n := range nodes {
		if n.kind == nodeText {
			marked.WriteString(n.text)
			continue
		}
		marked.WriteString(mark(i))
	}
	ld.checkClients(string(ld.files[page]), htmlAt)
	f := &frame{html: htmlOps(marked.String(), nodes, nil, htmlAt, ld.report)}
	f.text = plainOps(ld.scan(string(ld.files[text]), place{text, 1, 1}, layoutOnly, lang), inText, ld.report, "text layout")
	return f
}

// startTags makes ready the tags that lists and tables of values open.
func (ld *loader) startTags() {
	for name, tag := range map[string]string{"ul": "ul", "li": "li", "facts": "table", "fact-name": "th", "fact-value": "td"} {
		attrs := ""
		switch name {
		case "facts":
			attrs = ` class="facts" cellspacing="0" cellpadding="0"`
		case "fact-name":
			attrs = ` scope="row" align="left"`
		}
		if style := ld.styles[name]; style != "" {
			attrs += ` style="` + style + `"`
		}
		ld.set.startTags[name] = "<" + tag + attrs + ">"
	}
}

// compareLanguages finds names that one language file has and another lacks.
func (ld *loader) compareLanguages() {
	base := ld.set.languages[ld.opt.Fallback]
	ld.set.classes = keys(base.Classes)
	for tag, l := range ld.set.languages {
		at := place{file: "language/" + tag + ".yaml"}
		for _, group := range []struct {
			name       string
			mine, base map[string]string
		}{{"classes", l.Classes, base.Classes}, {"entitlements", l.Entitlements, base.Entitlements}, {"facts", l.Facts, base.Facts},
			{"missing", l.Missing, base.Missing}, {"clocks", l.Clocks, base.Clocks}, {"labels", l.Labels, base.Labels}} {
			for _, key := range keys(group.base) {
				if strings.TrimSpace(group.mine[key]) == "" {
					ld.report.add(at, "%s: lacks %q, which language/%s.yaml has", group.name, key, ld.opt.Fallback)
				}
			}
			for _, key := range keys(group.mine) {
				if _, ok := group.base[key]; !ok {
					ld.report.unknown(at, key, keys(group.base), "%s: has %q, which language/%s.yaml does not have", group.name, key, ld.opt.Fallback)
				}
			}
		}
	}
}

// statutoryLine gives the line for a country in a language; a country without a row, or a row without the language, gets
// the line for all countries.
func (s *Set) statutoryLine(country, lang string) string {
	general := ""
	for i := range s.statutory {
		row := &s.statutory[i]
		if row.Country == "" {
			general = row.Text[lang]
		} else if strings.EqualFold(row.Country, country) && row.Text[lang] != "" {
			return row.Text[lang]
		}
	}
	return general
}

func mediaType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".pdf":
		return "application/pdf"
	case ".txt":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".zip":
		return "application/zip"
	}
	return "application/octet-stream"
}
