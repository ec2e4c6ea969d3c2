package responder

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"aftercare/mailbox"
)

var testKey = []byte("a key for tests")

// testGuard is the guard of a company with one watched address and an alias; change alters the configuration.
func testGuard(t testing.TB, change func(*GuardConfig)) *Guard {
	t.Helper()
	cfg := GuardConfig{
		Own: []string{"support@desk.example", "service@desk.example"}, OwnDomains: []string{"desk.example"},
		Staff: []string{"boss@private.example"}, StaffDomains: []string{"desk.example"},
		AuthservIDs: []string{"mx.desk.example"}, TrustARC: []string{"relay.example"}, Key: testKey,
	}
	if change != nil {
		change(&cfg)
	}
	if cfg.Rules == nil {
		rules, err := builtIn()
		if err != nil {
			t.Fatal(err)
		}
		cfg.Rules = rules
	}
	g, err := NewGuard(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// builtIn reads the built-in rules once for all tests; they never change.
var builtIn = sync.OnceValues(DefaultGuardRules)

// The words of ordinary customers.
const (
	words   = "Hello,\n\nour packing unit KX-2043 stopped this morning and shows fault 17. Please send somebody to look at it.\n\nJane Doe\n"
	zhWords = "您好：\n我们车间的设备今天早上停机，面板显示故障17，请尽快派人来检修。\n李雷\n"
)

// raw writes a mail: head is lines of header fields, which may replace From, To, Subject and Message-ID.
func raw(head, body string) string {
	var b strings.Builder
	for _, f := range []string{"From: Jane Doe <jane@customer.example>", "To: support@desk.example", "Subject: Packing unit stopped", "Message-ID: <1@customer.example>",
		"Date: Mon, 02 Nov 2026 09:00:00 +0800", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"} {
		name, _, _ := strings.Cut(f, ":")
		if !strings.Contains("\n"+strings.ToLower(head), "\n"+strings.ToLower(name)+":") {
			b.WriteString(f + "\n")
		}
	}
	if head != "" {
		b.WriteString(head + "\n")
	}
	return b.String() + "\n" + body
}

func judge(g *Guard, head, body string) (Verdict, *mailbox.Message) {
	m := parseBytes([]byte(raw(head, body)))
	return g.Judge(m, false), m
}

// kindRow is one mail and what it is. unsure and the reply address are checked where a person is expected.
type kindRow struct {
	name, head, body string
	want             Kind
	unsure           bool
}

func runKinds(t *testing.T, g *Guard, rows []kindRow) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.name] {
			t.Errorf("two rows are called %q", r.name)
		}
		seen[r.name] = true
		t.Run(r.name, func(t *testing.T) {
			v, m := judge(g, r.head, r.body)
			if v.Kind != r.want || v.Unsure != r.unsure {
				t.Errorf("got %s unsure=%v, want %s unsure=%v; evidence %q; new words %q", v.Kind, v.Unsure, r.want, r.unsure, v.Evidence, m.Body.New)
			}
			if v.Kind.Machine() && (v.Reason == "" || len(v.Evidence) == 0) {
				t.Errorf("a machine without reason or evidence: %+v", v)
			}
			if v.Unsure && (!v.NoReply || v.HoldReason != ReasonUnsurePerson || len(v.Evidence) == 0) {
				t.Errorf("unsure, and not held with evidence: %+v", v)
			}
		})
	}
}

