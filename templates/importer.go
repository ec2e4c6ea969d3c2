package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
)

// Imported is a template made from one of another system.
type Imported struct {
	File   string // path it belongs at
	Source string
	Notes  []string // what was taken for what, and what could not be carried over, with the line it stood on
}

// Import makes a template for a class and language from a plain text (or simple HTML) template of another system, with
// fields such as {name}, {{ticket.id}}, ${name}, %{name}, %name%, [[name]] or <%= name %>. A first line "Subject: ..."
// becomes the subject. rules/import.yaml says which names mean what; fields it does not know, and logic, are left out and
// noted. The result has still to pass Load.
func (s *Set) Import(class, lang, src string) Imported {
	lang = strings.ToLower(lang)
	im := &importing{names: s.fields}
	src = strings.ReplaceAll(src[:min(len(src), maxSource)], "\r\n", "\n")
	src = strings.ToValidUTF8(strings.TrimPrefix(src, "\ufeff"), "")
	if signs().htmlSource.MatchString(src) {
		src = im.fromHTML(src)
	}
	subject, body := "", src
	if m := signs().subjectLine.FindStringSubmatch(src); m != nil {
		subject, body = im.subject(m[1]), src[len(m[0]):]
		im.line = strings.Count(m[0], "\n")
	}
	text := im.body(body)
	var f strings.Builder
	fmt.Fprintf(&f, "---\nclass: %s\nlanguage: %s\ngrant: none\n", class, lang)
	if subject != "" {
		fmt.Fprintf(&f, "subject: '%s'\n", strings.ReplaceAll(subject, "'", "''"))
	}
	f.WriteString("note: imported\n---\n\n" + text)
	return Imported{File: "reply/" + class + "." + lang + ".md", Source: f.String(), Notes: im.notes}
}

type importing struct {
	names map[string]string // another system's name, normalised, to ours
	line  int
	notes []string
}

func (im *importing) note(format string, args ...any) {
	n := fmt.Sprintf("line %d: ", im.line) + fmt.Sprintf(format, args...)
	if !slices.Contains(im.notes, n) {
		im.notes = append(im.notes, n)
	}
}

// importSigns find the pieces of other systems' templates.
type importSigns struct {
	subjectLine, htmlSource *regexp.Regexp
	// fieldMark finds the fields and the logic of common template languages.
	fieldMark, logicMark *regexp.Regexp
	urlWord, listLine    *regexp.Regexp
}

// signs are compiled when the first template is imported: the daemon, which has no use for them, starts without.
var signs = sync.OnceValue(func() *importSigns {
	return &importSigns{
		subjectLine: regexp.MustCompile(`^\s*(?i:subject|betreff|主题|主題|标题)\s*[:：]\s*([^\n]{0,500})\n+`),
		htmlSource:  regexp.MustCompile(`(?i)<(p|br|div|html|body|span|table|td|ul|strong|b|a)\b[^<>%]{0,300}>`),
		fieldMark:   regexp.MustCompile(`\{%[^%{}\n]{1,200}%\}|\{\{[^{}\n]{1,200}\}\}|[$#%]?\{[^{}\n]{1,100}\}|\[\[[^\[\]\n]{1,100}\]\]|<%=?[^%\n]{1,200}%>|<(?:OTRS|KIX|ZNUNY)_[A-Za-z0-9_]{1,80}>|%[A-Za-z][A-Za-z0-9_.]{1,60}%`),
		logicMark:   regexp.MustCompile(`(?i)^(#|/|\^|>|!|if\b|else|elsif|elif|end|for\b|foreach|unless|each|case\b.+\bwhen|set\b|include|assign|comment|capture)`),
		urlWord:     regexp.MustCompile(`https?://[^\s<>{}"]{1,500}`),
		listLine:    regexp.MustCompile(`^\s{0,8}(?:[-*•·]|\d{1,3}[.)])\s+`),
	}
})

func (im *importing) subject(s string) string {
	im.line = 1
	out := signs().fieldMark.ReplaceAllStringFunc(s, func(m string) string { return im.field(m) })
	out = strings.Join(strings.Fields(out), " ")
	if !strings.Contains(out, "[{{case}}]") {
		if strings.Contains(out, "{{case}}") {
			out = strings.ReplaceAll(out, "{{case}}", "[{{case}}]")
			out = strings.NewReplacer("[[", "[", "]]", "]", "#[", "[").Replace(out)
		} else {
			out += " [{{case}}]"
			im.note("the subject had no case number: [{{case}}] was added, so that an answer finds its case")
		}
	}
	return out
}

