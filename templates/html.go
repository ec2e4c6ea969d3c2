package templates

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// voidTags have no end tag (HTML standard 13.1.2).
func voidTag(tag string) bool {
	switch tag {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}

// htmlOps compiles HTML with marks. styles gives the inline style of an element: Outlook reads no style sheet that Gmail
// leaves in. at is the place that a fault is reported at when no mark is near.
func htmlOps(src string, nodes []node, styles map[string]string, at place, rep *report) []op {
	b := &builder{report: rep, nodes: nodes}
	for i, n := range nodes {
		if n.block {
			src = strings.ReplaceAll(src, "<p>"+mark(i)+"</p>\n", mark(i))
			src = strings.ReplaceAll(src, "<p>"+mark(i)+"</p>", mark(i))
		}
	}
	z := html.NewTokenizer(strings.NewReader(src))
	raw := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw = string(z.Raw())
		switch kind {
		case html.TextToken:
			b.htmlText(raw, at)
		case html.StartTagToken, html.SelfClosingTagToken:
			b.startTag(z, raw, styles, at)
		case html.EndTagToken:
			name, _ := z.TagName()
			b.endTag(string(name), at)
			b.literal(raw)
		default:
			if _, _, n, ok := nextMark(raw); ok && n < len(nodes) {
				rep.add(nodes[n].at, "a variable cannot stand in a comment or declaration")
				continue
			}
			b.literal(raw)
		}
	}
	if len(b.tags) > 0 {
		rep.add(at, "<%s> is not closed", b.tags[len(b.tags)-1])
	}
	return b.close("HTML part")
}

// htmlText takes what stands between tags; inside <style> and <title> other rules hold.
func (b *builder) htmlText(raw string, at place) {
	if n := len(b.tags); n > 0 && (b.tags[n-1] == "style" || b.tags[n-1] == "script") {
		if _, _, i, ok := nextMark(raw); ok && i < len(b.nodes) {
			b.report.add(b.nodes[i].at, "a variable cannot stand in <%s>", b.tags[n-1])
			return
		}
	}
	b.text(raw, inHTML)
}

func (b *builder) startTag(z *html.Tokenizer, raw string, styles map[string]string, at place) {
	nameBytes, more := z.TagName()
	name := string(nameBytes)
	var values []string // of attributes with marks, in order
	var names []string
	styled := false
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		styled = styled || string(key) == "style"
		if bytes.Contains(val, []byte(markOpen)) || bytes.Contains(key, []byte(markOpen)) {
			names, values = append(names, string(key)), append(values, string(val))
		}
	}
	if style := styles[name]; style != "" && !styled {
		cut := len(name) + 1
		raw = raw[:cut] + ` style="` + style + `"` + raw[cut:]
	}
	b.attributes(raw, names, values)
	if !voidTag(name) {
		b.tags = append(b.tags, name)
	}
}

// attributes takes a start tag apart at its marks; each is in the attribute whose turn it is.
func (b *builder) attributes(raw string, names, values []string) {
	done := 0
	for len(names) > 0 {
		start, end, n, ok := nextMark(raw[done:])
		if !ok || n >= len(b.nodes) {
			break
		}
		b.literal(raw[done : done+start])
		b.inAttribute(n, names[0], values[0], raw[:done+start])
		done += end
		if _, leftEnd, _, in := nextMark(values[0]); in {
			values[0] = values[0][leftEnd:]
		}
		if !strings.Contains(values[0], markOpen) {
			names, values = names[1:], values[1:]
		}
	}
	b.literal(raw[done:])
}

func (b *builder) inAttribute(i int, attr, value, before string) {
	n := b.nodes[i]
	link := attr == "href" || attr == "src"
	begin := strings.LastIndex(before, `="`)
	quoted := begin >= 0 && !strings.Contains(before[begin+2:], `"`)
	switch {
	case n.kind != nodeValue || n.fn != asIs:
		b.report.add(n.at, "{{#if}} and functions cannot stand inside a tag or link")
	case strings.HasPrefix(attr, "on") || attr == "style" || attr == "srcdoc" || strings.Contains(attr, markOpen):
		b.report.add(n.at, "a variable cannot stand in the attribute %s", attr)
	case link && (table[n.v].kind != kindURL || !strings.HasPrefix(value, markOpen)):
		b.report.add(n.at, "%s cannot stand in a link: only company.url can, and only as the whole address", table[n.v].name)
	case !quoted:
		b.report.add(n.at, "a variable in an attribute needs double quotes around it")
	case link:
		b.node(i, inLink)
	default:
		b.node(i, inAttr)
	}
}

func (b *builder) endTag(name string, at place) {
	for n := len(b.open); n > 0 && len(b.tags) <= b.open[n-1].depth; n-- {
		b.open[n-1].depth = -1 // the element around the branch ends inside it: top reports
	}
	switch n := len(b.tags); {
	case n > 0 && b.tags[n-1] == name:
		b.tags = b.tags[:n-1]
	case n > 0 && (b.tags[n-1] == "p" || b.tags[n-1] == "li") && n > 1 && b.tags[n-2] == name:
		b.tags = b.tags[:n-2] // the end tags of p and li may be left out
	default:
		b.report.add(at, "</%s> without its start tag", name)
	}
}
