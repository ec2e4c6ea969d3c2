package responder

import (
	"fmt"
	"strconv"
	"strings"
)

// maxTags bounds how many case tags of one subject are read.
const maxTags = 8

// FormatCase is the name of a case as people see it: AC-000123.
func FormatCase(n int64) string { return fmt.Sprintf("AC-%06d", n) }

// SubjectTag is the name of a case as it stands in subjects: [AC-000123].
func SubjectTag(n int64) string { return "[" + FormatCase(n) + "]" }

// ParseCase reads a case number as a person would type it: AC-000123, ac-123, [AC-000123] or 123.
func ParseCase(s string) (int64, bool) {
	s = strings.Trim(strings.TrimSpace(s), "[]【】")
	if len(s) > 3 && strings.EqualFold(s[:3], "AC-") {
		s = s[3:]
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n > 0
}

// ParseTags returns the case numbers of the tags in a subject, in order, each once: [AC-000123], in any case of letters,
// also with the full-width brackets that Chinese mail programs put in their place. A tag is a claim and no proof: it
// counts only from somebody who belongs to the case.
func ParseTags(subject string) []int64 {
	var ns []int64
	for len(ns) < maxTags {
		i := indexFold(subject, "ac-")
		if i < 0 {
			break
		}
		before, rest := subject[:i], subject[i+3:]
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		before, after := strings.TrimRight(before, " "), strings.TrimLeft(rest[n:], " ")
		subject = rest
		if n < 6 || n > 15 || !hasBracket(before, after) {
			continue
		}
		if v, err := strconv.ParseInt(rest[:n], 10, 64); err == nil && v > 0 {
			ns = addTag(ns, v)
		}
	}
	return ns
}

func hasBracket(before, after string) bool {
	return (strings.HasSuffix(before, "[") || strings.HasSuffix(before, "【") || strings.HasSuffix(before, "［")) &&
		(strings.HasPrefix(after, "]") || strings.HasPrefix(after, "】") || strings.HasPrefix(after, "］"))
}

func addTag(ns []int64, n int64) []int64 {
	for _, have := range ns {
		if have == n {
			return ns
		}
	}
	return append(ns, n)
}
