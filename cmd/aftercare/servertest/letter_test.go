package servertest

import (
	"fmt"
	"mime"
	"strings"
	"sync/atomic"
	"time"
)

var letters atomic.Int64

// letter writes a mail as a customer's program does: dated now, with a fresh Message-ID unless the head has one ("Message-ID:
// none" leaves it out).
func letter(from, to, subject, body string, head ...string) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("From: %s", from)
	line("To: %s", to)
	line("Subject: %s", mime.QEncoding.Encode("utf-8", subject))
	line("Date: %s", time.Now().Format(time.RFC1123Z))
	id, kind := fmt.Sprintf("<%d.%d@client.example>", time.Now().UnixNano(), letters.Add(1)), "text/plain; charset=utf-8"
	for _, h := range head {
		name, value, _ := strings.Cut(h, ": ")
		switch name {
		case "Message-ID":
			id = value
		case "Content-Type":
			kind = value
		default:
			line("%s", h)
		}
	}
	if id != "none" {
		line("Message-ID: %s", id)
	}
	line("MIME-Version: 1.0")
	line("Content-Type: %s", kind)
	line("Content-Transfer-Encoding: 8bit")
	line("")
	b.WriteString(strings.ReplaceAll(strings.TrimSpace(body), "\n", "\r\n") + "\r\n")
	return []byte(b.String())
}

// repair is a customer who reports a fault.
func repair(from, to string, n int, head ...string) []byte {
	return letter(from, to, fmt.Sprintf("Pump P-%d does not start", n),
		fmt.Sprintf("Hello,\n\nour pump, serial number PX-40-%05d, is broken: it makes a loud noise and stops.\nPlease repair it.\n\nA customer", n), head...)
}

// deliveryReport is what a mail server sends back for a mail that it could not deliver (RFC 3464).
func deliveryReport(to, failed string, original []byte) []byte {
	head, _, _ := strings.Cut(string(original), "\r\n\r\n")
	return []byte(strings.ReplaceAll(fmt.Sprintf(`Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.support.example>
To: %s
Subject: Undelivered Mail Returned to Sender
Date: %s
Message-ID: <%d.report@mx.support.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=us-ascii

I could not deliver the mail to %s.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.support.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--report
Content-Type: text/rfc822-headers

`, to, time.Now().Format(time.RFC1123Z), letters.Add(1), failed, failed), "\n", "\r\n") + head + "\r\n\r\n--report--\r\n")
}
