package templates

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// File goes with a mail: an inline picture, which has a CID, or an attachment. Data is shared by all mails: never change it.
type File struct {
	Name string
	Type string // media type
	CID  string // without angle brackets; "" for an attachment
	Data []byte
}

// Rendered is a mail without its envelope and headers. Text and HTML use "\n". Subject is one line of at most 200 characters,
// not yet encoded.
type Rendered struct {
	Subject, Text, HTML string
	Language            string
	Inline, Attachments []File
	Name, Version       string // of the template, for the record
}

const maxSubject = 200 // characters

// program is a template compiled for the three parts of a mail.
type program struct {
	set                 *Set // what it was loaded with: a mail is wholly of one set
	subject, text, html []op
	lang                *language
	frame               *frame
	staff               bool // links of strangers stay as they are
	inline, attachments []File
}

// frame is the layout around a mail, compiled for one language.
type frame struct{ text, html []op }

// Render puts the values into a template of this set. It returns an error only for a Template that no set made.
func (s *Set) Render(t Template, v Vars) (Rendered, error) {
	if t.work == nil {
		return Rendered{}, fmt.Errorf("rendering template %q: it is not from a loaded set", t.Name)
	}
	return t.render(&v), nil
}

func (t Template) render(v *Vars) Rendered {
	p := t.work.program()
	x, _ := p.set.scratch.Get().(*execution)
	if x == nil {
		x = new(execution)
	}
	out := x.out
	*x = execution{scene: scene{set: p.set, lang: p.lang}, links: p.staff, own: *v}
	x.vars = &x.own
	out = x.run(out[:0], p.subject, nil)
	x.title = cleanLine(string(out), maxSubject-1)
	r := Rendered{
		Subject: x.title, Language: p.lang.Language, Inline: p.inline, Attachments: p.attachments, Name: t.Name, Version: t.Version,
	}
	// Nobody knows how long a mail gets; it is written where the one before it was, and copied out once.
	out = x.run(out[:0], p.frame.text, p.text)
	text := len(out)
	out = x.run(out, p.frame.html, p.html)
	both := string(out)
	r.Text, r.HTML = both[:text], both[text:]
	*x = execution{out: out}
	p.set.scratch.Put(x)
	return r
}

// RenderStaff writes a mail to staff. kind is the name of a step, or of a reason, and of a file in staff/: for "reply-75"
// that is reply-75, else reply, else notice; a language that has none of them gets the set's fallback. Name and Version are
// recorded as for a reply.
func (s *Set) RenderStaff(kind, lang string, v Vars) (Rendered, error) {
	for _, l := range append(tagsDown(lang), s.fallback) {
		for name := kind; name != ""; name = shorter(name) {
			if t, ok := s.byName[staffName(name, l)]; ok {
				return t.render(&v), nil
			}
		}
	}
	return Rendered{}, fmt.Errorf("rendering staff mail %q: the set has no notice in %s", kind, s.fallback)
}

// shorter drops the last word of a kind; after the first word comes the notice for all.
func shorter(kind string) string {
	if cut := strings.LastIndexByte(kind, '-'); cut > 0 {
		return kind[:cut]
	}
	if kind != staffNotice {
		return staffNotice
	}
	return ""
}

// execution is one rendering: the values it has asked for are kept for the second part.
type execution struct {
	scene
	links bool
	title string
	known [maxVariables]bool
	value [maxVariables]string
	own   Vars   // what vars points to
	out   []byte // room to write in, between two renderings
}

// maxVariables bounds the table of variables; a test compares.
const maxVariables = 64

func (x *execution) run(out []byte, ops, body []op) []byte {
	for i := 0; i < len(ops); {
		o := &ops[i]
		i++
		switch o.kind {
		case opLiteral:
			out = append(out, o.text...)
		case opValue:
			out = x.put(out, o)
		case opIf:
			if x.truth(o.v) == o.not {
				i = o.jump
			}
		case opJump:
			i = o.jump
		case opBody:
			start := len(out)
			out = x.run(out, body, nil)
			if o.ctx == inText {
				out = tidy(out, start)
			}
		}
	}
	return out
}

// truth is what {{#if}} asks: is anything known?
func (x *execution) truth(v int) bool {
	spec := &table[v]
	switch spec.kind {
	case kindTime:
		return !spec.moment(x.vars).IsZero()
	case kindList:
		return len(spec.list(&x.scene)) > 0
	case kindPairs:
		return len(spec.pairs(&x.scene)) > 0
	}
	return x.line(v) != ""
}

// line gives a variable as one clean line.
func (x *execution) line(v int) string {
	if x.known[v] {
		return x.value[v]
	}
	spec := &table[v]
	var s string
	switch {
	case spec.kind == kindTime:
		if t := spec.moment(x.vars); !t.IsZero() {
			s = x.lang.moment(t, asIs, x.vars.Zone)
		}
	case spec.kind == kindList:
		s = x.lang.join(x.items(spec))
	case spec.kind == kindLines:
		s = cleanLines(spec.text(&x.scene), spec.limit)
	case spec.name == "title":
		s = x.title
	case spec.kind == kindURL:
		s = safeURL(spec.text(&x.scene))
	default:
		s = x.clean(spec, spec.text(&x.scene))
	}
	x.known[v], x.value[v] = true, s
	return s
}

