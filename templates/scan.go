package templates

import (
	"strings"
	"unicode/utf8"
)

// A template is Markdown (or, in layout/, HTML and text) with marks in double braces:
//
//	{{name}}  {{date name}}  {{time name}}  {{list name}}  {{table name}}  {{label name}}
//	{{#if name}} ... {{else}} ... {{/if}}   {{#if not name}}
//	{{> part}}   {{! comment }}

type nodeKind uint8

const (
	nodeText nodeKind = iota
	nodeValue
	nodeIf
	nodeElse
	nodeEnd
	nodeBody // {{body}}, in a layout only
)

// function is what a mark does with its variable.
type function uint8

const (
	asIs function = iota
	asDate
	asTime
	asList
	asTable
)

type node struct {
	kind  nodeKind
	text  string // of nodeText
	v     int    // number of the variable
	fn    function
	not   bool
	block bool // stands alone on its line
	at    place
}

const (
	maxSource  = 256 << 10 // bytes of one file
	maxNodes   = 4000      // marks and texts of one template, parts included
	maxNesting = 8         // {{#if}} in {{#if}}
)

// scanner turns the source of one file into nodes.
type scanner struct {
	report *report
	seenBy audience
	lang   *language         // for labels
	parts  map[string]string // name to source
	inPart bool
	nodes  []node
}

// scan reads src, which begins at the given place.
func (sc *scanner) scan(src string, at place) {
	for src != "" && len(sc.nodes) < maxNodes {
		open := strings.Index(src, "{{")
		if stray := strings.Index(src, "}}"); stray >= 0 && (open < 0 || stray < open) {
			sc.report.add(advance(at, src[:stray]), "}} without {{")
			src, at = src[stray+2:], advance(at, src[:stray+2])
			continue
		}
		if open < 0 {
			sc.add(node{kind: nodeText, text: src, at: at})
			return
		}
		mark := advance(at, src[:open])
		end := strings.Index(src[open:], "}}")
		if end < 0 || strings.Contains(src[open+2:open+end], "{{") {
			sc.add(node{kind: nodeText, text: src[:open], at: at})
			sc.report.add(mark, "{{ without }}")
			src, at = src[open+2:], advance(at, src[:open+2])
			continue
		}
		end += open + 2
		before, after := src[:open], src[end:]
		lead, tail, alone := aloneOnLine(before, after, at.col == 1)
		inner := strings.TrimSpace(src[open+2 : end-2])
		if alone && standsAlone(inner) {
			sc.add(node{kind: nodeText, text: before[:len(before)-lead], at: at})
			sc.mark(inner, mark, true)
			src, at = after[tail:], advance(at, src[:end+tail])
			continue
		}
		sc.add(node{kind: nodeText, text: before, at: at})
		sc.mark(inner, mark, false)
		src, at = after, advance(at, src[:end])
	}
	if len(sc.nodes) >= maxNodes {
		sc.report.add(at, "the template is too long: more than %d marks", maxNodes/2)
	}
}

func (sc *scanner) add(n node) {
	if n.kind != nodeText || n.text != "" {
		sc.nodes = append(sc.nodes, n)
	}
}

// standsAlone says whether a mark that is alone on its line takes the line with it. A single {{name}} is a paragraph.
func standsAlone(inner string) bool {
	word, _, _ := strings.Cut(inner, " ")
	switch word {
	case "list", "table", "#if", "else", "/if", ">", "body":
		return true
	}
	return strings.HasPrefix(inner, "!") || strings.HasPrefix(inner, ">")
}

// aloneOnLine tells whether nothing but blanks surrounds a mark on its line, and how many bytes before and after
// belong to that line. fromStart says that before begins a line.
func aloneOnLine(before, after string, fromStart bool) (lead, tail int, ok bool) {
	start := strings.LastIndexByte(before, '\n') + 1
	if start == 0 && !fromStart || strings.Trim(before[start:], " \t") != "" {
		return 0, 0, false
	}
	end := strings.IndexByte(after, '\n')
	rest := after
	if end >= 0 {
		rest = after[:end]
		tail = end + 1
	} else {
		tail = len(after)
	}
	return len(before) - start, tail, strings.Trim(rest, " \t\r") == ""
}

// mark reads what stands between the braces.
func (sc *scanner) mark(inner string, at place, block bool) {
	word, rest, _ := strings.Cut(inner, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.HasPrefix(inner, "!"):
	case strings.HasPrefix(inner, ">"):
		sc.part(strings.TrimSpace(inner[1:]), at, block)
	case word == "#if":
		name, not := rest, false
		if n, ok := strings.CutPrefix(rest, "not "); ok {
			name, not = strings.TrimSpace(n), true
		}
		if v, ok := sc.variable(name, at); ok {
			sc.add(node{kind: nodeIf, v: v, not: not, block: block, at: at})
		} else {
			sc.add(node{kind: nodeIf, v: 0, block: block, at: at}) // keeps {{/if}} in step after the report
		}
	case inner == "else":
		sc.add(node{kind: nodeElse, block: block, at: at})
	case inner == "/if":
		sc.add(node{kind: nodeEnd, block: block, at: at})
	case word == "label" && rest != "":
		sc.label(rest, at)
	case inner == "body" && sc.seenBy == layoutOnly:
		sc.add(node{kind: nodeBody, block: block, at: at})
	case rest != "":
		sc.call(word, rest, at, block)
	default:
		if v, ok := sc.variable(inner, at); ok {
			sc.value(node{kind: nodeValue, v: v, at: at})
		}
	}
}