// TestJudgeProtocol: what headers and structure say by themselves.
func TestJudgeProtocol(t *testing.T) {
	runKinds(t, testGuard(t, nil), []kindRow{
		{"an ordinary mail", "", words, KindPerson, false},
		{"an ordinary Chinese mail", "Subject: 设备停机", zhWords, KindPerson, false},
		{"Auto-Submitted no", "Auto-Submitted: no", words, KindPerson, false},
		{"Auto-Submitted NO with a comment", "Auto-Submitted: No (sent by hand)", words, KindPerson, false},
		{"Auto-Submitted auto-replied", "Auto-Submitted: auto-replied", words, KindAutoReply, false},
		{"Auto-Submitted auto-replied with parameter", "Auto-Submitted: auto-replied; owner-email=\"x@y.example\"", words, KindAutoReply, false},
		{"Auto-Submitted in capitals", "AUTO-SUBMITTED: AUTO-REPLIED (vacation)", words, KindAutoReply, false},
		{"Auto-Submitted auto-generated", "Auto-Submitted: auto-generated", words, KindNotification, false},
		{"Auto-Submitted auto-notified", "Auto-Submitted: auto-notified", words, KindNotification, false},
		{"Auto-Submitted of an unknown value", "Auto-Submitted: yes", words, KindNotification, false},
		{"Precedence bulk", "Precedence: bulk", words, KindNewsletter, false},
		{"Precedence list", "Precedence: list", words, KindList, false},
		{"Precedence junk", "Precedence: junk", words, KindNotification, false},
		{"Precedence auto_reply", "Precedence: auto_reply", words, KindAutoReply, false},
		{"Precedence of no meaning", "Precedence: first-class", words, KindPerson, false},
		{"List-Id", "List-Id: <news.shop.example>", words, KindNewsletter, false},
		{"List-Post", "List-Id: <talk.shop.example>\nList-Post: <mailto:talk@shop.example>", words, KindList, false},
		{"List-Post NO", "List-Post: NO\nList-Unsubscribe: <mailto:x@shop.example>", words, KindNewsletter, false},
		{"List-Unsubscribe", "List-Unsubscribe: <https://shop.example/u>", words, KindNewsletter, false},
		{"List-Help", "List-Help: <mailto:help@shop.example>", words, KindNewsletter, false},
		{"Mailing-List", "Mailing-List: contact talk-help@shop.example; run by ezmlm", words, KindList, false},
		{"a delivery service alone is no machine", "Feedback-ID: 1.eu-west-1.abc:AmazonSES\nX-SES-Outgoing: 2026.11.02-1.2.3.4", words, KindPerson, false},
		{"a delivery service and a way to unsubscribe", "Feedback-ID: 1.eu-west-1.abc:AmazonSES", words + "\nUnsubscribe: https://shop.example/u\n", KindNewsletter, false},
		{"X-Auto-Response-Suppress All", "X-Auto-Response-Suppress: All", words, KindPerson, true},
		{"X-Auto-Response-Suppress OOF", "X-Auto-Response-Suppress: OOF, AutoReply", words, KindPerson, true},
		{"X-Auto-Response-Suppress for receipts only", "X-Auto-Response-Suppress: DR, RN, NRN", words, KindPerson, false},
		{"X-Auto-Response-Suppress and a role sender", "X-Auto-Response-Suppress: All\nFrom: alerts@monitor.example", words, KindNotification, false},
		{"X-Autoreply", "X-Autoreply: yes", words, KindAutoReply, false},
		{"X-Autoreply no", "X-Autoreply: no", words, KindPerson, false},
		{"X-Autorespond", "X-Autorespond: Packing unit", words, KindAutoReply, false},
		{"an automatic reply's field of a house we do not know", "X-Acme-AutoReply: 1", words, KindAutoReply, false},
		{"such a field that says no", "X-Acme-AutoReply: no", words, KindPerson, false},
		{"X-Autogenerated Reply", "X-Autogenerated: Reply", words, KindAutoReply, false},
		{"X-FC-MachineGenerated", "X-FC-MachineGenerated: true", words, KindNotification, false},
		{"X-Vacation", "X-Vacation: yes", words, KindAutoReply, false},
		{"X-Mailer of a mailing program", "X-Mailer: PHPList v3", words, KindNewsletter, false},
		{"X-Mailer of a person's program", "X-Mailer: Foxmail 7.2.25.179[cn]", words, KindPerson, false},
		{"X-Campaign", "X-CampaignId: 77", words, KindNewsletter, false},
		{"X-Loop of somebody else", "X-Loop: other@elsewhere.example", words, KindPerson, false},
		{"a build server", "X-Jenkins-Job: nightly", words, KindNotification, false},
		{"null envelope sender", "Return-Path: <>", words, KindNotification, false},
		{"null envelope sender of an answer", "Return-Path: <>\nIn-Reply-To: <a@b.example>", words, KindAutoReply, false},
		{"null envelope sender of a person's program", "Return-Path: <>\nX-Mailer: Microsoft Outlook 16.0", words, KindPerson, true},
		{"no sender at all, with words", "From:", words, KindPerson, true},
		{"no sender at all, no words", "From:", "", KindNotification, false},
		{"X-Failed-Recipients", "X-Failed-Recipients: a@b.example", words, KindBounce, false},
		{"another desk's mark alone", "X-RT-Loop-Prevention: other", words, KindPerson, true},
	})
}

