package templates

import (
	"bytes"
	"net/url"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// markdownCheck looks at the tree of one template for what mail clients show wrongly, and for links and pictures that
// lead nowhere.
type markdownCheck struct {
	loader  *loader
	nodes   []node
	src     source
	program *program
}

func (m *markdownCheck) walk(root ast.Node) {
	last := 0 // offset of the newest text, for nodes that have no position
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
			last = n.Lines().At(0).Start
		}
		if t, ok := n.(*ast.Text); ok {
			last = t.Segment.Start
		}
		m.node(n, m.src.place(m.nodes, last))
		if c := n.FirstChild(); n.Type() == ast.TypeBlock && c != nil && c.Type() == ast.TypeInline {
			run := &textRun{}
			run.collect(n, m.src.text)
			m.leftover(run)
		}
		return ast.WalkContinue, nil
	})
}

func (m *markdownCheck) node(n ast.Node, at place) {
	rep := m.loader.report
	switch n := n.(type) {
	case *ast.RawHTML:
		rep.add(m.src.place(m.nodes, n.Segments.At(0).Start), "HTML in a template: write Markdown, and put what all mails need into layout/")
	case *ast.HTMLBlock:
		rep.add(at, "HTML in a template: write Markdown, and put what all mails need into layout/")
	case *ast.CodeBlock:
		rep.add(at, "four blanks at the beginning of a line make it program text: take them away")
	case *ast.Link:
		m.link(string(n.Destination), at)
	case *ast.AutoLink:
		m.link(string(n.URL(m.src.text)), at)
	case *ast.Image:
		m.image(n, at)
	case *extast.Table:
		if n.FirstChild() != nil && n.FirstChild().ChildCount() > 3 {
			rep.warn(at, "a table of more than three columns does not fit a phone")
		}
	case *ast.Heading:
		if n.Level > 3 {
			rep.warn(at, "a heading of level %d looks like plain text in most mail clients", n.Level)
		}
	}
}

// textRun is the plain text of one block, with the way back to the source. Where something stood between two pieces of text
// (emphasis, a link, program text) there is a line break.
type textRun struct {
	text   []byte
	starts []piece // offset in text; node is the offset in the source
	end    int     // in the source, of the newest piece
}

func (r *textRun) collect(n ast.Node, src []byte) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.CodeSpan:
		case *ast.Text:
			if c.Segment.Start != r.end {
				r.text = append(r.text, '\n')
			}
			r.starts = append(r.starts, piece{len(r.text), c.Segment.Start})
			r.text = append(r.text, c.Segment.Value(src)...)
			r.end = c.Segment.Stop
		default:
			r.collect(c, src)
		}
	}
}

func (r *textRun) source(offset int) int {
	for i := len(r.starts) - 1; i >= 0; i-- {
		if p := r.starts[i]; p.offset <= offset {
			return p.node + offset - p.offset
		}
	}
	return 0
}

// leftover finds Markdown that did not take: the customer would see the signs.
func (m *markdownCheck) leftover(run *textRun) {
	for _, sign := range []struct{ sign, why string }{
		{"**", "the emphasis did not take: ** has to touch the words, and beside Chinese punctuation it needs a space outside"},
		{"__", "the emphasis did not take: __ has to touch the words"},
		{"](", "the link did not take: [words](https://address) without blanks between"},
		{"][", "the link did not take: there is no address for this name"},
		{"```", "the fence of program text did not take"},
		{"~~", "mail clients show ~~ as it is"},
		{"[^", "footnotes are not available in mail"},
		{"[ ]", "check boxes are not available in mail"},
		{"[x]", "check boxes are not available in mail"},
	} {
		if i := bytes.Index(run.text, []byte(sign.sign)); i >= 0 && (i == 0 || run.text[i-1] != '\\') {
			m.loader.report.add(m.src.place(m.nodes, run.source(i)), "%s", sign.why)
		}
	}
}

// link checks an address as far as that is possible without a network.
func (m *markdownCheck) link(to string, at place) {
	if strings.HasPrefix(to, markOpen) {
		return // the HTML compiler looks at variables in links
	}
	u, err := url.Parse(to)
	rep := m.loader.report
	switch {
	case err != nil:
		rep.add(at, "broken link %q: %v", to, err)
	case u.Scheme == "mailto":
		if name, host, ok := strings.Cut(u.Opaque, "@"); !ok || name == "" || !strings.Contains(host, ".") {
			rep.add(at, "broken link %q: expected mailto:name@company.example", to)
		}
	case u.Scheme == "tel":
		if strings.Trim(u.Opaque, "+0123456789-()") != "" || u.Opaque == "" {
			rep.add(at, "broken link %q: expected tel: and digits", to)
		}
	case u.Scheme != "https" && u.Scheme != "http":
		rep.add(at, "broken link %q: expected a whole address such as https://company.example/help", to)
	case !strings.Contains(u.Hostname(), ".") || strings.ContainsAny(u.Host, " _") || strings.HasPrefix(u.Host, ".") || strings.HasSuffix(u.Hostname(), "."):
		rep.add(at, "broken link %q: %q is not the name of a host", to, u.Host)
	case u.Scheme == "http":
		rep.warn(at, "link %q: use https", to)
	}
}

// image takes a picture of the set into the mail; pictures from the web are blocked by most clients.
func (m *markdownCheck) image(n *ast.Image, at place) {
	to := string(n.Destination)
	rep := m.loader.report
	data, ok := m.loader.files[path.Clean(to)]
	switch {
	case strings.Contains(to, ":"):
		rep.add(at, "picture %q: mail clients block pictures from elsewhere; put the file into the template folder", to)
	case !ok:
		rep.unknown(at, to, m.loader.attachable(), "picture %q: there is no such file", to)
	case !strings.HasPrefix(mediaType(to), "image/"):
		rep.add(at, "picture %q: mail clients show .png, .jpg and .gif only", to)
	default:
		if n.FirstChild() == nil {
			rep.add(at, "picture %q needs words for those who do not see it: ![words](%s)", to, to)
		}
		cid := strings.NewReplacer("/", ".", " ", "-").Replace(path.Clean(to)) + "@aftercare"
		n.Destination = []byte("cid:" + cid)
		m.program.inline = append(m.program.inline, File{Name: path.Base(to), Type: mediaType(to), CID: cid, Data: data})
	}
}
