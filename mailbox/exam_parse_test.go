package mailbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

// examData is the folder of real mail; the tests that need it are skipped, visibly, where it is not set.
func examData(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("AFTERCARE_DATA")
	if dir == "" {
		t.Skip("SKIP: AFTERCARE_DATA is not set, no real mail to read")
	}
	return dir
}

func parseFile(t testing.TB, path string) (Message, []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(bytes.NewReader(b), int64(len(b)), Limits{}), b
}

// The other parser's view of a mail, as far as it is compared.
type (
	otherMessage struct {
		Parts []otherPart `json:"parts"`
	}
	otherPart struct {
		Headers []otherField    `json:"headers"`
		Body    json.RawMessage `json:"body"`
	}
	otherField struct {
		Name  json.RawMessage `json:"name"`
		Value json.RawMessage `json:"value"`
	}
	otherType struct {
		ContentType struct {
			Type    string `json:"c_type"`
			Subtype string `json:"c_subtype"`
		}
	}
	otherAddress struct {
		Address struct {
			List []struct{ Name, Address string }
		}
	}
	otherDate struct {
		DateTime struct {
			Year, Month, Day, Hour, Minute, Second int
			Before                                 bool `json:"tz_before_gmt"`
			ZoneHour                               int  `json:"tz_hour"`
			ZoneMinute                             int  `json:"tz_minute"`
		}
	}
)

// explained are the differences that are on purpose: for one file, what differs begins with one of the words.
var explained = []struct{ file, what, reason string }{
	{"legacy/016.eml", "part", "a size counts the line ends as they lie in the mail, CR and LF"},
	{"legacy/023.eml", "part", "a size counts the line ends as they lie in the mail, CR and LF"},
	{"legacy/026.eml", "part", "a size counts the line ends as they lie in the mail, CR and LF"},
	{"legacy/017.eml", "part", "uuencode is decoded here"},
	{"legacy/048.eml", "part", "uuencode is decoded here"},
	{"legacy/049.eml", "part", "uuencoded files are taken out of the text here"},
	{"malformed/000.eml", "parts", "a boundary line ends a header here, so the parts behind it are found"},
	{"malformed/001.eml", "part", "an outer boundary closes the inner multipart, whose boundary means nothing afterwards"},
	{"malformed/007.eml", "part 1", "a multipart keeps its declared type when its first boundary follows without a blank line"},
	{"malformed/009.eml", "part", "the outer boundary ends the inner multipart here (RFC 2046, 5.1.2)"},
	{"malformed/011.eml", "part", "the outer boundary ends the inner multipart here (RFC 2046, 5.1.2)"},
	{"malformed/012.eml", "part", "the outer boundary ends the inner multipart here (RFC 2046, 5.1.2)"},
	{"malformed/016.eml", "part", "an outer boundary closes the inner multipart, whose boundary means nothing afterwards"},
	{"malformed/019.eml", "date", "the first Date counts"},
	{"malformed/019.eml", "part", "a line without a colon begins the body, so its text is kept"},
	{"malformed/020.eml", "part", "the first Content-Type counts, so the parts of the alternative are found"},
	{"malformed/021.eml", "part", "the first Content-Type counts, so the parts of the alternative are found"},
	{"rfc/002.eml", "part 2 to", "a comment beside a name is no part of the name"},
	{"thirdparty/000.eml", "part 1", "NUL is taken out of text"},
	{"thirdparty/005.eml", "part 5", "a boundary that does not begin a line is none"},
	{"thirdparty/007.eml", "from", "an address without a domain is a name"},
	{"thirdparty/015.eml", "part", "a boundary line ends a header here, so the messages behind it are found"},
}

// explain returns the reason for a difference, or "".
func explain(file, what string) string {
	for _, e := range explained {
		if e.file == file && strings.HasPrefix(what, e.what) {
			return e.reason
		}
	}
	return ""
}

// comparison counts the fields of one file that are equal.
type comparison struct {
	t           *testing.T
	file        string
	same, total int
	unexplained int
}

func (c *comparison) is(what, got, want string) {
	if strings.Contains(want, "\uFFFD") && strings.Contains(what, "text") == strings.Contains(want, "\n") {
		c.t.Logf("%s %s: not comparable, the other parser could not decode it: %.60q", c.file, what, got)
		return
	}
	c.total++
	if got == want {
		c.same++
		return
	}
	reason := explain(c.file, what)
	if reason == "" {
		c.unexplained++
	}
	c.t.Logf("%s %s: %s\n\tgot  %.120q\n\twant %.120q", c.file, what, orStr(reason, "NOT EXPLAINED"), got, want)
}

