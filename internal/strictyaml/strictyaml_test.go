package strictyaml

import (
	"strings"
	"testing"
	"time"
)

type doc struct {
	Name  string        `yaml:"name"`
	Wait  time.Duration `yaml:"wait"`
	Count int           `yaml:"count"`
	On    bool          `yaml:"on"`
	Pass  int           `yaml:"pass,secret"`
	Inner []struct {
		Host string `yaml:"host"`
	} `yaml:"inner"`
	Words map[string][]string `yaml:"words"`
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string // a line of the error each; none for success
	}{
		{"good", "name: a\nwait: 3d\ncount: 4\non: true\ninner:\n  - host: x\nwords: {en: [a, b]}\n", nil},
		{"empty", "", nil},
		{"null keeps the default", "name:\n", nil},
		{"all at once", "nam: a\nwait: soon\ncount: many\non: maybe\ninner: x\n", []string{
			`f.yaml:1: nam: unknown key; did you mean name?`,
			`f.yaml:2: wait: "soon": expected a duration such as "90s", "2h" or "3d"`,
			`f.yaml:3: count: "many": expected a whole number`,
			`f.yaml:4: on: "maybe": expected true or false`,
			`f.yaml:5: inner: "x": expected a list`,
		}},
		{"inside a list", "inner:\n  - host: a\n  - hots: b\n", []string{`f.yaml:3: inner[1].hots: unknown key; did you mean host?`}},
		{"a secret is not shown", "pass: hunter2\n", []string{`f.yaml:1: pass: expected a whole number`}},
		{"a list for a value", "name: [a]\n", []string{`f.yaml:1: name: expected one value, not a list`}},
		{"keys for a value", "name: {a: b}\n", []string{`f.yaml:1: name: expected one value, not keys and values`}},
		{"no anchors", "name: &x a\n", []string{`f.yaml:1: name: expected a plain value (anchors, aliases and tags are not read)`}},
		{"two documents", "name: a\n---\nname: b\n", []string{`f.yaml:3: one YAML document, not several`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v doc
			err := Decode("f.yaml", []byte(tt.in), &v).Err()
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestDecodeValues(t *testing.T) {
	var v doc
	d := Decode("f.yaml", []byte("name: \"a: b\"\nwait: 90s\ncount: 4\ninner:\n  - host: x\n  - host: |\n      two\nwords: {en: [a, b]}\n"), &v)
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	if v.Name != "a: b" || v.Wait != 90*time.Second || v.Count != 4 || len(v.Inner) != 2 || v.Inner[1].Host != "two\n" || len(v.Words["en"]) != 2 {
		t.Errorf("got %+v", v)
	}
	if n := d.Line("inner[1].host"); n != 6 {
		t.Errorf("inner[1].host stands on line %d, want 6", n)
	}
	d.Bad("inner[1].port", "", "expected a port")
	if got := d.Err().Error(); got != "f.yaml:6: inner[1].port: expected a port" {
		t.Errorf("got %q", got)
	}
}
