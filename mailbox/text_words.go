package mailbox

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"unicode"
)

// fieldKind is the meaning of a name in a header block.
type fieldKind uint8

const (
	fieldNone fieldKind = iota
	fieldFrom
	fieldSent
	fieldTo
	fieldCc
	fieldSubject
	fieldOther
)

// edgeWords are the phrases of data/quotes.tsv and data/phrases.tsv in the form that the cutter looks them up in:
// lower case throughout.
type edgeWords struct {
	fields    map[string]fieldKind // keys without spaces
	wrote     []string
	openers   phraseIndex
	marks     map[string]bool // true: of a forward
	above     []string
	devices   phraseIndex
	closing   map[string]bool
	nothing   map[string]bool
	thanks    map[string]bool
	salute    map[string]bool
	greeting  phraseIndex
	secret    phraseIndex
	legal     phraseIndex
	notice    headFilter // of secret and legal
	banner    phraseIndex
	contact   map[string]bool
	title     []string
	company   []string
	dept      []string
	keep      []string
	honorific []string
}

// phrases loads the phrases once; they never change afterwards.
var phrases = sync.OnceValue(loadEdgeWords)

func loadEdgeWords() *edgeWords {
	w := &edgeWords{fields: map[string]fieldKind{}, marks: map[string]bool{},
		closing: map[string]bool{}, nothing: map[string]bool{}, thanks: map[string]bool{}, salute: map[string]bool{}, contact: map[string]bool{}}
	readEmbedded("quotes.tsv", 3, 3, w.row)
	readEmbedded("phrases.tsv", 3, 3, w.row)
	return w
}

func (w *edgeWords) row(cells []string) error {
	kind, phrase := cells[0], lowerSame(cells[2])
	if phrase == "" {
		return fmt.Errorf("%s: the phrase is empty", kind)
	}
	switch kind {
	case "from", "sent", "to", "cc", "subject", "other":
		key := strings.ReplaceAll(phrase, " ", "")
		if _, taken := w.fields[key]; !taken { // one word may name two fields in two languages: the first stands
			w.fields[key] = fieldKinds[kind]
		}
	case "wrote":
		w.wrote = append(w.wrote, phrase)
	case "opener":
		w.openers.add(phrase)
	case "mark":
		w.marks[phrase] = false
	case "forward":
		w.marks[phrase] = true
	case "above":
		w.above = append(w.above, phrase)
	case "device":
		w.devices.add(phrase)
	case "closing":
		w.closing[phrase] = true
	case "nothing":
		w.nothing[phrase] = true
	case "salute":
		w.salute[phrase] = true
	case "thanks":
		w.thanks[phrase] = true
	case "greeting":
		w.greeting.add(phrase)
	case "confidential":
		w.secret.add(phrase)
		w.notice.add(phrase)
	case "legal":
		w.legal.add(phrase)
		w.notice.add(phrase)
	case "banner":
		w.banner.add(phrase)
	case "contact":
		w.contact[phrase] = true
	case "title":
		w.title = append(w.title, phrase)
	case "company":
		w.company = append(w.company, phrase)
	case "honorific":
		w.honorific = append(w.honorific, phrase)
	case "department":
		w.dept = append(w.dept, phrase)
	case "keep":
		w.keep = append(w.keep, phrase)
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
	return nil
}

var fieldKinds = map[string]fieldKind{"from": fieldFrom, "sent": fieldSent, "to": fieldTo, "cc": fieldCc,
	"subject": fieldSubject, "other": fieldOther}

// field tells which header field a line names, and what stands behind the name: "Von: Max", "*From:* x", "发件人：x",
// "主　题：x", "From | x" (a table of NetEase mail).
func (w *edgeWords) field(line string) (fieldKind, string) {
	i := fieldSeparator(line)
	if i <= 0 {
		return fieldNone, ""
	}
	var buf [48]byte
	key := buf[:0]
	for _, r := range line[:i] {
		switch {
		case r == '*' || r == '|' || r == '_' || r == '<' || unicode.IsSpace(r):
		case r < 0x80:
			key = append(key, lowerByte(byte(r)))
		default:
			key = append(key, string(unicode.ToLower(r))...)
		}
	}
	kind := w.fields[string(key)]
	if kind == fieldNone {
		// Bilingual programs write both names: "发件人/From:".
		if j := bytes.IndexAny(key, "/("); j > 0 {
			kind = w.fields[string(key[:j])]
		}
	}
	if kind == fieldNone {
		return fieldNone, ""
	}
	return kind, strings.Trim(line[i:], " \t*:：|　\u00a0")
}

// fieldSeparator is the place of the first colon, bar or tab among the first 40 bytes of a line, or -1. A bar at the
// very front belongs to a table and separates nothing.
func fieldSeparator(line string) int {
	for i := 0; i < len(line) && i < 40; i++ {
		if !separators[line[i]] {
			continue
		}
		switch line[i] {
		case ':', '\t':
			return i
		case '|':
			if i > 1 {
				return i
			}
		case 0xEF: // ：
			if strings.HasPrefix(line[i:], "：") {
				return i
			}
		case '.', '?', '!', '@':
			return -1
		}
	}
	return -1
}

// separators has the bytes that fieldSeparator looks at; it never changes.
var separators = [256]bool{':': true, '\t': true, '|': true, 0xEF: true, '.': true, '?': true, '!': true, '@': true}

// hasPhrase tells whether s holds one of the phrases.
func hasPhrase(s string, list []string) bool {
	for _, p := range list {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b | 0x20
	}
	return b
}