func (sc *scanner) value(n node) {
	if table[n.v].kind == kindPairs && n.fn != asTable {
		sc.report.add(n.at, "%s holds labels and values: write {{table %s}}", table[n.v].name, table[n.v].name)
		return
	}
	sc.add(n)
}

// call reads {{function name}}.
func (sc *scanner) call(word, name string, at place, block bool) {
	fns := map[string]function{"date": asDate, "time": asTime, "list": asList, "table": asTable}
	wants := map[function]kind{asDate: kindTime, asTime: kindTime, asList: kindList, asTable: kindPairs}
	fn, ok := fns[word]
	if !ok {
		sc.report.unknown(at, word, []string{"date", "time", "list", "table", "label", "#if", "else", "/if"}, "unknown function %q", word)
		return
	}
	v, ok := sc.variable(name, at)
	if !ok {
		return
	}
	if got := table[v].kind; got != wants[fn] {
		sc.report.add(at, "{{%s}} needs a %s, and %s is a %s", word, wants[fn], name, got)
		return
	}
	if (fn == asList || fn == asTable) && !block {
		sc.report.add(at, "{{%s %s}} has to stand alone on its line", word, name)
		return
	}
	sc.add(node{kind: nodeValue, v: v, fn: fn, block: block, at: at})
}

func (sc *scanner) variable(name string, at place) (int, bool) {
	v, ok := lookup(name)
	switch {
	case !ok:
		sc.report.unknown(at, name, namesFor(sc.seenBy), "unknown variable %q", name)
	case table[v].seenBy == staffOnly && sc.seenBy != staffOnly:
		sc.report.add(at, "%s is for mails to staff only: a customer must not read it", name)
		ok = false
	case table[v].seenBy == layoutOnly && sc.seenBy != layoutOnly:
		sc.report.add(at, "%s can be used in layout/ only", name)
		ok = false
	}
	return v, ok
}

// label puts in a word of the language file.
func (sc *scanner) label(name string, at place) {
	text, ok := sc.lang.Labels[name]
	if !ok {
		sc.report.unknown(at, name, keys(sc.lang.Labels), "language/%s.yaml has no label %q", sc.lang.Language, name)
		return
	}
	sc.add(node{kind: nodeText, text: text, at: at})
}

// part puts in a shared piece, parts/NAME.LANGUAGE.md.
func (sc *scanner) part(name string, at place, block bool) {
	if sc.inPart {
		sc.report.add(at, "a part cannot contain another part")
		return
	}
	file := "parts/" + name + "." + sc.lang.Language + ".md"
	src, ok := sc.parts[file]
	if !ok {
		var right []string
		for f := range sc.parts {
			if n, ok := strings.CutSuffix(strings.TrimPrefix(f, "parts/"), "."+sc.lang.Language+".md"); ok {
				right = append(right, n)
			}
		}
		sc.report.unknown(at, name, right, "there is no %s", file)
		return
	}
	if !block {
		sc.report.add(at, "{{> %s}} has to stand alone on its line", name)
		return
	}
	sc.inPart = true
	sc.scan(strings.TrimRight(src, "\n")+"\n", place{file: file, line: 1, col: 1})
	sc.inPart = false
}

// pair checks that every {{#if}} has its {{/if}}.
func (sc *scanner) pair() {
	type opened struct {
		at   place
		half bool
	}
	var open []opened
	for _, n := range sc.nodes {
		switch n.kind {
		case nodeIf:
			open = append(open, opened{at: n.at})
			if len(open) > maxNesting {
				sc.report.add(n.at, "{{#if}} is nested more than %d deep", maxNesting)
			}
		case nodeElse:
			if len(open) == 0 || open[len(open)-1].half {
				sc.report.add(n.at, "{{else}} without {{#if}}")
				continue
			}
			open[len(open)-1].half = true
		case nodeEnd:
			if len(open) == 0 {
				sc.report.add(n.at, "{{/if}} without {{#if}}")
				continue
			}
			open = open[:len(open)-1]
		}
	}
	for _, o := range open {
		sc.report.add(o.at, "{{#if}} without {{/if}}")
	}
}

// advance gives the place after text.
func advance(at place, text string) place {
	if n := strings.Count(text, "\n"); n > 0 {
		at.line += n
		at.col = 1
		text = text[strings.LastIndexByte(text, '\n')+1:]
	}
	at.col += utf8.RuneCountInString(text)
	return at
}
