package responder

import (
	"testing"

	"aftercare/mailbox"
)

// peopleRow is a person's mail that comes to us by some detour, and how it must be held and answered.
type peopleRow struct {
	name, head, body string
	change           func(*GuardConfig)
	junk             bool
	want             Kind
	customer, reply  string
	hold             Reason
}

func withLists(c *GuardConfig) { c.TrustedLists = []string{"help@lists.example"} }
func withForms(c *GuardConfig) { c.TrustedForms = []string{"web@desk.example", "@forms.example"} }
func ownForm(c *GuardConfig)   { c.TrustedForms = []string{"support@desk.example"} }
func spamRules(c *GuardConfig) {
	c.SpamHeaders = []SpamRule{{Header: "X-Spam-Flag", Match: "^yes$"}, {Header: "X-Spam-Status", Match: `^Yes, score=(\d{2,}|[89])`}}
}

const (
	fwdBody = "Please handle.\n\n---------- Forwarded message ---------\nFrom: Jane Doe <jane@customer.example>\nDate: Mon, 2 Nov 2026 at 09:00\nSubject: Unit stopped\nTo: <wang@desk.example>\n\n" +
		"Our packing unit stopped this morning and shows fault 17.\n"
	zhFwdBody    = "请处理\n\n------------------ 原始邮件 ------------------\n发件人: \"李雷\" <lilei@customer.example>\n发送时间: 2026年11月2日(星期一) 上午9:00\n收件人: \"王\" <wang@desk.example>\n主题: 设备停机\n\n设备今天早上停机，显示故障17。\n"
	attachedBody = "--b\nContent-Type: text/plain\n\nPlease see attached.\n--b\nContent-Type: message/rfc822\n\nFrom: Jane Doe <jane@customer.example>\nSubject: Unit stopped\nMessage-ID: <inner@customer.example>\n\n" +
		"It shows fault 17.\n--b--\n"
	bounceBelow = "Hello,\n\nyour mail to our other address came back to you, I think. What shall I do about fault 17?\n\n> Delivery has failed to these recipients:\n> jane@old.example\n> 550 5.1.1 User unknown\n"
)

