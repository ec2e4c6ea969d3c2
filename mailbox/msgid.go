package mailbox

import "strings"

// maxID bounds one message identifier in bytes.
const maxID = 998

// messageID reads a Message-ID field: what stands between the angle brackets, or the bare word where they are missing.
func messageID(raw string) string {
	ids := appendIDs(nil, raw, 1)
	if len(ids) == 1 {
		return ids[0]
	}
	s := strings.Trim(raw, " \t<>\"")
	if s == "" || len(s) > maxID || strings.ContainsAny(s, " \t") {
		return ""
	}
	return s
}

// appendIDs appends the message identifiers of a References or In-Reply-To field (RFC 5322, 3.6.4). Where there are more
// than limit, the first stays and the newest, which are the last. In a field without brackets, words with an @ count.
func appendIDs(ids []string, raw string, limit int) []string {
	bracket := strings.IndexByte(raw, '<') >= 0
	for raw != "" {
		var id string
		if bracket {
			id, raw = bracketedID(raw)
		} else {
			id, raw = bareID(raw)
		}
		if id == "" || len(id) > maxID {
			continue
		}
		if len(ids) >= limit && limit > 1 {
			copy(ids[1:], ids[2:])
			ids[limit-1] = id
		} else if len(ids) < limit {
			ids = append(ids, id)
		}
	}
	return ids
}

// bracketedID takes the next <id>; a missing end bracket ends at white space or at the next identifier.
func bracketedID(s string) (id, rest string) {
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return "", ""
	}
	s = s[i+1:]
	end := strings.IndexAny(s, "<>")
	switch {
	case end < 0:
		id, rest = s, ""
		if i := strings.IndexAny(id, " \t"); i >= 0 {
			id = id[:i]
		}
	case s[end] == '<':
		id, rest = s[:end], s[end:]
	default:
		id, rest = s[:end], s[end+1:]
	}
	if strings.ContainsAny(id, " \t") { // folded inside
		id = strings.Join(strings.Fields(id), "")
	}
	return id, rest
}

func bareID(s string) (id, rest string) {
	s = strings.TrimLeft(s, " \t,;\"")
	i := strings.IndexAny(s, " \t,;\"")
	if i < 0 {
		i = len(s)
	}
	if id = s[:i]; strings.IndexByte(id, '@') <= 0 {
		id = ""
	}
	return id, s[i:]
}