func TestExamStalwart(t *testing.T) {
	dir := filepath.Join(examData(t), "mail", "stalwart")
	same, total, files := 0, 0, 0
	for _, path := range mailFiles(t, dir) {
		name, _ := filepath.Rel(dir, path)
		m, _ := parseFile(t, path)
		raw, err := os.ReadFile(strings.TrimSuffix(path, ".eml") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var other otherMessage
		if err := json.Unmarshal(raw, &other); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := comparison{t: t, file: name}
		c.message("", &m, &other)
		same, total, files = same+c.same, total+c.total, files+1
		if c.unexplained > 0 {
			t.Errorf("%s: %d differences without an explanation", name, c.unexplained)
		}
	}
	if files == 0 {
		t.Fatal("no files")
	}
	share := float64(same) / float64(total)
	t.Logf("stalwart: %d files, %d of %d fields equal: %.4f", files, same, total, share)
	if share < 0.95 {
		t.Errorf("share of equal fields %.4f, floor 0.95", share)
	}
}

func (c *comparison) message(at string, m *Message, o *otherMessage) {
	c.is(at+"parts", fmt.Sprint(len(m.Parts)), fmt.Sprint(len(o.Parts)))
	if len(o.Parts) == 0 {
		return
	}
	for _, f := range o.Parts[0].Headers {
		c.field(at, m, f)
	}
	inner := 0
	for i := range min(len(m.Parts), len(o.Parts)) {
		var in *Message
		if m.Parts[i].isMessage() && inner < len(m.Forwarded) {
			in = m.Forwarded[inner]
			inner++
		}
		c.part(fmt.Sprintf("%spart %d ", at, i), &m.Parts[i], in, &o.Parts[i])
	}
}

func (c *comparison) part(at string, p *Part, inner *Message, o *otherPart) {
	for _, f := range o.Headers {
		if string(f.Name) != `"content_type"` {
			continue
		}
		var ct otherType
		if json.Unmarshal(f.Value, &ct) == nil && ct.ContentType.Type != "" {
			c.is(at+"type", p.Type, strings.ToLower(ct.ContentType.Type+"/"+ct.ContentType.Subtype))
		}
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(o.Body, &body) != nil {
		return
	}
	for kind, raw := range body {
		switch kind {
		case "Text", "Html":
			var want string
			if err := json.Unmarshal(raw, &want); err != nil {
				c.t.Fatal(err)
			}
			got := p.Text
			switch {
			case p.Attachment && p.Text == "" && inner == nil: // not kept, by design: its size stands for it, where that is comparable
				if !isASCII([]byte(want)) || !p.identity() {
					continue
				}
				got, want = fmt.Sprint(p.Size), fmt.Sprint(len(want))
			case inner != nil: // no message, says the other parser
				got = inner.Body.Full
			}
			c.is(at+"text", ends(got), ends(want))
		case "Binary", "InlineBinary":
			var want []int
			if err := json.Unmarshal(raw, &want); err != nil {
				c.t.Fatal(err)
			}
			c.is(at+"size", fmt.Sprint(p.Size), fmt.Sprint(len(want)))
		case "Message":
			var want otherMessage
			if err := json.Unmarshal(raw, &want); err != nil {
				c.t.Fatal(err)
			}
			if inner == nil {
				inner = &Message{}
			}
			c.message(at, inner, &want)
		}
	}
}

// ends folds line ends and the white space at the end, in which no two parsers agree.
func ends(s string) string {
	return strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), " \t\n")
}

