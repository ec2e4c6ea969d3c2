package servertest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aftercare/cmd/aftercare/demo"
)

// TestDemoHasNoLoopOfItsOwn: what the demo shows is the daemon. It calls app.Run, and it imports nothing with which it
// could read, decide, record or send by itself.
func TestDemoHasNoLoopOfItsOwn(t *testing.T) {
	paths, err := filepath.Glob("../demo/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("the demo's files: %v, %v", paths, err)
	}
	forbidden := []string{"aftercare/mailbox/imap", "aftercare/responder/outbox", "github.com/robfig/cron", "database/sql", "modernc.org/sqlite",
		"github.com/emersion/go-imap", "github.com/wneessen/go-mail", "net/smtp"}
	// What would record, decide, send or tick beside the daemon.
	work := []string{"Open", "Record", "Tick", "Claim", "Mark", "Send", "Decide", "Notify", "NewEngine", "OpenCase", "Retry"}
	runs := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range file.Imports {
			name := strings.Trim(imp.Path.Value, `"`)
			if slices.ContainsFunc(forbidden, func(f string) bool { return name == f || strings.HasPrefix(name, f+"/") }) {
				t.Errorf("%s imports %s", path, name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			switch {
			case !ok:
			case pkg.Name == "app" && sel.Sel.Name == "Run":
				runs++
			case (pkg.Name == "store" || pkg.Name == "responder") && slices.Contains(work, sel.Sel.Name):
				t.Errorf("%s calls %s.%s", path, pkg.Name, sel.Sel.Name)
			}
			return true
		})
	}
	if runs != 1 {
		t.Errorf("app.Run is called %d times", runs)
	}
}

// TestDemo plays the demo and looks for each thing that it must show.
func TestDemo(t *testing.T) {
	m, err := model()
	if err != nil {
		t.Fatal(err)
	}
	keep := t.TempDir()
	var out bytes.Buffer
	if err := demo.Run(t.Context(), demo.Options{Out: &out, Model: m, Keep: keep}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	lines := strings.Split(out.String(), "\n")
	for _, want := range []struct {
		what  string
		parts []string // of one line
	}{
		{"repair", []string{"m.keller@", " repair", "replied with"}},
		{"replacement, Chinese", []string{"lina@", " replacement", "replied with", ".zh"}},
		{"return", []string{"ana@", " return", "replied with"}},
		{"service, in GB18030", []string{"zhoutao@", " service", "replied with", ".zh"}},
		{"usage", []string{"tom@", " usage", "replied with", ".en"}},
		{"project", []string{"wang@", " project", "replied with", ".zh"}},
		{"training", []string{"grace.miller@", " training", "replied with", ".en"}},
		{"feedback", []string{"zhaomin@", " feedback", "replied with", ".zh"}},
		{"complaint", []string{"r.osei@", " complaint", "replied with"}},
		{"visit", []string{"chenqiang@", " visit", "replied with", ".zh"}},
		{"other", []string{"lucy.hale@", " other", "replied with other.en", "told duty@"}},
		{"several intents", []string{"priya@", "+"}},
		{"out of office", []string{"peter.lang@", "auto-reply", "not-answered"}},
		{"newsletter", []string{"news@valveworld.example", "newsletter", "not-answered"}},
		{"broken MIME", []string{"jan.novak@", "repair", "replied with"}},
		{"no Message-ID", []string{"workshop@feldmann.example", "service", "replied with"}},
		{"the answer to our reply, under its case", []string{"AC-000001", "m.keller@", "further-mail"}},
		{"the bounce, under its case", []string{"AC-000003", "MAILER-DAEMON@", "bounce", "told duty@"}},
		{"why", []string{"because repair: "}},
		{"milliseconds", []string{" ms]"}},
		{"a window at risk", []string{"reply-50", "to duty@"}},
		{"a breach", []string{"reply-breach", "to duty@"}},
		{"the acknowledgement of a further mail", []string{"ack-further", "to the customer"}},
		{"a visit due soon", []string{"visit-arrange-soon", "to duty@"}},
		{"a visit overdue", []string{"visit-arrange-overdue", "to duty@"}},
		{"the summary", []string{"19 mails, 15 cases opened"}},
	} {
		if !slices.ContainsFunc(lines, func(l string) bool {
			return !slices.ContainsFunc(want.parts, func(p string) bool { return !strings.Contains(l, p) })
		}) {
			t.Errorf("the demo does not show %s: no line with %q", want.what, want.parts)
		}
	}
	for _, step := range []string{"reply-50", "reply-breach", "visit-arrange-soon", "visit-arrange-overdue"} {
		i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, step) && strings.Contains(l, "to duty@") })
		if i < 0 || i+1 == len(lines) || !strings.HasPrefix(strings.TrimSpace(lines[i+1]), `"`) || !strings.Contains(lines[i+1], "[AC-") {
			t.Errorf("%s is not followed by the mail that staff got", step)
		}
	}
	kept, err := filepath.Glob(filepath.Join(keep, "sent", "*.eml"))
	if err != nil || len(kept) < 15 {
		t.Errorf("%d mails were kept, %v", len(kept), err)
	}
	if t.Failed() {
		t.Logf("\n%s", out.String())
	}
}
