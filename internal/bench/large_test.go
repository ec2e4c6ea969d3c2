package bench

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
)

const largeLimit = 96 << 20

// TestLarge answers twenty mails of 25 MB each.
func TestLarge(t *testing.T) {
	binary := setup(t)
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	models := warm(t, binary, d)
	const mails = 20
	raws := make([][]byte, mails)
	big := photo(25_000_000)
	for i := range raws {
		raws[i] = withPhoto(i, time.Now(), big)
	}
	d.Fill("large", raws...)
	clear(raws)
	out := startSink(t, 0)
	s := &site{binary: binary, dir: t.TempDir(), imap: d.IMAP, user: "large", smtp: out.port, sent: "never"}
	s.keep(t, models)
	run := s.start(t)
	last, ok := out.await(t, mails, quiet)
	hwm := peak(t, run.cmd.Process.Pid)
	if !ok {
		t.Log(run.said())
	}
	run.stop(t)
	row(t, fmt.Sprintf("%d mails of 25 MB", mails), last.Sub(run.running).Round(100*time.Millisecond).String(), "")
	row(t, "  peak of memory", mib(hwm), "under "+mib(largeLimit))
	atMost(t, "mails of 25 MB", hwm, largeLimit)
}

// photo is about n bytes of base64 in lines.
func photo(n int) string {
	bytes := make([]byte, n*57/78)
	src := rand.NewChaCha8([32]byte{1})
	_, _ = src.Read(bytes) // it never fails
	var b strings.Builder
	for i := 0; i < len(bytes); i += 57 {
		b.WriteString(base64.StdEncoding.EncodeToString(bytes[i:min(i+57, len(bytes))]))
		b.WriteString("\r\n")
	}
	return b.String()
}
