package responder

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
)

var encodeCases = map[string]string{
	"nothing":                 "",
	"one line":                "Thank you for your message.",
	"lines":                   "Dear Ann,\n\nthank you.\n",
	"spaces at the end":       "a \nb\t\n c ",
	"a dot alone":             ".\n..\nx.y\n.",
	"an equals sign":          "1+1=2 \u00e9=\u00e9",
	"controls":                "a\x00b\x7fc\rd\r\n",
	"as long as a line":       strings.Repeat("x", 76) + "\n" + strings.Repeat("y", 77) + "\n" + strings.Repeat("z", 75) + "\n",
	"an escape at the end":    strings.Repeat("x", 73) + "=\n" + strings.Repeat("x", 74) + "=\n" + strings.Repeat("x", 72) + "=y",
	"space at the line limit": strings.Repeat("x", 75) + " \n" + strings.Repeat("x", 75) + " y",
	"far beyond a line":       strings.Repeat("word ", 100) + strings.Repeat("\u00fc", 60),
	"Chinese":                 strings.Repeat("\u60a8\u597d\uff0c\u8c22\u8c22\u3002\n", 40),
}

func TestEncodings(t *testing.T) {
	for name, text := range encodeCases {
		t.Run(name, func(t *testing.T) { encodeBoth(t, text) })
	}
}

func FuzzEncodings(f *testing.F) {
	for _, text := range encodeCases {
		f.Add(text)
	}
	f.Fuzz(encodeBoth)
}

// encodeBoth encodes in both ways, reads it back with the standard library, and looks at the lines.
func encodeBoth(t *testing.T, text string) {
	want := strings.ReplaceAll(text, "\n", "\r\n")
	qp := appendQuotedPrintable(nil, text)
	got, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(qp)))
	if err != nil || string(got) != want {
		t.Errorf("quoted-printable %q is read as %q, %v", qp, got, err)
	}
	b64 := appendBase64Text(nil, text)
	got, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(b64)))
	if err != nil || string(got) != want {
		t.Errorf("base64 %q is read as %q, %v", b64, got, err)
	}
	for _, body := range [][]byte{qp, b64} {
		for line := range bytes.SplitSeq(body, []byte("\r\n")) {
			if len(line) > lineLimit || bytes.ContainsAny(line, "\r\n") || bytes.HasPrefix(line, []byte(".")) {
				t.Errorf("line %q of %d characters", line, len(line))
			}
			if i := bytes.IndexFunc(line, func(r rune) bool { return r != '\t' && r < ' ' || r > '~' }); i >= 0 {
				t.Errorf("line %q holds what needs encoding", line)
			}
			if n := len(line); n > 0 && (line[n-1] == ' ' || line[n-1] == '\t') {
				t.Errorf("line %q ends in white space", line)
			}
		}
	}
}

func TestEncodingFor(t *testing.T) {
	for text, want := range map[string]string{"": "quoted-printable", "Viele Gr\u00fc\u00dfe aus Bern": "quoted-printable", "\u60a8\u597d, Ann": "base64"} {
		if got, _ := encodingFor(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
