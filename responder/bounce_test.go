package responder

import (
	"slices"
	"testing"
)

// TestBounce: which of our mails a bounce is about, for whom and how.
func TestBounce(t *testing.T) {
	tok := Token{Case: 77, Outbox: 88}
	id := SignMessageID(testKey, tok, "desk.example")
	verp := SignVERP(testKey, tok, "support@desk.example")
	daemon := "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\n"
	dsn := func(action, returned string) string {
		return "--r\nContent-Type: text/plain\n\nCould not deliver.\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Jane@Gone.Example\nAction: " +
			action + "\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--r\nContent-Type: text/rfc822-headers\n\n" + returned + "\n--r--\n"
	}
	reportType := "Content-Type: multipart/report; report-type=delivery-status; boundary=r"
	rows := []struct {
		name, head, body string
		token            bool
		id, addr, action string
		status           string
	}{
		{"RFC 3464, headers returned", daemon + reportType, dsn("failed", "Message-ID: <"+id+">\nSubject: x\n"), true, id, "jane@gone.example", "failed", "5.1.1"},
		{"RFC 3464, delayed", daemon + reportType, dsn("delayed", "Message-ID: <"+id+">\n"), true, id, "jane@gone.example", "delayed", "5.1.1"},
		{"RFC 3464, delivered", daemon + reportType, dsn("delivered", "Message-ID: <"+id+">\n"), true, id, "jane@gone.example", "delivered", "5.1.1"},
		{"RFC 3464, our field where the id was rewritten", daemon + reportType, dsn("failed", "Message-ID: <new@relay.example>\n"+HeaderName+": "+SignHeader(testKey, tok)+"\n"), true, "new@relay.example", "jane@gone.example", "failed", "5.1.1"},
		{"RFC 3464, about another's mail", daemon + reportType, dsn("failed", "Message-ID: <1@other.example>\n"), false, "1@other.example", "jane@gone.example", "failed", "5.1.1"},
		{"VERP", daemon + "To: " + verp, "No such user.\n", true, "", "", "failed", ""},
		{"VERP in Delivered-To", daemon + "Delivered-To: " + verp, "No such user.\n", true, "", "", "failed", ""},
		{"In-Reply-To", daemon + "In-Reply-To: <" + id + ">", "Recipient unknown: jane@gone.example\n", true, id, "jane@gone.example", "failed", ""},
		{"qmail", "From: MAILER-DAEMON@mx.example\nSubject: failure notice", "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<jane@gone.example>:\n" +
			"192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <support@desk.example>\nMessage-ID: <" + id + ">\nSubject: x\n", true, id, "jane@gone.example", "failed", "5.1.1"},
		{"exim", "From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender\nX-Failed-Recipients: jane@gone.example", "This message was created automatically by mail delivery software.\n\n" +
			"A message that you sent could not be delivered to one or more of its recipients.\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-Id: <" + id + ">\nFrom: support@desk.example\n", true, id, "jane@gone.example", "failed", ""},
		{"exchange", "From: System Administrator <postmaster@mx.example>\nSubject: Undeliverable: Your case", "Your message\n\n  To: jane@gone.example\n  Subject: Your case\n\ndid not reach the following recipient(s):\n\njane@gone.example\n    The recipient name is not recognized. #5.1.1\n\n" +
			"Original message headers:\n\nMessage-ID: <" + id + ">\n", true, id, "jane@gone.example", "failed", "5.1.1"},
		{"a delay in words", "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: Warning: could not send message for past 4 hours", "This is a warning message only. You do not need to resend your message.\n\njane@gone.example: deferred\n\nMessage-ID: <" + id + ">\n",
			true, id, "jane@gone.example", "delayed", ""},
		{"Chinese", "From: Postmaster@qq.example\nSubject: 系统退信", "很抱歉，您发送的邮件被退回。\n收件人：jane@gone.example\n退信原因：收件人不存在 550 5.1.1\n邮件标识：" + id + "\n", true, "", "jane@gone.example", "failed", "5.1.1"},
		{"an id of ours without its field's name", "From: Postmaster@163.example\nSubject: 系统退信", "您的邮件未能投递成功。收件人：jane@gone.example\n原邮件 <k1.13@desk.example>\n", false, "k1.13@desk.example", "jane@gone.example", "failed", ""},
		{"Message-ID within a line", "From: Postmaster@163.example\nSubject: 系统退信", "您的邮件未能投递成功。\n收件人: jane@gone.example\n原邮件 Message-ID：<old@desk.example>\n", false, "old@desk.example", "jane@gone.example", "failed", ""},
		{"Chinese, delayed", "From: Postmaster@163.example\nSubject: 邮件投递延迟通知", "您的邮件暂时无法送达 jane@gone.example，系统将继续尝试投递，无需重新发送。\nMessage-ID: <" + id + ">\n", true, id, "jane@gone.example", "delayed", ""},
	}
	g := testGuard(t, nil)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v, m := judge(g, r.head, r.body)
			if v.Kind != KindBounce || v.Bounce == nil {
				t.Fatalf("got %s, evidence %q, report %+v", v.Kind, v.Evidence, m.Report)
			}
			b := v.Bounce
			addr := ""
			if len(b.Addresses) > 0 {
				addr = b.Addresses[0]
			}
			if (b.Token != nil) != r.token || b.Token != nil && *b.Token != tok || b.MessageID != r.id || addr != r.addr || b.Action != r.action || b.Status != r.status {
				t.Errorf("got token %v id %q addresses %q action %q status %q", b.Token, b.MessageID, b.Addresses, b.Action, b.Status)
			}
			if b.Failed() != (r.action == "failed") || b.Detail == "" {
				t.Errorf("Failed() = %v, detail %q", b.Failed(), b.Detail)
			}
		})
	}
}

// TestNoBounce: an abuse report or a read receipt about our own mail is no bounce, whatever id it carries.
func TestNoBounce(t *testing.T) {
	g := testGuard(t, nil)
	id := SignMessageID(testKey, Token{1, 2}, "desk.example")
	for kind, want := range map[string]Kind{"feedback-report": KindReport, "disposition-notification": KindReceipt} {
		v, _ := judge(g, "From: x@mx.example\nContent-Type: multipart/report; report-type="+kind+"; boundary=r", "--r\nContent-Type: text/plain\n\nReport.\n--r\nContent-Type: message/"+kind+
			"\n\nFeedback-Type: abuse\nFinal-Recipient: rfc822; a@b.example\nOriginal-Message-ID: <"+id+">\nDisposition: x; displayed\n\n--r\nContent-Type: text/rfc822-headers\n\nMessage-ID: <"+id+">\n\n--r--\n")
		if v.Kind != want || v.Bounce != nil {
			t.Errorf("%s: got %s, bounce %+v", kind, v.Kind, v.Bounce)
		}
	}
}

// TestStatusInText: enhanced status codes in running text.
func TestStatusInText(t *testing.T) {
	got := map[string]string{}
	want := map[string]string{"550 5.1.1 no": "5.1.1", "#4.7.0": "4.7.0", "5.1.1.1": "", "15.1.1": "", "192.5.1.1": "", "5.12.345 x": "5.12.345", "version 5.1": "", "": ""}
	for s := range want {
		got[s] = statusInText(s)
	}
	for s, w := range want {
		if got[s] != w {
			t.Errorf("statusInText(%q) = %q, want %q", s, got[s], w)
		}
	}
	if !slices.Contains([]string{""}, statusInText("5.")) {
		t.Error("a bare beginning is no code")
	}
}
