package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest/shipped"
)

// run carries out one command line in a folder with shipped.Config, and returns what it printed and its exit status.
func run(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	env := &environment{ctx: t.Context(), out: &out, err: &out, in: strings.NewReader(""), now: func() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }}
	code := execute(env, append(args, "-c", filepath.Join(dir, "config.yaml")))
	return out.String(), code
}

// badCells are ways in which a row of the test is wrong, by column.
var badCells = []struct{ column, value string }{
	{"C", "not-an-address"}, {"D", "2026-02-31"}, {"E", "twelve"}, {"F", "1.23E+11"}, {"G", "Atlantis"},
}

// contractRows writes a file of contracts; each of bad, a line of the file to a column, is wrong.
func contractRows(t *testing.T, path string, rows int, bad map[int]int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("Contract,Customer,E-mail,Start,Months,Serial,Office\n")
	for i := range rows {
		row := []string{fmt.Sprintf("C-%05d", i), fmt.Sprintf("Customer %d", i), fmt.Sprintf("c%d@x.example", i), "2026-01-31", "12", fmt.Sprintf("S-%06d", i), "Nanjing"}
		if k, ok := bad[i+2]; ok {
			row[badCells[k].column[0]-'A'] = badCells[k].value
		}
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestImportOfManyRows: of 10,000 rows 50 are bad: each is named with line and column, and nothing is half done; mended, the
// file is taken whole, and once.
func TestImportOfManyRows(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"config.yaml": shipped.Config, shipped.Secret: "secret\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, bad := filepath.Join(dir, "contracts.csv"), map[int]int{}
	for i := range 50 {
		bad[9+200*i] = i % len(badCells)
	}
	contractRows(t, file, 1, nil)
	if out, code := run(t, dir, "contract", "import", file, "--apply", "--by", "eve"); code != 0 {
		t.Fatalf("one row, exit status %d:\n%s", code, out)
	}
	contractRows(t, file, 10000, bad)
	out, code := run(t, dir, "contract", "import", file, "--apply", "--by", "eve")
	if code != exitFailed || !strings.Contains(out, "nothing was changed") {
		t.Fatalf("exit status %d:\n%s", code, out)
	}
	found := regexp.MustCompile(`line (\d+), column ([A-Z])`).FindAllStringSubmatch(out, -1)
	if len(found) != 50 {
		t.Errorf("%d faults are named:\n%s", len(found), out)
	}
	for _, f := range found {
		line := 0
		if _, err := fmt.Sscan(f[1], &line); err != nil {
			t.Fatal(err)
		}
		if k, ok := bad[line]; !ok || badCells[k].column != f[2] {
			t.Errorf("line %s, column %s is named", f[1], f[2])
		}
	}
	if out, code := run(t, dir, "contract", "list"); code != 0 || strings.Count(out, "C-0") != 1 {
		t.Errorf("after it, exit status %d:\n%s", code, out)
	}
	contractRows(t, file, 10000, nil)
	if out, code := run(t, dir, "contract", "import", file, "--apply", "--by", "eve"); code != 0 || !strings.Contains(out, "10000") {
		t.Errorf("mended, exit status %d:\n%s", code, out)
	}
	if out, code := run(t, dir, "contract", "import", file, "--apply", "--by", "eve"); code != 0 || !strings.Contains(out, "Nothing to change") {
		t.Errorf("once more, exit status %d:\n%s", code, out)
	}
}
