package mailbox

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of the HTML reader. Deeper elements are read as text of their parent; a longer address of a link is left out.
const (
	htmlDepth  = 256
	htmlQuotes = 8
	htmlHref   = 120
)

// quoteSeparator stands where HTML marks the start of the answered mail by an element only. The quote cutter knows the line.
const quoteSeparator = "-----Original Message-----"

// htmlToText renders HTML as the text a person would read, at most max bytes of it (max <= 0: no limit but the
// input's own length). Quoted blocks get "> " in front of each line, hidden elements are dropped, cells of one table
// row stand on one line with " | " between them. It reads tokens in one pass without recursion, so neither depth nor
// broken nesting can cost more than the length of src.
func htmlToText(src string, max int) string {
	if max <= 0 {
		max = 2*len(src) + 64
	}
	r := htmlReader{z: html.NewTokenizer(strings.NewReader(src)), w: htmlWriter{max: max}}
	r.w.out = make([]byte, 0, min(len(src)/4+64, max, 1<<16))
	r.stack = make([]htmlNode, 1, 32)
	for !r.w.full {
		switch r.z.Next() {
		case html.ErrorToken:
			return r.w.String()
		case html.TextToken:
			r.text()
		case html.StartTagToken:
			r.start(false)
		case html.SelfClosingTagToken:
			r.start(true)
		case html.EndTagToken:
			name, _ := r.z.TagName()
			r.end(atom.Lookup(name))
		}
	}
	return r.w.String()
}

// htmlNode is one open element with what its children inherit.
type htmlNode struct {
	tag    atom.Atom
	hidden bool // nothing below is shown
	tiny   bool // font size nil, until a child sets its own
	pre    bool
	quotes int    // quote depth
	items  int    // of ol: number of the last item; of ul: -1; else 0
	lists  int    // depth of lists
	href   string // of a
	from   int    // of a: where its text starts in the output
	line   int    // of td: the output line that the cell starts on
	cells  int    // of tr: cells so far
}

type htmlReader struct {
	z     *html.Tokenizer
	w     htmlWriter
	stack []htmlNode
	over  int // open elements that are too deep to be kept
}

func (r *htmlReader) top() *htmlNode { return &r.stack[len(r.stack)-1] }

func (r *htmlReader) text() {
	n := r.top()
	if n.hidden || n.tiny {
		return
	}
	r.w.depth = n.quotes
	r.w.text(r.z.Text(), n.pre)
}

// start opens an element. The parent's state is copied, so hidden and quoted are inherited.
func (r *htmlReader) start(selfClosing bool) {
	name, more := r.z.TagName()
	tag := atom.Lookup(name)
	a := r.attrs(tag, more)
	r.closeImplied(tag)
	parent := r.top()
	n := *parent
	n.tag, n.href, n.items, n.cells = tag, "", 0, 0
	a.apply(&n)
	if !n.hidden {
		r.open(&n, parent, a)
	}
	if voidTag(tag) || selfClosing && tag == 0 {
		return
	}
	if len(r.stack) >= htmlDepth {
		r.over++
		return
	}
	r.stack = append(r.stack, n)
}

// open writes what stands in front of an element's content.
func (r *htmlReader) open(n, parent *htmlNode, a htmlAttrs) {
	w := &r.w
	w.depth = parent.quotes
	switch n.tag {
	case atom.Br:
		w.br()
	case atom.Img:
		r.image(a)
	case atom.A:
		n.href, n.from = a.href, len(w.out)
	case atom.Li:
		r.item(n, parent)
	case atom.Ul, atom.Menu, atom.Dir:
		n.items, n.lists = -1, n.lists+1
		w.newline(1)
	case atom.Ol:
		n.lists++
		w.newline(1)
	case atom.Tr:
		w.newline(1)
	case atom.Td, atom.Th:
		parent.cells++
		w.cell(parent.cells > 1)
		n.line = w.nextLine()
	case atom.Pre:
		n.pre = true
		w.newline(2)
	case atom.Blockquote:
		w.newline(2)
		if !a.indent && n.quotes < htmlQuotes {
			n.quotes++
		}
	default:
		w.newline(breaks(n.tag, a.tight))
	}
	if a.quoted && n.tag != atom.Blockquote && n.quotes < htmlQuotes {
		w.newline(1)
		n.quotes++
	}
	switch {
	case a.answered && n.quotes == 0:
		w.mark(quoteSeparator)
	case a.signature && n.quotes == 0:
		w.mark("-- ")
	}
}

