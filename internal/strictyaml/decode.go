package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decode puts a node into a value.
func (d *Doc) decode(n *node, v reflect.Value, key string, secret bool) {
	switch n.kind {
	case null:
		return // a key without a value keeps its default
	case odd:
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
		d.decode(n, v.Elem(), key, secret)
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

func placeOf(key, value *node) place {
	p := place{line: key.line, col: key.col}
	if value.kind != null {
		p.valueLine, p.valueCol = value.line, value.col
	}
	return p
}

// field is what the tag of a struct's field says.
type field struct {
	name   string
	index  int
	secret bool
}

func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		name, opts, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			fields = append(fields, field{name, i, strings.Contains(opts, "secret")})
		}
	}
	return fields
}

func (d *Doc) structure(n *node, v reflect.Value, key string) {
	if n.kind != pairs {
		d.add(n, key, n.text, "expected keys and values")
		return
	}
	fields := d.fields[v.Type()]
	if fields == nil {
		fields = fieldsOf(v.Type())
		d.fields[v.Type()] = fields
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.children); i += 2 {
		name, value := &n.children[i], &n.children[i+1]
		at := join(key, name.text)
		known := slices.IndexFunc(fields, func(f field) bool { return f.name == name.text })
		switch {
		case known < 0:
			d.add(name, at, "", "unknown key; "+suggest(name.text, fields))
		case seen[name.text]:
			d.add(name, at, "", "the key is set twice")
		default:
			seen[name.text] = true
			d.places[at] = placeOf(name, value)
			f := fields[known]
			d.decode(value, v.Field(f.index), at, f.secret)
		}
	}
}

func (d *Doc) mapping(n *node, v reflect.Value, key string) {
	if n.kind != pairs {
		d.add(n, key, n.text, "expected keys and values")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.children)/2))
	for i := 0; i < len(n.children); i += 2 {
		name, value := &n.children[i], &n.children[i+1]
		at := join(key, name.text)
		d.places[at] = placeOf(name, value)
		e := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, e, at, false)
		v.SetMapIndex(reflect.ValueOf(name.text).Convert(v.Type().Key()), e)
	}
}

func (d *Doc) list(n *node, v reflect.Value, key string, secret bool) {
	if n.kind != list {
		d.add(n, key, n.text, "expected a list")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.children), len(n.children))
	for i := range n.children {
		item, at := &n.children[i], key+"["+strconv.Itoa(i)+"]"
		d.places[at] = placeOf(item, item)
		d.decode(item, out.Index(i), at, secret)
	}
	v.Set(out)
}

// scalar sets a value that is written as one word or text.
func (d *Doc) scalar(n *node, v reflect.Value, key string, secret bool) {
	switch n.kind {
	case list:
		d.add(n, key, "", "expected one value, not a list")
		return
	case pairs:
		d.add(n, key, "", "expected one value, not keys and values")
		return
	}
	if want := set(v, n); want != "" {
		value := n.text
		if secret {
			value = ""
		}
		d.add(n, key, value, "expected "+want)
	}
}

// set stores the text of n in v and returns "" or what was expected.
func set(v reflect.Value, n *node) string {
	s := n.text
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
		if n.kind != boolean {
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

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// suggest names the nearest known key, or all of them.
func suggest(name string, fields []field) string {
	best, at := "", 3
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
		if n := distance(name, f.name); n < at {
			best, at = f.name, n
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