func (x *execution) clean(spec *variable, s string) string {
	s = cleanLine(s, spec.limit)
	if spec.stranger && !x.links {
		s = withoutLinks(s, x.lang.LinkLeftOut)
	}
	return s
}

// maxItems bounds a list in a mail.
const maxItems = 200

func (x *execution) items(spec *variable) []string {
	all := spec.list(&x.scene)
	clean := make([]string, 0, min(len(all), maxItems))
	for _, s := range all[:min(len(all), maxItems)] {
		clean = append(clean, x.clean(spec, s))
	}
	return clean
}

// put appends one value, escaped for where it stands.
func (x *execution) put(out []byte, o *op) []byte {
	spec := &table[o.v]
	switch o.fn {
	case asDate, asTime:
		if t := spec.moment(x.vars); !t.IsZero() {
			return escape(out, x.lang.moment(t, o.fn, x.vars.Zone), o.ctx)
		}
		return out
	case asList:
		return x.bullets(out, x.items(spec), o.ctx)
	case asTable:
		return x.pairs(out, spec, o.ctx)
	}
	s := x.line(o.v)
	if o.text != "" && spec.kind == kindLines {
		s = strings.ReplaceAll(s, "\n", "\n"+o.text)
	}
	return escape(out, s, o.ctx)
}

func (x *execution) bullets(out []byte, items []string, ctx context) []byte {
	if len(items) == 0 {
		return out
	}
	if ctx != inHTML {
		for _, item := range items {
			out = append(out, "- "...)
			out = escape(out, item, ctx)
			out = append(out, '\n')
		}
		return out
	}
	out = x.open(out, "ul")
	for _, item := range items {
		out = x.open(out, "li")
		out = escape(out, item, ctx)
		out = append(out, "</li>"...)
	}
	return append(out, "</ul>\n"...)
}

func (x *execution) pairs(out []byte, spec *variable, ctx context) []byte {
	rows := spec.pairs(&x.scene)
	if len(rows) == 0 {
		return out
	}
	if ctx != inHTML {
		for _, row := range rows {
			out = append(out, row[0]...)
			out = append(out, x.lang.Labels["colon"]...)
			out = escape(out, x.clean(spec, row[1]), ctx)
			out = append(out, '\n')
		}
		return out
	}
	out = x.open(out, "facts")
	for _, row := range rows {
		out = append(out, "<tr>"...)
		out = x.open(out, "fact-name")
		out = escape(out, row[0], ctx)
		out = append(out, "</th>"...)
		out = x.open(out, "fact-value")
		out = escape(out, x.clean(spec, row[1]), ctx)
		out = append(out, "</td></tr>"...)
	}
	return append(out, "</table>\n"...)
}

// open appends a start tag that the set made ready, with its style.
func (x *execution) open(out []byte, name string) []byte {
	return append(out, x.set.startTags[name]...)
}

// escape appends a value for its context. Line breaks stay in text and become <br> in HTML.
func escape(out []byte, s string, ctx context) []byte {
	if harmless(s) {
		return append(out, s...)
	}
	if ctx == inText || ctx == inSubject {
		if rightToLeft(s) && ctx == inText {
			out = append(out, "\u2068"...)
			out = append(out, s...)
			return append(out, "\u2069"...)
		}
		return append(out, s...)
	}
	apart := ctx == inHTML && rightToLeft(s)
	if apart {
		out = append(out, `<bdi dir="auto">`...)
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '&':
			out = append(out, "&amp;"...)
		case '<':
			out = append(out, "&lt;"...)
		case '>':
			out = append(out, "&gt;"...)
		case '"':
			out = append(out, "&#34;"...)
		case '\'':
			out = append(out, "&#39;"...)
		case '\n':
			if ctx == inHTML {
				out = append(out, "<br>"...)
			}
			out = append(out, '\n')
		default:
			out = append(out, c)
		}
	}
	if apart {
		out = append(out, "</bdi>"...)
	}
	return out
}

// harmless is the quick answer for the usual value: ASCII in which nothing needs an escape.
func harmless(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x80, c == '&', c == '<', c == '>', c == '"', c == '\'', c == '\n':
			return false
		}
	}
	return true
}

// safeURL lets through addresses a mail may point to. Everything else becomes "", which {{#if}} reads as not known.
func safeURL(s string) string {
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:", "cid:"} {
		if strings.HasPrefix(s, scheme) && len(s) <= 2000 && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || invisible(r) || strings.ContainsRune("<>\"'`{}\\", r) }) {
			return s
		}
	}
	return ""
}

// tidy takes out of out[start:] what branches that were not taken left behind: more than one empty line in a row, blanks at
// the end of a line, empty lines at both ends.
func tidy(out []byte, start int) []byte {
	end, breaks := start, 2
	for _, c := range out[start:] {
		if c == '\n' {
			for end > start && (out[end-1] == ' ' || out[end-1] == '\t') {
				end--
			}
			if breaks++; breaks > 2 {
				continue
			}
		} else if c != ' ' && c != '\t' {
			breaks = 0
		}
		out[end] = c
		end++
	}
	for end > start && (out[end-1] == '\n' || out[end-1] == ' ') {
		end--
	}
	return append(out[:end], '\n')
}
