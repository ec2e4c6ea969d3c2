package strictyaml

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"
)

// whole reads src as goccy/go-yaml does; false where it refuses it or finds several documents.
func whole(src string) (n node, ok bool, err error) {
	tree, err := parser.ParseBytes([]byte(src), 0)
	if err != nil {
		return n, false, err
	}
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if ok {
			return n, false, nil
		}
		n, ok = fromTree(doc.Body), true
	}
	return n, true, nil
}

// forget drops the places that no message names, those of blocks of pairs and of what is not there, and the columns, which
// goccy/go-yaml moves for blanks at the end of a line.
func forget(n *node) {
	n.col = 0
	if n.kind == pairs || n.kind == null {
		n.line, n.text = 0, ""
	}
	for i := range n.children {
		forget(&n.children[i])
	}
	if len(n.children) == 0 {
		n.children = nil
	}
}

// same holds that a file which the plain reader accepts means the same to goccy/go-yaml.
func same(t *testing.T, src string) (plain bool) {
	t.Helper()
	got, ok := readPlain(src)
	if !ok {
		return false
	}
	want, ok, err := whole(src)
	if !ok {
		t.Fatalf("accepted, and the whole reader says: %v\n%s", err, src)
	}
	forget(&got)
	forget(&want)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("of\n%s\ngot  %+v\nwant %+v", src, got, want)
	}
	return true
}

// TestOwnFilesArePlain reads every YAML file that comes with the program both ways.
func TestOwnFilesArePlain(t *testing.T) {
	root, files := "../..", 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
				return fs.SkipDir
			}
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".md":
		default:
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		src := string(data)
		if filepath.Ext(path) == ".md" {
			front, _, ok := strings.Cut(strings.TrimPrefix(src, "---\n"), "\n---\n")
			if !ok || !strings.HasPrefix(src, "---\n") {
				return nil
			}
			src = "\n" + front + "\n"
		}
		files++
		if !same(t, src) {
			t.Errorf("%s is read the slow way", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were found", files)
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		plain    bool
	}{
		{"nothing", "", true},
		{"comments alone", "# a\n\n  # b\n", true},
		{"pairs", "a: 1\nb:\n  c: x y # why\n  d:\n", true},
		{"a list under its key", "a:\n- x\n- y\nb: z\n", true},
		{"pairs in a list", "- a: 1\n  b: 2\n-\n  c: 3\n- - x\n  - y\n", true},
		{"brackets", "a: [x, 'it''s', \"q\\\"\\n\", [y], {b: c}]\nd: {}\ne: []\n", true},
		{"brackets on several lines", "a: [x,\n  y, # why\n  z]\n", true},
		{"quoted keys", "\"in warranty\": x\n'b': y\n", true},
		{"Chinese", "维修: 我们, 明白。\n", true},
		{"types", "a: true\nb: null\nc: -5\nd: 1.5\ne: 07:30\nf: 2026-01-01\n", true},
		{"an address", "a: https://company.example/x#y\n", true},
		{"a key twice", "a: 1\na: 2\n", false},
		{"several lines of a word", "a: x\n  y\n", false},
		{"a block of text", "a: |\n  x\n", false},
		{"an anchor", "a: &x y\n", false},
		{"a tag", "a: !x y\n", false},
		{"a colon in a word", "a: b: c\n", false},
		{"a tab", "a:\tb\n", false},
		{"an item that is empty", "-\n- a\n", false},
		{"brackets that are not closed", "a: [x\nb: y\n", false},
		{"quotes that are not closed", "a: \"x\n", false},
		{"more behind quotes", "a: \"x\" y\n", false},
		{"an indent that fits nothing", "a:\n    b: c\n  d: e\n", false},
		{"two documents", "a: b\n---\nc: d\n", false},
		{"deep brackets", strings.Repeat("[", 50) + strings.Repeat("]", 50), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := same(t, tt.in); got != tt.plain {
				t.Errorf("plain is %v, want %v", got, tt.plain)
			}
		})
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{
		"a: 1\nb:\n  - c: [d, {e: f}]\n    g: 'h'\n  - i\n", "- a\n-  b: c\n   d: \"e\\n\"\n", "a: [b,\n  c]\n", "\"a\": b # c\n", "a:\n- b\n- c: d\ne: f\n",
		"a: - b\n", "a: b:\n", "{a: b, c: [d]}", "a: 1.0\nb: 0x1\nc: ~\n", "- - a\n  - b\n- c\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) < 2000 {
			same(t, src)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := readPlain(string(data)); !ok {
				b.Fatal("not plain")
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := whole(string(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
