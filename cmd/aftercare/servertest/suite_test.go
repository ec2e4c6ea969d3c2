package servertest

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"aftercare/responder"
	"aftercare/sla"
	"aftercare/store"
)

func TestSuiteMemory(t *testing.T) { suite(t, newMemoryPost(t, nil)) }

func TestSuiteDovecotPostfix(t *testing.T) { suite(t, newRealPost(t)) }

// suite is what every pair of servers must bear out: mails of all kinds arrive in three mailboxes of one company, each with
// another way of filing, while one daemon runs.
func suite(t *testing.T, p post) {
	s := newSite(t, p, setup{boxes: []box{
		{"support", []string{"filing: {how: move}", "sent: {copy: always}", "folders: [{name: INBOX}, {name: Junk, junk: true}]"}},
		{"service", []string{"filing: {how: keyword}", "sent: {copy: never}"}},
		{"parts", []string{"filing: {how: leave}", "sent: {copy: never}"}},
	}, top: []string{"guard: {own_hosts: [mx.support.example]}"}})
	s.start()
	tests := []struct {
		name string
		run  func(*testing.T, *site)
	}{
		{"a person in English", testEnglish},
		{"a person in Chinese", testChinese},
		{"GB18030", testGB18030},
		{"no Message-ID", testNoMessageID},
		{"broken MIME", testBroken},
		{"programs get no answer", testPrograms},
		{"a bounce of our reply", testBounce},
		{"one mail to two watched addresses", testTwoAddresses},
		{"an answer to our reply", testAnswer},
		{"the same Message-ID with other content", testSameID},
		{"a person answers in the mail program first", testAnsweredFirst},
		{"a colleague answers with us in Cc", testColleague},
		{"junk folder", testJunk},
		{"filing", testFiling},
		{"copies in Sent", testSent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, s) })
	}
	s.sound(t)
}

// answered delivers one mail and returns its record and the reply that its sender got.
func (s *site) answered(t *testing.T, user, sender string, raw []byte) (record, received) {
	t.Helper()
	s.post.arrive(t, user, raw)
	r := s.await(t, "the mail of "+sender, 1, from(sender))[0]
	if r.Disposition != responder.Answered || !r.Opened {
		t.Fatalf("%s: %s, %s, opened a case: %v; want answered (class %s, %v)", sender, r.Disposition, r.Reason, r.Opened, r.class, r.Evidence)
	}
	return r, s.replies(t, sender, 1)[0]
}

// replies waits for n mails to an address outside.
func (s *site) replies(t *testing.T, addr string, n int) (out []received) {
	t.Helper()
	eventually(t, "mail to "+addr, func() bool { out = s.post.inbox(t, addr); return len(out) >= n })
	return out
}

// marked waits until the first mail to the customer of a case is on record as sent, and returns it.
func (s *site) marked(t *testing.T, id int64) (m store.Mail) {
	t.Helper()
	eventually(t, "the reply of "+responder.FormatCase(id)+" marked as sent", func() bool {
		for _, m = range s.caseOf(t, id).Mails {
			if m.Lane == responder.LaneCustomer && m.State == store.StateSent {
				return true
			}
		}
		return false
	})
	return m
}

func (s *site) window(t *testing.T, id int64, c sla.Clock) sla.Window {
	t.Helper()
	for _, w := range s.caseOf(t, id).Windows {
		if w.Clock == c {
			return w
		}
	}
	t.Fatalf("%s has no window %s", responder.FormatCase(id), c)
	return sla.Window{}
}

func (s *site) signingKey(t *testing.T) []byte {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(s.cfg.Data, "signing.key"))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.TrimSpace(string(key)))
}

