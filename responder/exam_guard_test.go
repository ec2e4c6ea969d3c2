package responder

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aftercare/mailbox"
)

// dataFolder is the folder of real mail that the floors are measured on; the test is skipped where it is not named.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("AFTERCARE_DATA")
	if dir == "" {
		t.Skip("AFTERCARE_DATA is not set: the floors on real mail are not measured")
	}
	return dir
}

// examLabel is our own verdict on a mail whose label in its set is wrong.
type examLabel struct{ verdict, reason string }

// examLabels reads exam/labels.tsv: path, own verdict (machine or person), reason.
func examLabels(t testing.TB) map[string]examLabel {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "exam", "labels.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]examLabel{}
	rows := map[bool]int{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 || f[1] != "machine" && f[1] != "person" {
			t.Fatalf("exam/labels.tsv: %q: expected path, machine or person, reason", line)
		}
		labels[f[0]] = examLabel{f[1], f[2]}
		rows[strings.HasPrefix(f[0], "mail/")]++
	}
	if rows[true] > 10 || rows[false] > 60 {
		t.Fatalf("exam/labels.tsv: %d rows over the manifest (10 at most), %d over the bulk sets (60 at most)", rows[true], rows[false])
	}
	return labels
}

func parseBytes(raw []byte) *mailbox.Message {
	m := mailbox.Parse(bytes.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
	return &m
}

func examGuard(t testing.TB) *Guard {
	t.Helper()
	g, err := NewGuard(GuardConfig{Own: []string{"support@desk.example"}, Key: []byte("exam")})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestExamManifest: bounces and automatic replies are known, people are not taken for machines.
func TestExamManifest(t *testing.T) {
	dir, labels, g := dataFolder(t), examLabels(t), examGuard(t)
	raw, err := os.ReadFile(filepath.Join(dir, "mail", "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var machines, missed, people, wronged, unsure int
	for line := range bytes.Lines(raw) {
		var row struct {
			File    string
			Machine *bool
			Kind    string
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		if row.Machine == nil {
			continue
		}
		want := *row.Machine
		if l, ok := labels[row.File]; ok {
			t.Logf("own label: %s: %s: %s", row.File, l.verdict, l.reason)
			want = l.verdict == "machine"
		}
		mail, err := os.ReadFile(filepath.Join(dir, row.File))
		if err != nil {
			t.Fatal(err)
		}
		m := parseBytes(mail)
		v := g.Judge(m, false)
		if want {
			machines++
		} else {
			people++
		}
		if v.Unsure {
			unsure++
		}
		if v.Kind.Machine() != want {
			if want {
				missed++
			} else {
				wronged++
			}
			t.Logf("%s (%s): %s unsure=%v %q | From %v | Subject %q", row.File, row.Kind, v.Kind, v.Unsure, v.Evidence, m.From, m.Subject)
		} else if v.Unsure {
			t.Logf("unsure: %s (%s): %s %q", row.File, row.Kind, v.Kind, v.Evidence)
		}
	}
	t.Logf("machines %d, missed %d (1 at most); people %d, taken for machines %d (1 at most), unsure %d", machines, missed, people, wronged, unsure)
	if missed > 1 || wronged > 1 {
		t.Errorf("missed %d, wronged %d", missed, wronged)
	}
}

// bulk unpacks the bulk sets and returns the mails of one folder in order of their names.
func bulk(t testing.TB, folder string) (names []string, mails [][]byte) {
	t.Helper()
	dir := dataFolder(t)
	tmp := t.TempDir()
	cmd := exec.Command("tar", "xJf", filepath.Join(dir, "bulk", "spamassassin.tar.xz"), "-C", tmp)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("unpacking: %v: %s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(tmp, folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails in %s: %v", folder, err)
	}
	slices.Sort(files)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		names, mails = append(names, "bulk/"+folder+"/"+filepath.Base(f)), append(mails, raw)
	}
	return names, mails
}

// TestExamNewsletters: mass mail that people asked for is known as machine mail, whatever its kind.
func TestExamNewsletters(t *testing.T) {
	names, mails := bulk(t, "hard-ham-1")
	labels, g := examLabels(t), examGuard(t)
	var all, known int
	for i, raw := range mails {
		if l, ok := labels[names[i]]; ok && l.verdict == "person" {
			t.Logf("own label: %s: %s: %s", names[i], l.verdict, l.reason)
			continue
		}
		all++
		m := parseBytes(raw)
		v := g.Judge(m, false)
		if v.Kind.Machine() {
			known++
			continue
		}
		t.Logf("%s: %s unsure=%v %q | From %v | Subject %q", names[i], v.Kind, v.Unsure, v.Evidence, m.From, m.Subject)
	}
	t.Logf("newsletters %d, known %d: %.1f%% (85%% at least)", all, known, 100*float64(known)/float64(all))
	if float64(known) < 0.85*float64(all) {
		t.Errorf("too few newsletters known")
	}
}

// strippedField tells whether the exam takes a field of this name away: what a list adds to a person's mail.
func strippedField(name string) bool {
	n := strings.ToLower(name)
	switch n {
	case "return-path", "precedence", "mailing-list", "errors-to", "sender", "x-loop", "x-beenthere", "x-mailman-version", "delivered-to":
		return true
	}
	return strings.HasPrefix(n, "list-") || strings.HasPrefix(n, "x-list") || strings.HasPrefix(n, "x-mailing")
}

// isRobot tells whether one of the programs that post to these lists wrote the mail; they are no people.
func isRobot(m *mailbox.Message) bool {
	switch local, _, _ := strings.Cut(m.Sender1().Key(), "@"); local {
	case "bugzilla-daemon", "mailer-daemon", "postmaster", "rssfeeds":
		return true
	case "pudge": // the digests of a news site
		return strings.HasPrefix(m.Subject, "[use Perl]")
	}
	return false
}

// stripHeader takes list fields and the return path out of a raw mail.
func stripHeader(raw []byte, gone func(string) bool) []byte {
	var out bytes.Buffer
	skip, body := false, false
	for line := range bytes.Lines(raw) {
		trimmed := bytes.TrimRight(line, "\r\n")
		switch {
		case body:
		case len(trimmed) == 0:
			body, skip = true, false
		case line[0] == ' ' || line[0] == '\t':
		default:
			name, _, ok := bytes.Cut(line, []byte(":"))
			skip = ok && gone(string(name))
		}
		if !skip {
			out.Write(line)
		}
	}
	return out.Bytes()
}

// TestExamPeople: people's mail, with all that shows a list taken away, is not taken for a machine's.
func TestExamPeople(t *testing.T) {
	names, mails := bulk(t, "easy-ham-1")
	labels, g := examLabels(t), examGuard(t)
	strips := map[string]func(string) bool{
		"all list fields": strippedField,
		"fields named after lists, Precedence and Return-Path": func(n string) bool {
			n = strings.ToLower(n)
			return strings.HasPrefix(n, "list-") || strings.Contains(n, "mailing-list") || n == "precedence" || n == "return-path"
		},
	}
	for what, gone := range strips {
		var people, wronged, unsure, robots int
		for i, raw := range mails {
			if l, ok := labels[names[i]]; ok && l.verdict == "machine" {
				robots++
				continue
			}
			m := parseBytes(stripHeader(raw, gone))
			if isRobot(m) {
				robots++
				continue
			}
			people++
			v := g.Judge(m, false)
			if v.Unsure {
				unsure++
			}
			if !v.Kind.Machine() {
				if v.Unsure {
					t.Logf("unsure %s: %q | From %v | Subject %q", names[i], v.Evidence, m.From, m.Subject)
				}
				continue
			}
			wronged++
			t.Logf("%s: %s %q | From %v | Subject %q", names[i], v.Kind, v.Evidence, m.From, m.Subject)
		}
		share := 100 * float64(wronged) / float64(people)
		t.Logf("without %s: people %d (robots aside: %d), taken for machines %d: %.2f%% (0.2%% at most), unsure %d", what, people, robots, wronged, share, unsure)
		if share > 0.2 {
			t.Errorf("without %s: too many people taken for machines", what)
		}
	}
}

// TestExamThreads: an answer whose ancestor is in the set lands in its thread.
func TestExamThreads(t *testing.T) {
	_, mails := bulk(t, "easy-ham-1")
	g := examGuard(t)
	root := map[string]string{} // Message-ID -> the thread it is in, named by its first mail
	ms := make([]*mailbox.Message, len(mails))
	for i, raw := range mails {
		ms[i] = parseBytes(raw)
		root[ms[i].MessageID] = ""
	}
	delete(root, "")
	var replies, placed int
	for i, m := range ms {
		if !rawAncestor(mails[i], root, m.MessageID) {
			continue
		}
		replies++
		for _, id := range g.Hints(m).MessageIDs {
			if _, ok := root[id]; ok && id != m.MessageID {
				placed++
				break
			}
		}
	}
	t.Logf("replies with an ancestor in the set %d, placed %d: %.2f%% (99%% at least)", replies, placed, 100*float64(placed)/float64(replies))
	if replies == 0 || float64(placed) < 0.99*float64(replies) {
		t.Errorf("too few replies placed in their thread")
	}
}

// rawAncestor tells, by plain search in the raw header and apart from the parser, whether the mail names a known id in
// In-Reply-To or References.
func rawAncestor(raw []byte, known map[string]string, self string) bool {
	head, _, _ := bytes.Cut(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	in := false
	for line := range bytes.Lines(head) {
		if line[0] != ' ' && line[0] != '\t' {
			low := strings.ToLower(string(line))
			in = strings.HasPrefix(low, "in-reply-to:") || strings.HasPrefix(low, "references:")
		}
		if !in {
			continue
		}
		for part := range strings.SplitSeq(string(line), "<") {
			id, _, ok := strings.Cut(part, ">")
			if _, has := known[id]; ok && has && id != self {
				return true
			}
		}
	}
	return false
}

func BenchmarkLoadGuardRules(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DefaultGuardRules(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	g := examGuard(b)
	raw := []byte(mail8K())
	m := parseBytes(raw)
	b.Run("judge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g.Judge(m, false)
		}
	})
	b.Run("parse+text+guard", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			g.Judge(parseBytes(raw), false)
		}
	})
}

// mail8K is an ordinary customer's mail of about 8 KB, both alternatives, with a quoted mail below.
func mail8K() string {
	line := "The spindle of our unit stops after about ten minutes and the panel shows fault 17; we have reset it twice. "
	text := "Good morning,\n\n" + strings.Repeat(line, 14) + "\n\nBest regards\nJane Doe\n\nOn Mon, 2 Nov 2026 at 10:00, Support wrote:\n> " + strings.Repeat(line, 6) + "\n"
	html := "<html><body><p>Good morning,</p><p>" + strings.Repeat(line, 14) + "</p><p>Best regards<br>Jane Doe</p><blockquote type=\"cite\">" +
		strings.Repeat(line, 20) + "</blockquote></body></html>"
	head := "Return-Path: <jane@customer.example>\nReceived: from mx.customer.example (mx.customer.example [192.0.2.7]) by mail.desk.example with ESMTPS; Mon, 2 Nov 2026 11:00:00 +0000\n" +
		"From: Jane Doe <jane@customer.example>\nTo: support@desk.example\nSubject: Re: Fault 17 on the milling unit\nDate: Mon, 2 Nov 2026 11:00:00 +0000\n" +
		"Message-ID: <1234.5678@customer.example>\nIn-Reply-To: <a@desk.example>\nReferences: <a@desk.example>\nX-Mailer: Microsoft Outlook 16.0\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/alternative; boundary=b1\n\n"
	return head + "--b1\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n--b1\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--b1--\n"
}
