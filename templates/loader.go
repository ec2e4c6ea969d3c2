package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmtext "github.com/yuin/goldmark/text"
)

// loader builds one set.
type loader struct {
	report   *report
	opt      Options
	files    map[string][]byte
	set      *Set
	markdown goldmark.Markdown
	styles   map[string]string
	rules    rules
	frames   map[string]*frame // "reply.en"
	parts    map[string]string
	trials   map[string][]trial // by language
	builtIn  *builtIn           // nil: every file is checked
	// By language: whether all that its templates share is built in, and the hash of it.
	unchanged map[string]bool
	versions  map[string]hash.Cloner
}

func newLoader(files map[string][]byte, opt Options) *loader {
	return &loader{
		report: &report{}, opt: opt, files: files, frames: map[string]*frame{}, parts: map[string]string{}, trials: map[string][]trial{},
		unchanged: map[string]bool{}, versions: map[string]hash.Cloner{},
		markdown: goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify, extension.NewCJK(extension.WithEastAsianLineBreaks()))),
		set: &Set{
			byName: map[string]Template{}, bySlot: map[slot]Template{}, languages: map[string]*language{},
			startTags: map[string]string{}, files: files, fallback: opt.Fallback, required: opt.Languages, hash: hashFiles(files), scratch: &sync.Pool{},
		},
	}
}

// prepare reads what all templates stand on.
func (ld *loader) prepare() {
	for _, name := range slices.Sorted(mapsKeys(ld.files)) {
		src := ld.files[name]
		if isSource(name) && !ld.readable(name, string(src)) {
			continue
		}
		switch dir := path.Dir(name); {
		case dir == "language" && path.Ext(name) == ".yaml":
			if l := readLanguage(name, src, ld.report); l != nil {
				ld.set.languages[l.Language] = l
			}
		case dir == "parts" && path.Ext(name) == ".md":
			ld.parts[name] = string(src)
		}
	}
	ld.readShared()
}

func (ld *loader) load() {
	ld.prepare()
	if ld.report.failed() {
		return // templates would only repeat it
	}
	for _, name := range slices.Sorted(mapsKeys(ld.files)) {
		switch dir := path.Dir(name); {
		case (dir == "reply" || dir == "staff") && path.Ext(name) == ".md":
			ld.template(name, string(ld.files[name]))
		case dir == "reply" || dir == "staff" || dir == ".":
			ld.report.warn(place{file: name}, "is not used: templates are *.md in reply/ and staff/")
		}
	}
	ld.checkParts()
	slices.SortFunc(ld.set.templates, func(a, b Template) int { return strings.Compare(a.Name, b.Name) })
	ld.checkSet()
	ld.rules, ld.trials = rules{}, nil // what is compiled later needs neither
}

// readable reports a file that is not text: no UTF-8, or with control characters, which would go out with the mail.
func (ld *loader) readable(name, src string) bool {
	if !utf8.ValidString(src) {
		ld.report.add(place{file: name}, "is not UTF-8: save it as UTF-8")
		return false
	}
	i := strings.IndexFunc(src, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) })
	if i < 0 {
		return true
	}
	line := strings.Count(src[:i], "\n") + 1
	col := utf8.RuneCountInString(src[strings.LastIndexByte(src[:i], '\n')+1:i]) + 1
	ld.report.add(place{name, line, col}, "control character %q: take it out", src[i:i+1])
	return false
}

// template reads one file of reply/ or staff/.
func (ld *loader) template(file, src string) {
	yamlText, body, bodyLine, ok := splitFront(src)
	if !ok {
		ld.report.add(place{file, 1, 1}, "front matter is missing: the file has to begin with a line --- and close it with another")
		return
	}
	f, ok := readFront(file, yamlText, ld.report)
	if !ok || f.off {
		return
	}
	t := Template{
		Name: strings.TrimSuffix(strings.TrimPrefix(file, "reply/"), ".md"), File: file, Class: f.class, Language: f.language,
		Entitlement: f.entitlement, Rung: f.rung, Grant: f.grant, Note: f.note,
	}
	if t.Grant == "" {
		t.Grant = GrantNone
	}
	if !ld.checkFront(f, &t) {
		return
	}
	at := place{file, bodyLine, 1}
	if ld.proven(&t, f, body) {
		t.work = ld.later(f, t, body, at)
		t.Version = ld.version(t, nil)
	} else if !ld.compiled(f, &t, body, at) {
		return
	}
	if other, taken := ld.set.bySlot[slotOf(t)]; taken && t.Class != ClassStaff {
		ld.report.add(f.where("class", ""), "is for the same class, language, entitlement and rung as %s", other.File)
		return
	}
	ld.set.templates = append(ld.set.templates, t)
	ld.set.byName[t.Name] = t
	if t.Class != ClassStaff {
		ld.set.bySlot[slotOf(t)] = t
	}
}

