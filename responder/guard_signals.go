package responder

import (
	"strings"

	"aftercare/mailbox"
)

// source is where a signal was seen. Two hints make a machine only when they come from different sources.
type source uint8

const (
	fromHeader source = iota
	fromSender
	fromSubject
	fromBody
	fromStructure
)

// signal is one thing seen in a mail that speaks for a machine.
type signal struct {
	tag
	source   source
	foot     bool // seen in the signature or the disclaimer, where it says little by itself
	evidence string
}

// signals is everything seen in one mail.
type signals struct {
	list    []signal
	program string // a person's mail program, as evidence; "" when none was named
	marked  string // a mark of mail that a rule passed on, as evidence
	doubt   string // what leaves us unsure by itself, as evidence
	exch    bool   // written in an Exchange mailbox
	forward bool   // a forward, by its subject
	relist  bool   // passed a trusted list or form: what marks a list does not count
	foot    bool   // what is added now stands below the new words
	brief   bool   // few words of its own
	reform  bool   // came through a trusted form: what marks a robot's sender does not count either
}

// The bounds of what is read of a mail's text: phrases stand in the first words or in the footer.
const (
	maxSubjectFold = 512
	maxSignals     = 100 // half of them hints at most, so that no flood of hints hides a sure sign
	maxHeadFold    = 3000
	maxTailFold    = 2500
	headBytes      = 500 // where a phrase "in the head" must begin
	briefBytes     = 600 // a mail of few words
	lineBytes      = 100 // a mail of a line or two
	tinyBytes      = 100 // so few that what looks like a quote below them is the machine's own list
)

func (s *signals) add(t tag, from source, evidence string) {
	if s.relist && t.list || s.reform && from == fromHeader && t.kind == KindNotification {
		return
	}
	if n := len(s.list); n >= maxSignals || n >= maxSignals/2 && !t.sure {
		return
	}
	for i := range s.list {
		if g := &s.list[i]; g.source == from && g.tag == t && g.evidence == evidence {
			return
		}
	}
	t.weak = t.weak || s.foot
	s.list = append(s.list, signal{tag: t, source: from, evidence: evidence, foot: s.foot})
}

// header looks at every field once.
func (s *signals) header(r *GuardRules, m *mailbox.Message) {
	var lower [64]byte
	for i := range m.Header {
		f := &m.Header[i]
		if len(f.Name) > len(lower) {
			continue
		}
		name := lower[:len(f.Name)]
		for j := range len(f.Name) {
			b := f.Name[j]
			if b >= 'A' && b <= 'Z' {
				b += 'a' - 'A'
			}
			name[j] = b
		}
		for _, rule := range r.headers[string(name)] {
			if rule.fits(f.Value) {
				s.add(rule.tag, fromHeader, evidenceOf(f.Name, f.Value))
			}
		}
		if len(r.families) > 0 && len(name) > 2 && name[0] == 'x' && name[1] == '-' {
			s.family(r, f, string(name))
		}
		if r.marks[string(name)] {
			s.marked = evidenceOf(f.Name, f.Value)
		}
		switch string(name) {
		case "x-mailer", "user-agent":
			s.mailProgram(r, f)
		case "x-ms-has-attach", "x-ms-tnef-correlator", "x-ms-exchange-messagesentrepresentingtype":
			s.exch = true
		}
	}
}

// family looks for rules that mean all fields of a kind of name.
func (s *signals) family(r *GuardRules, f *mailbox.Field, name string) {
	for i := range r.families {
		if x := &r.families[i]; x.names.fits(name) && x.rule.fits(f.Value) {
			s.add(x.rule.tag, fromHeader, evidenceOf(f.Name, f.Value))
		}
	}
}

func (s *signals) mailProgram(r *GuardRules, f *mailbox.Field) {
	var buf [128]byte
	v := string(fold(buf[:0], f.Value, len(buf)))
	for _, p := range r.programs {
		if strings.Contains(v, p) {
			s.program = evidenceOf(f.Name, f.Value)
			return
		}
	}
}

// fits tells whether the field's value is one that the rule means.
func (r *headerRule) fits(value string) bool {
	if len(r.is)+len(r.has)+len(r.not) == 0 {
		return true
	}
	var buf [256]byte
	v := string(fold(buf[:0], value, len(buf)))
	v = strings.TrimSpace(v)
	word := v
	if i := strings.IndexAny(v, " ;(,"); i >= 0 {
		word = v[:i]
	}
	for _, n := range r.not {
		if word == n || v == n {
			return false
		}
	}
	if len(r.is)+len(r.has) == 0 {
		return true
	}
	for _, w := range r.is {
		if word == w || v == w {
			return true
		}
	}
	for _, h := range r.has {
		if strings.Contains(v, h) {
			return true
		}
	}
	return false
}

// senders looks at the addresses that say who sent the mail.
func (s *signals) senders(r *GuardRules, m *mailbox.Message) {
	for _, a := range m.From {
		s.sender(r, inFrom, "From", a)
	}
	if m.Sender.Addr != "" {
		s.sender(r, inSender, "Sender", m.Sender)
	}
	if m.ReturnPath != "" {
		s.sender(r, inReturnPath, "Return-Path", mailbox.Address{Addr: m.ReturnPath})
	}
	for _, a := range m.ReplyTo {
		s.sender(r, inReplyTo, "Reply-To", a)
	}
}