func peopleRows() []peopleRow {
	return []peopleRow{
		{"straight", "", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"Reply-To elsewhere", "Reply-To: Jane at home <jane@home.example>", words, nil, false, KindPerson, "jane@customer.example", "jane@home.example", ""},
		{"Reply-To is ours", "Reply-To: support@desk.example", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"Reply-To is a robot", "Reply-To: noreply@customer.example", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"several Reply-To, the first is ours", "Reply-To: support@desk.example, jane@home.example, x@y.example", words, nil, false, KindPerson, "jane@customer.example", "jane@home.example", ""},
		{"Reply-To is a colleague", "Reply-To: wang@desk.example", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"Reply-To is broken", "Reply-To: jane at home", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"not named in To or Cc", "To: undisclosed-recipients:;", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"From has no address", "From: Jane Doe", words, nil, false, KindPerson, "", "", ReasonUnsurePerson},
		{"a list without trust", "List-Id: <help.lists.example>\nList-Post: <mailto:help@lists.example>", words, nil, false, KindList, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted list", "List-Id: Help <help.lists.example>\nList-Post: <mailto:help@lists.example>\nPrecedence: list\nSender: help-bounces@lists.example", words, withLists, false,
			KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted list that is not this one", "List-Id: <nohelp.lists.example>", words, withLists, false, KindNewsletter, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted list that writes as itself", "From: \"Jane via Help\" <help@lists.example>\nReply-To: Jane Doe <jane@customer.example>\nList-Id: <help.lists.example>", words, withLists, false,
			KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a Google group with X-Original-From", "From: \"'Jane Doe' via Help\" <help@lists.example>\nReply-To: help@lists.example\nX-Original-From: Jane Doe <jane@customer.example>\nX-Original-Sender: x@y.example\n" +
			"List-ID: <help.lists.example>\nPrecedence: list\nX-Google-Group-Id: 1", words, withLists, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a Google group with X-Original-Sender only", "From: \"Jane via Help\" <help@lists.example>\nX-Original-Sender: jane@customer.example\nList-ID: <help.lists.example>", words, withLists, false, KindPerson,
			"jane@customer.example", "jane@customer.example", ""},
		{"a trusted list by its List-Id", "From: \"Jane via Help\" <help@lists.example>\nReply-To: help@lists.example, jane@customer.example\nList-Id: <help.lists.example>", words,
			func(c *GuardConfig) { c.TrustedLists = []string{"help.lists.example"} }, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"an automatic reply through a trusted list", "List-Id: <help.lists.example>\nAuto-Submitted: auto-replied", words, withLists, false, KindAutoReply, "jane@customer.example", "jane@customer.example", ""},
		{"X-Original-From without trust", "From: support@desk.example\nX-Original-From: jane@customer.example", words, nil, false, KindOwn, "", "", ""},
		{"a trusted form", "From: Web <web@desk.example>\nReply-To: jane@customer.example", words, withForms, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted form of a domain, with a robot's name", "From: noreply@forms.example\nReply-To: jane@customer.example\nAuto-Submitted: no", words, withForms, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted form with X-Original-From", "From: web@desk.example\nX-Original-From: Jane <jane@customer.example>", words, withForms, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted form that says it is generated", "From: web@desk.example\nReply-To: jane@customer.example\nAuto-Submitted: auto-generated\nPrecedence: bulk", words, withForms, false, KindPerson,
			"jane@customer.example", "jane@customer.example", ""},
		{"a trusted form that mails as us", "From: support@desk.example\nReply-To: jane@customer.example", words, ownForm, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a trusted form without a customer", "From: web@desk.example", words, withForms, false, KindPerson, "", "", ReasonNoAddress},
		{"a form that only its envelope names", "From: jane@customer.example\nReturn-Path: <web@desk.example>", words, withForms, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"our own mail through a trusted form", "From: support@desk.example\nReply-To: jane@customer.example\nMessage-ID: <" + SignMessageID(testKey, Token{Case: 3, Outbox: 4}, "desk.example") + ">", words, ownForm, false, KindOwn, "", "", ""},
		{"Exchange rule, loop counter", "Auto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: info@firm.example", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ReasonRuleForwarded},
		{"Exchange rule, agent", "Auto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nSubject: FW: Unit stopped", fwdBody, nil, false, KindPerson, "jane@customer.example",
			"jane@customer.example", ReasonRuleForwarded},
		{"redirected with Resent-From", "Auto-Submitted: auto-generated\nResent-From: info@firm.example", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ReasonRuleForwarded},
		{"Exchange rule and automatic reply", "Auto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: a@b.example\nX-Auto-Response-Suppress: All\nSubject: Automatic reply: x", "I am away.\n", nil, false, KindAutoReply,
			"jane@customer.example", "jane@customer.example", ""},
		{"generated in an Exchange mailbox", "Auto-Submitted: auto-generated\nX-MS-Has-Attach:", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ReasonUnsurePerson},
		{"a colleague writes", "From: wang@desk.example", words, nil, false, KindStaff, "wang@desk.example", "", ""},
		{"a colleague forwards", "From: wang@desk.example\nSubject: Fwd: Unit stopped", fwdBody, nil, false, KindStaff, "jane@customer.example", "jane@customer.example", ReasonStaffForward},
		{"a colleague forwards in Chinese", "From: wang@desk.example\nSubject: 转发：设备停机", zhFwdBody, nil, false, KindStaff, "lilei@customer.example", "lilei@customer.example", ReasonStaffForward},
		{"a colleague encloses", "From: wang@desk.example\nSubject: customer\nContent-Type: multipart/mixed; boundary=b", attachedBody, nil, false, KindStaff, "jane@customer.example", "jane@customer.example", ReasonStaffForward},
		{"a watched mailbox forwards", "From: service@desk.example\nSubject: FW: Unit stopped\nAuto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: service@desk.example", fwdBody, nil, false, KindStaff,
			"jane@customer.example", "jane@customer.example", ReasonStaffForward},
		{"a colleague answers with a quote", "From: wang@desk.example\nSubject: Re: Unit stopped\nIn-Reply-To: <1@customer.example>", fwdBody, nil, false, KindStaff, "wang@desk.example", "", ""},
		{"a colleague forwards a colleague", "From: boss@private.example\nSubject: Fwd: lunch", "See below.\n\n---------- Forwarded message ---------\nFrom: Wang <wang@desk.example>\nSubject: lunch\n\nAt noon?\n", nil, false,
			KindStaff, "boss@private.example", "", ""},
		{"a customer forwards", "Subject: Fwd: Unit stopped", fwdBody, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a person in trouble with our bounce", "Subject: Re: Undeliverable: your case\nX-Mailer: Apple Mail (2.3654)\nIn-Reply-To: <b@mx.example>", bounceBelow, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a person forwards a bounce", "Subject: Fwd: Undelivered Mail Returned to Sender", bounceBelow, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"the junk folder", "", words, nil, true, KindPerson, "jane@customer.example", "jane@customer.example", ReasonJunk},
		{"a machine in the junk folder", "Auto-Submitted: auto-replied", words, nil, true, KindAutoReply, "jane@customer.example", "jane@customer.example", ""},
		{"spam for sure", "X-Spam-Flag: YES", words, spamRules, false, KindSpam, "jane@customer.example", "jane@customer.example", ""},
		{"spam by a high score", "X-Spam-Status: Yes, score=14.2 required=5.0", words, spamRules, false, KindSpam, "jane@customer.example", "jane@customer.example", ""},
		{"spam by a low score", "X-Spam-Status: Yes, score=5.3 required=5.0", words, spamRules, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"a spam field that nobody configured", "X-Spam-Flag: YES", words, nil, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
		{"no spam", "X-Spam-Flag: NO", words, spamRules, false, KindPerson, "jane@customer.example", "jane@customer.example", ""},
	}
}

// TestJudgePeople: detours, forwards, trusted lists and forms, spam and junk; whom the mail is from and whom an answer goes to.
func TestJudgePeople(t *testing.T) {
	for _, r := range peopleRows() {
		t.Run(r.name, func(t *testing.T) {
			m := parseBytes([]byte(raw(r.head, r.body)))
			v := testGuard(t, r.change).Judge(m, r.junk)
			if v.Kind != r.want || v.Customer.Key() != r.customer || v.ReplyTo.Key() != r.reply || v.HoldReason != r.hold {
				t.Errorf("got %s from %q answer to %q hold %q, want %s from %q answer to %q hold %q; evidence %q; forward %+v", v.Kind, v.Customer.Key(), v.ReplyTo.Key(), v.HoldReason,
					r.want, r.customer, r.reply, r.hold, v.Evidence, m.Body.Forward)
			}
			if v.NoReply != (r.hold != "") || v.Junk != r.junk {
				t.Errorf("NoReply %v with reason %q, junk %v", v.NoReply, v.HoldReason, v.Junk)
			}
		})
	}
}

// TestJudgeOwnSigned: our own mail is known by each of its signatures, and not by a forged one.
func TestJudgeOwnSigned(t *testing.T) {
	g := testGuard(t, nil)
	tok := Token{Case: 12, Outbox: 34}
	id := SignMessageID(testKey, tok, "desk.example")
	rows := []struct {
		name, head string
		want       Kind
	}{
		{"Message-ID", "Message-ID: <" + id + ">", KindOwn},
		{"Message-ID forged", "Message-ID: <" + SignMessageID([]byte("other"), tok, "desk.example") + ">", KindPerson},
		{"our field", HeaderName + ": " + SignHeader(testKey, tok), KindOwn},
		{"our field forged", HeaderName + ": c.y.aaaaaaaaaaaaaaaa", KindPerson},
		{"envelope address", "Return-Path: <" + SignVERP(testKey, tok, "support@desk.example") + ">", KindOwn},
		{"an answer to us", "References: <" + id + ">\nIn-Reply-To: <" + id + ">", KindPerson},
		{"our address, all headers stripped", "From: support@desk.example\nReferences: <" + id + ">", KindOwn},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if v, _ := judge(g, r.head, words); v.Kind != r.want {
				t.Errorf("got %s, want %s; evidence %q", v.Kind, r.want, v.Evidence)
			}
		})
	}
}

