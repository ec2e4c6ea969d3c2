package responder

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// macBytes is the length that signatures are cut to: 80 bits, far more than anybody can try by mail.
const macBytes = 10

// maxTokens bounds how many signed ids are read out of one text.
const maxTokens = 8

// The places a token travels in. Each has its own signature, so that an envelope address taken from a bounce cannot be
// used as the address that answers a case.
const (
	placeMessageID = "message-id"
	placePlus      = "plus"
	placeVERP      = "verp"
	placeHeader    = "header"
)

// lowerBase32 is base32 in lower case: a relay that folds the case of an address or an id does not break it.
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// SignMessageID returns the Message-ID, without angle brackets, of the mail that outbox row t.Outbox of case t.Case is:
// ac.CASE.OUTBOX.MAC@domain, all in lower case. The same token always gives the same id, so that a second attempt is the
// same mail.
func SignMessageID(key []byte, t Token, domain string) string {
	return "ac." + signed(key, placeMessageID, t, ".") + "@" + strings.ToLower(domain)
}

// VerifyMessageID tells whether id, with or without angle brackets and in any case of letters, is one that SignMessageID
// made with key, and for which mail. The part after the @ does not count: some relays rewrite it. An empty key verifies
// nothing.
func VerifyMessageID(key []byte, id string) (Token, bool) {
	id = strings.Trim(id, "<> \t")
	local, _, _ := strings.Cut(id, "@")
	if len(local) < 4 || !strings.EqualFold(local[:3], "ac.") {
		return Token{}, false
	}
	return verified(key, placeMessageID, local[3:], ".")
}

// SignPlus returns addr with a signed plus part, support+TOKEN@example.com: an address that answers one case.
func SignPlus(key []byte, t Token, addr string) string {
	return plus(addr, "c", signed(key, placePlus, t, "-"))
}

// VerifyPlus reads the token out of an address made by SignPlus.
func VerifyPlus(key []byte, addr string) (Token, bool) { return verifyPlus(key, addr, "c", placePlus) }

// SignVERP returns addr as an envelope sender that names the mail it was used for, support+bTOKEN@example.com. A bounce
// sent to it is tied to that mail whatever the bounce says.
func SignVERP(key []byte, t Token, addr string) string {
	return plus(addr, "b", signed(key, placeVERP, t, "-"))
}

// VerifyVERP reads the token out of an address made by SignVERP.
func VerifyVERP(key []byte, addr string) (Token, bool) { return verifyPlus(key, addr, "b", placeVERP) }

// SignHeader returns the value of our X-Aftercare field. It marks a mail as ours where a relay has rewritten its
// Message-ID.
func SignHeader(key []byte, t Token) string { return signed(key, placeHeader, t, ".") }

// VerifyHeader reads a value made by SignHeader.
func VerifyHeader(key []byte, value string) (Token, bool) {
	return verified(key, placeHeader, strings.TrimSpace(value), ".")
}

// FindTokens returns the tokens of our signed Message-IDs that stand anywhere in text, in order, each once. It serves
// bounces that return the header as plain text.
func FindTokens(key []byte, text string) []Token {
	var found []Token
	for len(text) > 3 && len(found) < maxTokens {
		i := indexFold(text, "ac.")
		if i < 0 {
			break
		}
		rest := text[i+3:]
		if i == 0 || !isIDByte(text[i-1]) {
			n := 0
			for n < len(rest) && n < 64 && isIDByte(rest[n]) {
				n++
			}
			if t, ok := verified(key, placeMessageID, rest[:n], "."); ok {
				found = addToken(found, t)
			}
		}
		text = rest
	}
	return found
}

func addToken(ts []Token, t Token) []Token {
	for _, have := range ts {
		if have == t {
			return ts
		}
	}
	return append(ts, t)
}

func plus(addr, mark, token string) string {
	i := strings.LastIndexByte(addr, '@')
	if i < 0 {
		return addr
	}
	return addr[:i] + "+" + mark + token + addr[i:]
}

func verifyPlus(key []byte, addr, mark, place string) (Token, bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return Token{}, false
	}
	i := strings.LastIndexByte(addr[:at], '+')
	if i < 0 || i+2 > at || !strings.EqualFold(addr[i+1:i+2], mark) {
		return Token{}, false
	}
	return verified(key, place, addr[i+2:at], "-")
}

func signed(key []byte, place string, t Token, sep string) string {
	names := strconv.FormatInt(t.Case, 36) + sep + strconv.FormatInt(t.Outbox, 36)
	return names + sep + mac(key, place, t)
}

func verified(key []byte, place, s, sep string) (Token, bool) {
	if len(key) == 0 || len(s) > 64 {
		return Token{}, false
	}
	c, rest, ok1 := strings.Cut(strings.ToLower(s), sep)
	o, got, ok2 := strings.Cut(rest, sep)
	if !ok1 || !ok2 || len(got) != lowerBase32.EncodedLen(macBytes) {
		return Token{}, false
	}
	cn, err1 := strconv.ParseInt(c, 36, 64)
	on, err2 := strconv.ParseInt(o, 36, 64)
	if err1 != nil || err2 != nil || cn < 0 || on < 0 {
		return Token{}, false
	}
	t := Token{Case: cn, Outbox: on}
	return t, hmac.Equal([]byte(got), []byte(mac(key, place, t)))
}

func mac(key []byte, place string, t Token) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(place + "\x00" + strconv.FormatInt(t.Case, 10) + "\x00" + strconv.FormatInt(t.Outbox, 10)))
	return lowerBase32.EncodeToString(h.Sum(nil)[:macBytes])
}

// isIDByte tells whether b may stand in the left part of one of our ids.
func isIDByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '.'
}

// indexFold is strings.Index for a lower-case ASCII needle, in any case of letters.
func indexFold(s, needle string) int {
	for i := 0; i+len(needle) <= len(s); i++ {
		if s[i]|0x20 == needle[0] && strings.EqualFold(s[i:i+len(needle)], needle) {
			return i
		}
	}
	return -1
}
