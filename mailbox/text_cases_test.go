package mailbox

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestQuotePairs compares the new words of the mails in testdata/quotes, written by somebody who did not know the
// rules, with the words that person marked as new.
func TestQuotePairs(t *testing.T) {
	files, err := filepath.Glob("testdata/quotes/*.mail.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails in testdata/quotes: %v", err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".mail.txt")
		t.Run(name, func(t *testing.T) {
			got := cutBody(readExam(t, f)).New
			want := readExam(t, strings.TrimSuffix(f, ".mail.txt")+".reply.txt")
			if foldSpace(got) != foldSpace(want) {
				t.Errorf("new words\n%s\n--- want\n%s", got, want)
			}
		})
	}
}
