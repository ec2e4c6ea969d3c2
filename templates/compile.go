package templates

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// A compiled template is a flat list of operations. Marks travel through the Markdown and HTML parsers as words that
// neither changes (mark), and become operations wherever they come out, so the place they stand in is known.

type context uint8

const (
	inText    context = iota // plain text
	inHTML                   // between tags
	inAttr                   // in a quoted attribute
	inLink                   // in href or src
	inSubject                // in the Subject header
)

type opKind uint8

const (
	opLiteral opKind = iota
	opValue
	opIf   // go on when the variable is known, else jump
	opJump // jump always
	opBody // the template's own operations, in a layout
)

type op struct {
	kind opKind
	fn   function
	ctx  context
	not  bool
	v    int
	jump int
	text string // of a literal; of a value in text, what each further line of it begins with
	at   place
}

const (
	markOpen  = "zQ7v"
	markClose = "v7Qz"
)

func mark(node int) string { return markOpen + strconv.Itoa(node) + markClose }

// nextMark finds the first mark in s: where it begins and ends, and its node.
func nextMark(s string) (start, end, node int, ok bool) {
	start = strings.Index(s, markOpen)
	if start < 0 {
		return 0, 0, 0, false
	}
	length := strings.Index(s[start:], markClose)
	if length < 0 {
		return 0, 0, 0, false
	}
	node, err := strconv.Atoi(s[start+len(markOpen) : start+length])
	return start, start + length + len(markClose), node, err == nil
}

// builder collects the operations of one part (text, HTML, subject) of a template.
type builder struct {
	report *report
	nodes  []node
	ops    []op
	open   []opened // {{#if}} not yet closed
	tags   []string // HTML elements not yet closed
	// barrier is the newest operation that another jumps to: what precedes it must not grow.
	barrier int
}

type opened struct {
	op    int // of the opIf or opJump whose jump is still to be set
	depth int // of tags where the branch began
	node  int
}

func (b *builder) literal(s string) {
	if s == "" {
		return
	}
	if last := len(b.ops) - 1; last >= b.barrier && b.ops[last].kind == opLiteral {
		b.ops[last].text += s
		return
	}
	b.ops = append(b.ops, op{kind: opLiteral, text: s})
}

// text takes a run of output that may hold marks, all in one context.
func (b *builder) text(s string, ctx context) {
	for {
		start, end, n, ok := nextMark(s)
		if !ok || n >= len(b.nodes) {
			b.literal(s)
			return
		}
		b.literal(s[:start])
		b.node(n, ctx)
		if last := len(b.ops) - 1; ctx == inText && b.nodes[n].kind == nodeValue {
			line := s[strings.LastIndexByte(s[:start], '\n')+1 : start]
			b.ops[last].text = line[:len(line)-len(strings.TrimLeft(line, "> "))]
		}
		s = s[end:]
	}
}

// node appends the operation of one mark.
func (b *builder) node(i int, ctx context) {
	n := b.nodes[i]
	switch n.kind {
	case nodeText:
		b.literal(n.text)
	case nodeValue:
		b.ops = append(b.ops, op{kind: opValue, v: n.v, fn: n.fn, ctx: ctx, at: n.at})
	case nodeBody:
		b.ops = append(b.ops, op{kind: opBody, ctx: ctx, at: n.at})
	case nodeIf:
		b.open = append(b.open, opened{op: len(b.ops), depth: len(b.tags), node: i})
		b.ops = append(b.ops, op{kind: opIf, v: n.v, not: n.not, at: n.at})
	case nodeElse:
		if top, ok := b.top(i); ok {
			b.ops = append(b.ops, op{kind: opJump})
			b.ops[top.op].jump = len(b.ops)
			b.barrier = len(b.ops)
			top.op = len(b.ops) - 1
		}
	case nodeEnd:
		if top, ok := b.top(i); ok {
			b.ops[top.op].jump = len(b.ops)
			b.barrier = len(b.ops)
			b.open = b.open[:len(b.open)-1]
		}
	}
}

// top gives the innermost open branch, after checking that it ends in the element it began in.
func (b *builder) top(i int) (*opened, bool) {
	if len(b.open) == 0 {
		return nil, false // reported by pair, or the order was lost by the Markdown
	}
	top := &b.open[len(b.open)-1]
	if top.depth != len(b.tags) {
		b.report.add(b.nodes[top.node].at, "{{#if %s}} begins in one paragraph, list or emphasis and ends in another: put {{#if}} and {{/if}} on lines of their own", table[b.nodes[top.node].v].name)
		top.depth = len(b.tags)
	}
	return top, true
}

// close reports branches that never ended: a mark was swallowed, for instance by a link title.
func (b *builder) close(what string) []op {
	for _, o := range b.open {
		n := b.nodes[o.node]
		b.report.add(n.at, "{{#if %s}} does not come out whole in the %s", table[n.v].name, what)
	}
	return b.ops
}

// source is the Markdown that goldmark gets, with marks, and the way back to the places.
type source struct {
	text   []byte
	pieces []piece
}

type piece struct {
	offset int // in text
	node   int
}

// markdown joins the nodes to Markdown. A mark alone on its line becomes a paragraph of its own.
func markdown(nodes []node, rep *report) source {
	var s source
	for i, n := range nodes {
		s.pieces = append(s.pieces, piece{len(s.text), i})
		switch {
		case n.kind == nodeText:
			if at := strings.Index(n.text, markOpen); at >= 0 {
				rep.add(advance(n.at, n.text[:at]), "%s cannot be used in a template", markOpen)
			}
			s.text = append(s.text, n.text...)
		case n.block:
			s.text = fmt.Appendf(s.text, "\n\n%s\n\n", mark(i))
		default:
			s.text = append(s.text, mark(i)...)
		}
	}
	return s
}

// place finds where a byte of the joined Markdown came from.
func (s source) place(nodes []node, offset int) place {
	i := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].offset > offset }) - 1
	if i < 0 {
		return place{}
	}
	n := nodes[s.pieces[i].node]
	if n.kind != nodeText {
		return n.at
	}
	into := min(offset-s.pieces[i].offset, len(n.text))
	return advance(n.at, n.text[:into])
}

// plainOps compiles a text that is not Markdown: a subject line or the text layout.
func plainOps(nodes []node, ctx context, rep *report, what string) []op {
	b := &builder{report: rep, nodes: nodes}
	for i := range nodes {
		b.node(i, ctx)
	}
	return b.close(what)
}
