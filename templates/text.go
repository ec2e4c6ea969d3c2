package templates

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// textWriter writes the plain text part from the same tree that goldmark makes the HTML of. Paragraphs stay on one line:
// every client wraps them to its own width, and a phone does it badly with lines that are wrapped already.
type textWriter struct {
	src  []byte
	out  strings.Builder
	lead string // what each further line of this block begins with
}

// plainText gives the text of a Markdown tree, marks included.
func plainText(root ast.Node, src []byte) string {
	w := &textWriter{src: src}
	w.blocks(root, false)
	return strings.TrimRight(w.out.String(), "\n ") + "\n"
}

// blocks writes the children of a block, with an empty line between them unless tight.
func (w *textWriter) blocks(parent ast.Node, tight bool) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n.PreviousSibling() != nil {
			w.line("")
			if !tight {
				w.line("")
			}
		}
		w.block(n)
	}
}

// line ends the line and begins the next one with the lead.
func (w *textWriter) line(s string) {
	w.out.WriteString(s)
	w.out.WriteByte('\n')
	w.out.WriteString(w.lead)
}

func (w *textWriter) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		words := w.inline(n)
		w.line(words)
		w.out.WriteString(strings.Repeat("-", columns(words)))
	case *ast.List:
		w.list(n)
	case *ast.Blockquote:
		w.indented("> ", "> ", n, false)
	case *ast.ThematicBreak:
		w.out.WriteString("----------------------------------------")
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		w.code(n)
	case *extast.Table:
		w.table(n)
	default:
		if n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeBlock {
			w.blocks(n, false)
			return
		}
		w.out.WriteString(strings.ReplaceAll(w.inline(n), "\n", "\n"+w.lead))
	}
}

func (w *textWriter) indented(first, lead string, n ast.Node, tight bool) {
	outer := w.lead
	w.out.WriteString(first)
	w.lead += lead
	w.blocks(n, tight)
	w.lead = outer
}

func (w *textWriter) list(n *ast.List) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		if item.PreviousSibling() != nil {
			w.line("")
			if !n.IsTight {
				w.line("")
			}
		}
		bullet := "- "
		if n.IsOrdered() {
			bullet = strconv.Itoa(number) + ". "
			number++
		}
		w.indented(bullet, strings.Repeat(" ", len(bullet)), item, n.IsTight)
	}
}

func (w *textWriter) code(n ast.Node) {
	for i := range n.Lines().Len() {
		if i > 0 {
			w.line("")
		}
		seg := n.Lines().At(i)
		w.out.WriteString("    " + strings.TrimRight(string(seg.Value(w.src)), "\n"))
	}
}

// table writes one line a row, cells parted by a bar.
func (w *textWriter) table(n ast.Node) {
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		if row.PreviousSibling() != nil {
			w.line("")
		}
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, w.inline(cell))
		}
		w.out.WriteString(strings.Join(cells, " | "))
	}
}

// inline gives the words of a paragraph: emphasis is dropped, a link keeps its address in brackets, a picture its words.
func (w *textWriter) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(unescape(n.Segment.Value(w.src)))
			switch {
			case n.HardLineBreak():
				b.WriteByte('\n')
			case n.SoftLineBreak() && !joinsWithout(n, w.src):
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(w.src))
		case *ast.Link:
			words := w.inline(n)
			b.WriteString(words)
			if to := strings.TrimPrefix(string(n.Destination), "mailto:"); to != words {
				fmt.Fprintf(&b, " (%s)", to)
			}
		case *ast.RawHTML: // refused by the checks
		default:
			b.WriteString(w.inline(n))
		}
	}
	return b.String()
}

// unescape takes the backslashes off that Markdown needs before punctuation (CommonMark 2.4), and reads entities (2.5).
func unescape(s []byte) string {
	if !bytes.ContainsAny(s, `\&`) {
		return string(s)
	}
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(s))))
}

// joinsWithout says whether a line break in the source stands between two characters of a script without spaces.
func joinsWithout(n *ast.Text, src []byte) bool {
	next, ok := n.NextSibling().(*ast.Text)
	if !ok {
		return false
	}
	before := []rune(string(n.Segment.Value(src)))
	after := []rune(string(next.Segment.Value(src)))
	return len(before) > 0 && len(after) > 0 && wide(before[len(before)-1]) && wide(after[0])
}

func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0xd7ff || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xffef || r >= 0x20000 && r <= 0x3ffff
}

// columns counts the width of a heading in a terminal: wide characters take two. Marks, whose values are not known yet,
// count as a few.
func columns(s string) int {
	n := 0
	for {
		start, end, _, ok := nextMark(s)
		if !ok {
			break
		}
		s, n = s[:start]+s[end:], n+8
	}
	for _, r := range s {
		n++
		if wide(r) {
			n++
		}
	}
	return max(3, min(n, 60))
}