// TestJudgeSenders: who the sender is.
func TestJudgeSenders(t *testing.T) {
	runKinds(t, testGuard(t, nil), []kindRow{
		{"MAILER-DAEMON", "From: MAILER-DAEMON@mx.example", words, KindBounce, false},
		{"mailer-daemon in small letters", "From: Mail System <mailer-daemon@mx.example>", words, KindBounce, false},
		{"postmaster with a failure", "From: postmaster@mx.example\nSubject: Delivery failure", words, KindBounce, false},
		{"postmaster who asks", "From: Postmaster of a small firm <postmaster@small.example>", words, KindPerson, false},
		{"no-reply", "From: no-reply@shop.example", words, KindNotification, false},
		{"noreply with a number", "From: noreply123@shop.example", words, KindNotification, false},
		{"do_not_reply", "From: do_not_reply@shop.example", words, KindNotification, false},
		{"donotreply in a longer name", "From: accounts-donotreply@shop.example", words, KindNotification, false},
		{"no-reply in Chinese words", "From: 系统 <noreply@shop.example>\nSubject: 您的账单", zhWords, KindNotification, false},
		{"no-reply with a stranger in Reply-To", "From: Web form <noreply@forms.example>\nReply-To: jane@customer.example", words, KindPerson, true},
		{"no-reply with its own house in Reply-To", "From: noreply@shop.example\nReply-To: help@mail.shop.example", words, KindNotification, false},
		{"autoreply@", "From: autoreply@shop.example", words, KindAutoReply, false},
		{"newsletter@", "From: newsletter@shop.example", words, KindNewsletter, false},
		{"info@ is a small firm", "From: info@small.example", words, KindPerson, false},
		{"service@ of a customer", "From: service@small.example\nSubject: 报修", zhWords, KindPerson, false},
		{"a number at QQ", "From: 2812345678@qq.example\nSubject: 报修", zhWords, KindPerson, false},
		{"a phone number as address", "From: 13812345678@139.example\nSubject: 报修", zhWords, KindPerson, false},
		{"a staff address", "From: Wang <wang@desk.example>", words, KindStaff, false},
		{"a staff address elsewhere", "From: boss@private.example", words, KindStaff, false},
		{"staff through an internal list", "From: wang@desk.example\nList-Id: <all.desk.example>\nPrecedence: list", words, KindStaff, false},
		{"staff away", "From: wang@desk.example\nSubject: Automatic reply: your question\nX-Auto-Response-Suppress: All", "I am away.\n", KindAutoReply, false},
		{"our own address", "From: support@desk.example", words, KindOwn, false},
		{"our own alias with a plus part", "From: Service+x@DESK.example", words, KindOwn, false},
		{"X-Loop with our address", "X-Loop: support@desk.example", words, KindOwn, false},
		{"our own address, a stranger in Reply-To", "From: support@desk.example\nReply-To: jane@customer.example", words, KindPerson, true},
	})
}

