package mailbox

import "strings"

// uuFile is a file that stood uuencoded in a text.
type uuFile struct {
	name string
	size int64
}

// maxUUFiles bounds the files that are taken out of one text.
const maxUUFiles = 50

// cutUU takes uuencoded files out of a text, as programs before MIME attached them. Only a block that is whole in form
// (a begin line, lines as long as they say, an end line) is taken for one.
func cutUU(text string) (rest string, files []uuFile) {
	if !strings.HasPrefix(text, "begin ") && !strings.Contains(text, "\nbegin ") {
		return text, nil
	}
	var out strings.Builder
	for text != "" {
		line, after := cutLine(text)
		if name, ok := uuBegin(line); ok && len(files) < maxUUFiles {
			if size, behind, ok := uuBlock(after); ok {
				files = append(files, uuFile{name: name, size: size})
				text = behind
				continue
			}
		}
		out.WriteString(text[:len(text)-len(after)])
		text = after
	}
	return out.String(), files
}

func cutLine(s string) (line, after string) {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// uuBegin reads `begin MODE NAME`.
func uuBegin(line string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(line, "begin ")
	if !ok {
		return "", false
	}
	mode, name, ok := strings.Cut(rest, " ")
	if !ok || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", false
	}
	return strings.TrimSpace(name), strings.TrimSpace(name) != ""
}

// uuBlock reads lines up to the end line and returns the decoded size and what is behind.
func uuBlock(s string) (size int64, behind string, ok bool) {
	for s != "" {
		line, after := cutLine(s)
		line = strings.TrimRight(line, " ")
		if line == "end" {
			return size, after, true
		}
		s = after
		if line == "" || line == "`" {
			continue
		}
		n := int(line[0]-' ') & 63
		if body := (n + 2) / 3 * 4; len(line)-1 > body+2 || line[0] < ' ' || line[0] > '`' {
			return 0, "", false
		}
		size += int64(n)
	}
	return 0, "", false
}