func (c *comparison) field(at string, m *Message, f otherField) {
	name := strings.Trim(string(f.Name), `"`)
	var text struct{ Text string }
	_ = json.Unmarshal(f.Value, &text)
	switch name {
	case "from":
		c.addresses(at+name, m.From, f)
	case "to":
		c.addresses(at+name, m.To, f)
	case "cc":
		c.addresses(at+name, m.Cc, f)
	case "reply_to":
		c.addresses(at+name, m.ReplyTo, f)
	case "subject":
		c.is(at+name, m.Subject, strings.Join(strings.Fields(text.Text), " "))
	case "message_id":
		c.is(at+name, m.MessageID, text.Text)
	case "date":
		var d otherDate
		if json.Unmarshal(f.Value, &d) != nil || d.DateTime.Year == 0 {
			return
		}
		zone := d.DateTime.ZoneHour*3600 + d.DateTime.ZoneMinute*60
		if d.DateTime.Before {
			zone = -zone
		}
		v := d.DateTime
		want := time.Date(v.Year, time.Month(v.Month), v.Day, v.Hour, v.Minute, v.Second, 0, time.FixedZone("", zone))
		c.is(at+name, m.Date.UTC().Format(time.RFC3339), want.UTC().Format(time.RFC3339))
	}
}

func (c *comparison) addresses(what string, got []Address, f otherField) {
	var want otherAddress
	if json.Unmarshal(f.Value, &want) != nil {
		return
	}
	var g, w []string
	for _, a := range got {
		g = append(g, a.Name+" <"+a.Addr+">")
	}
	for _, a := range want.Address.List {
		w = append(w, strings.Join(strings.Fields(a.Name), " ")+" <"+a.Address+">")
	}
	c.is(what, strings.Join(g, ", "), strings.Join(w, ", "))
}

// mailFiles lists the mails under dir, sorted.
func mailFiles(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, ".jsonl") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	return files
}

// unpackBulk unpacks the packed mails of the data folder, where tar and xz are at hand.
func unpackBulk(t testing.TB, data string) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("tar", "xJf", filepath.Join(data, "bulk", "spamassassin.tar.xz"), "-C", dir).CombinedOutput()
	if err != nil {
		t.Skipf("SKIP: cannot unpack the bulk mails: %v: %s", err, out)
	}
	return dir
}

// No file of the data folder may panic, hang or lose its text: whatever words stand in the file in the clear (a line of
// five words or more, in a mail without transfer encodings) must stand in what Parse made of it.
func TestExamEveryFile(t *testing.T) {
	data := examData(t)
	files := mailFiles(t, data)
	files = append(files, mailFiles(t, unpackBulk(t, data))...)
	lost, slowest := 0, time.Duration(0)
	for _, path := range files {
		if strings.HasSuffix(path, ".xz") || strings.HasSuffix(path, ".tsv") {
			continue
		}
		start := time.Now()
		m, raw := parseFile(t, path)
		slowest = max(slowest, time.Since(start))
		checkInvariants(t, path, &m)
		if line := lostLine(&m, raw); line != "" {
			lost++
			t.Logf("%s: lost %.100q (defects %v)", path, line, m.Defects)
		}
	}
	t.Logf("%d files, slowest %v, %d with lost text", len(files), slowest, lost)
	if lost > 0 {
		t.Errorf("%d mails lost text", lost)
	}
}

// lostLine returns a line of the clear text of a mail that is nowhere in m, or "".
func lostLine(m *Message, raw []byte) string {
	low := bytes.ToLower(raw)
	for _, mark := range []string{"base64", "quoted-printable", "<html", "charset=", "uuencode", "\nbegin "} {
		if bytes.Contains(low, []byte(mark)) {
			return ""
		}
	}
	i := bytes.Index(foldEnds(raw), []byte("\n\n"))
	if i < 0 || !isASCII(raw) {
		return ""
	}
	have := letters(everything(m))
	text := string(foldEnds(raw)[i:])
	if len(m.Parts) > 0 && m.Parts[0].multipart() { // what stands in front of the first part is for old mail programs
		if j := strings.Index(text, "\n--"); j >= 0 {
			text = text[j:]
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(strings.Fields(line)) < 5 || strings.Contains(line, "MIME") || strings.Contains(line, ":") || strings.HasPrefix(line, "--") || strings.Contains(line, "=") || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		if !strings.Contains(have, letters(line)) {
			return line
		}
	}
	return ""
}

// everything is all text that m holds, of the messages inside too.
func everything(m *Message) string {
	var b strings.Builder
	for _, f := range m.Header {
		b.WriteString(f.Value)
	}
	for _, p := range m.Parts {
		b.WriteString(p.Text)
		for _, f := range p.Header {
			b.WriteString(f.Value)
		}
	}
	for _, in := range m.Forwarded {
		b.WriteString(everything(in))
	}
	return b.String()
}