// body turns lines into Markdown: paragraphs stay, single line breaks stay as breaks, lists stay lists, and signs that
// Markdown would read are made plain.
func (im *importing) body(src string) string {
	var out []string
	lines := strings.Split(strings.TrimSpace(src), "\n")
	for i, line := range lines {
		im.line++
		bullet := ""
		if m := signs().listLine.FindString(line); m != "" {
			line = line[len(m):]
			bullet = strings.TrimSpace(m) + " "
			if r := []rune(bullet); r[0] == '•' || r[0] == '·' || r[0] == '*' {
				bullet = "- "
			}
		}
		line = im.inline(strings.TrimSpace(line))
		next := ""
		if i+1 < len(lines) {
			next = strings.TrimSpace(lines[i+1])
		}
		if line != "" && next != "" && bullet == "" && !signs().listLine.MatchString(next) {
			line += `\`
		}
		if bullet != "" && i > 0 && strings.TrimSpace(lines[i-1]) != "" && !signs().listLine.MatchString(lines[i-1]) {
			out = append(out, "")
		}
		out = append(out, bullet+line)
	}
	return strings.Join(out, "\n") + "\n"
}

// inline replaces the fields of a line and escapes the rest.
func (im *importing) inline(line string) string {
	var b strings.Builder
	for {
		at := signs().fieldMark.FindStringIndex(line)
		if at == nil {
			break
		}
		b.WriteString(plainMarkdown(line[:at[0]]))
		b.WriteString(im.field(line[at[0]:at[1]]))
		line = line[at[1]:]
	}
	b.WriteString(plainMarkdown(line))
	return b.String()
}

// plainMarkdown makes text mean itself in Markdown. Addresses stay as they are.
func plainMarkdown(s string) string {
	var b strings.Builder
	for {
		at := signs().urlWord.FindStringIndex(s)
		if at == nil {
			break
		}
		escapeMarkdown(&b, s[:at[0]])
		b.WriteString(s[at[0]:at[1]])
		s = s[at[1]:]
	}
	escapeMarkdown(&b, s)
	return b.String()
}

func escapeMarkdown(b *strings.Builder, s string) {
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\*_`[]<>~", r), i == 0 && b.Len() == 0 && strings.ContainsRune("#+-=|", r):
			b.WriteByte('\\')
		case r == '{' || r == '}':
			continue // single braces left over: two of them would be read as a mark
		}
		b.WriteRune(r)
	}
}

// field gives our mark for another system's field, or nothing and a note.
func (im *importing) field(mark string) string {
	inner := strings.Trim(mark, "{}[]<>%$#= ")
	if strings.HasPrefix(mark, "{%") || strings.HasPrefix(mark, "<%") && !strings.HasPrefix(mark, "<%=") || strings.HasPrefix(mark, "{{") && signs().logicMark.MatchString(strings.Trim(mark, "{} ")) {
		im.note("%s is logic and could not be carried over: use {{#if name}} ... {{/if}}", mark)
		return ""
	}
	name, filter, filtered := strings.Cut(inner, "|")
	ours, ok := im.names[normalName(name)]
	if !ok {
		im.note("%s could not be carried over: no variable says that", mark)
		return ""
	}
	if filtered {
		im.note("%s: the filter %q was left out", mark, strings.TrimSpace(filter))
	}
	im.note("%s became {{%s}}", mark, ours)
	return "{{" + ours + "}}"
}

// normalName brings the spellings of a field together: ticket.requester_name and TICKET Requester-Name are one.
func normalName(s string) string {
	for _, prefix := range []string{"OTRS_", "KIX_", "ZNUNY_"} {
		s = strings.TrimPrefix(strings.TrimSpace(s), prefix)
	}
	s = strings.ToLower(strings.NewReplacer(".", " ", "_", " ", "-", " ", "@", " ", "()", " ").Replace(s))
	return strings.Join(strings.Fields(s), " ")
}

// fromHTML keeps the words of an HTML template and its paragraphs.
func (im *importing) fromHTML(src string) string {
	im.note("the source is HTML: its words and paragraphs were kept, its looks come from layout/")
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(src))
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == "" {
				b.WriteString(html.UnescapeString(string(z.Raw())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "style", "script", "head":
				skip = string(name)
			case "br", "tr", "div":
				b.WriteString("\n")
			case "p", "h1", "h2", "h3", "ul", "ol", "table":
				b.WriteString("\n\n")
			case "li":
				b.WriteString("\n- ")
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == skip {
				skip = ""
			}
			if n := string(name); n == "p" || n == "ul" || n == "ol" {
				b.WriteString("\n\n")
			}
		}
	}
}