// TestJudgeStructure: reports and calendar parts.
func TestJudgeStructure(t *testing.T) {
	g := testGuard(t, nil)
	report := func(kind, part string) (string, string) {
		return "From: Reporter <report@mx.example>\nSubject: about your mail\nContent-Type: multipart/report; report-type=" + kind + "; boundary=r",
			"--r\nContent-Type: text/plain\n\nThis is a report.\n--r\nContent-Type: message/" + kind + "\n\n" + part + "\n--r--\n"
	}
	cal := func(method, text string) (string, string) {
		return "Subject: Visit on Monday\nContent-Type: multipart/alternative; boundary=c", "--c\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n--c\nContent-Type: text/calendar; method=" + method +
			"; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:" + method + "\nBEGIN:VEVENT\nUID:77@desk.example\nSUMMARY:Visit on Monday\nATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@customer.example\nEND:VEVENT\nEND:VCALENDAR\n--c--\n"
	}
	dsn := func(action string) (string, string) {
		return report("delivery-status", "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; jane@gone.example\nAction: "+action+"\nStatus: 5.1.1\n")
	}
	type row struct {
		name       string
		head, body string
		want       Kind
		reason     Reason
		unsure     bool
	}
	var rows []row
	add := func(name string, head, body string, want Kind, reason Reason) {
		rows = append(rows, row{name, head, body, want, reason, false})
	}
	for action, reason := range map[string]Reason{"failed": ReasonBounce, "delayed": ReasonBounceDelay, "delivered": ReasonBounceSuccess, "relayed": ReasonBounceSuccess, "expanded": ReasonBounceSuccess} {
		h, b := dsn(action)
		add("delivery report "+action, h, b, KindBounce, reason)
	}
	h, b := report("disposition-notification", "Reporting-UA: x\nFinal-Recipient: rfc822; jane@customer.example\nOriginal-Message-ID: <1@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n")
	add("read receipt", h, b, KindReceipt, ReasonReceipt)
	h, b = report("feedback-report", "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n")
	add("abuse report", h, b, KindReport, ReasonReport)
	h, b = cal("REPLY", "Jane Doe has accepted this invitation.")
	add("calendar answer", h, b, KindCalendar, ReasonCalendar)
	h, b = cal("CANCEL", "This event has been canceled.")
	add("calendar cancellation", h, b, KindCalendar, ReasonCalendar)
	h, b = cal("REQUEST", "When: Monday 9:00\nWhere: Hall 3")
	add("bare invitation", h, b, KindCalendar, ReasonCalendar)
	h, b = cal("REQUEST", "Please send a technician on Monday, our packing unit shows fault 17 again after the repair.")
	add("invitation with words", h, b, KindPerson, "")
	inner := "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=i\n\n--i\nContent-Type: text/plain\n\nIt failed.\n--i\n" +
		"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--i--\n"
	add("a person encloses a bounce", "Content-Type: multipart/mixed; boundary=o", "--o\nContent-Type: text/plain\n\nHello, this came back when I wrote to you. Which address is right?\n--o\nContent-Type: message/rfc822\n\n"+inner+"--o--\n", KindPerson, "")
	add("a person encloses a delivery status", "Content-Type: multipart/mixed; boundary=o", "--o\nContent-Type: text/plain\n\nHello, this came back when I wrote to you. Which address is right?\n--o\nContent-Type: message/delivery-status\n\n"+
		"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--o--\n", KindPerson, "")
	add("a server's report that is declared wrongly", "From: postmaster@mx.example\nSubject: Delivery failure\nContent-Type: multipart/mixed; boundary=o", "--o\nContent-Type: text/plain\n\nCould not be delivered.\n--o\n"+
		"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--o--\n", KindBounce, ReasonBounce)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v, m := judge(g, r.head, r.body)
			if v.Kind != r.want || v.Reason != r.reason {
				t.Errorf("got %s %q, want %s %q; evidence %q; report %+v calendar %+v", v.Kind, v.Reason, r.want, r.reason, v.Evidence, m.Report, m.Calendar)
			}
		})
	}
}

// TestWholeAddr: what may stand in an envelope and what may not.
func TestWholeAddr(t *testing.T) {
	for addr, want := range map[string]bool{"a@b.example": true, "a.b+c@d.example": true, "": false, "a": false, "@b.example": false, "a@": false, "a b@c.example": false, "a@b.example\nBcc: x@y": false,
		"a,b@c.example": false, "\"a\"@b.example": false, "a@b..example": false, "李@例子.example": true} {
		if got := wholeAddr(addr); got != want {
			t.Errorf("wholeAddr(%q) = %v, want %v", addr, got, want)
		}
	}
	if got := oneAddress(`"Doe, Jane" <jane@x.example>`); got != (mailbox.Address{Name: "Doe, Jane", Addr: "jane@x.example"}) {
		t.Errorf("oneAddress: %+v", got)
	}
}