// TestJudgeSubjects: automatic replies, bounces, receipts and calendar answers known by subject, in many languages.
func TestJudgeSubjects(t *testing.T) {
	away := "I am out of the office until Monday. In urgent cases call my colleague.\n"
	zhAway := "您好，我正在休假，11月9日返回。如有急事请致电同事。\n"
	fail := "Delivery has failed to these recipients or groups:\n\nliming@nowhere.example\nThe address could not be found.\n"
	zhFail := "很抱歉，您发送的邮件被退回，以下是该邮件的相关信息：\n被退回邮件 主题：报价\n收件人：liming@nowhere.example\n退信原因：收件人不存在\n"
	runKinds(t, testGuard(t, nil), []kindRow{
		{"en automatic reply", "Subject: Automatic reply: Your case [AC-000012]", away, KindAutoReply, false},
		{"en out of office", "Subject: Out of Office: Re: quote", away, KindAutoReply, false},
		{"en behind a tag", "Subject: [External] Automatic reply: quote", away, KindAutoReply, false},
		{"en Lotus", "Subject: AUTO: Smith, John is out of the office (returning 05/01)", away, KindAutoReply, false},
		{"en at the end", "Subject: Re: quote (Out of Office)", away, KindAutoReply, false},
		{"en only the body, short", "Subject: quote", away, KindPerson, true},
		{"en the body in a long mail", "Subject: quote", "I am out of the office this week, so let me write down the fault now.\n" + strings.Repeat("The unit stops after ten minutes and needs to be reset by hand, every time. ", 12), KindPerson, false},
		{"en a person answers an automatic reply", "Subject: Re: Automatic reply: quote\nIn-Reply-To: <1@x.example>", words, KindPerson, true},
		{"en a person about office hours", "Subject: Are you open out of hours?", words, KindPerson, false},
		{"de", "Subject: Automatische Antwort: Anfrage", "Ich bin nicht im Büro.\n", KindAutoReply, false},
		{"de Abwesenheitsnotiz", "Subject: Abwesenheitsnotiz: Anfrage", "Ich bin im Urlaub.\n", KindAutoReply, false},
		{"fr", "Subject: Réponse automatique : devis", "Je suis absent.\n", KindAutoReply, false},
		{"fr encoded", "Subject: =?iso-8859-1?Q?R=E9ponse_automatique_:_devis?=", "Je suis absent.\n", KindAutoReply, false},
		{"es", "Subject: Respuesta automática: pedido", "Estoy fuera.\n", KindAutoReply, false},
		{"it", "Subject: Risposta automatica: ordine", "Sono assente.\n", KindAutoReply, false},
		{"pt", "Subject: Resposta automática: pedido", "Estou ausente.\n", KindAutoReply, false},
		{"nl", "Subject: Automatisch antwoord: vraag", "Ik ben afwezig.\n", KindAutoReply, false},
		{"pl in a bracket", "Subject: [Automatyczna odpowiedź] pytanie", "Jestem poza biurem.\n", KindAutoReply, false},
		{"sv", "Subject: Autosvar: fråga", "Jag är på semester.\n", KindAutoReply, false},
		{"fi", "Subject: Automaattinen vastaus: kysymys", "Olen lomalla.\n", KindAutoReply, false},
		{"ru", "Subject: Автоматический ответ: вопрос", "Я в отпуске.\n", KindAutoReply, false},
		{"ru in capitals", "Subject: АВТООТВЕТ", "Я в отпуске.\n", KindAutoReply, false},
		{"tr", "Subject: Otomatik yanıt: soru", "Ofis dışındayım.\n", KindAutoReply, false},
		{"ja", "Subject: 自動応答: お見積り", "不在にしております。\n", KindAutoReply, false},
		{"ko", "Subject: 자동 회신: 견적", "부재중입니다.\n", KindAutoReply, false},
		{"zh", "Subject: 自动回复: 询价", zhAway, KindAutoReply, false},
		{"zh full-width colon", "Subject: 自动回复：询价", zhAway, KindAutoReply, false},
		{"zh Outlook", "Subject: 自动答复: 询价", zhAway, KindAutoReply, false},
		{"zh traditional", "Subject: 自動回覆: 詢價", "您好，我不在辦公室。\n", KindAutoReply, false},
		{"zh full-width bracket", "Subject: 【自动回复】询价", zhAway, KindAutoReply, false},
		{"zh at the end", "Subject: 询价（自动回复）", zhAway, KindAutoReply, false},
		{"zh in GB2312", "Subject: =?gb2312?B?19S2r7vYuLQ6INGvvNs=?=", zhAway, KindAutoReply, false},
		{"zh a person about the function", "Subject: 自动回复功能怎么关闭", "你好，请问控制面板的自动回复功能怎么关闭？设备型号KX-2043，我们按照说明书操作了几次都没有成功，麻烦指导一下，谢谢。\n", KindPerson, true},
		{"en undeliverable", "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae@shop.example>\nSubject: Undeliverable: quote", fail, KindBounce, false},
		{"en undeliverable by subject and text", "From: imss@shop.example\nSubject: Undeliverable: quote", fail, KindBounce, false},
		{"en undeliverable, only the subject", "From: imss@shop.example\nSubject: Undeliverable: quote", words, KindPerson, true},
		{"en goods were not delivered", "Subject: Spare part was not delivered", "Hello,\nthe spare part was not delivered, the carrier says it has been returned to you. Please check.\nJane\n", KindPerson, false},
		{"de undeliverable", "From: postmaster@shop.example\nSubject: Unzustellbar: Angebot", "Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.\n", KindBounce, false},
		{"fr undeliverable", "From: postmaster@shop.example\nSubject: Non remis : devis", "Votre message n'a pas pu être remis.\n", KindBounce, false},
		{"zh bounce of QQ", "From: \"PostMaster@qq.example\" <PostMaster@qq.example>\nSubject: 系统退信", zhFail, KindBounce, false},
		{"zh bounce of 163", "From: Postmaster@163.example\nSubject: 系统退信/Systems bounce", zhFail, KindBounce, false},
		{"zh bounce by subject and text", "From: mailsys@corp.example\nSubject: 退信通知：您的邮件无法送达", zhFail, KindBounce, false},
		{"zh bounce of Exchange", "From: postmaster@corp.example\nSubject: 未送达: 报价", "向这些收件人或组传递邮件失败:\n\nliming@corp.example\n找不到您输入的电子邮件地址。\n", KindBounce, false},
		{"zh traditional bounce", "From: postmaster@corp.example\nSubject: 無法傳遞: 報價", "無法傳遞至這些收件者或群組:\n\nliming@corp.example\n", KindBounce, false},
		{"zh a customer whose goods came back", "Subject: 配件被退回", "您好，配件寄出后被退回了，快递说地址无法送达，请核对地址后重新发货，并告知运单号。\n", KindPerson, false},
		{"en read", "Subject: Read: Your case", "Your message\n\nTo: Jane\nSubject: Your case\n\nwas read on 02/11/2026 10:00.\n", KindReceipt, false},
		{"en read, a person", "Subject: Read: chapter 3 is unclear to me", "Hello, I went through chapter 3 of the manual and cannot find how the belt is tightened.\n", KindPerson, true},
		{"de read", "Subject: Gelesen: Ihr Fall", "Ihre Nachricht wurde am 02.11.2026 gelesen.\n", KindReceipt, false},
		{"zh read", "Subject: 已读: 您的报修", "您的邮件\n\n收件人: 李雷\n主题: 您的报修\n发送时间: 2026/11/2 9:00\n\n已于 2026/11/2 10:00 阅读。\n", KindReceipt, false},
		{"zh read without words", "Subject: 已读：您的报修", "", KindReceipt, false},
		{"zh receipt of QQ", "Subject: 已读回执: 您的报修", "这是一封已读回执，您的邮件已被对方阅读。\n", KindReceipt, false},
		{"en accepted, no calendar part", "Subject: Accepted: Visit on Monday", "", KindCalendar, false},
		{"en accepted, the program's words", "Subject: Accepted: Visit on Monday", "Jane Doe has accepted this invitation.\n", KindCalendar, false},
		{"zh accepted", "Subject: 已接受: 上门检修", "", KindCalendar, false},
		{"zh declined", "Subject: 已拒绝：上门检修", "李雷已拒绝此邀请。\n", KindCalendar, false},
		{"en ticket", "Subject: [Ticket#2026110210] Your request", "Your request has been received and a ticket has been created. Our support team will get back to you.\n", KindAutoReply, false},
		{"en request received", "From: Helpdesk <help@shop.example>\nSubject: Request received: quote", "Thank you for contacting us. Your request (#4711) has been received and is being reviewed by our support staff.\n", KindAutoReply, false},
		{"zh ticket", "From: 客服中心 <kefu@shop.example>\nSubject: 工单已受理（编号 20261102）", "您好，您的工单已受理，工单编号 20261102，我们将在2个工作日内与您联系。\n", KindAutoReply, false},
		{"zh mail received", "From: 客服中心 <kefu@shop.example>\nSubject: 已收到您的邮件", "您好，您的邮件已收到，我们会尽快回复，感谢您的来信！\n", KindAutoReply, false},
		{"en a ticket number in a person's mail", "Subject: Re: [Ticket#2026110210] Your request\nIn-Reply-To: <1@x.example>", words, KindPerson, false},
		{"en thanks and a question", "Subject: Thank you for your email", "Thank you for your email. The unit still shows fault 17 after the reset, what now?\n", KindPerson, false},
		{"newsletter by subject and footer", "From: Shop <shop@shop.example>\nSubject: November newsletter", words + "\nTo unsubscribe click here.\n", KindNewsletter, false},
		{"zh newsletter", "From: 商城 <shop@shop.example>\nSubject: 双十一大促 限时优惠", "全场五折。如不想再收到此类邮件，请点击退订。\n", KindNewsletter, false},
		{"a person who wants out", "Subject: Please take me off", "Please unsubscribe me from your mailings. Thank you.\n", KindPerson, false},
		{"challenge", "Subject: Please confirm your message", "To be delivered, please click the link below to confirm your message and prove that you are human.\n", KindChallenge, false},
		{"zh challenge", "Subject: 发件人验证", "您的邮件已被暂存，请点击以下链接确认您的邮件，验证后您的邮件才会送达。\n", KindChallenge, false},
		{"automatic by its words only", "Subject: Meter reading", "The meter reads 4711.\nThis is an automated message, please do not reply.\n", KindPerson, true},
		{"zh automatic by its words only", "Subject: 设备数据", "本月读数4711。此邮件为系统自动发送，请勿直接回复。\n", KindPerson, true},
		{"zh automatic by words and sender", "From: 监控系统 <alert@plant.example>\nSubject: 设备数据", "本月读数4711。此邮件为系统自动发送，请勿直接回复。\n", KindNotification, false},
		{"zh notice by words and subject", "Subject: 系统通知：密码重置", "您的密码已重置。本邮件由系统自动发出，请勿回复。\n", KindNotification, false},
	})
}

// TestEvidenceIsStable: the same mail gives the same verdict, word for word.
func TestEvidenceIsStable(t *testing.T) {
	head, body := "From: postmaster@mx.example\nSubject: Undeliverable: quote\nReturn-Path: <>", "Delivery has failed to these recipients:\nuser unknown\n"
	first, _ := judge(testGuard(t, nil), head, body)
	for range 20 {
		v, _ := judge(testGuard(t, nil), head, body)
		if !slices.Equal(v.Evidence, first.Evidence) {
			t.Fatalf("evidence changed: %q, %q", first.Evidence, v.Evidence)
		}
	}
	if len(first.Evidence) < 3 {
		t.Errorf("evidence %q: too little", first.Evidence)
	}
}
