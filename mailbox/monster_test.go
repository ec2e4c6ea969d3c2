package mailbox

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// monsterMemory is what Parse may take beyond its input.
const monsterMemory = 32 << 20

// monster is a mail that is written when it is needed, so that only one at a time takes memory.
type monster struct {
	name, want string
	write      func(b *bytes.Buffer)
}

// monsters are mails made to cost much, at 1/div of their full size. want is text that must still be found, "" for none.
func monsters(div int) []monster {
	var m []monster
	add := func(name, want string, f func(b *bytes.Buffer)) { m = append(m, monster{name, want, f}) }
	add("5,000 nested multiparts", "at the bottom", func(b *bytes.Buffer) {
		for i := range 5000 / div {
			fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n", i, i)
		}
		b.WriteString("\r\nat the bottom\r\n")
		for i := range 5000 / div {
			fmt.Fprintf(b, "--b%d--\r\n", 5000/div-1-i)
		}
	})
	add("100,000 nested multiparts, unclosed", "", func(b *bytes.Buffer) {
		for i := range 100000 / div {
			fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n", i, i)
		}
		b.WriteString("\r\nat the bottom\r\n")
	})
	add("5,000 nested messages", "", func(b *bytes.Buffer) {
		b.WriteString(strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 5000/div) + "Subject: x\r\n\r\nat the bottom\r\n")
	})
	add("200,000 parts", "part 7", func(b *bytes.Buffer) {
		b.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n")
		for i := range 200000 / div {
			fmt.Fprintf(b, "--b\r\nContent-Type: text/plain\r\n\r\npart %d\r\n", i)
		}
		b.WriteString("--b--\r\n")
	})
	add("200,000 empty parts and a text", "the last words", func(b *bytes.Buffer) {
		b.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n")
		b.WriteString(strings.Repeat("--b\r\nContent-Type: image/png; name=x.png\r\n\r\n\r\n", 200000/div))
		b.WriteString("--b\r\n\r\nthe last words\r\n--b--\r\n")
	})
	add("60 MB header, many fields", "the body", func(b *bytes.Buffer) {
		b.WriteString("Subject: monster\r\n")
		for b.Len() < 60<<20/div {
			b.WriteString("X-Filler: " + strings.Repeat("abcdefgh ", 100) + "\r\n")
		}
		b.WriteString("\r\nthe body\r\n")
	})
	add("60 MB header, one field", "the body", func(b *bytes.Buffer) {
		b.WriteString("Subject: " + strings.Repeat("x", 60<<20/div) + "\r\n\r\nthe body\r\n")
	})
	add("60 MB header, one folded field", "the body", func(b *bytes.Buffer) {
		b.WriteString("Subject: x")
		b.WriteString(strings.Repeat("\r\n abcdefghabcdefghabcdefgh", 60<<20/div/27) + "\r\n\r\nthe body\r\n")
	})
	add("100,000 References", "the body", func(b *bytes.Buffer) {
		b.WriteString("References:")
		for i := range 100000 / div {
			fmt.Fprintf(b, " <%d.abcdefgh@example.com>\r\n", i)
		}
		b.WriteString("\r\n\r\nthe body\r\n")
	})
	add("1,000,000 one-letter fields", "the body", func(b *bytes.Buffer) {
		b.WriteString(strings.Repeat("a:\r\n", 1000000/div) + "\r\nthe body\r\n")
	})
	add("500 parts of 1 MB of text", "word", func(b *bytes.Buffer) {
		b.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n")
		part := "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n" + strings.Repeat("word \xe4\xf6\xfc word\r\n", 6000)
		b.WriteString(strings.Repeat(part, max(500/div, 1)))
	})
	add("encoded words without end", "the body", func(b *bytes.Buffer) {
		b.WriteString("Subject: " + strings.Repeat("=?utf-8?q?", 100000/div) + "\r\n\r\nthe body\r\n")
	})
	add("100,000 addresses", "the body", func(b *bytes.Buffer) {
		b.WriteString("To: " + strings.Repeat("<a@b.example>, ", 100000/div) + "\r\n\r\nthe body\r\n")
	})
	add("brackets and comments without end", "the body", func(b *bytes.Buffer) {
		b.WriteString("To: " + strings.Repeat("(", 60000) + "\r\nFrom: " + strings.Repeat("<", 60000) + "\r\nCc: " + strings.Repeat("\"", 60001) + "\r\n\r\nthe body\r\n")
	})
	add("25 MB attachment", "see the file", func(b *bytes.Buffer) {
		b.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee the file\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		b.WriteString(strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 25<<20/div/57) + "--b--\r\n")
	})
	return m
}

// peakHeap runs f and returns how far the heap in use rose above its level before, sampled while f runs.
func peakHeap(f func()) uint64 {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop := make(chan struct{})
	var peak uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			runtime.ReadMemStats(&now)
			if used := now.HeapInuse + now.StackInuse; used > peak {
				peak = used
			}
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	})
	f()
	close(stop)
	wg.Wait()
	base := before.HeapInuse + before.StackInuse
	return max(peak, base) - base
}

// TestMonsters reads the monsters at a twentieth of their size.
func TestMonsters(t *testing.T) { readMonsters(t, 20) }

// TestExamMonsters reads them in full.
func TestExamMonsters(t *testing.T) {
	examData(t)
	readMonsters(t, 1)
}

func readMonsters(t *testing.T, div int) {
	for _, mon := range monsters(div) {
		t.Run(mon.name, func(t *testing.T) {
			var m Message
			var b bytes.Buffer
			mon.write(&b)
			r := bytes.NewReader(b.Bytes())
			start := time.Now()
			peak := peakHeap(func() { m = Parse(r, r.Size(), Limits{}) })
			t.Logf("%d MB in %v, %.1f MB of memory, %d parts, defects %q", r.Size()>>20, time.Since(start), float64(peak)/(1<<20), len(m.Parts), m.Defects)
			if peak > monsterMemory {
				t.Errorf("took %d bytes beyond the input, limit %d", peak, monsterMemory)
			}
			checkInvariants(t, mon.name, &m)
			if !strings.Contains(m.Body.Full, mon.want) {
				t.Errorf("text %q lost; the body is %.80q", mon.want, m.Body.Full)
			}
		})
	}
}
