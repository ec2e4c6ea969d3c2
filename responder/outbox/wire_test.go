package outbox

import (
	"bufio"
	"io"
	"net/textproto"
	"strings"
	"testing"

	"aftercare/internal/mailtest"
)

// TestHowManyWrites is how many of the envelope's commands come before the first answer.
func TestHowManyWrites(t *testing.T) {
	for _, tt := range []struct {
		name     string
		offers   string
		oneByOne bool
		want     int
	}{
		{"offered", "250-localhost\r\n250 PIPELINING", false, 3},
		{"not offered", "250 localhost", false, 1},
		{"offered and not wanted", "250-localhost\r\n250 PIPELINING", true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			came := make(chan int, 1)
			addr := mailtest.StartScript(t, func(k *mailtest.Talk) {
				n := 0
				defer func() { came <- n }() // the client hangs up after the refusal
				k.Send("220 localhost ESMTP\r\n")
				k.Line()
				k.Send("%s\r\n", tt.offers)
				for k.Line(); ; k.Line() {
					if n++; n == 1 {
						k.Send("451 enough\r\n")
					}
				}
			})
			q := newQueue(t)
			q.add(Job{ID: 1})
			s := hasty(at(addr))
			s.OneByOne = tt.oneByOne
			r := start(t, q, nil, s)
			if got := q.result(1, 1); got.Outcome != OutcomeLater || got.Code != 451 {
				t.Errorf("%s %d", got.Outcome, got.Code)
			}
			r.stop()
			if n := <-came; n != tt.want {
				t.Errorf("%d commands came, want %d", n, tt.want)
			}
		})
	}
}

func TestStuffed(t *testing.T) {
	for name, tt := range map[string]struct{ raw, want string }{
		"as it is":             {"a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
		"no line end":          {"a\r\nb", "a\r\nb\r\n.\r\n"},
		"dots":                 {".\r\n..x\r\n.", "..\r\n...x\r\n..\r\n.\r\n"},
		"bare line feeds":      {"a\n.\n\nb\n", "a\r\n..\r\n\r\nb\r\n.\r\n"},
		"an end of data in it": {"a\r\n.\r\nMAIL FROM:<x@y>\r\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(stuffed(nil, []byte(tt.raw)))
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
