package responder

import (
	"strings"

	"aftercare/mailbox"
)

// maxHintIDs bounds how many foreign Message-IDs of one mail are looked up.
const maxHintIDs = 50

// Hints says what m tells about the conversation that it belongs to. Tokens are proved by their signature; the rest are
// claims that the caller weighs against what is on record. rcpt are addresses that the mail was delivered to, where the
// caller knows more than the header says.
//
// A read receipt names the mail it is about in its report, a calendar answer in its UID: both count like In-Reply-To.
func (g *Guard) Hints(m *mailbox.Message, rcpt ...string) Hints {
	var h Hints
	for _, id := range m.InReplyTo {
		g.hintID(&h, id)
	}
	if m.Report != nil && m.Report.Original != nil {
		g.hintID(&h, m.Report.Original.Get("Message-ID"))
	}
	if m.Report != nil {
		g.hintID(&h, reportField(m, "Original-Message-ID"))
	}
	if m.Calendar != nil {
		if t, ok := VerifyMessageID(g.cfg.Key, m.Calendar.UID); ok {
			h.Tokens = addToken(h.Tokens, t)
		}
	}
	for i := len(m.References) - 1; i >= 0; i-- {
		g.hintID(&h, m.References[i])
	}
	h.Tags = ParseTags(m.Subject)
	h.Plus = g.plusToken(m, rcpt)
	return h
}

// reportField is the value of a field in the machine-readable part of a report, or "".
func reportField(m *mailbox.Message, name string) string {
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Type != "message/disposition-notification" && p.Type != "message/delivery-status" {
			continue
		}
		for line := range strings.Lines(clip(p.Text, 16<<10)) {
			if field, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(field), name) {
				return strings.TrimSpace(value)
			}
		}
	}
	return ""
}

// hintID files one id under what it proves or claims.
func (g *Guard) hintID(h *Hints, id string) {
	id = strings.Trim(id, "<> \t")
	if id == "" {
		return
	}
	if t, ok := VerifyMessageID(g.cfg.Key, id); ok {
		if len(h.Tokens) < maxTokens {
			h.Tokens = addToken(h.Tokens, t)
		}
		return
	}
	if len(h.MessageIDs) >= maxHintIDs {
		return
	}
	for _, have := range h.MessageIDs {
		if have == id {
			return
		}
	}
	h.MessageIDs = append(h.MessageIDs, id)
}

// plusToken looks for a signed plus part in every address that the mail may have been sent to.
func (g *Guard) plusToken(m *mailbox.Message, rcpt []string) *Token {
	try := func(addr string) *Token {
		if t, ok := VerifyPlus(g.cfg.Key, addr); ok {
			return &t
		}
		return nil
	}
	for _, addr := range rcpt {
		if t := try(addr); t != nil {
			return t
		}
	}
	for _, as := range [][]mailbox.Address{m.To, m.Cc} {
		for _, a := range as {
			if t := try(a.Addr); t != nil {
				return t
			}
		}
	}
	for _, f := range m.Header {
		if isDeliveryField(f.Name) {
			if t := try(strings.Trim(f.Value, "<> \t")); t != nil {
				return t
			}
		}
	}
	return nil
}

// isDeliveryField tells whether a field of this name says which address the mail was delivered to.
func isDeliveryField(name string) bool {
	for _, n := range [...]string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"} {
		if strings.EqualFold(name, n) {
			return true
		}
	}
	return false
}
