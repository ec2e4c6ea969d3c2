package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// paragraphs are those of the policy's text.
var paragraphs = []string{"1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3"}

var (
	testFunc = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]+)\(`)
	named    = regexp.MustCompile("`(?:([a-z]+)\\.)?(Test[A-Za-z0-9_]+)`")
	goFile   = regexp.MustCompile("`([a-z/_]+\\.(?:go|yaml))`")
)

// allTests are the names of the test functions by package directory, "sla" or "cmd/aftercare/app".
func allTests(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	root := "../.."
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, "_test.go") {
			return err
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(p))
		for _, m := range testFunc.FindAllStringSubmatch(string(src), -1) {
			dir := filepath.ToSlash(rel)
			out[dir] = append(out[dir], m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPolicyPage: docs/policy.md has a row for each paragraph of the policy with a test of its number, names only tests and
// files that are there, and leaves out no test that is named after a paragraph.
func TestPolicyPage(t *testing.T) {
	src, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	page, tests := string(src), allTests(t)
	for _, p := range paragraphs {
		number := "TestPolicy" + strings.ReplaceAll(p, ".", "_") + "_"
		found := false
		for line := range strings.Lines(page) {
			found = found || strings.HasPrefix(line, "| "+p+" ") && strings.Contains(line, number)
		}
		if !found {
			t.Errorf("no row of paragraph %s names a test %s...", p, number)
		}
	}
	said := map[string]bool{}
	for _, m := range named.FindAllStringSubmatch(page, -1) {
		said[m[2]] = true
		there := false
		for dir, names := range tests {
			there = there || slices.Contains(names, m[2]) && (filepath.Base(dir) == m[1] || m[1] == "" && dir == "cmd/aftercare/app")
		}
		if !there {
			t.Errorf("there is no test %s.%s", m[1], m[2])
		}
	}
	for dir, names := range tests {
		for _, name := range names {
			if strings.HasPrefix(name, "TestPolicy") && dir != "internal/archtest" && !said[name] {
				t.Errorf("the page leaves %s out", name)
			}
		}
	}
	for _, m := range goFile.FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil && m[1] != "config.example.yaml" {
			t.Errorf("there is no %s", m[1])
		}
	}
}
