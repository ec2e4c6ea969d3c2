package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// linkEndings are the top-level names after which mail clients make a link of bare words. A mail that repeats a stranger's
// link under our name is what senders of forged mail want; the list need not be complete, it has to be common.
var linkEndings = []string{"app", "biz", "cc", "click", "cn", "co", "com", "de", "dev", "eu", "in", "info", "io", "link", "live", "me", "net", "online", "org", "ru", "shop", "site", "store", "top", "tv", "uk", "us", "vip", "xyz"}

// cleanLine makes one line of a value: no controls, no invisible or direction-changing characters, white space collapsed,
// at most limit characters. Double braces are parted, so that no text of a stranger looks like a template.
func cleanLine(s string, limit int) string {
	if plain(s, limit) || plainWide(s, limit) {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), 4*limit) + 4)
	count, space := 0, false
	last := rune(0)
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = count > 0
			continue
		case invisible(r):
			continue
		}
		if space || (r == '{' || r == '}') && last == r {
			b.WriteByte(' ')
			count++
			space = false
		}
		if count >= limit {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		last = r
		count++
	}
	return b.String()
}

// plain is the quick answer for the usual value: short ASCII with single inner spaces and no braces.
func plain(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == '{' || c == '}' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// plainWide is plain for a value with Han characters and their punctuation among the ASCII.
func plainWide(s string, limit int) bool {
	count, last := 0, byte(' ')
	for i := 0; i < len(s); count++ {
		c := s[i]
		switch {
		case c < 0x80:
			if c < ' ' || c > '~' || c == '{' || c == '}' || c == ' ' && last == ' ' {
				return false
			}
			i++
		case c < 0xe3 || c > 0xef || c > 0xe9 && c < 0xef || i+3 > len(s):
			return false
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !(r > 0x3000 && r < 0xa000 || r >= 0xff01 && r <= 0xff5e) {
				return false
			}
			i += n
		}
		last = c
	}
	return count <= limit && last != ' '
}

// invisible says which characters no value may carry: controls, format characters (direction overrides, zero-width spaces,
// tags), private use, and the mark of broken UTF-8. The joiners that scripts need (U+200C, U+200D) stay.
func invisible(r rune) bool {
	if r >= 0x3400 && r <= 0x9fff || r == '\u200c' || r == '\u200d' {
		return false // Han, the usual case here; and the joiners
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// cleanLines cleans each line of a value and drops empty ones at both ends; limit counts all characters together.
func cleanLines(s string, limit int) string {
	var kept strings.Builder
	kept.Grow(min(len(s), 4*limit) + 4)
	for line := range strings.Lines(s) {
		line = cleanLine(strings.TrimSuffix(line, "\n"), limit)
		limit -= utf8.RuneCountInString(line) + 1
		kept.WriteString(line)
		kept.WriteByte('\n')
		if limit <= 0 {
			break
		}
	}
	return strings.Trim(kept.String(), "\n")
}

// withoutLinks replaces each word that a mail client would make a link by instead.
func withoutLinks(s, instead string) string {
	if !strings.ContainsAny(s, ".:") && !strings.ContainsRune(s, '。') {
		return s
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		if linklike(w) {
			words[i] = instead
		}
	}
	return strings.Join(words, " ")
}

func linklike(word string) bool {
	w := strings.ToLower(word)
	if strings.Contains(w, "://") || strings.Contains(w, "www.") || strings.Contains(w, "mailto:") || strings.Contains(w, "javascript:") {
		return true
	}
	for {
		_, rest, more := strings.Cut(w, ".")
		if !more {
			return false
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' })
		label := rest
		if end >= 0 {
			label = rest[:end]
		}
		for _, known := range linkEndings {
			if label == known {
				return true
			}
		}
		w = rest
	}
}

// bareSubject takes reply and forward marks off the front of a subject, and the tag of the very case.
func bareSubject(subject, caseRef string) string {
	s := cleanLine(subject, 300)
	if caseRef != "" {
		s = strings.ReplaceAll(s, "["+caseRef+"]", "")
	}
	for range 10 {
		s = strings.TrimSpace(s)
		cut := strings.IndexAny(s, ":：")
		if cut < 0 || cut > 12 || !replyMark(s[:cut]) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[cut:])
		s = s[cut+size:]
	}
	return s
}

func replyMark(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "re", "aw", "sv", "antw", "rif", "fw", "fwd", "wg", "tr", "rv", "回复", "答复", "回覆", "答覆", "转发", "轉寄", "轉發":
		return true
	}
	return false
}

// rightToLeft says whether a value holds letters of a right-to-left script, and so has to be kept apart from its surroundings.
func rightToLeft(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0xd6 || c > 0xe0 && c < 0xef { // begins no character of those scripts, or goes on with one
			continue
		}
		r, _ := utf8.DecodeRuneInString(s[i:])
		if r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff || r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff {
			return true
		}
	}
	return false
}
