package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

//go:embed samples
var sampleFiles embed.FS

// sample is one mail of the demo. Needs names the sample whose reply it refers to, "" for none.
type sample struct {
	name  string
	text  string
	needs string
}

// samples returns the mails in the order of their names.
func samples() ([]sample, error) {
	entries, err := fs.ReadDir(sampleFiles, "samples")
	if err != nil {
		return nil, err
	}
	var out []sample
	for _, e := range entries {
		b, err := sampleFiles.ReadFile(path.Join("samples", e.Name()))
		if err != nil {
			return nil, err
		}
		s := sample{name: strings.TrimSuffix(e.Name(), path.Ext(e.Name())), text: string(b)}
		switch {
		case strings.Contains(e.Name(), "answer"):
			s.needs = "m.keller@brewhouse.example"
		case strings.Contains(e.Name(), "bounce"):
			s.needs = "ana@costalab.example"
		}
		out = append(out, s)
	}
	return out, nil
}

var encodedWord = regexp.MustCompile(`\{\{zh:([^}]*)\}\}`)

// raw makes the bytes of a sample as they arrive: dated now, with our reply's id where it answers one, CRLF, and in GB18030
// where it says so.
func (s sample) raw(run string, now time.Time, reply, subject string) ([]byte, error) {
	t := strings.NewReplacer("{{date}}", now.Format(time.RFC1123Z), "{{run}}", run, "{{reply}}", reply,
		"{{subject}}", mime.QEncoding.Encode("utf-8", "Re: "+subject)).Replace(s.text)
	t = strings.ReplaceAll(t, "\n", "\r\n")
	if !strings.Contains(s.name, "gb18030") {
		return []byte(t), nil
	}
	var failed error
	enc := simplifiedchinese.GB18030.NewEncoder()
	t = encodedWord.ReplaceAllStringFunc(t, func(m string) string {
		w, err := enc.String(encodedWord.FindStringSubmatch(m)[1])
		if err != nil {
			failed = err
		}
		return mime.BEncoding.Encode("gb18030", w)
	})
	b, err := enc.String(t)
	if failed == nil {
		failed = err
	}
	if failed != nil {
		return nil, fmt.Errorf("encoding the sample %s: %w", s.name, failed)
	}
	return []byte(b), nil
}
