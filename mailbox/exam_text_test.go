package mailbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamQuotes compares the new words of the mails in $AFTERCARE_DATA/quotes with what a person found in them.
func TestExamQuotes(t *testing.T) {
	dir := os.Getenv("AFTERCARE_DATA")
	if dir == "" {
		t.Skip("AFTERCARE_DATA is not set: quotes not examined")
	}
	files, err := filepath.Glob(filepath.Join(dir, "quotes", "*.mail.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails in %s/quotes: %v", dir, err)
	}
	const floor = 28 // of 32
	exact := 0
	for _, f := range files {
		mail := readExam(t, f)
		want := readExam(t, strings.TrimSuffix(f, ".mail.txt")+".reply.txt")
		got := cutBody(mail).New
		if foldSpace(got) == foldSpace(want) {
			exact++
			continue
		}
		t.Logf("%s\n--- got\n%s\n--- want\n%s", filepath.Base(f), got, want)
	}
	t.Logf("exact: %d of %d", exact, len(files))
	if exact*32 < floor*len(files) {
		t.Errorf("%d of %d mails cut exactly, want at least %d of 32", exact, len(files), floor)
	}
}

func readExam(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ToValidUTF8(string(b), "")
}

func foldSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
