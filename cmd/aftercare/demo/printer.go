package demo

import (
	"bytes"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"aftercare/internal/mailtest/memory"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

func byteReader(b []byte) *bytes.Reader { return bytes.NewReader(b) }

// printer writes what happens, a line each. The daemon calls it from its own goroutines.
type printer struct {
	w  io.Writer
	mu sync.Mutex

	n     int // mails recorded
	mails int // mails that must have gone out
	by    map[responder.Disposition]int
	cases int
	soon  map[string]int // steps by name
}

func newPrinter(w io.Writer) *printer {
	return &printer{w: w, by: map[responder.Disposition]int{}, soon: map[string]int{}}
}

func (p *printer) count() int  { p.mu.Lock(); defer p.mu.Unlock(); return p.n }
func (p *printer) queued() int { p.mu.Lock(); defer p.mu.Unlock(); return p.mails }

func (p *printer) head(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, "\n%s\n%s\n", s, strings.Repeat("-", len([]rune(s))))
}

// recorded writes the line of one mail: sender, class and why, what was sent or why not, milliseconds.
func (p *printer) recorded(r store.Recorded, reading *responder.Reading, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.by[r.Disposition]++
	if r.Opened {
		p.cases++
	}
	from, class := "?", ""
	if reading != nil {
		from = reading.Message.Sender1().Addr
		if reading.Verdict.Kind.Machine() {
			class = string(reading.Verdict.Kind)
		} else {
			class = reading.Class.Class
			if len(reading.Class.Also) > 0 {
				class += "+" + strings.Join(reading.Class.Also, "+")
			}
		}
	}
	what := string(r.Disposition) + ": " + string(r.Reason)
	for _, m := range r.Mails {
		p.mails++
		if m.Lane == responder.LaneCustomer {
			what = fmt.Sprintf("replied with %s (%s)", m.Template, r.Reason)
		} else {
			what += ", told " + m.To
		}
	}
	ref := "         "
	if r.Case != 0 {
		ref = responder.FormatCase(r.Case)
	}
	fmt.Fprintf(p.w, "%s  %-32s %-22s %s  [%.1f ms]\n", ref, clip(from, 32), clip(class, 30), what, float64(took.Microseconds())/1000)
	if why := because(r, reading); why != "" {
		fmt.Fprintf(p.w, "%11s%s\n", "", clip(why, 150))
	}
}

func because(r store.Recorded, reading *responder.Reading) string {
	if reading == nil {
		return ""
	}
	if reading.Verdict.Kind.Machine() || len(reading.Class.Because) == 0 {
		return "because " + strings.Join(r.Evidence, "; ")
	}
	return "because " + strings.Join(reading.Class.Because, ", ")
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// steps shows what was said, the first two of each name with the mail that staff got.
func (p *printer) steps(said []store.SaidStep, sent *sentMails) {
	p.mu.Lock()
	defer p.mu.Unlock()
	shown := map[string]int{}
	for _, st := range said {
		p.soon[st.Name]++
		shown[st.Name]++
		if shown[st.Name] > 2 {
			continue
		}
		to := st.Recipient
		if to == sla.Customer {
			to = "the customer"
		}
		fmt.Fprintf(p.w, "%s  %-22s to %s\n", responder.FormatCase(st.Case), st.Name, to)
		if m := sent.of(st.Outbox); m != nil {
			fmt.Fprintf(p.w, "%11s%q\n", "", m.Subject)
			if shown[st.Name] == 1 {
				fmt.Fprint(p.w, indented(m.Body.Full))
			}
		}
	}
	for _, name := range sorted(shown) {
		if n := shown[name] - 2; n > 0 {
			fmt.Fprintf(p.w, "           ... and %d more %s\n", n, name)
		}
	}
}

// sentMails reads each mail at the sink once and finds it by its outbox number.
type sentMails struct {
	smtp *memory.SMTP
	read int
	by   map[string]*mailbox.Message
}

// of returns the mail of an outbox row by its Message-ID, ac.CASE.OUTBOX.MAC@domain; nil while it has not come.
func (s *sentMails) of(outbox int64) *mailbox.Message {
	if s.by == nil {
		s.by = map[string]*mailbox.Message{}
	}
	all := s.smtp.Messages()
	for _, d := range all[s.read:] {
		m := parse(d)
		if part := strings.Split(m.MessageID, "."); len(part) > 2 {
			s.by[part[2]] = &m
		}
	}
	s.read = len(all)
	return s.by[strconv.FormatInt(outbox, 36)]
}

// indented is the first lines of a text, for a look.
func indented(s string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if n++; n > 6 {
			break
		}
		fmt.Fprintf(&b, "%11s| %s\n", "", clip(line, 120))
	}
	return b.String()
}

func (p *printer) summary(sent []memory.Delivered) {
	p.head("Summary")
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, "%d mails, %d cases opened, %d mails sent\n", p.n, p.cases, len(sent))
	for _, d := range sorted(p.by) {
		fmt.Fprintf(p.w, "  %-14s %d\n", d, p.by[responder.Disposition(d)])
	}
	for _, name := range sorted(p.soon) {
		fmt.Fprintf(p.w, "  %-22s %d\n", name, p.soon[name])
	}
}

func sorted[K ~string](m map[K]int) []string {
	var out []string
	for k := range m {
		out = append(out, string(k))
	}
	sort.Strings(out)
	return out
}
