// Package archtest holds the tests about the shape of the code itself: which room may import which, and where the clock,
// the network and the big libraries may be used.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "aftercare/"

// rooms says which rooms of the project each room may import directly.
var rooms = map[string][]string{
	"sla":                {},
	"mailbox":            {},
	"templates":          {},
	"responder/classify": {},
	"responder":          {"mailbox", "sla", "templates", "responder/classify"},
	"store":              {"responder", "mailbox", "sla"},
	"mailbox/imap":       {"mailbox"},
	"responder/outbox":   {"responder", "mailbox"},
}

// only says where a library may be imported.
var only = map[string][]string{
	"github.com/emersion/go-imap/v2": {"mailbox/imap", "internal/mailtest"},
	"github.com/wneessen/go-mail":    {"responder/outbox"},
	"github.com/robfig/cron/v3":      {"cmd/aftercare"},
	"modernc.org/sqlite":             {"store"},
	"github.com/emersion/go-smtp":    {"internal/mailtest"},
	"github.com/teambition/rrule-go": {"internal/ical"},
}

// source is one Go file that is no test.
type source struct {
	dir  string
	path string
	file *ast.File
}

func sources(t *testing.T) (out []source) {
	t.Helper()
	root := "../.."
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, src, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		out = append(out, source{dir: filepath.ToSlash(filepath.Dir(rel)), path: rel, file: f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files were found", len(out))
	}
	return out
}

func TestImportsRunDownward(t *testing.T) {
	for _, s := range sources(t) {
		allowed, isRoom := rooms[s.dir]
		for _, imp := range s.file.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if room, ok := strings.CutPrefix(path, module); ok && isRoom && !strings.HasPrefix(room, "internal/strictyaml") && !slices.Contains(allowed, room) {
				t.Errorf("%s imports %s; %s may import %v", s.path, room, s.dir, allowed)
			}
			if s.dir == "sla" && strings.Contains(path, ".") {
				t.Errorf("%s imports %s; sla uses the standard library only", s.path, path)
			}
			for lib, where := range only {
				if path != lib && !strings.HasPrefix(path, lib+"/") {
					continue
				}
				if !slices.ContainsFunc(where, func(w string) bool { return s.dir == w || strings.HasPrefix(s.dir, w+"/") }) {
					t.Errorf("%s imports %s, which belongs in %v", s.path, path, where)
				}
			}
		}
	}
}

// TestPureRooms: the pure rooms have no clock, no network, no disk but the embedded files, no init and no os.Exit.
func TestPureRooms(t *testing.T) {
	pure := []string{"sla", "mailbox", "templates", "responder", "responder/classify"}
	forbidden := map[string][]string{
		"time": {"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc"},
		"os":   {"Open", "OpenFile", "Create", "ReadFile", "WriteFile", "Getenv", "Exit", "Stdout", "Stderr", "Args"},
	}
	for _, s := range sources(t) {
		if !slices.Contains(pure, s.dir) {
			continue
		}
		for _, imp := range s.file.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if path == "net" || strings.HasPrefix(path, "net/http") || path == "os/exec" || path == "database/sql" {
				t.Errorf("%s imports %s; %s is pure", s.path, path, s.dir)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(forbidden[x.Name], sel.Sel.Name) {
				t.Errorf("%s uses %s.%s; %s is pure", s.path, x.Name, sel.Sel.Name, s.dir)
			}
			return true
		})
	}
}

func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function", s.path)
			}
		}
	}
}

// TestMemoryServersAreLight: the demo links them, so they may not bring the test framework or processes along.
func TestMemoryServersAreLight(t *testing.T) {
	n := 0
	for _, s := range sources(t) {
		if s.dir != "internal/mailtest/memory" {
			continue
		}
		n++
		for _, imp := range s.file.Imports {
			if p := strings.Trim(imp.Path.Value, `"`); p == "testing" || p == "os/exec" {
				t.Errorf("%s imports %s", s.path, p)
			}
		}
	}
	if n == 0 {
		t.Error("no file of internal/mailtest/memory was found")
	}
}
