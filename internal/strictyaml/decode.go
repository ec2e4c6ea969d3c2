package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func (d *Doc) decode(body ast.Node, into any) {
	d.node(body, reflect.ValueOf(into).Elem(), "", false)
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (d *Doc) node(n ast.Node, v reflect.Value, key string, secret bool) {
	if t := n.GetToken(); key != "" && t != nil && t.Position != nil {
		if _, ok := d.lines[key]; !ok {
			d.lines[key] = t.Position.Line
		}
	}
	switch n.(type) {
	case *ast.NullNode:
		return // a key without a value keeps its default
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.add(n, key, "", "expected a plain value (anchors, aliases and tags are not read)")
		return
	}
	switch {
	case v.Type() == durationType || reflect.PointerTo(v.Type()).Implements(textType):
		d.scalar(n, v, key, secret)
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.node(n, v.Elem(), key, secret)
	case v.Kind() == reflect.Struct:
		d.structure(n, v, key)
	case v.Kind() == reflect.Map:
		d.mapping(n, v, key)
	case v.Kind() == reflect.Slice:
		d.list(n, v, key, secret)
	default:
		d.scalar(n, v, key, secret)
	}
}

// pairs returns the entries of a mapping, and whether the node is one.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

func (d *Doc) structure(n ast.Node, v reflect.Value, key string) {
	ps, ok := pairs(n)
	if !ok {
		d.add(n, key, text(n), "expected keys and values")
		return
	}
	fields := map[string]int{}
	secret := map[string]bool{}
	var names []string
	for i := range v.NumField() {
		name, opts, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = i
		secret[name] = strings.Contains(opts, "secret")
		names = append(names, name)
	}
	seen := map[string]bool{}
	for _, p := range ps {
		name := text(p.Key)
		at := join(key, name)
		i, ok := fields[name]
		switch {
		case !ok:
			d.add(p.Key, at, "", "unknown key; "+suggest(name, names))
		case seen[name]:
			d.add(p.Key, at, "", "the key is set twice")
		default:
			seen[name] = true
			d.lines[at] = p.Key.GetToken().Position.Line
			d.node(p.Value, v.Field(i), at, secret[name])
		}
	}
}

func (d *Doc) mapping(n ast.Node, v reflect.Value, key string) {
	ps, ok := pairs(n)
	if !ok {
		d.add(n, key, text(n), "expected keys and values")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, p := range ps {
		name := text(p.Key)
		at := join(key, name)
		d.lines[at] = p.Key.GetToken().Position.Line
		e := reflect.New(v.Type().Elem()).Elem()
		d.node(p.Value, e, at, false)
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), e)
	}
}

func (d *Doc) list(n ast.Node, v reflect.Value, key string, secret bool) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.add(n, key, text(n), "expected a list")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, e := range s.Values {
		d.node(e, out.Index(i), fmt.Sprintf("%s[%d]", key, i), secret)
	}
	v.Set(out)
}

// scalar sets a value that is written as one word or text.
func (d *Doc) scalar(n ast.Node, v reflect.Value, key string, secret bool) {
	if _, ok := n.(*ast.SequenceNode); ok {
		d.add(n, key, "", "expected one value, not a list")
		return
	}
	if _, ok := pairs(n); ok {
		d.add(n, key, "", "expected one value, not keys and values")
		return
	}
	s := text(n)
	if want := set(v, s, n); want != "" {
		if secret {
			s = ""
		}
		d.add(n, key, s, "expected "+want)
	}
}

// set stores s in v and returns "" or what was expected.
func set(v reflect.Value, s string, n ast.Node) string {
	if v.Type() == durationType {
		t, err := Duration(s)
		if err != nil {
			return `a duration such as "90s", "2h" or "3d"`
		}
		v.SetInt(int64(t))
		return ""
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(s)); err != nil {
			return err.Error()
		}
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if _, ok := n.(*ast.BoolNode); !ok {
			return "true or false"
		}
		v.SetBool(strings.EqualFold(s, "true"))
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return "a whole number"
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return "a number"
		}
		v.SetFloat(f)
	default:
		return "a value this program can hold (" + v.Type().String() + ")"
	}
	return ""
}

// Duration reads a Go duration or a number of days ("3d").
func Duration(s string) (time.Duration, error) {
	if d, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(d)
		if err != nil || n < 0 || n > 36500 {
			return 0, fmt.Errorf("%q is no duration", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	t, err := time.ParseDuration(s)
	if err != nil || t < 0 {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	return t, nil
}

func text(n ast.Node) string {
	switch t := n.(type) {
	case *ast.LiteralNode:
		return t.Value.Value
	case *ast.StringNode:
		return t.Value
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return ""
	}
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// suggest names the nearest known key, or all of them.
func suggest(name string, names []string) string {
	best, at := "", 3
	for _, k := range names {
		if n := distance(name, k); n < at {
			best, at = k, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "expected one of " + strings.Join(names, ", ")
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