// compiled compiles a template and tries it. It tells whether there is a program to go on with.
func (ld *loader) compiled(f *front, t *Template, body string, at place) bool {
	before := len(ld.report.list)
	p := ld.compile(f, t, body, at)
	if hasErrors(ld.report.list[before:]) {
		return false
	}
	t.work = &work{done: p}
	t.Version = ld.version(*t, slices.Concat(p.inline, p.attachments))
	ld.try(t, f)
	return true
}

// checkParts reads parts that no template uses as well; what the used ones say twice is reported once.
func (ld *loader) checkParts() {
	for _, file := range slices.Sorted(mapsKeys(ld.parts)) {
		name := strings.TrimSuffix(file, ".md")
		lang := ld.set.languages[name[strings.LastIndexByte(name, '.')+1:]]
		if lang == nil {
			ld.report.warn(place{file: file}, "is not used: parts are called NAME.LANGUAGE.md")
			continue
		}
		sc := &scanner{report: ld.report, seenBy: staffOnly, lang: lang, parts: ld.parts, inPart: true}
		sc.scan(ld.parts[file], place{file, 1, 1})
		sc.pair()
	}
}

func slotOf(t Template) slot { return slot{t.Class, t.Language, t.Entitlement, t.Rung} }

func hasErrors(ps Problems) bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return !p.Warning })
}

// compile makes the program of a template from its front matter and body.
func (ld *loader) compile(f *front, t *Template, body string, at place) *program {
	lang := ld.set.languages[t.Language]
	p := &program{set: ld.set, lang: lang, staff: t.Class == ClassStaff}
	audience, frame := everyone, "reply"
	if p.staff {
		audience, frame = staffOnly, "staff"
	}
	p.frame = ld.frames[frame+"."+t.Language]
	subject, subjectAt := f.subject, f.where("subject", "")
	if subject == "" {
		subject, subjectAt = lang.Subject, place{file: "language/" + lang.Language + ".yaml"}
	}
	p.subject = plainOps(ld.scan(subject, subjectAt, audience, lang), inSubject, ld.report, "subject")
	nodes := ld.scan(body, at, audience, lang)
	src := markdown(nodes, ld.report)
	tree := ld.markdown.Parser().Parse(gmtext.NewReader(src.text))
	m := &markdownCheck{loader: ld, nodes: nodes, src: src, program: p}
	m.walk(tree)
	var page strings.Builder
	if err := ld.markdown.Renderer().Render(&page, src.text, tree); err != nil {
		ld.report.add(at, "making HTML: %v", err)
		return p
	}
	p.html = htmlOps(page.String(), nodes, ld.styles, at, ld.report)
	text := &builder{report: ld.report, nodes: nodes}
	text.text(plainText(tree, src.text), inText)
	p.text = text.close("text part")
	ld.attach(f, p)
	return p
}

func (ld *loader) scan(src string, at place, seenBy audience, lang *language) []node {
	sc := &scanner{report: ld.report, seenBy: seenBy, lang: lang, parts: ld.parts}
	sc.scan(src, at)
	sc.pair()
	return sc.nodes
}

// version hashes what a mail made from t depends on; the files are those that go with it.
func (ld *loader) version(t Template, files []File) string {
	h := ld.shared(t.Language)
	h.Write([]byte(t.File))
	h.Write(ld.files[t.File])
	for _, f := range files {
		h.Write([]byte(f.Name))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// shared begins a version with what all templates of a language have in common.
func (ld *loader) shared(tag string) hash.Hash {
	h, ok := ld.versions[tag]
	if !ok {
		h = sha256.New().(hash.Cloner)
		for _, name := range slices.Sorted(mapsKeys(ld.files)) {
			dir, mine := path.Dir(name), strings.HasSuffix(name, "."+tag+".md") || name == "language/"+tag+".yaml"
			if dir == "layout" || (dir == "parts" || dir == "language") && mine {
				h.Write([]byte(name))
				h.Write(ld.files[name])
			}
		}
		ld.versions[tag] = h
	}
	own, err := h.Clone()
	if err != nil {
		panic(err) // SHA-256 can be cloned
	}
	return own
}
