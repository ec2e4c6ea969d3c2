package strictyaml

import (
	"github.com/goccy/go-yaml/ast"
)

// kind says what a node is.
type kind uint8

const (
	null    kind = iota // nothing, or null
	word                // a value, whatever type YAML would make of it
	boolean             // true or false
	list                // children: the items
	pairs               // children: a key, its value, the next key
	odd                 // an anchor, alias or tag: not read
)

// node is a piece of a file, as both readers of YAML give it.
type node struct {
	kind      kind
	line, col int    // where it begins; of a block of pairs its first colon
	text      string // of a value
	children  []node
}

// fromTree turns what goccy/go-yaml read into nodes.
func fromTree(t ast.Node) node {
	n := node{kind: word}
	if tk := t.GetToken(); tk != nil && tk.Position != nil {
		n.line, n.col = tk.Position.Line, tk.Position.Column
	}
	switch t := t.(type) {
	case *ast.NullNode:
		n.kind = null
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		n.kind = odd
	case *ast.MappingNode:
		n.kind = pairs
		for _, p := range t.Values {
			n.children = append(n.children, keyFromTree(p.Key), fromTree(p.Value))
		}
	case *ast.MappingValueNode:
		n.kind = pairs
		n.children = []node{keyFromTree(t.Key), fromTree(t.Value)}
	case *ast.SequenceNode:
		n.kind = list
		for _, e := range t.Values {
			n.children = append(n.children, fromTree(e))
		}
	case *ast.BoolNode:
		n.kind, n.text = boolean, t.Token.Value
	case *ast.LiteralNode:
		n.text = t.Value.Value
	case *ast.StringNode:
		n.text = t.Value
	default:
		if tk := t.GetToken(); tk != nil {
			n.text = tk.Value
		}
	}
	return n
}

// keyFromTree is fromTree for a key: a word, whatever it looks like.
func keyFromTree(t ast.Node) node {
	n := fromTree(t)
	if tk := t.GetToken(); n.text == "" && tk != nil {
		n.text = tk.Value
	}
	n.kind = word
	return n
}
