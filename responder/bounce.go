package responder

import (
	"strings"

	"aftercare/mailbox"
)

// The bounds of what is read of a bounce's text.
const (
	maxBounceText  = 64 << 10
	maxBounceAddrs = 10
)

// bounce reads which of our mails m is about, for whom it failed and how. m is known to be a bounce; action is what its
// signals came to and gives way to the action of its report. The token is proved by a signature: in the envelope address
// (VERP), in the returned header, in In-Reply-To or References, or anywhere in the text.
func (g *Guard) bounce(m *mailbox.Message, action string) *Bounce {
	b := &Bounce{Action: orFailed(action)}
	if r := m.Report; r != nil {
		b.Status = r.Status
		b.Detail = clip(firstLine(r.Diagnostic), 200)
		for _, a := range r.Recipients {
			b.addAddr(g, a)
		}
		if r.Original != nil {
			b.MessageID = trimID(r.Original.Get("Message-ID"))
		}
	}
	text := bounceText(m)
	b.MessageID = firstOf(b.MessageID, returnedID(m), idInText(text))
	if len(m.InReplyTo) > 0 {
		b.MessageID = firstOf(b.MessageID, m.InReplyTo[0])
	}
	b.MessageID = firstOf(b.MessageID, g.ownIDInText(text))
	b.Token = g.bounceToken(m, b.MessageID, text)
	if b.Token == nil && m.Report != nil && m.Report.Original != nil {
		if t, ok := VerifyHeader(g.cfg.Key, m.Report.Original.Get(HeaderName)); ok {
			b.Token = &t
		}
	}
	if len(b.Addresses) == 0 {
		g.failedAddrs(b, m, text)
	}
	if b.Status == "" {
		b.Status = statusInText(text)
	}
	if b.Detail == "" {
		b.Detail = clip(firstLine(m.Body.New), 200)
	}
	return b
}

// bounceToken looks for a token of ours, the surest place first.
func (g *Guard) bounceToken(m *mailbox.Message, id, text string) *Token {
	for _, as := range [][]mailbox.Address{m.To, m.Cc} {
		for _, a := range as {
			if t, ok := VerifyVERP(g.cfg.Key, a.Addr); ok {
				return &t
			}
		}
	}
	for i := range m.Header {
		if f := &m.Header[i]; isDeliveryField(f.Name) {
			if t, ok := VerifyVERP(g.cfg.Key, strings.Trim(f.Value, "<> \t")); ok {
				return &t
			}
		}
	}
	ids := append([]string{id}, m.InReplyTo...)
	for _, id := range append(ids, m.References...) {
		if t, ok := VerifyMessageID(g.cfg.Key, id); ok {
			return &t
		}
	}
	if ts := FindTokens(g.cfg.Key, text); len(ts) > 0 {
		return &ts[0]
	}
	return nil
}

// bounceText is all that a bounce says in readable parts, the returned header among it.
func bounceText(m *mailbox.Message) string {
	var b strings.Builder
	b.WriteString(clip(m.Body.Full, maxBounceText/2))
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Text != "" && p.Type != "text/plain" && b.Len() < maxBounceText {
			b.WriteByte('\n')
			b.WriteString(clip(p.Text, 16<<10))
		}
	}
	return b.String()
}

// returnsOurs tells whether m encloses a mail of ours: signed by us, or from an own address.
func (g *Guard) returnsOurs(m *mailbox.Message) bool {
	for _, f := range m.Forwarded {
		if _, ok := VerifyMessageID(g.cfg.Key, f.MessageID); ok || g.own[bareAddr(f.Sender1().Addr)] {
			return true
		}
	}
	return false
}

// returnedID is the Message-ID of the mail that came back whole.
func returnedID(m *mailbox.Message) string {
	for _, f := range m.Forwarded {
		if f.MessageID != "" {
			return f.MessageID
		}
	}
	return ""
}

// idInText finds what follows the words Message-ID in the text: many servers return the header as plain text, or name the
// mail in a line of their own.
func idInText(text string) string {
	for {
		i := indexFold(text, "message-id")
		if i < 0 {
			return ""
		}
		text = text[i+len("message-id"):]
		rest := strings.TrimLeft(clip(text, 300), " \t\r\n:：=\"")
		if id := trimID(firstLine(rest)); strings.Contains(id, "@") && !strings.ContainsAny(id, " \t<>") {
			return id
		}
	}
}

// ownIDInText finds an id in angle brackets that is of one of our domains and no address of ours: the server that gave it no
// name still returned it.
func (g *Guard) ownIDInText(text string) string {
	for {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
		id, _, ok := strings.Cut(clip(text, 250), ">")
		at := strings.LastIndexByte(id, '@')
		if ok && at > 0 && !strings.ContainsAny(id, " \t\r\n<") && g.ownDomains[lowered(id[at+1:])] && !g.own[bareAddr(id)] && !g.staff[bareAddr(id)] {
			return id
		}
	}
}

// failedAddrs reads the recipients that an unruly bounce names: X-Failed-Recipients, else the addresses in its first lines.
func (g *Guard) failedAddrs(b *Bounce, m *mailbox.Message, text string) {
	for _, v := range m.Header.All("X-Failed-Recipients") {
		for _, a := range strings.Split(clip(v, 2048), ",") {
			b.addAddr(g, a)
		}
	}
	if len(b.Addresses) > 0 {
		return
	}
	from := m.Sender1().Key()
	for _, w := range strings.FieldsFunc(clip(text, 4<<10), notInAddr) {
		if i := strings.IndexByte(w, '@'); i < 1 || !strings.Contains(w[i:], ".") {
			continue
		}
		w = strings.Trim(w, ".-")
		if strings.EqualFold(w, from) || strings.EqualFold(w, trimID(b.MessageID)) || len(b.Addresses) > 0 && g.robot(mailbox.Address{Addr: w}) {
			continue
		}
		b.addAddr(g, w)
		if len(b.Addresses) > 0 {
			return // the first stranger named is the one that failed; further ones may be postmasters and headers
		}
	}
}

func notInAddr(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune(".-_+@=!#$%&'*/?^{|}~", r):
		return false
	}
	return true
}

func (b *Bounce) addAddr(g *Guard, a string) {
	a = lowered(strings.Trim(strings.TrimSpace(a), "<>"))
	if !wholeAddr(a) || g.own[bareAddr(a)] || len(b.Addresses) >= maxBounceAddrs {
		return
	}
	for _, have := range b.Addresses {
		if have == a {
			return
		}
	}
	b.Addresses = append(b.Addresses, a)
}

// statusInText finds an enhanced status code (RFC 3463) in the text: 5.1.1.
func statusInText(text string) string {
	text = clip(text, 8<<10)
	for i := 0; i+5 <= len(text); i++ {
		c := text[i]
		if c != '4' && c != '5' || text[i+1] != '.' || i > 0 && (isWordByte(text[i-1]|0x20) || text[i-1] == '.') {
			continue
		}
		n, dots, last := i+1, 0, byte('x')
		for n < len(text) && n < i+9 && (text[n] == '.' && last != '.' || text[n] >= '0' && text[n] <= '9') {
			if last = text[n]; last == '.' {
				dots++
			}
			n++
		}
		s := strings.TrimRight(text[i:n], ".")
		if strings.Count(s, ".") == 2 && dots <= 3 && len(s) <= 8 {
			return s
		}
	}
	return ""
}

func trimID(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	return strings.TrimSpace(s)
}

func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}
