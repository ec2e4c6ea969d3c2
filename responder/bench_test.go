package responder

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
)

// benchAsks is what the letters below ask for, by language.
var benchAsks = [2][]string{
	{
		"The hydraulic pump of our press lost pressure again and the whole line stands still. Please repair it. Serial number HP-2291-07.",
		"We would like to send back the spare parts of order 77120: they do not fit. How do we get our money back?",
		"Nobody has answered our two messages on the hotline. I want to complain about this service.",
		"Please send a technician to our site in Wuxi. The plant is open from six in the morning, phone 139 0000 0007.",
	},
	{
		"设备的液压泵没有压力了，整条生产线停了下来，请尽快维修。序列号：HP-2291-07。",
		"订单77120里的配件尺寸不对，我们要退货，请问什么时候可以退款？",
		"给你们的热线留了两次言，一直没有人回电话，我要投诉。",
		"麻烦派一位工程师到无锡的工地现场看看设备，手机13900000007。",
	},
}

// benchDetails is what else stands in the letters.
var benchDetails = [2][]string{
	{
		"The unit was delivered in spring and has run for about four hundred hours since then.",
		"It stands in the second hall, right beside the door to the yard.",
		"Our operator Martin is on the shift until four; after that ask for Jana in the office.",
		"The counter shows 1,204 hours this morning, and the oil was changed at 1,000.",
		"We use it six days a week, on Saturdays only until noon.",
		"The key hangs in the cabin, and the cover opens with the small one.",
	},
	{
		"这台机器是今年春天买的，到现在大概运行了四百个小时。",
		"机器停在二号车间，旁边就是通往院子的大门。",
		"同事老张四点以前都在，之后请找办公室的小李。",
		"今天早上的小时表是一千二百零四，一千小时的时候换过机油。",
		"我们每个星期用六天，星期六只用到中午。",
		"钥匙挂在驾驶室里，盖子用小的那一把打开。",
	},
}

// benchLetter is the i-th of a row of mails of about 8 KB as a support mailbox gets them: three of five in English as
// quoted-printable, two in Chinese as base64; half of them with an HTML part; a long story, or a quoted mail below.
func benchLetter(i int) []byte {
	r := rand.New(rand.NewPCG(uint64(i), 3))
	lang := 0
	if i%5 >= 3 {
		lang = 1
	}
	own, old := benchAsks[lang][i%4]+"\r\n", ""
	sign := fmt.Sprintf("\r\nPaula Customer %d\r\nPlant %d, phone 021 5550 %04d\r\n", i, i%90, i%10000)
	for {
		raw := benchMailOf(i, lang, own, old, sign)
		if len(raw) >= 7600 {
			return raw
		}
		for range 3 {
			old += benchDetails[lang][r.IntN(len(benchDetails[lang]))] + "\r\n"
		}
		old += "\r\n"
	}
}

func benchMailOf(i, lang int, own, old, sign string) []byte {
	text := own + old + sign
	if i%3 > 0 {
		intro := [2]string{"On Fri, 27 Feb 2026 at 16:02, Desk <desk@support.example> wrote:", "在 2026年2月27日 16:02，Desk <desk@support.example> 写道："}[lang]
		text = own + sign + "\r\n" + intro + "\r\n> " + strings.ReplaceAll(strings.TrimSuffix(old, "\r\n"), "\r\n", "\r\n> ") + "\r\n"
	}
	head := benchHead(i, lang)
	plain := benchPart(text, "text/plain", lang)
	if i%2 == 1 {
		return []byte(head + plain)
	}
	page := "<html><head><meta charset=\"utf-8\"><style>p { margin: 0 }</style></head><body><div class=\"mail\"><p>" +
		strings.ReplaceAll(strings.ReplaceAll(text, ">", "&gt;"), "\r\n", "</p>\r\n<p>") + "</p></div></body></html>\r\n"
	return fmt.Appendf(nil, "%sContent-Type: multipart/alternative; boundary=\"=_part_%d\"\r\n\r\n--=_part_%[2]d\r\n%[3]s\r\n--=_part_%[2]d\r\n%[4]s\r\n--=_part_%[2]d--\r\n",
		head, i, plain, benchPart(page, "text/html", lang))
}

// benchHead is the fields of a mail that came over two servers.
func benchHead(i, lang int) string {
	stamp := t0.Format(time.RFC1123Z)
	subject := [2]string{"Trouble with the press", "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte("设备出了问题")) + "?="}[lang]
	return fmt.Sprintf("Return-Path: <paula%[1]d@plant%[1]d.example>\r\n"+
		"Received: from out%[2]d.relay.example (out%[2]d.relay.example [192.0.2.%[2]d])\r\n\tby mx.support.example (Postfix) with ESMTPS id 4Xk%05[1]d\r\n\tfor <support@support.example>; %[3]s\r\n"+
		"Received: from desk (unknown [198.51.100.%[2]d])\r\n\tby out%[2]d.relay.example (Postfix) with ESMTPSA id 7Qz%05[1]d; %[3]s\r\n"+
		"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=plant%[1]d.example; s=mail;\r\n\th=from:to:subject:date:message-id; bh=%[5]s;\r\n\tb=%[5]s\r\n\t%[5]s\r\n\t%[5]s\r\n\t%[5]s\r\n"+
		"From: Paula Customer <paula%[1]d@plant%[1]d.example>\r\nTo: Support <support@support.example>\r\nSubject: %[4]s\r\nDate: %[3]s\r\n"+
		"Message-ID: <%08[1]x.bench@plant%[1]d.example>\r\nUser-Agent: Desk Mail 9.1\r\nAccept-Language: en, zh-CN\r\nX-Priority: 3\r\nMIME-Version: 1.0\r\n",
		i, 1+i%200, stamp, subject, strings.Repeat("Ab1/Zz9+", 8))
}

// benchPart is a text with its fields.
func benchPart(s, kind string, lang int) string {
	var b strings.Builder
	if lang == 0 {
		fmt.Fprintf(&b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(s)) // a Builder takes everything
		_ = w.Close()
		return b.String()
	}
	fmt.Fprintf(&b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", kind)
	enc := base64.StdEncoding.EncodeToString([]byte(s))
	for len(enc) > 76 {
		b.WriteString(enc[:76] + "\r\n")
		enc = enc[76:]
	}
	b.WriteString(enc + "\r\n")
	return b.String()
}

// BenchmarkMail takes letters through the stages of a mail, each for itself; every operation is one mail.
func BenchmarkMail(b *testing.B) {
	e := testEngine(b, nil)
	var raws [][]byte
	var ms []mailbox.Message
	var rs []*Reading
	for i := range 60 {
		raw := benchLetter(i)
		m := mailbox.Parse(bytes.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
		raws, ms = append(raws, raw), append(ms, m)
		rs = append(rs, read(e, raw, false))
	}
	stage := func(name string, do func(i int)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				do(i % len(raws))
			}
		})
	}
	stage("parse", func(i int) {
		mailbox.Parse(bytes.NewReader(raws[i]), int64(len(raws[i])), mailbox.DefaultLimits())
	})
	stage("judge", func(i int) { e.Guard.Judge(&ms[i], false) })
	stage("facts", func(i int) { e.Finder.Find(&ms[i]) })
	stage("words", func(i int) {
		words, _ := ms[i].Body.ForClassifier()
		mailbox.Language(words)
		e.Thanks.Only(ms[i].Body.New)
		e.Guard.Hints(&ms[i])
	})
	stage("decide", func(i int) { e.Decide(rs[i], facts(nil), t0.Add(time.Minute)) })
}