func (r *htmlReader) item(n, list *htmlNode) {
	r.w.newline(1)
	indent := strings.Repeat("  ", min(max(n.lists-1, 0), 6))
	if list.tag == atom.Ol {
		list.items++
		r.w.bullet(indent + strconv.Itoa(list.items) + ". ")
		return
	}
	r.w.bullet(indent + "- ")
}

// image shows the replacement text of a picture, unless it is a file name or a pixel that counts readers.
func (r *htmlReader) image(a htmlAttrs) {
	alt := strings.TrimSpace(a.alt)
	if alt == "" || len(alt) > 200 || a.pixel {
		return
	}
	if i := strings.LastIndexByte(alt, '.'); i >= 0 && len(alt)-i <= 5 && !strings.ContainsRune(alt, ' ') {
		return
	}
	r.w.depth = r.top().quotes
	r.w.text([]byte("["+alt+"]"), false)
}

// end closes the nearest open element of that name; an end tag that closes nothing is ignored.
func (r *htmlReader) end(tag atom.Atom) {
	if r.over > 0 {
		r.over--
		return
	}
	switch tag {
	case atom.Br:
		r.w.br()
		return
	case atom.P, 0: // a lone </p> or an unknown name must not close what is around it
		if r.top().tag != tag {
			r.w.newline(1)
			return
		}
	}
	for i := len(r.stack) - 1; i > 0; i-- {
		if r.stack[i].tag == tag {
			for len(r.stack) > i {
				r.pop()
			}
			return
		}
		if t := r.stack[i].tag; (t == atom.Td || t == atom.Th) && !tableTag(tag) {
			return
		}
	}
}

func (r *htmlReader) pop() {
	n := *r.top()
	r.stack = r.stack[:len(r.stack)-1]
	if n.hidden {
		return
	}
	w := &r.w
	switch n.tag {
	case atom.A:
		r.link(n)
	case atom.Td, atom.Th:
		w.endCell(n.line)
	case atom.Pre, atom.Blockquote:
		w.newline(2)
	default:
		w.newline(breaks(n.tag, true))
	}
	if n.quotes != r.top().quotes {
		w.newline(1)
	}
}

// link adds the address of a link where its text does not already say it.
func (r *htmlReader) link(n htmlNode) {
	href := strings.TrimSpace(n.href)
	if href == "" || n.from > len(r.w.out) || r.w.full {
		return
	}
	label := bytes.TrimSpace(r.w.out[n.from:])
	if len(label) == 0 || len(label) > 500 {
		return
	}
	low := strings.ToLower(href)
	if rest, ok := strings.CutPrefix(low, "mailto:"); ok {
		addr, _, _ := strings.Cut(rest, "?")
		if addr != "" && len(addr) <= htmlHref && !bytes.ContainsRune(label, '@') {
			r.w.text([]byte(" <"+addr+">"), false)
		}
		return
	}
	if !strings.HasPrefix(low, "http") || len(href) > htmlHref || looksLikeAddress(label) {
		return
	}
	r.w.text([]byte(" <"+href+">"), false)
}

// looksLikeAddress tells whether a link's text is itself a URL, a host or a mail address.
func looksLikeAddress(b []byte) bool {
	if bytes.ContainsAny(b, " \t\n") {
		return false
	}
	return bytes.HasPrefix(b, []byte("http")) || bytes.HasPrefix(b, []byte("www.")) ||
		bytes.ContainsRune(b, '@') || bytes.ContainsRune(b, '.')
}

// closeImplied closes what the new element ends by itself: <p> before a block, <li>, <td>, <tr> before the next.
func (r *htmlReader) closeImplied(tag atom.Atom) {
	for len(r.stack) > 1 {
		t := r.top().tag
		switch {
		case t == atom.P && (breaks(tag, true) > 0 || tag == atom.Li || tag == atom.Pre):
		case t == atom.Li && tag == atom.Li, t == atom.Option && tag == atom.Option:
		case (t == atom.Td || t == atom.Th) && (tag == atom.Td || tag == atom.Th || tag == atom.Tr):
		case t == atom.Tr && tag == atom.Tr:
		case t == atom.Head && tag == atom.Body:
		default:
			return
		}
		r.pop()
	}
}
