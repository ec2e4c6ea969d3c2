package outbox

import (
	"bufio"
	"io"
	"net/textproto"
	"strings"
	"testing"
)

func TestStuffed(t *testing.T) {
	for name, tt := range map[string]struct{ raw, want string }{
		"as it is":             {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
		"no line end":          {"a\r\nb", "a\r\nb\r\n.\r\n"},
		"dots":                 {".\r\n..x\r\n.", "..\r\n...x\r\n..\r\n.\r\n"},
		"bare line feeds":      {"a\n.\n\nb\n", "a\r\n..\r\n\r\nb\r\n.\r\n"},
		"an end of data in it": {"a\r\n.\r\nMAIL FROM:<x@y>\r\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(stuffed([]byte(tt.raw)))
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			var b strings.Builder
			w := textproto.NewWriter(bufio.NewWriter(&b)).DotWriter() // the standard library's
			if _, err := io.WriteString(w, tt.raw); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil || b.String() != got {
				t.Errorf("the standard library writes %q, %v", b.String(), err)
			}
		})
	}
}
