package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// chooseText is the readable text of a message: of every multipart/alternative the part that says most, HTML as text,
// several texts joined in their order. It is at most limit bytes long.
func (m *Message) chooseText(limit int) string {
	if len(m.Parts) == 0 {
		return ""
	}
	c := chooser{parts: m.Parts, limit: limit}
	text, _ := c.text(0)
	if len(text) > limit {
		for limit > 0 && !utf8.RuneStart(text[limit]) {
			limit--
		}
		text = text[:limit]
	}
	return text
}

type chooser struct {
	parts []Part
	limit int
}

// text returns the text of part i and what is under it, and the index of the part behind it.
func (c *chooser) text(i int) (string, int) {
	p := &c.parts[i]
	end := i + 1
	for end < len(c.parts) && c.parts[end].Depth > p.Depth {
		end++
	}
	switch {
	case end == i+1 || p.Text != "":
		return c.leaf(p), end
	case p.Type == "multipart/alternative":
		return c.alternative(i+1, end), end
	case p.Type == "multipart/related":
		return c.related(i+1, end), end
	}
	return c.joined(i+1, end), end
}

// leaf is the text of one part.
func (c *chooser) leaf(p *Part) string {
	if p.Text == "" || !textKind(p) {
		return ""
	}
	switch p.Type {
	case "text/html":
		return htmlToText(p.Text, c.limit)
	case "text/enriched", "text/richtext":
		return stripTags(p.Text)
	}
	if p.Params["format"] != "" && strings.EqualFold(p.Params["format"], "flowed") {
		return unflow(p.Text, strings.EqualFold(p.Params["delsp"], "yes"))
	}
	return p.Text
}

// joined puts the texts of sibling parts one under the other. A text that stands in another already (the same words in
// plain text and in HTML, not marked as alternatives) is not said twice.
func (c *chooser) joined(i, end int) string {
	var texts []string
	html := false
	for i < end {
		var t string
		html = html || c.parts[i].Type == "text/html"
		if t, i = c.text(i); strings.TrimSpace(t) != "" {
			texts = append(texts, t)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	if html && len(texts) == 2 {
		if a, b := letters(texts[0]), letters(texts[1]); strings.Contains(a, b) {
			return texts[0]
		} else if strings.Contains(b, a) {
			return texts[1]
		}
	}
	for i, t := range texts {
		texts[i] = strings.TrimRight(t, "\n")
	}
	return strings.Join(texts, "\n\n")
}

// related takes the first part that says anything: the rest is what it shows.
func (c *chooser) related(i, end int) string {
	for i < end {
		var t string
		if t, i = c.text(i); strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// alternative takes the plain text unless another form says clearly more: many programs send a plain part that is empty or
// only says that there is HTML.
func (c *chooser) alternative(i, end int) string {
	plain, have, other := "", 0, -1
	for i < end {
		next := i + 1
		for next < end && c.parts[next].Depth > c.parts[i].Depth {
			next++
		}
		switch {
		case c.parts[i].Type == "text/plain":
			t := c.leaf(&c.parts[i])
			if n := countLetters(t); n > have {
				plain, have = t, n
			}
		case c.showsLetters(i, next):
			other = i
		case next > i+1 && plain == "":
			plain, _ = c.text(i)
			have = countLetters(plain)
		}
		i = next
	}
	if other < 0 {
		return plain
	}
	if have > 0 && have*10 >= c.htmlLetters(other, end)*8 {
		return plain
	}
	t, _ := c.text(other)
	if n := countLetters(t); n == 0 || have*10 >= n*7 {
		return plain
	}
	return t
}

// htmlLetters estimates how many letters the HTML parts from i on show, without parsing them.
func (c *chooser) htmlLetters(i, end int) int {
	n := 0
	for ; i < end; i++ {
		if p := &c.parts[i]; p.Type == "text/html" && textKind(p) {
			n += visibleLetters(p.Text, len(p.Text))
		}
	}
	return n
}

// showsLetters tells whether htmlLetters is more than none; mostly the head of a text says so.
func (c *chooser) showsLetters(i, end int) bool {
	for ; i < end; i++ {
		if p := &c.parts[i]; p.Type == "text/html" && textKind(p) && visibleLetters(p.Text, 1) > 0 {
			return true
		}
	}
	return false
}

// visibleLetters counts the letters of HTML that stand outside tags, style, script and head titles, until they are
// enough.
func visibleLetters(s string, enough int) int {
	n := 0
	for s != "" && n < enough {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return n + countLetters(s)
		}
		n += countLetters(s[:i])
		s = s[i:]
		end := strings.IndexByte(s, '>')
		if end < 0 {
			return n
		}
		switch {
		case strings.HasPrefix(s, "<!--"):
			end = strings.Index(s, "-->")
		case hasFold(s, "<style"):
			end = indexFold(s, "</style")
		case hasFold(s, "<script"):
			end = indexFold(s, "</script")
		case hasFold(s, "<title"):
			end = indexFold(s, "</title")
		}
		if end < 0 {
			return n
		}
		s = s[end+1:]
	}
	return n
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// indexFold finds the end tag tag, which begins with "</".
func indexFold(s, tag string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], "</")
		if i < 0 {
			return -1
		}
		from += i
		if hasFold(s[from:], tag) {
			return from
		}
		from += 2
	}
}

// countLetters counts letters and digits. All beyond ASCII counts as a letter and a character entity as more than one,
// which does not matter here.
func countLetters(s string) int {
	n := 0
	for i := range len(s) {
		n += int(letterBytes[s[i]])
	}
	return n
}

// letterBytes has 1 for the bytes that countLetters counts; it is computed once and never changes.
var letterBytes = func() (t [256]uint8) {
	for i := range t {
		if c := byte(i); isLetter(c) || c >= 0xc0 || isDigit(c) {
			t[i] = 1
		}
	}
	return t
}()

// letters is s with nothing left but its letters and digits.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// stripTags drops the commands of text/enriched (RFC 1896).
func stripTags(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		if strings.HasPrefix(s, "<<") {
			b.WriteByte('<')
			s = s[2:]
			continue
		}
		end := strings.IndexByte(s, '>')
		if end < 0 {
			return b.String()
		}
		s = s[end+1:]
	}
}