func (s *signals) sender(r *GuardRules, in uint8, field string, a mailbox.Address) {
	key := a.Key()
	if len(key) > 320 {
		return
	}
	raw, domain := key, ""
	if i := strings.LastIndexByte(key, '@'); i >= 0 {
		raw, domain = key[:i], key[i+1:]
	}
	local := squeeze(raw)
	name := ""
	if a.Name != "" {
		var buf [128]byte
		name = string(fold(buf[:0], a.Name, len(buf)))
	}
	for i := range r.senders {
		rule := &r.senders[i]
		if rule.in&in == 0 || s.reform && rule.kind != KindBounce {
			continue
		}
		if fitsAny(rule.local, local) || fitsAny(rule.raw, raw) || fitsAny(rule.domain, domain) || isName(rule.name, name) {
			s.add(rule.tag, fromSender, evidenceOf(field, addressText(a)))
		}
	}
}

func isName(names []string, name string) bool {
	if name == "" {
		return false
	}
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// squeeze takes the separators out of a local part: no-reply, no_reply and noreply are one.
func squeeze(local string) string {
	if !strings.ContainsAny(local, "-_. ") {
		return local
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', '_', '.', ' ', '"':
			return -1
		}
		return r
	}, local)
}

// subject looks for phrases in the subject.
func (s *signals) subject(r *GuardRules, m *mailbox.Message) {
	var buf [maxSubjectFold + 4]byte
	text := trimSpaceBytes(fold(buf[:0], m.Subject, maxSubjectFold))
	p := &r.subjects
	p.set.each(text, func(n, start, end int) bool {
		use := p.what[n]
		switch use.place {
		case atStart:
			if !beginsSubject(text, start) || use.cjk && !stops(text, end) {
				return true
			}
		case asWhole:
			if !beginsSubject(text, start) || strings.Trim(string(text[end:]), " .!]*") != "" {
				return true
			}
		}
		s.add(p.rules[use.rule], fromSubject, evidenceOf("Subject", m.Subject))
		return true
	})
}

// beginsSubject tells whether at is where the subject's own words may begin: at its head, inside the bracket it begins
// with, or after such brackets ("[External] Automatic reply: ...").
func beginsSubject(text []byte, at int) bool {
	if at == 0 {
		return true
	}
	i := 0
	for n := 0; n < 3 && i < len(text) && (text[i] == '[' || text[i] == '*' || text[i] == '"'); n++ {
		if at == i+1 {
			return true
		}
		if text[i] != '[' {
			return false
		}
		for i < len(text) && text[i] != ']' {
			i++
		}
		for i++; i < len(text) && text[i] == ' '; i++ {
		}
		if at == i {
			return true
		}
	}
	return false
}

// stops tells whether a word of a script without spaces ends at i.
func stops(text []byte, i int) bool { return i >= len(text) || text[i] < 0x80 && !isWordByte(text[i]) }

// body looks for phrases in the new words and in the footer. Quoted text does not count, since a person may quote a
// machine, but for the footer of a mail that answers nothing: what looks like a quote there is a sheet's own layout.
//
// reply: the mail answers another; answer: it does so, or passes one on, by its subject.
func (s *signals) body(r *GuardRules, b *mailbox.Body, reply, answer bool) {
	var buf [maxHeadFold + 16]byte
	text := b.New
	own := b.Quoted == "" && b.Forward == nil
	whole := !answer && !own && len(text) < tinyBytes
	if whole {
		text = b.Full
	}
	head := fold(buf[:0], text, maxHeadFold)
	s.brief = len(head) <= briefBytes
	s.phrases(r, head, true, true)
	if !whole {
		s.foot = true
		head = fold(fold(buf[:0], b.Signature, maxHeadFold/3), b.Disclaimer, maxHeadFold)
		s.phrases(r, head, false, true)
		s.foot = false
	}
	if rest := len(b.Full) - maxHeadFold; rest > 0 && !reply {
		s.phrases(r, fold(buf[:0], b.Full[len(b.Full)-min(rest, maxTailFold):], maxTailFold), false, own)
	}
}

// phrases adds what stands in text: first is the beginning of the mail, whole allows phrases of every kind, not only of
// mass mail.
func (s *signals) phrases(r *GuardRules, text []byte, first, whole bool) {
	p := &r.bodies
	p.set.each(text, func(n, start, end int) bool {
		use := p.what[n]
		if use.place == inHead && (!first || start > headBytes) || !whole && p.rules[use.rule].kind != KindNewsletter {
			return true
		}
		s.add(p.rules[use.rule], fromBody, "text: "+p.text[n])
		return true
	})
}

func trimSpaceBytes(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// evidenceOf is one line of evidence: the field's name and its value, short.
func evidenceOf(field, value string) string { return field + ": " + clip(value, 80) }

// clip cuts s to about n bytes at a character's end.
func clip(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

func addressText(a mailbox.Address) string {
	switch {
	case a.Name == "":
		return a.Addr
	case a.Addr == "":
		return a.Name
	}
	return a.Name + " <" + a.Addr + ">"
}
