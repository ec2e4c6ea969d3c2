package mailbox

import "strings"

// unflow joins the soft-wrapped lines of a format=flowed text (RFC 3676): a line that ends in a space goes on in the
// next line of the same quote depth. delSp is the DelSp parameter: the space itself goes, too. The signature mark "-- "
// is never joined. Quote marks come out as ">" times the depth and a space.
func unflow(text string, delSp bool) string {
	out := make([]byte, 0, len(text)+16)
	depth, open := -1, false // of the line being built
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		d := 0
		for d < len(line) && line[d] == '>' {
			d++
		}
		// Space-stuffing: one space in front is not part of the line.
		content := strings.TrimPrefix(line[d:], " ")
		sig := content == "-- "
		if !open || d != depth || sig {
			if depth >= 0 {
				out = append(out, '\n')
			}
			if d > 0 {
				out = append(append(out, line[:d]...), ' ')
			}
		}
		out = append(out, content...)
		depth = d
		open = strings.HasSuffix(content, " ") && !sig
		if open && delSp {
			out = out[:len(out)-1]
		}
	}
	return string(out)
}
