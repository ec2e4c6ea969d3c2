package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFileName bounds a file name in bytes; its extension is kept.
const maxFileName = 200

// safeFileName makes a file name that a stranger chose safe to show and to save: the last element of a path of any
// system, without control, direction-changing or reserved characters, not "." or "..", not hidden, not a Windows device,
// and of bounded length.
func safeFileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		if base := s[i+1:]; strings.Trim(base, " .") != "" {
			s = base
		} else {
			s = strings.NewReplacer("/", "_", `\`, "_").Replace(s)
		}
	}
	if len(s) >= 2 && s[1] == ':' && isLetter(s[0]) {
		s = s[2:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\u00a0' || r == '\u3000':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == 0x2028, r == 0x2029:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, " ")
	s = strings.TrimRight(s, ". ")
	if t := strings.TrimLeft(s, "."); t != s {
		s = "_" + t
	}
	if strings.Trim(s, "_. ") == "" {
		return ""
	}
	if isDevice(s) {
		s = "_" + s
	}
	return shorten(s, maxFileName)
}

// isDevice tells whether Windows would take the name for a device.
func isDevice(s string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(s), ".")
	stem = strings.TrimSpace(stem)
	switch stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) && stem[3] >= '0' && stem[3] <= '9'
}

// shorten cuts s to limit bytes at a character, in front of its extension.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	ext := ""
	if i := strings.LastIndexByte(s, '.'); i >= 0 && len(s)-i <= 20 {
		ext = s[i:]
	}
	cut := limit - len(ext)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + ext
}
