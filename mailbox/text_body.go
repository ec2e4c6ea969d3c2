package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// classifierText bounds the text that ForClassifier returns, in bytes.
const classifierText = 64 << 10

// ForClassifier returns the words that say what a mail is about: those of its writer; where they say nothing by
// themselves ("please handle", 见下), the mail that was forwarded or quoted below them, and quoted is true.
func (b Body) ForClassifier() (text string, quoted bool) {
	own := b.ownWords()
	if !saysNothing(own) {
		return own, false
	}
	inner := b.Quoted
	if b.Forward != nil && b.Forward.Text != "" {
		inner = b.Forward.Text
		if s := b.Forward.Subject; s != "" {
			inner = s + "\n\n" + inner
		}
	}
	if strings.TrimSpace(inner) == "" {
		return own, false
	}
	if len(inner) > classifierText {
		inner = strings.ToValidUTF8(inner[:classifierText], "")
	}
	return inner, true
}

// ownWords is New without the quoted lines that an answer between them needs.
func (b Body) ownWords() string {
	if strings.IndexByte(b.New, '>') < 0 {
		return b.New
	}
	t := block{text: b.New}
	at := 0
	for line := range strings.SplitSeq(b.New, "\n") {
		switch s := strings.TrimSpace(line); {
		case s == "":
			t.blank()
		case s[0] == '>' || superCited(s):
			t.blank()
		default:
			t.piece(at, at+len(line))
		}
		at += len(line) + 1
	}
	return t.String()
}

// saysNothing tells whether every sentence of s is empty of meaning: a greeting, thanks, a name, "please handle". Thanks
// alone are an answer.
func saysNothing(s string) bool {
	if len(s) > 400 {
		return false
	}
	w := phrases()
	split := func(r rune) bool {
		switch r {
		case '\n', '.', ',', ';', '!', '?', '。', '，', '；', '！', '？', '、', '~', '～', ':', '：', '(', ')', '（', '）', '…':
			return true
		}
		return false
	}
	empty, names := 0, 0
	passed, thanked := false, false
	for written := range strings.FieldsFuncSeq(s, split) {
		part := strings.Join(strings.Fields(strings.Trim(strings.ToLower(written), " \t-—_*\"'　")), " ")
		if part == "" {
			continue
		}
		empty++
		if w.thanks[part] {
			thanked = true
			continue
		}
		if w.nothing[part] {
			passed = true
			continue
		}
		if w.closing[part] || w.salute[part] {
			continue
		}
		if p := w.greeting.longest(part); p != "" && boundary(part, len(p)) && strings.Count(part, " ") <= 3 && len(part) <= 48 {
			continue
		}
		if chinesePolite(w, part) {
			passed = true
			continue
		}
		if honorific(w, part) {
			continue
		}
		// One name may stand below the rest.
		if names++; names > 1 || empty == 1 || !shortName(written) {
			return false
		}
	}
	return passed || !thanked
}

// chinesePolite takes the names and polite words from around a Chinese phrase: "小王请处理下", "张工您好".
func chinesePolite(w *edgeWords, s string) bool {
	s = strings.TrimRight(s, "下啊哈吧哦呀了")
	if w.nothing[s] || w.nothing[s+"一下"] || w.nothing[s+"下"] {
		return true
	}
	// A form of address of two to four characters in front.
	n := 0
	for i := range s {
		if n >= 1 && n <= 4 && w.nothing[s[i:]] {
			return true
		}
		if n++; n > 5 {
			break
		}
	}
	return false
}

// honorific tells whether a part only addresses somebody: 小王, 张工, 李经理.
func honorific(w *edgeWords, s string) bool {
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 5 || !isHan(s) {
		return false
	}
	for _, h := range w.honorific {
		if n <= 3 && strings.HasPrefix(s, h) && (h == "小" || h == "老" || h == "阿") || strings.HasSuffix(s, h) {
			return true
		}
	}
	return false
}

// shortName tells whether a part of a text may be a name: one or two words, or two to four Han characters.
func shortName(s string) bool {
	s = strings.TrimSpace(s)
	if strings.Count(s, " ") > 1 || len(s) > 24 || hasDigit(s) {
		return false
	}
	n := 0
	for _, r := range s {
		if !unicode.IsLetter(r) && r != ' ' && r != '@' && r != '-' && r != '\'' {
			return false
		}
		n++
	}
	if isHan(s) {
		return n <= 3
	}
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}