func testEnglish(t *testing.T, s *site) {
	before := time.Now().Add(-time.Second).Truncate(time.Second) // INTERNALDATE has whole seconds
	rec, reply := s.answered(t, "support", "ann@customer.example",
		repair("Ann Weaver <ann@customer.example>", "support@support.example", 1, "Message-ID: <ann.1@customer.example>", "References: <old.1@customer.example>"))

	if reply.envelope != "support@support.example" {
		t.Errorf("envelope sender %q", reply.envelope)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "X-Loop": "support@support.example", "In-Reply-To": "<ann.1@customer.example>"} {
		if got := reply.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	refs := []string{reply.MessageID, "old.1@customer.example", "ann.1@customer.example"}
	if !slices.Equal(reply.References, refs) {
		t.Errorf("References %q, want %q", reply.References, refs)
	}
	mail := s.marked(t, rec.Case)
	if tok, ok := responder.VerifyMessageID(s.signingKey(t), reply.MessageID); !ok || tok.Case != rec.Case || tok.Outbox != mail.ID {
		t.Errorf("Message-ID %q: %v, signed %v; want case %d, mail %d", reply.MessageID, tok, ok, rec.Case, mail.ID)
	}
	if tag := "[" + responder.FormatCase(rec.Case) + "]"; !strings.Contains(reply.Subject, tag) {
		t.Errorf("subject %q has no %s", reply.Subject, tag)
	}
	if got := reply.From[0].Addr; got != "support@support.example" {
		t.Errorf("from %q", got)
	}
	if rec.Reason != responder.ReasonReply || mail.Template != "repair.en" || mail.Code != 250 || mail.Late() {
		t.Errorf("on record: %s, template %s, code %d, late %v", rec.Reason, mail.Template, mail.Code, mail.Late())
	}
	c := s.caseOf(t, rec.Case)
	if c.Class != "repair" || c.Serial != "PX-40-00001" || c.Customer != "ann@customer.example" {
		t.Errorf("case: class %s, serial %s, customer %s", c.Class, c.Serial, c.Customer)
	}
	w := s.window(t, rec.Case, sla.ClockReply)
	if w.Opened.Before(before) || w.Opened.After(time.Now()) || w.Due != w.Opened.Add(2*time.Hour) || w.Met.IsZero() || w.Met.After(w.Due) {
		t.Errorf("reply window: opened %v, due %v, met %v", w.Opened, w.Due, w.Met)
	}
	if w := s.window(t, rec.Case, sla.ClockPerson); !w.Open() || w.Due != w.Opened.Add(24*time.Hour) {
		t.Errorf("window of the answer by a person: opened %v, due %v, open %v", w.Opened, w.Due, w.Open())
	}
}

func testChinese(t *testing.T, s *site) {
	rec, reply := s.answered(t, "support", "lina@customer.example", letter("李娜 <lina@customer.example>", "support@support.example", "水泵坏了",
		"您好:\n\n我们的水泵(序列号 PX-40-20002)坏了,漏水,无法启动。请派人维修。\n\n李娜"))
	if m := s.marked(t, rec.Case); !strings.HasSuffix(m.Template, ".zh") {
		t.Errorf("template %s", m.Template)
	}
	if reply.Header.Get("Content-Language") != "zh" || !strings.Contains(reply.Body.Full, "您好") {
		t.Errorf("the reply is not Chinese: %q", reply.Body.Full)
	}
}

func testGB18030(t *testing.T, s *site) {
	text := "你好,我厂的空压机过了保修期,想请贵公司做一次年度保养,请报价。型号 KY-55,序列号 KY55-2019-0733。周涛"
	raw, err := simplifiedchinese.GB18030.NewEncoder().Bytes(letter("zhoutao@customer.example", "support@support.example", "maintenance", text, "Content-Type: text/plain; charset=gb18030"))
	if err != nil {
		t.Fatal(err)
	}
	rec, _ := s.answered(t, "support", "zhoutao@customer.example", raw)
	if !strings.Contains(rec.msg.Body.Full, text) {
		t.Errorf("read as %q", rec.msg.Body.Full)
	}
	if c := s.caseOf(t, rec.Case); c.Class != "service" || c.Language != "zh" {
		t.Errorf("class %s, language %s", c.Class, c.Language)
	}
}

func testNoMessageID(t *testing.T, s *site) {
	_, reply := s.answered(t, "parts", "noid@customer.example", repair("noid@customer.example", "parts@support.example", 3, "Message-ID: none"))
	if len(reply.References) == 0 || reply.References[0] != reply.MessageID {
		t.Errorf("References %q do not begin with our own id", reply.References)
	}
}

func testBroken(t *testing.T, s *site) {
	raw := letter("broken@customer.example", "support@support.example", "Spindle broken", "--cut\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
		"VGhlIHNwaW5kbGUgb2Ygb3VyIG1pbGxpbmcgbWFjaGluZSBpcyBicm9rZW4sIHBsZWFzZSByZXBhaXIgaXQu!!\r\n--cut\r\nContent-Type: image/png; name=\"../../x\"",
		"Content-Type: multipart/mixed; boundary=\"cut\"", "this line has no colon")
	rec, _ := s.answered(t, "support", "broken@customer.example", raw)
	if len(rec.msg.Defects) == 0 || !strings.Contains(rec.msg.Body.Full, "please repair it") {
		t.Errorf("defects %q, text %q", rec.msg.Defects, rec.msg.Body.Full)
	}
}

func testPrograms(t *testing.T, s *site) {
	for _, tt := range []struct {
		sender string
		head   []string
		want   responder.Reason
	}{
		{"away@customer.example", []string{"Auto-Submitted: auto-replied"}, responder.ReasonAutoReply},
		{"news@customer.example", []string{"List-Unsubscribe: <https://news.example/u>", "List-Id: <news.example>", "Precedence: bulk"}, responder.ReasonNewsletter},
		{"noreply@customer.example", nil, responder.ReasonNotification},
	} {
		s.post.arrive(t, "support", letter(tt.sender, "support@support.example", "Our pump is broken", "The pump is broken, please repair it.", tt.head...))
		r := s.await(t, "the mail of "+tt.sender, 1, from(tt.sender))[0]
		if r.Disposition != responder.NotAnswered || r.Reason != tt.want || r.Case != 0 || len(r.Mails) != 0 {
			t.Errorf("%s: %s, %s, case %d, %d mails; want not-answered, %s", tt.sender, r.Disposition, r.Reason, r.Case, len(r.Mails), tt.want)
		}
	}
}

func testBounce(t *testing.T, s *site) {
	s.post.arrive(t, "service", repair("lost@nowhere.example", "service@support.example", 4))
	rec := s.await(t, "the customer's mail", 1, from("lost@nowhere.example"))[0]
	bounce := s.await(t, "the bounce", 1, func(r record) bool { return r.Reason == responder.ReasonBounce })[0]
	if bounce.Case != rec.Case || bounce.Disposition != responder.NotAnswered {
		t.Fatalf("the bounce is %s under case %d; want not-answered under %d", bounce.Disposition, bounce.Case, rec.Case)
	}
	c := s.caseOf(t, rec.Case)
	i := slices.IndexFunc(c.Mails, func(m store.Mail) bool { return m.Lane == responder.LaneCustomer })
	if i < 0 || c.Mails[i].Bounced.IsZero() {
		t.Error("the reply is not on record as bounced")
	}
	if w := s.window(t, rec.Case, sla.ClockReply); !w.Open() {
		t.Error("the window of a reply that came back is not open again")
	}
	s.replies(t, "duty@staff.example", 1)
	blocked, err := s.beside.BlockedAddresses(t.Context())
	if err != nil || len(blocked) != 1 || blocked[0].Address != "lost@nowhere.example" {
		t.Errorf("blocked: %v, %v", blocked, err)
	}
}

func testTwoAddresses(t *testing.T, s *site) {
	raw := repair("twice@customer.example", "support@support.example, service@support.example", 5)
	s.post.arrive(t, "support", raw)
	s.post.arrive(t, "service", raw)
	rs := s.await(t, "both copies", 2, from("twice@customer.example"))
	slices.SortFunc(rs, func(a, b record) int { return cmp.Compare(a.Message, b.Message) }) // two mailboxes tell of their mails in any order
	if rs[0].Disposition != responder.Answered || rs[1].Disposition != responder.Duplicate || rs[1].Of != rs[0].Message || rs[1].Case != rs[0].Case {
		t.Errorf("%s of case %d, then %s of case %d, of message %d (%d)", rs[0].Disposition, rs[0].Case, rs[1].Disposition, rs[1].Case, rs[1].Of, rs[0].Message)
	}
	s.marked(t, rs[0].Case)
	if n := len(s.replies(t, "twice@customer.example", 1)); n != 1 {
		t.Errorf("%d replies", n)
	}
}

func testAnswer(t *testing.T, s *site) {
	rec, reply := s.answered(t, "support", "petra@customer.example", repair("petra@customer.example", "support@support.example", 6))
	s.marked(t, rec.Case)
	s.post.arrive(t, "support", letter("petra@customer.example", "support@support.example", "Re: "+reply.Subject, "The contract is C-2025-0417. When will you come?",
		"In-Reply-To: <"+reply.MessageID+">", "References: "+"<"+reply.MessageID+">"))
	r := s.await(t, "the answer", 2, from("petra@customer.example"))[1]
	if r.Case != rec.Case || r.Opened || r.Disposition != responder.Held || r.Reason != responder.ReasonFurtherMail {
		t.Errorf("the answer is %s, %s, under case %d; want held, further-mail, under %d", r.Disposition, r.Reason, r.Case, rec.Case)
	}
	further := 0
	for _, w := range s.caseOf(t, rec.Case).Windows {
		if w.Clock == sla.ClockReply && w.Further && w.Open() {
			further++
		}
	}
	if further != 1 {
		t.Errorf("%d open windows of a further mail", further)
	}
	if n := len(s.replies(t, "petra@customer.example", 1)); n != 1 {
		t.Errorf("%d replies", n)
	}
}

func testSameID(t *testing.T, s *site) {
	const id = "Message-ID: <again@customer.example>"
	first, _ := s.answered(t, "support", "again@customer.example", repair("again@customer.example", "support@support.example", 7, id))
	s.post.arrive(t, "support", letter("again@customer.example", "support@support.example", "Training for our people",
		"Could you train four of our operators on the new compressor, with maintenance and diagnosis?", id))
	r := s.await(t, "the second mail", 2, from("again@customer.example"))[1]
	if r.Disposition != responder.Answered || r.Case == first.Case || !r.Opened {
		t.Errorf("%s, %s, case %d (opened %v), the first one is %d", r.Disposition, r.Reason, r.Case, r.Opened, first.Case)
	}
	s.replies(t, "again@customer.example", 2)
}
